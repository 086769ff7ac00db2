//! The state of a native object, without opening it.

use std::fmt;

use ipc_core::ProcessInstance;
use ipc_core::owner::PROCESS;
use ipc_mem::Kind;

use super::owned_lock::{INCONSISTENT, NOT_RECOVERABLE, SHARED, WAITERS};
use super::round::Round;
use super::{barrier, event, once, owned_lock, readers, rwlock, semaphore, slots};

/// The state of an object of this module, read from its bytes. `Display` prints it in words.
///
/// Other processes may change the object meanwhile. The process ids are those of the PID namespace
/// in which the object was created. A process that was killed is still reported until another
/// process notices its death.
///
/// # Examples
///
/// ```
/// use ipc_mem::Kind;
/// use ipc_sync::futex::{NativeInfo, NativeState};
///
/// let info = NativeInfo::of_bytes(Kind::FUTEX_MUTEX, &[0; 24]).unwrap();
/// assert_eq!(info.state, NativeState::Free);
/// assert_eq!(info.to_string(), "free");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NativeInfo {
    /// The state.
    pub state: NativeState,
    /// The processes that hold a lock, permits or tasks, that have joined a barrier, that handle
    /// the signal of an event, or that perform an initialisation.
    pub processes: Vec<i32>,
    /// Threads may be waiting for a mutex or read/write lock.
    pub has_waiters: bool,
}

/// A state of an object of this module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NativeState {
    /// No process holds the lock.
    Free,
    /// A process holds the lock exclusively.
    Held,
    /// Processes hold the lock for reading.
    Read,
    /// An owner died, and the data of the lock has not been repaired.
    OwnerDied,
    /// The lock can never be acquired again.
    NotRecoverable,
    /// The value of a semaphore.
    Value(u32),
    /// The state of permits.
    Available {
        /// The number of free permits.
        free: usize,
        /// The number of all permits.
        total: usize,
    },
    /// The state of a latch.
    Left {
        /// The number of tasks that are not done.
        left: usize,
        /// The number of all tasks.
        total: usize,
    },
    /// The state of a barrier.
    Joined {
        /// The number of parties that have joined.
        joined: usize,
        /// The number of these that have arrived in this round, and wait.
        waiting: usize,
        /// The number of parties that the barrier waits for.
        parties: usize,
    },
    /// An event is set, or not.
    Set(bool),
    /// An initialisation is done, or not.
    Done(bool),
}

impl NativeInfo {
    /// Reads the state of an object of this kind from its bytes, which may have any values.
    ///
    /// Returns `None` if the kind is not one of this module, if it is a condition variable (which
    /// has no state), or if there are too few bytes.
    #[must_use]
    pub fn of_bytes(kind: Kind, bytes: &[u8]) -> Option<Self> {
        let bytes = Bytes(bytes);
        match kind {
            Kind::FUTEX_MUTEX => Some(lock(bytes.word(owned_lock::OWNER_AT)?)),
            Kind::FUTEX_RWLOCK => rwlock(bytes),
            Kind::FUTEX_PERMITS => {
                let slots = slots(bytes)?;
                let free = slots.iter().filter(|slot| **slot == 0).count();
                Some(Self::new(NativeState::Available { free, total: slots.len() }, slots))
            }
            Kind::FUTEX_LATCH => {
                let slots = slots(bytes)?;
                let left = slots.iter().filter(|slot| **slot != slots::USED_UP).count();
                Some(Self::new(NativeState::Left { left, total: slots.len() }, slots))
            }
            Kind::FUTEX_BARRIER => barrier(bytes),
            Kind::FUTEX_EVENT => {
                let state = bytes.word(event::STATE_AT)?;
                Some(Self::new(NativeState::Set(state & event::SET != 0), [state]))
            }
            Kind::FUTEX_ONCE => {
                let state = bytes.word(once::STATE_AT)?;
                Some(Self::new(NativeState::Done(state & once::DONE != 0), [state]))
            }
            Kind::FUTEX_SEMAPHORE => {
                let value = semaphore::value(bytes.word(semaphore::COUNT_AT)?);
                Some(Self::new(NativeState::Value(value), []))
            }
            _ => None,
        }
    }

    /// An object with this state, and the processes that these words name.
    fn new(state: NativeState, words: impl IntoIterator<Item = u64>) -> Self {
        let process = |word| ProcessInstance::from_raw(word & PROCESS).map(ProcessInstance::pid);
        let processes = words.into_iter().filter_map(process).collect();
        Self { state, processes, has_waiters: false }
    }
}

/// The bytes of an object.
#[derive(Clone, Copy)]
struct Bytes<'a>(&'a [u8]);

