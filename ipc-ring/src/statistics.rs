//! How much was sent, received and lost, and how often threads slept.

use std::sync::atomic::{AtomicU64, Ordering};

/// The number of messages that were sent, received and lost since a ring, queue, service or mailbox
/// was created, and how often threads slept.
///
/// | object | `sent` | `received` | `lost` |
/// |---|---|---|---|
/// | ring | messages sent | messages received | 0 |
/// | queue | messages sent or lost | messages received | messages that senders were writing when they were killed |
/// | job queue | jobs submitted | jobs done | deliveries to workers that were killed |
/// | service | calls submitted | calls that a server took | calls that were cancelled before a server took them, or whose client or server was killed |
/// | mailbox | messages sent | messages that the owner took | 0 |
/// | frames | frames written | frames read by the open readers that `FramesInfo` lists | frames that these missed |
/// | topic | messages published | messages received by the subscribers that are open | messages that these missed |
///
/// The numbers belong to the object, not to a handle: when another process takes the place of a
/// killed one, counting continues from the same numbers. A topic counts received and lost messages
/// only for the subscribers that are still open. Frames count them only for the readers that are
/// still open and that `FramesInfo` lists. The numbers are exact if no process is in the middle of
/// a call. After a process was killed in the middle of a call, `received` or `lost` may be wrong by
/// one; in a ring of bytes or a job queue, `sent` may be as well. For a queue or a job queue, the
/// method `statistics` takes time in proportion to the capacity.
///
/// # Examples
///
/// ```
/// use ipc_ring::mpmc::Sender;
///
/// # let name = format!("/statistics-{}", std::process::id());
/// let tasks = Sender::<u64>::create(&name, 2)?;
/// tasks.send(&1)?;
/// tasks.send(&2)?;
/// assert!(!tasks.send_timeout(&3, std::time::Duration::from_millis(5))?); // sleeps: it is full
/// let found = tasks.statistics();
/// assert_eq!((found.sent, found.received, found.sender_sleeps), (2, 0, 1));
/// # Ok::<(), ipc_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Statistics {
    /// The number of messages that were sent; see the table for each object.
    pub sent: u64,
    /// The number of messages that were received; see the table.
    pub received: u64,
    /// The number of messages that were not received, or not handled; see the table.
    pub lost: u64,
    /// How many sending calls slept because the object was full.
    pub sender_sleeps: u64,
    /// How many receiving calls slept because there was no message. `wait_any` and `Bell` are not
    /// counted.
    pub receiver_sleeps: u64,
}

/// Events beside the path of a message, counted in the cache line of the words that threads sleep
/// on: no process writes that line for a message while both sides are awake.
#[repr(C)]
pub(crate) struct Tally {
    pub(crate) sender_sleeps: AtomicU64,
    pub(crate) receiver_sleeps: AtomicU64,
    pub(crate) lost: AtomicU64,
    /// The tickets of calls that were never submitted.
    pub(crate) unused: AtomicU64,
}

/// The counts of a tally.
pub(crate) type Counts = [u64; size_of::<Tally>() / 8];

impl Tally {
    pub(crate) fn counts(&self) -> Counts {
        [&self.sender_sleeps, &self.receiver_sleeps, &self.lost, &self.unused]
            .map(|count| count.load(Ordering::Relaxed))
    }
}

/// Counts an event beside the path of a message.
#[cold]
pub(crate) fn count(events: &AtomicU64) {
    events.fetch_add(1, Ordering::Relaxed);
}

/// Counts an event in a line that no other thread writes: one instruction without a lock.
#[inline]
pub(crate) fn count_alone(events: &AtomicU64) {
    events.store(events.load(Ordering::Relaxed).wrapping_add(1), Ordering::Relaxed);
}

impl Statistics {
    /// Numbers that may not fit together, because other processes change them or have damaged them.
    fn new(sent: u64, received: u64, lost: u64, [full, empty, ..]: Counts) -> Self {
        Self { sent, received, lost, sender_sleeps: full, receiver_sleeps: empty }
    }

    pub(crate) fn of_ring(sent: u64, received: u64, counts: Counts) -> Self {
        Self::new(sent, received, 0, counts)
    }

    /// Each cell of a queue has a lap, which counts the messages that left it, and may hold another
    /// one.
    pub(crate) fn of_queue(cells: impl Iterator<Item = (u64, bool)>, counts: Counts) -> Self {
        let add = |(left, ready): (u64, u64), (lap, is_ready)| {
            (left.wrapping_add(lap), ready + u64::from(is_ready))
        };
        let (left, ready) = cells.fold((0, 0), add);
        let lost = counts[2];
        Self::new(left.wrapping_add(ready), left.saturating_sub(lost), lost, counts)
    }

    /// Each place of a job queue counts the jobs that were done there, and may hold another one.
    pub(crate) fn of_jobs(places: impl Iterator<Item = (u64, bool)>, counts: Counts) -> Self {
        let Self { sent, received, .. } = Self::of_queue(places, Counts::default());
        Self::new(sent, received, counts[2], counts)
    }

    /// Calls have tickets, some of which were not used.
    pub(crate) fn of_calls(tickets: u64, waiting: u64, counts: Counts) -> Self {
        let [.., lost, unused] = counts;
        let sent = tickets.saturating_sub(unused);
        Self::new(sent, sent.saturating_sub(waiting).saturating_sub(lost), lost, counts)
    }
}
