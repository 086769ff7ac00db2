//! Runs a command, and ends as it does.

use std::ffi::OsString;
use std::os::fd::RawFd;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command};

use crate::failure::Failure;
use crate::sys;

/// The exit code of `flock(1)` for a command that cannot be run.
const UNAVAILABLE: u8 = 69;

/// Starts a command that ends with SIGTERM when this process ends, and has a descriptor of this
/// process's.
pub(super) fn start(command: &[OsString], kept: Option<RawFd>) -> Result<Child, Failure> {
    let Some((program, args)) = command.split_first() else {
        return Err(Failure::usage("--", "there is no command after it"));
    };
    let mut process = Command::new(program);
    process.args(args);
    sys::tie(&mut process, kept);
    let failed = |why| {
        let why = format!("the command could not be started: {why}");
        Failure::new(program.display(), why).with_code(UNAVAILABLE)
    };
    process.spawn().map_err(failed)
}

/// Waits until it ends, and fails with its exit code unless that is 0; 128 and the signal if one
/// ended it.
pub(super) fn end(mut child: Child) -> Result<(), Failure> {
    let status = child.wait().map_err(|why| Failure::new("waiting for the command", why))?;
    let code = status.code().or(status.signal().map(|signal| 128 + signal)).unwrap_or(1);
    match u8::try_from(code).unwrap_or(1) {
        0 => Ok(()),
        code => Err(Failure::silent(code)),
    }
}
