//! Sockets, FIFOs and file locks in processes that lack something.

use std::fs;
use std::path::PathBuf;
use std::thread;

use ipc_core::{Error, Result};
use ipc_stream::{
    BindOptions, Datagram, Fifo, FileLock, LockKind, Message, Policy, Seqpacket, SeqpacketListener,
};
use ipc_testkit::adversity::{self, Row};
use ipc_testkit::{Part, Role};

pub(crate) const ROLES: &[(&str, Part)] = &[("adversity", meets_an_adversity)];

const ROWS: &[Row<Error>] = &[
    Row { name: "a listener", run: listener },
    Row { name: "a datagram socket", run: datagram },
    Row { name: "a FIFO", run: fifo },
    Row { name: "a file lock", run: file_lock },
];

/// In the folder of shared memory, whose names are compared before and after.
fn path(name: &str) -> PathBuf {
    PathBuf::from(format!("/dev/shm{name}"))
}

fn listener(name: &str) -> Result<()> {
    let options = BindOptions::new().policy(Policy::same_user());
    let listener = SeqpacketListener::bind_with(path(name), options)?;
    assert!(SeqpacketListener::bind(path(name)).is_err(), "the name of a live server");
    let client = Seqpacket::connect(path(name))?;
    let server = listener.accept()?;
    client.send_message(&Message::new(b"x").descriptor(&client))?;
    assert_eq!(server.recv_message(&mut [0], 1)?.descriptors().len(), 1);
    // A name that a server left, and its successor.
    let mut killed = listener;
    killed.keep_name();
    drop((killed, client, server));
    // A child that was just forked has a copy of the listener until it ends.
    loop {
        match SeqpacketListener::bind(path(name)) {
            Err(err) if err.is_exists() => thread::yield_now(),
            bound => {
                let done = bound.map(drop);
                let _ = fs::remove_file(path(name)); // of an error
                return done;
            }
        }
    }
}

fn datagram(name: &str) -> Result<()> {
    let socket = Datagram::bind(path(name))?;
    let sender = Datagram::unbound().map_err(|err| err.on(name))?;
    sender.send_to(b"x", path(name))?;
    assert_eq!(socket.recv(&mut [0])?, 1);
    Ok(())
}

fn fifo(name: &str) -> Result<()> {
    let fifo = Fifo::create(path(name), 0o600)?;
    let reader = fifo.reader()?;
    let writer = Fifo::open(path(name))?.writer()?;
    assert_eq!(writer.send(b"x").map_err(|err| err.on(name))?, 1);
    assert_eq!(reader.recv(&mut [0]).map_err(|err| err.on(name))?, 1);
    Ok(())
}

fn file_lock(name: &str) -> Result<()> {
    let mut file = FileLock::open_or_create(path(name), 0o600)?;
    let done = lock_and_unlock(&mut file);
    let _ = fs::remove_file(path(name));
    done
}

fn lock_and_unlock(file: &mut FileLock) -> Result<()> {
    let mut other = file.reopen()?;
    let held = file.lock()?;
    assert!(other.try_lock(LockKind::Shared)?.is_none());
    held.unlock()?;
    assert!(other.try_lock(LockKind::Shared)?.is_some());
    Ok(())
}

#[test]
fn sockets_fifos_and_locks_work_or_report_an_error_in_every_adversity() {
    adversity::meet_all(ROWS);
}

fn meets_an_adversity(role: &mut Role) {
    adversity::meet(role, ROWS, |err, name| err.object().contains(name));
}
