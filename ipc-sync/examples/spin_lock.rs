//! Two processes count together without sleeping: `cargo run -p ipc-sync --example spin_lock`.

#![expect(unsafe_code, reason = "opens an object that its parent created")]

use std::error::Error;

use ipc_mem::SharedMemory;
use ipc_sync::pthread::SpinLock;

mod common;

const EACH: u64 = 100_000;

fn count(hits: &SpinLock<u64>) -> ipc_core::Result<()> {
    for _ in 0..EACH {
        *hits.lock()? += 1;
    }
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    if let Some(name) = std::env::args().nth(1) {
        // SAFETY: the parent made it before it started this process, which it waits for.
        let hits = unsafe { SpinLock::open_in(SharedMemory::open(&name)?) }?;
        return Ok(count(&hits)?);
    }
    let hits = SpinLock::create_in(common::create()?, 0)?;
    let mut child = common::start_child()?;
    count(&hits)?;
    child.wait()?;
    println!("{} of {}", *hits.lock()?, 2 * EACH);
    Ok(())
}
