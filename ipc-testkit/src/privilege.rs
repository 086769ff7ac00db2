//! Tests that need root, and the message when they are skipped.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::{env, thread};

use crate::sys;

/// Proof that this process may become another user and mount file systems.
#[derive(Debug, Clone, Copy)]
pub struct Root(());

impl Root {
    /// The user id without privileges.
    pub const NOBODY: u32 = 65534;

    /// Returns the proof if this process has root's privileges. Otherwise prints that the test is
    /// skipped, with the reason `why`, and returns `None`.
    #[must_use]
    pub fn or_skip(why: &str) -> Option<Self> {
        // CAP_SETGID, CAP_SETUID, CAP_SYS_ADMIN: root in a container may lack some.
        const NEEDED: u64 = 1 << 6 | 1 << 7 | 1 << 21;
        let is_root = sys::euid() == 0 && capabilities() & NEEDED == NEEDED;
        if is_root && others_may_run_us() {
            return Some(Self(()));
        }
        let unless =
            if is_root { "; other users may not start programs in this directory" } else { "" };
        skip(&format!("{why}{unless}"));
        None
    }
}

/// Returns `true` if other users may start this program. One built in the home of root they may
/// not.
fn others_may_run_us() -> bool {
    let may = |path: &Path| path.metadata().is_ok_and(|metadata| metadata.mode() & 0o001 != 0);
    env::current_exe().is_ok_and(|program| program.ancestors().all(may))
}

fn capabilities() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("CapEff:"));
    line.and_then(|hex| u64::from_str_radix(hex.trim(), 16).ok()).unwrap_or(0)
}

/// Prints that this test is skipped, with the reason `why`, even if output is captured. CI counts
/// skipped tests.
///
/// # Panics
///
/// If `IPC_TEST_SKIPPED` names a file that cannot be written.
pub fn skip(why: &str) {
    let line = format!("skipped: {}: {why}\n", thread::current().name().unwrap_or("a test"));
    // Nothing can be done about an error here.
    let _ = io::stderr().write_all(line.as_bytes());
    if let Some(path) = env::var_os("IPC_TEST_SKIPPED") {
        let file = OpenOptions::new().append(true).create(true).open(path);
        file.and_then(|mut file| file.write_all(line.as_bytes()))
            .expect("the list of skipped tests");
    }
}
