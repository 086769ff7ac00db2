//! Values instead of bytes, through either kind of queue.

use std::any;
use std::fmt;
use std::marker::PhantomData;
use std::time::{Duration, Instant};

use ipc_core::{Deadline, Errno, Error, Result};

use crate::{MessageQueue, Payload, Select, SysvQueue};

/// What carries values: [`MessageQueue`], with a priority for each, and [`SysvQueue`], with a type for each.
///
/// It is a trait of this crate alone.
pub trait Carrier: sealed::Sealed {
    /// What goes with a message: a priority or a type.
    type Tag: Copy + fmt::Debug + Send + Sync;
    /// Which messages are received.
    type Which: Copy + Default + fmt::Debug + Send + Sync;
    /// The longest message that it takes.
    #[doc(hidden)]
    fn longest(&self) -> usize;
    #[doc(hidden)]
    fn called(&self) -> String;
    #[doc(hidden)]
    fn send_bytes(&self, bytes: &[u8], tag: Self::Tag, deadline: Deadline) -> Result<bool>;
    #[doc(hidden)]
    fn recv_bytes(&self, which: Self::Which, deadline: Deadline) -> Result<Option<(Vec<u8>, Self::Tag)>>;
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for crate::MessageQueue {}
    impl Sealed for crate::SysvQueue {}
}

impl Carrier for MessageQueue {
    type Tag = u32;
    type Which = ();

    fn longest(&self) -> usize {
        self.message_size()
    }

    fn called(&self) -> String {
        self.name().to_string()
    }

    fn send_bytes(&self, bytes: &[u8], tag: u32, deadline: Deadline) -> Result<bool> {
        self.send_until(bytes, tag, deadline)
    }

    fn recv_bytes(&self, (): (), deadline: Deadline) -> Result<Option<(Vec<u8>, u32)>> {
        Ok(self.recv_until(deadline)?.map(|message| (message.bytes, message.priority)))
    }
}

impl Carrier for SysvQueue {
    type Tag = i64;
    type Which = Select;

    fn longest(&self) -> usize {
        self.byte_limit
    }

    fn called(&self) -> String {
        self.label()
    }

    fn send_bytes(&self, bytes: &[u8], tag: i64, deadline: Deadline) -> Result<bool> {
        self.send_until(bytes, tag, deadline)
    }

    fn recv_bytes(&self, which: Select, deadline: Deadline) -> Result<Option<(Vec<u8>, i64)>> {
        Ok(self.recv_until(which, deadline)?.map(|message| (message.bytes, message.kind)))
    }
}

/// A message that was not sent, which is here.
#[derive(Debug, thiserror::Error)]
pub enum Unsent<T> {
    /// There was no room, at once or in time.
    #[error("no room in the queue")]
    NoRoom(T),
    /// The call failed.
    #[error("{1}")]
    Failed(T, Error),
}

impl<T> Unsent<T> {
    /// The message.
    pub fn into_message(self) -> T {
        let (Self::NoRoom(message) | Self::Failed(message, _)) = self;
        message
    }
}

/// Lets the message go; that there was no room is `is_queue_full`.
impl<T> From<Unsent<T>> for Error {
    fn from(unsent: Unsent<T>) -> Self {
        match unsent {
            Unsent::NoRoom(_) => Self::os("send", "", Errno::EAGAIN),
            Unsent::Failed(_, err) => err,
        }
    }
}

/// Sends values of one type.
///
/// Nothing in a message tells its type: who sends and who receives have to agree on it, as C programs do.
///
/// # Examples
///
/// ```
/// use ipc_core::{Key, Removal};
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
/// let queue = SysvQueue::create(Key::PRIVATE, SysvQueueOptions::new().removal(Removal::OnDrop))?;
/// let receiver = Receiver::<Point, _>::new(SysvQueue::open_id(queue.id())?)?; // usually in another process
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
    /// Sends through this queue.
    ///
    /// # Errors
    ///
    /// `is_mismatch` if the queue takes only shorter messages.
    pub fn new(queue: Q) -> Result<Self> {
        fits::<T>(&queue)?;
        Ok(Self { queue, values: PhantomData })
    }

    /// Sends a value, with a priority or a type, and waits as long as there is no room.
    ///
    /// # Errors
    ///
    /// [`Unsent::Failed`] as [`MessageQueue::send`] or [`SysvQueue::send`], and if it cannot be encoded.
    pub fn send(&self, message: T, tag: Q::Tag) -> Result<(), Unsent<T>> {
        self.send_until(message, tag, Deadline::NEVER)
    }

    /// Sends a value if there is room.
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send), and [`Unsent::NoRoom`].
    pub fn try_send(&self, message: T, tag: Q::Tag) -> Result<(), Unsent<T>> {
        self.send_timeout(message, tag, Duration::ZERO)
    }

    /// Sends a value if there is room within that time.
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send), and [`Unsent::NoRoom`].
    pub fn send_timeout(&self, message: T, tag: Q::Tag, timeout: Duration) -> Result<(), Unsent<T>> {
        self.send_until(message, tag, Deadline::after(timeout))
    }

    /// Sends a value if there is room before that moment.
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send), and [`Unsent::NoRoom`].
    pub fn send_deadline(&self, message: T, tag: Q::Tag, deadline: Instant) -> Result<(), Unsent<T>> {
        self.send_until(message, tag, Deadline::at(deadline))
    }

    fn send_until(&self, message: T, tag: Q::Tag, deadline: Deadline) -> Result<(), Unsent<T>> {
        match message.with_bytes(|bytes| self.queue.send_bytes(bytes, tag, deadline)) {
            Ok(Ok(true)) => Ok(()),
            Ok(Ok(false)) => Err(Unsent::NoRoom(message)),
            Ok(Err(err)) => Err(Unsent::Failed(message, err)),
            Err(why) => Err(Unsent::Failed(message, Error::invalid("send", self.queue.called(), why))),
        }
    }
}

