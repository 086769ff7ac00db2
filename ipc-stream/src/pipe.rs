//! Pipes: one way, from one process to another.

use std::fmt;
use std::io::{self, Read, Write};
use std::marker::PhantomData;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};
use std::process::Stdio;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::{Duration, Instant};

use ipc_core::{Errno, Error, Refusal, Result};

use crate::sys::{self, PollFlags, pipe as calls, socket};
use crate::wait::{Block, Wait, until};

/// Creates a pipe: what is written to one end is read from the other.
///
/// Programs that this process starts do not inherit the ends, unless they are passed on as their
/// standard input or output (`Stdio::from`), or made [inheritable](PipeEnd::set_inheritable).
///
/// # Errors
///
/// [`is_no_space`](Error::is_no_space) if no more descriptors can be opened.
///
/// # Examples
///
/// ```
/// use std::process::Command;
///
/// let (reader, writer) = ipc_stream::pipe()?;
/// Command::new("echo").arg("hello").stdout(writer).status()?;
/// let mut text = [0; 64];
/// let len = reader.recv(&mut text)?;
/// assert_eq!(&text[..len], b"hello\n");
/// assert_eq!(reader.recv(&mut text)?, 0); // the end: nothing writes any more
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/pipe.html>
#[doc(alias = "pipe2")]
pub fn pipe() -> Result<(PipeReader, PipeWriter)> {
    let (reader, writer) = calls::create().map_err(|errno| Error::os("pipe2", "", errno))?;
    Ok((PipeEnd::new(reader), PipeEnd::new(writer)))
}

/// One end of a pipe or [`Fifo`](crate::Fifo): a [`PipeReader`] or a [`PipeWriter`].
///
/// A method without a suffix waits without limit, and `try_…` does not wait. `…_timeout` and
/// `…_deadline` return `None` if the time ran out first. Signals do not end a wait.
///
/// The system has no flag that makes a single call on a pipe non-blocking. So `try_…`, `…_timeout`
/// and `…_deadline` set `O_NONBLOCK` on the open file description, which clones and other processes
/// share. Converting this value into another type clears the flag, unless
/// [`set_nonblocking`](Self::set_nonblocking) has set it.
pub struct PipeEnd<D> {
    fd: OwnedFd,
    mode: AtomicU8,
    direction: PhantomData<fn() -> D>,
}

/// The end that is read from.
#[derive(Debug)]
pub enum Reading {}

/// The end that is written to.
#[derive(Debug)]
pub enum Writing {}

/// The end of a pipe that is read from: [`PipeEnd`].
pub type PipeReader = PipeEnd<Reading>;

/// The end of a pipe that is written to: [`PipeEnd`].
///
/// Up to 4096 bytes ([`ATOMIC`](PipeEnd::ATOMIC)) are written atomically: bytes that other
/// processes write never come in between.
///
/// Writing to a pipe that no process reads from sends `SIGPIPE`, which Rust programs ignore by
/// default: the call fails instead.
pub type PipeWriter = PipeEnd<Writing>;

/// The description waits.
const BLOCKING: u8 = 0;
/// It does not, but no one is to notice.
const SILENT: u8 = 1;
/// It does not, as its user wants it.
const NONBLOCKING: u8 = 2;

impl<D> PipeEnd<D> {
    fn in_mode(fd: OwnedFd, mode: u8) -> Self {
        Self { fd, mode: AtomicU8::new(mode), direction: PhantomData }
    }

    fn new(fd: OwnedFd) -> Self {
        Self::in_mode(fd, BLOCKING)
    }

    /// The end of a pipe whose description is non-blocking.
    pub(crate) fn nonblocking(fd: OwnedFd) -> Self {
        Self::in_mode(fd, SILENT)
    }

    /// Prepares a call. No flag makes a single call non-blocking: the description is made so, which
    /// `Read` and `Write` of this end hide. It is made so each time, because another handle or
    /// process may have changed it.
    fn prepare(&self, block: Block) -> Result<(), Errno> {
        if block == Block::No {
            socket::set_nonblocking(self.fd.as_fd(), true)?;
            let (from, to) = (BLOCKING, SILENT);
            // It stays what it is if its user has made it non-blocking.
            let _ = self.mode.compare_exchange(from, to, Ordering::Relaxed, Ordering::Relaxed);
        }
        Ok(())
    }

    /// Makes a call of `Read` or `Write`.
    fn as_io(
        &self,
        events: PollFlags,
        attempt: impl FnMut(Block) -> Result<usize, Errno>,
    ) -> Result<usize, Errno> {
        let wait =
            if self.mode.load(Ordering::Relaxed) == NONBLOCKING { Wait::No } else { Wait::Forever };
        until(self.fd.as_fd(), events, wait, attempt)?.ok_or(Errno::EAGAIN)
    }

    /// Creates another handle of the same end.
    ///
    /// # Errors
    ///
    /// [`is_no_space`](Error::is_no_space) if no more descriptors can be opened.
    pub fn try_clone(&self) -> Result<Self> {
        let fd = sys::duplicate(&self.fd).map_err(|errno| self.failed("fcntl", errno))?;
        Ok(Self::in_mode(fd, self.mode.load(Ordering::Relaxed)))
    }

