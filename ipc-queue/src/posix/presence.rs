//! Knowing whether a queue has typed senders and receivers.
//!
//! The kernel does not report which processes have a queue open. But a queue is a file, and the
//! kernel releases a lock on its bytes when the last copy of the descriptor is closed, also by
//! `kill -9`. So each sender and receiver locks a byte for as long as it has the queue open.

use std::hash::{BuildHasher, RandomState};
use std::os::fd::AsFd;

use ipc_core::{Errno, Error, Origin, Result};

use super::MessageQueue;
use super::sys::{self, Region};

/// The use that a typed handle makes of a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// It sends values.
    Sender,
    /// It receives values.
    Receiver,
}

/// How many bytes a handle tries that may only write. Two handles choose one byte by chance of
/// 2⁻⁶⁰.
const ATTEMPTS: u32 = 16;

impl Role {
    fn region(self) -> Region {
        match self {
            Self::Sender => Region(0),
            Self::Receiver => Region(1),
        }
    }
}

impl MessageQueue {
    /// Shows other handles that this one has a role, until its description is closed.
    pub(crate) fn announce(&self, role: Role) -> Result<()> {
        let failed = |errno| Error::os("fcntl", self.name(), errno);
        let shared = sys::lock(self.as_fd(), role.region(), None);
        match shared {
            // A handle that may only write cannot share a lock: it locks a byte of its own.
            Err(Errno::EBADF) => {
                // Forked children inherit the keys of their parent, and so would use the same bytes.
                let (random, here) = (RandomState::new(), Origin::here());
                for attempt in 0..ATTEMPTS {
                    // The first byte is that of handles that may read.
                    let byte = random.hash_one((here, attempt)).cast_signed() | 1;
                    if sys::lock(self.as_fd(), role.region(), Some(byte)).map_err(failed)? {
                        break;
                    }
                }
                Ok(())
            }
            // If another program holds an exclusive lock on the byte, others see that lock.
            shared => shared.map(drop).map_err(failed),
        }
    }

    /// Returns `true` if another open handle has announced the role.
    pub(crate) fn has(&self, role: Role) -> Result<bool> {
        sys::is_locked(self.as_fd(), role.region())
            .map_err(|errno| Error::os("fcntl", self.name(), errno))
    }
}
