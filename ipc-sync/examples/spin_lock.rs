//! Two processes count together without sleeping: `cargo run -p ipc-sync --example spin_lock`.

#![expect(unsafe_code, reason = "opens what its parent made")]

use std::error::Error;

use ipc_sync::pthread::SpinLock;

use common::SharedFile;

mod common;

const EACH: u64 = 100_000;

fn count(hits: &SpinLock<u64>) -> ipc_core::Result<()> {
    for _ in 0..EACH {
        *hits.lock()? += 1;
    }
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    if let Some(path) = std::env::args().nth(1) {
        // SAFETY: the parent made it before it started this process, which it waits for.
        let hits = unsafe { SpinLock::open_in(SharedFile::open(&path)?) }?;
        return Ok(count(&hits)?);
    }
    let hits = SpinLock::create_in(SharedFile::create()?, 0)?;
    let mut child = SharedFile::start_child()?;
    count(&hits)?;
    child.wait()?;
    println!("{} of {}", *hits.lock()?, 2 * EACH);
    Ok(())
}
