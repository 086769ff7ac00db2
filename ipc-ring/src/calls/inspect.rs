//! The properties of a table of calls, read from its first bytes without opening it.

use std::mem::offset_of;

use ipc_core::owner::is_dead;

use super::layout::{Control, handles, marks};
use super::word::{CLIENT, SERVER, STATE};
use crate::Statistics;
use crate::header::MAX_CAPACITY;

/// Counts, which are arbitrary if the bytes are damaged.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Inspection {
    /// The calls that are marked as ready.
    pub(crate) waiting: u64,
    /// The word of the owner of a mailbox.
    pub(crate) owner: u64,
    /// The servers and clients, if the bytes contain all handles.
    pub(crate) handles: Option<[usize; 2]>,
    pub(crate) statistics: Option<Statistics>,
}

/// Inspects the bytes from the control block on. A process is proved dead only if `proves`.
pub(crate) fn inspect(control: &[u8], capacity: u64, second: u64, proves: bool) -> Inspection {
    let word = |bytes: &[u8]| u64::from_ne_bytes(std::array::from_fn(|i| bytes[i]));
    let words: Vec<u64> = control.chunks_exact(8).map(word).collect();
    let from = size_of::<Control>() / 8;
    let capacity = usize::try_from(capacity).unwrap_or(usize::MAX).min(MAX_CAPACITY);
    let first = from + marks(capacity);
    let marked = words.iter().skip(from).take(capacity.div_ceil(64));
    let all = words.get(first..first + handles(second));
    let count = |role: u64| {
        let is_open = |word: &u64| word & STATE == role && !(proves && is_dead(*word));
        Some(all?.iter().copied().filter(is_open).count())
    };
    let waiting = marked.map(|marks| u64::from(marks.count_ones())).sum();
    let tally = words.get(offset_of!(Control, tally) / 8..).and_then(|counts| counts.first_chunk());
    let statistics = tally.map(|counts| Statistics::of_calls(words[0], waiting, *counts));
    Inspection {
        waiting,
        statistics,
        owner: words.get(offset_of!(Control, owner) / 8).copied().unwrap_or(0),
        handles: count(SERVER).zip(count(CLIENT)).map(Into::into),
    }
}
