//! The program `ipc`: inter-process objects, to be tried out and looked at.

mod cmd;
mod failure;
mod output;

use std::process::ExitCode;

use clap::Parser;

/// Inter-process objects, to be tried out and looked at.
#[derive(Debug, Parser)]
#[command(name = "ipc", version)]
struct Arguments {
    #[command(subcommand)]
    command: cmd::Command,
}

fn main() -> ExitCode {
    match Arguments::parse().command.run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("ipc: {failure}");
            failure.exit_code()
        }
    }
}
