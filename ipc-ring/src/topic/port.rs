//! How a publisher gets samples, and queues them for subscribers.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::sync::atomic::Ordering;

use ipc_core::barrier::LightBarrier;
use ipc_core::owner::replace;
use ipc_core::{Deadline, crash_point};

use super::WhenFull;
use super::cell::{Entry, State, behind, ready, state};
use super::layout::{Board, PublisherSlot, WRITING};
use super::roll::{bit, bits};
use crate::waiting;

/// After this number of dropped messages, a publisher looks for dead subscribers.
const TURNS: u32 = 1 << 16;

/// The part of a publisher that is in its process.
pub(super) struct Port {
    publisher: usize,
    me: u64,
    barrier: LightBarrier,
    /// The number of the last message.
    published: Cell<u64>,
    /// The epoch of the three words below; `None` before the first look.
    epoch: Cell<Option<u64>>,
    active: Cell<u64>,
    blocking: Cell<u64>,
    drop_oldest: Cell<u64>,
    /// The next position in the queue of each subscriber.
    tails: Box<[Cell<u64>]>,
    stock: RefCell<Stock>,
    loans: Cell<usize>,
    dropped: Cell<u32>,
}

/// The samples of a publisher, in the order in which it prefers to use them.
struct Stock {
    /// Those that were published, the oldest first. They are in the caches of the processors.
    published: VecDeque<u32>,
    unused: Vec<u32>,
}

impl Port {
    #[expect(clippy::cast_possible_truncation, reason = "fewer than 2³² samples: `Limits::check`")]
    pub(super) fn new(board: &Board, publisher: usize, me: u64) -> Self {
        let published = board.publishers()[publisher].published.load(Ordering::Acquire);
        let tail = |subscriber| {
            let cells = board.cells(publisher, subscriber).iter();
            Cell::new(cells.map(|cell| behind(cell.word())).max().unwrap_or(0))
        };
        let samples = board.samples(publisher);
        let number = |index: &u32| samples[*index as usize].number.load(Ordering::Relaxed);
        let mut old: Vec<u32> = (0..samples.len() as u32).collect();
        old.sort_by_key(number);
        let new = old.partition_point(|index| number(index) == 0);
        let mut stock = Stock {
            published: VecDeque::with_capacity(samples.len()),
            unused: Vec::with_capacity(samples.len()),
        };
        stock.unused.extend(old[..new].iter().rev());
        stock.published.extend(&old[new..]);
        Self {
            publisher,
            me,
            barrier: LightBarrier::register(),
            published: Cell::new(published),
            epoch: Cell::new(None),
            active: Cell::new(0),
            blocking: Cell::new(0),
            drop_oldest: Cell::new(0),
            tails: (0..board.limits().subscribers).map(tail).collect(),
            stock: RefCell::new(stock),
            loans: Cell::new(0),
            dropped: Cell::new(0),
        }
    }

    pub(super) fn publisher(&self) -> usize {
        self.publisher
    }

    pub(super) fn published(&self) -> u64 {
        self.published.get()
    }

    /// The number of samples on loan.
    pub(super) fn loans(&self) -> usize {
        self.loans.get()
    }

