//! The receivers of a queue.

use std::fmt;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use ipc_core::barrier::LightBarrier;
use ipc_core::{Deadline, Error, Name, Result};
use ipc_mem::{Fresh, Memory, Object, OpenOptions, Plain, ReadWrite, SharedMemory};

use super::cells::{Cells, CellsOf, Lane, MAX_PRIORITIES, Waits};
use super::protocol::{Found, Pending};
use super::sender::damaged;
use super::{QueueOptions, Received};
use crate::Statistics;
use crate::doors::{self, Handle};
use crate::wait::{self, Sealed};
use crate::waiting;

/// How many milliseconds a message may be on its way before a receiver that polls looks whether its
/// sender is dead.
const PENDING: u64 = 2;

/// A receiver of a queue. All threads of a process may use one, and forked children as well.
///
/// A receiver holds nothing in the queue. If its process is killed in the middle of a call, the
/// others get the message, unless the call had already removed it from the queue.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use ipc_ring::mpmc::{Received, Receiver, Sender};
///
/// # let name = format!("/work-{}", std::process::id());
/// let work = Receiver::<u64>::open_or_create(&name, 64)?;
/// assert_eq!(work.recv_timeout(Duration::from_millis(1))?, None);
///
/// Sender::<u64>::open(&name)?.send(&7)?; // usually in another process
/// assert_eq!(work.recv()?, Received::Message(7));
/// # Ok::<(), ipc_core::Error>(())
/// ```
pub struct Receiver<T: Plain, M: Memory = SharedMemory> {
    cells: Object<Cells<T>, M>,
    barrier: LightBarrier,
    /// A position of each priority before which all are received.
    next: [AtomicU64; MAX_PRIORITIES],
    /// The position behind the one that was on its way when this receiver polled, and since when, in
    /// milliseconds of its life. Not under a lock, which a thread may hold when it is forked.
    pending: [AtomicU64; 2],
    opened: Instant,
}

impl<T: Plain> Receiver<T> {
    /// Creates a queue under a new name, and opens a receiver.
    ///
    /// # Errors
    ///
    /// Those of [`SharedMemory::create`]; [`is_invalid_argument`](Error::is_invalid_argument) if
    /// the capacity, the number of senders or the number of priorities is out of range.
    pub fn create(
        name: impl TryInto<Name, Error: Into<Error>>,
        options: impl Into<QueueOptions>,
    ) -> Result<Self> {
        doors::create(name, options.into())
    }

    /// Opens a receiver of a queue by name.
    ///
    /// # Errors
    ///
    /// Those of [`SharedMemory::open`]; [`is_mismatch`](Error::is_mismatch) if it is not a queue of
    /// messages of `T`: the error says what was found.
    pub fn open(name: impl TryInto<Name, Error: Into<Error>>) -> Result<Self> {
        Self::open_with(name, OpenOptions::new())
    }

    /// Opens a receiver of a queue by name, with options such as which owners to trust.
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

    /// Opens a receiver of a queue by name, or creates the queue.
    ///
    /// # Errors
    ///
    /// Those of [`open`](Self::open) and [`create`](Self::create);
    /// [`is_mismatch`](Error::is_mismatch) if an existing queue has another capacity, number of
    /// senders or number of priorities.
    pub fn open_or_create(
        name: impl TryInto<Name, Error: Into<Error>>,
        options: impl Into<QueueOptions>,
    ) -> Result<Self> {
        doors::open_or_create(name, options.into())
    }

    /// Unlinks the name of a queue. Open senders and receivers stay valid. Unlinking a name that
    /// does not exist is not an error.
    ///
    /// # Errors
    ///
    /// Those of [`SharedMemory::unlink`].
    pub fn unlink(name: impl TryInto<Name, Error: Into<Error>>) -> Result<()> {
        SharedMemory::unlink(name)
    }
}

impl<T: Plain, M: Memory<Access = ReadWrite>> Receiver<T, M> {
    /// Creates a queue in a fresh memory object, and opens a receiver.
    ///
    /// # Errors
    ///
    /// [`is_invalid_argument`](Error::is_invalid_argument) if the capacity, the number of senders
    /// or the number of priorities is out of range, or the memory object is too small or not
    /// aligned; [`is_mismatch`](Error::is_mismatch) if it was created with a [tag](ipc_mem::Tag)
    /// other than `QUEUE` or `BARE`. Choose the first of these, so that other handles can be opened
    /// with `open_in`: with `BARE`, the default, this call succeeds, but every later `open_in`
    /// fails.
    pub fn create_in(memory: Fresh<M>, options: impl Into<QueueOptions>) -> Result<Self> {
        doors::create_in(memory, options.into())
    }

