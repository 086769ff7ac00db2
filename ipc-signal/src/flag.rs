//! Reactions that set a flag, count, or look at a flag and end the process.

#![expect(unsafe_code, reason = "gives code to signal handlers")]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use ipc_core::{Error, Result, Signal};

use crate::{Reaction, sys};

impl Reaction {
    /// Sets a flag when the signal comes.
    ///
    /// # Errors
    ///
    /// `is_invalid_argument` for KILL, STOP and faults; `is_mismatch` if the handler that runs
    /// reactions has been replaced, by [`restore_default`](crate::restore_default) for instance.
    pub fn set_flag(signal: Signal, flag: Arc<AtomicBool>) -> Result<Self> {
        // SAFETY: a lock-free atomic is all it touches.
        unsafe { Self::register(signal, move || flag.store(true, Ordering::SeqCst)) }
    }

    /// Adds one when the signal comes.
    ///
    /// # Errors
    ///
    /// As [`set_flag`](Self::set_flag).
    pub fn count(signal: Signal, counter: Arc<AtomicU64>) -> Result<Self> {
        let add = move || {
            counter.fetch_add(1, Ordering::SeqCst);
        };
        // SAFETY: a lock-free atomic is all it touches.
        unsafe { Self::register(signal, add) }
    }

    /// Lets the signal end the process, as it does by default, when it comes and the flag is set.
    ///
    /// # Errors
    ///
    /// As [`set_flag`](Self::set_flag), and `is_invalid_argument` for a signal that does not end processes.
    pub fn die_if(signal: Signal, flag: Arc<AtomicBool>) -> Result<Self> {
        const HARMLESS: [Signal; 7] =
            [Signal::CHLD, Signal::CONT, Signal::URG, Signal::WINCH, Signal::TSTP, Signal::TTIN, Signal::TTOU];
        if HARMLESS.contains(&signal) {
            return Err(Error::invalid("sigaction", signal, "does not end a process by default"));
        }
        let die = move || {
            if flag.load(Ordering::SeqCst) {
                sys::do_default(signal);
            }
        };
        // SAFETY: it reads an atomic, and calls sigaction, raise and pthread_sigmask, which POSIX lists.
        unsafe { Self::register(signal, die) }
    }

    /// Ends the process with this exit status when the signal comes and the flag is set. Nothing more of it is run.
    ///
    /// # Errors
    ///
    /// As [`set_flag`](Self::set_flag).
    #[doc(alias = "_exit")]
    pub fn exit_if(signal: Signal, flag: Arc<AtomicBool>, status: i32) -> Result<Self> {
        let exit = move || {
            if flag.load(Ordering::SeqCst) {
                sys::exit_now(status);
            }
        };
        // SAFETY: it reads an atomic, and calls _exit, which POSIX lists.
        unsafe { Self::register(signal, exit) }
    }
}
