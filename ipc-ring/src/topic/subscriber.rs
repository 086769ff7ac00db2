//! The subscribers of a topic.

use std::fmt;
use std::sync::atomic::AtomicU32;
use std::time::{Duration, Instant};

use ipc_core::owner::here;
use ipc_core::{Deadline, Errno, Error, Name, ProcessInstance, Refusal, Result};
use ipc_mem::{Fresh, Memory, Object, OpenOptions, ReadWrite, SharedMemory};

use super::intake::Intake;
use super::layout::{SubscriberSlot, Topic};
use super::publisher::find_or_create;
use super::{Payload, Sample, SubscriberOptions, TopicInfo, TopicOptions};
use crate::wait::{self, Sealed};
use crate::waiting;

/// A subscriber of a topic whose messages are values `T` or slices `[T]`.
///
/// It first gets the history, and then each message that a publisher publishes after it was opened,
/// except messages that are dropped while its queue is full. Messages of one publisher are received
/// in the order in which they were published. Messages of several publishers are received roughly
/// in that order: a message whose publisher is slow may be received after a later message of
/// another publisher.
///
/// A process may have several subscribers. A subscriber may be moved to another thread, but not
/// shared: each thread opens its own, and gets all messages.
///
/// # Examples
///
/// ```
/// use ipc_mem::Plain;
/// use ipc_ring::topic::{Publisher, Subscriber, TopicOptions, WhenFull};
///
/// #[derive(Clone, Copy, Plain)]
/// #[repr(C)]
/// struct Order {
///     id: u64,
///     price: f64,
/// }
///
/// # let name = format!("/subscriber-{}", std::process::id());
/// let options = TopicOptions::new().queue(2);
/// let publisher = Publisher::<Order>::create(&name, options)?;
/// let orders = Subscriber::<Order>::open(&name, WhenFull::DropOldest)?; // in another process
/// for id in 1..=5 {
///     publisher.publish(&Order { id, price: 9.5 })?;
/// }
/// let order = orders.recv()?;
/// assert_eq!((order.get().id, order.missed()), (4, 3));
/// # Ok::<(), ipc_core::Error>(())
/// ```
pub struct Subscriber<T: Payload + ?Sized, M: Memory = SharedMemory> {
    topic: Object<Topic<T>, M>,
    intake: Intake,
    /// This process, which a forked child is not.
    me: u64,
}

impl<T: Payload + ?Sized> Subscriber<T> {
    /// Creates a topic under a new name, and opens a subscriber.
    ///
    /// # Errors
    ///
    /// Those of [`SharedMemory::create`]; [`is_invalid_argument`](Error::is_invalid_argument) if a
    /// limit is out of range: the message says which values are possible.
    pub fn create(
        name: impl TryInto<Name, Error: Into<Error>>,
        topic: TopicOptions,
        options: impl Into<SubscriberOptions>,
    ) -> Result<Self> {
        Self::attach(Object::create(name, topic, topic.memory, |_| Ok(()))?, options.into())
    }

    /// Opens a subscriber of a topic by name.
    ///
    /// # Errors
    ///
    /// Those of [`SharedMemory::open`]; [`is_mismatch`](Error::is_mismatch) if it is not a topic of
    /// messages of `T`: the error says what was found; [`is_busy`](Error::is_busy) if the maximum
    /// number of subscribers is open.
    pub fn open(
        name: impl TryInto<Name, Error: Into<Error>>,
        options: impl Into<SubscriberOptions>,
    ) -> Result<Self> {
        Self::open_with(name, options, OpenOptions::new())
    }

    /// Opens a subscriber of a topic by name, with options such as which owners to trust.
    ///
    /// # Errors
    ///
    /// Those of [`open`](Self::open).
    pub fn open_with(
        name: impl TryInto<Name, Error: Into<Error>>,
        options: impl Into<SubscriberOptions>,
        open: OpenOptions,
    ) -> Result<Self> {
        Self::attach(Object::open(name, open)?, options.into())
    }

