//! Values that are read whole while other threads write them.
//!
//! | here | there, in `ipc-shmarray/src/snapshot_latch.rs` |
//! |---|---|
//! | [`Latch::read`] | `SnapshotLatch::read`, one round of its loop, and `was_whole` |
//! | [`Latch::write`] | `SnapshotLatch::write`, `begin` and `publish` |
//! | the mutex of loom | the robust mutex `writers`, which also the kernel passes on |
//!
//! A writer that is killed releases its lock in the middle: the kernel does that for it.

use loom::sync::atomic::{AtomicU64, Ordering, fence};
use loom::sync::{Arc, Mutex};
use loom::thread;

pub const MUTANTS: &[&str] = &[
    "the current copy is written",
    "published before it is written",
    "published relaxed",
    "no fence before writing",
    "the version is read relaxed",
    "no fence before the version is read again",
    "the version is not read again",
    "one version later is early enough",
    "the dead are believed",
];

const GRANULES: usize = 2;
/// The number of granules that a writer writes if it is not killed; then it publishes them.
const WHOLE: usize = GRANULES + 1;

struct Latch {
    /// Contains the current version, which the others load while they hold the lock: loom considers
    /// only the last access to an atomic, and would miss orders in which a reader comes between two
    /// accesses of a writer.
    writers: Mutex<u64>,
    version: AtomicU64,
    copies: Vec<[AtomicU64; GRANULES]>,
    mutant: &'static str,
}

pub fn run(mutant: &'static str) {
    // The number of copies, and what each thread writes: the number of granules of each version. A
    // writer that does not write all of them is killed, and the next one continues.
    try_all(3, &[&[WHOLE, WHOLE, WHOLE]], mutant);
    try_all(2, &[&[GRANULES], &[WHOLE]], mutant);
    try_all(2, &[&[WHOLE, 1, WHOLE]], mutant);
    try_all(2, &[&[WHOLE], &[WHOLE]], mutant);
}

fn try_all(copies: usize, work: &'static [&'static [usize]], mutant: &'static str) {
    loom::model(move || {
        let latch = Arc::new(Latch::new(copies, mutant));
        let writers = work.iter().map(|versions| {
            let latch = Arc::clone(&latch);
            thread::spawn(move || versions.iter().for_each(|granules| latch.write(*granules)))
        });
        let writers: Vec<_> = writers.collect();
        if let Some((version, seen)) = latch.read() {
            assert_eq!(seen, [version; GRANULES], "broken: what was read is not of the version that was current");
        }
        for writer in writers {
            writer.join().unwrap();
        }
        let last = work.iter().flat_map(|versions| *versions).filter(|granules| **granules == WHOLE).count() as u64;
        assert_eq!(latch.read(), Some((last, [last; GRANULES])), "broken: the last version is not there");
    });
}

impl Latch {
    /// All granules of version v are v.
    fn new(copies: usize, mutant: &'static str) -> Self {
        let copies = (0..copies).map(|_| Default::default()).collect();
        Self { writers: Mutex::new(0), version: AtomicU64::new(0), copies, mutant }
    }

    fn is(&self, mutant: &str) -> bool {
        self.mutant == mutant
    }

    fn copy_of(&self, version: u64) -> &[AtomicU64; GRANULES] {
        &self.copies[version as usize % self.copies.len()]
    }

    fn read(&self) -> Option<(u64, [u64; GRANULES])> {
        let relaxed = self.is("the version is read relaxed");
        let version = self.version.load(if relaxed { Ordering::Relaxed } else { Ordering::Acquire });
        let copy = self.copy_of(version);
        let seen = [0, 1].map(|i: usize| copy[i].load(Ordering::Relaxed));
        if self.is("the version is not read again") {
            return Some((version, seen));
        }
        if !self.is("no fence before the version is read again") {
            fence(Ordering::Acquire);
        }
        let later = self.version.load(Ordering::Relaxed) - version;
        let enough = self.copies.len() as u64 - u64::from(!self.is("one version later is early enough"));
        (later < enough).then_some((version, seen))
    }

    /// Writes the version after the current one; is killed after `granules` granules if that is not
    /// all of them.
    fn write(&self, granules: usize) {
        let mut current = self.writers.lock().unwrap();
        let version = *current;
        if !self.is("no fence before writing") {
            fence(Ordering::Release);
        }
        let next = version + 1;
        if self.is("published before it is written") {
            self.version.store(next, Ordering::Release);
        }
        let copy = self.copy_of(if self.is("the current copy is written") { version } else { next });
        for granule in copy.iter().take(granules) {
            granule.store(next, Ordering::Relaxed);
        }
        if granules == WHOLE || self.is("the dead are believed") {
            let order = if self.is("published relaxed") { Ordering::Relaxed } else { Ordering::Release };
            self.version.store(next, order);
            *current = next;
        }
    }
}
