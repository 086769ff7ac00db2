//! The publishers of a topic.

use std::fmt;
use std::time::{Duration, Instant};

use ipc_core::owner::here;
use ipc_core::{Deadline, Errno, Error, Name, ProcessInstance, Refusal, Result};
use ipc_mem::{Fresh, Memory, Object, OpenOptions, Plain, ReadWrite, SharedMemory};

use super::layout::Topic;
use super::port::Port;
use super::{Loan, Payload, TopicInfo, TopicOptions};

/// A publisher of a topic whose messages are values `T` or slices `[T]`.
///
/// A process may have several publishers. A publisher may be moved to another thread, but not
/// shared: each thread opens its own. Its messages stay readable after it is closed or its process
/// has died.
///
/// # Examples
///
/// ```
/// use ipc_ring::topic::{Publisher, Subscriber, TopicOptions, WhenFull};
///
/// # let name = format!("/publisher-{}", std::process::id());
/// let options = TopicOptions::new().max_len(1 << 16).history(1);
/// let pictures = Publisher::<[u8]>::open_or_create(&name, options)?;
/// let mut picture = pictures.loan(640)?; // in shared memory: nothing is copied
/// picture.fill(7);
/// picture.publish()?;
///
/// let viewer = Subscriber::<[u8]>::open(&name, WhenFull::DropOldest)?; // gets the history first
/// assert_eq!(viewer.recv()?.len(), 640);
/// # Ok::<(), ipc_core::Error>(())
/// ```
pub struct Publisher<T: Payload + ?Sized, M: Memory = SharedMemory> {
    topic: Object<Topic<T>, M>,
    port: Port,
    /// This process, which a forked child is not.
    me: u64,
}

/// Opens a topic by name, or creates it. An existing topic with other limits is refused.
pub(super) fn find_or_create<T: Payload + ?Sized>(
    name: impl TryInto<Name, Error: Into<Error>>,
    options: TopicOptions,
) -> Result<Object<Topic<T>>> {
    let topic: Object<Topic<T>> =
        Object::open_or_create(name, options, options.memory, |_| Ok(()))?;
    topic.expect_limits(&options).map_err(|refusal| refusal.on(topic.memory().label()))?;
    Ok(topic)
}

impl<T: Payload + ?Sized> Publisher<T> {
    /// Creates a topic under a new name, and opens a publisher.
    ///
    /// # Errors
    ///
    /// Those of [`SharedMemory::create`]; [`is_invalid_argument`](Error::is_invalid_argument) if a
    /// limit is out of range: the message says which values are possible.
    pub fn create(
        name: impl TryInto<Name, Error: Into<Error>>,
        options: TopicOptions,
    ) -> Result<Self> {
        Self::attach(Object::create(name, options, options.memory, |_| Ok(()))?)
    }

    /// Opens a publisher of a topic by name.
    ///
    /// # Errors
    ///
    /// Those of [`SharedMemory::open`]; [`is_mismatch`](Error::is_mismatch) if it is not a topic of
    /// messages of `T`: the error says what was found; [`is_busy`](Error::is_busy) if the maximum
    /// number of publishers is open.
    pub fn open(name: impl TryInto<Name, Error: Into<Error>>) -> Result<Self> {
        Self::open_with(name, OpenOptions::new())
    }

    /// Opens a publisher of a topic by name, with options such as which owners to trust.
    ///
    /// # Errors
    ///
    /// Those of [`open`](Self::open).
    pub fn open_with(
        name: impl TryInto<Name, Error: Into<Error>>,
        options: OpenOptions,
    ) -> Result<Self> {
        Self::attach(Object::open(name, options)?)
    }

