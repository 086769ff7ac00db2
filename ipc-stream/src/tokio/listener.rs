//! Listeners for tasks.

use std::fmt;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};

use ::tokio::io::Interest;
use ::tokio::io::unix::AsyncFd;
use ipc_core::{Error, Result};

use super::{Socket, register, until_ready};
use crate::sys::socket as sys;
use crate::wait::Block;
use crate::{Admit, BindOptions, Connected, SocketName, kind};

/// A listening socket for tasks: [`Listener`](crate::Listener).
pub struct Listener<K: Connected>(AsyncFd<crate::Listener<K>>);

/// A [`Listener`] for [`LocalStream`](super::LocalStream) sockets.
pub type LocalListener = Listener<kind::Stream>;

/// A [`Listener`] for [`Seqpacket`](super::Seqpacket) sockets.
pub type SeqpacketListener = Listener<kind::Seqpacket>;

impl<K: Connected> Listener<K> {
    /// Registers a listener with the runtime.
    ///
    /// # Errors
    ///
    /// [`is_invalid_argument`](Error::is_invalid_argument) outside of a runtime; any error of the
    /// system.
    ///
    /// # Panics
    ///
    /// If the runtime has no I/O driver enabled.
    pub fn new(listener: crate::Listener<K>) -> Result<Self> {
        register(listener, Interest::READABLE).map(Self)
    }

    /// Listens at a name: [`bind`](crate::Listener::bind).
    ///
    /// # Errors
    ///
    /// Those of [`bind_with`](crate::Listener::bind_with) and [`new`](Self::new).
    pub fn bind<N>(name: N) -> Result<Self>
    where
        N: TryInto<SocketName, Error: Into<Error>>,
    {
        Self::bind_with(name, BindOptions::new())
    }

    /// Listens at a name: [`bind_with`](crate::Listener::bind_with).
    ///
    /// # Errors
    ///
    /// Those of [`bind_with`](crate::Listener::bind_with) and [`new`](Self::new).
    pub fn bind_with<N>(name: N, options: BindOptions) -> Result<Self>
    where
        N: TryInto<SocketName, Error: Into<Error>>,
    {
        Self::new(crate::Listener::bind_with(name, options)?)
    }

    /// Accepts a connection: [`accept`](crate::Listener::accept).
    ///
    /// # Errors
    ///
    /// Those of [`accept`](crate::Listener::accept).
    pub async fn accept(&self) -> Result<Socket<K>> {
        self.accept_of(None).await
    }

    /// Accepts the next connection of an acceptable peer:
    /// [`accept_if`](crate::Listener::accept_if).
    ///
    /// # Errors
    ///
    /// Those of [`accept`](crate::Listener::accept).
    pub async fn accept_if<A: Admit + Sync>(&self, policy: &A) -> Result<Socket<K>> {
        self.accept_of(Some(policy)).await
    }

    async fn accept_of(&self, policy: Option<&(dyn Admit + Sync)>) -> Result<Socket<K>> {
        loop {
            let attempt = |listener: &crate::Listener<K>| sys::accept(listener.as_fd(), Block::No);
            let accepted = until_ready(&self.0, Interest::READABLE, attempt).await;
            let fd = accepted.map_err(|errno| self.listener().failed("accept", errno))?;
            let policy = policy.map(|policy| policy as &dyn Admit);
            if let Some(socket) = self.listener().admitted(fd, policy)? {
                return Socket::new(socket);
            }
        }
    }

    /// Returns the listener, for methods that do not wait.
    #[must_use]
    pub fn listener(&self) -> &crate::Listener<K> {
        self.0.get_ref()
    }

    /// Returns the listener without the runtime.
    #[must_use]
    pub fn into_inner(self) -> crate::Listener<K> {
        self.0.into_inner()
    }
}

impl<K: Connected> AsFd for Listener<K> {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.listener().as_fd()
    }
}

impl<K: Connected> AsRawFd for Listener<K> {
    fn as_raw_fd(&self) -> RawFd {
        self.listener().as_raw_fd()
    }
}

impl<K: Connected> fmt::Debug for Listener<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.listener().fmt(f)
    }
}
