//! Waiting for several objects and descriptors at once.
//!
//! | to wait for | there is |
//! |---|---|
//! | several rings, queues, services, … | [`wait_any`] |
//! | objects and descriptors, such as sockets and timers | the same, with the feature `io-uring` |
//! | these objects in a loop of `poll`, `epoll` or tokio | `Bell`, a descriptor; with the feature `io-uring` |

mod any;
mod waitable;

#[cfg(feature = "io-uring")]
mod bell;
#[cfg(feature = "io-uring")]
mod uring;

pub use any::{Ready, wait_any};
#[cfg(feature = "io-uring")]
pub use bell::Bell;
pub use waitable::Waitable;

pub(crate) use waitable::{Sealed, on};
