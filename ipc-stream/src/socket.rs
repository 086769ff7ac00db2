//! Local sockets: what all kinds have in common.

use std::fmt;
use std::marker::PhantomData;
pub use std::net::Shutdown as Direction;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use ipc_core::{Errno, Error, Result};

use crate::kind::{self, Kind};
use crate::socket_file::SocketFile;
use crate::sys as calls;
use crate::sys::options::{self, End};
use crate::sys::socket::{self as sys, Shutdown};
use crate::{Admit, Peer, Policy, Refused, SocketName};

/// A local socket of one kind, connected or not.
///
/// Each kind has a name:
///
/// | | keeps the boundaries of messages | has a connection, so `recv` can report its end (0) |
/// |---|---|---|
/// | [`LocalStream`](crate::LocalStream) | no | yes |
/// | [`Seqpacket`](crate::Seqpacket) | yes | yes |
/// | [`Datagram`](crate::Datagram) | yes | no |
///
/// All methods take `&self`: threads may share a socket, and one may send while another receives.
///
/// A method without a suffix waits without limit, and `try_…` does not wait. `…_timeout` and
/// `…_deadline` return `None` or `false` if the time ran out first. Signals do not end a wait.
/// [`set_nonblocking`](Self::set_nonblocking) affects only [`Read`](std::io::Read) and
/// [`Write`](std::io::Write).
pub struct Socket<K> {
    /// The file of a bound socket, which is removed with this handle. Goes before the descriptor:
    /// while that is open, no one replaces the file, or gets its inode.
    pub(crate) file: Option<Box<SocketFile>>,
    fd: OwnedFd,
    recv_limit: Limit,
    send_limit: Limit,
    /// The acceptable senders of datagrams; `None` for all that the mode admits.
    pub(crate) policy: Option<Policy>,
    kind: PhantomData<fn() -> K>,
}

/// How long `Read` or `Write` wait: nanoseconds, or the greatest number for ever.
struct Limit(AtomicU64);

impl Limit {
    fn get(&self) -> Option<Duration> {
        let nanoseconds = self.0.load(Ordering::Relaxed);
        (nanoseconds != u64::MAX).then(|| Duration::from_nanos(nanoseconds))
    }

    fn set(&self, time: Option<Duration>) {
        let nanoseconds = time.and_then(|time| u64::try_from(time.as_nanos()).ok());
        self.0.store(nanoseconds.unwrap_or(u64::MAX), Ordering::Relaxed);
    }
}

impl<K: Kind> Socket<K> {
    pub(crate) fn new(fd: OwnedFd) -> Self {
        let limit = || Limit(AtomicU64::new(u64::MAX));
        let (recv_limit, send_limit) = (limit(), limit());
        Self { fd, recv_limit, send_limit, policy: None, file: None, kind: PhantomData }
    }

    /// Creates two sockets that are connected with each other and have no names.
    ///
    /// # Errors
    ///
    /// [`is_no_space`](Error::is_no_space) if no more descriptors can be opened.
    #[doc(alias = "socketpair")]
    pub fn pair() -> Result<(Self, Self)> {
        let (one, other) =
            sys::pair(K::TYPE).map_err(|errno| Error::os("socketpair", K::NOUN, errno))?;
        Ok((Self::new(one), Self::new(other)))
    }

    /// Creates another handle of the same socket, with the same timeouts for `Read` and `Write`.
    ///
    /// # Errors
    ///
    /// [`is_no_space`](Error::is_no_space) if no more descriptors can be opened.
    pub fn try_clone(&self) -> Result<Self> {
        let fd = calls::duplicate(&self.fd).map_err(|errno| self.failed("fcntl", errno))?;
        let copy = Self { policy: self.policy.clone(), ..Self::new(fd) };
        copy.set_recv_timeout(self.recv_timeout_set());
        copy.set_send_timeout(self.send_timeout_set());
        Ok(copy)
    }

    /// Returns the peer: the process at the other end of the connection.
    ///
    /// It is the process that called `connect` or `listen`, with the user and groups that it had
    /// then.
    ///
    /// # Errors
    ///
    /// `ENOTCONN` if the socket is not connected; a datagram socket has a peer only in a
    /// [`pair`](Self::pair).
    #[doc(alias = "SO_PEERCRED")]
    pub fn peer(&self) -> Result<Peer> {
        Peer::of(self.as_fd()).map_err(|errno| self.failed("getsockopt", errno))
    }

