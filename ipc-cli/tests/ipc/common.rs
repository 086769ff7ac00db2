//! The program, run once.

use std::cell::Cell;
use std::fs::{self, File};
use std::io::BufReader;
use std::path::Path;
use std::process::{Child, Command, Output};
use std::sync::{RwLock, RwLockReadGuard, RwLockWriteGuard};

use nix::pty::{OpenptyResult, Winsize, openpty};
use serde_json::Value;

pub(crate) const IPC: &str = env!("CARGO_BIN_EXE_ipc");

/// Mounts the file system of message queues in a new mount namespace, as root, for a machine on
/// which it is not mounted.
const WITH_QUEUES: &str = "mount -t mqueue none /mnt && exec \"$0\" \"$@\"";

/// Held while a program of a test looks at all objects, or collects those of a user.
static LOOKS: RwLock<()> = RwLock::new(());

thread_local! {
    static IS_ALONE: Cell<bool> = const { Cell::new(false) };
}

/// While it lives, no program of another test looks at objects: one that does has them open for a
/// moment, so that they are in use.
pub(crate) struct Alone {
    _others: RwLockWriteGuard<'static, ()>,
}

impl Alone {
    pub(crate) fn wait() -> Self {
        let others = LOOKS.write().unwrap_or_else(|poisoned| poisoned.into_inner());
        IS_ALONE.set(true);
        Self { _others: others }
    }
}

impl Drop for Alone {
    fn drop(&mut self) {
        IS_ALONE.set(false);
    }
}

/// To be held while a program looks at objects.
pub(crate) fn look() -> Option<RwLockReadGuard<'static, ()>> {
    let wait = || LOOKS.read().unwrap_or_else(|poisoned| poisoned.into_inner());
    (!IS_ALONE.get()).then(wait)
}

/// Runs `ipc` on a terminal of this size, whose text the other value reads.
pub(crate) fn on_terminal(size: [u16; 2], args: &[&str]) -> (Child, BufReader<File>) {
    let mut command = Command::new(IPC);
    command.args(args);
    on_terminal_with(size, command)
}

/// Starts a command on a terminal of this size.
pub(crate) fn on_terminal_with(
    [rows, columns]: [u16; 2],
    mut command: Command,
) -> (Child, BufReader<File>) {
    let size = Winsize { ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
    let OpenptyResult { master, slave } = openpty(&size, None).unwrap();
    let child = command.env("NO_COLOR", "1").stdout(slave).spawn().unwrap();
    (child, BufReader::new(master.into()))
}

/// Runs `ipc`.
pub(crate) fn run(args: &[&str]) -> Output {
    let _look = look();
    let mounts = fs::read_to_string("/proc/self/mounts").unwrap();
    let is_mounted = mounts.lines().any(|mount| mount.split(' ').nth(2) == Some("mqueue"));
    let mut command = if is_mounted {
        Command::new(IPC)
    } else {
        let mut unshare = Command::new("unshare");
        unshare.args(["--mount", "sh", "-c", WITH_QUEUES, IPC]);
        unshare
    };
    command.args(args).env("NO_COLOR", "1").output().unwrap()
}

/// The output of `ipc`, which has to succeed.
pub(crate) fn ipc(args: &[&str]) -> String {
    let output = run(args);
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The exit code, and what it writes to standard error.
pub(crate) fn refused(args: &[&str]) -> (Option<i32>, String) {
    let output = run(args);
    assert!(!output.status.success(), "{args:?} succeeded");
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

/// The objects whose selector begins so, as `ipc ls --all --json` lists them.
pub(crate) fn objects(begin: &str) -> Vec<Value> {
    let listing: Value = serde_json::from_str(&ipc(&["ls", "--all", "--json"])).unwrap();
    let objects = listing["objects"].as_array().unwrap();
    objects
        .iter()
        .filter(|object| object["selector"].as_str().unwrap().starts_with(begin))
        .cloned()
        .collect()
}

/// The one object with this selector.
pub(crate) fn object(selector: &str) -> Option<Value> {
    objects(selector).into_iter().find(|object| object["selector"] == selector)
}

/// The state of an object; none if there is no such object.
pub(crate) fn state(selector: &str) -> Option<String> {
    Some(object(selector)?["state"].as_str()?.to_owned())
}

/// The processes that use an object.
pub(crate) fn pids(object: &Value) -> Vec<i64> {
    object["processes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|process| process["pid"].as_i64().unwrap())
        .collect()
}

/// A copy of the program that another user may run. Another process copies it: children of a
/// concurrent test could inherit our descriptor, and a file that is open for writing cannot be run.
pub(crate) fn copy_for_others(dir: &Path) -> std::path::PathBuf {
    use std::os::unix::fs::PermissionsExt;

    let copy = dir.join("ipc");
    assert!(Command::new("cp").arg(IPC).arg(&copy).status().unwrap().success());
    for path in [dir, &copy] {
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }
    copy
}
