//! The program `ipc`: see, explain and clean up every inter-process object of the machine.
//!
//! This library is the program, so that its completions and man pages can be generated; it has no
//! other use.

mod cmd;
mod failure;
mod machine;
mod output;
mod selector;
mod sys;

use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use crate::failure::Failure;

/// See, explain and clean up every inter-process object of the machine
#[derive(Debug, Parser)]
#[command(name = "ipc", version, after_help = AFTER, propagate_version = true, max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    command: cmd::Command,
}

const AFTER: &str = "\
Objects are written as a name (/frames or frames), a key (0x52e2c1), an id or process (1234), or with
their kind: shm:/frames, sem:/ready, mq:/jobs, segment:7, set:7, queue:7, socket:/run/app.sock, pid:1234.

Exit codes: 0 done; 1 not done, or the answer is no; 2 the command line asks for something that cannot
be; 128 + N ended by signal N. `ipc lock` and `ipc sem run` exit as the command that they run.

Examples:
  ipc ls                        what there is, and which processes use it
  ipc show /frames              all that is known of it
  ipc gc --dry-run              what is left behind, and would be removed
  ipc lock /nightly -- ./job    run a command while holding a lock";

/// The command line, for completions and man pages.
#[must_use]
pub fn command() -> clap::Command {
    Arguments::command()
}

/// Runs the program.
#[must_use]
pub fn main() -> ExitCode {
    ended(Arguments::parse().command.run())
}

fn ended(done: Result<(), Failure>) -> ExitCode {
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            if !failure.is_silent() {
                output::note(&failure.to_string());
            }
            failure.exit_code()
        }
    }
}
