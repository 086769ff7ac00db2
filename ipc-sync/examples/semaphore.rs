//! Two processes take turns by two semaphores in one memory:
//! `cargo run -p ipc-sync --example semaphore`.

#![expect(unsafe_code, reason = "opens an object that its parent created")]

use std::error::Error;

use ipc_mem::{Carver, SharedMemory};
use ipc_sync::posix::Semaphore;

mod common;

fn main() -> Result<(), Box<dyn Error>> {
    if let Some(name) = std::env::args().nth(1) {
        // SAFETY: cut up as below.
        let mut carver = unsafe { Carver::attach(SharedMemory::open(&name)?) };
        // SAFETY: the parent made it before it started this process, which it waits for.
        let ping = unsafe { Semaphore::open_in(carver.carve(64, 64)?) }?;
        // SAFETY: as above.
        let pong = unsafe { Semaphore::open_in(carver.carve(64, 64)?) }?;
        for turn in 1..=3 {
            ping.wait()?;
            println!("child: pong {turn}");
            pong.post()?;
        }
        return Ok(());
    }
    let mut carver = Carver::new(common::create()?)?;
    let ping = Semaphore::create_in(carver.carve(64, 64)?, 0)?;
    let pong = Semaphore::create_in(carver.carve(64, 64)?, 0)?;
    let mut child = common::start_child()?;
    for turn in 1..=3 {
        println!("parent: ping {turn}");
        ping.post()?;
        pong.wait()?;
    }
    child.wait()?;
    Ok(())
}
