//! A parent gives out jobs, and its child does them:
//! `cargo run -p ipc-sync --example named_semaphore`.

use std::error::Error;
use std::process::{self, Command};
use std::time::Duration;

use ipc_core::Removal;
use ipc_sync::NamedSemaphore;
use ipc_sync::posix::SemaphoreOptions;

const JOBS: u32 = 3;

fn main() -> Result<(), Box<dyn Error>> {
    if let Some(name) = std::env::args().nth(1) {
        let (jobs, done) =
            (NamedSemaphore::open(&name)?, NamedSemaphore::open(format!("{name}-done"))?);
        while jobs.wait_timeout(Duration::from_millis(200))? {
            println!("child {}: did a job", process::id());
            done.post()?;
        }
        return Ok(());
    }
    let name = format!("/example-{}", process::id());
    let options = SemaphoreOptions::new(0).removal(Removal::OnDrop);
    let jobs = NamedSemaphore::create(&name, options)?;
    let done = NamedSemaphore::create(format!("{name}-done"), options)?;
    let mut child = Command::new(std::env::current_exe()?).arg(&name).spawn()?;
    for _ in 0..JOBS {
        jobs.post()?;
    }
    for _ in 0..JOBS {
        done.wait()?;
    }
    println!("parent: all {JOBS} jobs are done");
    child.wait()?;
    Ok(())
}
