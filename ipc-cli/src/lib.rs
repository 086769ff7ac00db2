//! The program `ipc`: list, inspect and clean up the inter-process communication objects of a machine.
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

use clap::{CommandFactory, Parser, Subcommand};

use crate::failure::Failure;

/// List, inspect and clean up the inter-process communication objects of this machine
#[derive(Debug, Parser)]
#[command(name = "ipc", version, after_help = AFTER, propagate_version = true, max_term_width = 100)]
struct Arguments<C: Subcommand> {
    #[command(subcommand)]
    command: C,
}

const AFTER: &str = "\
Objects are named on the command line by name (/frames, or frames), by System V key (0x52e2c1), or \
by System V id or process id (1234). If several objects have the name, add the kind: shm:/frames, \
sem:/ready, mq:/jobs, segment:7, set:7, queue:7, socket:/run/app.sock, pid:1234.

Exit codes: 0 success; 1 failure, or a negative answer such as a timeout; 2 wrong usage. `ipc lock` \
and `ipc sem run` exit with the code of their command, or with 128 + N if signal N ended it.

Examples:
  ipc ls                        list objects, and the processes that use them
  ipc show /frames              show details of one object
  ipc gc --dry-run              print what processes left behind
  ipc lock /nightly -- ./job    run a command while holding a lock";

/// The command line, for completions and man pages.
#[must_use]
pub fn command() -> clap::Command {
    Arguments::<cmd::Command>::command()
}

/// Runs the program.
#[must_use]
pub fn main() -> ExitCode {
    ended(Arguments::<cmd::All>::parse().command.run())
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
