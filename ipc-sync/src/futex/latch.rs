//! Latches: a number of tasks that have to be done once.

#![expect(unsafe_code, reason = "states what a latch promises as a `Resident`")]

use std::fmt;
use std::mem::ManuallyDrop;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use ipc_core::{Deadline, Result};
use ipc_mem::{Kind, Resident, Schema};

use super::slots::{OwnedSlots, USED_UP};

/// A number of tasks, at most `N`, each to be done once; threads wait until all are done.
///
/// A thread [begins](Self::begin) a task and holds a [`Task`] until it is [done](Task::done). The
/// task of a process that is killed before, and that of a `Task` which is dropped, is to be done by
/// another: `begin` hands it out again. So a latch opens as long as any process does its tasks. A
/// process that is stopped keeps its task.
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

/// A task of a [`Latch`] that this process has begun.
#[must_use = "the task is given back, not done, when this is dropped"]
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
    /// Begins a task, and waits while all tasks are being done; returns `None` if all are done.
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

    /// Begins a task if there is one that no process has begun; returns `None` otherwise.
    pub fn try_begin(&self) -> Option<Task<'_, N>> {
        self.0.claim().map(|slot| Task { slot, slots: &self.0 })
    }

    /// Begins a task, and waits at most that time while all tasks are being done; returns `None` if
    /// none is left to be done, or the time is over.
    pub fn begin_timeout(&self, timeout: Duration) -> Option<Task<'_, N>> {
        match self.begin_until(Deadline::after(timeout)) {
            Some(Found::Task(task)) => Some(task),
            Some(Found::AllDone) | None => None,
        }
    }

    /// Begins a task, and waits until the deadline while all tasks are being done; returns `None`
    /// if none is left to be done, or the deadline has come.
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

    /// Waits until all tasks are done, for at most that time; returns `false` if they are not.
    #[must_use = "the tasks may not be done"]
    pub fn wait_timeout(&self, timeout: Duration) -> bool {
        self.wait_until(Deadline::after(timeout))
    }

    /// Waits until all tasks are done, until the deadline at the latest; returns `false` if they
    /// are not.
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

    /// Returns `true` if all tasks are done. Then everything that was written for them is visible
    /// to this thread.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.left() == 0
    }

    /// The number of tasks that are not done.
    #[must_use]
    pub fn left(&self) -> usize {
        self.0.all().iter().filter(|slot| slot.load(Ordering::SeqCst) != USED_UP).count()
    }
}

impl<const N: usize> Task<'_, N> {
    /// Marks the task as done, and wakes the threads that wait if it was the last. Returns `false`
    /// in a forked child, which has a copy of the `Task` of its parent but not the task.
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
// only. 3. Every bit pattern is a value of them, and the number of slots is limited where it is
// used. 4. Nothing outside of its bytes knows of it: the kernel knows a futex only while a thread
// sleeps on it, which borrows it.
unsafe impl<const N: usize> Resident for Latch<N> {
    const SCHEMA: &'static Schema = &Schema::of::<Self>(Kind::FUTEX_LATCH);

    /// How many tasks there are, at most `N`.
    type Options = u32;

    unsafe fn init(place: NonNull<Self>, count: u32) -> Result<()> {
        // SAFETY: the caller guarantees that zeros, which are slots, are there (contract of
        // `init`).
        unsafe { place.as_ref() }.0.begin(count, "tasks")
    }
}
