//! The owner of a mailbox.

use std::fmt;
use std::sync::atomic::AtomicU32;
use std::time::{Duration, Instant};

use ipc_core::owner::replace;
use ipc_core::{Deadline, Error, Name, Result, crash_point};
use ipc_mem::{Fresh, Memory, Object, OpenOptions, Plain, ReadWrite, SharedMemory};

use super::{Letters, MailboxOptions, Message};
use crate::Statistics;
use crate::calls::{self, Calls, Port};
use crate::doors::{self, Handle};
use crate::spsc::{CLOSED, claim};
use crate::wait::{self, Sealed};

/// A mailbox, in the process that owns it.
///
/// All threads of the process may use one handle at the same time.
///
/// # Examples
///
/// ```
/// use ipc_ring::mailbox::{Mailbox, Sender};
///
/// # let name = format!("/mailbox-{}", std::process::id());
/// let inbox = Mailbox::<u64>::open_or_create(&name, 256)?;
/// assert!(Mailbox::<u64>::open(&name).unwrap_err().is_busy());
///
/// let sender = Sender::<u64>::open(&name)?; // in each process that sends
/// sender.send(&7)?;
/// let mut receipt = sender.send_with_receipt(&8)?;
/// assert_eq!(*inbox.recv()?, 7);
/// assert!(!receipt.is_read()?);
/// assert_eq!(*inbox.recv()?, 8);
/// assert!(receipt.is_read()?);
/// # Ok::<(), ipc_core::Error>(())
/// ```
pub struct Mailbox<T: Plain, M: Memory = SharedMemory> {
    pub(super) port: Port<Letters<T>, M>,
}

impl<T: Plain> Mailbox<T> {
    /// Creates a mailbox under a new name, and owns it.
    ///
    /// # Errors
    ///
    /// Those of [`SharedMemory::create`]; [`is_invalid_argument`](Error::is_invalid_argument) if
    /// the capacity is out of range.
    pub fn create(
        name: impl TryInto<Name, Error: Into<Error>>,
        options: impl Into<MailboxOptions>,
    ) -> Result<Self> {
        doors::create(name, options.into())
    }

    /// Opens a mailbox by name, and owns it.
    ///
    /// # Errors
    ///
    /// Those of [`SharedMemory::open`]; [`is_mismatch`](Error::is_mismatch) if it is not a mailbox
    /// of messages of `T`: the error says what was found; [`is_busy`](Error::is_busy) if it has an
    /// owner already, in this process or another one.
    pub fn open(name: impl TryInto<Name, Error: Into<Error>>) -> Result<Self> {
        Self::open_with(name, OpenOptions::new())
    }

    /// Opens a mailbox by name, with options such as which owners of the object to trust.
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

    /// Opens a mailbox by name, or creates it, and owns it.
    ///
    /// # Errors
    ///
    /// Those of [`open`](Self::open) and [`create`](Self::create);
    /// [`is_mismatch`](Error::is_mismatch) if an existing mailbox has another capacity.
    pub fn open_or_create(
        name: impl TryInto<Name, Error: Into<Error>>,
        options: impl Into<MailboxOptions>,
    ) -> Result<Self> {
        doors::open_or_create(name, options.into())
    }

    /// Unlinks the name of a mailbox. Open handles stay valid. Unlinking a name that does not exist
    /// is not an error.
    ///
    /// # Errors
    ///
    /// Those of [`SharedMemory::unlink`].
    pub fn unlink(name: impl TryInto<Name, Error: Into<Error>>) -> Result<()> {
        SharedMemory::unlink(name)
    }
}

impl<T: Plain, M: Memory<Access = ReadWrite>> Mailbox<T, M> {
    /// Creates a mailbox in a fresh memory object, and owns it.
    ///
    /// # Errors
    ///
    /// [`is_invalid_argument`](Error::is_invalid_argument) if the capacity is out of range, or the
    /// memory object is too small or not aligned; [`is_mismatch`](Error::is_mismatch) if it was
    /// created with a [tag](ipc_mem::Tag) other than `MAILBOX` or `BARE`. Choose the first of
    /// these, so that other handles can be opened with `open_in`: with `BARE`, the default, this
    /// call succeeds, but every later `open_in` fails.
    pub fn create_in(memory: Fresh<M>, options: impl Into<MailboxOptions>) -> Result<Self> {
        doors::create_in(memory, options.into())
    }

