//! Copies of this process: quicker to make than a role, and with all that it has.

use std::os::unix::process::ExitStatusExt;

use crate::sys;

/// A copy of this process, with one thread, that does one thing.
///
/// It is killed when this value is dropped and when the thread that made it ends. Make it in a role, whose other threads
/// hold nothing that the copy needs.
#[derive(Debug)]
pub struct Forked {
    pid: i32,
    reaped: bool,
}

impl Forked {
    /// Makes one; it ends when `child` does.
    ///
    /// # Panics
    ///
    /// If there cannot be another process.
    #[must_use]
    pub fn run(child: impl FnOnce()) -> Self {
        Self { pid: sys::fork(child).expect("another process"), reaped: false }
    }

    /// Its process id, and that of its thread.
    #[must_use]
    pub fn pid(&self) -> i32 {
        self.pid
    }

    /// Stops it, and waits until it stands still.
    ///
    /// # Panics
    ///
    /// If it has ended.
    pub fn stop(&mut self) {
        self.signal(libc::SIGSTOP);
        let status = sys::wait_changed(self.pid).expect("a child of ours");
        self.reaped = status.stopped_signal().is_none();
        assert!(!self.reaped, "a forked child ended by itself: {status}");
    }

    /// Lets it go on after [`stop`](Self::stop).
    pub fn cont(&self) {
        self.signal(libc::SIGCONT);
    }

    /// Kills it with `SIGKILL`, whether it stands or goes.
    ///
    /// # Panics
    ///
    /// If it has ended otherwise.
    pub fn kill(&mut self) {
        self.signal(libc::SIGKILL);
        let status = sys::wait_changed(self.pid).expect("a child of ours");
        self.reaped = true;
        assert_eq!(status.signal(), Some(libc::SIGKILL), "a forked child ended by itself: {status}");
    }

    /// Waits until it ends.
    ///
    /// # Panics
    ///
    /// Unless it ends well.
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

impl Drop for Forked {
    fn drop(&mut self) {
        if !self.reaped {
            self.kill();
        }
    }
}
