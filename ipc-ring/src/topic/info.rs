//! Properties of a topic.

use std::alloc::Layout;
use std::mem::offset_of;
use std::sync::atomic::Ordering;

use ipc_core::{ProcessInstance, Refusal, Result, owner};
use ipc_mem::{Fingerprint, Memory, Object, Plain};

use super::cell::{State, state};
use super::layout::{Board, Limits, MAGIC, Place, SubscriberSlot, Topic, place_of};
use super::roll::bits;
use super::{Payload, WhenFull};
use crate::Statistics;
use crate::header::{self, Header};

/// The limits of a topic, its publishers and its subscribers.
///
/// # Examples
///
/// ```
/// use ipc_ring::topic::{Publisher, Subscriber, TopicOptions, WhenFull};
///
/// # let name = format!("/topic-info-{}", std::process::id());
/// let publisher = Publisher::<u64>::create(&name, TopicOptions::new().queue(2))?;
/// let slow = Subscriber::<u64>::open(&name, WhenFull::DropNewest)?;
/// (0..5).try_for_each(|number| publisher.publish(&number))?;
///
/// let info = publisher.info()?;
/// assert_eq!((info.queue, info.publishers[0].published), (2, 5));
/// let slow = &info.subscribers[0];
/// assert_eq!((slow.received, slow.waiting, slow.missed), (0, Some(2), 3));
/// # Ok::<(), ipc_core::Error>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct TopicInfo {
    /// The layout of a message, or of an element of a slice.
    pub message: Fingerprint,
    /// The maximum number of elements, if messages are slices.
    pub max_len: Option<usize>,
    /// The maximum number of publishers at a time.
    pub max_publishers: usize,
    /// The maximum number of subscribers at a time.
    pub max_subscribers: usize,
    /// The maximum number of messages of each publisher that wait for a subscriber.
    pub queue: usize,
    /// The maximum number of earlier messages of each publisher that a new subscriber gets.
    pub history: usize,
    /// The maximum number of samples that a subscriber holds at a time.
    pub max_borrowed: usize,
    /// The maximum number of samples that a publisher has on loan at a time.
    pub max_loans: usize,
    /// The publishers that are open, and those whose process died before it closed them
    /// ([`is_dead`](PublisherInfo::is_dead)).
    pub publishers: Vec<PublisherInfo>,
    /// The subscribers that are open, and those whose process died before it closed them
    /// ([`is_dead`](SubscriberInfo::is_dead)).
    pub subscribers: Vec<SubscriberInfo>,
    /// The number of samples that are on loan, queued or held. `None` from
    /// [`of_bytes`](TopicInfo::of_bytes).
    pub in_use: Option<usize>,
    /// The messages of all publishers, also of those that are closed; received and missed messages
    /// only of the subscribers that are open.
    pub statistics: Statistics,
}

/// A publisher of a topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PublisherInfo {
    /// The place of the publisher in the topic, from 0.
    pub slot: usize,
    /// The id of its process.
    pub process: i32,
    /// The process is proved dead. Never set for a topic of another PID namespace.
    pub is_dead: bool,
    /// The number of messages that this publisher, and earlier publishers in the same place of the
    /// topic, published.
    pub published: u64,
    /// How many calls of this publisher, and of earlier ones in its place, slept because the queue
    /// of a subscriber with [`WhenFull::Block`](super::WhenFull::Block) was full.
    pub sleeps: u64,
}

/// A subscriber of a topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SubscriberInfo {
    /// The slot of the subscriber, from 0.
    pub slot: usize,
    /// The id of its process.
    pub process: i32,
    /// The process is proved dead. Never set for a topic of another PID namespace.
    pub is_dead: bool,
    /// The behaviour of publishers when its queue is full.
    pub when_full: WhenFull,
    /// The number of messages that it received.
    pub received: u64,
    /// The number of messages that it missed. From [`of_bytes`](TopicInfo::of_bytes), messages that
    /// it missed after the last message that it received are not counted.
    pub missed: u64,
    /// The number of messages in its queues, of which it has one for each place of a publisher.
    /// `None` from [`of_bytes`](TopicInfo::of_bytes).
    pub waiting: Option<u64>,
    /// How many of its calls slept, because its queues were empty.
    pub sleeps: u64,
}

impl TopicInfo {
    /// Reads the properties from the first bytes of a memory object, which may be arbitrary. 4096
    /// bytes are enough for everything but the counts, unless a message has very many fields. The
    /// counts of all publishers and subscribers are in the next 16384 bytes.
    ///
    /// # Errors
    ///
    /// A mismatch if it is not a topic.
    pub fn of_bytes(bytes: &[u8]) -> Result<Self, Refusal> {
        let short = || {
            let why = format_args!("found {} bytes, too few", bytes.len());
            Refusal::mismatch("open", why)
        };
        let fixed = bytes.get(..header::FIXED).ok_or_else(short)?;
        let len = header::len(MAGIC, "a topic", fixed)?;
        let message = Fingerprint::decode(&bytes[header::FIXED..])?;
        let word = |at: usize| {
            let bytes = bytes.get(at..at.checked_add(8)?)?;
            bytes.try_into().ok().map(u64::from_ne_bytes)
        };
        let head = Header {
            capacity: usize::try_from(word(16).unwrap_or(0)).unwrap_or(usize::MAX),
            second: word(24).unwrap_or(0),
            len: len.next_multiple_of(header::UNIT),
        };
        // Only the positions of the parts before the messages matter.
        let place = place_of(head, fixed, Layout::new::<u8>(), None, usize::MAX)?;
        // In another PID namespace, the same id belongs to another process.
        let proves = header::refusal(fixed).is_none();
        Ok(Self::read(message, &place, proves, &word))
    }

