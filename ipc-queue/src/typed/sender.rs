//! Sending values.

use std::any;
use std::fmt;
use std::marker::PhantomData;
use std::time::Duration;

use ipc_core::{Deadline, Error, Result};

use super::{Carrier, Payload, Unsent};
use crate::posix::presence::Role;
use crate::{MessageQueue, Wait};

/// A sender of values of one type.
///
/// A message contains no type information. Sender and receiver must use the same Rust type: a
/// receiver cannot detect another plain type of the same size.
///
/// # Examples
///
/// ```
/// use ipc_core::Key;
/// use ipc_mem::Plain;
/// use ipc_queue::{Receiver, Select, Sender, SysvQueue, SysvQueueOptions};
///
/// #[derive(Clone, Copy, Debug, PartialEq, Plain)]
/// #[repr(C)]
/// struct Point {
///     x: f32,
///     y: f32,
/// }
///
/// let queue = SysvQueue::create(Key::PRIVATE, SysvQueueOptions::new())?;
/// // usually in another process
/// let receiver = Receiver::<Point, _>::new(SysvQueue::open_id(queue.id())?)?;
/// let sender = Sender::new(queue)?;
///
/// sender.send(Point { x: 1.0, y: 2.0 }, 7)?;
/// assert_eq!(receiver.only(Select::Type(7)).recv()?, (Point { x: 1.0, y: 2.0 }, 7));
/// # Ok::<(), ipc_core::Error>(())
/// ```
pub struct Sender<T, Q = MessageQueue> {
    queue: Q,
    values: PhantomData<fn(T)>,
}

impl<T: Payload, Q: Carrier> Sender<T, Q> {
    /// Creates a sender that sends through `queue`.
    ///
    /// # Errors
    ///
    /// [`is_mismatch`](Error::is_mismatch) if a value of type `T` is longer than the messages that
    /// the queue and the system permit.
    pub fn new(queue: Q) -> Result<Self> {
        check_size::<T>(&queue)?;
        queue.announce(Role::Sender)?;
        Ok(Self { queue, values: PhantomData })
    }

    /// Returns another sender for this queue, for instance for another thread.
    ///
    /// # Errors
    ///
    /// [`is_no_space`](Error::is_no_space) if the process has no descriptor left.
    pub fn try_clone(&self) -> Result<Self> {
        Self::new(self.queue.clone_handle()?)
    }

    /// Sends a value, and blocks while the queue is full.
    ///
    /// The tag is the priority of the message in a [`MessageQueue`], or the type of the message in
    /// a [`SysvQueue`](crate::SysvQueue).
    ///
    /// # Errors
    ///
    /// [`Unsent::Failed`] if the value cannot be encoded, or if [`MessageQueue::send`] or
    /// [`SysvQueue::send`](crate::SysvQueue::send) fails. It contains the value and the error.
    pub fn send(&self, message: T, tag: Q::Tag) -> Result<(), Unsent<T>> {
        self.send_within(message, tag, Wait::FOREVER)
    }

    /// Sends a value if the queue has room.
    ///
    /// # Errors
    ///
    /// [`Unsent::NoRoom`] if the queue is full; otherwise those of [`send`](Self::send).
    pub fn try_send(&self, message: T, tag: Q::Tag) -> Result<(), Unsent<T>> {
        self.send_within(message, tag, Wait::Not)
    }

    /// Sends a value, and blocks for at most `timeout` while the queue is full.
    ///
    /// # Errors
    ///
    /// [`Unsent::NoRoom`] if the queue stayed full; otherwise those of [`send`](Self::send).
    pub fn send_timeout(
        &self,
        message: T,
        tag: Q::Tag,
        timeout: Duration,
    ) -> Result<(), Unsent<T>> {
        self.send_within(message, tag, Wait::Until(Deadline::after(timeout)))
    }

    /// Sends a value, and blocks until `deadline` at the latest while the queue is full.
    ///
    /// The deadline is an `Instant` or a `SystemTime`.
    ///
    /// # Errors
    ///
    /// [`Unsent::NoRoom`] if the queue stayed full; otherwise those of [`send`](Self::send).
    pub fn send_deadline(
        &self,
        message: T,
        tag: Q::Tag,
        deadline: impl Into<Deadline>,
    ) -> Result<(), Unsent<T>> {
        self.send_within(message, tag, Wait::Until(deadline.into()))
    }

    fn send_within(&self, message: T, tag: Q::Tag, wait: Wait) -> Result<(), Unsent<T>> {
        match message.with_bytes(|bytes| self.queue.send_bytes(bytes, tag, wait)) {
            Ok(Ok(true)) => Ok(()),
            Ok(Ok(false)) => Err(Unsent::NoRoom(message)),
            Ok(Err(err)) => Err(Unsent::Failed(message, err)),
            Err(why) => {
                Err(Unsent::Failed(message, Error::invalid("send", self.queue.label(), why)))
            }
        }
    }
}

impl<T> Sender<T> {
    /// Returns `true` if the queue has a [`Receiver`](crate::Receiver), in this process or another
    /// process.
    ///
    /// A receiver counts until its handle of the queue and all copies of that handle are closed.
    /// The kernel closes the handles of a killed process. Copies are
    /// [clones](MessageQueue::try_clone), and the handles that a forked child inherits. A receiver
    /// that uses a copy of this sender's handle does not count: open the queue again for it.
    /// Programs that receive bytes, with [`MessageQueue::recv`] or in C, do not count either.
    ///
    /// # Errors
    ///
    /// [`is_invalid_argument`](Error::is_invalid_argument) if the system does not support open file
    /// description locks.
    pub fn has_receivers(&self) -> Result<bool> {
        self.queue.has(Role::Receiver)
    }
}

impl<T, Q> Sender<T, Q> {
    /// Returns the queue through which this sender sends.
    pub fn queue(&self) -> &Q {
        &self.queue
    }
}

/// Refuses a queue that takes no value of this type.
pub(super) fn check_size<T: Payload>(queue: &impl Carrier) -> Result<()> {
    let (longest, call) = queue.longest();
    match T::LEN {
        Some(len) if len > longest => {
            let name = any::type_name::<T>();
            let why =
                format!("found messages of up to {longest} bytes, wanted the {len} of {name}");
            Err(Error::mismatch(call, queue.label(), why))
        }
        _ => Ok(()),
    }
}

impl<T, Q: fmt::Debug> fmt::Debug for Sender<T, Q> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sender<{}>({:?})", any::type_name::<T>(), self.queue)
    }
}
