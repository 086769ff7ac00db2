#![doc = include_str!("../README.md")]
//!
//! # Receive or react
//!
//! A program handles each signal in one of two ways:
//!
//! - It *receives* the signal: a thread waits for it with [`Signals`] or [`wait`](wait()). The
//!   signal must be blocked in all threads.
//! - It *reacts* to the signal: a [`Reaction`], for instance one that sets a flag, runs in a signal
//!   handler. At least one thread must not block the signal.
//!
//! The two ways exclude each other, because no handler runs for a blocked signal. If a signal is
//! blocked, its reactions, and the handlers of tokio and signal-hook, are delayed until it is
//! unblocked. A program may receive some signals and react to others. Any number of reactions and
//! of other libraries' handlers can share a signal, if each handler calls the one installed before
//! it, as those of this crate, tokio and signal-hook do.
//!
//! A signal handler interrupts the program between any two instructions, so it may call hardly any
//! function. The handler of this crate calls only two kinds of other code: the handler that was
//! installed before it, and the method [`notify`](SignalSafe::notify) of types that implement the
//! unsafe trait [`SignalSafe`]. To install a handler of your own, use the unsafe method
//! [`Action::install`].
//!
//! # Real-time and standard signals
//!
//! Real-time signals ([`Signal::realtime`]) are queued, each with its value. Those of one number
//! are received in the order of sending. If several numbers are pending, the lowest is received
//! first. The number of queued signals is limited for all processes of a user together. When the
//! limit is reached, [`send_value`] fails with [`is_queue_full`](ipc_core::Error::is_queue_full),
//! and [`send`] sends a real-time signal that merges like a standard one.
//!
//! All other signals are *standard* signals. They merge: if a standard signal is sent twice before
//! it is received, it is received once. So a standard signal can only announce that something has
//! changed. The receiver then looks for the change: in its child processes, a configuration file,
//! or a queue in shared memory.
//!
//! *Faults* ([`Signal::is_fault`]) are the standard signals that the processor or the kernel raises
//! when a thread cannot continue, such as [`Signal::SEGV`]. They can be neither received nor
//! reacted to. Only an [`Action`] can handle them.
//!
//! # Ctrl-C and waits
//!
//! A signal does not interrupt the waits of this toolkit. Only [`suspend`],
//! [`Clock::sleep`](ipc_core::Clock::sleep), the low-level calls of [`ipc_core::futex`] and the
//! functions that receive signals return because of one. A program that must stop waiting when the
//! user presses Ctrl-C (which sends `INT`) has these choices:
//!
//! - Post the semaphore on which a thread waits: [`Reaction::post`].
//! - Receive the signal in a dedicated thread, which notifies the other threads through a channel
//!   or ends the process. Call [`Signals::block`] at the start of `main`, and [`Signals::recv`] in
//!   that thread.
//! - Set a flag: [`Reaction::set_flag`]. The waiting thread calls a `…_timeout` method in a loop,
//!   and reads the flag after each call.
//! - Poll the descriptor of a [`Signals`] receiver, together with those of POSIX queues, sockets
//!   and pipes.
//! - Poll a pipe, together with other descriptors: [`Reaction::write_byte`] writes to the pipe.
//! - Do nothing: the default action of `INT` ends the process, and shared objects stay usable: a
//!   lock reports the death of its owner, and `ipc gc` removes names that are left.
//!
//! # Fork and exec
//!
//! A forked child begins with its parent's mask, actions and descriptors, and without pending
//! signals. In the child, [`Signals`] receives the signals that are sent to the child. But if its
//! descriptor was added to an epoll set before the fork, that set still reports the parent's
//! signals. In the child, [`Reaction::set_flag`] and [`Reaction::count`] change the child's own
//! copy of the flag or counter. [`Reaction::post`], [`Reaction::write_byte`] and
//! [`Reaction::add_to_eventfd`] do nothing in the child, because it shares the semaphore or
//! descriptor with its parent. A child can call all functions of this crate without a deadlock,
//! even if another thread of the parent was in one of them during the fork.
//!
//! A program that is started by `exec` inherits the mask, the pending signals and the ignored
//! signals. [`ChildSignals`] sets the mask and the ignored signals of a child process.

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
