//! How long a call may block.

use ipc_core::Deadline;

/// How long a call may block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// Not at all.
    Not,
    /// Until a deadline, which may be [`Deadline::NEVER`].
    Until(Deadline),
}

impl Wait {
    /// Blocks for as long as it takes.
    pub const FOREVER: Self = Self::Until(Deadline::NEVER);
}
