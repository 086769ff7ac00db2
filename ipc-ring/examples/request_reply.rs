//! A client whose server is killed by `kill -9` in the middle of a call. The client gets an error,
//! and continues with another server.
//!
//! ```sh
//! cargo run -p ipc-ring --example request_reply
//! ```

use std::env;
use std::process::{self, Child, Command};
use std::time::Duration;

use ipc_mem::Plain;
use ipc_ring::service::{Client, Server};

#[derive(Clone, Copy, Plain)]
#[repr(C)]
struct Query {
    number: u64,
    /// How long the answer takes, in milliseconds.
    takes: u64,
}

#[derive(Clone, Copy, Plain)]
#[repr(C)]
struct Answer {
    square: u64,
    /// The process of the server.
    server: u64,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    match env::args().nth(1) {
        Some(name) => Ok(serve(&name)?),
        None => lead(),
    }
}

fn start(name: &str) -> std::io::Result<Child> {
    Command::new(env::current_exe()?).arg(name).spawn()
}

/// The parent: calls a server, kills it in the middle of a call, and calls another one.
fn lead() -> Result<(), Box<dyn std::error::Error>> {
    let name = format!("/request-reply-{}", process::id());
    let client = Client::<Query, Answer>::open_or_create(&name, 16)?;
    let mut first = start(&name)?;
    let answer = client.call(&Query { number: 7, takes: 0 })?; // waits for the server as well
    println!("server {} says that 7 squared is {}", answer.server, answer.square);

    let slow = Query { number: 8, takes: 60_000 };
    let mut pending = client.submit(&slow)?;
    assert!(pending.wait_timeout(Duration::from_millis(50))?.is_none());
    first.kill()?; // perhaps before the server has taken the call
    first.wait()?;
    let mut second = start(&name)?;
    match pending.wait_timeout(Duration::from_secs(10)) {
        Err(err) if err.is_owner_died() => println!("{err}"),
        other => println!("the first server had not taken the call: {:?}", other.is_ok()),
    }

    let answer = client.call(&Query { number: 8, takes: 0 })?;
    println!("server {} says that 8 squared is {}", answer.server, answer.square);
    assert_eq!((answer.square, answer.server), (64, u64::from(second.id())));
    second.kill()?;
    second.wait()?;
    Ok(())
}

/// A server: answers one call after the other, and gives up those that are cancelled.
fn serve(name: &str) -> ipc_core::Result<()> {
    let server = Server::<Query, Answer>::open(name)?;
    loop {
        let call = server.recv()?;
        for _ in 0..call.takes {
            if call.is_cancelled() {
                break;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        let square = call.number * call.number;
        call.reply(&Answer { square, server: process::id().into() })?;
    }
}
