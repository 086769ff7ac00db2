//! Two processes share a counter in System V memory, by its id:
//!
//! ```sh
//! cargo run -p ipc-shm --example sysv_memory
//! ```

use std::env;
use std::error::Error;
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};

use ipc_core::{Key, Removal};
use ipc_mem::Tag;
use ipc_shm::{MemoryOptions, Shared, SysvMemory};

fn main() -> Result<(), Box<dyn Error>> {
    match env::args().nth(1) {
        Some(id) => child(id.parse()?),
        None => parent(),
    }
}

fn parent() -> Result<(), Box<dyn Error>> {
    // The system removes the segment when the last process detaches from it, or ends, or is killed.
    let options = MemoryOptions::new(4096).content(Tag::VALUE).removal(Removal::LastDetach);
    let counter = Shared::<AtomicU64, _>::create_in(SysvMemory::create(Key::PRIVATE, options)?)?;
    let id = counter.memory().id();
    if !Command::new(env::current_exe()?).arg(id.to_string()).status()?.success() {
        return Err("the child failed".into());
    }
    let info = counter.memory().info()?;
    println!("the child counted to {}", counter.load(Ordering::Acquire));
    println!(
        "{} bytes with mode {}, last used by {:?}",
        info.size, info.permissions, info.last_process
    );
    assert_eq!(counter.load(Ordering::Acquire), 1000);
    Ok(())
}

fn child(id: i32) -> Result<(), Box<dyn Error>> {
    let counter = Shared::<AtomicU64, _>::open_in(SysvMemory::open_id(id)?)?;
    for _ in 0..1000 {
        counter.fetch_add(1, Ordering::AcqRel);
    }
    Ok(())
}
