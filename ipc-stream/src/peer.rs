//! The process at the other end.

use std::fmt;
use std::fs;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use ipc_core::{Errno, Error, GroupId, ProcessId, Result, UserId};

use crate::sys::options::{self, Ucred};
use crate::sys::{self, PollFlags, file};

/// The process at the other end of a connection, or the one that sent a message.
///
/// The kernel records the peer, so no process without privileges can pretend to be another. For a
/// connection, it is the process that called `connect` or `listen`, with the user and groups that
/// it had then. For a message, it is the sender. A process can pass its connection on to another
/// one: [`set_pass_credentials`](crate::Socket::set_pass_credentials) reports the sender of each
/// message.
///
/// A process id can be reused after the process has ended. So [`executable`](Self::executable) and
/// [`cgroup`](Self::cgroup) use a descriptor of the process (pidfd) to make sure that they report
/// on the peer. They need Linux 6.5, and fail as unsupported before.
///
/// # Examples
///
/// ```
/// use ipc_core::UserId;
/// use ipc_stream::LocalStream;
///
/// let (here, _there) = LocalStream::pair()?;
/// assert_eq!(here.peer()?.user(), UserId::effective());
/// # Ok::<(), ipc_core::Error>(())
/// ```
#[doc(alias = "SO_PEERCRED")]
pub struct Peer {
    credentials: Credentials,
    groups: Vec<GroupId>,
    /// Its descriptor, or the reason why it could not be opened.
    process: Result<OwnedFd, Errno>,
}

/// The process, user and group that sent a message, or that are at the other end.
#[doc(alias = "ucred")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Credentials {
    process: Option<ProcessId>,
    user: UserId,
    group: GroupId,
}

impl Credentials {
    pub(crate) fn new(raw: Ucred) -> Self {
        let process = (raw.process > 0).then(|| ProcessId::new(raw.process));
        Self { process, user: UserId::new(raw.user), group: GroupId::new(raw.group) }
    }

    /// Returns the process; `None` if the process is in a PID namespace that is not visible from
    /// the caller's.
    #[must_use]
    pub fn process(&self) -> Option<ProcessId> {
        self.process
    }

    /// Returns the effective user.
    #[must_use]
    pub fn user(&self) -> UserId {
        self.user
    }

    /// Returns the effective group.
    #[must_use]
    pub fn group(&self) -> GroupId {
        self.group
    }
}

impl Peer {
    /// Asks who is at the other end of a connection.
    pub(crate) fn of(fd: BorrowedFd<'_>) -> Result<Self, Errno> {
        let credentials = options::peer_credentials(fd)?;
        if credentials.user == u32::MAX {
            // The kernel returns this for a socket that never had a peer.
            return Err(Errno::ENOTCONN);
        }
        // An older kernel lacks some; a policy that needs these refuses the peer then.
        let groups = options::peer_groups(fd).unwrap_or_default();
        let process = options::peer_process(fd);
        let groups = groups.into_iter().map(GroupId::new).collect();
        Ok(Self { credentials: Credentials::new(credentials), groups, process })
    }

    /// Returns the sender of a message.
    pub(crate) fn of_message(credentials: Credentials, process: Result<OwnedFd, Errno>) -> Self {
        Self { credentials, groups: Vec::new(), process }
    }

    /// Returns process, user and group together.
    #[must_use]
    pub fn credentials(&self) -> Credentials {
        self.credentials
    }

    /// Returns the process; `None` if the process is in a PID namespace that is not visible from
    /// the caller's.
    #[must_use]
    pub fn process(&self) -> Option<ProcessId> {
        self.credentials.process
    }

    /// Returns the effective user.
    #[must_use]
    pub fn user(&self) -> UserId {
        self.credentials.user
    }

    /// Returns the effective group.
    #[must_use]
    pub fn group(&self) -> GroupId {
        self.credentials.group
    }

    /// Returns the supplementary groups. For the sender of a message they are not known, and the
    /// result is empty.
    #[must_use]
    pub fn groups(&self) -> &[GroupId] {
        &self.groups
    }

