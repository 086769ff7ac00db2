//! The parent's side: starts a child, exchanges lines with it, and always ends it.

use std::ffi::CString;
use std::fmt::Display;
use std::fs::File;
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::fs::FileExt;
use std::os::unix::net::UnixStream;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Instant;
use std::{env, mem, process, thread};

use crate::forked::leave_stopped;
use crate::options::What;
use crate::role::{ARGS, LINE, PLAYER, ROLE, TALK};
use crate::sys::Setup;
use crate::talk::{Heard, Talk};
use crate::{ChildOptions, fixture, sys, watchdog};

/// A child process in a role.
///
/// The child is killed when this value is dropped, when the thread that started it ends, or when
/// the test process dies. The output of the child is kept, and shown if the test fails.
#[derive(Debug)]
pub struct Child {
    role: String,
    process: process::Child,
    ended: Option<ExitStatus>,
    end: OwnedFd,
    talk: Talk,
    output: File,
}

/// Identifies the children of a process by the order in which they are started.
fn line_of_next() -> String {
    static STARTED: AtomicU32 = AtomicU32::new(0);

    format!("{}/{}", env::var(LINE).unwrap_or_default(), STARTED.fetch_add(1, Ordering::Relaxed))
}

impl Child {
    /// Starts a role of the test `roles`, a [`c_program`](crate::c_program), or a child described
    /// by [`ChildOptions`]. When this returns, a role is running.
    ///
    /// # Panics
    ///
    /// If the process cannot be started, or there is no such role.
    #[must_use]
    pub fn run(what: impl Into<ChildOptions>, args: &[&str]) -> Self {
        let options = what.into();
        let (ours, theirs) = UnixStream::pair().expect("a pair of sockets");
        let output = sys::memfd().expect("a file for the output");
        let copy = || Stdio::from(output.try_clone().expect("a descriptor"));
        let shm = options.shm.map(|bytes| format!("size={bytes},mode=1777"));
        let shm = shm.map(|options| CString::new(options).expect("no NUL in a number"));
        let mut setup = Setup { keep: None, block_signals: false, user: options.user, shm };
        let mut command;
        let role = match &options.what {
            What::Role { name, test } => {
                // Works also for a user without search permission on the path to the binary.
                let player = env::var(PLAYER).unwrap_or_else(|_| "/proc/self/exe".into());
                let mut words = player.split(' ');
                command = Command::new(words.next().expect("a first word"));
                command.args(words).env_remove(PLAYER); // its own children are its own program
                command.args([test, "--exact", "--nocapture", "--test-threads=1"]);
                command.env(ROLE, name).env(TALK, theirs.as_raw_fd().to_string());
                command.env(ARGS, args.len().to_string()).env(LINE, line_of_next());
                command.envs(args.iter().enumerate().map(|(i, arg)| (format!("{ARGS}_{i}"), arg)));
                command.stdin(Stdio::null()).stdout(copy());
                setup.keep = Some(theirs.as_raw_fd());
                setup.block_signals = true; // for the threads of libtest; `play` lets them through
                name.clone()
            }
            What::Program(path) => {
                command = Command::new(path);
                let theirs =
                    || Stdio::from(OwnedFd::from(theirs.try_clone().expect("a descriptor")));
                command.args(args).stdin(theirs()).stdout(theirs());
                path.display().to_string()
            }
        };
        command.envs(options.env).stderr(copy());
        sys::set_up(&mut command, setup);
        let process = command.spawn().unwrap_or_else(|error| panic!("start `{role}`: {error}"));
        drop((command, theirs)); // theirs has to be the only other end, so that its death is heard
        let pid = i32::try_from(process.id()).expect("a process id");
        let end = sys::pidfd(pid).expect("a descriptor of the child");
        let mut child = Self { role, process, ended: None, end, talk: Talk::new(ours), output };
        if let What::Role { test, .. } = &options.what {
            let role = child.role.clone();
            match child.talk.hear() {
                Ok(Heard::Line(line)) if line == role => {}
                _ => child.fail(&format!("did not begin: does a test `{test}` play it?")),
            }
        }
        child
    }

    /// Starts a role that kills itself when it reaches `point` for the `hit`-th time, counted from
    /// 1.
    ///
    /// # Panics
    ///
    /// Those of [`run`](Self::run).
    #[must_use]
    pub fn run_crashing(role: &str, args: &[&str], point: &str, hit: u32) -> Self {
        Self::run(ChildOptions::role(role).crash_at(point, hit), args)
    }

    /// Returns the process id of the child.
    #[must_use]
    pub fn pid(&self) -> i32 {
        self.process.id().cast_signed()
    }

    /// Sends the child a line.
    ///
    /// # Panics
    ///
    /// If the child no longer reads.
    pub fn tell(&mut self, line: &str) {
        if let Err(error) = self.talk.say(line) {
            self.fail(&format!("does not listen to `{line}`: {error}"));
        }
    }

