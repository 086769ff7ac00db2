//! Signals: that the user wants an end, and that a child process has ended.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use signal_hook::consts::{SIGCHLD, SIGHUP, SIGINT, SIGTERM};
use signal_hook::flag;
use signal_hook::iterator::Signals;

use crate::failure::Failure;

/// From its beginning on, Ctrl-C does not end the program on the spot: it has to ask, and can clean up.
#[derive(Debug)]
pub(super) struct Attention {
    ended_by: Arc<AtomicUsize>,
}

impl Attention {
    /// Begins. The signals are for a thread that wakes whoever asks, also when a child process has ended.
    pub(super) fn begin() -> io::Result<(Attention, Signals)> {
        let attention = Attention { ended_by: Arc::default() };
        let ends = [SIGINT, SIGTERM, SIGHUP];
        for signal in ends {
            flag::register_usize(signal, Arc::clone(&attention.ended_by), signal.unsigned_abs() as usize)?;
        }
        Ok((attention, Signals::new(ends.into_iter().chain([SIGCHLD]))?))
    }

    /// Is it to go on?
    ///
    /// # Errors
    ///
    /// It is not: there was a signal.
    pub(super) fn check(&self) -> Result<(), Failure> {
        match self.ended_by.load(Ordering::Relaxed) {
            0 => Ok(()),
            signal => Err(Failure::interrupted(u8::try_from(signal).unwrap_or(0))),
        }
    }
}
