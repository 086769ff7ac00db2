//! How a subscriber takes messages from its queues and from the history.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::sync::atomic::Ordering;

use ipc_core::barrier::LightBarrier;
use ipc_core::{barrier, crash_point};

use super::cell::{Entry, State, behind, state};
use super::layout::{Board, SampleHead, WRITING};
use super::roll::{bit, bits};
use super::{SubscriberOptions, WhenFull};

/// The number of attempts to take a message that a publisher drops at the same time.
const ATTEMPTS: usize = 1 << 16;

/// The number of attempts to hold a sample that other subscribers hold or release at the same time.
const HOLDS: usize = 1 << 16;

/// The part of a subscriber that is in its process.
pub(super) struct Intake {
    subscriber: usize,
    generation: u64,
    blocks: bool,
    barrier: LightBarrier,
    /// One for each publisher.
    queues: Box<[Queue]>,
    history: RefCell<VecDeque<Taken>>,
    /// The number of samples that the program holds.
    borrowed: Cell<usize>,
    received: Cell<u64>,
    missed: Cell<u64>,
}

/// A queue from one publisher.
#[derive(Default)]
struct Queue {
    is_open: Cell<bool>,
    /// The position of the next message.
    next: Cell<u64>,
    /// The number of the last message that this subscriber received or missed.
    last: Cell<Option<u64>>,
}

/// A message that a subscriber has taken, and has to release.
#[derive(Clone, Copy, Debug)]
pub(super) struct Taken {
    pub(super) publisher: usize,
    pub(super) sample: usize,
    pub(super) len: usize,
    /// The number among the messages of its publisher.
    pub(super) sequence: u64,
    /// The number among all messages.
    pub(super) stamp: u64,
    pub(super) missed: u64,
    is_history: bool,
}

/// A value that no process using this crate writes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Damaged;

impl Intake {
    /// Makes publishers serve a subscriber that has claimed a slot, and holds the history.
    pub(super) fn new(board: &Board, subscriber: usize, options: SubscriberOptions) -> Self {
        let (roll, slot) = (&board.control().roll, &board.subscribers()[subscriber]);
        let generation = slot.generation.load(Ordering::Relaxed).wrapping_add(1).max(1);
        slot.generation.store(generation, Ordering::SeqCst);
        slot.when_full.store(options.when_full.code(), Ordering::Relaxed);
        slot.received.store(0, Ordering::Relaxed);
        slot.missed.store(0, Ordering::Relaxed);
        slot.sleeps.store(0, Ordering::Relaxed);
        crash_point("topic: before a subscriber is served");
        roll.active.fetch_or(bit(subscriber), Ordering::SeqCst);
        crash_point("topic: a subscriber is served");
        roll.epoch.fetch_add(1, Ordering::SeqCst);
        // A publisher either notices this subscriber, or its message is in the history already.
        barrier::heavy();
        let this = Self {
            subscriber,
            generation,
            blocks: options.when_full == WhenFull::Block,
            barrier: LightBarrier::register(),
            queues: (0..board.limits().publishers).map(|_| Queue::default()).collect(),
            history: RefCell::default(),
            borrowed: Cell::new(0),
            received: Cell::new(0),
            missed: Cell::new(0),
        };
        let mut history = Vec::new();
        for publisher in this.publishers(board) {
            this.hold_history(board, publisher, options.history, &mut history);
        }
        history.sort_by_key(|taken| taken.stamp);
        this.history.replace(history.into());
        this
    }

    fn publishers(&self, board: &Board) -> impl Iterator<Item = usize> + use<> {
        let used = board.control().roll.used.load(Ordering::Acquire);
        let count = self.queues.len();
        bits(used).filter(move |publisher| *publisher < count)
    }

