//! A parent passes two memory objects to its child: a counter, which the child changes, and frames,
//! which it can only read:
//!
//! ```sh
//! cargo run -p ipc-shm --example anonymous_memory
//! ```

#![expect(unsafe_code, reason = "takes descriptors that were left to it")]

use std::env;
use std::error::Error;
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};

use ipc_mem::{Memory, Tag};
use ipc_shm::{AnonymousMemory, MemoryOptions, Shared};

fn main() -> Result<(), Box<dyn Error>> {
    match env::args().skip(1).map(|number| number.parse()).collect::<Result<Vec<i32>, _>>()?[..] {
        [counter, frames] => child(counter, frames),
        _ => parent(),
    }
}

fn parent() -> Result<(), Box<dyn Error>> {
    let memory = AnonymousMemory::create("counter", MemoryOptions::new(4096).content(Tag::VALUE))?;
    let counter = Shared::<AtomicU64, _>::create_in(memory)?;
    let frames = AnonymousMemory::create("frames", 1 << 20)?;
    frames.seal_writes()?; // from here on nobody but this process writes it

    let mut command = Command::new(env::current_exe()?);
    let numbers = [counter.memory().hand_to(&mut command)?, frames.hand_to(&mut command)?];
    let ended = command.args(numbers.map(|number| number.to_string())).status()?;
    if !ended.success() {
        return Err("the child failed".into());
    }
    println!("the child counted to {}", counter.load(Ordering::Acquire));
    assert_eq!(counter.load(Ordering::Acquire), 1000);
    Ok(())
}

fn child(counter: i32, frames: i32) -> Result<(), Box<dyn Error>> {
    // SAFETY: the parent left this descriptor to this program, and no other code here uses it.
    let counter = unsafe { AnonymousMemory::inherited(counter) }?;
    let counter = Shared::<AtomicU64, _>::open_in(counter)?;
    for _ in 0..1000 {
        counter.fetch_add(1, Ordering::AcqRel);
    }
    // SAFETY: as above.
    let err = unsafe { AnonymousMemory::inherited(frames) }.unwrap_err();
    println!("the frames cannot be written: {err}");
    // SAFETY: as above.
    let frames = unsafe { AnonymousMemory::inherited_read_only(frames) }?;
    println!("the frames can be read: {} bytes", frames.size());
    Ok(())
}
