//! Three processes: a foreman sends jobs, and two workers do the urgent ones first.
//!
//! `cargo run -p ipc-queue --example priority_work_queue`

use std::env;
use std::process::{self, Command};

use ipc_core::{Removal, Result};
use ipc_mem::Plain;
use ipc_queue::{MessageQueue, QueueOptions, Receiver, Sender};

#[derive(Clone, Copy, Plain)]
#[repr(C)]
struct Job {
    number: u32,
    load: u32,
}

/// The last job, after which a worker ends.
const END: Job = Job { number: 0, load: 0 };

fn main() -> Result<()> {
    match env::args().nth(1) {
        None => foreman(),
        Some(queue) => worker(&queue),
    }
}

fn foreman() -> Result<()> {
    let name = format!("/jobs-{}", process::id());
    let options = QueueOptions::new(8, size_of::<Job>()).removal(Removal::OnDrop);
    let jobs = Sender::new(MessageQueue::create(&name, options)?)?;
    for number in 1..=6 {
        let urgent = number % 3 == 0;
        jobs.send(Job { number, load: 10_000 * number }, if urgent { 9 } else { 1 })?;
    }
    let program = env::current_exe().expect("the path of this program");
    let start = |_| Command::new(&program).arg(&name).spawn().expect("a second process");
    let mut workers = [0, 1].map(start);
    for _ in &workers {
        jobs.send(END, 0)?; // less urgent than any job
    }
    for worker in &mut workers {
        assert!(worker.wait().expect("a worker").success());
    }
    println!("foreman: all done");
    Ok(())
}

fn worker(queue: &str) -> Result<()> {
    let jobs = Receiver::<Job>::new(MessageQueue::open(queue)?)?;
    loop {
        let (job, priority) = jobs.recv()?;
        if job.number == END.number {
            return Ok(());
        }
        let sum: u64 = (0..u64::from(job.load)).sum();
        println!("worker {}: job {} of priority {priority}, {sum}", process::id(), job.number);
    }
}
