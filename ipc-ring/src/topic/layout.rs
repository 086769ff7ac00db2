//! The layout of a topic.
//!
//! ```text
//!   0..      the header (`header.rs`): "IPCTOPIC"; the capacity is that of a queue, the second
//!            number has the other limits (8 bits for publishers and for subscribers, 16 bits for
//!            history, borrowed and loaned samples), bytes 56..64 the maximum length of a slice,
//!            0 for single values
//!   C..      the control block, at a multiple of 128 bytes
//!   +   0..   8   the number of the last message of all publishers
//!   + 128.. 136   the subscribers that publishers have to serve, a bit for each
//!   + 136.. 144   the epoch: it changes whenever the former may have
//!   + 144.. 152   the publishers that there have ever been, a bit for each
//!   + 256.. 768   the processes of the publishers, 0 in a free slot
//!   + 768..1280   the processes of the subscribers
//!   P..      for each publisher, 128 bytes (`PublisherSlot`)
//!   S..      for each subscriber, 128 bytes (`SubscriberSlot`)
//!   H..      for each publisher and subscriber, the head of their queue, 128 bytes (`QueueHead`)
//!   Q..      for each publisher and subscriber, the cells of their queue, 32 bytes each (`Cell`)
//!   M..      for each sample of each publisher, 64 bytes (`SampleHead`)
//!   D..      for each sample of each publisher, the message, on a boundary of 64 bytes
//! ```

#![expect(unsafe_code, reason = "reaches memory that other processes write")]

use std::alloc::Layout;
use std::fmt;
use std::marker::PhantomData;
use std::mem::offset_of;
use std::ops::Deref;
use std::ptr::NonNull;
use std::slice;
use std::sync::atomic::{AtomicU64, Ordering};

use ipc_core::{Refusal, Result};
use ipc_mem::{Plan, ReadWrite, Structure, Tag, WaitWord};

use super::{Payload, TopicOptions};
use crate::header::{self, ALIGN, Header};
use crate::parts::Line;

pub(super) const MAGIC: [u8; 8] = *b"IPCTOPIC";
const MAX_LEN_AT: usize = 56;

/// The limits of a topic, which never change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Limits {
    pub(super) publishers: usize,
    pub(super) subscribers: usize,
    /// The capacity of each queue: a power of two.
    pub(super) queue: usize,
    pub(super) history: usize,
    pub(super) borrowed: usize,
    pub(super) loans: usize,
    /// The maximum length of a slice, 0 for single values.
    pub(super) max_len: usize,
}

impl Limits {
    fn second(&self) -> u64 {
        let Self { publishers, subscribers, history, borrowed, loans, .. } = *self;
        let parts = [publishers, subscribers, history, borrowed, loans].map(|part| part as u64);
        parts[0] | parts[1] << 8 | parts[2] << 16 | parts[3] << 32 | parts[4] << 48
    }

    /// The limits in a header, which may be arbitrary.
    #[expect(clippy::cast_possible_truncation, reason = "16 bits at most")]
    fn decode(header: Header, max_len: u64) -> Self {
        let part = |at: u32, bits: u32| (header.second >> at) as usize & ((1 << bits) - 1);
        Self {
            publishers: part(0, 8),
            subscribers: part(8, 8),
            queue: header.capacity,
            history: part(16, 16),
            borrowed: part(32, 16),
            loans: part(48, 16),
            max_len: usize::try_from(max_len).unwrap_or(usize::MAX),
        }
    }

    /// The number of samples of a publisher: enough for full queues, histories and borrowed samples
    /// of all subscribers, its own history, and its loans.
    fn samples(&self) -> usize {
        self.subscribers * (self.queue + self.borrowed + self.history) + self.history + self.loans
    }
}

impl fmt::Display for Limits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { publishers, subscribers, queue, history, borrowed, loans, max_len } = self;
        write!(
            f,
            "{publishers} publishers, {subscribers} subscribers, queues of {queue}, a history of \
             {history}, {borrowed} borrowed and {loans} loaned samples"
        )?;
        if *max_len > 0 { write!(f, ", slices of up to {max_len}") } else { Ok(()) }
    }
}