    /// Opens a receiver of the queue in a memory object.
    ///
    /// # Errors
    ///
    /// [`is_mismatch`](Error::is_mismatch) if it is not a queue of messages of `T`.
    pub fn open_in(memory: M) -> Result<Self> {
        doors::open_in(memory)
    }
}

impl<T: Plain, M: Memory> Handle<M> for Receiver<T, M> {
    type Contents = CellsOf<T>;

    fn attach(cells: Object<Cells<T>, M>) -> Result<Self> {
        let (barrier, next) = (LightBarrier::register(), Default::default());
        Ok(Self { cells, barrier, next, pending: Default::default(), opened: Instant::now() })
    }
}

impl<T: Plain, M: Memory> Receiver<T, M> {
    /// Receives a message, and waits for as long as the queue is empty.
    ///
    /// # Errors
    ///
    /// [`is_mismatch`](Error::is_mismatch) if another process damaged the queue.
    #[inline]
    pub fn recv(&self) -> Result<Received<T>> {
        loop {
            // The deadline never comes.
            if let Some(received) = self.recv_until(|| Deadline::NEVER)? {
                return Ok(received.without_priority());
            }
        }
    }

    /// Receives a message if there is one; returns `None` otherwise.
    ///
    /// # Errors
    ///
    /// Those of [`recv`](Self::recv).
    #[inline]
    pub fn try_recv(&self) -> Result<Option<Received<T>>> {
        let found = match self.find(false) {
            Found::Pending(pending) if self.is_long(pending) => self.find(true),
            found => found,
        };
        Ok(self.result(found).transpose()?.map(Received::without_priority))
    }

    /// Receives a message, and waits for at most `timeout` while the queue is empty. Returns `None`
    /// if it stayed empty.
    ///
    /// # Errors
    ///
    /// Those of [`recv`](Self::recv).
    pub fn recv_timeout(&self, timeout: Duration) -> Result<Option<Received<T>>> {
        Ok(self.recv_until(|| Deadline::after(timeout))?.map(Received::without_priority))
    }

    /// Receives a message, and waits until `deadline` while the queue is empty. Returns `None` if
    /// it stayed empty.
    ///
    /// # Errors
    ///
    /// Those of [`recv`](Self::recv).
    pub fn recv_deadline(&self, deadline: Instant) -> Result<Option<Received<T>>> {
        Ok(self.recv_until(|| Deadline::at(deadline))?.map(Received::without_priority))
    }

    /// Receives a message and its priority, and waits until `deadline` while the queue is empty.
    /// Returns `None` if it stayed empty.
    ///
    /// # Errors
    ///
    /// Those of [`recv`](Self::recv).
    pub fn recv_with_priority(
        &self,
        deadline: impl Into<Deadline>,
    ) -> Result<Option<Received<(T, usize)>>> {
        self.recv_until(|| deadline.into())
    }

    #[inline]
    fn recv_until(
        &self,
        deadline: impl FnOnce() -> Deadline,
    ) -> Result<Option<Received<(T, usize)>>> {
        match self.result(self.find(false)) {
            Some(received) => received.map(Some),
            None => self.wait(deadline()),
        }
    }

    #[cold]
    fn wait(&self, deadline: Deadline) -> Result<Option<Received<(T, usize)>>> {
        let attempt = |is_suspicious| self.result(self.find(is_suspicious));
        let Waits { filled, tally, .. } = &self.cells.control().waits;
        let sleeps = Some(&tally.receiver_sleeps);
        waiting::wait(filled, sleeps, deadline, waiting::HASTE, attempt).transpose()
    }

    /// A position of a priority before which all are received.
    #[inline]
    fn first(&self, priority: usize, lane: Lane<'_, T>) -> u64 {
        let next = self.next[priority].load(Ordering::Acquire);
        next.max(lane.head.load(Ordering::Acquire))
    }

