//! Memory whose pages are allocated before they are needed, and stay resident, as far as this
//! system allows:
//!
//! ```sh
//! cargo run -p ipc-shm --example placement
//! ```

use std::error::Error;

use ipc_mem::Memory;
use ipc_shm::{ForkMemory, Hint, MemoryOptions, Placement};

fn main() -> Result<(), Box<dyn Error>> {
    let placement = Placement::new().prefaulted().huge_pages().numa_node(0);
    let options = MemoryOptions::new(8 << 20).placement(placement);
    let memory = match ForkMemory::create(options.placement(placement.locked())) {
        // The system limits how much a process may lock.
        Err(err) if err.is_no_space() => {
            println!("not locked: {err}");
            ForkMemory::create(options)?
        }
        done => done?,
    };
    let achieved = memory.placement();
    println!(
        "{} bytes, all there: {}, to stay: {}",
        memory.size(),
        achieved.prefaulted,
        achieved.locked
    );
    for (what, hint) in [("huge pages", achieved.huge_pages), ("NUMA node 0", achieved.numa_node)] {
        match hint {
            Hint::Followed => println!("{what}: yes"),
            Hint::Ignored(why) => println!("{what}: no, {why}"),
            Hint::NotGiven => {}
        }
    }
    Ok(())
}
