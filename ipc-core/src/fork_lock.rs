//! A lock that is free in a forked child, even if a thread of the parent held it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use crate::Origin;

/// A lock for short sections, which is free in a forked child even if a thread of the parent held
/// it at the fork.
///
/// The thread that held the lock does not exist in the child, so a lock of `std` would stay locked
/// there for ever. The child may find the data that the lock protects half-changed: protect only
/// data that each holder initialises from scratch. A waiting thread sleeps between attempts; the
/// lock is not fair.
///
/// # Examples
///
/// ```
/// use ipc_core::ForkLock;
///
/// static LOCK: ForkLock = ForkLock::new();
///
/// let held = LOCK.lock();
/// // … a system call or two …
/// drop(held);
/// ```
#[derive(Debug, Default)]
pub struct ForkLock {
    /// 0 if the lock is free; otherwise the [`Origin`] number of the process whose thread holds it.
    holder: AtomicU64,
}

/// The guard of a [`ForkLock`]: the lock is held until the guard is dropped.
#[derive(Debug)]
#[must_use = "dropping it releases the lock at once"]
pub struct ForkGuard<'a> {
    lock: &'a ForkLock,
    holder: u64,
}

impl ForkLock {
    /// Creates a lock that is free.
    #[must_use]
    pub const fn new() -> Self {
        Self { holder: AtomicU64::new(0) }
    }

    /// Acquires the lock. Blocks while another thread of this process holds it.
    pub fn lock(&self) -> ForkGuard<'_> {
        let here = Origin::here().number();
        let mut rounds = 0;
        loop {
            let acquire = |from| {
                self.holder.compare_exchange(from, here, Ordering::Acquire, Ordering::Relaxed)
            };
            match acquire(0) {
                // A thread of the parent held the lock at the fork.
                Err(holder) if holder != here => {
                    if acquire(holder).is_ok() {
                        return ForkGuard { lock: self, holder: here };
                    }
                }
                Err(_) => {
                    rounds += 1;
                    if rounds < 100 {
                        thread::yield_now();
                    } else {
                        thread::sleep(Duration::from_micros(50));
                    }
                }
                Ok(_) => return ForkGuard { lock: self, holder: here },
            }
        }
    }
}

impl Drop for ForkGuard<'_> {
    fn drop(&mut self) {
        // In a child that was forked inside the section, another thread may hold the lock by now.
        let released =
            self.lock.holder.compare_exchange(self.holder, 0, Ordering::Release, Ordering::Relaxed);
        let _ = released;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU32;

    use super::*;

    #[test]
    fn one_thread_at_a_time_holds_the_lock() {
        let (lock, inside, entered) = (ForkLock::new(), AtomicU32::new(0), AtomicU32::new(0));
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..10_000 {
                        let _held = lock.lock();
                        assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0);
                        entered.fetch_add(1, Ordering::Relaxed);
                        inside.fetch_sub(1, Ordering::SeqCst);
                    }
                });
            }
        });
        assert_eq!(entered.into_inner(), 40_000);
    }

    #[test]
    fn a_lock_that_another_process_holds_is_free_here() {
        let lock = ForkLock { holder: AtomicU64::new(Origin::here().number() ^ 2) };
        drop(lock.lock());
        assert_eq!(lock.holder.into_inner(), 0);
    }
}
