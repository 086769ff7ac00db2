//! Counting semaphores.

#![expect(unsafe_code, reason = "states what a semaphore promises as a `Resident`")]

use std::fmt;
use std::mem::offset_of;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use ipc_core::{Deadline, Errno, Error, Result, SignalSafe};
use ipc_mem::{Kind, Resident, Schema};

use ipc_mem::WaitWord;

/// A counter whose `wait` blocks while it is 0, in any memory object.
///
/// `post` adds a *permit*, and `wait` acquires one. Permits belong to no process: if a process is
/// killed, the permits that it acquired are lost. To get such permits back, use
/// [`Permits`](super::Permits). If a process is killed when it has received a wake-up or is about
/// to send one, the wake-up is lost, but this only delays the other threads: each checks the
/// counter by itself, first after 2 ms, and then at intervals of up to a second.
///
/// # Examples
///
/// ```
/// use ipc_mem::{LocalMemory, Placed};
/// use ipc_sync::futex::Semaphore;
///
/// let gate = Placed::<Semaphore, _>::create_in_with(LocalMemory::new(64)?, 1)?;
/// gate.wait();
/// assert!(!gate.try_wait());
/// gate.post()?;
/// assert_eq!(gate.value(), 1);
/// # Ok::<(), ipc_core::Error>(())
/// ```
#[doc(alias = "sem_t")]
#[repr(C)]
pub struct Semaphore {
    wait: WaitWord,
    /// The value. It is above the maximum while a `post` finds that out, and afterwards if that
    /// process was killed.
    count: AtomicU64,
}

const MAX: u64 = Semaphore::MAX_VALUE as u64;

/// The offset of the count.
pub(super) const COUNT_AT: usize = offset_of!(Semaphore, count);

/// The value that a count stands for.
pub(super) fn value(count: u64) -> u32 {
    u32::try_from(count).unwrap_or(Semaphore::MAX_VALUE)
}

impl Semaphore {
    /// The maximum value.
    pub const MAX_VALUE: u32 = u32::MAX;

    /// Adds one permit, and wakes a waiting thread.
    ///
    /// # Errors
    ///
    /// [`is_overflow`](Error::is_overflow) if the value is [`MAX_VALUE`](Self::MAX_VALUE) already.
    ///
    /// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/sem_post.html>
    #[doc(alias = "sem_post")]
    #[inline]
    pub fn post(&self) -> Result<()> {
        if self.add() { Ok(()) } else { Err(overflow()) }
    }

    /// Adds one permit, and wakes a waiting thread; returns `false` at the maximum.
    #[inline]
    fn add(&self) -> bool {
        // An addition takes less time than a load and an exchange.
        if self.count.fetch_add(1, Ordering::SeqCst) >= MAX && self.undo_add() {
            return false;
        }
        self.wait.notify_one();
        true
    }

    /// Subtracts what `add` has added; returns `false` if there is space for it by now.
    #[cold]
    fn undo_add(&self) -> bool {
        let less = |count| (count > MAX).then(|| count - 1);
        self.count.fetch_update(Ordering::SeqCst, Ordering::SeqCst, less).is_ok()
    }

    /// Waits for a permit, and acquires it.
    ///
    /// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/sem_wait.html>
    #[doc(alias = "sem_wait")]
    #[inline]
    pub fn wait(&self) {
        if !self.try_wait() {
            self.wait_until(Deadline::NEVER);
        }
    }

    /// Acquires a permit if there is one; returns `false` otherwise.
    ///
    /// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/sem_trywait.html>
    #[doc(alias = "sem_trywait")]
    #[inline]
    #[must_use = "`false` means that no permit was acquired"]
    pub fn try_wait(&self) -> bool {
        let mut count = self.count.load(Ordering::Relaxed);
        while let Some(less) = count.checked_sub(1) {
            match self.count.compare_exchange_weak(count, less, Ordering::SeqCst, Ordering::Relaxed)
            {
                Ok(_) => return true,
                Err(now) => count = now,
            }
        }
        false
    }