    pub(super) fn of_topic<T: Payload + ?Sized, M: Memory>(
        topic: &Object<Topic<T>, M>,
    ) -> Result<Self> {
        let message = Fingerprint::of(<T::Element as Plain>::SCHEMA)
            .map_err(|refusal| refusal.on(topic.memory().label()))?;
        let mut this = Self::read(message, topic.place(), true, &|at| topic.word(at));
        for subscriber in &mut this.subscribers {
            subscriber.look_into_queues(topic);
        }
        let missed = this.subscribers.iter().map(|one| one.missed);
        this.statistics.lost = missed.fold(0, u64::wrapping_add);
        let samples = (0..topic.limits().publishers).flat_map(|publisher| topic.samples(publisher));
        let is_in_use = |references: [u64; 2]| references != [0; 2];
        this.in_use = Some(
            samples
                .filter(|sample| {
                    let words = [&sample.queued, &sample.held];
                    is_in_use(words.map(|word| word.load(Ordering::Acquire)))
                })
                .count(),
        );
        Ok(this)
    }

    fn read(
        message: Fingerprint,
        place: &Place,
        proves: bool,
        word: &dyn Fn(usize) -> Option<u64>,
    ) -> Self {
        let Limits { publishers, subscribers, queue, history, borrowed, loans, max_len } =
            place.limits;
        let open = |table: usize, count: usize| {
            let words = (0..count).map(move |slot| (slot, word(table + 8 * slot).unwrap_or(0)));
            words.filter_map(move |(slot, word)| {
                let process = ProcessInstance::from_raw(word & owner::PROCESS)?.pid();
                Some((slot, process, proves && owner::is_dead(word)))
            })
        };
        let publisher = |(slot, process, is_dead)| PublisherInfo {
            slot,
            process,
            is_dead,
            published: word(place.publisher_at(slot)[0]).unwrap_or(0),
            sleeps: word(place.publisher_at(slot)[1]).unwrap_or(0),
        };
        let subscriber = |(slot, process, is_dead)| {
            let at = place.subscriber_at(slot);
            SubscriberInfo {
                slot,
                process,
                is_dead,
                when_full: WhenFull::of_code(word(at + 8).unwrap_or(0)),
                received: word(at + 64).unwrap_or(0),
                missed: word(at + 72).unwrap_or(0),
                waiting: None,
                sleeps: word(at + offset_of!(SubscriberSlot, sleeps)).unwrap_or(0),
            }
        };
        let subscribers_open: Vec<_> =
            open(place.control_at + 768, subscribers).map(subscriber).collect();
        let sum = |counts: &mut dyn Iterator<Item = u64>| counts.fold(0, u64::wrapping_add);
        let all = |which: usize| {
            sum(&mut (0..publishers).filter_map(|slot| word(place.publisher_at(slot)[which])))
        };
        let each = |of: fn(&SubscriberInfo) -> u64| sum(&mut subscribers_open.iter().map(of));
        let statistics = Statistics {
            sent: all(0),
            received: each(|one| one.received),
            lost: each(|one| one.missed),
            sender_sleeps: all(1),
            receiver_sleeps: each(|one| one.sleeps),
        };
        Self {
            message,
            max_len: (max_len > 0).then_some(max_len),
            max_publishers: publishers,
            max_subscribers: subscribers,
            queue,
            history,
            max_borrowed: borrowed,
            max_loans: loans,
            publishers: open(place.control_at + 256, publishers).map(publisher).collect(),
            subscribers: subscribers_open,
            in_use: None,
            statistics,
        }
    }
}

impl SubscriberInfo {
    /// Counts the messages that wait, and those that were missed after the last one received. The
    /// numbers are exact if no process uses the topic meanwhile.
    fn look_into_queues(&mut self, board: &Board) {
        let generation = board.subscribers()[self.slot].generation.load(Ordering::Acquire);
        let used = board.control().roll.used.load(Ordering::Acquire);
        let mut waiting = 0;
        for publisher in bits(used).filter(|publisher| *publisher < board.limits().publishers) {
            let head = board.head(publisher, self.slot);
            if head.generation.load(Ordering::Acquire) != generation {
                continue;
            }
            let published = board.publishers()[publisher].published.load(Ordering::Acquire);
            let base = head.base.load(Ordering::Relaxed).saturating_sub(1);
            let last = base.max(head.last.load(Ordering::Relaxed));
            let cells = board.cells(publisher, self.slot).iter();
            let entries = cells.map(|cell| cell.entry(cell.word()));
            let ready = entries
                .filter(|entry| state(entry.word) == State::Ready && entry.number > last)
                .count() as u64;
            waiting += ready;
            let behind = published.saturating_sub(last).saturating_sub(ready);
            self.missed = self.missed.saturating_add(behind);
        }
        self.waiting = Some(waiting);
    }
}
