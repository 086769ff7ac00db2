//! Native condition variables.

#![expect(unsafe_code, reason = "promises what a native condition variable does")]

use std::time::{Duration, Instant};

use ipc_core::{Deadline, Result};
use ipc_mem::{Kind, Resident, Schema};

use super::mutex::FutexMutex;
use crate::lock::{self, Acquired, Failure, RawCondvar, RawLock};
use ipc_core::{Patience, Woken};
use ipc_mem::WaitWord;

/// The native condition variable as a [`RawCondvar`]. To use it, see [`Condvar`].
#[derive(Debug)]
#[repr(transparent)]
pub struct FutexCondvar(WaitWord);

/// A native condition variable: threads wait on it until another thread changes the data of a
/// native [`Mutex`](super::Mutex) or [`RwLock`](super::RwLock).
///
/// A waiting thread leaves nothing in shared memory but one bit. So a killed process can never make
/// `notify_one` or `notify_all` block. A notification is lost if the notifying process is killed
/// after it changed the data and before it notified, or if the woken process is killed before it
/// acts. Each waiting thread therefore wakes up after about a tenth of a second even without a
/// notification, and [`wait_while`](lock::Condvar::wait_while) then finds the change.
///
/// # Examples
///
/// ```
/// use ipc_mem::{Carver, LocalMemory};
/// use ipc_sync::futex::{Condvar, Mutex};
///
/// let mut carver = Carver::new(LocalMemory::new(4096)?)?;
/// let jobs = Mutex::create_in(carver.carve(64, 8)?, 0u32)?;
/// let more = Condvar::create_in(carver.carve(64, 8)?)?;
///
/// std::thread::scope(|scope| {
///     scope.spawn(|| {
///         *jobs.lock().unwrap() += 1;
///         more.notify_one().unwrap();
///     });
///     let mut jobs = more.wait_while(jobs.lock().unwrap(), |jobs| *jobs == 0).unwrap();
///     *jobs -= 1;
/// });
/// # Ok::<(), ipc_core::Error>(())
/// ```
pub type Condvar = lock::Condvar<FutexCondvar>;

/// A wait ends after this time even without a notification: a process may have died before it
/// notified.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

impl FutexCondvar {
    /// Calls `release`, which releases the lock, and waits for a notification; returns `false` if
    /// the deadline comes first.
    pub(super) fn wait_after(&self, release: impl FnOnce(), deadline: Deadline) -> bool {
        // Before the lock is released: a notification after the next change of the data changes the
        // word.
        let seen = self.0.announce();
        release();
        self.sleep(seen, deadline)
    }

    /// Waits until the word is no longer what it was; returns `false` if the deadline comes first.
    fn sleep(&self, seen: u32, deadline: Deadline) -> bool {
        let mut patience = Patience::new(deadline);
        let begun = Instant::now();
        while self.0.seen() == seen {
            if patience.polls() {
                continue;
            }
            match self.0.sleep(seen, &mut patience) {
                // Perhaps a signal.
                Woken::Changed => {}
                Woken::Slice if begun.elapsed() >= LOOK_AGAIN => return true,
                Woken::Slice => {}
                // A thread whose time is over may have received a notification, which must not be
                // lost.
                Woken::Late => return self.0.seen() != seen,
            }
        }
        true
    }
}

// SAFETY: the lock is released and acquired by its own functions, as `RawLock` promises.
unsafe impl RawCondvar for FutexCondvar {
    type Lock = FutexMutex;

    #[inline]
    fn notify_one(&self) -> Result<(), Failure> {
        self.0.notify_one();
        Ok(())
    }

    #[inline]
    fn notify_all(&self) -> Result<(), Failure> {
        self.0.notify_all();
        Ok(())
    }

    unsafe fn wait_until(
        &self,
        lock: &FutexMutex,
        deadline: Deadline,
    ) -> Result<(Acquired, bool), Failure> {
        // SAFETY: the caller guarantees that this thread holds the lock, and it acquires it again
        // below.
        let in_time = self.wait_after(|| unsafe { lock.unlock() }, deadline);
        loop {
            match lock.lock()? {
                Acquired::No => {}
                acquired => return Ok((acquired, in_time)),
            }
        }
    }
}

// SAFETY: 1. Atomic integers in `repr(C)`, no pointer. 2. They are changed by atomic operations
// only. 3, 5. Every bit pattern is a value. 4. Nothing outside of its bytes knows of it: the
// kernel knows a futex only while a thread sleeps on it, which borrows it.
unsafe impl Resident for FutexCondvar {
    const SCHEMA: &'static Schema = &Schema::of::<Self>(Kind::FUTEX_CONDVAR);

    type Options = ();

    unsafe fn set_up(&self, (): ()) -> Result<()> {
        self.0.begin();
        Ok(())
    }
}