    /// Returns the capacity of the pipe in bytes.
    ///
    /// # Errors
    ///
    /// Any error of the system.
    #[doc(alias = "F_GETPIPE_SZ")]
    pub fn size(&self) -> Result<usize> {
        calls::size(self.fd.as_fd()).map_err(|errno| self.failed("fcntl", errno))
    }

    /// Sets the capacity of the pipe in bytes, rounded up to a power of two, and returns the new
    /// one.
    ///
    /// # Errors
    ///
    /// [`is_permission_denied`](Error::is_permission_denied) if `size` exceeds
    /// `/proc/sys/fs/pipe-max-size`; [`is_busy`](Error::is_busy) if the pipe contains more than
    /// `size` bytes.
    #[doc(alias = "F_SETPIPE_SZ")]
    pub fn set_size(&self, size: usize) -> Result<usize> {
        let set = calls::set_size(self.fd.as_fd(), size);
        set.map_err(|errno| {
            let why = format_args!("wanted a capacity of {size} bytes");
            Refusal::os("fcntl", errno).because(why).on(self.label())
        })
    }

    /// Sets whether programs that this process starts inherit this end, under the same descriptor
    /// number.
    ///
    /// While it is set, every program that any thread starts inherits the end.
    ///
    /// # Errors
    ///
    /// Any error of the system.
    #[doc(alias = "FD_CLOEXEC")]
    pub fn set_inheritable(&self, inheritable: bool) -> Result<()> {
        sys::set_inheritable(&self.fd, inheritable).map_err(|errno| self.failed("fcntl", errno))
    }

    /// Sets whether `Read` and `Write` fail with `WouldBlock` where they would wait, on this handle
    /// and on those that are cloned from it later.
    ///
    /// It also sets `O_NONBLOCK` on the open file description, so a plain `read` or `write` fails
    /// with `EAGAIN` in all processes that share it. Other handles of this type still wait.
    ///
    /// # Errors
    ///
    /// Any error of the system.
    #[doc(alias = "O_NONBLOCK")]
    pub fn set_nonblocking(&self, nonblocking: bool) -> Result<()> {
        socket::set_nonblocking(self.fd.as_fd(), nonblocking)
            .map_err(|errno| self.failed("fcntl", errno))?;
        self.mode.store(if nonblocking { NONBLOCKING } else { BLOCKING }, Ordering::Relaxed);
        Ok(())
    }

    pub(crate) fn label(&self) -> String {
        format!("a pipe (descriptor {})", self.fd.as_raw_fd())
    }

    #[cold]
    pub(crate) fn failed(&self, call: &'static str, errno: Errno) -> Error {
        Error::os(call, self.label(), errno)
    }
}

/// Receiving.
impl PipeEnd<Reading> {
    /// Receives bytes, and returns how many. 0 is the end: all bytes were read, and no process has
    /// the other end open.
    ///
    /// At a FIFO that no process has opened for writing yet, this waits for one.
    ///
    /// # Errors
    ///
    /// Any error of the system.
    ///
    /// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/read.html>
    #[doc(alias = "read")]
    pub fn recv(&self, into: &mut [u8]) -> Result<usize> {
        self.recv_wait(into, Wait::Forever).map(Option::unwrap_or_default)
    }

    /// Receives bytes if some have arrived, and does not wait; otherwise returns `None`.
    ///
    /// # Errors
    ///
    /// Any error of the system.
    pub fn try_recv(&self, into: &mut [u8]) -> Result<Option<usize>> {
        self.recv_wait(into, Wait::No)
    }

    /// Receives bytes, and waits for at most `timeout`; `None` if the time ran out first.
    ///
    /// # Errors
    ///
    /// Any error of the system.
    pub fn recv_timeout(&self, into: &mut [u8], timeout: Duration) -> Result<Option<usize>> {
        self.recv_wait(into, Wait::timeout(timeout))
    }

    /// Receives bytes, and waits until `deadline`; `None` if the time ran out first.
    ///
    /// # Errors
    ///
    /// Any error of the system.
    pub fn recv_deadline(&self, into: &mut [u8], deadline: Instant) -> Result<Option<usize>> {
        self.recv_wait(into, Wait::deadline(deadline))
    }

    pub(crate) fn recv_wait(&self, into: &mut [u8], wait: Wait) -> Result<Option<usize>> {
        let got = until(self.as_fd(), PollFlags::IN, wait, |block| self.recv_once(into, block));
        got.map_err(|errno| self.failed("read", errno))
    }

