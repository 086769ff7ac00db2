//! The word that threads sleep on.

#![expect(unsafe_code, reason = "states what the word promises as a `Resident`")]

use std::ptr::NonNull;
use std::sync::atomic::{AtomicI32, AtomicU32, Ordering};

use crate::{Field, Kind, Resident, Schema};
use ipc_core::{Deadline, Patience, Result, Woken, crash_point, futex};

/// The word that threads sleep on, which changes with each wake-up.
///
/// A thread reads it, then looks whether it has to wait, and sleeps while the word is what it read.
/// A thread that changes what the other looks at changes the word afterwards. So no wake-up is lost
/// between the look and the sleep.
///
/// Its lowest bit says that threads may sleep. A waiting thread sets it before it looks, and a
/// thread that finds it clear after its change wakes no other: both are sequentially consistent, so
/// that at least one of them sees the other. A thread that is killed in its sleep leaves the bit,
/// which costs the next wake-up a system call.
///
/// The second word is for the kernel, which will read there on which NUMA node to keep the queue of
/// the first one (-1: on that of whoever sleeps first).
#[derive(Debug)]
#[repr(C, align(8))]
pub struct WaitWord {
    futex: AtomicU32,
    node: AtomicI32,
}

const NO_NODE: i32 = -1;

/// Threads may sleep.
const SLEEPERS: u32 = 1;

/// The difference that a change makes.
const CHANGE: u32 = 2;

impl WaitWord {
    /// Its description, as a part of other objects.
    pub const SCHEMA: &'static Schema = &Schema::with_fields::<Self>(
        Kind::STRUCT,
        &[
            Field { name: "futex", offset: 0, schema: <AtomicU32 as crate::Resident>::SCHEMA },
            Field { name: "node", offset: 4, schema: <AtomicI32 as crate::Resident>::SCHEMA },
        ],
    );

    /// To be called once, before any other thread reaches the word, whose bytes are zero.
    pub fn begin(&self) {
        self.node.store(NO_NODE, Ordering::Relaxed);
    }

    /// Returns the word to sleep on, for a thread that announces itself elsewhere. It is read
    /// before the look that decides whether to sleep.
    #[inline]
    #[must_use]
    pub fn seen(&self) -> u32 {
        self.futex.load(Ordering::SeqCst)
    }

    /// Announces that this thread may sleep, and returns what to sleep on.
    #[inline]
    #[must_use]
    pub fn announce(&self) -> u32 {
        self.futex.fetch_or(SLEEPERS, Ordering::SeqCst) | SLEEPERS
    }

    /// Sleeps unless the word has changed since [`seen`](Self::seen) or
    /// [`announce`](Self::announce).
    pub fn sleep(&self, seen: u32, patience: &mut Patience) -> Woken {
        patience.sleep(&self.futex, seen)
    }

    /// Attempts something until it succeeds, and waits for a wake-up in between. The argument of
    /// `attempt` says whether it is time to look for owners that are dead. The last attempt is
    /// made when the deadline has come.
    #[cold]
    pub fn wait_for<R>(
        &self,
        deadline: Deadline,
        attempt: impl FnMut(bool) -> Option<R>,
    ) -> Option<R> {
        self.wait_with(Patience::new(deadline), || {}, attempt)
    }

    /// Attempts something until it succeeds, as [`wait_for`](Self::wait_for) does, and writes
    /// nothing: the memory may be mapped read-only. Only [`wake_one`](Self::wake_one) and
    /// [`wake_all`](Self::wake_all) wake a thread that waits like this.
    #[cold]
    pub fn watch_for<R>(
        &self,
        deadline: Deadline,
        attempt: impl FnMut(bool) -> Option<R>,
    ) -> Option<R> {
        self.wait_on(|| self.seen(), Patience::new(deadline), attempt)
    }

    /// Waits as [`wait_for`](Self::wait_for) does, with a patience of the caller's choice, and
    /// calls `announced` each time between the announcement and the look that follows: the place
    /// for a [heavy barrier](ipc_core::barrier::heavy), if wakers have a light one.
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

    /// Returns `true` if threads may sleep.
    #[inline]
    #[must_use]
    pub fn has_sleepers(&self) -> bool {
        self.futex.load(Ordering::SeqCst) & SLEEPERS != 0
    }

    /// Wakes one thread, if any may sleep.
    #[inline]
    pub fn notify_one(&self) {
        if self.has_sleepers() {
            self.wake_one();
        }
    }

    /// Wakes all threads, if any may sleep.
    #[inline]
    pub fn notify_all(&self) {
        if self.has_sleepers() {
            self.wake_all();
        }
    }

    /// Wakes one thread.
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

    /// Wakes all threads.
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
// only. 3. Every bit pattern is a value of them. 4. Nothing outside of its bytes knows of it: the
// kernel knows a futex only while a thread sleeps on it, which borrows it.
unsafe impl Resident for WaitWord {
    const SCHEMA: &'static Schema = Self::SCHEMA;

    type Options = ();

    unsafe fn init(place: NonNull<Self>, (): ()) -> Result<()> {
        // SAFETY: the caller guarantees that zeros, which are a word, are there (contract of
        // `init`).
        unsafe { place.as_ref() }.begin();
        Ok(())
    }
}
