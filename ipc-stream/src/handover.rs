//! Handing memory to another process.

use std::os::fd::{AsFd, OwnedFd};
use std::time::Duration;

use ipc_core::{Error, Result};

use crate::kind::Kind;
use crate::{Message, Received, Socket};

/// The bytes that a descriptor of memory travels with, which say that it is one.
const MARK: &[u8; 8] = b"ipc-mem\x01";

/// Returns the message that hands over memory.
pub(crate) fn message(memory: &impl AsFd) -> Message<'_> {
    Message::new(MARK).descriptor(memory)
}

/// A place for the bytes that memory travels with.
pub(crate) fn room() -> [u8; MARK.len()] {
    [0; MARK.len()]
}

/// Handing over memory.
///
/// Anything with a descriptor can be handed over: anonymous memory, an array in it, a file. The
/// receiver chooses the type that opens the descriptor, and that type checks its kind, content,
/// size and seals before any byte is used.
impl<K: Kind> Socket<K> {
    /// Sends memory to the peer, which receives its own handle. Waits for space without limit.
    ///
    /// Check the peer first, with [`check`](Self::check).
    ///
    /// # Errors
    ///
    /// Those of [`send_message`](Self::send_message).
    ///
    /// # Examples
    ///
    /// ```
    /// use std::os::fd::OwnedFd;
    ///
    /// use ipc_stream::{LocalStream, Policy};
    ///
    /// let (here, there) = LocalStream::pair()?;
    /// let file = std::fs::File::open("/dev/zero")?; // usually sealed memory
    /// here.check(&Policy::same_user())?;
    /// here.send_memory(&file)?;
    ///
    /// let memory: Option<OwnedFd> = there.recv_memory()?; // usually in another process
    /// assert!(memory.is_some());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn send_memory(&self, memory: &impl AsFd) -> Result<()> {
        self.send_message(&message(memory))
    }

    /// Receives memory, and opens it with the default checks of its type; `None` is the end of the
    /// connection.
    ///
    /// # Errors
    ///
    /// [`is_mismatch`](Error::is_mismatch) if the message is not one descriptor from
    /// [`send_memory`](Self::send_memory); otherwise the errors of opening it. The descriptor is
    /// closed then.
    pub fn recv_memory<M>(&self) -> Result<Option<M>>
    where
        M: TryFrom<OwnedFd, Error: Into<Error>>,
    {
        self.recv_memory_with(|fd| M::try_from(fd).map_err(Into::into))
    }

    /// Receives memory, and opens it with a function that checks it; `None` is the end.
    ///
    /// # Errors
    ///
    /// Those of [`recv_memory`](Self::recv_memory).
    pub fn recv_memory_with<M>(
        &self,
        open: impl FnOnce(OwnedFd) -> Result<M>,
    ) -> Result<Option<M>> {
        let mut mark = room();
        let received = self.recv_message(&mut mark, 1)?;
        self.opened(&mark, received, open)
    }

    /// Receives memory, and waits for at most `timeout`; `None` if the time ran out first,
    /// `Some(None)` is the end.
    ///
    /// # Errors
    ///
    /// Those of [`recv_memory`](Self::recv_memory).
    pub fn recv_memory_timeout<M>(
        &self,
        timeout: Duration,
        open: impl FnOnce(OwnedFd) -> Result<M>,
    ) -> Result<Option<Option<M>>> {
        let mut mark = room();
        let received = self.recv_message_timeout(&mut mark, 1, timeout)?;
        received.map(|received| self.opened(&mark, received, open)).transpose()
    }

    /// Opens what came, if it was sent to be opened.
    pub(crate) fn opened<M>(
        &self,
        mark: &[u8],
        received: Received,
        open: impl FnOnce(OwnedFd) -> Result<M>,
    ) -> Result<Option<M>> {
        let (len, mut descriptors) = (received.len(), received.into_descriptors());
        match (descriptors.pop(), mark == MARK) {
            (Some(fd), true) => open(fd).map(Some),
            (None, _) if len == 0 && K::ENDS => Ok(None),
            (found, _) => {
                let found = if found.is_some() {
                    "a descriptor of something else"
                } else {
                    "no descriptor"
                };
                let why = format_args!("found {found}, wanted memory from send_memory");
                Err(Error::mismatch("recvmsg", self.label(), why))
            }
        }
    }
}
