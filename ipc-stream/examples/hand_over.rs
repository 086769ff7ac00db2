//! Hands a file of numbers, which no process can change any more, to a process that was checked
//! first.
//!
//! `cargo run -p ipc-stream --example hand_over`

use std::env;
use std::fs::File;
use std::io::Write;
use std::os::fd::OwnedFd;
use std::os::unix::fs::FileExt;
use std::process::{self, Command};

use ipc_core::{Error, Result};
use ipc_stream::{BindOptions, Policy, Seqpacket, SeqpacketListener};
use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals, fcntl_get_seals, memfd_create};

const COUNT: u32 = 1000;
/// Neither longer nor shorter, nor of other bytes.
const SEALS: SealFlags = SealFlags::SHRINK.union(SealFlags::GROW).union(SealFlags::WRITE);

fn main() -> Result<()> {
    match env::args().nth(1) {
        None => giver(),
        Some(name) => taker(&name),
    }
}

fn giver() -> Result<()> {
    let program = env::current_exe().expect("the path of this program");
    let name = env::temp_dir().join(format!("hand-over-{}.sock", process::id()));
    let listener = SeqpacketListener::bind_with(&name, BindOptions::new())?;
    let mut child = Command::new(&program).arg(&name).spawn().expect("the other process");
    let given = give(&listener, &Policy::same_user().executable(&program));
    assert!(child.wait().expect("the other process").success());
    given
}

fn give(listener: &SeqpacketListener, policy: &Policy) -> Result<()> {
    let flags = MemfdFlags::ALLOW_SEALING | MemfdFlags::CLOEXEC;
    let mut numbers = File::from(memfd_create("numbers", flags).expect("memory without a name"));
    for number in 0..COUNT {
        numbers.write_all(&number.to_le_bytes()).expect("room for it");
    }
    fcntl_add_seals(&numbers, SEALS).expect("seals");

    let peer = listener.accept()?;
    println!("giver: {}", peer.check(policy)?);
    peer.send_memory(&numbers)
}

/// Numbers that no process can change.
struct Numbers(File);

impl TryFrom<OwnedFd> for Numbers {
    type Error = Error;

    fn try_from(fd: OwnedFd) -> Result<Self> {
        let file = File::from(fd);
        let seals = fcntl_get_seals(&file).unwrap_or(SealFlags::empty());
        if !seals.contains(SEALS) {
            return Err(Error::unsealed("fcntl", "numbers", format_args!("found only {seals:?}")));
        }
        match file.metadata().map(|metadata| metadata.len()) {
            Ok(len) if len == u64::from(4 * COUNT) => Ok(Self(file)),
            found => {
                Err(Error::mismatch("fstat", "numbers", format_args!("found {found:?} bytes")))
            }
        }
    }
}

fn taker(name: &str) -> Result<()> {
    let peer = Seqpacket::connect(name)?;
    let Some(Numbers(numbers)) = peer.recv_memory()? else { return Ok(()) };
    let mut bytes = vec![0; 4 * COUNT as usize];
    numbers.read_exact_at(&mut bytes, 0).expect("all bytes, as their number is sealed");
    let sum: u32 =
        bytes.chunks_exact(4).map(|b| u32::from_le_bytes([b[0], b[1], b[2], b[3]])).sum();
    println!("taker: the sum is {sum}");
    assert_eq!(sum, COUNT * (COUNT - 1) / 2);
    Ok(())
}