/// The control block.
#[repr(C)]
pub(super) struct Control {
    pub(super) stamp: Line,
    pub(super) roll: Roll,
    pub(super) publishers: [AtomicU64; 64],
    pub(super) subscribers: [AtomicU64; 64],
}

/// The words that change only when a publisher or subscriber is opened or closed.
#[repr(C, align(64))]
pub(super) struct Roll {
    pub(super) active: AtomicU64,
    pub(super) epoch: AtomicU64,
    pub(super) used: AtomicU64,
    rest: [AtomicU64; 13],
}

/// A publisher. Only the owner of the slot writes it, except the word that the publisher sleeps on.
#[repr(C, align(64))]
pub(super) struct PublisherSlot {
    /// The number of its messages: the last one has this number.
    pub(super) published: AtomicU64,
    /// The subscribers for which it is queuing `place`.
    pub(super) queuing: AtomicU64,
    pub(super) place: AtomicU64,
    rest: [AtomicU64; 5],
    /// The publisher sleeps here.
    pub(super) freed: WaitWord,
    /// How many calls that publish slept.
    pub(super) sleeps: AtomicU64,
    more: [AtomicU64; 6],
}

/// A subscriber. Only the owner of the slot writes it, except the word that the subscriber sleeps
/// on.
#[repr(C, align(64))]
pub(super) struct SubscriberSlot {
    /// Each subscriber in this slot has a different number.
    pub(super) generation: AtomicU64,
    pub(super) when_full: AtomicU64,
    /// The subscriber sleeps here.
    pub(super) filled: WaitWord,
    /// How many calls that receive slept.
    pub(super) sleeps: AtomicU64,
    rest: [AtomicU64; 4],
    pub(super) received: AtomicU64,
    pub(super) missed: AtomicU64,
    more: [AtomicU64; 6],
}

/// The head of a queue from one publisher to one subscriber.
#[repr(C, align(64))]
pub(super) struct QueueHead {
    /// The generation of the subscriber for which the publisher queues messages, by the publisher.
    pub(super) generation: AtomicU64,
    /// The number of the first message for this generation, by the publisher.
    pub(super) base: AtomicU64,
    /// The position in the queue from which on messages are for this generation, by the publisher.
    pub(super) start: AtomicU64,
    rest: [AtomicU64; 5],
    /// The number of the last message that the subscriber took. The publisher sets it to 0 when it
    /// begins to queue messages for a subscriber.
    pub(super) last: AtomicU64,
    more: [AtomicU64; 7],
}

/// A place in a queue: its word (`cell.rs`), and the message.
#[repr(C, align(32))]
pub(super) struct Cell {
    pub(super) word: AtomicU64,
    pub(super) stamp: AtomicU64,
    pub(super) number: AtomicU64,
    /// The sample in the lower half, the length in the upper half.
    pub(super) place: AtomicU64,
}

/// A sample, without its message.
#[repr(C, align(64))]
pub(super) struct SampleHead {
    /// The subscribers that queue the message or took it from their queue.
    pub(super) queued: AtomicU64,
    /// The subscribers that took it from the history; `WRITING` if the publisher writes there.
    pub(super) held: AtomicU64,
    /// The number of the message among those of its publisher, from 1.
    pub(super) number: AtomicU64,
    pub(super) stamp: AtomicU64,
    pub(super) len: AtomicU64,
    rest: [AtomicU64; 3],
}

/// The publisher writes the sample.
pub(super) const WRITING: u64 = 1 << 63;

/// The offsets of all parts, and the numbers of the header.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) limits: Limits,
    /// The number of samples of each publisher.
    pub(super) samples: usize,
    /// The distance between two messages.
    stride: usize,
    pub(super) control_at: usize,
    pub(super) publishers_at: usize,
    pub(super) subscribers_at: usize,
    heads_at: usize,
    cells_at: usize,
    samples_at: usize,
    messages_at: usize,
}

