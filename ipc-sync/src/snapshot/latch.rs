//! The protocol of a snapshot: which of several copies is complete, and which one the next writer
//! writes.
//!
//! There are N copies of a value, at least two, and a version that counts the writes. Version v is
//! in copy v mod N. A writer writes version v + 1 into the copy after the current one, and then
//! increments the version. A reader loads the version, reads the current copy, and loads the
//! version again. Version v + N overwrites the copy that the reader reads, and no writer begins it
//! before version v + N - 1 is current. So the read is complete if the version grew by at most
//! N - 2 meanwhile. Otherwise the reader starts again. This happens if a reader is slower than
//! N - 1 writers in a row.
//!
//! A reader waits for no other thread. A writer that dies leaves the version as it was, and all
//! copies that readers use: the next writer overwrites the copy that it wrote in part.
//!
//! Linux knows the protocol with two copies as a latch of a sequence counter (`seqcount_latch_t`).

use std::hint;
use std::sync::atomic::{AtomicU64, Ordering, fence};

use crate::LockError;
use crate::pthread::{RawMutex, RawMutexGuard};
use ipc_core::{Deadline, Errno, Error, Result, crash_point, switched_on};
use ipc_mem::{Resident, WaitWord};

/// The state of a snapshot. A snapshot stores its value in several places, and each write goes to
/// the next one: the latch says which place is current, and contains the lock of the writers.
///
/// Each [`Snapshot`](crate::Snapshot) and each `SnapshotArray` has one.
#[derive(Debug, Resident)]
#[repr(C)]
pub struct SnapshotLatch {
    writers: RawMutex,
    version: AtomicU64,
    /// For readers that wait for a newer version.
    readers: WaitWord,
}

