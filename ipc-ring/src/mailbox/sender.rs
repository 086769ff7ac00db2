//! A sender to a mailbox.

use std::fmt;
use std::time::{Duration, Instant};

use ipc_core::owner::NOBODY;
use ipc_core::{Deadline, Error, Name, Result};
use ipc_mem::{Memory, Object, OpenOptions, Plain, ReadWrite, SharedMemory};

use super::{Letters, MailboxOptions, Receipt};
use crate::Statistics;
use crate::calls::{self, Calls, Port};
use crate::doors::{self, Handle};
use crate::spsc::{Peer, peer};

/// A sender to a mailbox.
///
/// Several senders may be open, in one process or in several. All threads of a process may
/// use one sender at the same time.
///
/// # Examples
///
/// ```
/// use ipc_ring::mailbox::{Mailbox, Sender};
/// use ipc_ring::spsc::Peer;
///
/// # let name = format!("/letters-{}", std::process::id());
/// let sender = Sender::<u64>::open_or_create(&name, 256)?;
/// sender.send(&7)?; // before there is an owner
/// assert_eq!(sender.owner(), Peer::Absent);
///
/// let inbox = Mailbox::<u64>::open(&name)?; // usually in another process
/// assert_eq!(sender.owner(), Peer::Open);
/// assert_eq!(*inbox.recv()?, 7);
/// # Ok::<(), ipc_core::Error>(())
/// ```
pub struct Sender<T: Plain, M: Memory = SharedMemory> {
    pub(super) port: Port<Letters<T>, M>,
}

impl<T: Plain> Sender<T> {
    /// Opens a sender to a mailbox by name.
    ///
    /// # Errors
    ///
    /// Those of [`SharedMemory::open`]; [`is_mismatch`](Error::is_mismatch) if it is not a mailbox
    /// of messages of `T`: the error says what was found.
    pub fn open(name: impl TryInto<Name, Error: Into<Error>>) -> Result<Self> {
        Self::open_with(name, OpenOptions::new())
    }

    /// Opens a sender to a mailbox by name, with options such as which owners of the memory object
    /// to trust.
    ///
    /// # Errors
    ///
    /// Those of [`open`](Self::open).
    pub fn open_with(
        name: impl TryInto<Name, Error: Into<Error>>,
        options: OpenOptions,
    ) -> Result<Self> {
        doors::open(name, options)
    }

    /// Opens a sender to a mailbox by name, or creates the mailbox, without an owner.
    ///
    /// # Errors
    ///
    /// Those of [`open`](Self::open) and [`Mailbox::create`](super::Mailbox::create);
    /// [`is_mismatch`](Error::is_mismatch) if an existing mailbox has another capacity.
    pub fn open_or_create(
        name: impl TryInto<Name, Error: Into<Error>>,
        options: impl Into<MailboxOptions>,
    ) -> Result<Self> {
        doors::open_or_create(name, options.into())
    }
}

impl<T: Plain, M: Memory<Access = ReadWrite>> Sender<T, M> {
    /// Opens a sender to the mailbox in a memory object.
    ///
    /// # Errors
    ///
    /// [`is_mismatch`](Error::is_mismatch) if it is not a mailbox of messages of `T`.
    pub fn open_in(memory: M) -> Result<Self> {
        doors::open_in(memory)
    }
}

impl<T: Plain, M: Memory> Handle<M> for Sender<T, M> {
    type Contents = calls::CallsOf<Letters<T>>;

    fn attach(calls: Object<Calls<Letters<T>>, M>) -> Result<Self> {
        Ok(Self { port: Port::new(calls, None)? })
    }
}

impl<T: Plain, M: Memory> Sender<T, M> {
    /// Sends a message: it returns when the message is in the mailbox. Waits while the mailbox is
    /// full, even if it has no owner.
    ///
    /// # Errors
    ///
    /// [`is_invalid_argument`](Error::is_invalid_argument) in a forked child, which must open a
    /// sender itself.
    pub fn send(&self, message: &T) -> Result<()> {
        // The deadline never comes.
        while !self.send_until(message, Some(|| Deadline::NEVER))? {}
        Ok(())
    }

    /// Sends a message if the mailbox is not full; returns `false` otherwise.
    ///
    /// # Errors
    ///
    /// Those of [`send`](Self::send).
    pub fn try_send(&self, message: &T) -> Result<bool> {
        self.send_until(message, None::<fn() -> Deadline>)
    }

    /// Sends a message, and waits for at most `timeout` while the mailbox is full. Returns `false`
    /// if it stayed full.
    ///
    /// # Errors
    ///
    /// Those of [`send`](Self::send).
    pub fn send_timeout(&self, message: &T, timeout: Duration) -> Result<bool> {
        self.send_until(message, Some(|| Deadline::after(timeout)))
    }

    /// Sends a message, and waits until `deadline` while the mailbox is full. Returns `false` if it
    /// stayed full.
    ///
    /// # Errors
    ///
    /// Those of [`send`](Self::send).
    pub fn send_deadline(&self, message: &T, deadline: Instant) -> Result<bool> {
        self.send_until(message, Some(|| Deadline::at(deadline)))
    }

    fn send_until(&self, message: &T, deadline: Option<impl FnOnce() -> Deadline>) -> Result<bool> {
        self.port.check("send")?;
        Ok(self.port.submit_until(NOBODY, message, deadline).is_some())
    }

    /// Sends a message as [`send`](Self::send) does, and returns a receipt, which reports that the
    /// owner has read the message.
    ///
    /// The message keeps its place in the mailbox until it has been read, and then until the
    /// receipt has reported this, or is dropped.
    ///
    /// # Errors
    ///
    /// Those of [`send`](Self::send).
    pub fn send_with_receipt(&self, message: &T) -> Result<Receipt<'_, T, M>> {
        self.port.check("send")?;
        loop {
            // The deadline never comes.
            let place = self.port.submit_until(self.port.me, message, Some(|| Deadline::NEVER));
            if let Some(place) = place {
                return Ok(Receipt::new(self, place));
            }
        }
    }

    /// Returns the state of the owner.
    #[must_use]
    pub fn owner(&self) -> Peer {
        peer(&self.port.calls.control().owner, true)
    }

    /// The maximum number of messages.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.port.capacity()
    }

    /// Returns how many messages were sent and received, and how often threads slept.
    #[must_use]
    pub fn statistics(&self) -> Statistics {
        self.port.calls.statistics()
    }

    /// The memory object that contains the mailbox.
    #[must_use]
    pub fn memory(&self) -> &M {
        self.port.calls.memory()
    }
}

impl<T: Plain, M: Memory> fmt::Debug for Sender<T, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sender")
            .field("mailbox", &self.memory().label())
            .field("owner", &self.owner())
            .finish_non_exhaustive()
    }
}
