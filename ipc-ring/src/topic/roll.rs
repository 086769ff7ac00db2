//! The publishers and subscribers of a topic: how they get their slots, and what the dead leave.

use std::sync::atomic::{AtomicU64, Ordering};

use ipc_core::owner::{PROCESS, is_dead, replace};
use ipc_core::{Errno, Refusal, barrier, crash_point};

use super::cell::{Entry, State, state};
use super::layout::{Board, SampleHead, WRITING};

/// The numbers of the bits of a word.
pub(super) fn bits(mut word: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let lowest = (word != 0).then(|| word.trailing_zeros() as usize)?;
        word &= word - 1;
        Some(lowest)
    })
}

/// The bit of a subscriber or publisher.
#[inline]
pub(super) const fn bit(number: usize) -> u64 {
    1 << number
}

impl Board {
    /// Claims a slot for a publisher of this process, and repairs what a dead one left there.
    pub(super) fn claim_publisher(&self, me: u64) -> Result<usize, Refusal> {
        let words = &self.control().publishers[..self.limits().publishers];
        let slot = claim(words, me, "publishers")?;
        self.repair_publisher(slot);
        self.control().roll.used.fetch_or(bit(slot), Ordering::SeqCst);
        crash_point("topic: a publisher is open");
        Ok(slot)
    }

    /// Frees the slot of a publisher of this process. Its messages stay.
    pub(super) fn free_publisher(&self, publisher: usize, me: u64) {
        self.repair_publisher(publisher);
        crash_point("topic: before a publisher is closed");
        replace(&self.control().publishers[publisher], me, 0);
    }

    /// Claims a slot for a subscriber of this process, and clears what its predecessor left. No
    /// publisher serves the subscriber yet.
    pub(super) fn claim_subscriber(&self, me: u64) -> Result<usize, Refusal> {
        let words = &self.control().subscribers[..self.limits().subscribers];
        let slot = claim(words, me, "subscribers")?;
        self.clear_subscriber(slot);
        Ok(slot)
    }

    /// Frees the slot of a subscriber of this process, and all samples that it queues or holds.
    pub(super) fn free_subscriber(&self, subscriber: usize, me: u64) {
        self.clear_subscriber(subscriber);
        crash_point("topic: before a subscriber is closed");
        replace(&self.control().subscribers[subscriber], me, 0);
    }

    /// Frees the slots of subscribers that are proved dead.
    #[cold]
    pub(super) fn clear_dead_subscribers(&self, me: u64) {
        let mut alive = me;
        for subscriber in 0..self.limits().subscribers {
            let word = &self.control().subscribers[subscriber];
            let process = word.load(Ordering::SeqCst);
            if process == 0 || process & PROCESS == alive {
                continue;
            }
            if !is_dead(process) {
                alive = process & PROCESS;
                continue;
            }
            crash_point("topic: before a dead subscriber is replaced");
            if replace(word, process, me) {
                self.free_subscriber(subscriber, me);
            }
        }
    }

    /// Drops all messages that are queued for a subscriber or held by it. The caller owns its slot.
    fn clear_subscriber(&self, subscriber: usize) {
        let (roll, bit) = (&self.control().roll, bit(subscriber));
        roll.active.fetch_and(!bit, Ordering::SeqCst);
        crash_point("topic: a subscriber is not served any more");
        roll.epoch.fetch_add(1, Ordering::SeqCst);
        // A publisher that is queuing a message for it either sees the new epoch, and withdraws the
        // message, or the message is found here.
        barrier::heavy();
        for publisher in 0..self.limits().publishers {
            for cell in self.cells(publisher, subscriber) {
                let word = cell.word();
                if state(word) == State::Ready {
                    // It fails only if the publisher drops the message.
                    cell.take(word);
                }
            }
            crash_point("topic: a queue is empty");
            for sample in self.samples(publisher) {
                for references in [&sample.queued, &sample.held] {
                    if references.load(Ordering::Acquire) & bit != 0 {
                        references.fetch_and(!bit, Ordering::AcqRel);
                    }
                }
            }
        }
        crash_point("topic: all references of a subscriber are dropped");
        self.publishers().iter().for_each(|slot| slot.freed.notify_all());
    }

