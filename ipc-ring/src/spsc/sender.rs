//! The sender of a ring of messages.

use std::fmt;
use std::time::{Duration, Instant};

use ipc_core::{Deadline, Error, Name, Result, crash_point};
use ipc_mem::{Fresh, Memory, Object, OpenOptions, Plain, ReadWrite, SharedMemory};

use super::ends::SendEnd;
use super::ring::{Ring, RingOf};
use super::{Peer, RingOptions};
use crate::Statistics;
use crate::doors::{self, Handle};

/// The end of a ring that sends messages of one type.
///
/// One process has it open at a time. It may be moved to another thread, but not shared: to send
/// from several threads or processes, use a queue of the module [`mpmc`](crate::mpmc).
///
/// # Examples
///
/// ```
/// use ipc_mem::Plain;
/// use ipc_ring::spsc::{Receiver, Sender};
///
/// #[derive(Clone, Copy, Plain)]
/// #[repr(C)]
/// struct Order {
///     id: u64,
///     price: f64,
/// }
///
/// # let name = format!("/orders-{}", std::process::id());
/// let orders = Sender::<Order>::create(&name, 1024)?;
/// orders.send(&Order { id: 1, price: 9.5 })?;
///
/// let received = Receiver::<Order>::open(&name)?; // usually in another process
/// # drop(orders);
/// while let Some(order) = received.recv()? {
///     assert_eq!(order.id, 1);
/// } // the sender is gone and the ring is empty
/// # Ok::<(), ipc_core::Error>(())
/// ```
pub struct Sender<T: Plain, M: Memory = SharedMemory>(SendEnd<T, false, M>);

impl<T: Plain> Sender<T> {
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
    /// messages of `T`: the error says what was found; [`is_busy`](Error::is_busy) if a process
    /// that is alive has the sender open.
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

impl<T: Plain, M: Memory<Access = ReadWrite>> Sender<T, M> {
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
    /// [`is_mismatch`](Error::is_mismatch) if it is not a ring of messages of `T`;
    /// [`is_busy`](Error::is_busy) if a process that is alive has the sender open.
    pub fn open_in(memory: M) -> Result<Self> {
        doors::open_in(memory)
    }
}

impl<T: Plain, M: Memory> Handle<M> for Sender<T, M> {
    type Contents = RingOf<T, false>;

    fn attach(ring: Object<Ring<T, false>, M>) -> Result<Self> {
        SendEnd::open(ring).map(Self)
    }
}

impl<T: Plain, M: Memory> Sender<T, M> {
    /// Sends a message, and waits for as long as the ring is full.
    ///
    /// # Errors
    ///
    /// [`is_closed`](Error::is_closed) if the receiver is closed, or if its process is dead and the
    /// ring is full; [`is_invalid_argument`](Error::is_invalid_argument) in a forked child;
    /// [`is_mismatch`](Error::is_mismatch) if another process damaged the ring.
    #[inline]
    pub fn send(&self, message: &T) -> Result<()> {
        if self.try_send(message)? {
            return Ok(());
        }
        // The deadline never comes.
        self.send_until(message, Deadline::NEVER).map(|_| ())
    }

    /// Sends a message if the ring is not full; returns `false` otherwise.
    ///
    /// # Errors
    ///
    /// Those of [`send`](Self::send). A receiver whose process died is not noticed here, because a
    /// proof takes system calls.
    #[inline]
    pub fn try_send(&self, message: &T) -> Result<bool> {
        let has_room = self.0.room(1)? > 0;
        if has_room {
            self.put_one(message);
        }
        Ok(has_room)
    }

    /// Sends a message, and waits for at most `timeout` while the ring is full. Returns `false` if
    /// it stayed full.
    ///
    /// # Errors
    ///
    /// Those of [`send`](Self::send).
    pub fn send_timeout(&self, message: &T, timeout: Duration) -> Result<bool> {
        Ok(self.try_send(message)? || self.send_until(message, Deadline::after(timeout))?)
    }

    /// Sends a message, and waits until `deadline` while the ring is full. Returns `false` if it
    /// stayed full.
    ///
    /// # Errors
    ///
    /// Those of [`send`](Self::send).
    pub fn send_deadline(&self, message: &T, deadline: Instant) -> Result<bool> {
        Ok(self.try_send(message)? || self.send_until(message, Deadline::at(deadline))?)
    }

    #[cold]
    fn send_until(&self, message: &T, deadline: Deadline) -> Result<bool> {
        let has_room = self.0.wait_for_room(1, deadline)?.is_some();
        if has_room {
            self.put_one(message);
        }
        Ok(has_room)
    }

    /// Sends all messages in order, and waits for as long as the ring is full. It costs less than
    /// one call of [`send`](Self::send) for each message: it writes as many messages as fit,
    /// notifies the receiver once, and repeats this.
    ///
    /// # Errors
    ///
    /// Those of [`send`](Self::send). The first messages of the slice may have been sent before the
    /// error: [`sent`](Self::sent) has then grown by their number.
    pub fn send_slice(&self, mut messages: &[T]) -> Result<()> {
        while !messages.is_empty() {
            let sent = self.try_send_slice(messages)?;
            messages = &messages[sent..];
            if !messages.is_empty() {
                self.0.wait_for_room(1, Deadline::NEVER)?;
            }
        }
        Ok(())
    }

    /// Sends the first messages, as many as fit, and returns how many.
    ///
    /// # Errors
    ///
    /// Those of [`try_send`](Self::try_send).
    pub fn try_send_slice(&self, messages: &[T]) -> Result<usize> {
        let room = self.0.room(messages.len() as u64)?;
        let some = messages.len().min(usize::try_from(room).unwrap_or(usize::MAX));
        if some > 0 {
            self.put(&messages[..some]);
        }
        Ok(some)
    }

    #[inline]
    fn put_one(&self, message: &T) {
        crash_point("ring: before a message is written");
        self.0.prefetch();
        self.0.ring().write_one(self.0.next(), message);
        self.0.publish(1);
    }

    fn put(&self, messages: &[T]) {
        crash_point("ring: before a message is written");
        self.0.ring().write(self.0.next(), messages);
        self.0.publish(messages.len() as u64);
    }

    /// The number of messages that all senders of the ring have sent since it was created. The next
    /// message gets this number. A sender that replaces one that was killed learns here how many
    /// messages were sent.
    #[must_use]
    pub fn sent(&self) -> u64 {
        self.0.next()
    }

    /// The maximum number of messages in the ring.
    #[must_use]
    pub fn capacity(&self) -> usize {
        usize::try_from(self.0.ring().capacity()).unwrap_or(usize::MAX)
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

impl<T: Plain, M: Memory> fmt::Debug for Sender<T, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sender")
            .field("ring", &self.memory().label())
            .field("sent", &self.sent())
            .finish_non_exhaustive()
    }
}
