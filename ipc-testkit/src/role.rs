//! The child's side: finding its role and talking to its parent.

use std::os::unix::net::UnixStream;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::{env, process};

use crate::sys;
use crate::talk::{Heard, Talk};

pub(crate) const ROLE: &str = "IPC_TEST_ROLE";
pub(crate) const ARGS: &str = "IPC_TEST_ARGS";
pub(crate) const TALK: &str = "IPC_TEST_TALK";
/// Which child of which: "/2/0" is the first child of the third.
pub(crate) const LINE: &str = "IPC_TEST_LINE";

/// What a child knows: its arguments, and a line to its parent.
#[derive(Debug)]
pub struct Role {
    args: Vec<String>,
    talk: Talk,
}

/// What a child does in a role.
pub type Part = fn(&mut Role);

/// Plays the role this process was started for, and exits; returns at once in any other process.
///
/// Call it from a test named `roles` that does nothing else. A role that returns ends its process
/// with exit code 0, one that panics with 101.
///
/// # Panics
///
/// In the child, if the table does not have the role asked for.
pub fn play(roles: &[(&str, Part)]) {
    let Ok(wanted) = env::var(ROLE) else { return };
    let Some((name, run)) = roles.iter().find(|(name, _)| *name == wanted) else {
        panic!("no role `{wanted}` in this table")
    };
    sys::allow_debugger();
    // The threads around this one keep them blocked, so that a signal sent to this process comes
    // here, as if this were its only thread.
    sys::unblock_signals().expect("the mask of this thread");
    let number = |variable| env::var(variable).ok().and_then(|text| text.parse().ok());
    let fd = number(TALK).expect("a role is started by `Child::run`");
    let count = number(ARGS).unwrap_or(0);
    let mut role = Role {
        args: (0..count).map(|i| env::var(format!("{ARGS}_{i}")).expect("a counted argument")).collect(),
        talk: Talk::new(UnixStream::from(sys::inherited(fd))),
    };
    role.say(name);
    // The talk must outlive the panic's report, so that the parent sees the end and not a silence.
    let ended = catch_unwind(AssertUnwindSafe(|| run(&mut role)));
    process::exit(if ended.is_ok() { 0 } else { 101 })
}

impl Role {
    /// The arguments given to [`Child::run`](crate::Child::run).
    #[must_use]
    pub fn args(&self) -> &[String] {
        &self.args
    }

    /// One of the arguments.
    ///
    /// # Panics
    ///
    /// If there are fewer.
    #[must_use]
    pub fn arg(&self, index: usize) -> &str {
        &self.args[index]
    }

    /// Sends the parent a line.
    ///
    /// # Panics
    ///
    /// If the parent no longer listens.
    pub fn say(&mut self, line: &str) {
        self.talk.say(line).expect("the parent listens");
    }

    /// The parent's next line.
    ///
    /// # Panics
    ///
    /// If none comes within half the watchdog's time.
    pub fn hear(&mut self) -> String {
        match self.talk.hear().expect("the parent can be heard") {
            Heard::Line(line) => line,
            Heard::End => panic!("the parent hung up"),
            Heard::Nothing => panic!("the parent said nothing"),
        }
    }

    /// Waits for the parent's next line, which has to be this one.
    ///
    /// # Panics
    ///
    /// If it is another, or none comes within half the watchdog's time.
    pub fn wait_for(&mut self, line: &str) {
        assert_eq!(self.hear(), line, "what the parent said");
    }
}