    /// Opens a publisher of a topic by name, or creates the topic.
    ///
    /// # Errors
    ///
    /// Those of [`open`](Self::open) and [`create`](Self::create);
    /// [`is_mismatch`](Error::is_mismatch) if an existing topic has other limits.
    pub fn open_or_create(
        name: impl TryInto<Name, Error: Into<Error>>,
        options: TopicOptions,
    ) -> Result<Self> {
        Self::attach(find_or_create(name, options)?)
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

impl<T: Payload + ?Sized, M: Memory<Access = ReadWrite>> Publisher<T, M> {
    /// Creates a topic in a fresh memory object, and opens a publisher.
    ///
    /// # Errors
    ///
    /// [`is_invalid_argument`](Error::is_invalid_argument) if a limit is out of range, or the
    /// memory object is too small or not aligned; [`is_mismatch`](Error::is_mismatch) if it was
    /// created with a [tag](ipc_mem::Tag) other than `TOPIC` or `BARE`. Choose the first of these,
    /// so that other handles can be opened with `open_in`: with `BARE`, the default, this call
    /// succeeds, but every later `open_in` fails.
    pub fn create_in(memory: Fresh<M>, options: TopicOptions) -> Result<Self> {
        Self::attach(Object::create_in(memory, options, |_| Ok(()))?)
    }

    /// Opens a publisher of the topic in a memory object.
    ///
    /// # Errors
    ///
    /// [`is_mismatch`](Error::is_mismatch) if it is not a topic of messages of `T`;
    /// [`is_busy`](Error::is_busy) if the maximum number of publishers is open.
    pub fn open_in(memory: M) -> Result<Self> {
        Self::attach(Object::open_in(memory)?)
    }
}

impl<T: Payload + ?Sized> Publisher<T> {
    /// The number of bytes that a topic with these options needs.
    ///
    /// # Errors
    ///
    /// [`is_invalid_argument`](Error::is_invalid_argument) if there can be no such topic.
    pub fn size_for(options: TopicOptions) -> Result<usize> {
        let planned = <Topic<T> as ipc_mem::Structure>::plan(&options);
        planned.map(|plan| plan.size).map_err(|refusal| refusal.on("a topic"))
    }
}

impl<T: Payload + ?Sized, M: Memory> Publisher<T, M> {
    fn attach(topic: Object<Topic<T>, M>) -> Result<Self> {
        let me = here();
        topic.clear_dead_subscribers(me);
        let slot =
            topic.claim_publisher(me).map_err(|refusal| refusal.on(topic.memory().label()))?;
        Ok(Self { port: Port::new(&topic, slot, me), topic, me })
    }

    /// Publishes a copy of a message, and waits for as long as the queue of a subscriber with
    /// [`WhenFull::Block`](super::WhenFull::Block) is full.
    ///
    /// # Errors
    ///
    /// [`is_invalid_argument`](Error::is_invalid_argument) in a forked child, and for a slice that
    /// is longer than the maximum; [`is_busy`](Error::is_busy) if the maximum number of samples is
    /// on loan.
    #[inline]
    pub fn publish(&self, message: &T) -> Result<()> {
        self.copy(message)?.publish()
    }

    /// Publishes a copy of a message. Returns `false` without publishing it if the queue of a
    /// subscriber with [`WhenFull::Block`](super::WhenFull::Block) is full. This method does not
    /// check whether that subscriber is dead; [`publish_timeout`](Self::publish_timeout) does.
    ///
    /// # Errors
    ///
    /// Those of [`publish`](Self::publish).
    #[inline]
    pub fn try_publish(&self, message: &T) -> Result<bool> {
        Ok(self.copy(message)?.try_publish()?.is_none())
    }

    /// Publishes a copy of a message, and waits for at most `timeout` while the queue of a
    /// subscriber with [`WhenFull::Block`](super::WhenFull::Block) is full. Returns `false` if it
    /// stayed full.
    ///
    /// # Errors
    ///
    /// Those of [`publish`](Self::publish).
    pub fn publish_timeout(&self, message: &T, timeout: Duration) -> Result<bool> {
        Ok(self.copy(message)?.publish_timeout(timeout)?.is_none())
    }

    /// Publishes a copy of a message, and waits until `deadline` while the queue of a subscriber
    /// with [`WhenFull::Block`](super::WhenFull::Block) is full. Returns `false` if it stayed full.
    ///
    /// # Errors
    ///
    /// Those of [`publish`](Self::publish).
    pub fn publish_deadline(&self, message: &T, deadline: Instant) -> Result<bool> {
        Ok(self.copy(message)?.publish_deadline(deadline)?.is_none())
    }

    #[inline]
    fn copy(&self, message: &T) -> Result<Loan<'_, T, M>> {
        let elements = message.elements();
        let mut loan = self.loan_of(elements.len())?;
        loan.copy_in(0, elements);
        Ok(loan)
    }

    /// Returns a sample of this number of elements, for writing.
    #[inline]
    fn loan_of(&self, len: usize) -> Result<Loan<'_, T, M>> {
        self.check("loan")?;
        let max_len = self.topic.limits().max_len.max(1);
        if len > max_len {
            let why = format!("{len} elements, a message has {max_len} at most");
            return Err(Error::invalid("loan", self.memory().label(), why));
        }
        if self.port.loans() >= self.topic.limits().loans {
            return Err(self.exhausted());
        }
        let index = self.port.loan(&self.topic).ok_or_else(|| self.exhausted())?;
        Ok(Loan::new(self, index, len))
    }

