//! `ipc sig`: signals, with values.

use std::time::Duration;

use clap::{Args, Subcommand};
use ipc::core::Signal;
use ipc::signal::{SignalInfo, SignalSet, Signals, send, send_value};
use serde::Serialize;

use crate::failure::Failure;
use crate::output;

pub(super) const AFTER: &str = "\
A signal is HUP, SIGHUP, RTMIN+3 or a number. `wait` and `watch` print their own process id \
first: send the signals to this id.

Examples:
  ipc sig send 1234 USR1                  send SIGUSR1 to process 1234
  ipc sig send 1234 RTMIN+1 --value 42    with a value, like sigqueue(3)
  ipc sig wait USR1 --timeout 5           exit code 1 if no signal arrives
  ipc sig watch USR1 USR2 RTMIN+1         each signal, its sender and value";

/// The options of `ipc sig`.
#[derive(Args, Debug)]
pub(crate) struct Sig {
    #[command(subcommand)]
    verb: Verb,
}

/// A verb for signals.
#[derive(Debug, Subcommand)]
enum Verb {
    /// Send a signal to a process
    Send {
        /// The id of the process
        #[arg(value_parser = super::pid)]
        pid: i32,
        /// The signal, such as TERM
        #[arg(value_parser = signal)]
        signal: Signal,
        /// Send this value with the signal
        #[arg(long, allow_negative_numbers = true, value_parser = super::number(i64::MIN..=i64::MAX))]
        value: Option<i64>,
    },
    /// Wait for one of the given signals, and print it
    Wait {
        /// The signals, such as TERM USR1 RTMIN+1
        #[arg(required = true, value_parser = signal)]
        signals: Vec<Signal>,
        /// Give up after this time: 2 (seconds), 250ms, 1m; 0 does not wait
        #[arg(long, short = 'w', value_name = "TIME", value_parser = super::duration)]
        timeout: Option<Duration>,
        /// Print JSON, for programs
        #[arg(long)]
        json: bool,
    },
    /// Print each of these signals when it arrives, until interrupted
    Watch {
        /// The signals, such as TERM USR1 RTMIN+1
        #[arg(required = true, value_parser = signal)]
        signals: Vec<Signal>,
        /// Print JSON, for programs: one object a line
        #[arg(long)]
        json: bool,
    },
}

/// A signal for programs.
#[derive(Serialize)]
struct Received {
    signal: String,
    number: i32,
    pid: Option<i32>,
    uid: Option<u32>,
    value: Option<i64>,
}

fn signal(text: &str) -> Result<Signal, String> {
    text.parse().map_err(|why: ipc::core::Error| why.to_string())
}

impl Sig {
    /// Runs the command.
    pub(crate) fn run(self) -> Result<(), Failure> {
        match self.verb {
            Verb::Send { pid, signal, value: None } => Ok(send(pid, signal)?),
            Verb::Send { pid, signal, value: Some(value) } => Ok(send_value(pid, signal, value)?),
            Verb::Wait { signals, timeout, json } => {
                let signals = block(&signals)?;
                let received = match timeout {
                    None => Some(signals.recv()?),
                    Some(timeout) => signals.recv_timeout(timeout)?,
                };
                told(&received.ok_or_else(Failure::no)?, json)
            }
            Verb::Watch { signals, json } => {
                let signals = block(&signals)?;
                loop {
                    told(&signals.recv()?, json)?;
                }
            }
        }
    }
}

/// Receives the signals from here on, and says so to whoever is to send them.
fn block(signals: &[Signal]) -> Result<Signals, Failure> {
    let blocked = Signals::block(SignalSet::from(signals))?;
    output::note(&format!("process {} waits for {}", std::process::id(), blocked.set()));
    Ok(blocked)
}

fn told(info: &SignalInfo, json: bool) -> Result<(), Failure> {
    let received = Received {
        signal: info.signal().to_string(),
        number: info.signal().raw(),
        pid: info.process().map(ipc::core::ProcessId::raw),
        uid: info.user().map(ipc::core::UserId::raw),
        value: info.wide_value(),
    };
    if json {
        let line = serde_json::to_string(&received).map_err(|why| Failure::new("JSON", why))?;
        return output::print(&(line + "\n"));
    }
    let from = received.pid.map(|pid| format!(" from process {pid}")).unwrap_or_default();
    let user = received
        .uid
        .map(|uid| format!(" of {}", crate::machine::users::name(uid)))
        .unwrap_or_default();
    let value = received.value.map(|value| format!(" with value {value}")).unwrap_or_default();
    output::print(&format!("{}{from}{user}{value}\n", received.signal))
}
