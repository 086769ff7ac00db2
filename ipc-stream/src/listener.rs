//! Listening for connections.

use std::fmt;
use std::marker::PhantomData;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};
use std::os::unix::net::UnixListener;
use std::time::{Duration, Instant};

use ipc_core::{Errno, Error, Result};

use crate::kind::{self, Kind};
use crate::policy::admits;
use crate::socket_file::SocketFile;
use crate::sys::{PollFlags, socket as sys};
use crate::wait::{LEFT_OUT, Wait, until};
use crate::{Admit, BindOptions, Policy, Refused, Socket, SocketName, socket, socket_file};

/// A listening socket with a name that clients connect to, for [`LocalStream`](crate::LocalStream)
/// or [`Seqpacket`](crate::Seqpacket) sockets.
///
/// The file of the name is removed when the listener is dropped in the process that created it, if
/// the name still refers to that file. A file that a killed server left is replaced by the next
/// listener. A file that a process has open, that belongs to another user, or that is not a socket
/// is never replaced.
///
/// `try_accept`, `accept_timeout` and `accept_deadline` set `O_NONBLOCK` on the open file
/// description, which clones and other processes share. `accept` of this type still waits, but a
/// plain `accept(2)` on a clone, or in another process that shares the description, may fail with
/// `EAGAIN`.
///
/// # Examples
///
/// ```
/// use ipc_stream::{BindOptions, Policy, Seqpacket, SeqpacketListener};
///
/// # let dir = ipc_testkit::fixture::dir();
/// # let path = dir.join("jobs.sock");
/// let options = BindOptions::new().policy(Policy::same_user());
/// let listener = SeqpacketListener::bind_with(&path, options)?;
/// let worker = Seqpacket::connect(&path)?; // usually in another process
/// listener.accept()?.send(b"a job")?;
/// let mut job = [0; 64];
/// assert_eq!(worker.recv(&mut job)?, 5);
/// # Ok::<(), ipc_core::Error>(())
/// ```
#[doc(alias = "UnixListener")]
pub struct Listener<K> {
    /// Goes before the descriptor: while that is open, no one replaces the file, or gets its inode.
    file: Option<SocketFile>,
    fd: OwnedFd,
    policy: Option<Policy>,
    pass_credentials: bool,
    kind: PhantomData<fn() -> K>,
}

/// A [`Listener`] for [`LocalStream`](crate::LocalStream) sockets.
pub type LocalListener = Listener<kind::Stream>;

/// A [`Listener`] for [`Seqpacket`](crate::Seqpacket) sockets.
pub type SeqpacketListener = Listener<kind::Seqpacket>;

/// A kind of socket that has connections.
pub trait Connected: Kind {}

impl Connected for kind::Stream {}
impl Connected for kind::Seqpacket {}

impl<K: Connected> Listener<K> {
    /// Listens at a name with the default options.
    ///
    /// # Errors
    ///
    /// Those of [`bind_with`](Self::bind_with).
    pub fn bind<N>(name: N) -> Result<Self>
    where
        N: TryInto<SocketName, Error: Into<Error>>,
    {
        Self::bind_with(name, BindOptions::new())
    }

    /// Listens at a name.
    ///
    /// # Errors
    ///
    /// [`is_exists`](Error::is_exists) if the name is in use, with the reason;
    /// [`is_not_found`](Error::is_not_found) if there is no such directory;
    /// [`is_permission_denied`](Error::is_permission_denied) if it is not writable;
    /// [`is_busy`](Error::is_busy) if there is a stale file, and another process has kept the
    /// directory locked for two seconds; [`is_invalid_argument`](Error::is_invalid_argument) for a
    /// name that is not valid, or an abstract one without a policy;
    /// [`is_unsupported`](Error::is_unsupported) if descriptors are to be refused, before Linux
    /// 6.16.
    ///
    /// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/bind.html>
    #[doc(alias = "listen")]
    pub fn bind_with<N>(name: N, options: BindOptions) -> Result<Self>
    where
        N: TryInto<SocketName, Error: Into<Error>>,
    {
        let name = name.try_into().map_err(Into::into)?;
        let (fd, file) = socket_file::bind::<K>(&name, &options)?;
        sys::listen(fd.as_fd(), options.backlog)
            .map_err(|errno| Error::os("listen", &name, errno))?;
        let BindOptions { policy, pass_credentials, .. } = options;
        Ok(Self { fd, file, policy, pass_credentials, kind: PhantomData })
    }

    /// Accepts a connection, and waits for one without limit. Peers that the policy does not admit
    /// are disconnected.
    ///
    /// # Errors
    ///
    /// [`is_no_space`](Error::is_no_space) if no more descriptors can be opened. The connection
    /// stays in the backlog. But if it was already accepted, and no descriptor was left to check
    /// the peer against the policy, it is closed.
    ///
    /// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/accept.html>
    #[doc(alias = "accept4")]
    pub fn accept(&self) -> Result<Socket<K>> {
        let accepted = self.accept_wait(None, Wait::Forever)?;
        accepted.ok_or_else(|| self.failed("accept", Errno::EAGAIN)) // not without a deadline
    }

    /// Accepts a connection if the backlog has one, without waiting; otherwise returns `None`.
    ///
    /// # Errors
    ///
    /// Those of [`accept`](Self::accept).
    pub fn try_accept(&self) -> Result<Option<Socket<K>>> {
        self.accept_wait(None, Wait::No)
    }

    /// Accepts a connection, and waits for at most `timeout`; `None` if the time ran out first.
    ///
    /// # Errors
    ///
    /// Those of [`accept`](Self::accept).
    pub fn accept_timeout(&self, timeout: Duration) -> Result<Option<Socket<K>>> {
        self.accept_wait(None, Wait::timeout(timeout))
    }