    #[cold]
    fn exhausted(&self) -> Error {
        let (loans, limit) = (self.port.loans(), self.topic.limits().loans);
        let why = if loans >= limit {
            format!(
                "found {loans} samples on loan, and the maximum is {limit}: publish or drop one"
            )
        } else {
            // This happens only if the topic is damaged, or on a kernel without `membarrier`.
            String::from(
                "found no free sample, which the limits of the topic exclude: the topic may be \
                 damaged",
            )
        };
        Refusal::os("loan", Errno::EBUSY).because(why).on(self.memory().label())
    }

    pub(super) fn parts(&self) -> (&Topic<T>, &Port) {
        (&self.topic, &self.port)
    }

    #[inline]
    pub(super) fn is_ours(&self) -> bool {
        ProcessInstance::known().is_some_and(|here| here.raw() == self.me) || here() == self.me
    }

    #[inline]
    pub(super) fn check(&self, call: &'static str) -> Result<()> {
        if self.is_ours() { Ok(()) } else { Err(self.forked(call)) }
    }

    #[cold]
    fn forked(&self, call: &'static str) -> Error {
        let why = "a forked child does not have this publisher open: open it again in this process";
        Error::invalid(call, self.memory().label(), why)
    }

    /// Publishes a loan, and waits until the deadline; returns `false` if it has passed.
    #[inline]
    pub(super) fn send(
        &self,
        index: usize,
        len: usize,
        deadline: impl FnOnce() -> Option<Deadline>,
    ) -> Result<bool> {
        self.check("publish")?;
        if !self.port.has_room(&self.topic) {
            let waited = deadline().map(|deadline| self.port.wait_for_room(&self.topic, deadline));
            if waited != Some(true) {
                return Ok(false);
            }
        }
        self.port.publish(&self.topic, index, len);
        Ok(true)
    }

    /// The number of messages that this publisher, and earlier publishers in the same place of the
    /// topic, published.
    #[must_use]
    pub fn published(&self) -> u64 {
        self.port.published()
    }

    /// The maximum number of elements of a message: 1 if messages are not slices.
    #[must_use]
    pub fn max_len(&self) -> usize {
        self.topic.limits().max_len.max(1)
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

impl<T: Plain, M: Memory> Publisher<T, M> {
    /// Returns a sample in shared memory, to [write](Loan::write) and publish in place. Before it
    /// is written, it contains an older message, or zeros.
    ///
    /// # Errors
    ///
    /// [`is_invalid_argument`](Error::is_invalid_argument) in a forked child;
    /// [`is_busy`](Error::is_busy) if the maximum number of samples is on loan.
    #[inline]
    pub fn loan(&self) -> Result<Loan<'_, T, M>> {
        self.loan_of(1)
    }
}

impl<T: Plain, M: Memory> Publisher<[T], M> {
    /// Returns a sample of `len` elements in shared memory, to write and publish in place. Before
    /// it is written, it contains parts of an older message, or zeros.
    ///
    /// # Errors
    ///
    /// [`is_invalid_argument`](Error::is_invalid_argument) in a forked child, and if `len` is more
    /// than the maximum; [`is_busy`](Error::is_busy) if the maximum number of samples is on loan.
    #[inline]
    pub fn loan(&self, len: usize) -> Result<Loan<'_, [T], M>> {
        self.loan_of(len)
    }
}

impl<T: Payload + ?Sized, M: Memory> Drop for Publisher<T, M> {
    fn drop(&mut self) {
        if self.is_ours() {
            self.topic.free_publisher(self.port.publisher(), self.me);
        }
    }
}

impl<T: Payload + ?Sized, M: Memory> fmt::Debug for Publisher<T, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Publisher")
            .field("topic", &self.memory().label())
            .field("published", &self.published())
            .finish_non_exhaustive()
    }
}