impl SnapshotLatch {
    /// Returns the number of writes so far.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.version.load(Ordering::Acquire)
    }

    /// Waits until the version is greater than `version`, and returns it. Returns `None` if the
    /// deadline comes first.
    ///
    /// The memory must be writable: the waiting thread announces itself in it. So a writer makes a
    /// system call only if a thread waits.
    pub fn wait_newer(&self, version: u64, deadline: impl FnOnce() -> Deadline) -> Option<u64> {
        let newer = || self.newer_than(version);
        newer().or_else(|| self.readers.wait_for(deadline(), |_| newer()))
    }

    /// Waits as [`wait_newer`](Self::wait_newer) does, but writes nothing, so the memory may be
    /// mapped read-only. Only [`wake_watchers`](Self::wake_watchers) wakes a thread that waits in
    /// this way.
    pub fn watch_newer(&self, version: u64, deadline: impl FnOnce() -> Deadline) -> Option<u64> {
        let newer = || self.newer_than(version);
        newer().or_else(|| self.readers.watch_for(deadline(), |_| newer()))
    }

    /// Wakes all threads that wait for a newer version, with a system call.
    pub fn wake_watchers(&self) {
        self.readers.wake_all();
    }

    /// Sequentially consistent, as `publish` and the announcement in the word: either this thread
    /// sees the new version, or its writer sees that this thread may sleep.
    fn newer_than(&self, version: u64) -> Option<u64> {
        Some(self.version.load(Ordering::SeqCst)).filter(|current| *current > version)
    }

    /// Calls `look` with the index of the current copy, and repeats this until no writer changed
    /// that copy during the call. Returns the version. `copies` is the number of copies of the
    /// value.
    #[inline]
    pub fn read(&self, copies: usize, mut look: impl FnMut(usize)) -> u64 {
        loop {
            if let Some(version) = self.try_read(copies, &mut look) {
                return version;
            }
            hint::spin_loop();
        }
    }

    /// Calls `look` as [`read`](Self::read) does, until `deadline` at the latest, and returns the
    /// version. Returns `None` if the deadline comes first.
    pub fn read_until(
        &self,
        copies: usize,
        deadline: Deadline,
        mut look: impl FnMut(usize),
    ) -> Option<u64> {
        loop {
            let read = self.try_read(copies, &mut look);
            if read.is_some() || deadline.is_past() {
                return read;
            }
            hint::spin_loop();
        }
    }

    /// Calls `look` once with the index of the current copy. Returns the version, or `None` if a
    /// writer changed this copy during the call. `copies` is the number of copies of the value.
    #[inline]
    pub fn try_read(&self, copies: usize, look: impl FnOnce(usize)) -> Option<u64> {
        // Acquire: this thread sees all that the writer wrote before it published this version.
        let version = self.version();
        look(place(version, copies));
        self.was_whole(version, copies).then_some(version)
    }

    /// Returns `true` if no writer changed the copy of this version before this call.
    ///
    /// If any byte that was read is of a later version, that is version + N at least. Its writer
    /// had seen version + N - 1, or had written it itself, before its fence. The fence here follows
    /// the read that saw the byte, so that the version loaded now is that one or a later one.
    #[inline]
    fn was_whole(&self, version: u64, copies: usize) -> bool {
        fence(Ordering::Acquire);
        let later = self.version.load(Ordering::Relaxed).wrapping_sub(version);
        later < copies as u64 - 1 || !switched_on("whole")
    }

    /// Acquires the lock of the writers, and calls `fill` with two indices: that of the current
    /// copy, and that of the copy to write. The written copy is then the current one. `copies` is
    /// the number of copies of the value.
    ///
    /// # Errors
    ///
    /// Those of [`RawLock::lock`](crate::lock::RawLock::lock), if the bytes of the lock are
    /// damaged.
    pub fn write(&self, copies: usize, fill: impl FnOnce(usize, usize)) -> Result<()> {
        let writing = self.lock()?;
        crash_point("snapshot.write.locked");
        // The last writer stored it before it released the lock, or died and the kernel released
        // it.
        let version = self.version.load(Ordering::Relaxed);
        self.begin();
        fill(place(version, copies), place(version.wrapping_add(1), copies));
        crash_point("snapshot.write.copied");
        self.publish(version.wrapping_add(1));
        crash_point("snapshot.write.published");
        drop(writing);
        self.readers.notify_all();
        Ok(())
    }

    /// Release: a thread that reads any byte written after this, and then executes a fence, sees
    /// the version that was stored before.
    #[inline]
    fn begin(&self) {
        fence(Ordering::Release);
    }

    /// A reader that sees this version sees everything that was written before. Sequentially
    /// consistent: see `newer_than`.
    #[inline]
    fn publish(&self, version: u64) {
        self.version.store(version, Ordering::SeqCst);
    }

    fn lock(&self) -> Result<RawMutexGuard<'_>> {
        match self.writers.lock() {
            Ok(guard) => Ok(guard),
            // There is nothing to repair: a copy that is not current may be anything.
            Err(LockError::OwnerDied(mut guard)) => guard.mark_consistent().map(|()| guard),
            Err(LockError::NotRecoverable) => {
                Err(Error::os("pthread_mutex_lock", "", Errno::ENOTRECOVERABLE))
            }
            Err(LockError::Failed(err)) => Err(err),
        }
    }
}