    /// Returns the peer, or an error if the peer is not acceptable.
    ///
    /// # Errors
    ///
    /// [`is_untrusted`](Error::is_untrusted) if it is not; those of [`peer`](Self::peer).
    pub fn check<A: Admit + ?Sized>(&self, policy: &A) -> Result<Peer> {
        let peer = self.peer()?;
        policy.admit(&peer)?;
        Ok(peer)
    }

    /// Returns the name that this socket was bound to, if it was.
    ///
    /// # Errors
    ///
    /// Any error of the system.
    #[doc(alias = "getsockname")]
    pub fn local_name(&self) -> Result<Option<SocketName>> {
        local_name(self.as_fd()).map_err(|errno| self.failed("getsockname", errno))
    }

    /// Returns the name of the socket at the other end, if it has one.
    ///
    /// # Errors
    ///
    /// `ENOTCONN` if the socket is not connected.
    #[doc(alias = "getpeername")]
    pub fn peer_name(&self) -> Result<Option<SocketName>> {
        peer_name(self.as_fd()).map_err(|errno| self.failed("getpeername", errno))
    }

    /// Shuts down one direction of the connection, or both, for all handles of this socket.
    ///
    /// # Errors
    ///
    /// `ENOTCONN` if the socket is not connected.
    ///
    /// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/shutdown.html>
    pub fn shutdown(&self, direction: Direction) -> Result<()> {
        let how = match direction {
            Direction::Read => Shutdown::Read,
            Direction::Write => Shutdown::Write,
            Direction::Both => Shutdown::Both,
        };
        sys::shutdown(self.as_fd(), how).map_err(|errno| self.failed("shutdown", errno))
    }

    /// Returns and clears the pending error of the socket, if there is one.
    ///
    /// # Errors
    ///
    /// Any error of the system.
    #[doc(alias = "SO_ERROR")]
    pub fn take_error(&self) -> Result<Option<Error>> {
        let found =
            sys::take_error(self.as_fd()).map_err(|errno| self.failed("getsockopt", errno))?;
        Ok(found.map(|errno| self.failed("socket", errno)))
    }

    /// Sets how long `Read` waits on this handle before it fails with `TimedOut`; `None` removes
    /// the limit.
    pub fn set_recv_timeout(&self, timeout: Option<Duration>) {
        self.recv_limit.set(timeout);
    }

    /// Sets how long `Write` waits on this handle before it fails with `TimedOut`; `None` removes
    /// the limit.
    pub fn set_send_timeout(&self, timeout: Option<Duration>) {
        self.send_limit.set(timeout);
    }

    /// Returns how long `Read` waits on this handle.
    #[must_use]
    pub fn recv_timeout_set(&self) -> Option<Duration> {
        self.recv_limit.get()
    }

    /// Returns how long `Write` waits on this handle.
    #[must_use]
    pub fn send_timeout_set(&self) -> Option<Duration> {
        self.send_limit.get()
    }

    /// Sets whether `Read` and `Write` fail with `WouldBlock` where they would wait, on all handles
    /// of this socket.
    ///
    /// # Errors
    ///
    /// Any error of the system.
    #[doc(alias = "O_NONBLOCK")]
    pub fn set_nonblocking(&self, nonblocking: bool) -> Result<()> {
        sys::set_nonblocking(self.as_fd(), nonblocking).map_err(|errno| self.failed("fcntl", errno))
    }

    /// Sets whether [`Received::peer`](crate::Received::peer) reports the senders of messages that
    /// are sent from now on.
    ///
    /// Linux 6.5 or later also reports a descriptor of the process. An unprivileged process can
    /// name only itself as the sender.
    ///
    /// A datagram socket without a name gets a random abstract name when it sends the next time,
    /// and other processes can send to that.
    ///
    /// # Errors
    ///
    /// Any error of the system.
    #[doc(alias = "SO_PASSCRED")]
    #[doc(alias = "SO_PASSPIDFD")]
    pub fn set_pass_credentials(&self, on: bool) -> Result<()> {
        set_pass_credentials(self.as_fd(), on).map_err(|errno| self.failed("setsockopt", errno))
    }

    /// Refuses descriptors: sending one to this socket is an error.
    ///
    /// Without this, a peer can fill the queue with open descriptors, which stay open until this
    /// process receives past them or closes the socket.
    ///
    /// # Errors
    ///
    /// [`is_unsupported`](Error::is_unsupported) on Linux before 6.16.
    #[doc(alias = "SO_PASSRIGHTS")]
    pub fn refuse_descriptors(&self) -> Result<()> {
        refuse_descriptors(self.as_fd(), K::NOUN)
    }