impl Place {
    /// The positions of all parts behind a header of `head` bytes, and their end. `None` if no
    /// memory holds them.
    fn new(limits: Limits, head: usize, element: Layout) -> Option<(Self, usize)> {
        let Limits { publishers, subscribers, queue, .. } = limits;
        let (pairs, samples) = (publishers * subscribers, limits.samples());
        let stride = element.size().checked_mul(limits.max_len.max(1))?;
        let stride = stride.checked_next_multiple_of(ALIGN)?;
        let mut end = head;
        let mut part = |size: usize, count: usize| {
            let at = end;
            end = end.checked_add(size.checked_mul(count)?)?;
            Some(at)
        };
        let control_at = part(size_of::<Control>(), 1)?;
        let publishers_at = part(size_of::<PublisherSlot>(), publishers)?;
        let subscribers_at = part(size_of::<SubscriberSlot>(), subscribers)?;
        let heads_at = part(size_of::<QueueHead>(), pairs)?;
        let cells_at = part(size_of::<Cell>(), (pairs * queue).next_multiple_of(4))?;
        let samples_at = part(size_of::<SampleHead>(), publishers * samples)?;
        let messages_at = part(stride, publishers * samples)?;
        isize::try_from(end).ok()?;
        let place = Self {
            limits,
            samples,
            stride,
            control_at,
            publishers_at,
            subscribers_at,
            heads_at,
            cells_at,
            samples_at,
            messages_at,
        };
        Some((place, end))
    }

    /// The offsets of the number of messages of a publisher, and of how often it slept, for programs
    /// that read bytes.
    pub(super) fn publisher_at(&self, publisher: usize) -> [usize; 2] {
        let at = self.publishers_at + publisher * size_of::<PublisherSlot>();
        [offset_of!(PublisherSlot, published), offset_of!(PublisherSlot, sleeps)].map(|of| at + of)
    }

    /// The offset of the slot of a subscriber, for programs that read bytes.
    pub(super) fn subscriber_at(&self, subscriber: usize) -> usize {
        self.subscribers_at + subscriber * size_of::<SubscriberSlot>()
    }
}

/// The parts of a topic, whatever its messages are.
pub(super) struct Board {
    base: NonNull<u8>,
    place: Place,
}

impl Board {
    pub(super) fn place(&self) -> &Place {
        &self.place
    }

    #[inline]
    pub(super) fn limits(&self) -> &Limits {
        &self.place.limits
    }

    /// # Safety
    ///
    /// `len` values of `X` lie at the offset, aligned; they are atomic integers, of which any bytes
    /// are a value.
    #[inline]
    unsafe fn part<X>(&self, at: usize, len: usize) -> &[X] {
        // SAFETY: within the bytes, which are mapped while `self` lives (contracts).
        let first = unsafe { self.base.add(at) }.cast();
        // SAFETY: the caller guarantees that these values lie there; all processes use them through
        // `&`.
        unsafe { slice::from_raw_parts(first.as_ptr(), len) }
    }

    #[inline]
    pub(super) fn control(&self) -> &Control {
        // SAFETY: planned or checked to lie there (`Place::new`), on a boundary of 64.
        let control = unsafe { self.part::<Control>(self.place.control_at, 1) };
        &control[0]
    }

    #[inline]
    pub(super) fn publishers(&self) -> &[PublisherSlot] {
        // SAFETY: planned or checked to lie there (`Place::new`), on a boundary of 64.
        unsafe { self.part(self.place.publishers_at, self.place.limits.publishers) }
    }

    #[inline]
    pub(super) fn subscribers(&self) -> &[SubscriberSlot] {
        // SAFETY: planned or checked to lie there (`Place::new`), on a boundary of 64.
        unsafe { self.part(self.place.subscribers_at, self.place.limits.subscribers) }
    }

    #[inline]
    fn pair(&self, publisher: usize, subscriber: usize) -> usize {
        publisher * self.place.limits.subscribers + subscriber
    }

