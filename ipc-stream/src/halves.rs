//! The halves of a socket.

use std::fmt;
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::Arc;

/// The half of a socket that receives, from [`Socket::split`](crate::Socket::split).
pub struct RecvHalf<S>(Arc<S>);

/// The half of a socket that sends, from [`Socket::split`](crate::Socket::split).
pub struct SendHalf<S>(Arc<S>);

pub(crate) fn split<S>(socket: S) -> (RecvHalf<S>, SendHalf<S>) {
    let whole = Arc::new(socket);
    (RecvHalf(Arc::clone(&whole)), SendHalf(whole))
}

impl<S> RecvHalf<S> {
    /// Joins the two halves of a socket; returns both if they belong to different sockets.
    ///
    /// # Errors
    ///
    /// Both halves.
    pub fn reunite(self, other: SendHalf<S>) -> Result<S, (Self, SendHalf<S>)> {
        if !Arc::ptr_eq(&self.0, &other.0) {
            return Err((self, other));
        }
        drop(other);
        Arc::try_unwrap(self.0).map_err(|whole| (Self(Arc::clone(&whole)), SendHalf(whole)))
    }

    /// Returns the socket, to receive from.
    #[must_use]
    pub fn socket(&self) -> &S {
        &self.0
    }
}

impl<S> SendHalf<S> {
    /// Returns the socket, to send to.
    #[must_use]
    pub fn socket(&self) -> &S {
        &self.0
    }
}

impl<S: AsFd> AsFd for RecvHalf<S> {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

impl<S: AsFd> AsFd for SendHalf<S> {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

impl<S: fmt::Debug> fmt::Debug for RecvHalf<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RecvHalf({:?})", self.0)
    }
}

impl<S: fmt::Debug> fmt::Debug for SendHalf<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SendHalf({:?})", self.0)
    }
}
