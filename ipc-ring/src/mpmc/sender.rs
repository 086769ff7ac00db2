//! The senders of a queue.

use std::fmt;
use std::time::{Duration, Instant};

use ipc_core::barrier::LightBarrier;
use ipc_core::owner::here;
use ipc_core::{Deadline, Error, Name, ProcessInstance, Result};
use ipc_mem::{Fresh, Memory, Object, OpenOptions, Plain, ReadWrite, SharedMemory};

use super::cells::{Cells, CellsOf, Waits};
use super::protocol::Claimed;
use super::{Priority, QueueOptions};
use crate::Statistics;
use crate::doors::{self, Handle};
use crate::waiting;

/// A sender of a queue. All threads of a process may use one, and each process opens its own.
///
/// # Examples
///
/// ```
/// use ipc_ring::mpmc::{Received, Receiver, Sender};
///
/// # let name = format!("/tasks-{}", std::process::id());
/// let tasks = Sender::<u64>::open_or_create(&name, 1024)?;
/// tasks.send(&7)?;
///
/// let mine = Receiver::<u64>::open(&name)?; // usually in other processes
/// match mine.recv()? {
///     Received::Message(task) => assert_eq!(task, 7),
///     Received::Lost(count) => println!("{count} tasks are lost: their senders died"),
/// }
/// # Ok::<(), ipc_core::Error>(())
/// ```
pub struct Sender<T: Plain, M: Memory = SharedMemory> {
    cells: Object<Cells<T>, M>,
    barrier: LightBarrier,
    slot: usize,
    /// This process, which a forked child is not.
    me: u64,
}

impl<T: Plain> Sender<T> {
    /// Creates a queue under a new name, and opens a sender.
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

    /// Opens a sender of a queue by name.
    ///
    /// # Errors
    ///
    /// Those of [`SharedMemory::open`]; [`is_mismatch`](Error::is_mismatch) if it is not a queue of
    /// messages of `T`: the error says what was found; [`is_busy`](Error::is_busy) if the maximum
    /// number of senders is open.
    pub fn open(name: impl TryInto<Name, Error: Into<Error>>) -> Result<Self> {
        Self::open_with(name, OpenOptions::new())
    }

    /// Opens a sender of a queue by name, with options such as which owners to trust.
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

    /// Opens a sender of a queue by name, or creates the queue.
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

impl<T: Plain, M: Memory<Access = ReadWrite>> Sender<T, M> {
    /// Creates a queue in a fresh memory object, and opens a sender.
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

    /// Opens a sender of the queue in a memory object.
    ///
    /// # Errors
    ///
    /// [`is_mismatch`](Error::is_mismatch) if it is not a queue of messages of `T`;
    /// [`is_busy`](Error::is_busy) if the maximum number of senders is open.
    pub fn open_in(memory: M) -> Result<Self> {
        doors::open_in(memory)
    }
}

impl<T: Plain, M: Memory> Handle<M> for Sender<T, M> {
    type Contents = CellsOf<T>;

    fn attach(cells: Object<Cells<T>, M>) -> Result<Self> {
        let slot = cells.claim_slot().map_err(|refusal| refusal.on(cells.memory().label()))?;
        Ok(Self { cells, barrier: LightBarrier::register(), slot, me: here() })
    }
}

impl<T: Plain, M: Memory> Sender<T, M> {
    /// Sends a message, and waits for as long as the queue is full. In a queue with several
    /// priorities, the message gets the lowest.
    ///
    /// # Errors
    ///
    /// [`is_invalid_argument`](Error::is_invalid_argument) in a forked child;
    /// [`is_mismatch`](Error::is_mismatch) if another process damaged the queue.
    #[inline]
    pub fn send(&self, message: &T) -> Result<()> {
        if self.try_send(message)? {
            return Ok(());
        }
        // The deadline never comes.
        self.send_until(0, message, Deadline::NEVER).map(|_| ())
    }