    /// Opens a subscriber of a topic by name, or creates the topic.
    ///
    /// # Errors
    ///
    /// Those of [`open`](Self::open) and [`create`](Self::create);
    /// [`is_mismatch`](Error::is_mismatch) if an existing topic has other limits.
    pub fn open_or_create(
        name: impl TryInto<Name, Error: Into<Error>>,
        topic: TopicOptions,
        options: impl Into<SubscriberOptions>,
    ) -> Result<Self> {
        Self::attach(find_or_create(name, topic)?, options.into())
    }

    /// Unlinks the name of a topic. Open publishers and subscribers stay valid. Unlinking a name
    /// that does not exist is not an error.
    ///
    /// # Errors
    ///
    /// Those of [`SharedMemory::unlink`].
    pub fn unlink(name: impl TryInto<Name, Error: Into<Error>>) -> Result<()> {
        SharedMemory::unlink(name)
    }
}

impl<T: Payload + ?Sized, M: Memory<Access = ReadWrite>> Subscriber<T, M> {
    /// Creates a topic in a fresh memory object, and opens a subscriber.
    ///
    /// # Errors
    ///
    /// [`is_invalid_argument`](Error::is_invalid_argument) if a limit is out of range, or the
    /// memory object is too small or not aligned; [`is_mismatch`](Error::is_mismatch) if it was
    /// created with a [tag](ipc_mem::Tag) other than `TOPIC` or `BARE`. Choose the first of these,
    /// so that other handles can be opened with `open_in`: with `BARE`, the default, this call
    /// succeeds, but every later `open_in` fails.
    pub fn create_in(
        memory: Fresh<M>,
        topic: TopicOptions,
        options: impl Into<SubscriberOptions>,
    ) -> Result<Self> {
        Self::attach(Object::create_in(memory, topic, |_| Ok(()))?, options.into())
    }

    /// Opens a subscriber of the topic in a memory object.
    ///
    /// # Errors
    ///
    /// [`is_mismatch`](Error::is_mismatch) if it is not a topic of messages of `T`;
    /// [`is_busy`](Error::is_busy) if the maximum number of subscribers is open.
    pub fn open_in(memory: M, options: impl Into<SubscriberOptions>) -> Result<Self> {
        Self::attach(Object::open_in(memory)?, options.into())
    }
}

impl<T: Payload + ?Sized, M: Memory> Subscriber<T, M> {
    fn attach(topic: Object<Topic<T>, M>, options: SubscriberOptions) -> Result<Self> {
        let me = here();
        topic.clear_dead_subscribers(me);
        let slot =
            topic.claim_subscriber(me).map_err(|refusal| refusal.on(topic.memory().label()))?;
        Ok(Self { intake: Intake::new(&topic, slot, options), topic, me })
    }

