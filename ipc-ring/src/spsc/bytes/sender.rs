//! The sender of a ring of bytes.

use std::fmt;
use std::time::{Duration, Instant};

use ipc_core::{Deadline, Errno, Error, Name, Refusal, Result, crash_point};
use ipc_mem::{Fresh, Memory, Object, OpenOptions, ReadWrite, SharedMemory};

use super::{ByteRing, Reservation, Unit, max_len, units};
use crate::Statistics;
use crate::doors::{self, Handle};
use crate::spsc::ends::SendEnd;
use crate::spsc::ring::RingOf;
use crate::spsc::{Peer, RingOptions};

/// The end of a ring that sends bytes.
///
/// One process has it open at a time. A message is at most as long as half of the ring, less 8
/// bytes.
///
/// # Examples
///
/// ```
/// use ipc_ring::spsc::bytes::{Receiver, Sender};
///
/// # let name = format!("/log-{}", std::process::id());
/// let log = Sender::create(&name, 65_536)?;
/// log.send(b"started")?;
///
/// let mut line = Vec::new();
/// assert!(Receiver::open(&name)?.recv(&mut line)?); // usually in another process
/// assert_eq!(line, b"started");
/// # Sender::unlink(&name)?;
/// # Ok::<(), ipc_core::Error>(())
/// ```
pub struct Sender<M: Memory = SharedMemory>(SendEnd<Unit, true, M>);

impl Sender {
    /// Creates a ring under a new name, and opens its sender.
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

    /// Opens the sender of a ring by name.
    ///
    /// # Errors
    ///
    /// Those of [`SharedMemory::open`]; [`is_mismatch`](Error::is_mismatch) if it is not a ring of
    /// bytes: the error says what was found; [`is_busy`](Error::is_busy) if a process that is alive
    /// has the sender open.
    pub fn open(name: impl TryInto<Name, Error: Into<Error>>) -> Result<Self> {
        Self::open_with(name, OpenOptions::new())
    }

    /// Opens the sender of a ring by name, with options such as which owners to trust.
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

    /// Opens the sender of a ring by name, or creates the ring.
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

impl<M: Memory<Access = ReadWrite>> Sender<M> {
    /// Creates a ring in a fresh memory object, and opens its sender.
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

    /// Opens the sender of the ring in a memory object.
    ///
    /// # Errors
    ///
    /// [`is_mismatch`](Error::is_mismatch) if it is not a ring of bytes;
    /// [`is_busy`](Error::is_busy) if a process that is alive has the sender open.
    pub fn open_in(memory: M) -> Result<Self> {
        doors::open_in(memory)
    }
}

impl<M: Memory> Handle<M> for Sender<M> {
    type Contents = RingOf<Unit, true>;

    fn attach(ring: Object<ByteRing, M>) -> Result<Self> {
        SendEnd::open(ring).map(Self)
    }
}

impl<M: Memory> Sender<M> {
    /// Sends a message, and waits for as long as the ring has no room for it.
    ///
    /// # Errors
    ///
    /// [`is_too_long`](Error::is_too_long) if the message is longer than
    /// [`max_len`](Self::max_len); [`is_closed`](Error::is_closed) if the receiver is closed, or if
    /// its process is dead and the ring is full;
    /// [`is_invalid_argument`](Error::is_invalid_argument) in a forked child;
    /// [`is_mismatch`](Error::is_mismatch) if another process damaged the ring.
    #[inline]
    pub fn send(&self, message: &[u8]) -> Result<()> {
        self.send_until(message, || Deadline::NEVER).map(|_| ())
    }

    /// Sends a message if there is room for it; returns `false` otherwise.
    ///
    /// # Errors
    ///
    /// Those of [`send`](Self::send). A receiver whose process died is not noticed here, because a
    /// proof takes system calls.
    #[inline]
    pub fn try_send(&self, message: &[u8]) -> Result<bool> {
        match self.try_place(message.len())? {
            Ok(room) => self.put(room, message).map(|()| true),
            Err(_) => Ok(false),
        }
    }

    /// Sends a message, and waits for at most `timeout` while the ring has no room for it. Returns
    /// `false` if it was not sent.
    ///
    /// # Errors
    ///
    /// Those of [`send`](Self::send).
    pub fn send_timeout(&self, message: &[u8], timeout: Duration) -> Result<bool> {
        self.send_until(message, || Deadline::after(timeout))
    }

