//! The words that the writer and the readers of frames share, and how they wake each other.
//!
//! A reader may map all of it read-only but the page of the readers, so it cannot change the word
//! that it sleeps on, as other waits of this toolkit do. The two are apart here: the *bell*, which
//! only the writer changes, and the mark that readers may sleep, which readers set.
//!
//! | reader | writer |
//! |---|---|
//! | reads the bell | stores the number of the newest frame |
//! | marks that readers may sleep | changes the bell |
//! | looks for a frame | looks for the mark: if it is there, clears it, changes the bell again, wakes all |
//! | sleeps while the bell is what it read | |
//!
//! Either the writer sees the mark, or the kernel finds that the bell has changed. The second change
//! is for a reader that sets the mark just before it is cleared: that reader has read the bell before.

use std::sync::atomic::{AtomicI32, AtomicU32, AtomicU64, Ordering};

use ipc_core::{crash_point, futex};

/// The maximum number of readers that the page of the readers has entries for.
pub(super) const MAX_READERS: usize = 64;

/// The frames are being written.
pub(super) const OPEN: u32 = 0;
/// The writer has closed them.
pub(super) const CLOSED: u32 = 1;
/// Another writer has put new frames in their place.
pub(super) const SUPERSEDED: u32 = 2;

/// The words that only the writer changes. Readers may map them read-only.
#[derive(Debug)]
#[repr(C)]
pub(super) struct WriterPart {
    pub(super) status: Status,
    newest: Newest,
}

/// The process of the writer, and its state.
#[derive(Debug)]
#[repr(C, align(64))]
pub(super) struct Status {
    /// The instance of the process that writes.
    pub(super) process: AtomicU64,
    pub(super) state: AtomicU32,
}

#[derive(Debug)]
#[repr(C, align(64))]
struct Newest {
    /// The number of the newest frame, 0 before the first.
    sequence: AtomicU64,
    /// The word that readers sleep on.
    bell: AtomicU32,
    /// For the kernel, which will read there on which NUMA node to keep the queue of the bell.
    node: AtomicI32,
}

/// The words that readers change, on a page that each of them maps to write, if it may.
#[derive(Debug)]
#[repr(C)]
pub(super) struct ReadersPart {
    mark: Mark,
    pub(super) entries: [Entry; MAX_READERS],
}

#[derive(Debug)]
#[repr(C, align(64))]
struct Mark {
    /// 1 if readers may sleep.
    sleepers: AtomicU32,
}

/// One reader.
#[derive(Debug)]
#[repr(C, align(64))]
pub(super) struct Entry {
    /// The instance of its process; 0 in a free entry.
    pub(super) process: AtomicU64,
    /// The number of the frame that it read last.
    pub(super) sequence: AtomicU64,
    /// The number of frames that it has missed.
    pub(super) missed: AtomicU64,
    /// The number of frames that it has read.
    pub(super) received: AtomicU64,
    /// How many of its calls slept.
    pub(super) sleeps: AtomicU64,
}

impl WriterPart {
    /// To be called once, before any other process reaches the bytes, which are zero.
    pub(super) fn begin(&self, process: u64) {
        self.newest.node.store(-1, Ordering::Relaxed);
        self.status.process.store(process, Ordering::Relaxed);
    }

    /// The number of the newest frame. A caller that loads it sees all that was written before the
    /// frame was published.
    #[inline]
    pub(super) fn newest(&self) -> u64 {
        self.newest.sequence.load(Ordering::Acquire)
    }

    /// The word that readers sleep on.
    pub(super) fn bell(&self) -> &AtomicU32 {
        &self.newest.bell
    }

    /// Makes this frame the newest, and wakes readers: those that may sleep, or `always` all of them.
    #[inline]
    pub(super) fn publish(&self, sequence: u64, readers: &ReadersPart, always: bool) {
        self.newest.sequence.store(sequence, Ordering::Release);
        crash_point("frames.newest");
        let next = self.newest.bell.load(Ordering::Relaxed).wrapping_add(1);
        self.newest.bell.store(next, Ordering::SeqCst);
        if always || readers.mark.sleepers.load(Ordering::SeqCst) != 0 {
            self.wake_all(readers);
        }
    }

    /// Wakes all readers.
    #[cold]
    pub(super) fn wake_all(&self, readers: &ReadersPart) {
        readers.mark.sleepers.store(0, Ordering::SeqCst);
        self.newest.bell.fetch_add(1, Ordering::SeqCst);
        crash_point("frames.wake");
        futex::wake(&self.newest.bell, i32::MAX);
    }

    /// Ends the frames for all readers, which wake up. A writer that closes what another has
    /// superseded changes nothing.
    pub(super) fn end(&self, state: u32, readers: &ReadersPart) {
        let place = &self.status.state;
        if state == SUPERSEDED {
            place.store(state, Ordering::SeqCst);
        } else {
            let _ = place.compare_exchange(OPEN, state, Ordering::SeqCst, Ordering::Relaxed);
        }
        self.wake_all(readers);
    }
}

impl ReadersPart {
    /// Marks that readers may sleep.
    pub(super) fn announce(&self) {
        self.mark.sleepers.store(1, Ordering::SeqCst);
    }
}
