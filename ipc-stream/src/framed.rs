//! Whole messages through a pipe.

use std::fmt;
use std::os::fd::{AsFd, BorrowedFd};
use std::time::{Duration, Instant};

#[cfg(doc)]
use ipc_core::Error;
use ipc_core::{Errno, Refusal, Result};

use crate::wait::Wait;
use crate::{PipeReader, PipeWriter};

/// Sends messages with boundaries through a pipe. Any number of processes may write to it, and
/// their messages never mix.
///
/// A message is sent as its length in two bytes, the lower one first, followed by its bytes, all in
/// one atomic write.
///
/// # Examples
///
/// ```
/// use ipc_stream::{MessageReader, MessageWriter, pipe};
///
/// let (reader, writer) = pipe()?;
/// let (mut reader, writer) = (MessageReader::new(reader), MessageWriter::new(writer));
/// writer.send(b"one")?;
/// writer.send(b"")?;
/// drop(writer);
/// assert_eq!(reader.recv()?, Some(&b"one"[..]));
/// assert_eq!(reader.recv()?, Some(&b""[..]));
/// assert_eq!(reader.recv()?, None); // the end
/// # Ok::<(), ipc_core::Error>(())
/// ```
#[derive(Debug)]
pub struct MessageWriter(PipeWriter);

/// Receives what [`MessageWriter`] sends. There should be one per pipe: two would each get parts of
/// messages.
#[derive(Debug)]
pub struct MessageReader {
    reader: PipeReader,
    frame: Frame,
}

/// The part of the next message that has arrived, also when a call ran out of time.
#[derive(Debug, Default)]
pub(crate) struct Frame {
    bytes: Vec<u8>,
    /// The message was returned, and the next call discards it.
    is_read: bool,
}

impl Frame {
    /// Begins a call, and forgets the message that the last one returned.
    pub(crate) fn begin(&mut self) {
        if std::mem::take(&mut self.is_read) {
            self.bytes.clear();
        }
    }

    /// Returns how many bytes are missing; 0 if the message is complete.
    pub(crate) fn missing(&self) -> Result<usize, Refusal> {
        let Some(prefix) = self.bytes.first_chunk::<PREFIX>() else {
            return Ok(PREFIX - self.bytes.len());
        };
        match usize::from(u16::from_le_bytes(*prefix)) {
            len if len > MessageWriter::MAX_LEN => Err(foreign(format_args!("a length of {len}"))),
            len => Ok(PREFIX + len - self.bytes.len()),
        }
    }

    /// Adds what was read; `true` if it is the end.
    pub(crate) fn add(&mut self, read: &[u8]) -> Result<bool, Refusal> {
        self.bytes.extend_from_slice(read);
        match self.bytes.len() {
            0 => Ok(true),
            len if read.is_empty() => Err(foreign(format_args!("the end after {len} bytes"))),
            _ => Ok(false),
        }
    }

    /// Returns the message, which is complete.
    pub(crate) fn message(&mut self) -> &[u8] {
        self.is_read = true;
        self.bytes.get(PREFIX..).unwrap_or_default()
    }
}

fn foreign(found: fmt::Arguments<'_>) -> Refusal {
    let why = format_args!("found {found}, wanted a message of `MessageWriter`");
    Refusal::mismatch("recv", why)
}

/// Makes a frame of a message, in a buffer for it.
pub(crate) fn framed<'a>(
    message: &[u8],
    into: &'a mut [u8; PipeWriter::ATOMIC],
) -> Result<&'a [u8]> {
    let prefix =
        u16::try_from(message.len()).ok().filter(|_| message.len() <= MessageWriter::MAX_LEN);
    let Some(prefix) = prefix else {
        let (len, most) = (message.len(), MessageWriter::MAX_LEN);
        let why = format_args!("a message of {len} bytes, at most {most}");
        return Err(Refusal::os("write", Errno::EMSGSIZE).because(why).on("a pipe"));
    };
    let frame = &mut into[..PREFIX + message.len()];
    frame[..PREFIX].copy_from_slice(&prefix.to_le_bytes());
    frame[PREFIX..].copy_from_slice(message);
    Ok(frame)
}

/// The bytes before each message.
const PREFIX: usize = 2;

impl MessageWriter {
    /// The maximum number of bytes in a message: with its length, it fits into one atomic write.
    pub const MAX_LEN: usize = PipeWriter::ATOMIC - PREFIX;

    /// Sends messages through this pipe or FIFO.
    #[must_use]
    pub fn new(writer: PipeWriter) -> Self {
        Self(writer)
    }

