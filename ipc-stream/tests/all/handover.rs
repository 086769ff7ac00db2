//! Memory that is handed to another process.

use std::fs::File;
use std::io::Write;
use std::os::fd::OwnedFd;
use std::os::unix::fs::FileExt;
use std::time::Duration;

use ipc_core::{Error, Result};
use ipc_stream::{LocalListener, LocalStream, Message, Policy, Seqpacket};
use ipc_testkit::{Child, LeakCheck, Part, Role, fixture, watchdog};
use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals, fcntl_get_seals, memfd_create};

pub(crate) const ROLES: &[(&str, Part)] =
    &[("gets memory", gets_memory), ("refuses what it gets", refuses_what_it_gets)];

const SEALS: SealFlags = SealFlags::SHRINK.union(SealFlags::GROW).union(SealFlags::WRITE);

/// Memory that no process can change any more: opened as a type of memory does it.
#[derive(Debug)]
struct Sealed(File);

impl TryFrom<OwnedFd> for Sealed {
    type Error = Error;

    fn try_from(fd: OwnedFd) -> Result<Self> {
        let seals = fcntl_get_seals(&fd).unwrap_or(SealFlags::empty());
        let why = format_args!("found the seals {seals:?}");
        if seals.contains(SEALS) {
            Ok(Self(fd.into()))
        } else {
            Err(Error::unsealed("fcntl", "m", why))
        }
    }
}

fn memory(seals: SealFlags) -> File {
    let memory = memfd_create("m", MemfdFlags::ALLOW_SEALING | MemfdFlags::CLOEXEC).unwrap();
    let mut memory = File::from(memory);
    memory.write_all(b"an array").unwrap();
    fcntl_add_seals(&memory, seals).unwrap();
    memory
}

fn gets_memory(role: &mut Role) {
    let stream = LocalStream::connect(role.arg(0)).unwrap();
    let memory: Sealed = stream.recv_memory().unwrap().unwrap();
    let mut bytes = [0; 8];
    memory.0.read_exact_at(&mut bytes, 0).unwrap();
    assert_eq!(&bytes, b"an array");
    assert!(memory.0.write_at(b"x", 0).is_err());
    assert!(stream.recv_memory::<Sealed>().unwrap().is_none());
}

#[test]
fn sealed_memory_arrives_in_a_process_that_was_checked_first() {
    watchdog(|| {
        let dir = fixture::dir();
        let path = dir.join("s");
        let listener = LocalListener::bind(&path).unwrap();
        let child = Child::run("gets memory", &[path.to_str().unwrap()]);
        let own = std::env::current_exe().unwrap();
        let peer = listener.accept_if(&Policy::same_user().executable(own)).unwrap();
        peer.send_memory(&memory(SEALS)).unwrap();
        drop(peer);
        child.finish();
    });
}

/// Runs alone in its process, as it counts descriptors.
fn refuses_what_it_gets(_: &mut Role) {
    let (here, there) = Seqpacket::pair().unwrap();
    let (stream, other) = LocalStream::pair().unwrap();
    let unsealed = memory(SealFlags::empty());
    let null = File::open("/dev/null").unwrap();
    let leaks = LeakCheck::of_this_process();
    here.send_memory(&unsealed).unwrap();
    assert!(there.recv_memory::<Sealed>().unwrap_err().is_unsealed());
    here.send_memory(&null).unwrap();
    assert!(there.recv_memory::<Sealed>().unwrap_err().is_unsealed());
    here.send(b"ipc-mem\x01").unwrap();
    let err = there.recv_memory::<Sealed>().unwrap_err();
    assert!(err.is_mismatch() && err.to_string().contains("found no descriptor"), "{err}");
    for bytes in [&b"ipc-mem"[..], b"IPC-MEM\x01"] {
        here.send_message(&Message::new(bytes).descriptor(&unsealed)).unwrap();
        assert!(there.recv_memory::<Sealed>().unwrap_err().is_mismatch());
        stream.send_message(&Message::new(bytes).descriptor(&unsealed)).unwrap();
        assert!(other.recv_memory::<Sealed>().unwrap_err().is_mismatch());
    }
    let two = Message::new(b"ipc-mem\x01").descriptor(&null).descriptor(&null);
    here.send_message(&two).unwrap();
    assert!(there.recv_memory::<Sealed>().unwrap_err().is_too_long());
    let short = Duration::from_millis(10);
    assert!(there.recv_memory_timeout(short, Sealed::try_from).unwrap().is_none());
    leaks.finish();
}

#[test]
fn a_descriptor_without_memory_or_seals_is_refused_and_closed() {
    watchdog(|| Child::run("refuses what it gets", &[]).finish());
}