    /// Receives a message. Waits while no message is there, even if no publisher is open: a topic
    /// is never closed.
    ///
    /// # Errors
    ///
    /// [`is_busy`](Error::is_busy) if the maximum number of samples is held;
    /// [`is_invalid_argument`](Error::is_invalid_argument) in a forked child;
    /// [`is_mismatch`](Error::is_mismatch) if another process damaged the topic.
    #[inline]
    pub fn recv(&self) -> Result<Sample<'_, T, M>> {
        loop {
            // The deadline never comes.
            if let Some(sample) = self.recv_until(|| Deadline::NEVER)? {
                return Ok(sample);
            }
        }
    }

    /// Receives a message if one waits; returns `None` otherwise.
    ///
    /// # Errors
    ///
    /// Those of [`recv`](Self::recv).
    #[inline]
    pub fn try_recv(&self) -> Result<Option<Sample<'_, T, M>>> {
        self.check()?;
        self.find().transpose()
    }

    /// Receives a message, and waits for it for at most `timeout`. Returns `None` if no message
    /// came in time.
    ///
    /// # Errors
    ///
    /// Those of [`recv`](Self::recv).
    pub fn recv_timeout(&self, timeout: Duration) -> Result<Option<Sample<'_, T, M>>> {
        self.recv_until(|| Deadline::after(timeout))
    }

    /// Receives a message, and waits for it until `deadline`. Returns `None` if no message came in
    /// time.
    ///
    /// # Errors
    ///
    /// Those of [`recv`](Self::recv).
    pub fn recv_deadline(&self, deadline: Instant) -> Result<Option<Sample<'_, T, M>>> {
        self.recv_until(|| Deadline::at(deadline))
    }

    #[inline]
    fn recv_until(&self, deadline: impl FnOnce() -> Deadline) -> Result<Option<Sample<'_, T, M>>> {
        self.check()?;
        match self.find() {
            Some(found) => found.map(Some),
            None => self.wait(deadline()),
        }
    }

    fn slot(&self) -> &SubscriberSlot {
        &self.topic.subscribers()[self.intake.subscriber()]
    }

    #[cold]
    fn wait(&self, deadline: Deadline) -> Result<Option<Sample<'_, T, M>>> {
        // The wait needs no proof of a death: a message that a dead publisher did not queue never
        // comes.
        let SubscriberSlot { filled, sleeps, .. } = self.slot();
        let attempt = |_| self.find();
        waiting::wait(filled, Some(sleeps), deadline, waiting::HASTE, attempt).transpose()
    }

    #[inline]
    fn find(&self) -> Option<Result<Sample<'_, T, M>>> {
        match self.intake.take(&self.topic) {
            Ok(taken) => taken.map(|taken| Ok(Sample::new(self, taken))),
            Err(_) => Some(Err(self.damaged())),
        }
    }

    #[inline]
    fn check(&self) -> Result<()> {
        if !self.is_ours() {
            return Err(self.forked());
        }
        if self.intake.borrowed() >= self.topic.limits().borrowed {
            return Err(self.exhausted());
        }
        Ok(())
    }

    #[cold]
    fn exhausted(&self) -> Error {
        let (found, limit) = (self.intake.borrowed(), self.topic.limits().borrowed);
        let why = format!("found {found} samples held, and the maximum is {limit}: drop one first");
        Refusal::os("recv", Errno::EBUSY).because(why).on(self.memory().label())
    }

    #[cold]
    fn damaged(&self) -> Error {
        let why =
            "found a message in a sample that does not exist: another process damaged the topic";
        Error::mismatch("recv", self.memory().label(), why)
    }

    #[cold]
    fn forked(&self) -> Error {
        let why =
            "a forked child does not have this subscriber open: open it again in this process";
        Error::invalid("recv", self.memory().label(), why)
    }

    #[inline]
    pub(super) fn is_ours(&self) -> bool {
        ProcessInstance::known().is_some_and(|here| here.raw() == self.me) || here() == self.me
    }

    pub(super) fn parts(&self) -> (&Topic<T>, &Intake) {
        (&self.topic, &self.intake)
    }

    /// The number of messages that this subscriber received.
    #[must_use]
    pub fn received(&self) -> u64 {
        self.intake.received()
    }

    /// The number of messages that this subscriber missed, counted when it receives a later one.
    #[must_use]
    pub fn missed(&self) -> u64 {
        self.intake.missed()
    }

    /// Returns the limits of the topic, its publishers and its subscribers.
    ///
    /// # Errors
    ///
    /// [`is_invalid_argument`](Error::is_invalid_argument) if the layout of a message cannot be
    /// described.
    pub fn info(&self) -> Result<TopicInfo> {
        TopicInfo::of_topic(&self.topic)
    }

    /// The memory object that contains the topic.
    #[must_use]
    pub fn memory(&self) -> &M {
        self.topic.memory()
    }
}

impl<T: Payload + ?Sized, M: Memory> Sealed for Subscriber<T, M> {
    fn announce(&self) -> (&AtomicU32, u32) {
        wait::on(&self.slot().filled)
    }

    fn is_ready(&self, _proves: bool) -> bool {
        self.check().is_err() || self.intake.is_ready(&self.topic)
    }
}

impl<T: Payload + ?Sized, M: Memory> Drop for Subscriber<T, M> {
    fn drop(&mut self) {
        if self.is_ours() {
            self.topic.free_subscriber(self.intake.subscriber(), self.me);
        }
    }
}

impl<T: Payload + ?Sized, M: Memory> fmt::Debug for Subscriber<T, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subscriber")
            .field("topic", &self.memory().label())
            .field("received", &self.received())
            .field("missed", &self.missed())
            .finish_non_exhaustive()
    }
}
