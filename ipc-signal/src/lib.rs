//! Signals as values: received in order and complete, sent, blocked, counted.
//!
//! | to | there is |
//! |---|---|
//! | receive signals one after the other, with their senders and values | [`Signals`]; on tokio, with the feature `tokio`, `stream::SignalStream` |
//! | the same on any system, on a thread of yours | [`wait`](wait()), [`try_wait`], [`wait_timeout`], [`wait_deadline`] |
//! | have a signal set a flag, count, or write to a descriptor | [`Reaction`] |
//! | send one | [`send`], [`send_value`], [`send_to_group`], [`send_to_thread`], [`send_value_to_thread`], [`raise`], [`PidFd`] |
//! | keep signals away for a while | [`SignalMask`], [`pending`], [`suspend`] |
//! | start a child with what it should have | [`ChildSignals`] |
//! | install a handler as C does | [`Action`], which is `unsafe`; [`ignore`] and [`restore_default`], which are not |
//!
//! No function of yours ever runs as a signal handler unless you say `unsafe`: a handler runs between any two
//! instructions, where hardly anything may be called.
//!
//! # Received or reacted to
//!
//! A number is either *received* or *reacted to*. [`Signals`] and [`wait`](wait()) need it blocked, and a blocked
//! signal runs no handler: a [`Reaction`] to it, and what tokio or signal-hook want to do with it, waits until it is
//! unblocked, which may be never. Reactions to other numbers are not concerned, and any number of them, ours, tokio's
//! and signal-hook's, share a number: all stand in one table, that of `signal-hook-registry`.
//!
//! # What signals are good for
//!
//! Real-time signals (from [`Signal::realtime`]) queue, in order, with a value. How many, is limited for all processes of
//! a user together; [`send_value`] says when the queue is full. All other signals merge: of two that came before one was
//! received, one remains. So a signal says "look": at the children, at the configuration, at the queue in shared memory.
//!
//! # Fork and exec
//!
//! A child of `fork` begins with its parent's mask, actions and descriptors, and with nothing pending. [`Signals`] receives
//! there what is sent to the child; a descriptor of it that was added to an epoll set before the fork still tells of
//! the parent's. Reactions work on the child's own copies of flags and counters, and do not write to the descriptors,
//! which still are the parent's. `exec` keeps the mask, what is pending, and which signals are ignored: see
//! [`ChildSignals`].

#[cfg(not(target_os = "linux"))]
compile_error!("ipc-signal supports Linux only so far: another Unix needs its own `sys.rs` and `signal_fd.rs`");

mod action;
mod child_signals;
mod code;
mod flag;
mod pid_fd;
mod pipe;
mod reaction;
mod send;
mod signal_fd;
mod signal_info;
mod signal_mask;
mod signal_set;
mod signals;
mod sys;
mod wait;

#[cfg(feature = "tokio")]
pub mod stream;

pub use action::{Action, ActionFlags, Handler, ignore, restore_default};
pub use child_signals::ChildSignals;
pub use code::Code;
pub use ipc_core::Signal;
pub use pid_fd::PidFd;
pub use reaction::Reaction;
pub use send::{
    ThreadId, raise, send, send_to_group, send_to_own_group, send_to_thread, send_value, send_value_to_thread,
};
pub use signal_info::SignalInfo;
pub use signal_mask::SignalMask;
pub use signal_set::SignalSet;
pub use signals::Signals;
pub use wait::{pending, suspend, try_wait, wait, wait_deadline, wait_timeout};
