//! Continuous signals, for tests that a signal does not end a wait.

use std::marker::PhantomData;
use std::sync::Once;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::sys;

/// Sends `SIGUSR2` continuously to the thread that started it, until it is dropped. Its signal
/// handler does not restart system calls.
///
/// The handler stays installed after the storm, because a late signal would otherwise kill the
/// process. If several threads need signals, each starts its own storm.
#[derive(Debug)]
pub struct Storm {
    end: Option<Sender<()>>,
    helper: Option<JoinHandle<()>>,
    before: u64,
    /// The storm targets the thread that created it, which must not end first.
    _here: PhantomData<*const ()>,
}

impl Storm {
    /// Starts with about `hz` signals a second.
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
                // The thread joins this helper before it ends, so its thread id has not been
                // reused.
                sys::kill_thread(thread, libc::SIGUSR2).expect("a signal to a thread");
            }
        });
        Self { end: Some(end), helper: Some(helper), before: sys::stormed(), _here: PhantomData }
    }

    /// Runs `wait` until this thread has received a signal meanwhile: on a slow machine, none may
    /// come during a short wait.
    pub fn beside(&self, mut wait: impl FnMut()) {
        let before = self.deliveries();
        while self.deliveries() == before {
            wait();
        }
    }

    /// Returns the number of signals this thread has received from the storm.
    #[must_use]
    pub fn deliveries(&self) -> u64 {
        sys::stormed() - self.before
    }
}

impl Drop for Storm {
    fn drop(&mut self) {
        drop(self.end.take());
        if let Some(helper) = self.helper.take() {
            // The helper panics only if a signal could not be sent, and has printed that.
            let _ = helper.join();
        }
    }
}
