//! A routing table that workers read without a lock, while another process changes it. The process
//! that changes it is killed by `kill -9`, and so is a worker; a successor continues.
//!
//! ```sh
//! cargo run -p ipc-heap --example routing_table
//! ```

use std::env;
use std::process::{self, Child, Command};
use std::thread;
use std::time::Duration;

use ipc_heap::{Heap, HeapOptions, HeapReadMap, HeapValue};

/// The routes by their first address: the last address, and the next hop.
type Routes<'h> = HeapReadMap<'h, u32, [u32; 2]>;

/// The number of addresses that one route covers.
const SIZE: u32 = 1 << 16;

/// The number of packets that each worker routes.
const PACKETS: u32 = 50_000;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<_> = env::args().collect();
    match args.get(1).map(String::as_str) {
        Some("work") => Ok(work(&args[2])?),
        Some("change") => Ok(change(&args[2])?),
        _ => lead(),
    }
}

/// The parent: creates the table, starts the other processes, kills two of them, and reports.
fn lead() -> Result<(), Box<dyn std::error::Error>> {
    let name = format!("/routing-table-{}", process::id());
    let heap = Heap::create(&name, HeapOptions::new(1 << 20).max_size(16 << 20))?;
    let routes = heap.create_object::<Routes<'_>>("routes", ())?;
    let changes = heap.create_object::<HeapValue<u64>>("changes", 0)?;
    let routed = heap.create_object::<HeapValue<u64>>("routed", 0)?;
    for number in 0..1000 {
        routes.lock()?.insert(number * SIZE, [number * SIZE + SIZE - 1, number])?;
    }
    let start = |task: &str| Command::new(env::current_exe()?).args([task, &name]).spawn();
    let until = |at_least: u64| -> ipc_core::Result<()> {
        while changes.get()? < at_least {
            thread::sleep(Duration::from_millis(1));
        }
        Ok(())
    };
    let mut workers = [start("work")?, start("work")?, start("work")?];
    let mut changer = start("change")?;
    until(500)?;
    kill(&mut changer)?; // wherever it is: the workers do not notice
    kill(&mut workers[0])?;
    let mut successor = start("change")?;
    for worker in &mut workers[1..] {
        assert!(worker.wait()?.success(), "a worker failed");
    }
    kill(&mut successor)?;
    let (packets, changes) = (routed.get()?, changes.get()?);
    println!("{packets} packets routed, {} routes, {changes} changes", routes.lock()?.len());
    println!("{} bytes belong to no object", heap.check()?);
    Ok(())
}

fn kill(child: &mut Child) -> std::io::Result<()> {
    child.kill()?;
    child.wait().map(|_| ())
}

/// Changes the next hop of one route after the other. Each change is a version of the table.
fn change(name: &str) -> ipc_core::Result<()> {
    let heap = Heap::open(name)?;
    let routes = heap.find::<Routes<'_>>("routes")?;
    let changes = heap.find::<HeapValue<u64>>("changes")?;
    for turn in 1000.. {
        let (number, way) = (turn * 7 % 1000, turn / 1000 % 2);
        routes.lock()?.insert(number * SIZE, [number * SIZE + SIZE - 1, number + way * 1000])?;
        changes.update(|changes| *changes += 1)?;
    }
    Ok(())
}

/// Looks up the route of each packet: the last one that begins at its address or below.
fn work(name: &str) -> ipc_core::Result<()> {
    let heap = Heap::open(name)?;
    let routes = heap.find::<Routes<'_>>("routes")?;
    let routed = heap.find::<HeapValue<u64>>("routed")?;
    for packet in 0..PACKETS {
        let address = packet.wrapping_mul(0x9e37_79b9) % (1000 * SIZE);
        let route = routes.last_in(..=address)?;
        let Some((first, [last, hop])) = route else { panic!("no route to {address}") };
        assert!((first..=last).contains(&address) && hop % 1000 == address / SIZE);
    }
    routed.update(|routed| *routed += u64::from(PACKETS))
}
