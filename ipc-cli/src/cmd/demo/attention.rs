//! Signals: that the user wants an end, and that a child process has ended.

use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};
use std::thread;

use ipc::core::Signal;
use ipc::signal::Signals;

use super::board::Work;
use crate::failure::Failure;

/// From its beginning on, Ctrl-C does not end the program on the spot: it has to ask, and can clean
/// up.
#[derive(Debug)]
pub(super) struct Attention {
    ended_by: Arc<AtomicI32>,
}

impl Attention {
    /// Begins, before there are threads: the signals are blocked, and received by
    /// [`watch`](Self::watch).
    pub(super) fn begin() -> Result<(Self, Signals), Failure> {
        let signals = Signals::block([Signal::INT, Signal::TERM, Signal::HUP, Signal::CHLD])?;
        Ok((Self { ended_by: Arc::default() }, signals))
    }

    /// Receives the signals on a thread of its own, and makes each of them news to the parent.
    pub(super) fn watch(&self, signals: Signals, work: Arc<Work>) -> Result<(), Failure> {
        let ended_by = Arc::clone(&self.ended_by);
        let receive = move || {
            while let Ok(received) = signals.recv() {
                if received.signal() != Signal::CHLD {
                    ended_by.store(received.signal().raw(), Ordering::Relaxed);
                }
                if work.tell_news().is_err() {
                    break;
                }
            }
        };
        let thread = thread::Builder::new().spawn(receive);
        thread.map(drop).map_err(|why| Failure::new("a thread for signals", why))
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