    /// Returns `true` if publishers have to serve the subscriber for which this one last began to
    /// queue messages in that slot.
    pub(super) fn is_served(&self, publisher: usize, subscriber: usize) -> bool {
        let generation = self.subscribers()[subscriber].generation.load(Ordering::SeqCst);
        // After the generation, which changes only while the slot is not served.
        self.control().roll.active.load(Ordering::SeqCst) & bit(subscriber) != 0
            && self.head(publisher, subscriber).generation.load(Ordering::Relaxed) == generation
    }

    /// Clears the bit of a subscriber in a sample, which holds this message.
    pub(super) fn forget(&self, publisher: usize, subscriber: usize, entry: &Entry) {
        if let Some(sample) = self.samples(publisher).get(entry.sample()) {
            if sample.number.load(Ordering::Relaxed) == entry.number {
                sample.queued.fetch_and(!bit(subscriber), Ordering::AcqRel);
            }
        }
    }

    /// Completes the operation that the last publisher in a slot began. The caller owns the slot.
    fn repair_publisher(&self, publisher: usize) {
        let (slot, samples) = (&self.publishers()[publisher], self.samples(publisher));
        let subscribers = self.limits().subscribers;
        let place = usize::try_from(slot.place.load(Ordering::Relaxed)).unwrap_or(usize::MAX);
        if let Some(sample) = samples.get(place) {
            let queuing = slot.queuing.load(Ordering::Acquire);
            for subscriber in bits(queuing).filter(|subscriber| *subscriber < subscribers) {
                self.settle(publisher, subscriber, place, sample);
                crash_point("topic: a message that was being queued is settled");
            }
        }
        slot.queuing.store(0, Ordering::Release);
        for subscriber in 0..subscribers {
            for cell in self.cells(publisher, subscriber) {
                let word = cell.word();
                if state(word) == State::Dropped {
                    self.forget(publisher, subscriber, &cell.entry(word));
                }
            }
        }
        let published = slot.published.load(Ordering::Acquire);
        for sample in samples {
            if sample.number.load(Ordering::Relaxed) > published {
                sample.number.store(0, Ordering::Relaxed);
            }
            if sample.held.load(Ordering::Acquire) & WRITING != 0 {
                sample.held.store(0, Ordering::Release);
                crash_point("topic: a loan is returned");
            }
        }
    }

    /// Settles whether the newest message is in the queue of a subscriber. If it is not, nothing
    /// refers to it there, and the subscriber counts it as missed when it takes a later one.
    fn settle(&self, publisher: usize, subscriber: usize, place: usize, sample: &SampleHead) {
        let number = sample.number.load(Ordering::Relaxed);
        let is_it = |entry: &Entry| entry.number == number && entry.sample() == place;
        let found = self.cells(publisher, subscriber).iter().find_map(|cell| {
            let entry = cell.entry(cell.word());
            is_it(&entry).then_some((cell, entry.word))
        });
        let is_theirs = found.is_some_and(|(cell, word)| match state(word) {
            State::Taken => true,
            // If it cannot be dropped, it was taken meanwhile.
            State::Ready => self.is_served(publisher, subscriber) || !cell.drop_message(word),
            State::New | State::Dropped => false,
        });
        if !is_theirs {
            sample.queued.fetch_and(!bit(subscriber), Ordering::AcqRel);
        }
    }
}

/// Claims a slot: a free one, or that of a process that is proved dead.
fn claim(words: &[AtomicU64], me: u64, what: &str) -> Result<usize, Refusal> {
    let claimed = words.iter().position(|word| replace(word, 0, me)).or_else(|| {
        let mut alive = me;
        words.iter().position(|word| {
            let process = word.load(Ordering::SeqCst);
            if process & PROCESS == alive {
                return false;
            }
            if process != 0 && !is_dead(process) {
                alive = process & PROCESS;
                return false;
            }
            crash_point("topic: before a slot is taken over");
            replace(word, process, me)
        })
    });
    crash_point("topic: a slot is claimed");
    claimed.ok_or_else(|| {
        let limit = words.len();
        let why = format!(
            "{limit} of {limit} {what} are open: close one, or create the topic for more {what}"
        );
        Refusal::os("open", Errno::EBUSY).because(why)
    })
}