    fn slot<'a>(&self, board: &'a Board) -> &'a PublisherSlot {
        &board.publishers()[self.publisher]
    }

    /// Claims a sample to write, if one is free.
    pub(super) fn loan(&self, board: &Board) -> Option<usize> {
        let samples = board.samples(self.publisher);
        // Younger ones are in the history.
        let old = self.published.get().saturating_sub(board.limits().history as u64);
        let is_old = |index: u32| samples[index as usize].number.load(Ordering::Relaxed) <= old;
        let claim = |index: u32| {
            let sample = &samples[index as usize];
            let is_free = is_old(index) && sample.queued.load(Ordering::Acquire) == 0;
            is_free && replace(&sample.held, 0, WRITING)
        };
        let mut stock = self.stock.borrow_mut();
        let Stock { published, unused } = &mut *stock;
        // The oldest is free, unless a subscriber is slow.
        let mut rotate = |times: usize| {
            for _ in 0..times {
                let index = published.pop_front()?;
                if claim(index) {
                    return Some(index);
                }
                if is_old(index) {
                    published.push_back(index);
                } else {
                    published.push_front(index);
                    return None;
                }
            }
            None
        };
        let mut found = rotate(2);
        while found.is_none() {
            let Some(index) = unused.pop() else { break };
            if claim(index) {
                found = Some(index);
            } else {
                published.push_back(index);
            }
        }
        found = found.or_else(|| {
            let at = published.iter().position(|index| claim(*index))?;
            published.remove(at)
        });
        let index = found? as usize;
        self.loans.set(self.loans.get() + 1);
        crash_point("topic: a sample is loaned");
        Some(index)
    }

    /// Returns a sample that is not published.
    #[expect(clippy::cast_possible_truncation, reason = "fewer than 2³² samples: `Limits::check`")]
    pub(super) fn give_back(&self, board: &Board, index: usize) {
        board.samples(self.publisher)[index].held.store(0, Ordering::Release);
        self.stock.borrow_mut().unused.push(index as u32);
        self.loans.set(self.loans.get() - 1);
    }

    /// Returns `true` if no subscriber that blocks has a full queue.
    #[inline]
    pub(super) fn has_room(&self, board: &Board) -> bool {
        self.notice(board);
        let is_full = |subscriber| self.next_cell_is_ready(board, subscriber);
        !bits(self.active.get() & self.blocking.get()).any(is_full)
    }

    /// Waits until no subscriber that blocks has a full queue; returns `false` if the deadline
    /// passes first.
    #[cold]
    pub(super) fn wait_for_room(&self, board: &Board, deadline: Deadline) -> bool {
        let attempt = |is_suspicious| {
            if is_suspicious {
                board.clear_dead_subscribers(self.me);
            }
            self.has_room(board).then_some(())
        };
        let PublisherSlot { freed, sleeps, .. } = self.slot(board);
        waiting::wait(freed, Some(sleeps), deadline, waiting::LEISURE, attempt).is_some()
    }

    #[expect(clippy::cast_possible_truncation, reason = "masked by the length of the queue")]
    fn next_cell<'a>(&self, board: &'a Board, subscriber: usize) -> &'a super::layout::Cell {
        let cells = board.cells(self.publisher, subscriber);
        &cells[self.tails[subscriber].get() as usize & (cells.len() - 1)]
    }

    fn next_cell_is_ready(&self, board: &Board, subscriber: usize) -> bool {
        state(self.next_cell(board, subscriber).word()) == State::Ready
    }

    /// Looks for subscribers that have come or gone.
    #[inline]
    fn notice(&self, board: &Board) {
        let epoch = board.control().roll.epoch.load(Ordering::SeqCst);
        if self.epoch.get() != Some(epoch) {
            self.notice_all(board, epoch);
        }
    }

    #[cold]
    fn notice_all(&self, board: &Board, epoch: u64) {
        let active = &board.control().roll.active;
        let (mut served, mut blocking, mut drop_oldest) = (0, 0, 0);
        for subscriber in bits(active.load(Ordering::SeqCst) & !(u64::MAX << self.tails.len())) {
            let slot = &board.subscribers()[subscriber];
            let generation = slot.generation.load(Ordering::SeqCst);
            // After the generation, which changes only while the slot is not served.
            if active.load(Ordering::SeqCst) & bit(subscriber) == 0 {
                continue;
            }
            if board.head(self.publisher, subscriber).generation.load(Ordering::Relaxed)
                != generation
            {
                self.begin(board, subscriber, generation);
            }
            served |= bit(subscriber);
            match WhenFull::of_code(slot.when_full.load(Ordering::Relaxed)) {
                WhenFull::Block => blocking |= bit(subscriber),
                WhenFull::DropOldest => drop_oldest |= bit(subscriber),
                WhenFull::DropNewest => {}
            }
        }
        self.active.set(served);
        self.blocking.set(blocking);
        self.drop_oldest.set(drop_oldest);
        self.epoch.set(Some(epoch));
    }

    /// Begins to queue messages for a subscriber, the next one first.
    fn begin(&self, board: &Board, subscriber: usize, generation: u64) {
        for cell in board.cells(self.publisher, subscriber) {
            let word = cell.word();
            // Of the subscriber that had the slot before.
            if state(word) == State::Ready {
                self.drop_message(board, subscriber, cell.entry(word));
            }
        }
        let head = board.head(self.publisher, subscriber);
        head.last.store(0, Ordering::Relaxed);
        head.base.store(self.next_number(board), Ordering::Relaxed);
        head.start.store(self.tails[subscriber].get(), Ordering::Relaxed);
        head.generation.store(generation, Ordering::Release);
        crash_point("topic: a subscriber is noticed");
    }

    /// The number of the message that is queued next: the newest one, unless it is queued already.
    fn next_number(&self, board: &Board) -> u64 {
        let published = self.slot(board).published.load(Ordering::Relaxed);
        published.max(self.published.get().wrapping_add(1))
    }

    /// Drops a message from a queue, unless the subscriber takes it first.
    #[expect(clippy::cast_possible_truncation, reason = "masked by the length of the queue")]
    fn drop_message(&self, board: &Board, subscriber: usize, entry: Entry) {
        let cells = board.cells(self.publisher, subscriber);
        let cell = &cells[behind(entry.word).wrapping_sub(1) as usize & (cells.len() - 1)];
        if cell.drop_message(entry.word) {
            crash_point("topic: a message is dropped");
            board.forget(self.publisher, subscriber, &entry);
            crash_point("topic: a dropped message is forgotten");
        }
    }

    /// Publishes a sample: no subscriber that blocks has a full queue (`has_room`).
    #[inline]
    pub(super) fn publish(&self, board: &Board, index: usize, len: usize) {
        let message = self.commit(board, index, len);
        // A subscriber that is opened now either finds the message in the history, or is noticed.
        self.barrier.light();
        self.notice(board);
        let queuing = self.make_room(board);
        self.queue(board, index, message, queuing);
    }

    /// Makes a sample the newest message, and returns its entry for the cells, without a word.
    #[inline]
    fn commit(&self, board: &Board, index: usize, len: usize) -> Entry {
        let sample = &board.samples(self.publisher)[index];
        let number = self.published.get().wrapping_add(1);
        let stamp = board.control().stamp.number.fetch_add(1, Ordering::Relaxed).wrapping_add(1);
        sample.number.store(number, Ordering::Relaxed);
        sample.stamp.store(stamp, Ordering::Relaxed);
        sample.len.store(len as u64, Ordering::Relaxed);
        crash_point("topic: a message is written");
        sample.held.store(0, Ordering::Release);
        crash_point("topic: a sample is not written any more");
        self.slot(board).published.store(number, Ordering::Release);
        crash_point("topic: a message is published");
        Entry { word: 0, stamp, number, place: index as u64 | (len as u64) << 32 }
    }

    /// Queues the newest message for these subscribers, and wakes them.
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "fewer than 2³² samples: `Limits::check`")]
    fn queue(&self, board: &Board, index: usize, message: Entry, queuing: u64) {
        let slot = self.slot(board);
        slot.place.store(index as u64, Ordering::Relaxed);
        slot.queuing.store(queuing, Ordering::Release);
        crash_point("topic: subscribers are chosen");
        board.samples(self.publisher)[index].queued.store(queuing, Ordering::Release);
        crash_point("topic: references are set");
        for subscriber in bits(queuing) {
            let word = ready(self.tails[subscriber].get());
            self.next_cell(board, subscriber).put(Entry { word, ..message });
            crash_point("topic: a message is queued");
            self.tails[subscriber].set(self.tails[subscriber].get().wrapping_add(1));
        }
        self.published.set(message.number);
        // A process that closes or clears a subscriber either finds the queued message, or has
        // changed the epoch before. A subscriber that is about to sleep either finds the message or
        // is woken.
        self.barrier.light();
        if self.epoch.get() != Some(board.control().roll.epoch.load(Ordering::SeqCst)) {
            self.withdraw(board, queuing);
        }
        slot.queuing.store(0, Ordering::Release);
        crash_point("topic: a message is queued everywhere");
        bits(queuing).for_each(|subscriber| board.subscribers()[subscriber].filled.notify_one());
        self.stock.borrow_mut().published.push_back(index as u32);
        self.loans.set(self.loans.get() - 1);
    }

    /// Chooses the subscribers that get the next message. Drops the oldest message of a full queue
    /// if its subscriber chose that.
    #[inline]
    fn make_room(&self, board: &Board) -> u64 {
        let mut chosen = self.active.get();
        for subscriber in bits(chosen) {
            if !self.next_cell_is_ready(board, subscriber) {
                continue;
            }
            if self.drop_oldest.get() & bit(subscriber) != 0 {
                let cell = self.next_cell(board, subscriber);
                let word = cell.word();
                if state(word) == State::Ready {
                    self.drop_message(board, subscriber, cell.entry(word));
                }
            } else {
                chosen &= !bit(subscriber);
            }
            let dropped = self.dropped.get().wrapping_add(1);
            self.dropped.set(dropped);
            if dropped.is_multiple_of(TURNS) {
                board.clear_dead_subscribers(self.me);
            }
        }
        chosen
    }

    /// Withdraws the newest message from subscribers that are gone.
    #[cold]
    fn withdraw(&self, board: &Board, queuing: u64) {
        for subscriber in bits(queuing) {
            if board.is_served(self.publisher, subscriber) {
                continue;
            }
            let cells = board.cells(self.publisher, subscriber);
            let word = ready(self.tails[subscriber].get().wrapping_sub(1));
            if let Some(cell) = cells.iter().find(|cell| cell.word() == word) {
                self.drop_message(board, subscriber, cell.entry(word));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ipc_mem::{LocalMemory, Object};

    use crate::topic::intake::Intake;
    use crate::topic::layout::Topic;
    use crate::topic::{SubscriberOptions, TopicOptions};

    const ME: u64 = 7;

    fn topic(options: TopicOptions) -> Object<Topic<u64>, LocalMemory> {
        Object::create_in(LocalMemory::new(1 << 16).unwrap(), options, |_| Ok(())).unwrap()
    }

    fn subscribe(board: &Board, history: usize) -> Intake {
        let slot = board.claim_subscriber(ME).unwrap();
        let options = SubscriberOptions::new(WhenFull::Block).history(history);
        Intake::new(board, slot, options)
    }

    fn publish(port: &Port, board: &Board) {
        assert!(port.has_room(board));
        let index = port.loan(board).unwrap();
        port.publish(board, index, 1);
    }

    /// The messages that wait for a subscriber: the number of each, and how many were missed.
    fn drain(intake: &Intake, board: &Board) -> Vec<(u64, u64)> {
        let mut all = Vec::new();
        while let Some(taken) = intake.take(board).unwrap() {
            intake.give_back(board, &taken);
            all.push((taken.sequence, taken.missed));
        }
        all
    }

    fn is_any_referred_to(board: &Board) -> bool {
        let is_referred = |word: &std::sync::atomic::AtomicU64| word.load(Ordering::Relaxed) != 0;
        board.samples(0).iter().any(|one| is_referred(&one.queued) || is_referred(&one.held))
    }

    #[test]
    fn a_message_queued_for_a_closed_subscriber_is_withdrawn() {
        for history in [0, 1] {
            let options = TopicOptions::new().max_publishers(1).max_subscribers(1).history(1);
            let topic = topic(options.queue(2));
            let port = Port::new(&topic, topic.claim_publisher(ME).unwrap(), ME);
            let first = subscribe(&topic, 0);
            publish(&port, &topic);
            // The publisher is stopped in the middle of its next message. Meanwhile another
            // subscriber is opened in the slot.
            let index = port.loan(&topic).unwrap();
            let message = port.commit(&topic, index, 1);
            port.notice(&topic);
            let queuing = port.make_room(&topic);
            assert_eq!(queuing, 1);
            topic.free_subscriber(first.subscriber(), ME);
            let second = subscribe(&topic, history);
            port.queue(&topic, index, message, queuing);
            let from_history = if history == 1 { vec![(2, 0)] } else { vec![] };
            assert_eq!(drain(&second, &topic), from_history);
            assert!(!is_any_referred_to(&topic), "nothing refers to a sample that no one gets");
            (0..2).for_each(|_| publish(&port, &topic));
            assert_eq!(drain(&second, &topic), [(3, 0), (4, 0)]);
            assert!(!is_any_referred_to(&topic));
        }
    }

    #[test]
    fn a_message_that_is_in_the_history_and_in_the_queue_comes_once() {
        let options = TopicOptions::new().max_publishers(1).max_subscribers(1).history(2);
        let topic = topic(options.queue(2));
        let port = Port::new(&topic, topic.claim_publisher(ME).unwrap(), ME);
        publish(&port, &topic);
        let index = port.loan(&topic).unwrap();
        let message = port.commit(&topic, index, 1);
        let orders = subscribe(&topic, 2);
        port.notice(&topic);
        let queuing = port.make_room(&topic);
        port.queue(&topic, index, message, queuing);
        publish(&port, &topic);
        assert_eq!(drain(&orders, &topic), [(1, 0), (2, 0), (3, 0)]);
        assert!(!is_any_referred_to(&topic));
    }

    #[test]
    fn a_publisher_that_does_not_continue_leaves_the_rest_to_its_successor() {
        let options = TopicOptions::new().max_publishers(1).max_subscribers(1).queue(2);
        let topic = topic(options);
        let dead = Port::new(&topic, topic.claim_publisher(ME).unwrap(), ME);
        let orders = subscribe(&topic, 0);
        publish(&dead, &topic);
        let index = dead.loan(&topic).unwrap();
        dead.commit(&topic, index, 1);
        dead.notice(&topic);
        topic.publishers()[0].queuing.store(1, Ordering::Relaxed);
        topic.publishers()[0].place.store(index as u64, Ordering::Relaxed);
        topic.samples(0)[index].queued.store(1, Ordering::Relaxed);
        dead.loan(&topic).unwrap();
        topic.free_publisher(0, ME);
        let port = Port::new(&topic, topic.claim_publisher(ME).unwrap(), ME);
        publish(&port, &topic);
        assert_eq!(drain(&orders, &topic), [(1, 0), (3, 1)]);
        assert!(!is_any_referred_to(&topic));
    }
}
