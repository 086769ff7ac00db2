//! Recovering participants that have ended.
//!
//! A process that proves the process of a participant dead replaces the word of the participant by
//! its own word, with a flag. Then it completes the intent of the participant, drops its counts, frees
//! its blocks, releases its slabs, and clears the word. If it dies meanwhile, another process proves its death
//! and begins again: each step may be repeated. Other processes do not wait, except for the lock of
//! an object whose operation has to be completed.

use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;

use ipc_core::owner::{PROCESS, flag, is_dead, replace};
use ipc_core::{ProcessInstance, crash_point};

use crate::allocator::local::Local;
use crate::allocator::page::{self, CLAIMED, EXTENT, KEPT, SLAB};
use crate::intent::Intent;
use crate::layout::Participant;

/// The flag of a process that recovers what a participant left.
const RECOVERS: u64 = flag(0);

/// How long a recovery waits for the lock of the counts.
const PATIENCE: Duration = Duration::from_millis(10);

/// The result of an attempt to recover a participant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Attempt {
    /// There is nothing to recover, or not now.
    Nothing,
    /// Its process is alive, or the process that recovers it is.
    Alive {
        recovers: bool,
    },
    Recovered,
}

impl Local {
    /// Recovers all participants whose processes are dead, and returns their number.
    #[cold]
    pub(crate) fn recover(&self) -> u64 {
        let others = (0..self.participants()).filter(|number| *number != self.number);
        others.map(|number| u64::from(self.recover_one(number) == Attempt::Recovered)).sum()
    }

    fn recover_one(&self, number: u64) -> Attempt {
        let Some(Participant { word, intent, .. }) = self.parts.participant(number) else {
            return Attempt::Nothing;
        };
        let seen = word.load(Ordering::Acquire);
        if seen == 0 && intent.load(Ordering::Acquire) == 0 {
            return Attempt::Nothing;
        }
        // No participant has an intent without a word, except in a damaged heap.
        if is_alive(seen) || !replace(word, seen, self.me | RECOVERS) {
            return Attempt::Alive { recovers: seen & RECOVERS != 0 };
        }
        crash_point("heap: a participant is being recovered");
        if let Some(intent) = self.intent_of(number) {
            self.redo(intent, number + 1);
        }
        intent.store(0, Ordering::Release);
        crash_point("heap: an intent of the dead is cleared");
        if !self.drop_shares(number, Some(PATIENCE)) {
            // The process that holds the lock may be stopped: the next attempt continues.
            word.store(seen, Ordering::Release);
            return Attempt::Nothing;
        }
        self.retire(number);
        Attempt::Recovered
    }

    /// Frees the blocks of a participant that ends or whose process is dead, and then its place.
    pub(crate) fn retire(&self, number: u64) {
        let tag = number + 1;
        // It may have allocated in pages by which another process has grown the heap.
        self.refresh();
        let mut page = 0;
        while page < self.pages() {
            let word = self.page_word(page);
            let is_own = page::owner(word) == tag;
            let mut pages = 1;
            match (page::kind(word), page::class(word)) {
                (EXTENT, _) => {
                    pages = page::len(word).max(1);
                    if is_own && word & KEPT == 0 {
                        self.release_extent(page, pages, tag);
                    }
                }
                (CLAIMED, _) if is_own => self.free_page(page),
                (SLAB, Some(class)) if is_own => self.sweep_slab(page, class),
                _ => {}
            }
            page += pages;
        }
        if let Some(participant) = self.parts.participant(number) {
            participant.word.store(0, Ordering::Release);
            crash_point("heap: a participant has ended");
        }
    }

    /// Completes the intents of dead participants that `concerns` selects. The next owner of a lock
    /// whose owner died calls it: no living participant has such an intent.
    #[cold]
    pub(crate) fn complete(&self, concerns: impl Fn(Intent) -> bool) {
        for number in (0..self.participants()).filter(|number| *number != self.number) {
            while self.intent_of(number).is_some_and(&concerns) {
                match self.recover_one(number) {
                    // The process that recovers it may be stopped in the middle of that.
                    Attempt::Alive { recovers: true } => thread::sleep(Duration::from_millis(1)),
                    Attempt::Alive { recovers: false } if self.was_replaced(number) => {}
                    _ => break,
                }
            }
        }
    }

    /// Returns `true` if the word of a participant names a process that is dead or that recovers
    /// it: then the word has changed since an attempt to replace it.
    fn was_replaced(&self, number: u64) -> bool {
        self.parts.participant(number).is_some_and(|participant| {
            let word = participant.word.load(Ordering::Acquire);
            word & RECOVERS != 0 || !is_alive(word)
        })
    }
}

/// Returns `true` if the word names a process that is not proved to be dead.
fn is_alive(word: u64) -> bool {
    ProcessInstance::from_raw(word & PROCESS).is_some() && !is_dead(word)
}
