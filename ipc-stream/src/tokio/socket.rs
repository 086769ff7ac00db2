//! Sockets for tasks.

use std::fmt;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};

use ::tokio::io::Interest;
use ::tokio::io::unix::AsyncFd;
use ipc_core::{Errno, Error, Result};

use super::{on_a_thread, register, until_ready};
use crate::kind::{self, Kind};
use crate::wait::{Block, Wait};
use crate::{BindOptions, ConnectOptions, Message, Received, SocketName, handover};

/// A local socket for tasks: [`Socket`](crate::Socket).
///
/// Any number of tasks may use it at once through `&`; each message goes to one of them.
pub struct Socket<K: Kind>(pub(super) AsyncFd<crate::Socket<K>>);

/// A stream for tasks: [`LocalStream`](crate::LocalStream).
pub type LocalStream = Socket<kind::Stream>;

/// A socket for messages, for tasks: [`Seqpacket`](crate::Seqpacket).
pub type Seqpacket = Socket<kind::Seqpacket>;

/// A socket for datagrams, for tasks: [`Datagram`](crate::Datagram).
pub type Datagram = Socket<kind::Datagram>;

impl<K: Kind> Socket<K> {
    /// Registers a socket with the runtime.
    ///
    /// # Errors
    ///
    /// [`is_invalid_argument`](Error::is_invalid_argument) outside of a runtime; any error of the
    /// system.
    ///
    /// # Panics
    ///
    /// If the runtime has no I/O driver enabled.
    pub fn new(socket: crate::Socket<K>) -> Result<Self> {
        register(socket, Interest::READABLE | Interest::WRITABLE).map(Self)
    }

    /// Creates two sockets that are connected with each other: [`pair`](crate::Socket::pair).
    ///
    /// # Errors
    ///
    /// Those of [`new`](Self::new) and [`pair`](crate::Socket::pair).
    pub fn pair() -> Result<(Self, Self)> {
        let (one, other) = crate::Socket::pair()?;
        Ok((Self::new(one)?, Self::new(other)?))
    }

    /// Connects to a name: [`connect`](crate::Socket::connect).
    ///
    /// # Errors
    ///
    /// Those of [`connect_with`](crate::Socket::connect_with) and [`new`](Self::new).
    pub async fn connect<N>(name: N) -> Result<Self>
    where
        N: TryInto<SocketName, Error: Into<Error>>,
    {
        Self::connect_with(name, ConnectOptions::new()).await
    }

    /// Connects to a name: [`connect_with`](crate::Socket::connect_with).
    ///
    /// If the backlog is full, a blocking thread of the runtime tries again after pauses of 0.1 to
    /// 10 ms, because Linux cannot notify it of a free place. If the future is dropped meanwhile, the
    /// server may see a connection that ends at once.
    ///
    /// # Errors
    ///
    /// Those of [`connect_with`](crate::Socket::connect_with) and [`new`](Self::new).
    pub async fn connect_with<N>(name: N, options: ConnectOptions) -> Result<Self>
    where
        N: TryInto<SocketName, Error: Into<Error>>,
    {
        let name = name.try_into().map_err(Into::into)?;
        let connect = move || crate::Socket::connect_wait(&name, &options, Wait::No);
        match connect()? {
            Some(socket) => Self::new(socket),
            None => Self::new(on_a_thread(connect).await?),
        }
    }

    /// Receives bytes, and returns how many: [`recv`](crate::Socket::recv).
    ///
    /// # Errors
    ///
    /// Those of [`recv`](crate::Socket::recv).
    pub async fn recv(&self, into: &mut [u8]) -> Result<usize> {
        let room = into.len();
        let attempt = |socket: &crate::Socket<K>| socket.recv_once(into, Block::No);
        let len = until_ready(&self.0, Interest::READABLE, attempt).await;
        let len = len.map_err(|errno| self.socket().failed("recv", errno))?;
        self.socket().whole("recv", len, room)
    }

    /// Receives a message with its descriptors and sender:
    /// [`recv_message`](crate::Socket::recv_message).
    ///
    /// # Errors
    ///
    /// Those of [`recv_message`](crate::Socket::recv_message).
    pub async fn recv_message(&self, into: &mut [u8], descriptors: usize) -> Result<Received> {
        let room = into.len();
        let attempt = |socket: &crate::Socket<K>| socket.message_once(into, descriptors, Block::No);
        let got = until_ready(&self.0, Interest::READABLE, attempt).await;
        let (arrived, peer) = got.map_err(|errno| self.socket().failed("recvmsg", errno))?;
        self.socket().received(arrived, peer, room, descriptors)
    }

    /// Sends a message with its descriptors and credentials:
    /// [`send_message`](crate::Socket::send_message).
    ///
    /// On a stream, a future that is dropped before it is ready may have sent the first part.
    ///
    /// # Errors
    ///
    /// Those of [`send_message`](crate::Socket::send_message).
    pub async fn send_message(&self, message: &Message<'_>) -> Result<()> {
        let to = self.socket().checked(message)?;
        let attempt =
            |socket: &crate::Socket<K>| socket.send_message_once(message, to.as_ref(), Block::No);
        let sent = match message.to {
            // Room at a socket that this one is not connected with causes no event.
            Some(_) => self.elsewhere(attempt).await,
            None => until_ready(&self.0, Interest::WRITABLE, attempt).await,
        };
        let sent = sent.map_err(|errno| self.socket().failed("sendmsg", errno))?;
        if !<K as kind::sealed::Kind>::IS_WHOLE {
            self.send_rest(&message.bytes[sent..]).await?;
        }
        Ok(())
    }

