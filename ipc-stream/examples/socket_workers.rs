//! A foreman feeds a pool of workers through one seqpacket connection each: a job goes to one that
//! is free.
//!
//! `cargo run -p ipc-stream --example socket_workers`

use std::env;
use std::process::{self, Command};
use std::thread;

use ipc_core::Result;
use ipc_stream::{BindOptions, Policy, Seqpacket, SeqpacketListener};

const WORKERS: usize = 3;
const JOBS: u32 = 30;

fn main() -> Result<()> {
    match env::args().nth(1) {
        None => foreman(),
        Some(name) => worker(&name),
    }
}

fn foreman() -> Result<()> {
    let name = env::temp_dir().join(format!("workers-{}.sock", process::id()));
    let options = BindOptions::new().policy(Policy::same_user());
    let listener = SeqpacketListener::bind_with(&name, options)?;
    let program = env::current_exe().expect("the path of this program");
    let start = |_| Command::new(&program).arg(&name).spawn().expect("a worker");
    let mut workers: Vec<_> = (0..WORKERS).map(start).collect();

    let (jobs, next) = std::sync::mpsc::channel();
    for job in 0..JOBS {
        jobs.send(job).expect("a receiver that lives");
    }
    drop(jobs);
    let next = std::sync::Mutex::new(next);
    let done: u32 = thread::scope(|scope| {
        let feeders: Vec<_> =
            (0..WORKERS).map(|_| scope.spawn(|| feed(&listener, &next))).collect();
        feeders.into_iter().map(|feeder| feeder.join().expect("a feeder")).sum::<Result<u32>>()
    })?;
    assert_eq!(done, JOBS);
    assert!(workers.iter_mut().all(|worker| worker.wait().expect("a worker").success()));
    println!("foreman: {done} jobs done");
    Ok(())
}

/// Gives jobs to one worker as long as there are some, and returns how many it did.
fn feed(
    listener: &SeqpacketListener,
    next: &std::sync::Mutex<std::sync::mpsc::Receiver<u32>>,
) -> Result<u32> {
    let worker = listener.accept()?;
    let mut done = 0;
    loop {
        let job = next.lock().ok().and_then(|next| next.recv().ok());
        let Some(job) = job else { return Ok(done) }; // dropping the connection is the end
        worker.send(&job.to_le_bytes())?;
        let mut result = [0; 8];
        if worker.recv(&mut result)? == 0 {
            return Ok(done); // it died; another would get the job here
        }
        done += 1;
    }
}

fn worker(name: &str) -> Result<()> {
    let foreman = Seqpacket::connect(name)?;
    let (mut job, mut count) = ([0; 4], 0);
    while foreman.recv(&mut job)? == job.len() {
        let sum: u64 = (0..=u64::from(u32::from_le_bytes(job))).sum();
        foreman.send(&sum.to_le_bytes())?;
        count += 1;
    }
    println!("worker {}: {count} jobs", process::id());
    Ok(())
}
