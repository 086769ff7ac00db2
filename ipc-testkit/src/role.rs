//! The child's side: finding its role and talking to its parent.

use std::os::unix::net::UnixStream;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::{env, process};

use crate::sys;
use crate::talk::{Heard, Talk};

pub(crate) const ROLE: &str = "IPC_TEST_ROLE";
pub(crate) const ARGS: &str = "IPC_TEST_ARGS";
pub(crate) const TALK: &str = "IPC_TEST_TALK";
/// The variable with the command that plays the roles instead of this program. Spaces separate its
/// words.
pub(crate) const PLAYER: &str = "IPC_TEST_PLAYER";
/// The variable with the position among the children: "/2/0" is the first child of the third child.
pub(crate) const LINE: &str = "IPC_TEST_LINE";

/// The state of a child: its arguments, and a connection to its parent.
#[derive(Debug)]
pub struct Role {
    args: Vec<String>,
    talk: Talk,
}

/// The function that a child runs in a role.
pub type Part = fn(&mut Role);

/// Runs the role for which this process was started, and exits. Returns at once if this process was
/// not started for a role.
///
/// Call it from a test named `roles` that does nothing else. If the role returns, the process exits
/// with code 0; if it panics, with code 101.
///
/// # Panics
///
/// In the child, if `roles` does not contain the role.
pub fn play(roles: &[(&str, Part)]) {
    let Ok(wanted) = env::var(ROLE) else { return };
    let Some((name, run)) = roles.iter().find(|(name, _)| *name == wanted) else {
        panic!("no role `{wanted}` in this table")
    };
    sys::allow_debugger();
    // The other threads keep all signals blocked, so that a signal sent to this process is
    // delivered here, as if this were its only thread.
    sys::unblock_signals().expect("the mask of this thread");
    let number = |variable| env::var(variable).ok().and_then(|text| text.parse().ok());
    let fd = number(TALK).expect("a role is started by `Child::run`");
    let count = number(ARGS).unwrap_or(0);
    let mut role = Role {
        args: (0..count)
            .map(|i| env::var(format!("{ARGS}_{i}")).expect("a counted argument"))
            .collect(),
        talk: Talk::new(UnixStream::from(sys::inherited(fd))),
    };
    role.say(name);
    // The connection must outlive the panic's report, so that the parent sees an end and not a
    // silence.
    let ended = catch_unwind(AssertUnwindSafe(|| run(&mut role)));
    process::exit(if ended.is_ok() { 0 } else { 101 })
}

impl Role {
    /// Returns the arguments given to [`Child::run`](crate::Child::run).
    #[must_use]
    pub fn args(&self) -> &[String] {
        &self.args
    }

    /// Returns one of the arguments.
    ///
    /// # Panics
    ///
    /// If there are not more than `index` arguments.
    #[must_use]
    pub fn arg(&self, index: usize) -> &str {
        &self.args[index]
    }

    /// Sends the parent a line.
    ///
    /// # Panics
    ///
    /// If the parent no longer reads.
    pub fn say(&mut self, line: &str) {
        self.talk.say(line).expect("the parent listens");
    }

    /// Returns the parent's next line.
    ///
    /// # Panics
    ///
    /// If no line arrives within half the watchdog's time.
    pub fn hear(&mut self) -> String {
        match self.talk.hear().expect("the parent can be heard") {
            Heard::Line(line) => line,
            Heard::End => panic!("the parent hung up"),
            Heard::Nothing => panic!("the parent said nothing"),
        }
    }

    /// Waits for the parent's next line, which must be `line`.
    ///
    /// # Panics
    ///
    /// If the line differs, or no line arrives within half the watchdog's time.
    pub fn wait_for(&mut self, line: &str) {
        assert_eq!(self.hear(), line, "what the parent said");
    }
}
