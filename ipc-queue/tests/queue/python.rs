//! Python at the other end: its packages `posix_ipc` and `sysv_ipc`.

use std::path::PathBuf;

use ipc_queue::{MessageQueue, Select, SysvQueue, SysvQueueOptions};
use ipc_testkit::{Child, fixture, watchdog};

use crate::common::{key, passing, queue};

fn python() -> Option<PathBuf> {
    let packages = [("posix_ipc", "posix_ipc==1.3.2"), ("sysv_ipc", "sysv_ipc==1.2.0")];
    ipc_testkit::python(env!("CARGO_TARGET_TMPDIR"), &packages)
}

const POSIX: &str = r#"
import sys, posix_ipc
ours = posix_ipc.MessageQueue(sys.argv[2], posix_ipc.O_CREX, mode=0o600, max_messages=3, max_message_size=16)
theirs = posix_ipc.MessageQueue(sys.argv[1])
assert (theirs.max_messages, theirs.max_message_size) == (4, 64)
ours.send("low", priority=1)
ours.send(b"high", priority=2)
print("ready", flush=True)
assert input() == "go"
assert theirs.receive() == (b"first", 9)
assert theirs.receive() == (b"", 8)
ours.send(b"")
"#;

#[test]
fn python_and_we_use_each_others_posix_queues() {
    let Some(python) = python() else { return };
    watchdog(|| {
        let (ours, theirs) = (fixture::tagged("rust"), fixture::tagged("python"));
        let out = queue(&ours, 4);
        let mut child = Child::run(&python, &["-c", POSIX, &ours, &theirs]);
        child.wait_for("ready");
        let from = MessageQueue::open(&*theirs).unwrap();
        out.send(b"", 8).unwrap();
        out.send(b"first", 9).unwrap();
        child.tell("go");
        let got = [(); 3].map(|()| from.recv().unwrap());
        let got = got.each_ref().map(|got| (got.bytes.as_slice(), got.priority));
        assert_eq!(got, [(&b"high"[..], 2), (b"low", 1), (b"", 0)]);
        child.finish();
    });
}

const SYSV: &str = r#"
import sys, sysv_ipc
ours = sysv_ipc.MessageQueue(int(sys.argv[2]), sysv_ipc.IPC_CREX, mode=0o600)
theirs = sysv_ipc.MessageQueue(int(sys.argv[1]))
assert theirs.mode == 0o640 and theirs.max_size == 2000
ours.send("seven", type=7)
ours.send(b"three", type=3)
print("ready", flush=True)
assert theirs.receive(type=2) == (b"two", 2)
assert theirs.receive() == (b"one", 1)
"#;

#[test]
fn python_and_we_use_each_others_system_v_queues() {
    let Some(python) = python() else { return };
    watchdog(|| {
        let (ours, theirs) = (key(), key());
        let out = SysvQueue::create(ours, passing().permissions(0o640).byte_limit(2000)).unwrap();
        let keys = [ours, theirs].map(|key| key.raw().to_string());
        let mut child = Child::run(&python, &["-c", SYSV, &keys[0], &keys[1]]);
        child.wait_for("ready");
        let from = SysvQueue::open_or_create(theirs, SysvQueueOptions::new()).unwrap();
        out.send(b"one", 1).unwrap();
        out.send(b"two", 2).unwrap();
        assert_eq!(from.recv(Select::UpTo(9)).unwrap().bytes, b"three");
        assert_eq!(from.recv(Select::Type(7)).unwrap().bytes, b"seven");
        child.finish();
        SysvQueue::remove(theirs).unwrap();
    });
}
