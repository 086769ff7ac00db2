//! Events: a state that threads wait for.

#![expect(unsafe_code, reason = "states what an event promises as a `Resident`")]

use std::fmt;
use std::mem::offset_of;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use ipc_core::{Deadline, Result};
use ipc_mem::{Kind, Resident, Schema};

use ipc_core::owner::{PROCESS, flag, here, is_dead, replace};
use ipc_mem::WaitWord;

/// A signal was sent and not received yet.
pub(super) const SET: u64 = flag(0);

/// The signal that is being handled was received before by a process that died.
const AGAIN: u64 = flag(1);

/// How an event is reset.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reset {
    /// For [`Event::wait`]: setting the event wakes all threads that wait, and it stays set until
    /// [`Event::reset`] (or `receive`) is called.
    #[default]
    Manual,
    /// For [`Event::receive`]: setting the event wakes one thread, which receives the signal and so
    /// resets the event.
    Auto,
}

/// A state, set or not set, that threads wait for.
///
/// An event with [manual reset](Reset::Manual) is a gate: while it is set, each thread that
/// [waits](Self::wait) for it continues.
///
/// An event with [automatic reset](Reset::Auto) sends signals, which have nothing to do with POSIX
/// signals: [`set`](Self::set) sends one, and one thread [receives](Self::receive) it. The
/// receiving thread holds a [`Signal`] while it handles the signal. Signals that are sent meanwhile
/// count as one. If the process of the receiving thread is killed before the thread drops the
/// `Signal`, the signal is [redelivered](Signal::is_redelivered) to the next thread that receives,
/// so no signal is left unhandled. If that process is stopped, no other thread receives a signal
/// until the process continues and drops the `Signal`.
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

/// The offset of the state.
pub(super) const STATE_AT: usize = offset_of!(Event, state);

/// A signal that this process received from an [`Event`]. The signal counts as being handled until
/// this is dropped.
#[must_use = "the signal counts as handled when this is dropped"]
pub struct Signal<'a> {
    event: &'a Event,
    is_redelivered: bool,
}

impl Event {
    /// Sets the event. With manual reset, this wakes all threads that wait for it. With automatic
    /// reset, one thread in [`receive`](Self::receive) gets the signal and resets the event.
    /// Threads in [`wait`](Self::wait) can then miss the signal, and keep waiting.
    #[doc(alias = "SetEvent")]
    #[inline]
    pub fn set(&self) {
        if self.state.fetch_or(SET, Ordering::SeqCst) & SET == 0 {
            if self.is_auto() { self.wait.notify_one() } else { self.wait.notify_all() }
        }
    }

    /// Resets the event. A signal that a thread has already received is not affected.
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

    /// Waits until the event is set. This call never resets it: with [`Reset::Auto`], use
    /// [`receive`](Self::receive).
    #[inline]
    pub fn wait(&self) {
        if !self.is_set() {
            self.wait_until(Deadline::NEVER);
        }
    }

    /// Waits until the event is set, for at most `timeout`. Returns `false` if it was not set in
    /// time.
    #[inline]
    #[must_use = "the event may not be set"]
    pub fn wait_timeout(&self, timeout: Duration) -> bool {
        self.is_set() || self.wait_until(Deadline::after(timeout))
    }

    /// Waits until the event is set, until `deadline` at the latest. Returns `false` if it was not
    /// set in time.
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

    /// Waits until the event is set and no other signal is being handled, or until a signal can be
    /// redelivered because the process that handled it died. Then receives the signal, and resets
    /// the event, even if it was created with [`Reset::Manual`].
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
    /// This call does not check whether the process that handles another signal is dead;
    /// [`receive_timeout`](Self::receive_timeout) with a timeout of zero does.
    #[inline]
    pub fn try_receive(&self) -> Option<Signal<'_>> {
        replace(&self.state, SET, here()).then(|| Signal { event: self, is_redelivered: false })
    }

    /// Receives the signal, and returns `None` if that is not possible within `timeout`.
    #[inline]
    pub fn receive_timeout(&self, timeout: Duration) -> Option<Signal<'_>> {
        self.receive_until(|| Deadline::after(timeout))
    }

    /// Receives the signal, and returns `None` if that is not possible before `deadline`.
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

    /// Receives the signal that a dead process was handling, together with the signals that were
    /// sent since then.
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
    /// Returns `true` if another process received the signal before, and died. The work of that
    /// process may be half done. Signals that were sent after that process received it are merged
    /// into this one.
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
// only. 3, 5. Every bit pattern is a value. 4. Nothing outside of its bytes knows of it: the
// kernel knows a futex only while a thread sleeps on it, which borrows it.
unsafe impl Resident for Event {
    const SCHEMA: &'static Schema = &Schema::of::<Self>(Kind::FUTEX_EVENT);

    type Options = Reset;

    unsafe fn set_up(&self, reset: Reset) -> Result<()> {
        self.wait.begin();
        self.is_auto.store(u32::from(reset == Reset::Auto), Ordering::Relaxed);
        Ok(())
    }
}
