//! Why the program ends without having done its work.

use std::fmt::{self, Display};
use std::process::ExitCode;

/// A sentence for the user, and the exit code.
#[derive(Debug)]
pub(crate) struct Failure {
    message: String,
    code: u8,
}

impl Failure {
    /// What went wrong, with what; the exit code is 1.
    pub(crate) fn new(with: impl Display, what: impl Display) -> Failure {
        Failure { message: format!("{with}: {what}"), code: 1 }
    }

    /// The user ended it, with this signal; the exit code is the one shells know.
    pub(crate) fn interrupted(signal: u8) -> Failure {
        Failure { message: format!("ended by signal {signal}"), code: 128 + signal }
    }

    /// What the shell will see.
    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::from(self.code)
    }
}

impl Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl From<ipc_core::Error> for Failure {
    fn from(error: ipc_core::Error) -> Failure {
        Failure { message: error.to_string(), code: 1 }
    }
}
