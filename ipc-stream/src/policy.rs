//! Which peers are acceptable.

use std::path::PathBuf;

use ipc_core::{Error, GroupId, Result, UserId};

use crate::Peer;

/// A rule that says which peers are acceptable.
///
/// A policy lists acceptable users, groups, executables and control groups. A peer must match one
/// entry of each kind that the policy lists. Root has no privilege here: list user 0 to admit it.
///
/// # Examples
///
/// ```
/// use ipc_core::UserId;
/// use ipc_stream::{LocalStream, Policy};
///
/// let (here, _there) = LocalStream::pair()?;
/// here.check(&Policy::same_user())?;
/// let other = Policy::new().user(UserId::new(12345)).executable("/usr/bin/feeder");
/// assert!(here.check(&other).is_err_and(|err| err.is_untrusted()));
/// # Ok::<(), ipc_core::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    users: Vec<UserId>,
    groups: Vec<GroupId>,
    executables: Vec<PathBuf>,
    cgroups: Vec<String>,
    anyone: bool,
}

/// A decision on peers: a [`Policy`], or a function that returns `true` for an acceptable peer.
pub trait Admit {
    /// Returns the reason why a peer is not acceptable; `Ok(None)` if it is acceptable.
    ///
    /// # Errors
    ///
    /// The error of the system if it cannot report about the peer, which is then not acceptable.
    fn objection(&self, peer: &Peer) -> Result<Option<String>>;

    /// Refuses a peer that is not acceptable.
    ///
    /// # Errors
    ///
    /// [`is_untrusted`](Error::is_untrusted) if it is not acceptable, or if that cannot be
    /// determined.
    fn admit(&self, peer: &Peer) -> Result<()> {
        let objection = self.objection(peer).unwrap_or_else(|err| Some(err.to_string()));
        objection.map_or(Ok(()), |why| Err(Error::untrusted("peer", peer, why)))
    }
}

/// Returns `true` if a peer is acceptable. It is an error, and says nothing about the peer, if this
/// process cannot open what it needs to find out.
pub(crate) fn admits(policy: &dyn Admit, peer: &Peer) -> Result<bool> {
    match policy.objection(peer) {
        Err(err) if err.is_no_space() => Err(err),
        found => Ok(matches!(found, Ok(None))),
    }
}

impl Policy {
    /// Creates a policy that admits no peer until an entry is added.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Creates a policy that admits any process that the mode of the socket permits to connect.
    #[must_use]
    pub fn anyone() -> Self {
        Self { anyone: true, ..Self::default() }
    }

    /// Creates a policy that admits processes with the effective user of this process.
    #[must_use]
    pub fn same_user() -> Self {
        Self::new().user(UserId::effective())
    }

    /// Adds a user.
    #[must_use]
    pub fn user(mut self, user: UserId) -> Self {
        self.users.push(user);
        self
    }

    /// Adds a group: the effective group of the peer, or one of its supplementary groups.
    #[must_use]
    pub fn group(mut self, group: GroupId) -> Self {
        self.groups.push(group);
        self
    }

    /// Adds a program. Its path is looked up by this process, in its own mount namespace, each time
    /// a peer is checked.
    ///
    /// The check compares files, not paths: after an upgrade of the program, peers that still run
    /// the old file are refused, and so is a copy of the program. For a script, the program is its
    /// interpreter.
    ///
    /// Also add the user: otherwise any user can connect with a program of their own and then
    /// `exec` the listed one. A user who may trace the peer (`ptrace`) controls it.
    #[must_use]
    pub fn executable(mut self, path: impl Into<PathBuf>) -> Self {
        self.executables.push(path.into());
        self
    }

    /// Adds a control group, such as `/system.slice/feeder.service`, and all control groups below
    /// it.
    #[must_use]
    pub fn cgroup(mut self, path: impl Into<String>) -> Self {
        self.cgroups.push(path.into());
        self
    }

    /// `true` if any peer is acceptable.
    pub(crate) fn is_anyone(&self) -> bool {
        *self == Self::anyone()
    }

    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl Admit for Policy {
    fn objection(&self, peer: &Peer) -> Result<Option<String>> {
        if self.is_empty() {
            return Ok(Some("the policy names no one".into()));
        }
        if !self.users.is_empty() && !self.users.contains(&peer.user()) {
            return Ok(Some(of_any("user", self.users.iter().map(|user| user.raw()))));
        }
        let in_group = |group: &GroupId| peer.group() == *group || peer.groups().contains(group);
        if !self.groups.is_empty() && !self.groups.iter().any(in_group) {
            return Ok(Some(of_any("group", self.groups.iter().map(|group| group.raw()))));
        }
        if !self.executables.is_empty() {
            let mut runs = false;
            for program in &self.executables {
                runs |= peer.runs(program)?;
            }
            if !runs {
                let found = peer.executable()?;
                return Ok(Some(format!(
                    "found the program {}, wanted {:?}",
                    found.display(),
                    self.executables
                )));
            }
        }
        if !self.cgroups.is_empty() {
            let found = peer.cgroup()?;
            if !self.cgroups.iter().any(|wanted| is_within(&found, wanted)) {
                return Ok(Some(format!(
                    "found it in the control group {found}, wanted {:?}",
                    self.cgroups
                )));
            }
        }
        Ok(None)
    }
}

/// Says whose process was wanted, such as `wanted a process of user 0 or 1000`.
fn of_any(noun: &str, ids: impl Iterator<Item = u32>) -> String {
    let ids = ids.map(|id| id.to_string()).collect::<Vec<_>>().join(" or ");
    format!("wanted a process of {noun} {ids}")
}

/// `true` if a control group is another one or lies below it.
fn is_within(found: &str, wanted: &str) -> bool {
    let wanted = wanted.trim_end_matches('/');
    found.strip_prefix(wanted).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

impl<F: Fn(&Peer) -> bool> Admit for F {
    fn objection(&self, peer: &Peer) -> Result<Option<String>> {
        Ok((!self(peer)).then(|| "not acceptable to this program".into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_control_group_lies_within_itself_and_those_above_it() {
        assert!(is_within("/a.slice/b.service", "/a.slice"));
        assert!(is_within("/a.slice", "/a.slice/"));
        assert!(is_within("/", "/"));
        assert!(!is_within("/a.slice-not", "/a.slice"));
        assert!(!is_within("/", "/a.slice"));
    }
}