    /// Sends a message, and waits for space without limit.
    ///
    /// # Errors
    ///
    /// [`is_too_long`](Error::is_too_long) if the message is longer than
    /// [`MAX_LEN`](Self::MAX_LEN); [`is_closed`](Error::is_closed)
    /// if no process reads.
    pub fn send(&self, message: &[u8]) -> Result<()> {
        self.send_wait(message, Wait::Forever).map(drop)
    }

    /// Sends a message if the pipe has space for all of it; otherwise returns `false`.
    ///
    /// # Errors
    ///
    /// Those of [`send`](Self::send).
    pub fn try_send(&self, message: &[u8]) -> Result<bool> {
        self.send_wait(message, Wait::No)
    }

    /// Sends a message, and waits for space for at most `timeout`; `false` if the time ran out
    /// first.
    ///
    /// # Errors
    ///
    /// Those of [`send`](Self::send).
    pub fn send_timeout(&self, message: &[u8], timeout: Duration) -> Result<bool> {
        self.send_wait(message, Wait::timeout(timeout))
    }

    /// Sends a message, and waits for space until `deadline`; `false` if the time ran out first.
    ///
    /// # Errors
    ///
    /// Those of [`send`](Self::send).
    pub fn send_deadline(&self, message: &[u8], deadline: Instant) -> Result<bool> {
        self.send_wait(message, Wait::deadline(deadline))
    }

    fn send_wait(&self, message: &[u8], wait: Wait) -> Result<bool> {
        let mut frame = [0; PipeWriter::ATOMIC];
        let frame = framed(message, &mut frame)?;
        // All or nothing, as it is no longer than what is written together.
        Ok(self.0.send_wait(frame, wait)?.is_some())
    }

    /// Returns the pipe.
    #[must_use]
    pub fn into_inner(self) -> PipeWriter {
        self.0
    }
}

impl MessageReader {
    /// Receives messages through this pipe or FIFO.
    #[must_use]
    pub fn new(reader: PipeReader) -> Self {
        Self { reader, frame: Frame::default() }
    }

    /// Receives a message, and waits for one without limit; `None` is the end.
    ///
    /// # Errors
    ///
    /// [`is_mismatch`](Error::is_mismatch) if the end comes in the middle of a message, or a length
    /// is too large: the writer is not a [`MessageWriter`].
    pub fn recv(&mut self) -> Result<Option<&[u8]>> {
        self.recv_wait(Wait::Forever).map(Option::flatten)
    }

    /// Receives a message if one has arrived, and does not wait; otherwise returns `None`.
    /// `Some(None)` is the end.
    ///
    /// # Errors
    ///
    /// Those of [`recv`](Self::recv).
    pub fn try_recv(&mut self) -> Result<Option<Option<&[u8]>>> {
        self.recv_wait(Wait::No)
    }

    /// Receives a message, and waits for at most `timeout`; `None` if the time ran out first,
    /// `Some(None)` is the end.
    ///
    /// # Errors
    ///
    /// Those of [`recv`](Self::recv).
    pub fn recv_timeout(&mut self, timeout: Duration) -> Result<Option<Option<&[u8]>>> {
        self.recv_wait(Wait::timeout(timeout))
    }

    /// Receives a message, and waits until `deadline`; `None` if the time ran out first,
    /// `Some(None)` is the end.
    ///
    /// # Errors
    ///
    /// Those of [`recv`](Self::recv).
    pub fn recv_deadline(&mut self, deadline: Instant) -> Result<Option<Option<&[u8]>>> {
        self.recv_wait(Wait::deadline(deadline))
    }

    fn recv_wait(&mut self, wait: Wait) -> Result<Option<Option<&[u8]>>> {
        self.frame.begin();
        let mut chunk = [0; PipeWriter::ATOMIC];
        loop {
            match self.frame.missing().map_err(|err| err.on(self.reader.label()))? {
                0 => return Ok(Some(Some(self.frame.message()))),
                missing => {
                    let read = self.reader.recv_wait(&mut chunk[..missing], wait)?;
                    let Some(len) = read else { return Ok(None) };
                    if self.frame.add(&chunk[..len]).map_err(|err| err.on(self.reader.label()))? {
                        return Ok(Some(None));
                    }
                }
            }
        }
    }

    /// Returns the pipe.
    #[must_use]
    pub fn into_inner(self) -> PipeReader {
        self.reader
    }
}

impl AsFd for MessageWriter {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

impl AsFd for MessageReader {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.reader.as_fd()
    }
}