impl Bytes<'_> {
    fn read<const N: usize>(self, at: usize) -> Option<[u8; N]> {
        self.0.get(at..)?.first_chunk().copied()
    }

    fn word(self, at: usize) -> Option<u64> {
        self.read(at).map(u64::from_ne_bytes)
    }

    fn half(self, at: usize) -> Option<u32> {
        self.read(at).map(u32::from_ne_bytes)
    }

    /// So many words, at this distance from one to the next, as far as the bytes contain them.
    fn words(self, at: usize, distance: usize, count: usize) -> impl Iterator<Item = u64> {
        (0..count).map_while(move |i| self.word(at.checked_add(i.checked_mul(distance)?)?))
    }
}

/// The state of the lock with this word.
fn lock(word: u64) -> NativeInfo {
    let state = match word & PROCESS {
        NOT_RECOVERABLE => NativeState::NotRecoverable,
        _ if word & INCONSISTENT != 0 => NativeState::OwnerDied,
        0 => NativeState::Free,
        _ if word & SHARED != 0 => NativeState::Read,
        _ => NativeState::Held,
    };
    NativeInfo { has_waiters: word & WAITERS != 0, ..NativeInfo::new(state, [word]) }
}

fn rwlock(bytes: Bytes<'_>) -> Option<NativeInfo> {
    let word = lock(bytes.word(rwlock::LOCK_AT + owned_lock::OWNER_AT)?);
    let slots =
        bytes.words(rwlock::READERS_AT + readers::SLOTS_AT, readers::SLOT, rwlock::PROCESSES);
    let readers: Vec<_> = slots.filter(|slot| slot & readers::READERS != 0).collect();
    let is_read = !readers.is_empty() || word.state == NativeState::Read;
    if !is_read || matches!(word.state, NativeState::OwnerDied | NativeState::NotRecoverable) {
        return Some(word);
    }
    // A writer that waits for readers holds the word, and so does a reader that may become one.
    let waits = word.state == NativeState::Held;
    let mut this = NativeInfo::new(NativeState::Read, readers);
    this.has_waiters = word.has_waiters || waits;
    if !waits {
        this.processes.extend(word.processes);
    }
    this.processes.sort_unstable();
    this.processes.dedup();
    Some(this)
}

/// The slots of permits or a latch.
fn slots(bytes: Bytes<'_>) -> Option<Vec<u64>> {
    let count = usize::try_from(bytes.half(slots::COUNT_AT)?).ok()?;
    Some(bytes.words(slots::SLOTS_AT, size_of::<u64>(), count).collect())
}

fn barrier(bytes: Bytes<'_>) -> Option<NativeInfo> {
    let count = usize::try_from(bytes.half(barrier::PARTIES_AT)?).ok()?;
    let arrived = barrier::arrival(Round::from_word(bytes.word(barrier::ROUND_AT)?).number());
    let column = |at| bytes.words(barrier::PLACES_AT + at, 2 * size_of::<u64>(), count);
    let places: Vec<_> = column(0).zip(column(size_of::<u64>())).collect();
    let joined = places.iter().filter(|(party, _)| barrier::is_party(*party));
    let waiting = joined.clone().filter(|(_, arrival)| *arrival == arrived).count();
    let state =
        NativeState::Joined { joined: joined.clone().count(), waiting, parties: places.len() };
    Some(NativeInfo::new(state, joined.map(|(party, _)| *party)))
}

impl fmt::Display for NativeInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let role = match self.state {
            NativeState::Free => return f.write_str("free"),
            NativeState::NotRecoverable => return f.write_str("not recoverable"),
            NativeState::Held => write!(f, "held").map(|()| " by")?,
            NativeState::Read => write!(f, "read").map(|()| " by")?,
            NativeState::OwnerDied => write!(f, "its owner died").map(|()| ", now held by")?,
            NativeState::Value(value) => return write!(f, "value {value}"),
            NativeState::Available { free, total } => {
                write!(f, "{free} of {total} permits free").map(|()| ", held by")?
            }
            NativeState::Left { left, total } => {
                write!(f, "{left} of {total} tasks left").map(|()| ", begun by")?
            }
            NativeState::Joined { joined, waiting, parties } => {
                write!(f, "{joined} of {parties} parties joined, {waiting} waiting")
                    .map(|()| ":")?
            }
            NativeState::Set(is_set) => {
                f.write_str(if is_set { "set" } else { "not set" })?;
                ", signal handled by"
            }
            NativeState::Done(is_done) => {
                f.write_str(if is_done { "done" } else { "not done" })?;
                ", performed by"
            }
        };
        let mut processes: Vec<_> = self.processes.iter().map(i32::to_string).collect();
        processes.dedup();
        match &processes[..] {
            [] => {}
            [one] => write!(f, "{role} process {one}")?,
            all => write!(f, "{role} processes {}", all.join(", "))?,
        }
        if self.has_waiters { f.write_str("; threads may be waiting") } else { Ok(()) }
    }
}
