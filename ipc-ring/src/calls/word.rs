//! The word of a place, which names the process that has to act next, and its task.
//!
//! | state | process | meaning |
//! |---|---|---|
//! | 0 | 0 | free |
//! | `FILLING` | the client | writes the request |
//! | `READY` | the client, or none | waits for a server; none if no process waits for the reply |
//! | `TAKEN` | a server | has the call |
//! | `QUIET` | a server | has the call, and no process waits for the reply |
//! | `ANSWERED` | the client | has a reply to read |
//! | `DROPPED` | the client | has to read that a server returned no reply |
//! | `DIED` | the client | has to read that the server died |
//!
//! Each change is one atomic operation. While the process of a word lives, only that process
//! changes the word, with two exceptions: a server takes a call that is `READY`, and a client
//! cancels a call that is `TAKEN`. When the process is proved dead, any process may replace the
//! word. The dead process cannot write the same word again, so the exchange succeeds only if the
//! word did not change meanwhile.

use ipc_core::ProcessInstance;
use ipc_core::owner::PROCESS;

const fn state(number: u64) -> u64 {
    number << ProcessInstance::BITS
}

/// The bits of the state.
pub(crate) const STATE: u64 = !PROCESS;

pub(crate) const FILLING: u64 = state(1);
pub(crate) const READY: u64 = state(2);
pub(crate) const TAKEN: u64 = state(3);
pub(crate) const QUIET: u64 = state(4);
pub(crate) const ANSWERED: u64 = state(5);
pub(crate) const DROPPED: u64 = state(6);
pub(crate) const DIED: u64 = state(7);

/// The word of a handle: its process, and one of these.
pub(crate) const SERVER: u64 = state(1);
pub(crate) const CLIENT: u64 = state(2);
