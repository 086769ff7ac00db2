//! The word that threads sleep on.

#![expect(unsafe_code, reason = "states what the word promises as a `Resident`")]

use std::sync::atomic::{AtomicI32, AtomicU32, Ordering};

use crate::{Field, Kind, Resident, Schema};
use ipc_core::{Deadline, Patience, Result, Woken, crash_point, futex};

/// An integer in shared memory on which threads sleep. Each wake-up changes it.
///
/// A waiting thread reads the word, then checks its condition, and sleeps only while the word has
/// the value that it read. A thread that changes the condition changes the word afterwards. So no
/// wake-up is lost between the check and the sleep.
///
/// The lowest bit is set if threads may be sleeping. A waiting thread sets the bit before it checks
/// its condition. [`notify_one`](Self::notify_one) and [`notify_all`](Self::notify_all) change the
/// word, and make the system call, only if the bit is set. Setting the bit and checking it are
/// sequentially consistent: either the notifying thread sees the bit, or the waiting thread sees
/// the changed condition. If a thread is killed while it sleeps, the bit stays set, and the next
/// wake-up makes an unnecessary system call.
///
/// A second word is reserved for futexes with NUMA support: it contains the node on which the
/// kernel keeps the queue of sleeping threads. -1 stands for the node of the first thread that
/// sleeps.
#[derive(Debug)]
#[repr(C, align(8))]
pub struct WaitWord {
    futex: AtomicU32,
    node: AtomicI32,
}

const NO_NODE: i32 = -1;

/// Threads may be sleeping.
const SLEEPERS: u32 = 1;

/// The number that each change adds to the word.
const CHANGE: u32 = 2;

