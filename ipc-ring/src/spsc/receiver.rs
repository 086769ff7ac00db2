//! The receiver of a ring of messages.

use std::fmt;
use std::sync::atomic::AtomicU32;
use std::time::{Duration, Instant};

use ipc_core::{Deadline, Error, Name, Result, crash_point};
use ipc_mem::{Fresh, Memory, Object, OpenOptions, Plain, ReadWrite, SharedMemory};

use super::ends::ReceiveEnd;
use super::ring::{Ring, RingOf};
use super::{Peer, RingOptions};
use crate::Statistics;
use crate::doors::{self, Handle};
use crate::wait::Sealed;

/// The end of a ring that receives messages of one type.
///
/// One process has it open at a time. It may be moved to another thread, but not shared.
///
/// # Examples
///
/// A receiver that removes each message only after it has handled it. If it is killed, the next
/// receiver gets the message that was not removed, with the same number.
///
/// ```
/// use ipc_ring::spsc::{Receiver, Sender};
///
/// # let name = format!("/lines-{}", std::process::id());
/// let lines = Receiver::<[u8; 80]>::open_or_create(&name, 256)?;
/// # Sender::<[u8; 80]>::open(&name)?.send(&[7; 80])?; // which closes it
/// while let Some(line) = lines.peek()? {
///     let number = lines.received(); // the same again after a kill
///     println!("line {number}: {line:?}");
///     lines.release();
/// }
/// # assert_eq!(lines.received(), 1);
/// # Receiver::<[u8; 80]>::unlink(&name)?;
/// # Ok::<(), ipc_core::Error>(())
/// ```
pub struct Receiver<T: Plain, M: Memory = SharedMemory>(ReceiveEnd<T, false, M>);

impl<T: Plain> Receiver<T> {
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
    /// messages of `T`: the error says what was found; [`is_busy`](Error::is_busy) if a process
    /// that is alive has the receiver open.
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

impl<T: Plain, M: Memory<Access = ReadWrite>> Receiver<T, M> {
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
    /// [`is_mismatch`](Error::is_mismatch) if it is not a ring of messages of `T`;
    /// [`is_busy`](Error::is_busy) if a process that is alive has the receiver open.
    pub fn open_in(memory: M) -> Result<Self> {
        doors::open_in(memory)
    }
}

impl<T: Plain, M: Memory> Handle<M> for Receiver<T, M> {
    type Contents = RingOf<T, false>;

    fn attach(ring: Object<Ring<T, false>, M>) -> Result<Self> {
        ReceiveEnd::open(ring).map(Self)
    }
}

impl<T: Plain, M: Memory> Receiver<T, M> {
    /// Receives a message, and waits for as long as the ring is empty. Returns `None` if the ring is
    /// empty and the sender is closed or its process is dead.
    ///
    /// If no process has opened the sender yet, it waits for one.
    ///
    /// # Errors
    ///
    /// [`is_invalid_argument`](Error::is_invalid_argument) in a forked child;
    /// [`is_mismatch`](Error::is_mismatch) if another process damaged the ring.
    #[inline]
    pub fn recv(&self) -> Result<Option<T>> {
        let message = self.peek()?;
        if message.is_some() {
            self.0.release(1);
        }
        Ok(message)
    }

    /// Receives a message if there is one; returns `None` otherwise.
    ///
    /// # Errors
    ///
    /// Those of [`recv`](Self::recv); [`is_closed`](Error::is_closed) if the ring is empty and the
    /// sender is closed. This call does not check whether the sender is dead, because that takes
    /// system calls: [`recv_timeout`](Self::recv_timeout) does, also with a timeout of zero.
    #[inline]
    pub fn try_recv(&self) -> Result<Option<T>> {
        let message = self.try_peek()?;
        if message.is_some() {
            self.0.release(1);
        }
        Ok(message)
    }

    /// Receives a message, and waits for at most `timeout` while the ring is empty. Returns `None`
    /// if it stayed empty.
    ///
    /// # Errors
    ///
    /// Those of [`recv`](Self::recv); [`is_closed`](Error::is_closed) if the ring is empty and the
    /// sender is closed or its process is dead.
    pub fn recv_timeout(&self, timeout: Duration) -> Result<Option<T>> {
        self.recv_until(|| Deadline::after(timeout))
    }

