//! Three processes count in one struct, which they open by name:
//!
//! ```sh
//! cargo run -p ipc-shm --example shared_counters
//! ```

use std::error::Error;
use std::process::{self, Child, Command};
use std::sync::atomic::{AtomicU64, Ordering};
use std::{env, io};

use ipc_mem::Resident;
use ipc_shm::Shared;

/// Lives in shared memory: all processes use it through `&`, at the same time.
#[derive(Resident)]
#[repr(C)]
struct Counters {
    requests: AtomicU64,
    bytes: AtomicU64,
}

fn main() -> Result<(), Box<dyn Error>> {
    env::args().nth(1).map_or_else(parent, |name| worker(&name))
}

fn parent() -> Result<(), Box<dyn Error>> {
    let name = format!("/counters-{}", process::id());
    let counters = Shared::<Counters>::create(&name)?; // its name goes when this is dropped

    let this = env::current_exe()?;
    let workers: io::Result<Vec<Child>> =
        (0..2).map(|_| Command::new(&this).arg(&name).spawn()).collect();
    for mut worker in workers? {
        if !worker.wait()?.success() {
            return Err("a worker failed".into());
        }
    }
    let (requests, bytes) =
        (counters.requests.load(Ordering::Acquire), counters.bytes.load(Ordering::Acquire));
    println!("{requests} requests, {bytes} bytes");
    assert_eq!((requests, bytes), (2000, 2000 * 512));
    Ok(())
}

fn worker(name: &str) -> Result<(), Box<dyn Error>> {
    let counters = Shared::<Counters>::open(name)?;
    for _ in 0..1000 {
        counters.requests.fetch_add(1, Ordering::AcqRel);
        counters.bytes.fetch_add(512, Ordering::AcqRel);
    }
    Ok(())
}