    /// Returns the child's next line.
    ///
    /// # Panics
    ///
    /// If the child ends first, or sends nothing for half the watchdog's time.
    pub fn hear(&mut self) -> String {
        match self.talk.hear() {
            Ok(Heard::Line(line)) => line,
            Ok(Heard::End) => self.fail("ended without a word"),
            Ok(Heard::Nothing) => self.hung("said nothing"),
            Err(error) => self.fail(&format!("cannot be heard: {error}")),
        }
    }

    /// Waits for the child's next line, which must be `line`.
    ///
    /// # Panics
    ///
    /// If the line differs, or the child ends first or sends nothing for half the watchdog's time.
    pub fn wait_for(&mut self, line: &str) {
        let said = self.hear();
        if said != line {
            self.fail(&format!("said `{said}`, not `{line}`"));
        }
    }

    /// Waits until the child ends.
    ///
    /// # Panics
    ///
    /// If the child does not end with exit code 0 within half the watchdog's time. The message
    /// contains the output of the child.
    pub fn finish(mut self) {
        let status = self.wait_until_end();
        if !status.success() {
            self.fail(&format!("ended with {status}"));
        }
    }

    /// Waits until the child says `done: FIGURES`, prints the figures, and waits until it ends.
    ///
    /// # Panics
    ///
    /// As [`hear`](Self::hear) and [`finish`](Self::finish).
    pub fn figures(mut self) {
        let figures = loop {
            if let Some(figures) = self.hear().strip_prefix("done: ") {
                break figures.to_owned();
            }
        };
        crate::figures(figures);
        self.finish();
    }

    /// Waits until the child ends, and returns its exit status.
    ///
    /// # Panics
    ///
    /// If the child does not end within half the watchdog's time.
    pub fn wait(mut self) -> ExitStatus {
        self.wait_until_end()
    }

    /// Waits until the crash point with which the child was started kills it.
    ///
    /// # Panics
    ///
    /// If the child ends in another way. The message contains the output of the child.
    pub fn crash(mut self) {
        let status = self.wait_until_end();
        if status.signal() != Some(libc::SIGKILL) {
            self.fail(&format!("ended with {status}, not at its crash point"));
        }
    }

    /// Kills the child with `SIGKILL`, and returns its exit status. The child may have ended in
    /// another way before.
    pub fn kill(mut self) -> ExitStatus {
        self.end_now()
    }

    /// Sends the child a signal.
    ///
    /// # Panics
    ///
    /// If sending fails.
    pub fn signal(&self, signal: i32) {
        // The child has not been waited for, so its process id has not been reused.
        sys::kill(self.pid(), signal).expect("a signal to a child");
    }

    /// Stops the child, and waits until it has stopped.
    ///
    /// # Panics
    ///
    /// If stopping fails.
    pub fn stop(&self) {
        self.signal(libc::SIGSTOP);
        sys::wait_stopped(self.pid()).expect("a child that stops");
    }

    /// Continues the child after [`stop`](Self::stop).
    ///
    /// # Panics
    ///
    /// If continuing fails.
    pub fn cont(&self) {
        leave_stopped();
        self.signal(libc::SIGCONT);
    }

    /// Returns the output of the child so far: standard output and standard error of a role, but
    /// only standard error of a program.
    ///
    /// # Panics
    ///
    /// If the output cannot be read.
    #[must_use]
    pub fn output(&self) -> String {
        let size = self.output.metadata().expect("the size of the output").len();
        let mut bytes = vec![0; usize::try_from(size).expect("an output that fits")];
        self.output.read_exact_at(&mut bytes, 0).expect("the output");
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Waits until the child ends. Returns `false` if the deadline passes first.
    pub(crate) fn ends_before(&self, moment: Instant) -> bool {
        sys::wait_readable(&self.end, moment).expect("a wait for a child")
    }

    fn wait_until_end(&mut self) -> ExitStatus {
        if !self.ends_before(sys::after(watchdog::patience())) {
            self.hung("does not end");
        }
        self.reap()
    }

    fn reap(&mut self) -> ExitStatus {
        let status = self.process.wait().expect("the end of a child");
        if self.ended.replace(status).is_none() && status.signal().is_some() {
            fixture::sweep(self.process.id()); // it could not clean up itself
        }
        status
    }

    fn end_now(&mut self) -> ExitStatus {
        let killed: io::Result<()> = self.process.kill();
        killed.expect("a child can be killed");
        self.reap()
    }

    fn hung(&mut self, what: &str) -> ! {
        watchdog::report(&format!("child `{}` {what}", self.role));
        self.fail(what)
    }

    fn fail(&mut self, what: impl Display + Copy) -> ! {
        let (role, pid) = (mem::take(&mut self.role), self.pid());
        self.end_now();
        panic!("child `{role}` ({pid}) {what}; it printed:\n{}", self.output());
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        if self.ended.is_none() {
            let status = self.end_now();
            if thread::panicking() {
                eprintln!(
                    "child `{}` ({}) {status}; it printed:\n{}",
                    self.role,
                    self.pid(),
                    self.output()
                );
            }
        }
    }
}
