//! What the program can do: one noun a file.

mod demo;
mod gc;
mod list;

use clap::Subcommand;

use crate::failure::Failure;

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// What has a name in shared memory, and who uses it
    List(list::List),
    /// Removes what should have gone with its last user, because all of them were killed
    Gc(gc::Gc),
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
            Command::List(list) => list.run(),
            Command::Gc(gc) => gc.run(),
            Command::Demo(demo) => demo.run(),
            Command::DemoWorker(worker) => worker.run(),
        }
    }
}
