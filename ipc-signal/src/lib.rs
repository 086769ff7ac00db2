#![doc = include_str!("../README.md")]
//!
//! # Received or reacted to
//!
//! A signal is either *received* or *reacted to*. [`Signals`] and [`wait`](wait()) need the signal
//! to be blocked, and a blocked signal runs no handler: a [`Reaction`] to it, and handlers of tokio
//! or signal-hook, wait until it is unblocked, which may be never. Other signals are not affected,
//! and any number of reactions and other libraries' handlers can share a signal: each handler calls
//! the one that was installed before it.
//!
//! No function of the program runs as a signal handler, unless it is installed with the unsafe
//! [`Action::install`]: a handler interrupts the program between any two instructions, so it may
//! call hardly any function.
//!
//! # What signals are good for
//!
//! Real-time signals ([`Signal::realtime`]) queue, in order, with a value. Their number is limited
//! for all processes of a user together; [`send_value`] fails with
//! [`is_queue_full`](ipc_core::Error::is_queue_full) when the limit is reached. All other signals
//! merge: of two that arrive before one is received, one remains. So such a signal only says that
//! something has changed: check the children, the configuration, a queue in shared memory.
//!
//! # Ctrl-C and waits
//!
//! Signals do not end the waits of this toolkit. A program that is to stop waiting when the user
//! presses Ctrl-C has these choices:
//!
//! - Post the semaphore that it waits for: [`Reaction::post`].
//! - Receive the signal on a dedicated thread, which notifies the others through a channel, or ends
//!   the process: [`Signals::block`] first thing in `main`, then [`Signals::recv`] on that thread.
//! - Wait in steps, with a `…_timeout` method in a loop that looks at a flag:
//!   [`Reaction::set_flag`].
//! - Poll: [`Signals`], queues and pipes have descriptors, and [`Reaction::write_byte`] writes to
//!   one.
//! - Exit at once, which needs no code: the default action of `INT` ends the process, and shared
//!   objects stay intact.
//!
//! # Fork and exec
//!
//! A forked child begins with its parent's mask, actions and descriptors, and with nothing pending.
//! [`Signals`] receives there what is sent to the child; if its descriptor was added to an epoll
//! set before the fork, that set still reports the parent's signals. Reactions change the child's
//! own copies of flags and counters, and leave alone the descriptors and semaphores that it shares
//! with its parent. No function of this crate waits in a child for a thread that exists only in the
//! parent.
//!
//! `exec` keeps the mask, pending signals, and which signals are ignored: see [`ChildSignals`].

#[cfg(not(target_os = "linux"))]
compile_error!(
    "ipc-signal supports only Linux so far: another Unix needs its own `sys` and `signal_fd.rs`"
);

mod action;
mod action_flags;
mod child_signals;
mod code;
mod pid_fd;
mod reaction;
mod send;
mod signal_info;
mod signal_mask;
mod signal_set;
mod signals;
mod sys;
mod thread_id;
mod wait;

#[cfg(feature = "tokio")]
pub mod stream;

pub use action::{Action, Handler, ignore, restore_default};
pub use action_flags::ActionFlags;
pub use child_signals::ChildSignals;
pub use code::Code;
pub use ipc_core::{Signal, SignalSafe};
pub use pid_fd::PidFd;
pub use reaction::Reaction;
pub use send::{
    probe, probe_group, probe_thread, raise, send, send_to_group, send_to_own_group,
    send_to_thread, send_value, send_value_to_thread,
};
pub use signal_info::SignalInfo;
pub use signal_mask::SignalMask;
pub use signal_set::SignalSet;
pub use signals::{Closer, Signals};
pub use thread_id::ThreadId;
pub use wait::{pending, suspend, try_wait, wait, wait_deadline, wait_timeout};