    /// Sets the sizes of the receive and send buffers in bytes; the system doubles them, and has
    /// its own limits.
    ///
    /// # Errors
    ///
    /// Any error of the system.
    #[doc(alias = "SO_SNDBUF")]
    pub fn set_buffer_sizes(&self, recv: Option<usize>, send: Option<usize>) -> Result<()> {
        let set = sys::set_buffer_sizes(self.as_fd(), recv, send);
        set.map_err(|errno| self.failed("setsockopt", errno))
    }

    /// The error of a call on this socket.
    #[cold]
    pub(crate) fn failed(&self, call: &'static str, errno: Errno) -> Error {
        Error::os(call, self.label(), errno)
    }

    /// The socket in an error message: the name of either end, if one has any.
    #[cold]
    pub(crate) fn label(&self) -> String {
        label(self.as_fd(), K::NOUN)
    }
}

pub(crate) fn set_pass_credentials(fd: BorrowedFd<'_>, on: bool) -> Result<(), Errno> {
    sys::set_pass_credentials(fd, on)?;
    // An older kernel says who it was all the same, only not by descriptor.
    let _ = options::set_pass_process(fd, on);
    Ok(())
}

pub(crate) fn refuse_descriptors(fd: BorrowedFd<'_>, object: impl fmt::Display) -> Result<()> {
    options::set_pass_rights(fd, false).map_err(|errno| match errno {
        options::UNKNOWN_OPTION => {
            Error::unsupported("setsockopt", &object, "refusing descriptors needs Linux 6.16")
        }
        errno => Error::os("setsockopt", &object, errno),
    })
}

pub(crate) fn local_name(fd: BorrowedFd<'_>) -> Result<Option<SocketName>, Errno> {
    options::name(fd, End::Local).map(|bytes| SocketName::from_bytes(&bytes))
}

fn peer_name(fd: BorrowedFd<'_>) -> Result<Option<SocketName>, Errno> {
    options::name(fd, End::Peer).map(|bytes| SocketName::from_bytes(&bytes))
}

/// A socket in an error message.
pub(crate) fn label(fd: BorrowedFd<'_>, noun: &str) -> String {
    let name = peer_name(fd).ok().flatten().or_else(|| local_name(fd).ok().flatten());
    name.map_or_else(|| format!("({noun} without a name)"), |name| name.to_string())
}

/// Refuses a descriptor that is not a socket of this kind.
pub(crate) fn judge<K: Kind>(fd: BorrowedFd<'_>, listens: bool) -> Result<()> {
    let wanted = if listens { format!("{} that listens", K::NOUN) } else { K::NOUN.to_owned() };
    let object = format!("descriptor {}", fd.as_raw_fd());
    let mismatch = |found: &str| {
        Err(Error::mismatch("getsockopt", &object, format_args!("found {found}, wanted {wanted}")))
    };
    match sys::kind(fd) {
        Ok(Some((found, listening))) if found == K::TYPE && listening == listens => Ok(()),
        Ok(Some((found, true))) => mismatch(&format!("{} that listens", kind::noun(found))),
        Ok(Some((found, false))) => mismatch(kind::noun(found)),
        Ok(None) => mismatch("a socket of another family"),
        Err(options::NOT_A_SOCKET) => mismatch("something that is no socket"),
        Err(errno) => Err(Error::os("getsockopt", &object, errno)),
    }
}

/// Takes over a socket that came from elsewhere, and returns it in the error if it is not of this
/// kind.
impl<K: Kind> TryFrom<OwnedFd> for Socket<K> {
    type Error = Refused<OwnedFd>;

    fn try_from(fd: OwnedFd) -> Result<Self, Refused<OwnedFd>> {
        match judge::<K>(fd.as_fd(), false) {
            Ok(()) => Ok(Self::new(fd)),
            Err(error) => Err(Refused::new(error, fd)),
        }
    }
}

impl<K> From<Socket<K>> for OwnedFd {
    /// Returns the descriptor. A name that the socket was bound to stays, and nothing removes it
    /// any more.
    fn from(socket: Socket<K>) -> Self {
        if let Some(file) = socket.file {
            file.keep();
        }
        socket.fd
    }
}

impl<K> AsFd for Socket<K> {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

impl<K> AsRawFd for Socket<K> {
    fn as_raw_fd(&self) -> RawFd {
        self.fd.as_raw_fd()
    }
}

impl<K: Kind> fmt::Debug for Socket<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Socket({}, descriptor {})", self.label(), self.fd.as_raw_fd())
    }
}
