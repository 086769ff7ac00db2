//! Messages from many senders to one owner, with receipts.
//!
//! A mailbox has one owner at a time: a second one is refused while the first lives. When the owner
//! has closed the mailbox or died, another process can open it, and gets the messages that are
//! left, including those that a dead owner was reading.
//!
//! [`Sender::send`] returns when the message is in the mailbox. [`Sender::send_with_receipt`]
//! returns a [`Receipt`] as well, which reports that the owner has read the message, or died before
//! it did.
//!
//! Messages of one thread are read in the order in which they were sent. A message outlives its
//! sender. A sender that dies or is stopped blocks no process: a message that it was still writing
//! is not in the mailbox.

mod message;
mod options;
mod owner;
mod receipt;
mod sender;

use std::marker::PhantomData;

use ipc_core::Refusal;
use ipc_mem::{MemoryOptions, Plain, Tag};

use crate::calls::{Kind, numbers};

pub use message::Message;
pub use options::MailboxOptions;
pub use owner::Mailbox;
pub use receipt::Receipt;
pub use sender::Sender;

/// Calls that outlive their senders, and whose replies mean only that the message was read.
pub(crate) struct Letters<T>(PhantomData<T>);

impl<T: Plain> Kind for Letters<T> {
    const MAGIC: [u8; 8] = *b"IPCMAIL1";
    const WHAT: &'static str = "a mailbox";
    const TAG: Tag = Tag::MAILBOX;
    const OUTLIVES: bool = true;

    type Request = T;
    /// No reply is ever written.
    type Reply = u8;
    type Message = T;
    type Options = MailboxOptions;

    fn numbers(options: MailboxOptions) -> Result<(usize, u64), Refusal> {
        numbers(options.capacity, 0, 0)
    }

    fn memory(options: MailboxOptions) -> MemoryOptions {
        options.memory
    }
}
