//! Calls, of which services and mailboxes consist: places in a table. Each place has a request, a
//! reply, and a word that names the process that has to act next.

mod inspect;
mod layout;
mod port;
mod protocol;
mod word;

pub(crate) use inspect::inspect;
pub(crate) use layout::{Calls, CallsOf, Kind, Pair, numbers};
pub(crate) use port::Port;
pub(crate) use protocol::{Finished, Seen};
pub(crate) use word::{ANSWERED, CLIENT, DIED, DROPPED, SERVER};

/// The states of calls that wait or are being written, that servers have, and that have ended.
pub(crate) const STATES: [&[u64]; 3] =
    [&[word::FILLING, word::READY], &[word::TAKEN, word::QUIET], &[ANSWERED, DROPPED, DIED]];
