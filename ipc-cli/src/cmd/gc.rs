//! `ipc gc`: removes what should have gone with its last user.

use clap::Args;
use ipc_core::{Name, Result, Trust};
use ipc_shm::{MemoryInfo, SharedMemory};

use crate::cmd::list::named;
use crate::failure::Failure;
use crate::output::{harmless, print};

/// The options of `ipc gc`.
#[derive(Args, Debug)]
pub(crate) struct Gc {
    /// Only what has a name that begins so
    #[arg(default_value = "/")]
    prefix: String,
}

impl Gc {
    /// Removes all that it can, and says of the rest why not.
    pub(crate) fn run(&self) -> Result<(), Failure> {
        let mut left = 0;
        for name in named(SharedMemory::names()?, &self.prefix).filter(is_stale) {
            match SharedMemory::remove_stale_with(&name, Trust::Anyone) {
                Ok(true) => print(&(harmless(format_args!("removed {name}")) + "\n"))?,
                Ok(false) if !is_stale(&name) => {} // somebody was faster, or uses it again
                refused => {
                    left += 1;
                    let why = refused.err().map_or_else(|| String::from("not permitted"), |err| err.to_string());
                    eprintln!("ipc: {}", harmless(format_args!("{name}: {why}")));
                }
            }
        }
        if left == 0 { Ok(()) } else { Err(Failure::new(left, "stale, and still there")) }
    }
}

fn is_stale(name: &Name) -> bool {
    MemoryInfo::of_name(name).is_ok_and(|info| info.is_stale())
}
