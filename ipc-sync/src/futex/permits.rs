//! Permits that know which process holds them.

#![expect(unsafe_code, reason = "states what permits promise as a `Resident`")]

use std::fmt;
use std::ptr::NonNull;
use std::sync::atomic::AtomicU64;
use std::time::{Duration, Instant};

use ipc_core::{Deadline, Result};
use ipc_mem::{Kind, Resident, Schema};

use super::slots::OwnedSlots;

/// A limited number of permits, of which each that a killed process held comes back.
///
/// It is a semaphore for what must not get lost: places in a workshop, connections, slots of a
/// device. There are at most `N` permits. Each is a word that names the process that holds it. So a
/// process which is killed at any moment holds exactly the permits that the words say, and a thread
/// that waits for one gets theirs as soon as the death is proved: some milliseconds after it. A
/// process that is stopped keeps what it holds.
///
/// A permit belongs to the process, not to a thread: it may be dropped by another thread. Calling
/// `exec` does not return a permit; the end of the process does.
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

/// Says that this process holds a permit of [`Permits`], and returns it when dropped.
///
/// A forked child has a copy of it, but not the permit: dropping the copy returns nothing.
#[must_use = "the permit is returned when this is dropped"]
pub struct Permit<'a, const N: usize = 64> {
    slot: &'a AtomicU64,
    slots: &'a OwnedSlots<N>,
}

impl<const N: usize> Permits<N> {
    /// Acquires a permit, and waits for as long as all are held by processes that live.
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
    /// This does not examine whether a process that holds a permit is dead; an
    /// [`acquire_timeout`](Self::acquire_timeout) of zero does.
    #[inline]
    pub fn try_acquire(&self) -> Option<Permit<'_, N>> {
        self.0.claim().map(|slot| Permit { slot, slots: &self.0 })
    }

    /// Acquires a permit if one becomes free within that time; returns `None` otherwise.
    #[inline]
    pub fn acquire_timeout(&self, timeout: Duration) -> Option<Permit<'_, N>> {
        self.acquire_until(|| Deadline::after(timeout))
    }

    /// Acquires a permit if one becomes free before the deadline; returns `None` otherwise.
    ///
    /// A permit that is free is acquired even if the deadline is past.
    #[inline]
    pub fn acquire_deadline(&self, deadline: Instant) -> Option<Permit<'_, N>> {
        self.acquire_until(|| Deadline::at(deadline))
    }

    /// The number of permits that no process holds, which may have changed when the call returns.
    #[must_use]
    pub fn available(&self) -> usize {
        self.0.count_of(0)
    }

    /// The number of permits that there are.
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
// only. 3. Every bit pattern is a value of them, and the number of slots is limited where it is
// used. 4. Nothing outside of its bytes knows of it: the kernel knows a futex only while a thread
// sleeps on it, which borrows it.
unsafe impl<const N: usize> Resident for Permits<N> {
    const SCHEMA: &'static Schema = &Schema::of::<Self>(Kind::FUTEX_PERMITS);

    /// How many permits there are, at most `N`.
    type Options = u32;

    unsafe fn init(place: NonNull<Self>, count: u32) -> Result<()> {
        // SAFETY: the caller guarantees that zeros, which are slots, are there (contract of
        // `init`).
        unsafe { place.as_ref() }.0.begin(count, "permits")
    }
}
