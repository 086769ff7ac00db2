//! The project's own chores: `cargo xtask bindgen`, `cargo xtask tidy`, `cargo xtask ci`.

use std::process::ExitCode;

use clap::Parser;

mod bindgen;
mod ci;
mod tidy;

/// The project's own chores
#[derive(Debug, Parser)]
#[command(name = "cargo xtask")]
enum Chore {
    /// Writes the bindings of ipc-sys anew from the system's headers
    Bindgen {
        /// Write nothing, but fail if the bindings in the tree are not what the headers give
        #[arg(long)]
        check: bool,
        /// Only this target; all that are in the tree if not given
        #[arg(long)]
        target: Option<String>,
        /// Install libclang and the cross headers first
        #[arg(long)]
        install: bool,
    },
    /// Checks the invariants of ARCHITECTURE.md and CONTRIBUTING.md that a program can check
    Tidy,
    /// Runs what CI runs after `cargo test --workspace`
    Ci,
}

fn main() -> ExitCode {
    let done = match Chore::parse() {
        Chore::Bindgen { check, target, install } => bindgen::run(check, target.as_deref(), install),
        Chore::Tidy => tidy::run(),
        Chore::Ci => ci::run(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("error: {why}");
            ExitCode::FAILURE
        }
    }
}
