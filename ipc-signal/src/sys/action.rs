//! The actions of a process, and the calls that the handler of reactions makes.

#![expect(unsafe_code, reason = "calls C, and handlers that were installed before")]

use std::ffi::{c_int, c_void};
use std::{mem, ptr};

use ipc_core::{Errno, Signal, ret};
use ipc_sys as c;

use super::sigset;
use crate::SignalSet;

pub(crate) fn action(signal: Signal) -> Result<c::sigaction, Errno> {
    let mut now = default_action();
    // SAFETY: the call writes one action, to a local; none is installed.
    ret::check(unsafe { c::sigaction(signal.raw(), ptr::null(), &mut now) })?;
    Ok(now)
}

fn default_action() -> c::sigaction {
    c::sigaction::new(c::SIG_DFL, sigset(SignalSet::EMPTY), 0)
}

/// Installs an action and returns the previous one.
///
/// # Safety
///
/// The handler of the action, if it is a function, may run at any time from now on, in any thread.
pub(crate) unsafe fn install(signal: Signal, action: &c::sigaction) -> Result<c::sigaction, Errno> {
    let mut before = default_action();
    // SAFETY: the call reads one action and writes another, both of which live until it returns;
    // the caller guarantees that the handler may run.
    ret::check(unsafe { c::sigaction(signal.raw(), action, &mut before) })?;
    Ok(before)
}

/// Installs an action that runs no function.
fn set_action(signal: Signal, action: &c::sigaction) -> Result<(), Errno> {
    debug_assert!([c::SIG_DFL, c::SIG_IGN].contains(&action.handler()));
    // SAFETY: the call reads one action, which lives until it returns and runs no code.
    ret::check(unsafe { c::sigaction(signal.raw(), action, ptr::null_mut()) }).map(drop)
}

/// Between `fork` and `exec`: sets default actions and ignored signals, and then the mask.
pub(crate) fn set_up_child(
    blocked: &c::sigset_t,
    ignored: SignalSet,
    all: SignalSet,
) -> Result<(), Errno> {
    for signal in all {
        let handler = if ignored.contains(signal) { c::SIG_IGN } else { c::SIG_DFL };
        set_action(signal, &c::sigaction::new(handler, *blocked, 0))?;
    }
    ret::code(c::pthread_sigmask(c::SIG_SETMASK, Some(blocked), None))
}

/// The form of a handler with `SA_SIGINFO`.
pub(crate) type Handler = extern "C" fn(c_int, *mut c::siginfo_t, *mut c_void);

/// The number by which C knows a handler.
pub(crate) fn handler_address(handler: Handler) -> usize {
    (handler as *const ()).expose_provenance()
}

/// Returns an action that runs `handler` and lets system calls continue after it.
pub(crate) fn chained(handler: Handler) -> c::sigaction {
    let flags = c::SA_SIGINFO | c::SA_RESTART;
    c::sigaction::new(handler_address(handler), sigset(SignalSet::EMPTY), flags)
}

/// In a handler: runs the handler of the action that was installed before, if that has one.
///
/// # Safety
///
/// `previous` was installed for this signal, nothing has unloaded its function, and the arguments
/// are those that the system passed to the running handler.
pub(crate) unsafe fn call_previous(
    previous: &c::sigaction,
    signal: c_int,
    info: *mut c::siginfo_t,
    context: *mut c_void,
) {
    let function = match previous.handler() {
        c::SIG_DFL | c::SIG_IGN => return,
        address => ptr::with_exposed_provenance::<()>(address),
    };
    if previous.sa_flags & c::SA_SIGINFO == 0 {
        // SAFETY: an installed action without `SA_SIGINFO` holds the address of such a function.
        let run = unsafe { mem::transmute::<*const (), extern "C" fn(c_int)>(function) };
        run(signal);
    } else {
        // SAFETY: an installed action with `SA_SIGINFO` holds the address of such a function.
        let run = unsafe { mem::transmute::<*const (), Handler>(function) };
        run(signal, info, context);
    }
}

/// In a handler: runs `f` and restores `errno`, on which the interrupted code may rely.
pub(crate) fn keeping_errno(f: impl FnOnce()) {
    let errno = c::errno();
    f();
    c::set_errno(errno);
}

/// In a handler: performs the default action of the signal.
pub(crate) fn do_default(signal: Signal) {
    // None of these calls fails for a signal that has a handler, and a handler could not report it.
    let _ = set_action(signal, &default_action());
    let _ = c::tgkill(std::process::id().cast_signed(), c::gettid(), signal.raw());
    c::pthread_sigmask(c::SIG_UNBLOCK, Some(&sigset(signal.into())), None);
}

/// In a handler: ends the process without running any more of it.
pub(crate) fn exit_now(status: c_int) -> ! {
    c::_exit(status)
}
