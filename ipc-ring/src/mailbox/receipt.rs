//! The receipt of a message.

use std::fmt;
use std::sync::atomic::AtomicU32;
use std::time::{Duration, Instant};

use ipc_core::{Deadline, Errno, Refusal, Result};
use ipc_mem::{Memory, Plain};

use super::Sender;
use crate::calls::{ANSWERED, Seen};
use crate::spsc::Peer;
use crate::wait::{self, Sealed};
use crate::waiting;

/// The receipt of a message, which reports that the owner of the mailbox has read it.
///
/// Dropping the receipt does not affect the message.
#[must_use = "without a receipt, use `send`"]
pub struct Receipt<'a, T: Plain, M: Memory> {
    sender: &'a Sender<T, M>,
    place: u64,
    is_read: bool,
}

impl<'a, T: Plain, M: Memory> Receipt<'a, T, M> {
    #[inline]
    pub(super) fn new(sender: &'a Sender<T, M>, place: u64) -> Self {
        Self { sender, place, is_read: false }
    }

    /// Waits until the message is read.
    ///
    /// # Errors
    ///
    /// [`is_owner_died`](ipc_core::Error::is_owner_died) if the owner died before it had read the
    /// message. The message stays in the mailbox for the next owner: call `wait` again to wait for
    /// that owner. [`is_invalid_argument`](ipc_core::Error::is_invalid_argument) in a forked child;
    /// [`is_mismatch`](ipc_core::Error::is_mismatch) if another process damaged the mailbox.
    pub fn wait(&mut self) -> Result<()> {
        // The deadline never comes.
        while !self.wait_until(|| Deadline::NEVER)? {}
        Ok(())
    }

    /// Returns `true` if the owner has read the message. This call does not check whether the owner
    /// is dead, because that takes system calls.
    ///
    /// # Errors
    ///
    /// Those of [`wait`](Self::wait), except the death of the owner.
    pub fn is_read(&mut self) -> Result<bool> {
        self.sender.port.check("wait")?;
        self.look(false).map_or(Ok(false), |read| read.map(|()| true))
    }

    /// Waits for at most `timeout` until the message is read. Returns `false` if it was not read in
    /// time.
    ///
    /// # Errors
    ///
    /// Those of [`wait`](Self::wait).
    pub fn wait_timeout(&mut self, timeout: Duration) -> Result<bool> {
        self.wait_until(|| Deadline::after(timeout))
    }

    /// Waits until the message is read or `deadline` has passed. Returns `false` if it was not read
    /// in time.
    ///
    /// # Errors
    ///
    /// Those of [`wait`](Self::wait).
    pub fn wait_deadline(&mut self, deadline: Instant) -> Result<bool> {
        self.wait_until(|| Deadline::at(deadline))
    }

    fn wait_until(&mut self, deadline: impl FnOnce() -> Deadline) -> Result<bool> {
        if self.is_read()? {
            return Ok(true);
        }
        let sender = self.sender;
        let answered = &sender.port.calls.numbers(self.place).answered;
        let attempt = |proves| self.look(proves);
        let read = waiting::wait(answered, None, deadline(), waiting::HASTE, attempt);
        read.map_or(Ok(false), |read| read.map(|()| true))
    }

    /// Checks whether the message is read. Returns `None` if it still waits.
    fn look(&mut self, proves: bool) -> Option<Result<()>> {
        let port = &self.sender.port;
        if self.is_read {
            return Some(Ok(()));
        }
        // The owner is checked before the message, so that a message that it read before its death
        // counts as read.
        let is_dead = proves && self.sender.owner() == Peer::Dead;
        match port.calls.look(self.place, port.me, proves) {
            Seen::Over(ANSWERED) => {
                self.is_read = true;
                port.calls.free(self.place, port.barrier);
                Some(Ok(()))
            }
            Seen::Waiting if is_dead => {
                let why = "the owner of the mailbox is dead, and has not read the message";
                let refusal = Refusal::os("wait", Errno::EOWNERDEAD).because(why);
                Some(Err(refusal.on(self.sender.memory().label())))
            }
            Seen::Waiting => None,
            _ => Some(Err(port.damaged("wait"))),
        }
    }
}

impl<T: Plain, M: Memory> Drop for Receipt<'_, T, M> {
    fn drop(&mut self) {
        let port = &self.sender.port;
        if !self.is_read && port.is_ours() {
            port.calls.cancel(self.place, port.me, port.barrier);
        }
    }
}

impl<T: Plain, M: Memory> Sealed for Receipt<'_, T, M> {
    fn announce(&self) -> (&AtomicU32, u32) {
        wait::on(&self.sender.port.calls.numbers(self.place).answered)
    }

    fn is_ready(&self, proves: bool) -> bool {
        let port = &self.sender.port;
        self.is_read
            || !port.is_ours()
            || port.calls.look(self.place, port.me, proves) != Seen::Waiting
            || proves && self.sender.owner() == Peer::Dead
    }
}

impl<T: Plain, M: Memory> fmt::Debug for Receipt<'_, T, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receipt").field("is_read", &self.is_read).finish_non_exhaustive()
    }
}
