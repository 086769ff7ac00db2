//! A child waits until its parent has counted far enough:
//! `cargo run -p ipc-sync --example condvar`.

#![expect(unsafe_code, reason = "opens an object that its parent created")]

use std::error::Error;

use ipc_mem::{Carver, SharedMemory};
use ipc_sync::pthread::{Condvar, Mutex};

mod common;

const FAR_ENOUGH: u32 = 5;

fn main() -> Result<(), Box<dyn Error>> {
    if let Some(name) = std::env::args().nth(1) {
        // SAFETY: cut up as below.
        let mut carver = unsafe { Carver::attach(SharedMemory::open(&name)?) };
        // SAFETY: the parent made it before it started this process, which it waits for.
        let count = unsafe { Mutex::<u32>::open_in(carver.carve(64, 64)?) }?;
        // SAFETY: as above.
        let counted = unsafe { Condvar::open_in(carver.carve(64, 64)?) }?;
        let held = count.lock_or_repair(|_| ())?;
        match counted.wait_while(held, |count| *count < FAR_ENOUGH) {
            Ok(count) => println!("child: the parent has come to {}", *count),
            Err(err) => println!("child: {err}"),
        }
        return Ok(());
    }
    let mut carver = Carver::new(common::create()?)?;
    let count = Mutex::create_in(carver.carve(64, 64)?, 0u32)?;
    let counted = Condvar::create_in(carver.carve(64, 64)?)?;
    let mut child = common::start_child()?;
    for _ in 0..FAR_ENOUGH {
        *count.lock_or_repair(|_| ())? += 1;
        counted.notify_all()?;
    }
    child.wait()?;
    Ok(())
}
