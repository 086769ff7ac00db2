//! The options of a new topic, and those of a subscriber.

use ipc_core::Refusal;
use ipc_mem::MemoryOptions;

use super::layout::Limits;

/// The maximum number of publishers.
const MAX_PUBLISHERS: usize = 64;

/// The maximum number of subscribers: a bit of a word for each, and one bit for the publisher.
const MAX_SUBSCRIBERS: usize = 63;

/// The maximum of the limits that count messages.
const MAX_MESSAGES: usize = 1 << 15;

/// The limits of a new topic, and the options of its memory object.
///
/// All memory is reserved when the topic is created. Each publisher has enough samples for all that
/// its subscribers can queue and hold, so it never lacks one. A topic for few subscribers with
/// short queues needs little memory.
///
/// # Examples
///
/// ```
/// use ipc_ring::topic::{Publisher, TopicOptions};
///
/// # let name = format!("/topic-options-{}", std::process::id());
/// let options = TopicOptions::new().max_publishers(1).max_subscribers(2).queue(8).max_len(1000);
/// let frames = Publisher::<[f32]>::create(&name, options)?;
/// assert_eq!(frames.max_len(), 1000);
/// assert!(Publisher::<[f32]>::open(&name).unwrap_err().is_busy()); // there is one at a time
/// # Ok::<(), ipc_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct TopicOptions {
    pub(super) limits: Limits,
    pub(super) memory: MemoryOptions,
}

impl TopicOptions {
    /// Options for a topic of up to 4 publishers and 16 subscribers at a time, each of which queues
    /// up to 16 messages of each publisher. By default, a topic has no history.
    pub fn new() -> Self {
        let limits = Limits {
            publishers: 4,
            subscribers: 16,
            queue: 16,
            history: 0,
            borrowed: 2,
            loans: 2,
            max_len: 0,
        };
        Self { limits, memory: MemoryOptions::new(0) }
    }

    /// Sets how many publishers may be open at a time, 64 at most.
    pub fn max_publishers(mut self, count: usize) -> Self {
        self.limits.publishers = count;
        self
    }

    /// Sets how many subscribers may be open at a time, 63 at most.
    pub fn max_subscribers(mut self, count: usize) -> Self {
        self.limits.subscribers = count;
        self
    }

    /// Sets how many messages of each publisher can wait for a subscriber. It is rounded up to a
    /// power of two.
    pub fn queue(mut self, messages: usize) -> Self {
        self.limits.queue = messages;
        self
    }

    /// Sets how many earlier messages a new subscriber gets first: at most this number from the
    /// place of each publisher, the last ones.
    pub fn history(mut self, messages: usize) -> Self {
        self.limits.history = messages;
        self
    }

    /// Sets how many messages a subscriber may hold at a time, 2 unless set.
    pub fn max_borrowed(mut self, samples: usize) -> Self {
        self.limits.borrowed = samples;
        self
    }

    /// Sets how many samples a publisher may have on loan at a time, 2 unless set.
    pub fn max_loans(mut self, samples: usize) -> Self {
        self.limits.loans = samples;
        self
    }

    /// Sets the maximum number of elements of a message, for a topic of slices.
    pub fn max_len(mut self, elements: usize) -> Self {
        self.limits.max_len = elements;
        self
    }

    /// Sets the options of the memory object: permissions, removal and placement. Its size and tag
    /// are ignored: the topic determines them.
    pub fn memory(self, memory: MemoryOptions) -> Self {
        Self { memory, ..self }
    }
}

impl Default for TopicOptions {
    fn default() -> Self {
        Self::new()
    }
}

impl Limits {
    /// Checks the limits, which may be arbitrary, for messages that are slices or not. Returns a
    /// description of the first mistake.
    pub(super) fn check(&self, is_slice: bool) -> Result<(), String> {
        let Self { publishers, subscribers, queue, history, borrowed, loans, max_len } = *self;
        for (what, found, range) in [
            ("publishers", publishers, 1..=MAX_PUBLISHERS),
            ("subscribers", subscribers, 1..=MAX_SUBSCRIBERS),
            ("queued messages", queue, 1..=MAX_MESSAGES),
            ("messages of history", history, 0..=MAX_MESSAGES),
            ("borrowed samples", borrowed, 1..=MAX_MESSAGES),
            ("loaned samples", loans, 1..=MAX_MESSAGES),
        ] {
            if !range.contains(&found) {
                let (from, to) = (range.start(), range.end());
                return Err(format!("a topic of {found} {what}: {from} to {to} are possible"));
            }
        }
        match (is_slice, max_len) {
            (true, 0) => Err(String::from("a topic of single values, wanted slices")),
            (false, 1..) => {
                Err(format!("a topic of slices of up to {max_len} elements, wanted single values"))
            }
            (true, _) if u32::try_from(max_len).is_err() => {
                Err(format!("slices of {max_len} elements: 1 to {} are possible", u32::MAX))
            }
            _ => Ok(()),
        }
    }

    /// The limits of a new topic, with the length of the queue rounded up to a power of two.
    pub(super) fn of_new(mut self, is_slice: bool) -> Result<Self, Refusal> {
        let mistake = match (is_slice, self.max_len) {
            (true, 0) => Some(String::from("the messages are slices: set `max_len`")),
            (false, 1..) => Some(String::from("`max_len` is set, but the messages are not slices")),
            _ => self.check(is_slice).err(),
        };
        if let Some(why) = mistake {
            return Err(Refusal::invalid("create", why));
        }
        self.queue = self.queue.next_power_of_two();
        Ok(self)
    }
}

/// The behaviour of a topic when the queue of a subscriber is full.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "there is no fourth thing to do")]
pub enum WhenFull {
    /// Publishers wait until the subscriber takes a message. No message is dropped.
    Block,
    /// The new message takes the place of the oldest one in the same queue, which counts as missed.
    DropOldest,
    /// The new message is not queued for this subscriber, and counts as missed.
    DropNewest,
}

impl WhenFull {
    pub(super) const ALL: [Self; 3] = [Self::Block, Self::DropOldest, Self::DropNewest];

    /// The number that stands for it in memory.
    pub(super) fn code(self) -> u64 {
        match self {
            Self::Block => 1,
            Self::DropOldest => 2,
            Self::DropNewest => 3,
        }
    }

    /// The behaviour with this number; `DropNewest` for an unknown number, which makes no publisher
    /// wait.
    pub(super) fn of_code(code: u64) -> Self {
        Self::ALL.into_iter().find(|one| one.code() == code).unwrap_or(Self::DropNewest)
    }
}

/// The options of a subscriber. A [`WhenFull`] can be used instead: the subscriber then gets the
/// whole history.
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct SubscriberOptions {
    pub(super) when_full: WhenFull,
    pub(super) history: usize,
}

impl SubscriberOptions {
    /// Options for a subscriber that gets the whole history first.
    pub fn new(when_full: WhenFull) -> Self {
        Self { when_full, history: usize::MAX }
    }

    /// Sets how many of the last messages of each publisher the subscriber gets first. The maximum
    /// is the history of the topic.
    pub fn history(self, messages: usize) -> Self {
        Self { history: messages, ..self }
    }
}

impl From<WhenFull> for SubscriberOptions {
    fn from(when_full: WhenFull) -> Self {
        Self::new(when_full)
    }
}
