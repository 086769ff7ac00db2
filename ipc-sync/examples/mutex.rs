//! A process dies holding a lock, and the next one repairs the data:
//! `cargo run -p ipc-sync --example mutex`.

#![expect(unsafe_code, reason = "opens an object that its parent created")]

use std::error::Error;
use std::process;

use ipc_mem::SharedMemory;
use ipc_sync::pthread::Mutex;

mod common;

fn main() -> Result<(), Box<dyn Error>> {
    if let Some(name) = std::env::args().nth(1) {
        // SAFETY: the parent made it before it started this process, which it waits for.
        let twins = unsafe { Mutex::<[u64; 2]>::open_in(SharedMemory::open(&name)?) }?;
        let mut held = twins.lock_or_repair(|_| ())?;
        held[0] += 1;
        println!("child: between the first twin and the second, I die");
        process::abort();
    }
    let twins = Mutex::create_in(common::create()?, [7u64, 7])?;
    let mut child = common::start_child()?;
    child.wait()?;
    let held = twins.lock_or_repair(|twins| {
        println!("parent: the owner died and left {twins:?}");
        twins[1] = twins[0];
    })?;
    println!("parent: the twins are {held:?}");
    Ok(())
}
