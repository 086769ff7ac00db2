//! Requests and replies.
//!
//! A [`Client`] submits a call, and any [`Server`] of the service takes it and replies. Both sides
//! may have several processes, and all threads of a process may use one handle.
//!
//! | event | result |
//! |---|---|
//! | a server dies while it has a call | the client fails with [`is_owner_died`] as soon as the death is proved, or another server gets the call: see [`ServiceOptions::redeliver`] |
//! | a server drops a call without a reply | the client fails with [`is_cancelled`] |
//! | a server is paused | its client waits, until its deadline if it has one; other calls continue |
//! | a client dies, drops its [`Pending`], or reaches the deadline of `call_timeout` or `call_deadline` | the call is cancelled, and [`Call::reply`] returns `false` (after a death, only when it is noticed) |
//! | no server is open | calls wait for one, until their deadline |
//!
//! Servers take roughly the oldest call first. A reply wakes only its client.
//!
//! [`is_owner_died`]: ipc_core::Error::is_owner_died
//! [`is_cancelled`]: ipc_core::Error::is_cancelled

mod call;
mod client;
mod options;
mod pending;
mod server;

use std::marker::PhantomData;

use ipc_core::Refusal;
use ipc_mem::{MemoryOptions, Plain, Tag};

use crate::calls::{Kind, Pair, numbers};

pub use call::Call;
pub use client::Client;
pub use options::ServiceOptions;
pub use pending::Pending;
pub use server::{Depth, Server};

/// Calls that end with their client, and have a reply.
pub(crate) struct Service<Q, A>(PhantomData<(Q, A)>);

impl<Q: Plain, A: Plain> Kind for Service<Q, A> {
    const MAGIC: [u8; 8] = *b"IPCCALL1";
    const WHAT: &'static str = "a service";
    const TAG: Tag = Tag::SERVICE;
    const OUTLIVES: bool = false;

    type Request = Q;
    type Reply = A;
    type Message = Pair<Q, A>;
    type Options = ServiceOptions;

    fn numbers(options: ServiceOptions) -> Result<(usize, u64), Refusal> {
        if options.handles == 0 {
            return Err(Refusal::invalid("create", "no handles: a server or a client needs one"));
        }
        numbers(options.capacity, options.handles, options.redeliveries)
    }

    fn memory(options: ServiceOptions) -> MemoryOptions {
        options.memory
    }
}
