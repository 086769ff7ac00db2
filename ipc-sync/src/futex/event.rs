//! Events: a state that threads wait for.

#![expect(unsafe_code, reason = "states what an event promises as a `Resident`")]

use std::fmt;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use ipc_core::{Deadline, Result};
use ipc_mem::{Kind, Resident, Schema};

use ipc_core::owner::{PROCESS, flag, here, is_dead, replace};
use ipc_mem::WaitWord;

/// A signal was sent and not received yet.
const SET: u64 = flag(0);

/// The signal that is being handled was received before by a process that died.
const AGAIN: u64 = flag(1);

/// The choice of how an event is reset.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reset {
    /// An event stays set until [`Event::reset`]: all threads that wait for it go on.
    #[default]
    Manual,
    /// Each signal is received by one thread.
    Auto,
}

/// A state that threads wait for: set or not.
///
/// An event with [manual reset](Reset::Manual) lets all threads through while it is set: a gate, a
/// stage of a start. Threads [wait](Self::wait) for it.
///
/// A signal of an event with [automatic reset](Reset::Auto) is for one thread, which
/// [receives](Self::receive) it and holds a [`Signal`] while it handles what has happened. Signals
/// that come in the meantime count as one. If the process is killed before it drops the `Signal`,
/// the next thread receives it as [redelivered](Signal::is_redelivered): so nothing that was
/// signalled goes unhandled. A process that is stopped in the meantime keeps its signal.
///
/// # Examples
///
/// ```
/// use ipc_mem::{LocalMemory, Placed};
/// use ipc_sync::futex::{Event, Reset};
///
/// let started = Placed::<Event, _>::create_in(LocalMemory::new(64)?)?;
/// assert!(!started.is_set());
/// started.set();
/// started.wait();
///
/// let news = Placed::<Event, _>::create_in_with(LocalMemory::new(64)?, Reset::Auto)?;
/// news.set();
/// let signal = news.receive();
/// assert!(!signal.is_redelivered() && !news.is_set());
/// # Ok::<(), ipc_core::Error>(())
/// ```
#[repr(C)]
pub struct Event {
    wait: WaitWord,
    /// `SET`, and beside it the process that handles the signal before.
    state: AtomicU64,
    is_auto: AtomicU32,
    reserved: AtomicU32,
}

/// A signal of an [`Event`] with automatic reset, which this process handles until this is dropped.
#[must_use = "the signal counts as handled when this is dropped"]
pub struct Signal<'a> {
    event: &'a Event,
    is_redelivered: bool,
}

impl Event {
    /// Sets the event, and wakes the threads that wait for it: all, or one if the reset is
    /// automatic.
    #[doc(alias = "SetEvent")]
    #[inline]
    pub fn set(&self) {
        if self.state.fetch_or(SET, Ordering::SeqCst) & SET == 0 {
            if self.is_auto() { self.wait.notify_one() } else { self.wait.notify_all() }
        }
    }

    /// Resets the event. A signal that is being handled is not affected.
    #[doc(alias = "ResetEvent")]
    #[inline]
    pub fn reset(&self) {
        self.state.fetch_and(!SET, Ordering::SeqCst);
    }

    /// Returns `true` if the event is set.
    #[inline]
    #[must_use]
    pub fn is_set(&self) -> bool {
        self.state.load(Ordering::SeqCst) & SET != 0
    }

    /// Waits for as long as the event is not set, and leaves it set, whichever way it is reset.
    #[inline]
    pub fn wait(&self) {
        if !self.is_set() {
            self.wait_until(Deadline::NEVER);
        }
    }

    /// Waits until the event is set, for at most that time; returns `false` if it was not set in
    /// time.
    #[inline]
    #[must_use = "the event may not be set"]
    pub fn wait_timeout(&self, timeout: Duration) -> bool {
        self.is_set() || self.wait_until(Deadline::after(timeout))
    }

    /// Waits until the event is set, until the deadline at the latest; returns `false` if it was
    /// not set in time.
    #[inline]
    #[must_use = "the event may not be set"]
    pub fn wait_deadline(&self, deadline: Instant) -> bool {
        self.is_set() || self.wait_until(Deadline::at(deadline))
    }