/// Which copy a version is in.
#[inline]
fn place(version: u64, copies: usize) -> usize {
    #[expect(clippy::cast_possible_truncation, reason = "less than `copies`")]
    let place = (version % copies as u64) as usize;
    place
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::time::Duration;

    use ipc_mem::{LocalMemory, Placed};

    use super::*;

    /// A value of three granules, in as many copies.
    struct Model {
        latch: Placed<SnapshotLatch, LocalMemory>,
        copies: Vec<[Cell<u64>; 3]>,
    }

    /// What a reader or writer does between two moments at which another may come.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    enum Step {
        Begin,
        Granule(usize),
        End,
    }

    const STEPS: [Step; 5] =
        [Step::Begin, Step::Granule(0), Step::Granule(1), Step::Granule(2), Step::End];

    /// A reader in the middle of its work.
    #[derive(Clone, Copy, Default)]
    struct Reader {
        version: u64,
        seen: [u64; 3],
    }

    impl Model {
        fn new(copies: usize) -> Self {
            let latch =
                Placed::create_in(LocalMemory::new(size_of::<SnapshotLatch>()).unwrap()).unwrap();
            Self { latch, copies: (0..copies).map(|_| Default::default()).collect() }
        }

        fn reset(&self) {
            self.latch.publish(0);
            self.copies.iter().flatten().for_each(|granule| granule.set(0));
        }

        /// The parts of `write`, of the version after the current one. All granules of version v
        /// are v.
        fn write(&self, step: Step) {
            let next = self.latch.version() + 1;
            match step {
                Step::Begin => self.latch.begin(),
                Step::Granule(i) => self.copies[place(next, self.copies.len())][i].set(next),
                Step::End => self.latch.publish(next),
            }
        }

        /// The parts of `read`; at the end, what it came to.
        fn read(&self, step: Step, reader: &mut Reader) -> Option<bool> {
            match step {
                Step::Begin => reader.version = self.latch.version(),
                Step::Granule(i) => {
                    reader.seen[i] = self.copies[place(reader.version, self.copies.len())][i].get();
                }
                Step::End => return Some(self.latch.was_whole(reader.version, self.copies.len())),
            }
            None
        }
    }

    /// Lets a reader come between the steps of writers in every possible order, and counts how
    /// often it got something and how often it was overtaken.
    fn every_order(copies: usize, work: &[Step]) -> [u32; 2] {
        let (model, mut counts) = (Model::new(copies), [0; 2]);
        // Which of the writers' steps come before each of the reader's: numbers that never fall.
        let mut before = [0; STEPS.len()];
        loop {
            model.reset();
            let (mut reader, mut done) = (Reader::default(), 0);
            for (step, until) in STEPS.into_iter().zip(before) {
                work[done..until].iter().for_each(|step| model.write(*step));
                done = until;
                match model.read(step, &mut reader) {
                    Some(true) => {
                        assert_eq!(
                            reader.seen, [reader.version; 3],
                            "{copies} copies, reader after {before:?}"
                        );
                        counts[0] += 1;
                    }
                    Some(false) => {
                        assert!(
                            model.latch.version() > reader.version,
                            "overtaken by no writer: {before:?}"
                        );
                        counts[1] += 1;
                    }
                    None => {}
                }
            }
            let Some(last) = before.iter().rposition(|until| *until < work.len()) else {
                return counts;
            };
            let next = before[last] + 1;
            before[last..].fill(next);
        }
    }

    #[test]
    fn in_every_order_a_reader_has_one_version_or_sees_it_was_overtaken() {
        let work = STEPS.repeat(4);
        let counts = [2, 3, 4, 5].map(|copies| every_order(copies, &work));
        let orders = counts[0].iter().sum::<u32>();
        assert_eq!(orders, 53_130); // 25 over 5
        for pair in counts.windows(2) {
            assert_eq!(pair[1].iter().sum::<u32>(), orders);
            assert!(pair[1][1] < pair[0][1], "with more copies fewer are overtaken: {counts:?}");
        }
    }

    #[test]
    fn in_every_order_of_steps_a_writer_that_died_is_not_seen() {
        for first in 0..STEPS.len() {
            for second in 0..STEPS.len() {
                // Two writers die, each at another step, and two come to their end.
                let work = [&STEPS, &STEPS[..first], &STEPS[..second], &STEPS].concat();
                for copies in [2, 3] {
                    let [seen, _] = every_order(copies, &work);
                    assert!(seen > 0);
                }
            }
        }
    }

    #[test]
    fn a_forged_version_leads_to_an_existing_copy() {
        for version in [0, 1, u64::MAX - 1, u64::MAX] {
            let model = Model::new(3);
            model.latch.publish(version);
            assert_eq!(model.latch.read(3, |copy| assert!(copy < 3)), version);
            model.latch.write(3, |old, new| assert!(old < 3 && new < 3)).unwrap();
        }
    }

    #[test]
    fn a_read_with_a_deadline_ends_while_a_writer_is_always_faster() {
        let latch = Model::new(2).latch;
        let overtaken = |_| (0..2).for_each(|_| latch.write(2, |_, _| ()).unwrap());
        assert_eq!(latch.try_read(2, overtaken), None);
        assert_eq!(latch.read_until(2, Deadline::after(Duration::from_millis(1)), overtaken), None);
        let mut attempts = 0;
        let overtaken_once = |copy| {
            attempts += 1;
            if attempts == 1 {
                overtaken(copy);
            }
        };
        assert!(latch.read_until(2, Deadline::NEVER, overtaken_once).is_some());
        assert_eq!(attempts, 2);
    }
}
