//! The calls of C, as safe functions that return the plain error number.
//!
//! Nothing outside this folder calls C.

mod action;
mod descriptor;
mod info;
mod mask;
mod send;

pub(crate) use ipc_sys as c;

pub(crate) use action::{
    action, call_previous, chained, do_default, exit_now, handler_address, install, keeping_errno,
    set_up_child,
};
pub(crate) use descriptor::{
    add_one, change_signalfd, eventfd, read_signal, set_nonblocking, signalfd,
    write_ignoring_errors,
};
pub(crate) use info::raw_info;
pub(crate) use mask::{Change, change_mask, pending, signals_of, sigset, suspend, wait_for_signal};
pub(crate) use send::{
    kill, pidfd_open, pidfd_send, queue_limit, sigqueue, tgkill, tgsigqueue, thread_id,
};
