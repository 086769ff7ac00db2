//! Why the program ends without having done its work.

use std::fmt::{self, Display};
use std::io;
use std::process::ExitCode;

use ipc::core::Errno;

/// A sentence for the user, and the exit code.
#[derive(Debug)]
pub(crate) struct Failure {
    /// Nothing is written if it is empty: the exit code is the answer.
    message: String,
    code: u8,
}

/// The exit code of a command line that cannot be.
pub(crate) const USAGE: u8 = 2;

impl Failure {
    /// A failure of something, and its reason; the exit code is 1.
    pub(crate) fn new(with: impl Display, what: impl Display) -> Self {
        Self { message: format!("{with}: {what}"), code: 1 }
    }

    /// An exit code that says all there is to say.
    pub(crate) fn silent(code: u8) -> Self {
        Self { message: String::new(), code }
    }

    /// The answer is no: not now, not in time, not there.
    pub(crate) fn no() -> Self {
        Self::silent(1)
    }

    /// The command line asks for something that cannot be.
    pub(crate) fn usage(with: impl Display, what: impl Display) -> Self {
        Self { code: USAGE, ..Self::new(with, what) }
    }

    /// The same, with another exit code.
    pub(crate) fn with_code(self, code: u8) -> Self {
        Self { code, ..self }
    }

    /// The user ended it, with this signal; the exit code is the one shells know.
    pub(crate) fn interrupted(signal: u8) -> Self {
        Self { message: format!("ended by signal {signal}"), code: 128 + signal }
    }

    /// The number of the exit code.
    pub(crate) fn code(&self) -> u8 {
        self.code
    }

    /// The exit code for the shell.
    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::from(self.code)
    }

    /// Returns `true` if there is nothing to write.
    pub(crate) fn is_silent(&self) -> bool {
        self.message.is_empty()
    }
}

impl Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl From<ipc::core::Error> for Failure {
    fn from(error: ipc::core::Error) -> Self {
        Self { message: error.to_string(), code: 1 }
    }
}

/// An error of the system on an object.
pub(crate) fn os<E: Into<io::Error>>(
    call: &'static str,
    object: impl Display,
) -> impl FnOnce(E) -> Failure {
    move |err| {
        let err = err.into();
        let errno =
            err.raw_os_error().map_or_else(|| err.to_string(), |raw| Errno::new(raw).to_string());
        Failure::new(format_args!("{call} {object}"), errno)
    }
}

/// The reason of an error, without the call and the object: for words of the user.
pub(crate) fn reason(error: &ipc::core::Error) -> String {
    let text = error.to_string();
    let (call, object) = (error.call(), error.object());
    let rest = text.strip_prefix(call).and_then(|rest| rest.trim_start().strip_prefix(object));
    rest.and_then(|rest| rest.strip_prefix(": ")).map_or_else(|| text.clone(), str::to_owned)
}
