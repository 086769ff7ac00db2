//! What the program can do: one noun a file.

mod demo;

use clap::Subcommand;

use crate::failure::Failure;

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Several processes find the edges in one picture in shared memory
    Demo(demo::Demo),
    /// One of the processes that `demo` starts
    #[command(hide = true)]
    DemoWorker(demo::Worker),
}

impl Command {
    /// Does it.
    pub(crate) fn run(self) -> Result<(), Failure> {
        match self {
            Command::Demo(demo) => demo.run(),
            Command::DemoWorker(worker) => worker.run(),
        }
    }
}