    /// Sends a message, and waits until `deadline` while the ring has no room for it. Returns
    /// `false` if it was not sent.
    ///
    /// # Errors
    ///
    /// Those of [`send`](Self::send).
    pub fn send_deadline(&self, message: &[u8], deadline: Instant) -> Result<bool> {
        self.send_until(message, || Deadline::at(deadline))
    }

    #[inline]
    fn send_until(&self, message: &[u8], deadline: impl FnOnce() -> Deadline) -> Result<bool> {
        match self.place(message.len(), deadline)? {
            Some(room) => self.put(room, message).map(|()| true),
            None => Ok(false),
        }
    }

    #[inline]
    fn put(&self, mut room: Reservation<'_, M>, message: &[u8]) -> Result<()> {
        crash_point("ring: before a message is written");
        room.write(0, message)?;
        room.commit();
        Ok(())
    }

    /// Reserves room for a message that is written in place, and waits while the ring is full.
    ///
    /// # Errors
    ///
    /// Those of [`send`](Self::send).
    pub fn reserve(&mut self, len: usize) -> Result<Reservation<'_, M>> {
        loop {
            // The deadline never comes.
            if let Some(room) = self.place(len, || Deadline::NEVER)? {
                return Ok(room);
            }
        }
    }

    /// Reserves room for a message that is written in place; returns `None` if the ring is full.
    ///
    /// # Errors
    ///
    /// Those of [`try_send`](Self::try_send).
    pub fn try_reserve(&mut self, len: usize) -> Result<Option<Reservation<'_, M>>> {
        Ok(self.try_place(len)?.ok())
    }

    pub(super) fn place(
        &self,
        len: usize,
        deadline: impl FnOnce() -> Deadline,
    ) -> Result<Option<Reservation<'_, M>>> {
        match self.try_place(len)? {
            Ok(room) => Ok(Some(room)),
            Err(wanted) => {
                let found = self.0.wait_for_room(wanted, deadline())?;
                Ok(found.map(|_| Reservation::new(&self.0, len, wanted - units(len))))
            }
        }
    }

    /// Room for a message, or the number of units that it needs.
    #[inline]
    fn try_place(&self, len: usize) -> Result<Result<Reservation<'_, M>, u64>> {
        if len > self.max_len() {
            return Err(self.too_long(len));
        }
        let (wanted, capacity) = (units(len), self.0.ring().capacity());
        let left = capacity - (self.0.next() & (capacity - 1));
        let skipped = if wanted <= left { 0 } else { left };
        let has_room = self.0.room(skipped + wanted)? >= skipped + wanted;
        Ok(if has_room {
            Ok(Reservation::new(&self.0, len, skipped))
        } else {
            Err(skipped + wanted)
        })
    }

    #[cold]
    fn too_long(&self, len: usize) -> Error {
        let why = format!("found {len} bytes, wanted at most {}", self.max_len());
        Refusal::os("send", Errno::EMSGSIZE).because(why).on(self.memory().label())
    }

    /// The maximum length of a message.
    #[must_use]
    #[inline]
    pub fn max_len(&self) -> usize {
        max_len(self.0.ring())
    }

    /// Waits until a process opens the receiver. Returns at once if the receiver is open.
    ///
    /// Messages may also be sent before that: they wait in the ring. Use this method in a program
    /// that must not send before there is a receiver. Use it also to continue with the next
    /// receiver after one was closed or killed.
    pub fn wait_for_receiver(&self) {
        self.0.wait_for_receiver(Deadline::NEVER);
    }

    /// Waits like [`wait_for_receiver`](Self::wait_for_receiver), for at most `timeout`. Returns
    /// `false` if the receiver is not open.
    #[must_use = "the receiver may not be open"]
    pub fn wait_for_receiver_timeout(&self, timeout: Duration) -> bool {
        self.0.wait_for_receiver(Deadline::after(timeout))
    }

    /// Returns the state of the receiver.
    #[must_use]
    pub fn receiver(&self) -> Peer {
        self.0.receiver()
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

impl<M: Memory> fmt::Debug for Sender<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sender").field("ring", &self.memory().label()).finish_non_exhaustive()
    }
}
