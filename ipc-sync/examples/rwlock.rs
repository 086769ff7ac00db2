//! A child reads limits that its parent changes: `cargo run -p ipc-sync --example rwlock`.

#![expect(unsafe_code, reason = "opens an object that its parent created")]

use std::error::Error;

use ipc_mem::SharedMemory;
use ipc_sync::pthread::RwLock;

mod common;

fn main() -> Result<(), Box<dyn Error>> {
    if let Some(name) = std::env::args().nth(1) {
        // SAFETY: the parent made it before it started this process, which it waits for.
        let limits = unsafe { RwLock::<[f64; 2]>::open_in(SharedMemory::open(&name)?) }?;
        while limits.read()?[1] < 10.0 {
            let limits = limits.read()?;
            assert_eq!(limits[0] + 1.0, limits[1], "never seen half-changed");
        }
        println!("child: the limits are {:?}", limits.read()?);
        return Ok(());
    }
    let limits = RwLock::create_in(common::create()?, [0.0f64, 1.0])?;
    let mut child = common::start_child()?;
    for low in 1..=9 {
        let mut limits = limits.write()?;
        limits[0] = f64::from(low);
        limits[1] = f64::from(low + 1);
    }
    println!("parent: changed");
    child.wait()?;
    Ok(())
}
