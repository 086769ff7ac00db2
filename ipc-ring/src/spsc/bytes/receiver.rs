//! The receiver of a ring of bytes.

use std::fmt;
use std::sync::atomic::AtomicU32;
use std::time::{Duration, Instant};

use ipc_core::{Deadline, Error, Name, Result, crash_point};
use ipc_mem::{Fresh, Memory, Object, OpenOptions, ReadWrite, SharedMemory};

use super::{ByteRing, Message, REST, Unit, max_len, units};
use crate::Statistics;
use crate::doors::{self, Handle};
use crate::spsc::ends::ReceiveEnd;
use crate::spsc::ring::RingOf;
use crate::spsc::{Peer, RingOptions};
use crate::wait::Sealed;

/// The end of a ring that receives bytes.
///
/// One process has it open at a time. [`recv`](Self::recv) copies a message into a vector of the
/// caller, which can be passed again for the next message. [`peek`](Self::peek) reads the message
/// in place.
///
/// # Examples
///
/// ```
/// use ipc_ring::spsc::bytes::{Receiver, Sender};
///
/// # let name = format!("/events-{}", std::process::id());
/// let mut events = Receiver::create(&name, 65_536)?;
/// Sender::open(&name)?.send(b"door 7")?; // usually in another process, which then closes it
///
/// while let Some(event) = events.peek()? {
///     let mut number = [0];
///     event.read(5, &mut number)?;
///     assert_eq!(&number, b"7");
///     event.release();
/// }
/// # Sender::unlink(&name)?;
/// # Ok::<(), ipc_core::Error>(())
/// ```
pub struct Receiver<M: Memory = SharedMemory>(ReceiveEnd<Unit, true, M>);

impl Receiver {
    /// Creates a ring under a new name, and opens its receiver.
    ///
    /// # Errors
    ///
    /// Those of [`SharedMemory::create`]; [`is_invalid_argument`](Error::is_invalid_argument) if the
    /// capacity is zero or too large.
    pub fn create(
        name: impl TryInto<Name, Error: Into<Error>>,
        options: impl Into<RingOptions>,
    ) -> Result<Self> {
        doors::create(name, options.into())
    }

    /// Opens the receiver of a ring by name.
    ///
    /// # Errors
    ///
    /// Those of [`SharedMemory::open`]; [`is_mismatch`](Error::is_mismatch) if it is not a ring of
    /// bytes: the error says what was found; [`is_busy`](Error::is_busy) if a process that is alive
    /// has the receiver open.
    pub fn open(name: impl TryInto<Name, Error: Into<Error>>) -> Result<Self> {
        Self::open_with(name, OpenOptions::new())
    }

    /// Opens the receiver of a ring by name, with options such as which owners to trust.
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

    /// Opens the receiver of a ring by name, or creates the ring.
    ///
    /// # Errors
    ///
    /// Those of [`open`](Self::open) and [`create`](Self::create);
    /// [`is_mismatch`](Error::is_mismatch) if an existing ring has another capacity.
    pub fn open_or_create(
        name: impl TryInto<Name, Error: Into<Error>>,
        options: impl Into<RingOptions>,
    ) -> Result<Self> {
        doors::open_or_create(name, options.into())
    }

    /// Unlinks the name of a ring. Open ends stay valid. Unlinking a name that does not exist is
    /// not an error.
    ///
    /// # Errors
    ///
    /// Those of [`SharedMemory::unlink`].
    pub fn unlink(name: impl TryInto<Name, Error: Into<Error>>) -> Result<()> {
        SharedMemory::unlink(name)
    }
}

impl<M: Memory<Access = ReadWrite>> Receiver<M> {
    /// Creates a ring in a fresh memory object, and opens its receiver.
    ///
    /// # Errors
    ///
    /// [`is_invalid_argument`](Error::is_invalid_argument) if the memory object is too small or not
    /// aligned; [`is_mismatch`](Error::is_mismatch) if it was created with a [tag](ipc_mem::Tag)
    /// other than `RING` or `BARE`. Choose the first of these, so that other handles can be opened
    /// with `open_in`: with `BARE`, the default, this call succeeds, but every later `open_in`
    /// fails.
    pub fn create_in(memory: Fresh<M>, options: impl Into<RingOptions>) -> Result<Self> {
        doors::create_in(memory, options.into())
    }

    /// Opens the receiver of the ring in a memory object.
    ///
    /// # Errors
    ///
    /// [`is_mismatch`](Error::is_mismatch) if it is not a ring of bytes;
    /// [`is_busy`](Error::is_busy) if a process that is alive has the receiver open.
    pub fn open_in(memory: M) -> Result<Self> {
        doors::open_in(memory)
    }
}

impl<M: Memory> Handle<M> for Receiver<M> {
    type Contents = RingOf<Unit, true>;

    fn attach(ring: Object<ByteRing, M>) -> Result<Self> {
        ReceiveEnd::open(ring).map(Self)
    }
}

impl<M: Memory> Receiver<M> {
    /// Receives a message into `message`, whose content it replaces, and waits for as long as the
    /// ring is empty. Returns `false` if the ring is empty and the sender is closed or its process
    /// is dead.
    ///
    /// # Errors
    ///
    /// [`is_invalid_argument`](Error::is_invalid_argument) in a forked child;
    /// [`is_mismatch`](Error::is_mismatch) if another process damaged the ring.
    pub fn recv(&self, message: &mut Vec<u8>) -> Result<bool> {
        match self.find(|| Deadline::NEVER) {
            Err(err) if err.is_closed() => Ok(false),
            found => self.take(found?, message),
        }
    }