    /// The head of a queue.
    #[inline]
    pub(super) fn head(&self, publisher: usize, subscriber: usize) -> &QueueHead {
        let pairs = self.place.limits.publishers * self.place.limits.subscribers;
        // SAFETY: planned or checked to lie there (`Place::new`), on a boundary of 64.
        let heads = unsafe { self.part(self.place.heads_at, pairs) };
        &heads[self.pair(publisher, subscriber)]
    }

    /// The cells of a queue.
    #[inline]
    pub(super) fn cells(&self, publisher: usize, subscriber: usize) -> &[Cell] {
        let Limits { publishers, subscribers, queue, .. } = self.place.limits;
        // SAFETY: planned or checked to lie there (`Place::new`), on a boundary of 32.
        let cells = unsafe { self.part(self.place.cells_at, publishers * subscribers * queue) };
        let first = self.pair(publisher, subscriber) * queue;
        &cells[first..first + queue]
    }

    /// The samples of a publisher.
    #[inline]
    pub(super) fn samples(&self, publisher: usize) -> &[SampleHead] {
        let each = self.place.samples;
        // SAFETY: planned or checked to lie there (`Place::new`), on a boundary of 64.
        let all = unsafe {
            self.part::<SampleHead>(self.place.samples_at, self.place.limits.publishers * each)
        };
        &all[publisher * each..][..each]
    }

    /// The bytes of the message in a sample.
    #[inline]
    pub(super) fn message(&self, publisher: usize, sample: usize) -> NonNull<u8> {
        let Place { limits, samples, stride, messages_at, .. } = self.place;
        let index = publisher.min(limits.publishers - 1) * samples + sample.min(samples - 1);
        // SAFETY: the index is below the number of messages that are planned or checked to lie
        // there (`Place::new`).
        unsafe { self.base.add(messages_at + index * stride) }
    }

    /// The word at this offset of the topic, for its description.
    pub(super) fn word(&self, at: usize) -> Option<u64> {
        let Place { control_at, messages_at, .. } = self.place;
        let len = (messages_at - control_at) / size_of::<u64>();
        // SAFETY: all parts before the messages consist of atomic integers of 64 bits, and of pairs
        // of 32 bits that only a wait uses (`Place::new`); the description reads none of the
        // latter.
        let words = unsafe { self.part::<AtomicU64>(control_at, len) };
        let index = at.checked_sub(control_at)? / size_of::<u64>();
        Some(words.get(index)?.load(Ordering::Relaxed))
    }
}

/// A topic of messages of `T`.
pub(super) struct Topic<T: Payload + ?Sized> {
    board: Board,
    element: PhantomData<T::Element>,
}

impl<T: Payload + ?Sized> Topic<T> {
    /// Refuses a topic that has other limits than a new one with these options would have.
    pub(super) fn expect_limits(&self, options: &TopicOptions) -> Result<(), Refusal> {
        let wanted = options.limits.of_new(T::IS_SLICE)?;
        let found = self.board.place.limits;
        if found == wanted {
            return Ok(());
        }
        Err(Refusal::mismatch("open", format_args!("found {found}, wanted {wanted}")))
    }
}

impl<T: Payload + ?Sized> Deref for Topic<T> {
    type Target = Board;

    #[inline]
    fn deref(&self) -> &Board {
        &self.board
    }
}

fn element<T: Payload + ?Sized>() -> Layout {
    Layout::new::<T::Element>()
}

/// The limits in the bytes of a header, which may be arbitrary.
pub(super) fn place_of(
    header: Header,
    head: &[u8],
    element: Layout,
    is_slice: Option<bool>,
    size: usize,
) -> Result<Place, Refusal> {
    let max_len = u64::from_ne_bytes(std::array::from_fn(|i| head[MAX_LEN_AT + i]));
    let limits = Limits::decode(header, max_len);
    let wrong = |why: String| Refusal::mismatch("open", format_args!("found {why}"));
    limits.check(is_slice.unwrap_or(max_len > 0)).map_err(wrong)?;
    let found = Place::new(limits, header.len, element).filter(|(_, end)| *end <= size);
    let why = || wrong(format!("{size} bytes, in which a topic of {limits} cannot be"));
    Ok(found.ok_or_else(why)?.0)
}

