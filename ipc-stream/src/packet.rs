//! Sockets that keep the boundaries of messages.

use std::os::fd::OwnedFd;
use std::os::unix::net::UnixDatagram;

use ipc_core::{Error, Result};

use crate::kind::{self, sealed::Kind as _};
use crate::sys::socket as sys;
use crate::{BindOptions, Policy, Socket, SocketName, socket_file};

/// A local socket with a connection that keeps the boundaries of messages: [`Socket`] of the kind
/// [`Seqpacket`](kind::Seqpacket).
///
/// Messages arrive complete, in order, and with the size that was sent. When the peer closes its
/// end, `recv` returns 0, as on a stream.
///
/// # Examples
///
/// ```
/// use ipc_stream::Seqpacket;
///
/// let (here, there) = Seqpacket::pair()?;
/// here.send(b"one")?;
/// here.send(b"two")?;
/// drop(here);
/// let mut message = [0; 16];
/// assert_eq!(there.recv(&mut message)?, 3);
/// assert_eq!(there.recv(&mut message)?, 3);
/// assert_eq!(there.recv(&mut message)?, 0); // the end
/// # Ok::<(), ipc_core::Error>(())
/// ```
#[doc(alias = "SOCK_SEQPACKET")]
pub type Seqpacket = Socket<kind::Seqpacket>;

/// A local socket without a connection: [`Socket`] of the kind [`Datagram`](kind::Datagram).
///
/// The kernel neither loses nor reorders messages. A sender waits while the queue of the receiver
/// is full.
///
/// # Examples
///
/// ```
/// use ipc_stream::Datagram;
///
/// # let dir = ipc_testkit::fixture::dir();
/// # let path = dir.join("log.sock");
/// let log = Datagram::bind(&path)?;
/// Datagram::unbound()?.send_to(b"a line", &path)?; // usually in another process
/// let mut line = [0; 64];
/// assert_eq!(log.recv(&mut line)?, 6);
/// # Ok::<(), ipc_core::Error>(())
/// ```
#[doc(alias = "SOCK_DGRAM")]
#[doc(alias = "UnixDatagram")]
pub type Datagram = Socket<kind::Datagram>;

impl Socket<kind::Datagram> {
    /// Creates a socket without a name, which can send messages but cannot receive answers.
    ///
    /// # Errors
    ///
    /// [`is_no_space`](Error::is_no_space) if no more descriptors can be opened.
    #[doc(alias = "socket")]
    pub fn unbound() -> Result<Self> {
        let fd =
            sys::create(kind::Datagram::TYPE).map_err(|errno| Error::os("socket", "", errno))?;
        Ok(Self::new(fd))
    }

    /// Creates a socket that others can send to by this name, with the default options.
    ///
    /// The file of the socket is removed when this handle is dropped in the process that created
    /// it.
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

    /// Creates a socket that others can send to by this name.
    ///
    /// With a policy, messages from senders that it does not admit are discarded. The system
    /// reports only the effective group of a sender, and no supplementary ones.
    ///
    /// # Errors
    ///
    /// Those of [`Listener::bind_with`](crate::Listener::bind_with).
    pub fn bind_with<N>(name: N, options: BindOptions) -> Result<Self>
    where
        N: TryInto<SocketName, Error: Into<Error>>,
    {
        let name = name.try_into().map_err(Into::into)?;
        let (fd, file) = socket_file::bind::<kind::Datagram>(&name, &options)?;
        let mut socket = Self::new(fd);
        socket.file = file.map(Box::new);
        Ok(socket.with_policy(options.policy))
    }

    /// Sets which senders are acceptable. Messages from others are discarded.
    ///
    /// Messages that are already in the queue have no recorded sender. They are discarded, unless
    /// the policy is [`Policy::anyone`].
    ///
    /// Sending to an abstract name fails unless a policy is set. When sending, the policy checks
    /// nothing, because Linux does not report the receiver. Setting it confirms that the program
    /// takes into account that any process can own the name.
    ///
    /// # Errors
    ///
    /// Any error of the system.
    pub fn set_policy(&mut self, policy: Policy) -> Result<()> {
        self.set_pass_credentials(true)?;
        self.policy = Some(policy);
        Ok(())
    }

    fn with_policy(mut self, policy: Option<Policy>) -> Self {
        self.policy = policy;
        self
    }

    /// Receives a message, and returns its size and the name that its sender is bound to, if any.
    /// Waits without limit.
    ///
    /// # Errors
    ///
    /// Those of [`recv`](Self::recv).
    #[doc(alias = "recvfrom")]
    pub fn recv_from(&self, into: &mut [u8]) -> Result<(usize, Option<SocketName>)> {
        let received = self.recv_message(into, 0)?;
        Ok((received.len, received.sender))
    }
}

impl From<UnixDatagram> for Socket<kind::Datagram> {
    fn from(socket: UnixDatagram) -> Self {
        Self::new(socket.into())
    }
}

impl From<Socket<kind::Datagram>> for UnixDatagram {
    fn from(socket: Socket<kind::Datagram>) -> Self {
        OwnedFd::from(socket).into()
    }
}
