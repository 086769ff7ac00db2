//! Two processes take turns by two semaphores in one memory: `cargo run -p ipc-sync --example semaphore`.

#![expect(unsafe_code, reason = "opens what its parent made")]

use std::error::Error;

use ipc_mem::Carver;
use ipc_sync::posix::Semaphore;

use common::SharedFile;

mod common;

fn main() -> Result<(), Box<dyn Error>> {
    if let Some(path) = std::env::args().nth(1) {
        // SAFETY: cut up as below.
        let mut carver = unsafe { Carver::attach(SharedFile::open(&path)?) };
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
    let mut carver = Carver::new(SharedFile::create()?)?;
    let ping = Semaphore::create_in(carver.carve(64, 64)?, 0)?;
    let pong = Semaphore::create_in(carver.carve(64, 64)?, 0)?;
    let mut child = SharedFile::start_child()?;
    for turn in 1..=3 {
        println!("parent: ping {turn}");
        ping.post()?;
        pong.wait()?;
    }
    child.wait()?;
    Ok(())
}
