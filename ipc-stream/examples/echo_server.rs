//! An echo server that accepts only clients of its own user that run this same program.
//!
//! `cargo run -p ipc-stream --example echo_server`

use std::env;
use std::process::{self, Command};

use ipc_core::Result;
use ipc_stream::{BindOptions, Direction, LocalListener, LocalStream, Policy};

fn main() -> Result<()> {
    match env::args().nth(1) {
        None => server(),
        Some(name) => client(&name),
    }
}

fn server() -> Result<()> {
    let program = env::current_exe().expect("the path of this program");
    let name = env::temp_dir().join(format!("echo-{}.sock", process::id()));
    let policy = Policy::same_user().executable(&program);
    let options = BindOptions::new().policy(policy).refuse_descriptors();
    let listener = match LocalListener::bind_with(&name, options.clone()) {
        // Linux before 6.16.
        Err(err) if err.is_unsupported() => {
            let policy = Policy::same_user().executable(&program);
            LocalListener::bind_with(&name, BindOptions::new().policy(policy))?
        }
        bound => bound?,
    };
    let start = |_| Command::new(&program).arg(&name).spawn().expect("a client");
    let mut clients = [0, 1, 2].map(start);
    for _ in &clients {
        let stream = listener.accept()?; // anyone else was disconnected unread
        println!("server: {} is let in", stream.peer()?);
        let mut bytes = [0; 4096];
        loop {
            match stream.recv(&mut bytes)? {
                0 => break,
                len => stream.send_all(&bytes[..len])?,
            }
        }
    }
    assert!(clients.iter_mut().all(|client| client.wait().expect("a client").success()));
    Ok(())
}

fn client(name: &str) -> Result<()> {
    let stream = LocalStream::connect(name)?;
    let said = format!("hello from {}", process::id());
    stream.send_all(said.as_bytes())?;
    stream.shutdown(Direction::Write)?;
    let mut echo = Vec::new();
    let mut bytes = [0; 64];
    loop {
        match stream.recv(&mut bytes)? {
            0 => break,
            len => echo.extend_from_slice(&bytes[..len]),
        }
    }
    assert_eq!(echo, said.as_bytes());
    println!("client: {}", String::from_utf8_lossy(&echo));
    Ok(())
}