/// Receives values of one type.
///
/// A message that is no such value was sent by who disagrees; it is an error, and gone from the queue.
pub struct Receiver<T, Q: Carrier = MessageQueue> {
    queue: Q,
    which: Q::Which,
    values: PhantomData<fn() -> T>,
}

impl<T: Payload, Q: Carrier> Receiver<T, Q> {
    /// Receives from this queue: all messages, whatever their priority or type.
    ///
    /// # Errors
    ///
    /// `is_mismatch` if the queue takes only shorter messages.
    pub fn new(queue: Q) -> Result<Self> {
        fits::<T>(&queue)?;
        Ok(Self { queue, which: Q::Which::default(), values: PhantomData })
    }

    /// Receives a value with its priority or type, and waits as long as there is none.
    ///
    /// # Errors
    ///
    /// `is_mismatch` if the message was no such value, which is lost then; otherwise as [`MessageQueue::recv`] or
    /// [`SysvQueue::recv`].
    pub fn recv(&self) -> Result<(T, Q::Tag)> {
        loop {
            if let Some(got) = self.recv_until(Deadline::NEVER)? {
                return Ok(got);
            }
        }
    }

    /// Receives a value if there is one.
    ///
    /// # Errors
    ///
    /// As [`recv`](Self::recv); none is `Ok(None)`.
    pub fn try_recv(&self) -> Result<Option<(T, Q::Tag)>> {
        self.recv_timeout(Duration::ZERO)
    }

    /// Receives a value if there is one within that time.
    ///
    /// # Errors
    ///
    /// As [`recv`](Self::recv); none in that time is `Ok(None)`.
    pub fn recv_timeout(&self, timeout: Duration) -> Result<Option<(T, Q::Tag)>> {
        self.recv_until(Deadline::after(timeout))
    }

    /// Receives a value if there is one before that moment.
    ///
    /// # Errors
    ///
    /// As [`recv`](Self::recv); none before is `Ok(None)`.
    pub fn recv_deadline(&self, deadline: Instant) -> Result<Option<(T, Q::Tag)>> {
        self.recv_until(Deadline::at(deadline))
    }

    fn recv_until(&self, deadline: Deadline) -> Result<Option<(T, Q::Tag)>> {
        let Some((bytes, tag)) = self.queue.recv_bytes(self.which, deadline)? else { return Ok(None) };
        let value = T::from_bytes(&bytes).map_err(|why| Error::mismatch("recv", self.queue.called(), why))?;
        Ok(Some((value, tag)))
    }
}

impl<T: Payload> Receiver<T, SysvQueue> {
    /// Receives only these messages.
    #[must_use]
    pub fn only(self, select: Select) -> Self {
        Self { which: select, ..self }
    }
}

impl<T, Q> Sender<T, Q> {
    /// The queue through which it sends.
    pub fn queue(&self) -> &Q {
        &self.queue
    }
}

impl<T, Q: Carrier> Receiver<T, Q> {
    /// The queue from which it receives.
    pub fn queue(&self) -> &Q {
        &self.queue
    }
}

fn fits<T: Payload>(queue: &impl Carrier) -> Result<()> {
    let longest = queue.longest();
    match T::LEN {
        Some(len) if len > longest => {
            let why = format!("found messages of up to {longest} bytes, wanted the {len} of {}", any::type_name::<T>());
            Err(Error::mismatch("mq_getattr", queue.called(), why))
        }
        _ => Ok(()),
    }
}

impl<T, Q: fmt::Debug> fmt::Debug for Sender<T, Q> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sender<{}>({:?})", any::type_name::<T>(), self.queue)
    }
}

impl<T, Q: Carrier + fmt::Debug> fmt::Debug for Receiver<T, Q> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Receiver<{}>({:?}, {:?})", any::type_name::<T>(), self.queue, self.which)
    }
}