// SAFETY: 1. `check` computes the positions of all parts itself, and accepts them only within
// `size` bytes. 2. Safe code gets atomic integers, and messages by granules of `T::Element`, at
// indices that are checked. 3. The kernel refers to the bytes only while a thread sleeps on a word,
// which borrows the structure. 4. It is opened with write access only.
unsafe impl<T: Payload + ?Sized> Structure for Topic<T> {
    const TAG: Tag = Tag::TOPIC;
    const FIXED: usize = header::FIXED;

    type Access = ReadWrite;
    type Options = TopicOptions;
    type Layout = Place;

    fn plan(options: &TopicOptions) -> Result<Plan<Place>, Refusal> {
        let limits = options.limits.of_new(T::IS_SLICE)?;
        let encoded = header::encode::<T::Element>(MAGIC, limits.queue, limits.second())?;
        let (header, mut head) = encoded;
        head[MAX_LEN_AT..][..8].copy_from_slice(&(limits.max_len as u64).to_ne_bytes());
        let (layout, size) = Place::new(limits, header.len, element::<T>()).ok_or_else(|| {
            Refusal::invalid("create", format_args!("no memory holds a topic of {limits}"))
        })?;
        Ok(Plan { head, size, align: ALIGN, layout })
    }

    fn head_len(fixed: &[u8]) -> Result<usize, Refusal> {
        header::len(MAGIC, "a topic", fixed)
    }

    fn check(head: &[u8], size: usize) -> Result<Place, Refusal> {
        let header = header::check::<T::Element>(head)?;
        let element = element::<T>();
        place_of(header, head, element, Some(T::IS_SLICE), size)
    }

    unsafe fn init(base: NonNull<u8>, place: &Place, _options: TopicOptions) -> Result<()> {
        // SAFETY: the same bytes as in the contract, which holds for `at` as well: zeros are a
        // topic without publishers and subscribers.
        let topic = unsafe { Self::at(base, *place) }.map_err(|refusal| refusal.on(""))?;
        topic.publishers().iter().for_each(|slot| slot.freed.begin());
        topic.subscribers().iter().for_each(|slot| slot.filled.begin());
        Ok(())
    }

    unsafe fn at(base: NonNull<u8>, place: Place) -> Result<Self, Refusal> {
        if !base.addr().get().is_multiple_of(ALIGN) {
            let why = format!("it does not begin on a boundary of {ALIGN} bytes");
            return Err(Refusal::mismatch("open", why));
        }
        Ok(Self { board: Board { base, place }, element: PhantomData })
    }
}

// SAFETY: an address and numbers, bound to no thread; what is there is atomic integers, and plain
// data that is moved by granules.
unsafe impl Send for Board {}

// SAFETY: an address and numbers, bound to no thread; what is there is atomic integers, and plain
// data that is moved by granules.
unsafe impl Sync for Board {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_are_as_documented() {
        assert_eq!(
            [
                offset_of!(Control, roll),
                offset_of!(Control, roll) + offset_of!(Roll, epoch),
                offset_of!(Control, roll) + offset_of!(Roll, used),
                offset_of!(Control, publishers),
                offset_of!(Control, subscribers),
                size_of::<Control>(),
            ],
            [128, 136, 144, 256, 768, 1280]
        );
        let sizes =
            [size_of::<PublisherSlot>(), size_of::<SubscriberSlot>(), size_of::<QueueHead>()];
        assert_eq!(sizes, [128; 3]);
        assert_eq!([size_of::<Cell>(), size_of::<SampleHead>()], [32, 64]);
        assert_eq!(offset_of!(QueueHead, last), 64);
        assert_eq!(offset_of!(SubscriberSlot, received), 64);
    }
}
