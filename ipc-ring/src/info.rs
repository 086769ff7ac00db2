//! The properties of a ring or queue, without opening it.

use std::alloc::Layout;
use std::fmt;
use std::iter;
use std::sync::atomic::AtomicU64;

use ipc_core::Refusal;
use ipc_mem::Fingerprint;

use crate::calls::inspect;
use crate::jobs::{self, Depth};
use crate::spsc::Peer;
use crate::{Statistics, header, mpmc, spsc};

/// The properties of a ring, queue, job queue, service or mailbox, read from the first bytes of its
/// memory object.
///
/// # Examples
///
/// ```
/// use ipc_ring::RingInfo;
///
/// let err = RingInfo::of_bytes(b"something else").unwrap_err().on("/orders");
/// assert!(err.is_mismatch(), "{err}");
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RingInfo {
    /// The kind of the object.
    pub kind: RingKind,
    /// The maximum number of messages. In a queue, each priority can have this number of messages;
    /// for a ring of bytes, this is its size in bytes.
    pub capacity: u64,
    /// The number of priorities of a queue; 1 for other objects.
    pub priorities: usize,
    /// The layout of a message; of a request and a reply in a service.
    pub message: Fingerprint,
    /// The number of messages, or of bytes in a ring of bytes. Other processes may be changing it.
    /// `None` for a job queue (see `depth`), and if the bytes do not contain the counters of all
    /// priorities.
    pub waiting: Option<u64>,
    /// The jobs of a job queue by state; `None` if the bytes do not contain all its places.
    pub depth: Option<Depth>,
    /// The sender of a ring. If the ring was created in another PID namespace, its sender is never
    /// reported as dead.
    pub sender: Option<Peer>,
    /// The receiver of a ring. For a mailbox, this is its owner. If the object was created in
    /// another PID namespace, the receiver is never reported as dead.
    pub receiver: Option<Peer>,
    /// The number of servers of a service that are open. `None` if the bytes do not contain the
    /// records of all servers.
    pub servers: Option<usize>,
    /// The number of clients of a service that are open. `None` if the bytes do not contain the
    /// records of all clients.
    pub clients: Option<usize>,
    /// How many messages were sent, received and lost, and how often threads slept. `None` for a
    /// queue or job queue if the bytes do not contain all its places.
    pub statistics: Option<Statistics>,
}

/// A kind of object of this crate that sends or passes on messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RingKind {
    /// A ring of the module [`spsc`](crate::spsc).
    Ring,
    /// A ring of the module [`spsc::bytes`](crate::spsc::bytes).
    ByteRing,
    /// A queue of the module [`mpmc`](crate::mpmc).
    Queue,
    /// A [`JobQueue`](crate::JobQueue).
    JobQueue,
    /// A service of the module [`service`](crate::service).
    Service,
    /// A mailbox of the module [`mailbox`](crate::mailbox).
    Mailbox,
}

impl fmt::Display for RingKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ring => "ring",
            Self::ByteRing => "ring of bytes",
            Self::Queue => "queue",
            Self::JobQueue => "job queue",
            Self::Service => "service",
            Self::Mailbox => "mailbox",
        })
    }
}

const KINDS: [(RingKind, [u8; 8]); 6] = [
    (RingKind::Ring, *b"IPCSPSC1"),
    (RingKind::ByteRing, *b"IPCSPSCB"),
    (RingKind::Queue, *b"IPCMPMC1"),
    (RingKind::JobQueue, *b"IPCJOBS1"),
    (RingKind::Service, *b"IPCCALL1"),
    (RingKind::Mailbox, *b"IPCMAIL1"),
];

