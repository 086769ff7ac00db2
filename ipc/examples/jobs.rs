//! Jobs for several processes: a message queue, sums under a lock, and a signal that ends the
//! workers.
//!
//! ```sh
//! cargo run -p ipc --example jobs
//! ```

use std::env;
use std::process::{self, Command};

use ipc::core::{Removal, Signal};
use ipc::mem::{Plain, Resident};
use ipc::queue::{MessageQueue, QueueOptions};
use ipc::shm::Shared;
use ipc::signal::send;
use ipc::sync::{posix::Semaphore, pthread::Mutex};

/// Data that any process may read and write as bytes.
#[derive(Clone, Copy, Plain)]
#[repr(C)]
struct Sums {
    jobs: u64,
    total: u64,
}

/// An object in shared memory, used through `&` by all processes.
#[derive(Resident)]
#[repr(C)]
struct Board {
    sums: Mutex<Sums>,
    done: Semaphore,
}

const JOBS: u8 = 100;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    match env::args().nth(1) {
        Some(name) => Ok(work(&name)?),
        None => lead(),
    }
}

/// The parent: creates the objects, starts workers, hands out jobs, and prints the sums.
fn lead() -> Result<(), Box<dyn std::error::Error>> {
    let name = format!("/jobs-{}", process::id());
    let board = Shared::<Board>::create(&name)?;
    let jobs = MessageQueue::create(&name, QueueOptions::new(8, 1).removal(Removal::OnDrop))?;
    let start = || Command::new(env::current_exe()?).arg(&name).spawn();
    let mut workers = [start()?, start()?, start()?];
    for job in 0..JOBS {
        jobs.send(&[job], 0)?;
    }
    for _ in 0..JOBS {
        board.done.wait()?;
    }
    for worker in &mut workers {
        send(&*worker, Signal::TERM)?;
        worker.wait()?;
    }
    let sums = *board.sums.lock()?;
    println!("{} jobs, their sum is {}", sums.jobs, sums.total);
    assert_eq!(sums.total, (0..u64::from(JOBS)).sum());
    Ok(())
}

/// A worker: takes jobs until it is ended.
fn work(name: &str) -> ipc::core::Result<()> {
    let (board, jobs) = (Shared::<Board>::open(name)?, MessageQueue::open(name)?);
    loop {
        let job = jobs.recv()?.bytes[0];
        // The closure repairs what a worker left that was killed while it held the lock.
        let mut sums = board.sums.lock_or_repair(|_| ())?;
        sums.jobs += 1;
        sums.total += u64::from(job);
        drop(sums);
        board.done.post()?;
    }
}
