//! Permits: a semaphore that gets back the permits of killed processes.

#![expect(unsafe_code, reason = "states what permits promise as a `Resident`")]

use std::fmt;
use std::sync::atomic::AtomicU64;
use std::time::{Duration, Instant};

use ipc_core::{Deadline, Result};
use ipc_mem::{Kind, Resident, Schema};

use super::slots::OwnedSlots;

/// A semaphore of at most `N` permits, which gets back the permits of a killed process.
///
/// Use it to share a limited number of things, such as connections or the slots of a device. Each
/// permit is a word in shared memory that names the process which holds it. So even if a process is
/// killed at any instruction, the words show exactly which permits it held. These permits are free
/// again when a waiting thread has [proved the death](super#how-a-death-is-proved): usually some
/// milliseconds later, or up to a second if it has waited for long. A process that is stopped keeps
/// its permits.
///
/// A permit belongs to the process, not to a thread: another thread of the process may drop it. A
/// process that calls `exec` keeps its permits until it ends.
///
/// # Examples
///
/// ```
/// use ipc_mem::{LocalMemory, Placed};
/// use ipc_sync::futex::Permits;
///
/// let limit = Placed::<Permits, _>::create_in_with(LocalMemory::new(1024)?, 3)?;
/// let permit = limit.acquire();
/// assert_eq!(limit.available(), 2);
/// drop(permit);
/// assert_eq!(limit.available(), 3);
/// # Ok::<(), ipc_core::Error>(())
/// ```
#[repr(transparent)]
pub struct Permits<const N: usize = 64>(OwnedSlots<N>);

/// A permit of [`Permits`] that this process holds. Dropping it returns the permit.
///
/// A forked child has a copy of this, but does not hold the permit: dropping the copy returns
/// nothing.
#[must_use = "the permit is returned when this is dropped"]
pub struct Permit<'a, const N: usize = 64> {
    slot: &'a AtomicU64,
    slots: &'a OwnedSlots<N>,
}

impl<const N: usize> Permits<N> {
    /// Waits for a permit, and acquires it.
    #[inline]
    pub fn acquire(&self) -> Permit<'_, N> {
        loop {
            // The deadline never comes, so this is the only end.
            if let Some(permit) = self.acquire_until(|| Deadline::NEVER) {
                return permit;
            }
        }
    }

    /// Acquires a permit if one is free; returns `None` otherwise.
    ///
    /// This call does not check whether a process that holds a permit is dead;
    /// [`acquire_timeout`](Self::acquire_timeout) with a timeout of zero does.
    #[inline]
    pub fn try_acquire(&self) -> Option<Permit<'_, N>> {
        self.0.claim().map(|slot| Permit { slot, slots: &self.0 })
    }

    /// Acquires a permit, and returns `None` if none becomes free within `timeout`.
    #[inline]
    pub fn acquire_timeout(&self, timeout: Duration) -> Option<Permit<'_, N>> {
        self.acquire_until(|| Deadline::after(timeout))
    }

    /// Acquires a permit, and returns `None` if none becomes free before `deadline`.
    ///
    /// A free permit is acquired even if the deadline has passed.
    #[inline]
    pub fn acquire_deadline(&self, deadline: Instant) -> Option<Permit<'_, N>> {
        self.acquire_until(|| Deadline::at(deadline))
    }

    /// The number of free permits, which may have changed by the time the call returns.
    #[must_use]
    pub fn available(&self) -> usize {
        self.0.count_of(0)
    }

    /// The total number of permits.
    #[must_use]
    pub fn total(&self) -> usize {
        self.0.all().len()
    }

    #[inline]
    fn acquire_until(&self, deadline: impl FnOnce() -> Deadline) -> Option<Permit<'_, N>> {
        self.try_acquire().or_else(|| {
            self.0.wait.wait_for(deadline(), |is_suspicious| {
                if is_suspicious {
                    self.0.free_of_the_dead();
                }
                self.try_acquire()
            })
        })
    }
}

impl<const N: usize> Drop for Permit<'_, N> {
    #[inline]
    fn drop(&mut self) {
        if self.slots.release(self.slot, 0) {
            self.slots.wait.notify_one();
        }
    }
}

impl<const N: usize> fmt::Debug for Permits<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Permits({} of {})", self.available(), self.total())
    }
}

impl<const N: usize> fmt::Debug for Permit<'_, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Permit")
    }
}

// SAFETY: 1. `repr(C)`, atomic integers only, no pointer. 2. They are changed by atomic operations
// only. 3, 5. Every bit pattern is a value, and the number of slots is limited where it is
// used. 4. Nothing outside of its bytes knows of it: the kernel knows a futex only while a thread
// sleeps on it, which borrows it.
unsafe impl<const N: usize> Resident for Permits<N> {
    const SCHEMA: &'static Schema = &Schema::of::<Self>(Kind::FUTEX_PERMITS);

    /// The number of permits, at most `N`.
    type Options = u32;

    unsafe fn set_up(&self, count: u32) -> Result<()> {
        self.0.begin(count, "permits")
    }
}