    pub(crate) fn recv_once(&self, into: &mut [u8], block: Block) -> Result<usize, Errno> {
        self.prepare(block)?;
        let len = calls::read(self.as_fd(), into)?;
        if len > 0 || into.is_empty() {
            return Ok(len);
        }
        // At a FIFO, 0 bytes can mean that no writer has opened it yet, or that the last one closed
        // it. Only the latter is a hang-up; a writer that came in between has left bytes. `poll`
        // looks without the lock of the pipe: it can miss such bytes, and take a writer that is
        // just opening the FIFO for one that closed it. Asking for the number of bytes takes the
        // lock, so the second look is right. A file that can be written to is not the reading end
        // of a pipe, and 0 bytes are its end.
        for _ in 0..2 {
            let events = sys::poll_now(self.as_fd(), PollFlags::IN | PollFlags::OUT)?;
            if events.is_empty() {
                return Err(Errno::EAGAIN);
            }
            if events.contains(PollFlags::OUT) {
                break;
            }
            let has_bytes = socket::waiting(self.as_fd()).is_ok_and(|bytes| bytes > 0);
            if has_bytes || events.contains(PollFlags::IN) {
                return Err(Errno::EINTR);
            }
        }
        Ok(0)
    }
}

/// Sending.
impl PipeEnd<Writing> {
    /// The maximum number of bytes that are written atomically, even if other processes write too.
    #[doc(alias = "PIPE_BUF")]
    pub const ATOMIC: usize = 4096;

    /// Sends bytes, perhaps only a first part, and returns how many. Waits for space without
    /// limit.
    ///
    /// # Errors
    ///
    /// [`is_closed`](Error::is_closed) if no process has the other end open for reading.
    ///
    /// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/write.html>
    #[doc(alias = "write")]
    pub fn send(&self, bytes: &[u8]) -> Result<usize> {
        self.send_wait(bytes, Wait::Forever).map(Option::unwrap_or_default)
    }

    /// Sends the bytes that there is space for, and returns their number; `None` if no byte fitted.
    ///
    /// # Errors
    ///
    /// Those of [`send`](Self::send).
    pub fn try_send(&self, bytes: &[u8]) -> Result<Option<usize>> {
        self.send_wait(bytes, Wait::No)
    }

    /// Sends bytes, and waits for space for at most `timeout`; `None` if the time ran out first.
    ///
    /// # Errors
    ///
    /// Those of [`send`](Self::send).
    pub fn send_timeout(&self, bytes: &[u8], timeout: Duration) -> Result<Option<usize>> {
        self.send_wait(bytes, Wait::timeout(timeout))
    }

    /// Sends bytes, and waits for space until `deadline`; `None` if the time ran out first.
    ///
    /// # Errors
    ///
    /// Those of [`send`](Self::send).
    pub fn send_deadline(&self, bytes: &[u8], deadline: Instant) -> Result<Option<usize>> {
        self.send_wait(bytes, Wait::deadline(deadline))
    }

    pub(crate) fn send_wait(&self, bytes: &[u8], wait: Wait) -> Result<Option<usize>> {
        let sent = until(self.as_fd(), PollFlags::OUT, wait, |block| self.send_once(bytes, block));
        sent.map_err(|errno| self.failed("write", errno))
    }

    pub(crate) fn send_once(&self, bytes: &[u8], block: Block) -> Result<usize, Errno> {
        self.prepare(block)?;
        calls::write(self.as_fd(), bytes)
    }
}

/// A signal does not interrupt a call.
impl Read for &PipeEnd<Reading> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let got = self.as_io(PollFlags::IN, |block| self.recv_once(into, block));
        got.map_err(|errno| self.failed("read", errno).into())
    }
}

impl Read for PipeEnd<Reading> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        (&*self).read(into)
    }
}

/// A signal does not interrupt a call.
impl Write for &PipeEnd<Writing> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let sent = self.as_io(PollFlags::OUT, |block| self.send_once(bytes, block));
        sent.map_err(|errno| self.failed("write", errno).into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Write for PipeEnd<Writing> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        (&*self).write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Takes over a descriptor that came from elsewhere.
///
/// It is not checked: if it is the other end, or not a pipe, calls fail.
impl<D> From<OwnedFd> for PipeEnd<D> {
    fn from(fd: OwnedFd) -> Self {
        Self::new(fd)
    }
}

/// Returns the descriptor. If calls with a limit have made it non-blocking, it is made blocking
/// again.
impl<D> From<PipeEnd<D>> for OwnedFd {
    fn from(end: PipeEnd<D>) -> Self {
        if end.mode.into_inner() == SILENT {
            // A failure matters only to programs that cannot bear the flag.
            let _ = socket::set_nonblocking(end.fd.as_fd(), false);
        }
        end.fd
    }
}

/// Passes the end on, as the standard input or output of a program.
impl<D> From<PipeEnd<D>> for Stdio {
    fn from(end: PipeEnd<D>) -> Self {
        OwnedFd::from(end).into()
    }
}

impl From<std::io::PipeReader> for PipeEnd<Reading> {
    fn from(reader: std::io::PipeReader) -> Self {
        Self::new(reader.into())
    }
}

impl From<std::io::PipeWriter> for PipeEnd<Writing> {
    fn from(writer: std::io::PipeWriter) -> Self {
        Self::new(writer.into())
    }
}

impl<D> AsFd for PipeEnd<D> {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

impl<D> AsRawFd for PipeEnd<D> {
    fn as_raw_fd(&self) -> RawFd {
        self.fd.as_raw_fd()
    }
}

impl<D> fmt::Debug for PipeEnd<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PipeEnd(descriptor {})", self.fd.as_raw_fd())
    }
}
