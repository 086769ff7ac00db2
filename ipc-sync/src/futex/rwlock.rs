//! Native read/write locks.

#![expect(unsafe_code, reason = "promises what a native read/write lock does")]

use std::mem::offset_of;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use ipc_core::{Deadline, Result};
use ipc_mem::{Kind, Resident, Schema};

use super::mutex::attempt;
use super::owned_lock::{INCONSISTENT, Outcome, OwnedLock, SHARED, STARVED, Wake};
use super::readers::Readers;
use crate::lock::{self, Acquired, Attempt, Failure};
use ipc_core::owner::{PROCESS, here};

/// The native read/write lock, as an implementation of the trait [`lock::RawRwLock`]. To use it,
/// see the types [`RwLock`] and [`RawRwLock`] of this module.
#[derive(Debug)]
#[repr(C)]
pub struct FutexRwLock {
    /// Held by the writer, or with `SHARED` by the reader that may become one.
    pub(super) lock: OwnedLock,
    /// The process of which a thread writes, once no process reads any more. It tells the guard of
    /// a writer from that of a reader of the same process, while another of its threads waits
    /// to write.
    writer: AtomicU64,
    pub(super) readers: Readers<PROCESSES>,
}

/// Data that a native read/write lock guards: several threads, of any process, can read it, or one
/// can write it.
///
/// If a process is killed while it reads, writers stop waiting for it when its death is
/// [proved](super#how-a-death-is-proved): usually some milliseconds later, or up to a second if
/// they have waited for long. If a process is killed while it writes, the next caller that reads or
/// writes gets [`OwnerDied`](crate::LockError::OwnerDied), and holds the lock exclusively until it
/// drops its guard. A process that is stopped keeps the lock.
///
/// While a writer waits, new readers wait. A reader that has waited for a millisecond goes before
/// writers that begin to wait later. A thread that holds a guard of the lock must not call `write`,
/// which would wait for ever. `read` would wait for ever too if the guard is a write guard, or if a
/// writer waits; `try_read` never waits. The lock belongs to the process: if a thread leaks its
/// guard and ends, the lock stays held.
///
/// Threads of up to 32 processes can read at the same time. A process in which more than 31 threads
/// read at the same time counts as several. A reader beyond this limit waits. The lock takes a
/// little more than 2 KiB.
///
/// To read first and perhaps write later, use [`upgradable_read`](lock::RwLock::upgradable_read).
///
/// # Examples
///
/// ```
/// use ipc_mem::LocalMemory;
/// use ipc_sync::futex::RwLock;
///
/// let limits = RwLock::create_in(LocalMemory::new(4096)?, [0.0f64, 1.0])?;
/// limits.write()?[1] = 2.5;
/// let (one, another) = (limits.read()?, limits.read()?);
/// assert_eq!(one[1], another[1]);
/// assert!(limits.try_write()?.is_none());
/// # Ok::<(), ipc_core::Error>(())
/// ```
pub type RwLock<T> = lock::RwLock<T, FutexRwLock>;

/// Access to the data of a [`RwLock`] while this thread holds it for reading.
pub type RwLockReadGuard<'a, T> = lock::RwLockReadGuard<'a, T, FutexRwLock>;

/// Access to the data of a [`RwLock`] while this thread holds it for writing.
pub type RwLockWriteGuard<'a, T> = lock::RwLockWriteGuard<'a, T, FutexRwLock>;

/// A native read/write lock without data.
pub type RawRwLock = lock::BareRwLock<FutexRwLock>;

/// How many processes can read at the same time, each in many threads.
pub(super) const PROCESSES: usize = 32;

/// The offsets of the lock and the readers.
pub(super) const LOCK_AT: usize = offset_of!(FutexRwLock, lock);
pub(super) const READERS_AT: usize = offset_of!(FutexRwLock, readers);

/// Returns `true` if a reader may read beside what holds the lock.
#[inline]
fn lets_readers_in(word: u64) -> bool {
    // A writer that starves waits for the one that reads upgradably, not for readers.
    let is_free = || word & (PROCESS | STARVED) == 0;
    word == 0 || word & INCONSISTENT == 0 && (is_free() || word & SHARED != 0)
}

impl FutexRwLock {
    /// Counts this reader, and returns `true` if it may read; otherwise it is not counted any more.
    #[inline]
    fn enters(&self, me: u64) -> bool {
        if !self.readers.enter(me) {
            return false;
        }
        let may_read = lets_readers_in(self.lock.word());
        if !may_read {
            self.readers.leave(me);
        }
        may_read
    }

    #[cold]
    fn read_again(&self, deadline: impl FnOnce() -> Deadline) -> Attempt {
        let (me, deadline) = (here(), deadline());
        attempt(loop {
            match self.lock.acquire(me, deadline, lets_readers_in) {
                Outcome::Passed if !self.readers.wait_for_slot(me, deadline) => {
                    break Outcome::Late;
                }
                Outcome::Passed if lets_readers_in(self.lock.word()) => break Outcome::Locked,
                Outcome::Passed => self.readers.leave(me),
                Outcome::Locked => break self.become_reader(me, deadline),
                Outcome::OwnerDied => break self.drained(Outcome::OwnerDied, || deadline),
                outcome => break outcome,
            }
        })
    }

