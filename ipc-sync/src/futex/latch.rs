//! Latches: tasks that must each be done once.

#![expect(unsafe_code, reason = "states what a latch promises as a `Resident`")]

use std::fmt;
use std::mem::ManuallyDrop;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use ipc_core::{Deadline, Result};
use ipc_mem::{Kind, Resident, Schema};

use super::slots::{OwnedSlots, USED_UP};

/// A latch, which opens when all of its tasks are done. It has at most `N` tasks, and each is to be
/// done once.
///
/// A thread [begins](Self::begin) a task, and holds a [`Task`] until it calls [`done`](Task::done).
/// If the `Task` is dropped instead, or the process is killed, the task is free again: another call
/// of `begin` returns it. So the latch opens even if processes are killed, provided that another
/// process does the remaining tasks. A process that is stopped keeps its task.
///
/// # Examples
///
/// ```
/// use ipc_mem::{LocalMemory, Placed};
/// use ipc_sync::futex::Latch;
///
/// let parts = Placed::<Latch, _>::create_in_with(LocalMemory::new(1024)?, 2)?;
/// std::thread::scope(|scope| {
///     scope.spawn(|| {
///         while let Some(part) = parts.begin() {
///             part.done();
///         }
///     });
///     parts.wait();
/// });
/// assert_eq!(parts.left(), 0);
/// # Ok::<(), ipc_core::Error>(())
/// ```
#[repr(transparent)]
pub struct Latch<const N: usize = 64>(OwnedSlots<N>);

/// A task of a [`Latch`] that this process has begun. Dropping it makes the task free again.
#[must_use = "if this is dropped, the task is not done, and free again"]
pub struct Task<'a, const N: usize = 64> {
    slot: &'a AtomicU64,
    slots: &'a OwnedSlots<N>,
}

/// The result of looking for a task.
enum Found<'a, const N: usize> {
    Task(Task<'a, N>),
    AllDone,
}

impl<const N: usize> Latch<N> {
    /// Begins a free task. If other threads have begun all remaining tasks, waits until one is free
    /// or all are done. Returns `None` if all tasks are done.
    pub fn begin(&self) -> Option<Task<'_, N>> {
        loop {
            // The deadline never comes, so this is the only end.
            match self.begin_until(Deadline::NEVER) {
                Some(Found::Task(task)) => return Some(task),
                Some(Found::AllDone) => return None,
                None => {}
            }
        }
    }

    /// Begins a task if one is free; returns `None` otherwise.
    pub fn try_begin(&self) -> Option<Task<'_, N>> {
        self.0.claim().map(|slot| Task { slot, slots: &self.0 })
    }

    /// Begins a free task, as [`begin`](Self::begin) does, but waits for at most `timeout`. Returns
    /// `None` if all tasks are done, or if none is free in time.
    pub fn begin_timeout(&self, timeout: Duration) -> Option<Task<'_, N>> {
        match self.begin_until(Deadline::after(timeout)) {
            Some(Found::Task(task)) => Some(task),
            Some(Found::AllDone) | None => None,
        }
    }

    /// Begins a free task, as [`begin`](Self::begin) does, but waits until `deadline` at the
    /// latest. Returns `None` if all tasks are done, or if none is free in time.
    pub fn begin_deadline(&self, deadline: Instant) -> Option<Task<'_, N>> {
        self.begin_timeout(deadline.saturating_duration_since(Instant::now()))
    }

    fn begin_until(&self, deadline: Deadline) -> Option<Found<'_, N>> {
        self.wait_for(deadline, || match self.try_begin() {
            Some(task) => Some(Found::Task(task)),
            None => self.is_open().then_some(Found::AllDone),
        })
    }

    /// Waits until all tasks are done.
    pub fn wait(&self) {
        while !self.wait_until(Deadline::NEVER) {}
    }

    /// Waits until all tasks are done, for at most `timeout`. Returns `false` if they are not done
    /// in time.
    #[must_use = "the tasks may not be done"]
    pub fn wait_timeout(&self, timeout: Duration) -> bool {
        self.wait_until(Deadline::after(timeout))
    }

    /// Waits until all tasks are done, until `deadline` at the latest. Returns `false` if they are
    /// not done in time.
    #[must_use = "the tasks may not be done"]
    pub fn wait_deadline(&self, deadline: Instant) -> bool {
        self.wait_until(Deadline::at(deadline))
    }

    fn wait_until(&self, deadline: Deadline) -> bool {
        self.is_open() || self.wait_for(deadline, || self.is_open().then_some(())).is_some()
    }

    fn wait_for<R>(&self, deadline: Deadline, mut attempt: impl FnMut() -> Option<R>) -> Option<R> {
        self.0.wait.wait_for(deadline, |is_suspicious| {
            if is_suspicious {
                self.0.free_of_the_dead();
            }
            attempt()
        })
    }

    /// Returns `true` if all tasks are done. Then this thread sees everything that was written for
    /// the tasks.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.left() == 0
    }

    /// The number of tasks that are not done yet.
    #[must_use]
    pub fn left(&self) -> usize {
        self.0.all().iter().filter(|slot| slot.load(Ordering::SeqCst) != USED_UP).count()
    }
}

impl<const N: usize> Task<'_, N> {
    /// Marks the task as done. The last task opens the latch, and wakes the threads that wait for
    /// it.
    ///
    /// Returns `false` in a forked child, and changes nothing: the child has a copy of its parent's
    /// `Task`, but not the task.
    pub fn done(self) -> bool {
        let this = ManuallyDrop::new(self);
        let is_done = this.slots.release(this.slot, USED_UP);
        if is_done {
            this.slots.wait.notify_all();
        }
        is_done
    }
}

impl<const N: usize> Drop for Task<'_, N> {
    fn drop(&mut self) {
        if self.slots.release(self.slot, 0) {
            self.slots.wait.notify_all();
        }
    }
}

impl<const N: usize> fmt::Debug for Latch<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Latch({} left of {})", self.left(), self.0.all().len())
    }
}

impl<const N: usize> fmt::Debug for Task<'_, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Task")
    }
}

// SAFETY: 1. `repr(C)`, atomic integers only, no pointer. 2. They are changed by atomic operations
// only. 3, 5. Every bit pattern is a value, and the number of slots is limited where it is
// used. 4. Nothing outside of its bytes knows of it: the kernel knows a futex only while a thread
// sleeps on it, which borrows it.
unsafe impl<const N: usize> Resident for Latch<N> {
    const SCHEMA: &'static Schema = &Schema::of::<Self>(Kind::FUTEX_LATCH);

    /// The number of tasks, at most `N`.
    type Options = u32;

    unsafe fn set_up(&self, count: u32) -> Result<()> {
        self.0.begin(count, "tasks")
    }
}
