//! A cache that several workers share. One of them is killed by `kill -9`, and the others continue
//! to use the cache.
//!
//! ```sh
//! cargo run -p ipc-heap --example shared_cache
//! ```

use std::env;
use std::process::{self, Command};
use std::thread;
use std::time::Duration;

use ipc_heap::{Heap, HeapDeque, HeapHashMap, HeapOptions, HeapValue};

/// The maximum number of entries.
const ENTRIES: usize = 1000;

/// The number of requests of each worker.
const REQUESTS: u64 = 20_000;

type Cache<'h> = HeapHashMap<'h, u64, [u64; 8]>;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    match env::args().nth(1) {
        Some(name) => Ok(work(&name)?),
        None => lead(),
    }
}

/// The parent: creates the cache, starts workers, kills one, and reports.
fn lead() -> Result<(), Box<dyn std::error::Error>> {
    let name = format!("/shared-cache-{}", process::id());
    let heap = Heap::create(&name, HeapOptions::new(1 << 20).max_size(16 << 20))?;
    heap.create_object::<Cache<'_>>("cache", ())?;
    heap.create_object::<HeapDeque<u64>>("order", &[])?;
    let hits = heap.create_object::<HeapValue<[u64; 2]>>("hits and misses", [0, 0])?;
    let start = || Command::new(env::current_exe()?).arg(&name).spawn();
    let mut workers = [start()?, start()?, start()?];
    while hits.get()?[0] < 1000 {
        thread::sleep(Duration::from_millis(1));
    }
    workers[0].kill()?; // wherever it is
    workers[0].wait()?;
    for worker in &mut workers[1..] {
        assert!(worker.wait()?.success(), "a worker failed");
    }
    let [hits, misses] = hits.get()?;
    let entries = heap.find::<Cache<'_>>("cache")?.lock()?.len();
    println!("{entries} entries, {hits} hits, {misses} misses");
    println!("{} bytes belong to no object", heap.check()?);
    Ok(())
}

/// A worker: looks up keys, and computes those that are not in the cache.
fn work(name: &str) -> ipc_core::Result<()> {
    let heap = Heap::open(name)?;
    let cache = heap.find::<Cache<'_>>("cache")?;
    let order = heap.find::<HeapDeque<u64>>("order")?;
    let hits = heap.find::<HeapValue<[u64; 2]>>("hits and misses")?;
    for request in 0..REQUESTS {
        let key = (request * request + u64::from(process::id())) % 1500;
        let found = cache.lock()?.get(&key);
        hits.update(|counts| counts[usize::from(found.is_none())] += 1)?;
        if found.is_some() {
            continue;
        }
        let value = [key; 8]; // a real worker computes it here
        let mut order = order.lock()?;
        let mut cache = cache.lock()?;
        if order.len() >= ENTRIES {
            if let Some(oldest) = order.pop_front() {
                cache.remove(&oldest);
            }
        }
        if cache.insert(key, value)?.is_none() {
            order.push_back(key)?;
        }
    }
    Ok(())
}
