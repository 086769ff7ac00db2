//! The queues that carry values.

use std::fmt;

use ipc_core::Result;

use crate::posix::presence::Role;
use crate::{MessageQueue, Select, SysvQueue, Wait};

/// A queue that carries values: [`MessageQueue`], in which each message has a priority, or
/// [`SysvQueue`], in which each message has a type.
///
/// Other crates cannot implement this trait.
pub trait Carrier: sealed::Sealed + Sized {
    /// The number that accompanies a message: a priority or a type.
    type Tag: Copy + fmt::Debug + Send + Sync;

    /// A selection of messages to receive: [`Select`] for a [`SysvQueue`].
    type Which: Copy + Default + fmt::Debug + Send + Sync;

    /// Returns the size of the longest message that the queue ever takes, and the call that reports
    /// it.
    #[doc(hidden)]
    fn longest(&self) -> (usize, &'static str);

    /// Returns the name of the queue in errors.
    #[doc(hidden)]
    fn label(&self) -> String;

    /// Shows other handles that this one has a role, where the system can do that.
    #[doc(hidden)]
    fn announce(&self, role: Role) -> Result<()>;

    /// Sends a message, and returns whether there was room in time.
    #[doc(hidden)]
    fn send_bytes(&self, bytes: &[u8], tag: Self::Tag, wait: Wait) -> Result<bool>;

    /// Receives a message and passes its bytes to `take`; `None` if none arrived in time.
    #[doc(hidden)]
    fn recv_bytes<R>(
        &self,
        which: Self::Which,
        wait: Wait,
        take: impl Fn(&[u8]) -> R,
    ) -> Result<Option<(R, Self::Tag)>>;

    /// Returns another handle of the queue.
    #[doc(hidden)]
    fn clone_handle(&self) -> Result<Self>;
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for crate::MessageQueue {}
    impl Sealed for crate::SysvQueue {}
}

impl Carrier for MessageQueue {
    type Tag = u32;
    type Which = ();

    fn longest(&self) -> (usize, &'static str) {
        (self.message_size(), "mq_getattr")
    }

    fn label(&self) -> String {
        self.name().to_string()
    }

    fn announce(&self, role: Role) -> Result<()> {
        self.announce(role)
    }

    #[inline]
    fn send_bytes(&self, bytes: &[u8], tag: u32, wait: Wait) -> Result<bool> {
        self.send_within(bytes, tag, wait)
    }

    #[inline]
    fn recv_bytes<R>(
        &self,
        (): (),
        wait: Wait,
        take: impl Fn(&[u8]) -> R,
    ) -> Result<Option<(R, u32)>> {
        self.recv_with(wait, take)
    }

    fn clone_handle(&self) -> Result<Self> {
        self.try_clone()
    }
}

impl Carrier for SysvQueue {
    type Tag = i64;
    type Which = Select;

    fn longest(&self) -> (usize, &'static str) {
        (self.longest(), "msgctl")
    }

    fn label(&self) -> String {
        self.label()
    }

    fn announce(&self, _: Role) -> Result<()> {
        Ok(())
    }

    #[inline]
    fn send_bytes(&self, bytes: &[u8], tag: i64, wait: Wait) -> Result<bool> {
        self.send_within(bytes, tag, wait)
    }

    #[inline]
    fn recv_bytes<R>(
        &self,
        which: Select,
        wait: Wait,
        take: impl Fn(&[u8]) -> R,
    ) -> Result<Option<(R, i64)>> {
        self.recv_with(which, wait, take)
    }

    fn clone_handle(&self) -> Result<Self> {
        self.try_clone()
    }
}