    /// Receives a message, and waits until `deadline` while the ring is empty. Returns `None` if it
    /// stayed empty.
    ///
    /// # Errors
    ///
    /// Those of [`recv_timeout`](Self::recv_timeout).
    pub fn recv_deadline(&self, deadline: Instant) -> Result<Option<T>> {
        self.recv_until(|| Deadline::at(deadline))
    }

    fn recv_until(&self, deadline: impl FnOnce() -> Deadline) -> Result<Option<T>> {
        if self.0.available()? == 0 && self.0.wait(deadline())?.is_none() {
            return Ok(None);
        }
        let message = self.first();
        self.0.release(1);
        Ok(Some(message))
    }

    /// Receives the messages that there are, as many as fit into `messages`, and returns their
    /// number. Waits while the ring is empty. Returns zero if the ring is empty and the sender is
    /// closed or dead, or if `messages` is empty.
    ///
    /// # Errors
    ///
    /// Those of [`recv`](Self::recv).
    pub fn recv_into(&self, messages: &mut [T]) -> Result<usize> {
        if messages.is_empty() || self.0.available()? == 0 && !self.wait()? {
            return Ok(0);
        }
        self.take(messages)
    }

    /// Receives the messages that there are, as many as fit into `messages`, and returns their
    /// number.
    ///
    /// # Errors
    ///
    /// Those of [`try_recv`](Self::try_recv).
    pub fn try_recv_into(&self, messages: &mut [T]) -> Result<usize> {
        if messages.is_empty() || self.0.available_or_gone(false)? == 0 {
            return Ok(0);
        }
        self.take(messages)
    }

    fn take(&self, messages: &mut [T]) -> Result<usize> {
        // The next message is there; look for all of them.
        let available = usize::try_from(self.0.look()?).unwrap_or(usize::MAX);
        let some = available.min(messages.len());
        self.0.ring().read(self.0.next(), &mut messages[..some]);
        self.0.release(some as u64);
        Ok(some)
    }

    /// Copies the next message, which stays in the ring, and waits while the ring is empty. Returns
    /// `None` if the ring is empty and the sender is closed or dead.
    ///
    /// [`release`](Self::release) removes the message. If this process is killed before it calls
    /// `release`, the next receiver gets the message, with the same [number](Self::received).
    ///
    /// # Errors
    ///
    /// Those of [`recv`](Self::recv).
    #[inline]
    pub fn peek(&self) -> Result<Option<T>> {
        let is_there = self.0.available()? > 0 || self.wait()?;
        Ok(is_there.then(|| self.first()))
    }

    /// Copies the next message, which stays in the ring. Returns `None` if the ring is empty.
    ///
    /// # Errors
    ///
    /// Those of [`try_recv`](Self::try_recv).
    #[inline]
    pub fn try_peek(&self) -> Result<Option<T>> {
        Ok((self.0.available_or_gone(false)? > 0).then(|| self.first()))
    }

    /// Removes the next message from the ring: the one that [`peek`](Self::peek) copied. Returns
    /// `false` if the ring is empty.
    #[inline]
    pub fn release(&self) -> bool {
        let is_there = self.0.available().is_ok_and(|available| available > 0);
        if is_there {
            self.0.release(1);
        }
        is_there
    }

    #[inline]
    fn first(&self) -> T {
        self.0.prefetch();
        let message = self.0.ring().read_one(self.0.next());
        crash_point("ring: a message is copied");
        message
    }

    /// Waits for a message; returns `false` if the sender is gone.
    #[cold]
    fn wait(&self) -> Result<bool> {
        match self.0.wait(Deadline::NEVER) {
            Err(err) if err.is_closed() => Ok(false),
            found => found.map(|_| true),
        }
    }

    /// The number of messages that all receivers of the ring have received since it was created.
    /// The next message has this number.
    #[must_use]
    pub fn received(&self) -> u64 {
        self.0.next()
    }

    /// The maximum number of messages in the ring.
    #[must_use]
    pub fn capacity(&self) -> usize {
        usize::try_from(self.0.ring().capacity()).unwrap_or(usize::MAX)
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

impl<T: Plain, M: Memory> Sealed for Receiver<T, M> {
    fn announce(&self) -> (&AtomicU32, u32) {
        self.0.announce()
    }

    fn is_ready(&self, proves: bool) -> bool {
        self.0.is_ready(proves)
    }
}

impl<T: Plain, M: Memory> fmt::Debug for Receiver<T, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receiver")
            .field("ring", &self.memory().label())
            .field("received", &self.received())
            .finish_non_exhaustive()
    }
}