    /// Sends a message if the queue is not full; returns `false` otherwise.
    ///
    /// # Errors
    ///
    /// Those of [`send`](Self::send).
    #[inline]
    pub fn try_send(&self, message: &T) -> Result<bool> {
        self.try_send_at(0, message)
    }

    /// Sends a message, and waits for at most `timeout` while the queue is full. Returns `false` if
    /// it stayed full.
    ///
    /// # Errors
    ///
    /// Those of [`send`](Self::send).
    pub fn send_timeout(&self, message: &T, timeout: Duration) -> Result<bool> {
        Ok(self.try_send(message)? || self.send_until(0, message, Deadline::after(timeout))?)
    }

    /// Sends a message, and waits until `deadline` while the queue is full. Returns `false` if it
    /// stayed full.
    ///
    /// # Errors
    ///
    /// Those of [`send`](Self::send).
    pub fn send_deadline(&self, message: &T, deadline: Instant) -> Result<bool> {
        Ok(self.try_send(message)? || self.send_until(0, message, Deadline::at(deadline))?)
    }

    /// Returns a handle that sends messages of one priority through this sender. Priorities are 0
    /// to [`priorities`](Self::priorities) less one.
    ///
    /// # Errors
    ///
    /// [`is_invalid_argument`](Error::is_invalid_argument) if the queue does not have this
    /// priority.
    pub fn with_priority(&self, priority: usize) -> Result<Priority<'_, T, M>> {
        if priority < self.priorities() {
            return Ok(Priority::new(self, priority));
        }
        let why = format!("priority {priority}, wanted one below {}", self.priorities());
        Err(Error::invalid("with_priority", self.memory().label(), why))
    }

    #[inline]
    pub(super) fn try_send_at(&self, priority: usize, message: &T) -> Result<bool> {
        if !self.is_ours() {
            return Err(self.forked());
        }
        let lane = self.cells.of(priority);
        match lane.claim(self.slot) {
            Claimed::Position(position) => {
                lane.publish(position, message);
                self.barrier.light();
                self.cells.control().waits.filled.notify_one();
                Ok(true)
            }
            Claimed::Full => Ok(false),
            Claimed::Damaged => Err(damaged("send", self.memory())),
        }
    }

    #[cold]
    pub(super) fn send_until(
        &self,
        priority: usize,
        message: &T,
        deadline: Deadline,
    ) -> Result<bool> {
        let attempt = |_| match self.try_send_at(priority, message) {
            Ok(false) => None,
            sent => Some(sent),
        };
        let Waits { freed, tally, .. } = &self.cells.control().waits;
        let sleeps = Some(&tally.sender_sleeps);
        waiting::wait(freed, sleeps, deadline, waiting::LEISURE, attempt).unwrap_or(Ok(false))
    }

    #[inline]
    fn is_ours(&self) -> bool {
        ProcessInstance::known().is_some_and(|here| here.raw() == self.me) || here() == self.me
    }

    #[cold]
    fn forked(&self) -> Error {
        let why = "a forked child does not have this sender open: open it again in this process";
        Error::invalid("send", self.memory().label(), why)
    }

    /// The number of priorities of the queue.
    #[must_use]
    pub fn priorities(&self) -> usize {
        self.cells.lanes()
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

/// The error of a call that found what no step leads to.
#[cold]
pub(super) fn damaged(call: &'static str, memory: &impl Memory) -> Error {
    let why = "found a cell in a lap in which it cannot be: another process damaged the queue";
    Error::mismatch(call, memory.label(), why)
}

impl<T: Plain, M: Memory> Drop for Sender<T, M> {
    fn drop(&mut self) {
        if self.is_ours() {
            self.cells.free_slot(self.slot, self.me);
        }
    }
}

impl<T: Plain, M: Memory> fmt::Debug for Sender<T, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sender")
            .field("queue", &self.memory().label())
            .field("slot", &self.slot)
            .finish_non_exhaustive()
    }
}
