//! Versions: how readers that hold no lock notice a change.
//!
//! The writer, of which there is one at a time, makes the version odd before its first store and
//! even after its last one. A reader uses what it read only if the version was even before, and is
//! the same afterwards. If a writer is killed, the version stays odd until the next writer ends.

use std::sync::atomic::{AtomicU64, Ordering, fence};

use std::thread;
use std::time::Duration;

use ipc_core::{Deadline, Errno, Patience, Refusal, switched_on};

/// The time for which a reader tries again, at most.
const PATIENCE: Duration = Duration::from_secs(1);

#[repr(transparent)]
pub(crate) struct Version(AtomicU64);

impl Version {
    /// Announces a change. May be repeated.
    #[inline]
    pub(crate) fn begin(&self) {
        self.0.store(self.0.load(Ordering::Relaxed) | 1, Ordering::Relaxed);
        // No store of the change becomes visible before the odd version.
        fence(Ordering::Release);
    }

    /// Ends a change. May be repeated.
    #[inline]
    pub(crate) fn end(&self) {
        let odd = self.0.load(Ordering::Relaxed) | 1;
        self.0.store(odd.wrapping_add(1), Ordering::Release);
    }

    /// Calls `look`, which only loads atomic words. Returns `None` if a change was in progress or
    /// began meanwhile: what `look` returned may then be half old and half new.
    #[inline]
    pub(crate) fn read<R>(&self, look: impl FnOnce() -> R) -> Option<R> {
        let before = self.0.load(Ordering::Acquire);
        if before & 1 != 0 && switched_on("versions") {
            return None;
        }
        let seen = look();
        // A reader that loaded a word of a change sees the odd version that was stored before.
        fence(Ordering::Acquire);
        let is_same = self.0.load(Ordering::Relaxed) == before;
        (is_same || !switched_on("versions")).then_some(seen)
    }

    /// Calls `look` like [`read`](Self::read), again and again for at most a second.
    pub(crate) fn read_patiently<R>(&self, look: impl Fn() -> R) -> Result<R, Refusal> {
        if let Some(seen) = self.read(&look) {
            return Ok(seen);
        }
        let deadline = Deadline::after(PATIENCE);
        let mut patience = Patience::new(deadline);
        loop {
            if let Some(seen) = self.read(&look) {
                return Ok(seen);
            }
            if deadline.remaining() == Some(Duration::ZERO) {
                return Err(Refusal::os("read", Errno::EBUSY));
            }
            if !patience.polls() {
                thread::sleep(Duration::from_millis(1)); // a reader cannot register as a waiter
            }
        }
    }
}