    /// Opens the mailbox in a memory object, and owns it.
    ///
    /// # Errors
    ///
    /// [`is_mismatch`](Error::is_mismatch) if it is not a mailbox of messages of `T`;
    /// [`is_busy`](Error::is_busy) if it has an owner already.
    pub fn open_in(memory: M) -> Result<Self> {
        doors::open_in(memory)
    }
}

impl<T: Plain, M: Memory> Handle<M> for Mailbox<T, M> {
    type Contents = calls::CallsOf<Letters<T>>;

    fn attach(calls: Object<Calls<Letters<T>>, M>) -> Result<Self> {
        let claimed = claim(&calls.control().owner, "mailbox");
        claimed.map_err(|refusal| refusal.on(calls.memory().label()))?;
        let this = Self { port: Port::new(calls, None)? };
        crash_point("mailbox: it is owned");
        // Messages that a dead owner was reading become ready again.
        this.port.sweep_all();
        Ok(this)
    }
}

impl<T: Plain, M: Memory> Mailbox<T, M> {
    /// Takes the next message. Waits while the mailbox is empty.
    ///
    /// # Errors
    ///
    /// [`is_invalid_argument`](Error::is_invalid_argument) in a forked child, whose parent owns the
    /// mailbox.
    pub fn recv(&self) -> Result<Message<'_, T, M>> {
        loop {
            // The deadline never comes.
            if let Some(message) = self.recv_until(|| Deadline::NEVER)? {
                return Ok(message);
            }
        }
    }

    /// Takes the next message; returns `None` if the mailbox is empty.
    ///
    /// # Errors
    ///
    /// Those of [`recv`](Self::recv).
    pub fn try_recv(&self) -> Result<Option<Message<'_, T, M>>> {
        self.port.check("recv")?;
        Ok(self.port.calls.take(self.port.me).map(|place| Message::new(self, place)))
    }

    /// Takes the next message, and waits for it for at most `timeout`. Returns `None` if no message
    /// came in time.
    ///
    /// # Errors
    ///
    /// Those of [`recv`](Self::recv).
    pub fn recv_timeout(&self, timeout: Duration) -> Result<Option<Message<'_, T, M>>> {
        self.recv_until(|| Deadline::after(timeout))
    }

    /// Takes the next message, and waits for it until `deadline`. Returns `None` if no message came
    /// in time.
    ///
    /// # Errors
    ///
    /// Those of [`recv`](Self::recv).
    pub fn recv_deadline(&self, deadline: Instant) -> Result<Option<Message<'_, T, M>>> {
        self.recv_until(|| Deadline::at(deadline))
    }

    fn recv_until(&self, deadline: impl FnOnce() -> Deadline) -> Result<Option<Message<'_, T, M>>> {
        Ok(self.port.take_until(deadline)?.map(|place| Message::new(self, place)))
    }

    /// Counts the messages that wait for the owner, and those that senders are writing. The number
    /// is exact if no process uses the mailbox meanwhile.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.port.calls.depth(calls::STATES)[0]
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

impl<T: Plain, M: Memory> Drop for Mailbox<T, M> {
    fn drop(&mut self) {
        if self.port.is_ours() {
            replace(&self.port.calls.control().owner, self.port.me, CLOSED);
        }
    }
}

impl<T: Plain, M: Memory> Sealed for Mailbox<T, M> {
    fn announce(&self) -> (&AtomicU32, u32) {
        wait::on(&self.port.calls.control().ready)
    }

    fn is_ready(&self, proves: bool) -> bool {
        self.port.is_ready(proves)
    }
}

impl<T: Plain, M: Memory> fmt::Debug for Mailbox<T, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mailbox")
            .field("memory", &self.memory().label())
            .field("waiting", &self.waiting())
            .finish_non_exhaustive()
    }
}
