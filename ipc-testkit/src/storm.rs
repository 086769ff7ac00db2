//! Signals all the time, for whom a wait must not end.

use std::marker::PhantomData;
use std::sync::Once;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::sys;

/// While it lives, the thread that started it gets `SIGUSR2` over and over, with a handler that
/// does not restart system calls.
///
/// The handler stays after the storm, as a late signal would kill the process otherwise. For several
/// threads, each starts its own.
#[derive(Debug)]
pub struct Storm {
    end: Option<Sender<()>>,
    helper: Option<JoinHandle<()>>,
    before: u64,
    /// It aims at the thread it was made on, which must not end before it.
    _here: PhantomData<*const ()>,
}

impl Storm {
    /// Starts with about this many signals a second.
    ///
    /// # Panics
    ///
    /// If `hz` is zero, or the handler cannot be installed.
    #[must_use]
    pub fn start(hz: u32) -> Self {
        static HANDLER: Once = Once::new();
        HANDLER.call_once(|| sys::count_signal(libc::SIGUSR2).expect("a handler of SIGUSR2"));
        let (end, ended) = mpsc::channel();
        let (thread, pause) = (sys::thread_id(), Duration::from_secs(1) / hz);
        let helper = thread::spawn(move || {
            while ended.recv_timeout(pause) == Err(RecvTimeoutError::Timeout) {
                // The thread joins us before it ends, so the number is its own.
                sys::kill_thread(thread, libc::SIGUSR2).expect("a signal to a thread");
            }
        });
        Self { end: Some(end), helper: Some(helper), before: sys::stormed(), _here: PhantomData }
    }

    /// How many signals this thread has received from it.
    #[must_use]
    pub fn deliveries(&self) -> u64 {
        sys::stormed() - self.before
    }
}

impl Drop for Storm {
    fn drop(&mut self) {
        drop(self.end.take());
        if let Some(helper) = self.helper.take() {
            // It panics only if a signal could not be sent, and has said so.
            let _ = helper.join();
        }
    }
}
