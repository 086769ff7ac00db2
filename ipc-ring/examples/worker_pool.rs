//! Workers, one of which is killed by `kill -9`: every job is done all the same.
//!
//! ```sh
//! cargo run -p ipc-ring --example worker_pool
//! ```

use std::env;
use std::process::{self, Command};

use ipc_ring::JobQueue;
use ipc_ring::mpmc::{QueueOptions, Received, Receiver, Sender};

const JOBS: u64 = 1000;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    match env::args().nth(1) {
        Some(name) => Ok(work(&name)?),
        None => lead(),
    }
}

/// The parent: starts workers, submits jobs, kills a worker, and collects the results.
fn lead() -> Result<(), Box<dyn std::error::Error>> {
    let name = format!("/worker-pool-{}", process::id());
    let jobs = JobQueue::<u64>::create(&name, 64)?;
    let results = Receiver::<u64>::create(format!("{name}-done"), QueueOptions::new(1024))?;
    let start = || Command::new(env::current_exe()?).arg(&name).spawn();
    let mut workers = [start()?, start()?, start()?];
    for job in 0..JOBS {
        jobs.submit(&job)?;
        if job == JOBS / 2 {
            workers[0].kill()?; // wherever it is
        }
    }
    let mut is_done = vec![false; usize::try_from(JOBS)?];
    while is_done.contains(&false) {
        match results.recv()? {
            Received::Message(job) => is_done[usize::try_from(job)?] = true,
            // The worker died while it was sending a result: its job comes again.
            Received::Lost(count) => println!("{count} results lost"),
        }
    }
    println!("{JOBS} jobs done, by the workers that were left");
    for mut worker in workers {
        worker.kill()?;
        worker.wait()?;
    }
    Ok(())
}

/// A worker: reports a result before the job is done, so that none is missing if it dies.
fn work(name: &str) -> ipc_core::Result<()> {
    let jobs = JobQueue::<u64>::open(name)?;
    let results = Sender::<u64>::open(format!("{name}-done"))?;
    loop {
        let job = jobs.take()?;
        results.send(&job)?;
        job.done()?;
    }
}
