//! The program `ipc`: list, inspect and clean up the inter-process communication objects of a
//! machine.
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
An object is given by its name (/frames, or frames), its System V key (0x52e2c1) or its System V \
id (7), and a process by its id (1234). If several objects have the name or number, `ipc show` \
shows all of them; for other commands, add the kind:
  shm:/frames   sem:/ready   mq:/jobs    POSIX memory, semaphore, queue
  segment:7     set:7        queue:7     System V memory, semaphores, queue
  socket:/run/app.sock       pid:1234    Unix socket, process

Exit codes (`ipc lock` and `ipc sem run` exit with the code of their command):
  0         success
  1         failure, timeout, or not found
  2         wrong usage, or a name that several objects have
  69        `ipc lock` or `ipc sem run` could not start its command
  128 + N   signal N ended the command

Examples:
  ipc ls                        list objects, and the processes that use them
  ipc show /frames              show details of one object
  ipc gc --dry-run              print what processes left behind
  ipc lock /nightly -- ./job    run a command while holding a lock";

/// The command line, for completions and man pages: without the hidden options, which completions
/// would show.
#[must_use]
pub fn command() -> clap::Command {
    Arguments::<cmd::Command>::command().mut_subcommand("demo", |demo| {
        let shown = demo.get_arguments().filter(|option| !option.is_hide_set());
        clap::Command::new("demo")
            .about(demo.get_about().cloned().unwrap_or_default())
            .after_help(demo.get_after_help().cloned().unwrap_or_default())
            .args(shown.cloned())
    })
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
