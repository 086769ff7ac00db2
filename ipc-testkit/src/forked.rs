//! Forked copies of this process. They start faster than roles, and have all state of the process.

use std::os::unix::process::ExitStatusExt;
use std::time::Duration;
use std::{env, thread};

use crate::sys;

/// A single-threaded copy of this process that runs one closure.
///
/// The copy is killed when this value is dropped, or when the thread that created it ends. Create
/// it in a role whose other threads hold no lock that the copy needs.
#[derive(Debug)]
pub struct Forked {
    pid: i32,
    reaped: bool,
}

impl Forked {
    /// Creates a copy, which ends when `child` returns.
    ///
    /// # Panics
    ///
    /// If the process cannot be created.
    #[must_use]
    pub fn run(child: impl FnOnce()) -> Self {
        Self { pid: sys::fork(child).expect("another process"), reaped: false }
    }

    /// Returns the process id of the copy, which is also its thread id.
    #[must_use]
    pub fn pid(&self) -> i32 {
        self.pid
    }

    /// Stops the copy, and waits until it has stopped.
    ///
    /// # Panics
    ///
    /// If the copy has ended.
    pub fn stop(&mut self) {
        self.signal(libc::SIGSTOP);
        let status = sys::wait_changed(self.pid).expect("a child of ours");
        self.reaped = status.stopped_signal().is_none();
        assert!(!self.reaped, "a forked child ended by itself: {status}");
    }

    /// Continues the copy after [`stop`](Self::stop).
    pub fn cont(&self) {
        leave_stopped();
        self.signal(libc::SIGCONT);
    }

    /// Kills the copy with `SIGKILL`, whether it is stopped or running.
    ///
    /// # Panics
    ///
    /// If the copy has ended in another way.
    pub fn kill(&mut self) {
        self.signal(libc::SIGKILL);
        let status = sys::wait_changed(self.pid).expect("a child of ours");
        self.reaped = true;
        assert_eq!(
            status.signal(),
            Some(libc::SIGKILL),
            "a forked child ended by itself: {status}"
        );
    }

    /// Waits until the copy ends.
    ///
    /// # Panics
    ///
    /// If the copy does not end with exit code 0.
    pub fn finish(mut self) {
        let status = sys::wait_changed(self.pid).expect("a child of ours");
        self.reaped = true;
        assert!(status.success(), "a forked child ended with {status}");
    }

    fn signal(&self, signal: i32) {
        assert!(!self.reaped, "a child that has ended");
        sys::kill(self.pid, signal).expect("a signal to a child");
    }
}

/// Waits as long as `IPC_TEST_STOP` asks: a process that is stopped for long is not dead either.
pub(crate) fn leave_stopped() {
    let seconds = env::var("IPC_TEST_STOP").ok().and_then(|text| text.parse().ok());
    thread::sleep(Duration::from_secs(seconds.unwrap_or(0)));
}

impl Drop for Forked {
    fn drop(&mut self) {
        if !self.reaped {
            self.kill();
        }
    }
}