    /// Acquires a permit; returns `false` if none is posted within `timeout`.
    ///
    /// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/sem_clockwait.html>
    #[doc(alias = "sem_timedwait")]
    #[doc(alias = "sem_clockwait")]
    #[inline]
    #[must_use = "`false` means that no permit was acquired"]
    pub fn wait_timeout(&self, timeout: Duration) -> bool {
        self.try_wait() || self.wait_until(Deadline::after(timeout))
    }

    /// Acquires a permit; returns `false` if none is posted before `deadline`.
    ///
    /// An available permit is acquired even if the deadline has passed.
    #[doc(alias = "sem_timedwait")]
    #[doc(alias = "sem_clockwait")]
    #[inline]
    #[must_use = "`false` means that no permit was acquired"]
    pub fn wait_deadline(&self, deadline: Instant) -> bool {
        self.try_wait() || self.wait_until(Deadline::at(deadline))
    }

    /// The number of permits, which may have changed by the time the call returns.
    ///
    /// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/sem_getvalue.html>
    #[doc(alias = "sem_getvalue")]
    #[must_use]
    pub fn value(&self) -> u32 {
        value(self.count.load(Ordering::Relaxed))
    }

    fn wait_until(&self, deadline: Deadline) -> bool {
        self.wait.wait_for(deadline, |_| self.try_wait().then_some(())).is_some()
    }
}

#[cold]
fn overflow() -> Error {
    Error::os("post", "", Errno::EOVERFLOW)
}

/// Adds one permit, unless the value is at its maximum.
// SAFETY: it changes atomics and makes the system call `futex`, which wakes a thread and touches no
// memory; nothing is allocated, locked or thread-local. Atomics are sound in any interleaving.
unsafe impl SignalSafe for Semaphore {
    fn notify(&self) {
        self.add();
    }
}

impl fmt::Debug for Semaphore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Semaphore").field(&self.value()).finish()
    }
}

// SAFETY: 1. `repr(C)`, atomic integers only, no pointer. 2. They are changed by atomic operations
// only. 3, 5. Every bit pattern is a value. 4. Nothing outside of its bytes knows of it: the
// kernel knows a futex only while a thread sleeps on it, which borrows it.
unsafe impl Resident for Semaphore {
    const SCHEMA: &'static Schema = &Schema::of::<Self>(Kind::FUTEX_SEMAPHORE);

    /// The initial value.
    type Options = u32;

    unsafe fn set_up(&self, value: u32) -> Result<()> {
        self.wait.begin();
        self.count.store(value.into(), Ordering::Relaxed);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use ipc_mem::{LocalMemory, Placed};

    use super::*;

    fn semaphore_above_the_maximum() -> Placed<Semaphore, impl ipc_mem::Memory> {
        let memory = LocalMemory::new(64).unwrap();
        let gate = Placed::<Semaphore, _>::create_in_with(memory, Semaphore::MAX_VALUE).unwrap();
        gate.count.fetch_add(1, Ordering::SeqCst);
        gate
    }

    #[test]
    fn a_post_without_space_succeeds_if_a_wait_makes_space_meanwhile() {
        let gate = semaphore_above_the_maximum();
        assert!(gate.try_wait());
        assert!(!gate.undo_add());
        assert_eq!(gate.value(), Semaphore::MAX_VALUE);
    }

    #[test]
    fn a_process_killed_in_a_post_without_space_leaves_a_full_semaphore() {
        let gate = semaphore_above_the_maximum();
        assert_eq!(gate.value(), Semaphore::MAX_VALUE);
        assert!(gate.post().unwrap_err().is_overflow());
        assert!(gate.try_wait() && gate.try_wait());
        gate.post().unwrap();
        assert!(gate.post().unwrap_err().is_overflow());
    }
}
