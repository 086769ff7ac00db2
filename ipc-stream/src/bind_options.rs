//! How a name is bound.

use ipc_core::{Permissions, Removal};

use crate::Policy;

/// Options for binding the name of a [`Listener`](crate::Listener) or [`Datagram`](crate::Datagram)
/// socket.
///
/// # Examples
///
/// ```
/// use ipc_stream::{BindOptions, LocalListener, Policy};
///
/// # let dir = ipc_testkit::fixture::dir();
/// # let path = dir.join("feed.sock");
/// let options = BindOptions::new().permissions(0o660).policy(Policy::same_user()).backlog(16);
/// let listener = LocalListener::bind_with(&path, options)?;
/// # drop(listener);
/// # Ok::<(), ipc_core::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct BindOptions {
    pub(crate) permissions: Permissions,
    pub(crate) backlog: i32,
    pub(crate) removal: Removal,
    pub(crate) stale: Stale,
    pub(crate) policy: Option<Policy>,
    pub(crate) pass_credentials: bool,
    pub(crate) refuse_descriptors: bool,
}

/// The treatment of a socket file that no process has open any more.
///
/// Binding a path locks its directory (`flock`) for a moment, so that two servers never replace the
/// same stale file at the same time. If another program keeps the directory locked, binding waits
/// for up to two seconds. After that it continues without the lock: it binds the name if it is
/// free, and fails if a file would have to be replaced.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Stale {
    /// It is replaced, if it is a socket that belongs to this user.
    #[default]
    Replace,
    /// Binding fails, as it does for a file that is not a stale socket.
    Refuse,
}

impl BindOptions {
    /// Creates the default options: mode 0600, the longest backlog, a stale file is replaced, the
    /// file is removed when the handle is dropped, and any process that the mode permits may
    /// connect.
    #[must_use]
    pub fn new() -> Self {
        Self {
            permissions: Permissions::OWNER,
            backlog: i32::MAX,
            removal: Removal::OnDrop,
            stale: Stale::default(),
            policy: None,
            pass_credentials: false,
            refuse_descriptors: false,
        }
    }

    /// Sets the mode of the file: exactly this mode, whatever the umask, set before any process can
    /// connect.
    ///
    /// A user who may write the file may connect. An abstract name has no mode.
    #[must_use]
    pub fn permissions(mut self, permissions: impl Into<Permissions>) -> Self {
        self.permissions = permissions.into();
        self
    }

    /// Sets how many connections may wait to be accepted; the system has its own limit
    /// (`net.core.somaxconn`).
    #[must_use]
    pub fn backlog(mut self, backlog: u16) -> Self {
        self.backlog = backlog.into();
        self
    }

    /// Sets when the file is removed. [`Removal::Never`] leaves it; with any other value it is
    /// removed when the handle is dropped, in the process that created it. A file that a killed
    /// process left is replaced by the next process that binds the name.
    #[must_use]
    pub fn removal(mut self, removal: Removal) -> Self {
        self.removal = removal;
        self
    }

    /// Sets whether a socket file of this name that no process has open any more is replaced.
    #[must_use]
    pub fn stale(mut self, stale: Stale) -> Self {
        self.stale = stale;
        self
    }

    /// Sets which peers are acceptable. A listener disconnects other peers before a byte of theirs
    /// is read; a [`Datagram`](crate::Datagram) discards messages of other senders.
    #[must_use]
    pub fn policy(mut self, policy: Policy) -> Self {
        self.policy = Some(policy);
        self
    }

    /// Reports the sender of each received message in [`Received::peer`](crate::Received::peer).
    #[must_use]
    pub fn pass_credentials(mut self) -> Self {
        self.pass_credentials = true;
        self
    }

    /// Refuses descriptors: sending one to this socket, or to a connection that this listener
    /// accepts, is an error, even before the connection is accepted. Needs Linux 6.16.
    #[must_use]
    pub fn refuse_descriptors(mut self) -> Self {
        self.refuse_descriptors = true;
        self
    }
}

impl Default for BindOptions {
    fn default() -> Self {
        Self::new()
    }
}