    /// Sends memory to the peer: [`send_memory`](crate::Socket::send_memory).
    ///
    /// # Errors
    ///
    /// Those of [`send_memory`](crate::Socket::send_memory).
    pub async fn send_memory(&self, memory: &impl AsFd) -> Result<()> {
        self.send_message(&handover::message(memory)).await
    }

    /// Receives memory, and opens it with a function that checks it; `None` is the end:
    /// [`recv_memory_with`](crate::Socket::recv_memory_with).
    ///
    /// # Errors
    ///
    /// Those of [`recv_memory`](crate::Socket::recv_memory).
    pub async fn recv_memory_with<M>(
        &self,
        open: impl FnOnce(OwnedFd) -> Result<M>,
    ) -> Result<Option<M>> {
        let mut mark = handover::room();
        let received = self.recv_message(&mut mark, 1).await?;
        self.socket().opened(&mark, received, open)
    }

    /// Sends where space causes no event, and lets other tasks run between the attempts.
    async fn elsewhere(
        &self,
        attempt: impl Fn(&crate::Socket<K>) -> Result<usize, Errno>,
    ) -> Result<usize, Errno> {
        loop {
            match attempt(self.socket()) {
                Err(Errno::EINTR) => {}
                Err(Errno::EAGAIN) => {
                    let paused = on_a_thread(pause_once()).await;
                    paused.map_err(|err| err.errno().unwrap_or(Errno::ECANCELED))?;
                }
                done => return done,
            }
        }
    }

    async fn send_rest(&self, mut bytes: &[u8]) -> Result<()> {
        while !bytes.is_empty() {
            let attempt = |socket: &crate::Socket<K>| socket.packet_once(bytes, Block::No);
            let sent = until_ready(&self.0, Interest::WRITABLE, attempt).await;
            bytes = &bytes[sent.map_err(|errno| self.socket().failed("send", errno))?..];
        }
        Ok(())
    }

    async fn send_packet(&self, message: &[u8]) -> Result<()> {
        self.socket().not_the_end(message)?;
        let attempt = |socket: &crate::Socket<K>| socket.packet_once(message, Block::No);
        let sent = until_ready(&self.0, Interest::WRITABLE, attempt).await;
        sent.map(drop).map_err(|errno| self.socket().failed("send", errno))
    }

    /// Returns the socket, for methods that do not wait.
    #[must_use]
    pub fn socket(&self) -> &crate::Socket<K> {
        self.0.get_ref()
    }

    /// Returns the socket without the runtime.
    #[must_use]
    pub fn into_inner(self) -> crate::Socket<K> {
        self.0.into_inner()
    }
}

/// Succeeds at the second try, which is one pause later.
fn pause_once() -> impl FnMut() -> Result<Option<()>> + Send + 'static {
    let mut tries = 0;
    move || {
        tries += 1;
        Ok((tries > 1).then_some(()))
    }
}

impl Socket<kind::Stream> {
    /// Sends bytes, perhaps only a first part, and returns how many:
    /// [`send`](crate::LocalStream::send).
    ///
    /// # Errors
    ///
    /// Those of [`send`](crate::LocalStream::send).
    pub async fn send(&self, bytes: &[u8]) -> Result<usize> {
        let attempt = |socket: &crate::LocalStream| socket.send_once(bytes, Block::No);
        let sent = until_ready(&self.0, Interest::WRITABLE, attempt).await;
        sent.map_err(|errno| self.socket().failed("send", errno))
    }

    /// Sends all bytes. A future that is dropped before it is ready may have sent the first part.
    ///
    /// # Errors
    ///
    /// Those of [`send`](crate::LocalStream::send).
    pub async fn send_all(&self, bytes: &[u8]) -> Result<()> {
        self.send_rest(bytes).await
    }
}

impl Socket<kind::Seqpacket> {
    /// Sends one message: [`send`](crate::Seqpacket::send).
    ///
    /// # Errors
    ///
    /// Those of [`send`](crate::Seqpacket::send).
    pub async fn send(&self, message: &[u8]) -> Result<()> {
        self.send_packet(message).await
    }
}

impl Socket<kind::Datagram> {
    /// Creates a socket with a name: [`bind_with`](crate::Datagram::bind_with).
    ///
    /// # Errors
    ///
    /// Those of [`bind_with`](crate::Datagram::bind_with) and [`new`](Self::new).
    pub fn bind_with<N>(name: N, options: BindOptions) -> Result<Self>
    where
        N: TryInto<SocketName, Error: Into<Error>>,
    {
        Self::new(crate::Datagram::bind_with(name, options)?)
    }

    /// Sends one message to the socket to which this one is connected:
    /// [`send`](crate::Datagram::send).
    ///
    /// To send to a name, use [`send_message`](Self::send_message) with a message that is addressed
    /// [`to`](Message::to) it.
    ///
    /// # Errors
    ///
    /// Those of [`send`](crate::Datagram::send).
    pub async fn send(&self, message: &[u8]) -> Result<()> {
        self.send_packet(message).await
    }
}

impl<K: Kind> AsFd for Socket<K> {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket().as_fd()
    }
}

impl<K: Kind> AsRawFd for Socket<K> {
    fn as_raw_fd(&self) -> RawFd {
        self.socket().as_raw_fd()
    }
}

impl<K: Kind> fmt::Debug for Socket<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.socket().fmt(f)
    }
}
