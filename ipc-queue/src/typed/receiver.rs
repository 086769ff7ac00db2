//! Receiving values.

use std::any;
use std::fmt;
use std::marker::PhantomData;
use std::time::Duration;

use ipc_core::{Deadline, Error, Result};

use super::sender::check_size;
use super::{Carrier, Payload};
use crate::posix::presence::Role;
use crate::{MessageQueue, Select, SysvQueue, Wait};

/// A receiver of values of one type.
///
/// If the bytes of a message cannot be a value of this type, for instance because their number is
/// wrong, receiving the message fails and the message is lost. Another plain type of the same size
/// is not detected. Values of up to 8 KiB are received without allocating a buffer; decoding a
/// `Postcard` may allocate.
///
/// # Examples
///
/// ```
/// use ipc_queue::{MessageQueue, QueueOptions, Receiver, Sender};
///
/// # let name = format!("/values-{}", std::process::id());
/// let sender = Sender::<u64>::new(MessageQueue::create(&name, QueueOptions::new(4, 8))?)?;
/// let receiver = Receiver::<u64>::new(MessageQueue::open(&name)?)?; // usually in another process
/// sender.send(42, 0)?;
/// drop(sender);
///
/// while let Some((number, _priority)) = receiver.recv_connected()? {
///     assert_eq!(number, 42);
/// }
/// // The queue is empty, and no sender is left.
/// # MessageQueue::unlink(&name)?;
/// # Ok::<(), ipc_core::Error>(())
/// ```
pub struct Receiver<T, Q: Carrier = MessageQueue> {
    queue: Q,
    which: Q::Which,
    values: PhantomData<fn() -> T>,
}

impl<T: Payload, Q: Carrier> Receiver<T, Q> {
    /// Creates a receiver of all messages of a queue, whatever their priority or type.
    ///
    /// # Errors
    ///
    /// [`is_mismatch`](Error::is_mismatch) if a value of type `T` is longer than the messages that
    /// the queue and the system permit.
    pub fn new(queue: Q) -> Result<Self> {
        check_size::<T>(&queue)?;
        queue.announce(Role::Receiver)?;
        Ok(Self { queue, which: Q::Which::default(), values: PhantomData })
    }

    /// Returns another receiver of this queue, for instance for another thread. Each message goes
    /// to only one receiver.
    ///
    /// # Errors
    ///
    /// [`is_no_space`](Error::is_no_space) if the process has no descriptor left.
    pub fn try_clone(&self) -> Result<Self> {
        Ok(Self { which: self.which, ..Self::new(self.queue.clone_handle()?)? })
    }

    /// Receives a value, and blocks until the queue has one.
    ///
    /// The second item is the priority of the message in a [`MessageQueue`], or the type of the
    /// message in a [`SysvQueue`].
    ///
    /// # Errors
    ///
    /// [`is_mismatch`](Error::is_mismatch) if the message is not a value of type `T`; the message
    /// is lost. Otherwise those of [`MessageQueue::recv`] or [`SysvQueue::recv`].
    pub fn recv(&self) -> Result<(T, Q::Tag)> {
        loop {
            if let Some(got) = self.recv_within(Wait::FOREVER)? {
                return Ok(got);
            }
        }
    }

    /// Receives a value, or returns `None` if the queue is empty.
    ///
    /// # Errors
    ///
    /// Those of [`recv`](Self::recv).
    pub fn try_recv(&self) -> Result<Option<(T, Q::Tag)>> {
        self.recv_within(Wait::Not)
    }

    /// Receives a value, or returns `None` if no value arrives within `timeout`.
    ///
    /// # Errors
    ///
    /// Those of [`recv`](Self::recv).
    pub fn recv_timeout(&self, timeout: Duration) -> Result<Option<(T, Q::Tag)>> {
        self.recv_within(Wait::Until(Deadline::after(timeout)))
    }

    /// Receives a value, or returns `None` if no value arrives before `deadline`.
    ///
    /// The deadline is an `Instant` or a `SystemTime`.
    ///
    /// # Errors
    ///
    /// Those of [`recv`](Self::recv).
    pub fn recv_deadline(&self, deadline: impl Into<Deadline>) -> Result<Option<(T, Q::Tag)>> {
        self.recv_within(Wait::Until(deadline.into()))
    }

    fn recv_within(&self, wait: Wait) -> Result<Option<(T, Q::Tag)>> {
        let Some((value, tag)) = self.queue.recv_bytes(self.which, wait, T::from_bytes)? else {
            return Ok(None);
        };
        match value {
            Ok(value) => Ok(Some((value, tag))),
            Err(why) => Err(Error::mismatch("recv", self.queue.label(), why)),
        }
    }
}

impl<T: Payload> Receiver<T> {
    /// Receives a value, or returns `None` if the queue is empty and has no sender.
    ///
    /// While the queue is empty, the method checks ten times a second whether the queue still has a
    /// sender. [`has_senders`](Self::has_senders) documents which senders count. If the queue is
    /// empty and no sender has opened it yet, the method returns `None` immediately.
    ///
    /// # Errors
    ///
    /// Those of [`recv`](Self::recv).
    pub fn recv_connected(&self) -> Result<Option<(T, u32)>> {
        const PAUSE: Duration = Duration::from_millis(100);

        loop {
            let connected = self.has_senders()?;
            // The last sender may have sent a value before it went.
            let wait = if connected { Wait::Until(Deadline::after(PAUSE)) } else { Wait::Not };
            match self.recv_within(wait)? {
                None if connected => {}
                got => return Ok(got),
            }
        }
    }
}

impl<T> Receiver<T> {
    /// Returns `true` if the queue has a [`Sender`](crate::Sender), in this process or another
    /// process.
    ///
    /// A sender counts until its handle of the queue and all copies of that handle are closed. The
    /// kernel closes the handles of a killed process. Copies are [clones](MessageQueue::try_clone),
    /// and the handles that a forked child inherits. A sender that uses a copy of this receiver's
    /// handle does not count: open the queue again for it. Programs that send bytes, with
    /// [`MessageQueue::send`] or in C, do not count either.
    ///
    /// # Errors
    ///
    /// [`is_invalid_argument`](Error::is_invalid_argument) if the system does not support open file
    /// description locks.
    pub fn has_senders(&self) -> Result<bool> {
        self.queue.has(Role::Sender)
    }
}

impl<T: Payload> Receiver<T, SysvQueue> {
    /// Restricts the receiver to selected messages.
    #[must_use]
    pub fn only(self, select: Select) -> Self {
        Self { which: select, ..self }
    }
}

impl<T, Q: Carrier> Receiver<T, Q> {
    /// Returns the queue from which this receiver receives.
    pub fn queue(&self) -> &Q {
        &self.queue
    }
}

impl<T, Q: Carrier + fmt::Debug> fmt::Debug for Receiver<T, Q> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Receiver<{}>({:?}, {:?})", any::type_name::<T>(), self.queue, self.which)
    }
}