impl WaitWord {
    /// The layout of the word, as a field of other objects.
    pub const SCHEMA: &'static Schema = &Schema::with_fields::<Self>(
        Kind::STRUCT,
        &[
            Field { name: "futex", offset: 0, schema: <AtomicU32 as crate::Resident>::SCHEMA },
            Field { name: "node", offset: 4, schema: <AtomicI32 as crate::Resident>::SCHEMA },
        ],
    );

    /// Initialises a word whose bytes are zero, before another thread uses the word. On a word that is
    /// initialised it has no effect.
    pub fn begin(&self) {
        self.node.store(NO_NODE, Ordering::Relaxed);
    }

    /// Returns the value to pass to [`sleep`](Self::sleep), without announcing that this thread may
    /// sleep. Call it before the check of the condition.
    #[inline]
    #[must_use]
    pub fn seen(&self) -> u32 {
        self.futex.load(Ordering::SeqCst)
    }

    /// Announces that this thread may sleep, and returns the value to pass to
    /// [`sleep`](Self::sleep). Call it before the check of the condition.
    #[inline]
    #[must_use]
    pub fn announce(&self) -> u32 {
        self.futex.fetch_or(SLEEPERS, Ordering::SeqCst) | SLEEPERS
    }

    /// Returns the integer on which threads sleep, to sleep on several words at once. Announce the
    /// sleep first.
    #[inline]
    #[must_use]
    pub fn futex(&self) -> &AtomicU32 {
        &self.futex
    }

    /// Sleeps unless the word has changed since [`seen`](Self::seen) or
    /// [`announce`](Self::announce).
    pub fn sleep(&self, seen: u32, patience: &mut Patience) -> Woken {
        patience.sleep(&self.futex, seen)
    }

    /// Calls `attempt` until it returns `Some`, and waits for a wake-up between the calls. If the
    /// argument of `attempt` is `true`, `attempt` should also check whether an owner is dead. The
    /// last call is made after the deadline has passed; if it returns `None`, so does this
    /// function.
    #[cold]
    pub fn wait_for<R>(
        &self,
        deadline: Deadline,
        attempt: impl FnMut(bool) -> Option<R>,
    ) -> Option<R> {
        self.wait_with(Patience::new(deadline), || {}, attempt)
    }

    /// Waits as [`wait_for`](Self::wait_for) does, but writes nothing, so the memory may be mapped
    /// read-only. Only [`wake_one`](Self::wake_one) and [`wake_all`](Self::wake_all) wake a thread
    /// that waits like this.
    #[cold]
    pub fn watch_for<R>(
        &self,
        deadline: Deadline,
        attempt: impl FnMut(bool) -> Option<R>,
    ) -> Option<R> {
        self.wait_on(|| self.seen(), Patience::new(deadline), attempt)
    }

    /// Waits as [`wait_for`](Self::wait_for) does, with the given [`Patience`]. Calls `announced`
    /// after each [announcement](Self::announce), before the next call of `attempt`. If the waking
    /// threads use a light barrier, `announced` must call [`heavy`](ipc_core::barrier::heavy).
    #[cold]
    pub fn wait_with<R>(
        &self,
        patience: Patience,
        announced: impl Fn(),
        attempt: impl FnMut(bool) -> Option<R>,
    ) -> Option<R> {
        let announce = || {
            let seen = self.announce();
            announced();
            seen
        };
        self.wait_on(announce, patience, attempt)
    }

    fn wait_on<R>(
        &self,
        what_to_sleep_on: impl Fn() -> u32,
        mut patience: Patience,
        mut attempt: impl FnMut(bool) -> Option<R>,
    ) -> Option<R> {
        let mut is_suspicious = false;
        loop {
            if let Some(done) = attempt(is_suspicious) {
                return Some(done);
            }
            is_suspicious = false;
            if patience.polls() {
                continue;
            }
            let seen = what_to_sleep_on();
            if let Some(done) = attempt(false) {
                return Some(done);
            }
            match self.sleep(seen, &mut patience) {
                Woken::Changed => {}
                Woken::Slice => is_suspicious = true,
                Woken::Late => return attempt(true),
            }
        }
    }

    /// Returns `true` if threads may be sleeping.
    #[inline]
    #[must_use]
    pub fn has_sleepers(&self) -> bool {
        self.futex.load(Ordering::SeqCst) & SLEEPERS != 0
    }

    /// Wakes one thread, if threads may be sleeping.
    #[inline]
    pub fn notify_one(&self) {
        if self.has_sleepers() {
            self.wake_one();
        }
    }

    /// Wakes all threads, if threads may be sleeping.
    #[inline]
    pub fn notify_all(&self) {
        if self.has_sleepers() {
            self.wake_all();
        }
    }

    /// Changes the word, and wakes one thread.
    #[cold]
    pub fn wake_one(&self) {
        let changed = self.futex.fetch_add(CHANGE, Ordering::SeqCst).wrapping_add(CHANGE);
        crash_point("before futex_wake");
        if futex::wake(&self.futex, 1) == 0 && changed & SLEEPERS != 0 {
            // No thread slept. One that has announced itself since finds that the word has changed,
            // or has begun to sleep and is woken, and announces itself again.
            let cleared = changed.wrapping_add(CHANGE) & !SLEEPERS;
            let order = (Ordering::SeqCst, Ordering::Relaxed);
            if self.futex.compare_exchange(changed, cleared, order.0, order.1).is_ok() {
                futex::wake(&self.futex, i32::MAX);
            }
        }
    }

    /// Changes the word, and wakes all threads.
    #[cold]
    pub fn wake_all(&self) {
        let change = |word: u32| Some(word.wrapping_add(CHANGE) & !SLEEPERS);
        // `change` returns a word for every word.
        let _ = self.futex.fetch_update(Ordering::SeqCst, Ordering::Relaxed, change);
        crash_point("before futex_wake");
        futex::wake(&self.futex, i32::MAX);
    }
}

// SAFETY: 1. `repr(C)`, atomic integers only, no pointer. 2. They are changed by atomic operations
// only. 3, 5. Every bit pattern is a value. 4. Nothing outside of its bytes knows of it: the
// kernel knows a futex only while a thread sleeps on it, which borrows it.
unsafe impl Resident for WaitWord {
    const SCHEMA: &'static Schema = Self::SCHEMA;

    type Options = ();

    unsafe fn set_up(&self, (): ()) -> Result<()> {
        self.begin();
        Ok(())
    }
}