    /// Holds the last messages of a publisher.
    fn hold_history(&self, board: &Board, publisher: usize, wanted: usize, into: &mut Vec<Taken>) {
        let published = board.publishers()[publisher].published.load(Ordering::Acquire);
        let wanted = wanted.min(board.limits().history);
        let old = published.saturating_sub(wanted as u64);
        let first = into.len();
        for (index, sample) in board.samples(publisher).iter().enumerate() {
            let number = sample.number.load(Ordering::Relaxed);
            if number <= old || number > published || into.len() - first == wanted {
                continue;
            }
            if !hold(sample, self.subscriber) {
                continue;
            }
            crash_point("topic: a sample of the history is held");
            // The publisher may have written another message there before.
            let len = usize::try_from(sample.len.load(Ordering::Relaxed)).unwrap_or(usize::MAX);
            if sample.number.load(Ordering::Relaxed) != number || len > max_len(board) {
                sample.held.fetch_and(!bit(self.subscriber), Ordering::AcqRel);
                continue;
            }
            let stamp = sample.stamp.load(Ordering::Relaxed);
            into.push(Taken {
                publisher,
                sample: index,
                len,
                sequence: number,
                stamp,
                missed: 0,
                is_history: true,
            });
        }
        let first = into[first..].iter().map(|taken| taken.sequence).min();
        self.queues[publisher].last.set(first.map(|number| number.wrapping_sub(1)));
    }

    pub(super) fn subscriber(&self) -> usize {
        self.subscriber
    }

    /// The number of samples that the program holds.
    #[inline]
    pub(super) fn borrowed(&self) -> usize {
        self.borrowed.get()
    }

    pub(super) fn received(&self) -> u64 {
        self.received.get()
    }

    pub(super) fn missed(&self) -> u64 {
        self.missed.get()
    }

    /// Takes the first message of all publishers, in the order of their stamps.
    #[inline]
    pub(super) fn take(&self, board: &Board) -> Result<Option<Taken>, Damaged> {
        for _ in 0..ATTEMPTS {
            let mut first = self.history.borrow().front().map(|old| (old.stamp, None));
            for publisher in self.publishers(board) {
                if let Some(entry) = self.front(board, publisher) {
                    if first.is_none_or(|(stamp, _)| entry.stamp < stamp) {
                        first = Some((entry.stamp, Some((publisher, entry))));
                    }
                }
            }
            let taken = match first {
                None => return Ok(None),
                Some((_, None)) => self.history.borrow_mut().pop_front(),
                Some((_, Some((publisher, entry)))) => self.take_entry(board, publisher, entry)?,
            };
            if let Some(taken) = taken {
                return Ok(Some(self.count(board, taken)));
            }
        }
        Ok(None)
    }

    /// Returns `true` if a message waits, which may be gone when it is taken.
    pub(super) fn is_ready(&self, board: &Board) -> bool {
        !self.history.borrow().is_empty()
            || self.publishers(board).any(|publisher| self.front(board, publisher).is_some())
    }

