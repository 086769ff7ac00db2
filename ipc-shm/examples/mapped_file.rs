//! A counter in a file, which persists after the memory is unmapped. (This example removes the file
//! at its end.)
//!
//! ```sh
//! cargo run -p ipc-shm --example mapped_file
//! ```

use std::error::Error;
use std::sync::atomic::{AtomicU64, Ordering};
use std::{env, fs, process};

use ipc_mem::{Memory, Tag};
use ipc_shm::{MappedFile, MemoryOptions, OpenOptions, Shared};

fn main() -> Result<(), Box<dyn Error>> {
    let path = env::temp_dir().join(format!("counter-{}", process::id()));
    let options = MemoryOptions::new(4096).content(Tag::VALUE).max_size(1 << 30);
    let counter = Shared::<AtomicU64, _>::create_in(MappedFile::create(&path, options)?)?;
    counter.fetch_add(1, Ordering::AcqRel);
    counter.memory().flush()?; // now it is on the disk
    drop(counter);

    // Usually in another run.
    let counter = Shared::<AtomicU64, _>::open_in(MappedFile::open(&path)?)?;
    println!("this has run {} times", counter.fetch_add(1, Ordering::AcqRel));
    counter.memory().grow(1 << 20)?; // the counter stays where it is
    println!("{} bytes, of at most {}", counter.memory().size(), counter.memory().max_size());

    // A private copy, whose changes never reach the file, is for arrays: nothing in it is shared.
    let copy = MappedFile::open_copy_on_write(&path, OpenOptions::new())?;
    println!("{}", Shared::<AtomicU64, _>::open_in(copy).unwrap_err());
    fs::remove_file(&path)?;
    Ok(())
}
