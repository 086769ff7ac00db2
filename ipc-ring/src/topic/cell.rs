//! The word of a cell in a queue.
//!
//! | bits | meaning |
//! |---|---|
//! | 0 to 1 | state |
//! | 2 to 63 | one more than the position of the message in the queue; 0 before the first |
//!
//! Only the publisher makes a cell ready, at positions that only grow, so that a word does not come
//! again. The subscriber takes a message, or the publisher drops it, by replacing exactly the word
//! that it has found. So each message has one owner. The process that replaced the word clears the
//! bit of the subscriber in the sample: at once if it dropped the message, and on release if it
//! took the message.

use std::sync::atomic::{Ordering, fence};

use ipc_core::crash_point;
use ipc_core::owner::replace;

use super::layout::Cell;

/// The states of a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// No message was there yet, or the next one is being written.
    New,
    /// A message waits.
    Ready,
    /// The subscriber took it.
    Taken,
    /// The publisher dropped it.
    Dropped,
}

const READY: u64 = 1;
const TAKEN: u64 = 2;
const DROPPED: u64 = 3;
const STATE: u64 = 3;

/// The word of a message at a position.
pub(super) const fn ready(position: u64) -> u64 {
    position.wrapping_add(1) << 2 | READY
}

/// The state in a word, which may be anything.
#[inline]
pub(super) const fn state(word: u64) -> State {
    match word & STATE {
        READY => State::Ready,
        TAKEN => State::Taken,
        DROPPED => State::Dropped,
        _ => State::New,
    }
}

/// The position behind that of the word, which may be anything: 0 before the first message.
#[inline]
pub(super) const fn behind(word: u64) -> u64 {
    word >> 2
}

/// A message in a queue.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    pub(super) word: u64,
    pub(super) stamp: u64,
    pub(super) number: u64,
    pub(super) place: u64,
}

impl Entry {
    /// The index of the sample, which may be anything.
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "32 bits")]
    pub(super) fn sample(&self) -> usize {
        (self.place & u64::from(u32::MAX)) as usize
    }

    /// The number of elements of the message, which may be anything.
    #[inline]
    pub(super) fn len(&self) -> usize {
        (self.place >> 32) as usize
    }
}

impl Cell {
    #[inline]
    pub(super) fn word(&self) -> u64 {
        self.word.load(Ordering::Acquire)
    }

    /// The entry of this word. It is valid if the word can be replaced afterwards.
    #[inline]
    pub(super) fn entry(&self, word: u64) -> Entry {
        Entry {
            word,
            stamp: self.stamp.load(Ordering::Relaxed),
            number: self.number.load(Ordering::Relaxed),
            place: self.place.load(Ordering::Relaxed),
        }
    }

    /// Takes the message of this word, for its subscriber.
    #[inline]
    pub(super) fn take(&self, word: u64) -> bool {
        // The entry was read before.
        fence(Ordering::Acquire);
        replace(&self.word, word, word & !STATE | TAKEN)
    }

    /// Drops the message of this word, for its publisher.
    #[inline]
    pub(super) fn drop_message(&self, word: u64) -> bool {
        let dropped = replace(&self.word, word, word & !STATE | DROPPED);
        // A process that reads a part of the next message then finds that the word has changed.
        fence(Ordering::Release);
        dropped
    }

    /// Puts a message there, in a cell that is not ready.
    #[inline]
    pub(super) fn put(&self, entry: Entry) {
        // If this process is killed before the last store, no state says that the subscriber has
        // taken the message that is written here.
        self.word.store(self.word() & !STATE, Ordering::Relaxed);
        fence(Ordering::Release);
        self.stamp.store(entry.stamp, Ordering::Relaxed);
        self.number.store(entry.number, Ordering::Relaxed);
        self.place.store(entry.place, Ordering::Relaxed);
        crash_point("topic: an entry is written");
        self.word.store(entry.word, Ordering::Release);
    }
}