impl RingInfo {
    /// Reads the properties from the first bytes of a memory object, which may be anything. 4096
    /// bytes are enough for everything but some counts, unless a message has very many fields.
    ///
    /// # Errors
    ///
    /// A mismatch if the memory object is not a ring, queue, job queue, service or mailbox.
    pub fn of_bytes(bytes: &[u8]) -> Result<Self, Refusal> {
        let fixed = bytes.get(..header::FIXED).ok_or_else(|| {
            Refusal::mismatch("open", format_args!("found {} bytes, too few", bytes.len()))
        })?;
        let magic = u64::from_ne_bytes(std::array::from_fn(|i| fixed[i]));
        let known = KINDS.iter().find(|(_, known)| u64::from_be_bytes(*known) == magic);
        let (kind, magic) = known.ok_or_else(|| {
            Refusal::mismatch("open", "found something that is not a ring or queue")
        })?;
        let len = header::len(*magic, "a ring", fixed)?;
        let message = Fingerprint::decode(&bytes[header::FIXED..])?;
        let control = len.next_multiple_of(header::UNIT);
        let word = |at: usize| {
            let bytes = bytes.get(at..at + 8).and_then(|bytes| bytes.try_into().ok());
            bytes.map_or(0, u64::from_ne_bytes)
        };
        let unit = if *kind == RingKind::ByteRing { 8 } else { 1 };
        let capacity = word(16);
        let priorities = match kind {
            RingKind::Queue => mpmc::slots_and_priorities(word(24))[1],
            _ => 1,
        };
        // Each higher priority has a tail and a head behind the control block.
        let higher = (1..priorities).map(|lane| mpmc::BEFORE + (lane - 1) * mpmc::LANE * 8);
        let ends = iter::once(0).chain(higher).map_while(|at| {
            let ends = bytes.get(control.checked_add(at)?..)?.get(..136)?;
            let [sent, received] =
                [0, 128].map(|at| u64::from_ne_bytes(std::array::from_fn(|i| ends[at + i])));
            Some(sent.wrapping_sub(received).min(capacity))
        });
        let lanes: Vec<u64> = ends.collect();
        let is_known = lanes.len() == priorities;
        let waiting = is_known.then(|| lanes.into_iter().fold(0, u64::saturating_add));
        // In another PID namespace an id is that of another process.
        let proves = header::refusal(fixed).is_none();
        let peer = |word: u64| crate::spsc::peer(&AtomicU64::new(word), proves);
        let end = |at: usize| {
            matches!(kind, RingKind::Ring | RingKind::ByteRing).then(|| peer(word(control + at)))
        };
        let calls = || inspect(bytes.get(control..).unwrap_or(&[]), capacity, word(24), proves);
        let calls = matches!(kind, RingKind::Service | RingKind::Mailbox).then(calls);
        let owner = || Some(peer(calls?.owner)).filter(|_| *kind == RingKind::Mailbox);
        let handles = calls.and_then(|calls| calls.handles).filter(|_| *kind == RingKind::Service);
        let waiting = match (kind, calls) {
            (RingKind::JobQueue, _) => None,
            (_, Some(calls)) => Some(calls.waiting.min(capacity)),
            _ => waiting.map(|waiting| waiting.saturating_mul(unit)),
        };
        let (statistics, depth) = match calls {
            Some(calls) => (calls.statistics, None),
            None => counts(*kind, bytes, control, &message).unzip(),
        };
        let depth = depth.flatten();
        Ok(Self {
            kind: *kind,
            capacity: capacity.saturating_mul(unit),
            priorities,
            statistics,
            message,
            waiting,
            depth,
            sender: end(256),
            receiver: end(264).or_else(owner),
            servers: handles.map(|[servers, _]| servers),
            clients: handles.map(|[_, clients]| clients),
        })
    }
}

/// Reads the statistics of an object whose control block is at `control`, and its jobs by state.
fn counts(
    kind: RingKind,
    bytes: &[u8],
    control: usize,
    message: &Fingerprint,
) -> Option<(Statistics, Option<Depth>)> {
    let word = |at: usize| {
        let bytes = bytes.get(at..at.checked_add(8)?)?;
        bytes.try_into().ok().map(u64::from_ne_bytes)
    };
    let tally = |at: usize| {
        let counts = bytes.get(control + at..)?.first_chunk::<32>()?.chunks_exact(8);
        let mut counts = counts.map(|count| u64::from_ne_bytes(std::array::from_fn(|i| count[i])));
        Some(std::array::from_fn(|_| counts.next().unwrap_or(0)))
    };
    // The elements of some lanes behind `before` bytes, each of which begins with this number of words.
    let elements = |before: usize, lanes: usize, words: usize| {
        let layout = Layout::from_size_align(message.size()?, message.align()?).ok()?;
        let head = Layout::array::<u64>(words).ok()?;
        let each = head.extend(layout).ok()?.0.pad_to_align().size();
        let at = control.checked_add(before)?.checked_next_multiple_of(header::UNIT)?;
        let all = each.checked_mul(usize::try_from(word(16)?).ok()?)?.checked_mul(lanes)?;
        Some(bytes.get(at..at.checked_add(all)?)?.chunks_exact(each))
    };
    let read =
        |element: &[u8], at: usize| u64::from_ne_bytes(std::array::from_fn(|i| element[at + i]));
    let statistics = match kind {
        RingKind::Ring | RingKind::ByteRing => {
            let at = control + if kind == RingKind::ByteRing { 8 } else { 0 };
            Statistics::of_ring(word(at)?, word(at + 128)?, tally(spsc::TALLY_AT)?)
        }
        RingKind::Queue => {
            let [slots, priorities] = mpmc::slots_and_priorities(word(24)?);
            let words = (priorities - 1).checked_mul(mpmc::LANE)?.checked_add(slots)?;
            let before = words.checked_mul(8)?.checked_add(mpmc::BEFORE)?;
            let cells = elements(before, priorities, 1)?;
            Statistics::of_queue(
                cells.map(|cell| mpmc::used(read(cell, 0))),
                tally(mpmc::TALLY_AT)?,
            )
        }
        RingKind::JobQueue => {
            let places = elements(jobs::BEFORE, 1, 4)?;
            let depth = Depth::of(places.clone().map(|place| (read(place, 0), read(place, 16))));
            let used = |place: &[u8]| jobs::used(read(place, 0), read(place, 24));
            let statistics = Statistics::of_jobs(places.map(used), tally(jobs::TALLY_AT)?);
            return Some((statistics, Some(depth)));
        }
        RingKind::Service | RingKind::Mailbox => return None,
    };
    Some((statistics, None))
}
