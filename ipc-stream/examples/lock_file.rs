//! A job that must not run twice at once, however often it is started, and that does not wait for
//! ever.
//!
//! `cargo run -p ipc-stream --example lock_file`

use std::env;
use std::io::{BufRead, BufReader, Write};
use std::process::{self, Command, Stdio};
use std::time::Duration;

use ipc_core::Result;
use ipc_stream::{FileLock, LockKind};

fn main() -> Result<()> {
    match env::args().nth(1) {
        None => first(),
        Some(path) => second(&path),
    }
}

fn first() -> Result<()> {
    let path = env::temp_dir().join(format!("nightly-{}.lock", process::id()));
    let mut lock = FileLock::open_or_create(&path, 0o600)?;
    let held = lock.lock()?;
    writeln!(held.file(), "{}", process::id()).expect("room for a number");

    let program = env::current_exe().expect("the path of this program");
    let mut other =
        Command::new(program).arg(&path).stdout(Stdio::piped()).spawn().expect("another");
    let mut lines = BufReader::new(other.stdout.take().expect("its output")).lines();
    let mut line = || lines.next().and_then(|line| line.ok()).unwrap_or_default();
    println!("{}", line());
    drop(held);
    println!("{}", line());
    assert!(other.wait().expect("another").success());
    std::fs::remove_file(&path).expect("a file that no process locks any more");
    Ok(())
}

fn second(path: &str) -> Result<()> {
    let mut lock = FileLock::open(path)?;
    if lock.lock_timeout(Duration::from_millis(20))?.is_none() {
        let holder = lock.holder(LockKind::Exclusive)?;
        println!("second: it runs already: {:?}", holder.map(|holder| holder.kind()));
    }
    let held = lock.lock_timeout(Duration::from_secs(30))?;
    println!("second: {}", if held.is_some() { "now it is my turn" } else { "it never ended" });
    Ok(())
}
