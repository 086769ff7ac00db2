//! Messages from many senders to one owner, with receipts.
//!
//! One process at a time owns a mailbox: a second one is refused while the first lives. When the
//! owner closes the mailbox or dies, another process can open it, and finds the messages there,
//! including the one that the dead owner was reading.
//!
//! [`Sender::send`] returns when the message is in the mailbox.
//! [`Sender::send_with_receipt`] returns a [`Receipt`] as well, which says when the owner has read
//! the message, or that it died before.
//!
//! Messages of one thread are read in the order in which they were sent. A message outlives its
//! sender. A sender that dies or is stopped blocks no process: a message that it was writing does
//! not count yet.

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

/// Calls that outlive their senders, and whose replies say nothing but that they were read.
pub(crate) struct Letters<T>(PhantomData<T>);

impl<T: Plain> Kind for Letters<T> {
    const MAGIC: [u8; 8] = *b"IPCMAIL1";
    const WHAT: &'static str = "a mailbox";
    const TAG: Tag = Tag::MAILBOX;
    const OUTLIVES: bool = true;

    type Request = T;
    /// Never written.
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