    /// Reads, instead of what this process holds.
    pub(super) fn become_reader(&self, held: u64, deadline: Deadline) -> Outcome {
        let has_entered = self.readers.wait_for_slot(held & PROCESS, deadline);
        if has_entered || held & SHARED == 0 {
            self.lock.release(held, Wake::All);
        }
        if has_entered { Outcome::Locked } else { Outcome::Late }
    }

    #[cold]
    fn write_again(&self, deadline: impl FnOnce() -> Deadline) -> Attempt {
        let deadline = deadline();
        attempt(match self.lock.acquire(here(), deadline, |_| false) {
            outcome @ (Outcome::Locked | Outcome::OwnerDied) => self.drained(outcome, || deadline),
            outcome => outcome,
        })
    }

    /// Waits until no process reads, with the lock held, and releases it if that takes too long.
    pub(super) fn drained(&self, outcome: Outcome, deadline: impl FnOnce() -> Deadline) -> Outcome {
        if self.drains(deadline) {
            return outcome;
        }
        self.lock.leave_unrepaired();
        self.lock.release(here(), Wake::All);
        Outcome::Late
    }

    /// Waits until no process reads, with the lock held, and begins to write.
    #[inline]
    pub(super) fn drains(&self, deadline: impl FnOnce() -> Deadline) -> bool {
        let have_left = self.readers.wait_until_left(deadline);
        if have_left {
            self.start_writing(here());
        }
        have_left
    }

    #[inline]
    fn start_writing(&self, me: u64) {
        self.writer.store(me, Ordering::Relaxed);
    }

    /// Ends the writing, before the lock is released or shared; returns `false` if no thread of
    /// this process writes.
    #[inline]
    pub(super) fn stop_writing(&self, me: u64) -> bool {
        let is_writing = self.writer.load(Ordering::Relaxed) == me;
        if is_writing {
            self.writer.store(0, Ordering::Relaxed);
        }
        is_writing
    }

    /// Finds out why the lock was not acquired at once, without a wait.
    #[cold]
    fn try_again(&self, to_read: bool) -> Attempt {
        let me = here();
        attempt(match self.lock.try_acquire_again(me) {
            Outcome::Locked if to_read => self.become_reader(me, now()),
            outcome @ (Outcome::Locked | Outcome::OwnerDied) => self.drained(outcome, now),
            outcome => outcome,
        })
    }
}

fn now() -> Deadline {
    Deadline::after(Duration::ZERO)
}

// SAFETY: a reader is counted before it looks for a writer, and a writer holds the word before it
// looks for readers, both sequentially consistent: one of the two sees the other and waits. A
// writer holds the word alone (see `FutexMutex`). A reader is discounted by its own process, or
// when that is proved dead. The end of a thread changes nothing.
unsafe impl lock::RawRwLock for FutexRwLock {
    #[inline]
    fn read(&self) -> Attempt {
        if self.enters(here()) { Ok(Acquired::Locked) } else { self.read_again(|| Deadline::NEVER) }
    }

    #[inline]
    fn try_read(&self) -> Attempt {
        if self.enters(here()) { Ok(Acquired::Locked) } else { self.try_again(true) }
    }

    #[inline]
    fn read_until(&self, deadline: impl FnOnce() -> Deadline) -> Attempt {
        if self.enters(here()) { Ok(Acquired::Locked) } else { self.read_again(deadline) }
    }

    #[inline]
    fn write(&self) -> Attempt {
        self.write_until(|| Deadline::NEVER)
    }

    #[inline]
    fn try_write(&self) -> Attempt {
        if !self.lock.try_acquire(here()) {
            self.try_again(false)
        } else if self.drains(now) {
            Ok(Acquired::Locked)
        } else {
            attempt(self.drained(Outcome::Locked, now))
        }
    }

    #[inline]
    fn write_until(&self, deadline: impl FnOnce() -> Deadline) -> Attempt {
        let me = here();
        if !self.lock.try_acquire(me) {
            return self.write_again(deadline);
        }
        if self.readers.have_left() {
            self.start_writing(me);
            return Ok(Acquired::Locked);
        }
        attempt(self.drained(Outcome::Locked, deadline))
    }

    #[inline]
    unsafe fn unlock(&self) {
        let me = here();
        // No thread reads while another writes, and this one does one of both: a reader has
        // acquired the lock after the last writer cleared the word, and leaves before the
        // next one stores it.
        if self.stop_writing(me) {
            self.lock.release(me, Wake::All);
        } else {
            self.readers.leave(me);
        }
    }

    fn mark_consistent(&self) -> Result<(), Failure> {
        self.lock.mark_consistent().map_err(|errno| Failure { call: "mark_consistent", errno })
    }

    fn leave_unrepaired(&self) {
        self.lock.leave_unrepaired();
    }
}

// SAFETY: 1. Atomic integers in `repr(C)`, no pointer. 2. They are changed by atomic operations
// only. 3, 5. Every bit pattern is a value. 4. Nothing outside of its bytes knows of it: the
// kernel knows a futex only while a thread sleeps on it, which borrows it.
unsafe impl Resident for FutexRwLock {
    const SCHEMA: &'static Schema = &Schema::of::<Self>(Kind::FUTEX_RWLOCK);

    type Options = ();

    unsafe fn set_up(&self, (): ()) -> Result<()> {
        self.lock.begin();
        self.readers.begin();
        Ok(())
    }
}
