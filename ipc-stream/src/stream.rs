//! Streams of bytes, and their halves.

use std::io::{self, IoSlice, IoSliceMut, Read, Write};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;

use ipc_core::{Errno, Error};

use crate::kind::{Kind, Stream};
use crate::sys::{PollFlags, socket as sys};
use crate::wait::{Block, Wait, until};
use crate::{RecvHalf, SendHalf, Socket, halves};

/// A local socket for bytes in order, without boundaries: [`Socket`] of the kind [`Stream`].
///
/// # Examples
///
/// ```
/// use std::io::{Read, Write};
///
/// use ipc_stream::{Direction, LocalListener, LocalStream};
///
/// # let dir = ipc_testkit::fixture::dir();
/// # let path = dir.join("echo.sock");
/// let listener = LocalListener::bind(&path)?;
/// let mut client = LocalStream::connect(&path)?; // usually in another process
/// let mut server = listener.accept()?;
///
/// client.write_all(b"hello")?;
/// client.shutdown(Direction::Write)?;
/// let mut text = String::new();
/// server.read_to_string(&mut text)?;
/// assert_eq!(text, "hello");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[doc(alias = "UnixStream")]
pub type LocalStream = Socket<Stream>;

impl Socket<Stream> {
    fn read_some(&self, attempt: impl FnMut(Block) -> Result<usize, Errno>) -> io::Result<usize> {
        let limit = self.recv_timeout_set();
        within(self.as_fd(), PollFlags::IN, limit, attempt, |errno| self.failed("recv", errno))
    }

    fn write_some(&self, attempt: impl FnMut(Block) -> Result<usize, Errno>) -> io::Result<usize> {
        let limit = self.send_timeout_set();
        within(self.as_fd(), PollFlags::OUT, limit, attempt, |errno| self.failed("send", errno))
    }
}

/// Makes a call of `Read` or `Write`: with a limit it fails when that is reached, and otherwise
/// waits as the description does.
pub(crate) fn within(
    fd: BorrowedFd<'_>,
    events: PollFlags,
    limit: Option<std::time::Duration>,
    mut attempt: impl FnMut(Block) -> Result<usize, Errno>,
    failed: impl FnOnce(Errno) -> Error,
) -> io::Result<usize> {
    let done = match limit {
        None => ipc_core::ret::retry(|| attempt(Block::Yes)).map(Some),
        Some(limit) => until(fd, events, Wait::timeout(limit), attempt),
    };
    match done {
        Ok(Some(count)) => Ok(count),
        Ok(None) => Err(io::ErrorKind::TimedOut.into()),
        Err(Errno::EAGAIN) => Err(io::ErrorKind::WouldBlock.into()),
        Err(errno) => Err(failed(errno).into()),
    }
}

/// A signal does not interrupt a call.
impl Read for &Socket<Stream> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.read_some(|block| self.recv_once(into, block))
    }

    fn read_vectored(&mut self, into: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        self.read_some(|block| sys::recv_vectored(self.as_fd(), into, block))
    }
}

/// Writing to a connection that the peer has closed fails, and never raises `SIGPIPE`.
impl Write for &Socket<Stream> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_some(|block| self.send_once(bytes, block))
    }

    fn write_vectored(&mut self, bytes: &[IoSlice<'_>]) -> io::Result<usize> {
        self.write_some(|block| sys::send_vectored(self.as_fd(), bytes, block))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Read for Socket<Stream> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        (&*self).read(into)
    }

    fn read_vectored(&mut self, into: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        (&*self).read_vectored(into)
    }
}

impl Write for Socket<Stream> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        (&*self).write(bytes)
    }

    fn write_vectored(&mut self, bytes: &[IoSlice<'_>]) -> io::Result<usize> {
        (&*self).write_vectored(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl From<UnixStream> for Socket<Stream> {
    fn from(stream: UnixStream) -> Self {
        Self::new(stream.into())
    }
}

impl From<Socket<Stream>> for UnixStream {
    fn from(socket: Socket<Stream>) -> Self {
        OwnedFd::from(socket).into()
    }
}

/// Splitting.
impl<K: Kind> Socket<K> {
    /// Splits the socket into a half that receives and one that sends, for two threads or tasks.
    ///
    /// Dropping a half does not end its direction of the connection: [`shutdown`](Self::shutdown)
    /// does.
    #[must_use]
    pub fn split(self) -> (RecvHalf<Self>, SendHalf<Self>) {
        halves::split(self)
    }
}

impl Read for RecvHalf<LocalStream> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.socket().read(into)
    }

    fn read_vectored(&mut self, into: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        self.socket().read_vectored(into)
    }
}

impl Write for SendHalf<LocalStream> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.socket().write(bytes)
    }

    fn write_vectored(&mut self, bytes: &[IoSlice<'_>]) -> io::Result<usize> {
        self.socket().write_vectored(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