    fn wait_until(&self, deadline: Deadline) -> bool {
        let seen = || {
            let is_set = self.is_set();
            // The wake-up of an event with automatic reset may have been meant for a thread that
            // receives.
            (is_set && self.is_auto()).then(|| self.wait.notify_one());
            is_set.then_some(())
        };
        self.wait.wait_for(deadline, |_| seen()).is_some()
    }

    /// Receives the signal and resets the event, and waits for as long as it is not set or another
    /// signal is being handled.
    #[inline]
    pub fn receive(&self) -> Signal<'_> {
        loop {
            // The deadline never comes, so this is the only end.
            if let Some(signal) = self.receive_until(|| Deadline::NEVER) {
                return signal;
            }
        }
    }

    /// Receives the signal if the event is set and no other signal is being handled; returns `None`
    /// otherwise.
    ///
    /// This does not examine whether a process that handles another signal is dead; a
    /// [`receive_timeout`](Self::receive_timeout) of zero does.
    #[inline]
    pub fn try_receive(&self) -> Option<Signal<'_>> {
        replace(&self.state, SET, here()).then(|| Signal { event: self, is_redelivered: false })
    }

    /// Receives the signal if there is one within that time; returns `None` otherwise.
    #[inline]
    pub fn receive_timeout(&self, timeout: Duration) -> Option<Signal<'_>> {
        self.receive_until(|| Deadline::after(timeout))
    }

    /// Receives the signal if there is one before the deadline; returns `None` otherwise.
    #[inline]
    pub fn receive_deadline(&self, deadline: Instant) -> Option<Signal<'_>> {
        self.receive_until(|| Deadline::at(deadline))
    }

    #[inline]
    fn receive_until(&self, deadline: impl FnOnce() -> Deadline) -> Option<Signal<'_>> {
        self.try_receive().or_else(|| {
            self.wait.wait_for(deadline(), |is_suspicious| {
                self.try_receive().or_else(|| if is_suspicious { self.redeliver() } else { None })
            })
        })
    }

    /// Receives the signal that a process was handling which is proved dead, together with those
    /// that were sent since then.
    fn redeliver(&self) -> Option<Signal<'_>> {
        let word = self.state.load(Ordering::SeqCst);
        let redelivered =
            word & PROCESS != here() && is_dead(word) && replace(&self.state, word, here() | AGAIN);
        redelivered.then(|| Signal { event: self, is_redelivered: true })
    }

    fn is_auto(&self) -> bool {
        self.is_auto.load(Ordering::Relaxed) != 0
    }
}

impl Signal<'_> {
    /// Returns `true` if a process received the signal before and died: what it signalled may be
    /// half handled.
    #[must_use]
    pub fn is_redelivered(&self) -> bool {
        self.is_redelivered
    }
}

impl Drop for Signal<'_> {
    fn drop(&mut self) {
        let state = &self.event.state;
        let mine = |word: u64| word & PROCESS == here();
        let handled = state.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |word| {
            mine(word).then_some(word & SET)
        });
        if handled.is_ok_and(|word| word & SET != 0) {
            self.event.wait.notify_one();
        }
    }
}

impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Event").field("is_set", &self.is_set()).finish_non_exhaustive()
    }
}

impl fmt::Debug for Signal<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signal")
            .field("is_redelivered", &self.is_redelivered)
            .finish_non_exhaustive()
    }
}

// SAFETY: 1. `repr(C)`, atomic integers only, no pointer. 2. They are changed by atomic operations
// only. 3. Every bit pattern is a value of them. 4. Nothing outside of its bytes knows of it: the
// kernel knows a futex only while a thread sleeps on it, which borrows it.
unsafe impl Resident for Event {
    const SCHEMA: &'static Schema = &Schema::of::<Self>(Kind::FUTEX_EVENT);

    type Options = Reset;

    unsafe fn init(place: NonNull<Self>, reset: Reset) -> Result<()> {
        // SAFETY: the caller guarantees that zeros, which are an event, are there (contract of
        // `init`).
        let event = unsafe { place.as_ref() };
        event.wait.begin();
        event.is_auto.store(u32::from(reset == Reset::Auto), Ordering::Relaxed);
        Ok(())
    }
}
