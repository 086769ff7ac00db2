//! Streams as tokio's readers and writers, and their halves.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use ::tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use ipc_core::ret;

use super::{Socket, as_io};
use crate::kind::{Kind, Stream};
use crate::wait::Block;
use crate::{Direction, RecvHalf, SendHalf, halves};

/// Only one task at a time may read through this trait: the runtime wakes only the task that polled
/// last. Several tasks may wait at once in methods of the socket, such as [`recv`](Socket::recv).
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

/// Only one task at a time may write through this trait: the runtime wakes only the task that
/// polled last. Several tasks may wait at once in methods of the socket, such as
/// [`recv`](Socket::recv).
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

impl<K: Kind> Socket<K> {
    /// Splits the socket into halves that two tasks own. Tasks that borrow the socket need no
    /// halves: `&Socket` both sends and receives.
    ///
    /// Dropping a half does not end its direction of the connection.
    #[must_use]
    pub fn split(self) -> (RecvHalf<Self>, SendHalf<Self>) {
        halves::split(self)
    }
}

impl AsyncRead for RecvHalf<Socket<Stream>> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket()).poll_read(context, into)
    }
}

impl AsyncWrite for SendHalf<Socket<Stream>> {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.socket()).poll_write(context, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket()).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket()).poll_shutdown(context)
    }
}