    /// Looks for the next message, of the highest priority first. If `proves`, senders in the middle
    /// of a message may also be proved dead.
    #[inline]
    fn find(&self, proves: bool) -> Found<(T, usize)> {
        if self.cells.lanes() == 1 { self.find_of(0, proves) } else { self.find_any(proves) }
    }

    #[inline(never)]
    fn find_any(&self, proves: bool) -> Found<(T, usize)> {
        let mut pending = None;
        for priority in (0..self.cells.lanes()).rev() {
            match self.find_of(priority, proves) {
                Found::Nothing => {}
                Found::Pending(found) => pending = pending.or(Some(found)),
                found => return found,
            }
        }
        pending.map_or(Found::Nothing, Found::Pending)
    }

    /// Looks for the next message of a priority.
    #[inline]
    fn find_of(&self, priority: usize, proves: bool) -> Found<(T, usize)> {
        let (waits, lane) = (&self.cells.control().waits, self.cells.of(priority));
        let (found, next) = lane.receive(self.first(priority, lane), proves);
        self.next[priority].store(next, Ordering::Release);
        if matches!(found, Found::Message(_) | Found::Lost(_)) {
            self.barrier.light();
            if waits.freed.has_sleepers() {
                self.wake_sender(waits);
            }
            // A sender that was slow may have held up the messages behind its own: those who were
            // woken for them sleep again.
            if waits.filled.has_sleepers() && lane.is_ready(next) {
                waits.filled.wake_one();
            }
        }
        match found {
            Found::Message(message) => Found::Message((message, priority)),
            Found::Lost(count) => Found::Lost(count),
            Found::Nothing => Found::Nothing,
            Found::Pending(pending) => Found::Pending(pending),
            Found::Damaged => Found::Damaged,
        }
    }

    /// Wakes a sender that waits for a place. Senders of several priorities wait at one word: all of
    /// them look, since the place is of one priority.
    #[cold]
    fn wake_sender(&self, waits: &Waits) {
        if self.cells.lanes() == 1 {
            waits.freed.wake_one();
        } else {
            waits.freed.wake_all();
        }
    }

    #[inline]
    fn result(&self, found: Found<(T, usize)>) -> Option<Result<Received<(T, usize)>>> {
        match found {
            Found::Message(message) => Some(Ok(Received::Message(message))),
            Found::Lost(count) => Some(Ok(Received::Lost(count))),
            Found::Nothing | Found::Pending(_) => None,
            Found::Damaged => Some(Err(damaged("recv", self.memory()))),
        }
    }

    /// Returns `true` if a message has been on its way for long, and from then on again after that
    /// time. It proves nothing.
    #[cold]
    fn is_long(&self, pending: Pending) -> bool {
        let [behind, since] = &self.pending;
        let now = u64::try_from(self.opened.elapsed().as_millis()).unwrap_or(u64::MAX);
        // Another thread that polls may come in between: then one of them looks too early or late.
        let is_same = behind.swap(pending.behind(), Ordering::Relaxed) == pending.behind();
        let is_long = is_same && now.saturating_sub(since.load(Ordering::Relaxed)) >= PENDING;
        if is_long || !is_same {
            since.store(now, Ordering::Relaxed);
        }
        is_long
    }

    /// The maximum number of messages of each priority in the queue.
    #[must_use]
    pub fn capacity(&self) -> usize {
        usize::try_from(self.cells.capacity()).unwrap_or(usize::MAX)
    }

    /// Returns how many messages were sent and received, and how often threads slept.
    #[must_use]
    pub fn statistics(&self) -> Statistics {
        self.cells.statistics()
    }

    /// The memory object that contains the queue.
    #[must_use]
    pub fn memory(&self) -> &M {
        self.cells.memory()
    }
}

impl<T: Plain, M: Memory> Sealed for Receiver<T, M> {
    fn announce(&self) -> (&AtomicU32, u32) {
        wait::on(&self.cells.control().waits.filled)
    }

    fn is_ready(&self, proves: bool) -> bool {
        let mut lanes = self.cells.by_priority();
        lanes.any(|(priority, lane)| lane.is_any(self.first(priority, lane), proves))
    }
}

impl<T: Plain, M: Memory> fmt::Debug for Receiver<T, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receiver").field("queue", &self.memory().label()).finish_non_exhaustive()
    }
}
