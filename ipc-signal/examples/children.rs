//! A child process that does not inherit the blocked TERM. A `PidFd` sends TERM to end it.

use std::error::Error;
use std::os::unix::process::ExitStatusExt;
use std::process::Command;

use ipc_signal::{ChildSignals, PidFd, Signal, Signals};

fn main() -> Result<(), Box<dyn Error>> {
    let signals = Signals::block([Signal::TERM, Signal::CHLD])?;

    let mut command = Command::new("sleep");
    command.arg("3600");
    // Otherwise it would inherit the blocked TERM, and never end.
    ChildSignals::new().ignored(Signal::HUP)?.set_up(&mut command);
    let mut child = command.spawn()?;

    let process = PidFd::open(&child)?;
    process.send(Signal::HUP)?; // ignored
    process.send(Signal::TERM)?;

    let info = signals.recv()?;
    println!("{}: {:?}, by signal {:?}", info.signal(), info.code(), info.status());
    assert_eq!(child.wait()?.signal(), Some(Signal::TERM.raw()));
    assert!(process.send(Signal::TERM).is_err_and(|err| err.is_no_such_process()));
    Ok(())
}
