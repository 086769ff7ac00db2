//! Two processes go through three rounds side by side: `cargo run -p ipc-sync --example barrier`.

#![expect(unsafe_code, reason = "opens an object that its parent created")]

use std::error::Error;

use ipc_mem::SharedMemory;
use ipc_sync::pthread::Barrier;

mod common;

fn rounds(who: &str, line: &Barrier) -> ipc_core::Result<()> {
    for round in 1..=3 {
        if line.wait()? {
            println!("{who}: both have come to round {round}");
        }
    }
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    if let Some(name) = std::env::args().nth(1) {
        // SAFETY: the parent made it before it started this process, which it waits for.
        let line = unsafe { Barrier::open_in(SharedMemory::open(&name)?) }?;
        return Ok(rounds("child", &line)?);
    }
    let line = Barrier::create_in(common::create()?, 2)?;
    let mut child = common::start_child()?;
    rounds("parent", &line)?;
    child.wait()?;
    Ok(())
}