    /// Accepts a connection, and waits until `deadline`; `None` if the time ran out first.
    ///
    /// # Errors
    ///
    /// Those of [`accept`](Self::accept).
    pub fn accept_deadline(&self, deadline: Instant) -> Result<Option<Socket<K>>> {
        self.accept_wait(None, Wait::deadline(deadline))
    }

    /// Accepts the next connection whose peer both `policy` and the listener's own policy admit.
    ///
    /// Others are disconnected before a byte of theirs is read. Waits without limit.
    ///
    /// # Errors
    ///
    /// Those of [`accept`](Self::accept).
    pub fn accept_if(&self, policy: &impl Admit) -> Result<Socket<K>> {
        let accepted = self.accept_wait(Some(policy), Wait::Forever)?;
        accepted.ok_or_else(|| self.failed("accept", Errno::EAGAIN)) // not without a deadline
    }

    fn accept_wait(&self, policy: Option<&dyn Admit>, wait: Wait) -> Result<Option<Socket<K>>> {
        for refused in 1_u32.. {
            let attempt = |block| sys::accept(self.as_fd(), block);
            let accepted = until(self.as_fd(), PollFlags::IN, wait, attempt);
            let Some(fd) = accepted.map_err(|errno| self.failed("accept", errno))? else {
                return Ok(None);
            };
            if let Some(socket) = self.admitted(fd, policy)? {
                return Ok(Some(socket));
            }
            // A flood of peers that are refused must not outlast the time.
            if refused % LEFT_OUT == 0 && wait.is_over() {
                break;
            }
        }
        Ok(None)
    }

    /// Makes a connection of a peer that is acceptable, and ends any other.
    pub(crate) fn admitted(
        &self,
        fd: OwnedFd,
        policy: Option<&dyn Admit>,
    ) -> Result<Option<Socket<K>>> {
        let socket = Socket::new(fd);
        let own = self.policy.as_ref().map(|own| own as &dyn Admit);
        for policy in own.into_iter().chain(policy) {
            if !admits(policy, &socket.peer()?)? {
                return Ok(None);
            }
        }
        if self.pass_credentials {
            socket.set_pass_credentials(true)?;
        }
        Ok(Some(socket))
    }

    /// Returns an iterator over connections, which never ends.
    pub fn incoming(&self) -> impl Iterator<Item = Result<Socket<K>>> {
        std::iter::repeat_with(|| self.accept())
    }

    /// Returns the name that the listener is bound to.
    ///
    /// # Errors
    ///
    /// Any error of the system.
    #[doc(alias = "getsockname")]
    pub fn local_name(&self) -> Result<Option<SocketName>> {
        socket::local_name(self.as_fd()).map_err(|errno| self.failed("getsockname", errno))
    }

    /// Sets which peers are acceptable from now on.
    pub fn set_policy(&mut self, policy: Policy) {
        self.policy = Some(policy);
    }

    /// Leaves the file of the name where it is when the listener is dropped.
    pub fn keep_name(&mut self) {
        if let Some(file) = self.file.take() {
            file.keep();
        }
    }

    /// Creates another handle of the same listener, which does not remove the file: that is removed
    /// when the original handle is dropped.
    ///
    /// # Errors
    ///
    /// [`is_no_space`](Error::is_no_space) if no more descriptors can be opened.
    pub fn try_clone(&self) -> Result<Self> {
        let fd = crate::sys::duplicate(&self.fd).map_err(|errno| self.failed("fcntl", errno))?;
        let (policy, pass_credentials) = (self.policy.clone(), self.pass_credentials);
        Ok(Self { fd, file: None, policy, pass_credentials, kind: PhantomData })
    }

    pub(crate) fn failed(&self, call: &'static str, errno: Errno) -> Error {
        Error::os(call, socket::label(self.as_fd(), K::NOUN), errno)
    }
}

/// Takes over a listening socket that came from elsewhere, such as from systemd.
///
/// The file of its name is left where it is when the listener is dropped.
impl<K: Connected> TryFrom<OwnedFd> for Listener<K> {
    type Error = Refused<OwnedFd>;

    fn try_from(fd: OwnedFd) -> Result<Self, Refused<OwnedFd>> {
        match socket::judge::<K>(fd.as_fd(), true) {
            Ok(()) => Ok(Self {
                fd,
                file: None,
                policy: None,
                pass_credentials: false,
                kind: PhantomData,
            }),
            Err(error) => Err(Refused::new(error, fd)),
        }
    }
}

/// Returns the descriptor. The file of the name stays, and nothing removes it any more.
impl<K> From<Listener<K>> for OwnedFd {
    fn from(listener: Listener<K>) -> Self {
        if let Some(file) = listener.file {
            file.keep();
        }
        listener.fd
    }
}

/// Returns a blocking listener. The file of the name stays, and nothing removes it any more.
///
/// Another handle of the same listener makes it non-blocking again if it calls `try_accept`,
/// `accept_timeout` or `accept_deadline`.
impl From<Listener<kind::Stream>> for UnixListener {
    fn from(listener: Listener<kind::Stream>) -> Self {
        // It is this process's own flag; if it stays, the listener says `WouldBlock`.
        let _ = sys::set_nonblocking(listener.as_fd(), false);
        OwnedFd::from(listener).into()
    }
}

impl<K> AsFd for Listener<K> {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

impl<K> AsRawFd for Listener<K> {
    fn as_raw_fd(&self) -> RawFd {
        self.fd.as_raw_fd()
    }
}

impl<K: Kind> fmt::Debug for Listener<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = socket::label(self.as_fd(), K::NOUN);
        write!(f, "Listener({name}, descriptor {})", self.fd.as_raw_fd())
    }
}
