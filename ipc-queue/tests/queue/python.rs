//! Python at the other end: its packages `posix_ipc` and `sysv_ipc`, in a virtual environment that is made once and
//! kept beside what cargo builds.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::{fs, process};

use ipc_queue::{MessageQueue, Select, SysvQueue, SysvQueueOptions};
use ipc_testkit::{Child, fixture, skip, watchdog};

use crate::common::{key, passing, queue};

const PACKAGES: [&str; 2] = ["posix_ipc==1.3.2", "sysv_ipc==1.2.0"];

/// The interpreter that has the packages, or none after saying why.
fn python() -> Option<PathBuf> {
    static PYTHON: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    match PYTHON.get_or_init(environment) {
        Ok(python) => Some(python.clone()),
        Err(why) => {
            skip(why);
            None
        }
    }
}

fn environment() -> Result<PathBuf, String> {
    let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join("python-for-ipc-queue");
    let python = place.join("bin/python");
    let works = |python: &Path| run(Command::new(python).args(["-c", "import posix_ipc, sysv_ipc"]));
    if works(&python).is_ok() {
        return Ok(python);
    }
    // Made under another name and moved: nobody uses a half-made one, and who comes second finds the first one's.
    let new = place.with_extension(process::id().to_string());
    let (host, guest) = (Path::new("python3"), new.join("bin/python"));
    let module = |python: &Path, args: &[&OsStr]| run(Command::new(python).arg("-m").args(args));
    let install = |python: &Path, pip: &[&OsStr]| {
        run(Command::new(python).args(["-m", "pip"]).args(pip).args(["install", "-q", "--no-compile"]).args(PACKAGES))
    };
    // A pip of its own takes most of the time, so it gets one only where there is none to borrow.
    let made = module(host, &["venv".as_ref(), "--without-pip".as_ref(), new.as_ref()]).and_then(|()| {
        install(host, &["--python".as_ref(), guest.as_ref()])
            .or_else(|_| module(&guest, &["ensurepip".as_ref()]).and_then(|()| install(&guest, &[])))
    });
    if made.is_ok() && works(&python).is_err() {
        let _ = fs::remove_dir_all(&place);
        let _ = fs::rename(&new, &place);
    }
    let _ = fs::remove_dir_all(&new);
    made?;
    works(&python).map(|()| python)
}

fn run(command: &mut Command) -> Result<(), String> {
    let told = command.stdin(Stdio::null()).output().map_err(|err| format!("{command:?}: {err}"))?;
    let words = String::from_utf8_lossy(&told.stderr);
    if told.status.success() { Ok(()) } else { Err(format!("{command:?}: {}", words.trim().replace('\n', "; "))) }
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
