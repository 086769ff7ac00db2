//! Pipes for tasks.

use std::fmt;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};

use ::tokio::io::Interest;
use ::tokio::io::unix::AsyncFd;
use ipc_core::Result;

use super::{on_a_thread, register, until_ready};
use crate::framed::{Frame, framed};
use crate::wait::Block;
use crate::{Fifo, Reading, Writing};

/// One end of a pipe for tasks: [`PipeEnd`](crate::PipeEnd).
pub struct PipeEnd<D>(AsyncFd<crate::PipeEnd<D>>);

/// The end of a pipe that is read from.
pub type PipeReader = PipeEnd<Reading>;

/// The end of a pipe that is written to.
pub type PipeWriter = PipeEnd<Writing>;

impl<D> PipeEnd<D> {
    /// Returns the end, for methods that do not wait.
    #[must_use]
    pub fn end(&self) -> &crate::PipeEnd<D> {
        self.0.get_ref()
    }

    /// Returns the end without the runtime.
    #[must_use]
    pub fn into_inner(self) -> crate::PipeEnd<D> {
        self.0.into_inner()
    }
}

impl PipeEnd<Reading> {
    /// Registers the read end of a pipe or FIFO with the runtime.
    ///
    /// # Errors
    ///
    /// [`is_invalid_argument`](ipc_core::Error::is_invalid_argument) outside of a runtime; any
    /// error of the system.
    ///
    /// # Panics
    ///
    /// If the runtime has no I/O driver enabled.
    pub fn new(reader: crate::PipeReader) -> Result<Self> {
        register(reader, Interest::READABLE).map(Self)
    }

    /// Receives bytes, and returns how many: [`recv`](crate::PipeReader::recv).
    ///
    /// # Errors
    ///
    /// Those of [`recv`](crate::PipeReader::recv).
    pub async fn recv(&self, into: &mut [u8]) -> Result<usize> {
        let attempt = |reader: &crate::PipeReader| reader.recv_once(into, Block::No);
        let got = until_ready(&self.0, Interest::READABLE, attempt).await;
        got.map_err(|errno| self.end().failed("read", errno))
    }
}

impl PipeEnd<Writing> {
    /// Registers the write end of a pipe or FIFO with the runtime.
    ///
    /// # Errors
    ///
    /// Those of [`PipeReader::new`](PipeEnd::<Reading>::new).
    ///
    /// # Panics
    ///
    /// If the runtime has no I/O driver enabled.
    pub fn new(writer: crate::PipeWriter) -> Result<Self> {
        register(writer, Interest::WRITABLE).map(Self)
    }

    /// Opens the write end of a FIFO, and waits for a reader: [`Fifo::writer`].
    ///
    /// If there is no reader, a blocking thread of the runtime tries again after pauses of 0.1 to
    /// 10 ms, because Linux cannot notify it of a reader. If the future is dropped meanwhile, the
    /// reader may see a writer that ends at once.
    ///
    /// # Errors
    ///
    /// Those of [`Fifo::writer`] and [`new`](Self::new).
    pub async fn open(fifo: &Fifo) -> Result<Self> {
        if let Some(writer) = fifo.try_writer()? {
            return Self::new(writer);
        }
        let fifo = fifo.duplicate()?;
        Self::new(on_a_thread(move || fifo.try_writer()).await?)
    }

    /// Sends bytes, perhaps only a first part, and returns how many:
    /// [`send`](crate::PipeWriter::send).
    ///
    /// # Errors
    ///
    /// Those of [`send`](crate::PipeWriter::send).
    pub async fn send(&self, bytes: &[u8]) -> Result<usize> {
        let attempt = |writer: &crate::PipeWriter| writer.send_once(bytes, Block::No);
        let sent = until_ready(&self.0, Interest::WRITABLE, attempt).await;
        sent.map_err(|errno| self.end().failed("write", errno))
    }
}

impl<D> AsFd for PipeEnd<D> {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.end().as_fd()
    }
}

impl<D> AsRawFd for PipeEnd<D> {
    fn as_raw_fd(&self) -> RawFd {
        self.end().as_raw_fd()
    }
}

impl<D> fmt::Debug for PipeEnd<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.end().fmt(f)
    }
}

/// Sends messages with boundaries through a pipe: [`MessageWriter`](crate::MessageWriter).
#[derive(Debug)]
pub struct MessageWriter(PipeWriter);

impl MessageWriter {
    /// Sends messages through this pipe or FIFO.
    #[must_use]
    pub fn new(writer: PipeWriter) -> Self {
        Self(writer)
    }

    /// Sends a message: [`send`](crate::MessageWriter::send).
    ///
    /// # Errors
    ///
    /// Those of [`send`](crate::MessageWriter::send).
    pub async fn send(&self, message: &[u8]) -> Result<()> {
        let mut frame = [0; crate::PipeWriter::ATOMIC];
        // All or nothing, as it is no longer than what is written together.
        self.0.send(framed(message, &mut frame)?).await.map(drop)
    }
}

/// Receives messages with boundaries through a pipe: [`MessageReader`](crate::MessageReader).
#[derive(Debug)]
pub struct MessageReader {
    reader: PipeReader,
    frame: Frame,
}

impl MessageReader {
    /// Receives messages through this pipe or FIFO.
    #[must_use]
    pub fn new(reader: PipeReader) -> Self {
        Self { reader, frame: Frame::default() }
    }

    /// Receives a message; `None` is the end: [`recv`](crate::MessageReader::recv).
    ///
    /// # Errors
    ///
    /// Those of [`recv`](crate::MessageReader::recv).
    pub async fn recv(&mut self) -> Result<Option<&[u8]>> {
        self.frame.begin();
        let mut chunk = [0; crate::PipeWriter::ATOMIC];
        loop {
            match self.frame.missing().map_err(|err| err.on(self.reader.end().label()))? {
                0 => return Ok(Some(self.frame.message())),
                missing => {
                    let len = self.reader.recv(&mut chunk[..missing]).await?;
                    if self
                        .frame
                        .add(&chunk[..len])
                        .map_err(|err| err.on(self.reader.end().label()))?
                    {
                        return Ok(None);
                    }
                }
            }
        }
    }
}