    /// Returns a descriptor of the process, to wait for it or to send it signals. It is `None` in
    /// three cases: on Linux before 6.5; if this process could open no more descriptors; and on
    /// Linux before 6.16, if the sender of a message had ended, and its parent had waited for it,
    /// before the message was received.
    #[doc(alias = "SO_PEERPIDFD")]
    #[must_use]
    pub fn descriptor(&self) -> Option<BorrowedFd<'_>> {
        self.process.as_ref().ok().map(AsFd::as_fd)
    }

    /// Returns `true` as long as the process runs.
    ///
    /// # Errors
    ///
    /// [`is_unsupported`](Error::is_unsupported) without a descriptor of the process;
    /// [`is_no_space`](Error::is_no_space) if this process could open no more descriptors.
    pub fn is_alive(&self) -> Result<bool> {
        let process = self.opened("its life")?;
        let ended = sys::poll_now(process.as_fd(), PollFlags::IN);
        ended.map(|events| events.is_empty()).map_err(|errno| Error::os("poll", self, errno))
    }

    /// Returns the path of the program that the process runs now.
    ///
    /// If the process is in another mount namespace, the path may refer to another file here.
    /// [`Policy::executable`](crate::Policy::executable) compares the files, and not their paths.
    ///
    /// # Errors
    ///
    /// [`is_unsupported`](Error::is_unsupported) without a descriptor of the process;
    /// [`is_no_such_process`](Error::is_no_such_process) if it has ended;
    /// [`is_permission_denied`](Error::is_permission_denied) if this process may not inspect the
    /// peer, which may belong to another user.
    pub fn executable(&self) -> Result<PathBuf> {
        self.look("exe", "its executable", |path| fs::read_link(path))
    }

    /// Returns the path of the control group that the process is in now, as in `/proc/PID/cgroup`
    /// (version 2).
    ///
    /// # Errors
    ///
    /// [`is_unsupported`](Error::is_unsupported) without a descriptor of the process, or without
    /// control groups of version 2; [`is_no_such_process`](Error::is_no_such_process) if it has
    /// ended.
    pub fn cgroup(&self) -> Result<String> {
        let text = self.look("cgroup", "its control group", |path| fs::read_to_string(path))?;
        let path = text.lines().find_map(|line| line.strip_prefix("0::"));
        path.map(str::to_owned).ok_or_else(|| self.unknown("its control group of version 2"))
    }

    /// `true` if the process runs this file.
    pub(crate) fn runs(&self, program: &Path) -> Result<bool> {
        let wanted =
            fs::metadata(program).map_err(|err| Error::io("stat", program.display(), &err))?;
        let found = self.look("exe", "its executable", |path| fs::metadata(path))?;
        Ok((wanted.dev(), wanted.ino()) == (found.dev(), found.ino()))
    }

    /// Reads a file of the process in `/proc`, and makes sure that it was this process's.
    fn look<T>(
        &self,
        entry: &str,
        what: &str,
        read: impl FnOnce(&Path) -> std::io::Result<T>,
    ) -> Result<T> {
        self.opened(what)?;
        let process = self.process().ok_or_else(|| self.unknown(what))?;
        let path = PathBuf::from(format!("/proc/{}/{entry}", process.raw()));
        let found = read(&path);
        // Still alive: so the number was its own all the time.
        if !self.is_alive()? {
            return Err(Error::os("pidfd", self, Errno::ESRCH));
        }
        found.map_err(|err| Error::os("read", path.display(), file::code(&err)))
    }

    /// Returns the descriptor of the process.
    fn opened(&self, what: &str) -> Result<&OwnedFd> {
        self.process.as_ref().map_err(|errno| {
            let err = Error::os("pidfd", self, *errno);
            if err.is_no_space() { err } else { self.unknown(what) }
        })
    }

    fn unknown(&self, what: &str) -> Error {
        Error::unsupported(
            "peer",
            self,
            format_args!("the system does not tell {what} without a race"),
        )
    }
}

impl fmt::Display for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.process {
            Some(process) => write!(f, "process {}", process.raw())?,
            None => f.write_str("a process that cannot be seen")?,
        }
        write!(f, " of user {} and group {}", self.user.raw(), self.group.raw())
    }
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.credentials.fmt(f)
    }
}

impl fmt::Debug for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Peer({self})")
    }
}