    /// The next message of a queue. Skips positions whose messages were dropped.
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "masked by the length of the queue")]
    fn front(&self, board: &Board, publisher: usize) -> Option<Entry> {
        let queue = &self.queues[publisher];
        if !queue.is_open.get() {
            self.open(board, publisher)?;
        }
        let cells = board.cells(publisher, self.subscriber);
        for _ in 0..=2 * cells.len() {
            let next = queue.next.get();
            let cell = &cells[next as usize & (cells.len() - 1)];
            let word = cell.word();
            // Positions have 62 bits, and begin again at zero.
            let ahead = (behind(word).wrapping_sub(next.wrapping_add(1)) << 2).cast_signed() >> 2;
            match (ahead, state(word)) {
                (..0, _) => return None,
                (0, State::Ready) => return Some(cell.entry(word)),
                (0, _) => queue.next.set(next.wrapping_add(1)),
                // The publisher dropped messages. The queue contains only the last ones before the
                // position in the word.
                (1.., _) => {
                    let oldest = behind(word).wrapping_sub(cells.len() as u64);
                    let forward = (oldest.wrapping_sub(next) << 2).cast_signed() >> 2;
                    let steps = if forward > 0 { forward.cast_unsigned() } else { 1 };
                    queue.next.set(next.wrapping_add(steps));
                }
            }
        }
        None
    }

    /// Opens a queue, if its publisher has noticed this subscriber.
    #[cold]
    fn open(&self, board: &Board, publisher: usize) -> Option<()> {
        let (queue, head) = (&self.queues[publisher], board.head(publisher, self.subscriber));
        if head.generation.load(Ordering::Acquire) != self.generation {
            return None;
        }
        queue.next.set(head.start.load(Ordering::Relaxed));
        if queue.last.get().is_none() {
            queue.last.set(Some(head.base.load(Ordering::Relaxed).wrapping_sub(1)));
        }
        queue.is_open.set(true);
        Some(())
    }

    /// Takes a message from the front of a queue; `None` if the publisher has dropped it meanwhile,
    /// or it came with the history.
    #[inline]
    fn take_entry(
        &self,
        board: &Board,
        publisher: usize,
        entry: Entry,
    ) -> Result<Option<Taken>, Damaged> {
        let queue = &self.queues[publisher];
        let cells = board.cells(publisher, self.subscriber);
        #[expect(clippy::cast_possible_truncation, reason = "masked by the length of the queue")]
        let cell = &cells[queue.next.get() as usize & (cells.len() - 1)];
        crash_point("topic: before a message is taken");
        if !cell.take(entry.word) {
            return Ok(None);
        }
        crash_point("topic: a message is taken");
        queue.next.set(queue.next.get().wrapping_add(1));
        if self.blocks {
            self.barrier.light();
            board.publishers()[publisher].freed.notify_one();
        }
        let Entry { stamp, number, .. } = entry;
        let (sample, len) = (entry.sample(), entry.len());
        if sample >= board.place().samples || len > max_len(board) {
            return Err(Damaged);
        }
        let taken =
            Taken { publisher, sample, len, sequence: number, stamp, missed: 0, is_history: false };
        if queue.last.get().is_some_and(|last| number <= last) {
            self.release(board, &taken);
            return Ok(None);
        }
        Ok(Some(taken))
    }

    /// Counts a message, and those that were missed before it.
    #[inline]
    fn count(&self, board: &Board, mut taken: Taken) -> Taken {
        let last = &self.queues[taken.publisher].last;
        let before = last.replace(Some(taken.sequence));
        taken.missed = before.map_or(0, |last| taken.sequence.wrapping_sub(last).wrapping_sub(1));
        self.missed.set(self.missed.get().wrapping_add(taken.missed));
        self.received.set(self.received.get().wrapping_add(1));
        let slot = &board.subscribers()[self.subscriber];
        slot.received.store(self.received.get(), Ordering::Relaxed);
        slot.missed.store(self.missed.get(), Ordering::Relaxed);
        board.head(taken.publisher, self.subscriber).last.store(taken.sequence, Ordering::Relaxed);
        self.borrowed.set(self.borrowed.get() + 1);
        taken
    }

    /// Returns a message that the program has held.
    #[inline]
    pub(super) fn give_back(&self, board: &Board, taken: &Taken) {
        self.borrowed.set(self.borrowed.get().saturating_sub(1));
        self.release(board, taken);
    }

    #[inline]
    fn release(&self, board: &Board, taken: &Taken) {
        let sample = &board.samples(taken.publisher)[taken.sample];
        let references = if taken.is_history { &sample.held } else { &sample.queued };
        crash_point("topic: before a message is released");
        references.fetch_and(!bit(self.subscriber), Ordering::Release);
        crash_point("topic: a message is released");
    }
}

/// The maximum length of a message.
#[inline]
fn max_len(board: &Board) -> usize {
    board.limits().max_len.max(1)
}

/// Holds a sample for a subscriber; returns `false` if its publisher writes there.
fn hold(sample: &SampleHead, subscriber: usize) -> bool {
    let mut held = sample.held.load(Ordering::Relaxed);
    for _ in 0..HOLDS {
        if held & WRITING != 0 {
            return false;
        }
        let (to, order) = (held | bit(subscriber), (Ordering::AcqRel, Ordering::Relaxed));
        match sample.held.compare_exchange_weak(held, to, order.0, order.1) {
            Ok(_) => return true,
            Err(found) => held = found,
        }
    }
    false
}
