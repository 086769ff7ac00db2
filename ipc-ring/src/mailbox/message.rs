//! A message that the owner is reading.

use std::fmt;
use std::ops::Deref;

use ipc_mem::{Memory, Plain};

use super::Mailbox;
use crate::calls;

/// A message that the owner of a mailbox has taken.
///
/// It dereferences to a copy of the message. Dropping it marks the message as read: no owner gets
/// it again. Its place then becomes free. If the message has a [`Receipt`](super::Receipt), the
/// place stays occupied until the receipt has reported the reading, or has been dropped. If the
/// owner dies before it drops the `Message`, the next owner gets the message again.
#[must_use = "a message that is dropped is marked as read"]
pub struct Message<'a, T: Plain, M: Memory> {
    mailbox: &'a Mailbox<T, M>,
    place: u64,
    message: T,
    deliveries: u64,
}

impl<'a, T: Plain, M: Memory> Message<'a, T, M> {
    #[inline]
    pub(super) fn new(mailbox: &'a Mailbox<T, M>, place: u64) -> Self {
        let calls = &mailbox.port.calls;
        let deliveries = calls.count(place);
        Self { mailbox, place, message: calls.read_request(place), deliveries }
    }

    /// The number of times that an owner has taken this message, including this time. It is more
    /// than one if an earlier owner died before it had read the message.
    #[must_use]
    pub fn deliveries(&self) -> u64 {
        self.deliveries
    }
}

impl<T: Plain, M: Memory> Deref for Message<'_, T, M> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.message
    }
}

impl<T: Plain, M: Memory> Drop for Message<'_, T, M> {
    fn drop(&mut self) {
        let port = &self.mailbox.port;
        // A forked child has a copy of this value, but the message is its parent's.
        if port.is_ours() {
            port.calls.finish(self.place, port.me, calls::ANSWERED, port.barrier);
        }
    }
}

impl<T: Plain + fmt::Debug, M: Memory> fmt::Debug for Message<'_, T, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Message")
            .field("message", &self.message)
            .field("deliveries", &self.deliveries)
            .finish_non_exhaustive()
    }
}
