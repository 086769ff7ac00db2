//! Shared memory of a parent and its child, for the examples.

use std::process::{self, Child, Command};
use std::{env, io};

use ipc_core::Result;
use ipc_mem::{Fresh, SharedMemory};

/// In the parent: 4096 new bytes.
pub(crate) fn create() -> Result<Fresh<SharedMemory>> {
    SharedMemory::create(name(), 4096)
}

/// Starts this program again, with the name of the bytes as its argument.
pub(crate) fn start_child() -> io::Result<Child> {
    Command::new(env::current_exe()?).arg(name()).spawn()
}

fn name() -> String {
    format!("/example-{}", process::id())
}
