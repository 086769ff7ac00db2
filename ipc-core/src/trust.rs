//! The owners whose objects a process opens.

use std::fmt::Display;
use std::fs;

use crate::{Error, Permissions, Result, UserId, switched_on};

/// The owners whose objects a process opens.
///
/// The owner of an object can change it at any time, and so can all users that its mode allows to
/// write. *This user* means the effective user of the process that opens the object. In a user
/// namespace that does not map every user, the overflow uid (by default 65534) stands for all users
/// without a uid there. In a process that runs there with the overflow uid, *this user* matches no
/// owner, because the process cannot distinguish its own objects from those of all these users: it
/// must pass [`Anyone`](Self::Anyone) even for its own objects.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Trust {
    /// Objects of this user or of root that only their owner may write.
    #[default]
    Owner,
    /// Objects of the given user, of this user or of root, even if other users may write them.
    User(UserId),
    /// All objects whose mode lets this process open them.
    Anyone,
}

/// The permission bits that let users other than the owner write.
const OTHERS_WRITE: u32 = 0o022;

impl Trust {
    /// Returns the trust for a call that opens an object, or creates it with `permissions` if it
    /// does not exist.
    ///
    /// The result is `self`, with one exception: if `self` is [`Owner`](Self::Owner) and
    /// `permissions` let other users write, the result is [`User(id)`](Self::User), where `id` is
    /// this user. An existing object of this user or of root is then trusted even if other users
    /// may write it.
    #[must_use]
    pub fn for_permissions(self, permissions: Permissions) -> Self {
        match self {
            Self::Owner if permissions.mode() & OTHERS_WRITE != 0 => {
                Self::User(UserId::effective())
            }
            trust => trust,
        }
    }

    /// Refuses an object with this owner and mode if it is not trusted. The error names `call` and
    /// `object`.
    ///
    /// # Errors
    ///
    /// `is_untrusted` if the object is not trusted. The message names the owner and the mode, and
    /// says how to accept the object.
    pub fn judge(
        self,
        call: &'static str,
        object: impl Display,
        owner: UserId,
        mode: Permissions,
    ) -> Result<()> {
        let us = UserId::effective();
        // Owners without a uid in this namespace all appear as that uid, which therefore proves
        // nothing.
        let is_known = owner != us || !may_be_anyone(owner);
        let ours = owner == UserId::new(0) || owner == us && is_known;
        let others_write = mode.mode() & OTHERS_WRITE != 0;
        let wanted = match self {
            Self::Owner if !ours => format!("one of {}", ours_or_root(us)),
            Self::Owner if others_write => String::from("one that only its owner may write"),
            Self::User(user_id) if !ours && (owner != user_id || may_be_anyone(owner)) => {
                if may_be_anyone(user_id) {
                    format!("one of {}", ours_or_root(us))
                } else {
                    format!("one of {}, {}", user(user_id), ours_or_root(us))
                }
            }
            _ => return Ok(()),
        };
        if !switched_on("trust") {
            return Ok(());
        }
        let found = format!("found an object of {} with mode {mode}", user(owner));
        let way_out = if may_be_anyone(owner) {
            String::from("Trust::Anyone")
        } else {
            format!("Trust::User(UserId::new({}))", owner.raw())
        };
        let writers = if others_write { ", which others may write" } else { "" };
        let why =
            format!("{found}{writers}; wanted {wanted}; to accept it, open it with {way_out}");
        Err(Error::untrusted(call, object, why))
    }
}

/// The text that stands for a user in a message.
fn user(id: UserId) -> String {
    match id.raw() {
        0 => String::from("root (uid 0)"),
        raw if may_be_anyone(id) => {
            format!("uid {raw} (all users without a uid in this user namespace)")
        }
        raw if id == UserId::effective() => format!("this user (uid {raw})"),
        raw => format!("uid {raw}"),
    }
}

/// The owners that are always trusted: a user without a uid of its own has no objects that can be
/// recognised.
fn ours_or_root(us: UserId) -> String {
    let root = UserId::new(0);
    if us == root || may_be_anyone(us) { user(root) } else { format!("{} or root", user(us)) }
}

/// Returns `true` if this owner is the overflow uid of a user namespace that does not map every
/// user, so that it may be any unmapped user.
fn may_be_anyone(owner: UserId) -> bool {
    let read = |path| fs::read_to_string(path).ok();
    let overflow = read("/proc/sys/kernel/overflowuid").and_then(|text| text.trim().parse().ok());
    owner.raw() == overflow.unwrap_or(OVERFLOW)
        && !read("/proc/thread-self/uid_map").is_some_and(|map| maps_all(&map))
}

/// The default overflow uid, for users without a uid in this namespace.
const OVERFLOW: u32 = 65534;

/// Returns `true` if a `uid_map` maps every user.
fn maps_all(map: &str) -> bool {
    let counts = map.lines().filter_map(|line| line.split_whitespace().nth(2)?.parse::<u64>().ok());
    counts.sum::<u64>() >= u64::from(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(trust: Trust, owner: u32, mode: u32) -> Result<()> {
        trust.judge("shm_open", "/x", UserId::new(owner), Permissions::from(mode))
    }

    #[test]
    fn a_refusal_names_the_owner_and_the_way_out() {
        let us = UserId::effective();
        let err = judge(Trust::Owner, us.raw(), 0o660).unwrap_err();
        assert!(err.is_untrusted());
        for part in [
            format!("uid {}", us.raw()),
            format!("Trust::User(UserId::new({}))", us.raw()),
            String::from("0660"),
        ] {
            assert!(err.to_string().contains(&part), "{err} lacks {part}");
        }
        let stranger = us.raw() + 4321;
        let err = judge(Trust::Owner, stranger, 0o600).unwrap_err().to_string();
        assert!(err.contains(&format!("uid {stranger}")) && !err.contains("UserId("), "{err}");
        assert!(judge(Trust::User(UserId::new(stranger)), stranger, 0o666).is_ok());
        assert!(judge(Trust::Owner, us.raw(), 0o644).is_ok());
    }

    #[test]
    fn only_a_map_of_all_users_tells_them_apart() {
        assert!(maps_all("         0          0 4294967295\n"));
        assert!(!maps_all("         0       1000          1\n"));
        assert!(!maps_all(""));
    }
}
