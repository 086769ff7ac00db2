//! A child dies while it holds permits, and the system releases them:
//! `cargo run -p ipc-sync --example semaphore_set`.

use std::error::Error;
use std::process::{self, Command};

use ipc_core::{Key, Removal};
use ipc_sync::sysv::{Operation, SemaphoreSet, SetOptions};

fn main() -> Result<(), Box<dyn Error>> {
    let tapes_and_printer = [Operation::take(0, 2).undo(), Operation::take(1, 1).undo()];
    if let Some(key) = std::env::args().nth(1) {
        let set = SemaphoreSet::open(Key::new(key.parse()?))?;
        set.operate(&tapes_and_printer)?;
        println!("child: with two tapes and the printer ({:?} left), I die", set.values()?);
        process::abort();
    }
    let key = Key::new(process::id().cast_signed());
    let set = SemaphoreSet::create(key, SetOptions::new([3, 1]).removal(Removal::OnDrop))?;
    let mut child = Command::new(std::env::current_exe()?).arg(key.raw().to_string()).spawn()?;
    child.wait()?;
    println!("parent: {:?} are left", set.values()?);
    set.operate(&tapes_and_printer)?;
    println!("parent: and I have them");
    Ok(())
}