    /// Receives a message if there is one; returns `false` otherwise.
    ///
    /// # Errors
    ///
    /// Those of [`recv`](Self::recv); [`is_closed`](Error::is_closed) if the ring is empty and the
    /// sender is closed. This call does not check whether the sender is dead, because that takes
    /// system calls: [`recv_timeout`](Self::recv_timeout) does, also with a timeout of zero.
    pub fn try_recv(&self, message: &mut Vec<u8>) -> Result<bool> {
        self.take(self.try_find()?, message)
    }

    /// Receives a message, and waits for at most `timeout` while the ring is empty. Returns `false`
    /// if it stayed empty.
    ///
    /// # Errors
    ///
    /// Those of [`recv`](Self::recv); [`is_closed`](Error::is_closed) if the ring is empty and the
    /// sender is closed or its process is dead.
    pub fn recv_timeout(&self, message: &mut Vec<u8>, timeout: Duration) -> Result<bool> {
        self.take(self.find(|| Deadline::after(timeout))?, message)
    }

    /// Receives a message, and waits until `deadline` while the ring is empty. Returns `false` if
    /// it stayed empty.
    ///
    /// # Errors
    ///
    /// Those of [`recv_timeout`](Self::recv_timeout).
    pub fn recv_deadline(&self, message: &mut Vec<u8>, deadline: Instant) -> Result<bool> {
        self.take(self.find(|| Deadline::at(deadline))?, message)
    }

    fn take(&self, found: Option<Message<'_, M>>, into: &mut Vec<u8>) -> Result<bool> {
        let Some(message) = found else { return Ok(false) };
        message.copy_to(into)?;
        crash_point("ring: a message is copied");
        message.release();
        Ok(true)
    }

    /// Returns the next message, which stays in the ring until its [`release`](Message::release), and
    /// waits while the ring is empty. Returns `None` if the ring is empty and the sender is gone.
    ///
    /// # Errors
    ///
    /// Those of [`recv`](Self::recv).
    pub fn peek(&mut self) -> Result<Option<Message<'_, M>>> {
        match self.find(|| Deadline::NEVER) {
            Err(err) if err.is_closed() => Ok(None),
            found => found,
        }
    }

    /// Returns the next message, which stays in the ring until its [`release`](Message::release);
    /// `None` if the ring is empty.
    ///
    /// # Errors
    ///
    /// Those of [`try_recv`](Self::try_recv).
    pub fn try_peek(&mut self) -> Result<Option<Message<'_, M>>> {
        self.try_find()
    }

    fn try_find(&self) -> Result<Option<Message<'_, M>>> {
        match self.0.available_or_gone(false)? {
            0 => Ok(None),
            available => self.first(available).map(Some),
        }
    }

    fn find(&self, deadline: impl FnOnce() -> Deadline) -> Result<Option<Message<'_, M>>> {
        let available = match self.0.available()? {
            0 => self.0.wait(deadline())?,
            available => Some(available),
        };
        available.map(|available| self.first(available)).transpose()
    }

    /// The message that begins with the next unit, of which `available` are there. They may hold
    /// anything.
    fn first(&self, available: u64) -> Result<Message<'_, M>> {
        let (ring, mut available) = (self.0.ring(), available);
        // At most twice: the first unit of a ring has no rest before it.
        for _ in 0..2 {
            let next = self.0.next();
            let left = ring.capacity() - (next & (ring.capacity() - 1));
            let head = ring.read_one(next);
            let len = u32::from_ne_bytes([head[0], head[1], head[2], head[3]]);
            if len == REST && left < available {
                self.0.skip(left);
                available -= left;
                continue;
            }
            let len = len as usize;
            if len <= max_len(ring) && units(len) <= available.min(left) {
                return Ok(Message::new(&self.0, len));
            }
            break;
        }
        let why = "found a message that does not fit into the ring: another process damaged it";
        Err(Error::mismatch("recv", ring.memory().label(), why))
    }

    /// Waits until a process opens the sender. Use this method to continue with the next sender
    /// after one was closed or killed.
    ///
    /// Returns at once if the sender is open, and also if the ring has a message, because a sender
    /// may have been opened, sent it, and been closed before this call.
    pub fn wait_for_sender(&self) {
        self.0.wait_for_sender(Deadline::NEVER);
    }

    /// Waits like [`wait_for_sender`](Self::wait_for_sender), for at most `timeout`. Returns `false`
    /// if the sender is not open and the ring is empty.
    #[must_use = "the sender may not be open"]
    pub fn wait_for_sender_timeout(&self, timeout: Duration) -> bool {
        self.0.wait_for_sender(Deadline::after(timeout))
    }

    /// Returns the state of the sender.
    #[must_use]
    pub fn sender(&self) -> Peer {
        self.0.sender()
    }

    /// Returns how many messages were sent and received, and how often threads slept.
    #[must_use]
    pub fn statistics(&self) -> Statistics {
        self.0.ring().statistics()
    }

    /// The memory object that contains the ring.
    #[must_use]
    pub fn memory(&self) -> &M {
        self.0.ring().memory()
    }
}

impl<M: Memory> Sealed for Receiver<M> {
    fn announce(&self) -> (&AtomicU32, u32) {
        self.0.announce()
    }

    fn is_ready(&self, proves: bool) -> bool {
        self.0.is_ready(proves)
    }
}

impl<M: Memory> fmt::Debug for Receiver<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receiver").field("ring", &self.memory().label()).finish_non_exhaustive()
    }
}
