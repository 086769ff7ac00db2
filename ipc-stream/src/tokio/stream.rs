//! Streams as tokio's readers and writers, and their halves.

use std::fmt;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use ::tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use ipc_core::ret;

use super::{Socket, as_io};
use crate::Direction;
use crate::kind::{Kind, Stream};
use crate::wait::Block;

/// For one task at a time: the runtime wakes only the task that polled last. Several tasks may wait
/// at once in methods of the socket, such as [`recv`](Socket::recv).
impl AsyncRead for &Socket<Stream> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        loop {
            let mut ready = ready!(self.0.poll_read_ready(context))?;
            let room = into.initialize_unfilled();
            let read = ready
                .try_io(|fd| ret::retry(|| fd.get_ref().recv_once(room, Block::No)).map_err(as_io));
            match read {
                Ok(Ok(len)) => {
                    into.advance(len);
                    return Poll::Ready(Ok(()));
                }
                Ok(Err(err)) => return Poll::Ready(Err(err)),
                Err(_would_block) => {}
            }
        }
    }
}

/// For one task at a time: the runtime wakes only the task that polled last. Several tasks may wait
/// at once in methods of the socket, such as [`recv`](Socket::recv).
impl AsyncWrite for &Socket<Stream> {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        loop {
            let mut ready = ready!(self.0.poll_write_ready(context))?;
            let sent = ready.try_io(|fd| {
                ret::retry(|| fd.get_ref().send_once(bytes, Block::No)).map_err(as_io)
            });
            if let Ok(sent) = sent {
                return Poll::Ready(sent);
            }
        }
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    /// Ends the direction of sending.
    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(self.socket().shutdown(Direction::Write).map_err(Into::into))
    }
}

impl AsyncRead for Socket<Stream> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut &*self).poll_read(context, into)
    }
}

impl AsyncWrite for Socket<Stream> {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut &*self).poll_write(context, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut &*self).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut &*self).poll_shutdown(context)
    }
}

/// The half of a [`Socket`] that receives, from [`split`](Socket::split).
pub struct RecvHalf<K: Kind>(Arc<Socket<K>>);

/// The half of a [`Socket`] that sends, from [`split`](Socket::split).
pub struct SendHalf<K: Kind>(Arc<Socket<K>>);

impl<K: Kind> Socket<K> {
    /// Splits the socket into halves that two tasks own. Tasks that borrow the socket need no
    /// halves: `&Socket` both sends and receives.
    ///
    /// Dropping a half does not end its direction of the connection.
    #[must_use]
    pub fn split(self) -> (RecvHalf<K>, SendHalf<K>) {
        let whole = Arc::new(self);
        (RecvHalf(Arc::clone(&whole)), SendHalf(whole))
    }
}

impl<K: Kind> RecvHalf<K> {
    /// Joins the two halves of a socket; returns both if they belong to different sockets.
    ///
    /// # Errors
    ///
    /// Both halves.
    pub fn reunite(self, other: SendHalf<K>) -> Result<Socket<K>, (Self, SendHalf<K>)> {
        if !Arc::ptr_eq(&self.0, &other.0) {
            return Err((self, other));
        }
        drop(other);
        Arc::try_unwrap(self.0).map_err(|whole| (Self(Arc::clone(&whole)), SendHalf(whole)))
    }

    /// Returns the socket, to receive from.
    #[must_use]
    pub fn socket(&self) -> &Socket<K> {
        &self.0
    }
}

impl<K: Kind> SendHalf<K> {
    /// Returns the socket, to send to.
    #[must_use]
    pub fn socket(&self) -> &Socket<K> {
        &self.0
    }
}

impl AsyncRead for RecvHalf<Stream> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut &*self.0).poll_read(context, into)
    }
}

impl AsyncWrite for SendHalf<Stream> {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut &*self.0).poll_write(context, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut &*self.0).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut &*self.0).poll_shutdown(context)
    }
}

impl<K: Kind> fmt::Debug for RecvHalf<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RecvHalf({:?})", self.0)
    }
}

impl<K: Kind> fmt::Debug for SendHalf<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SendHalf({:?})", self.0)
    }
}
