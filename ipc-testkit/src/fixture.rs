//! Names and directories that are removed when the test ends.

use std::ffi::CString;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::{env, fmt, fs, process};

use crate::sys;

/// A unique name for a shared object: `/ipc-test-<pid>-<counter>-<tag>`.
///
/// Dropping it removes all shared memory and named semaphores whose names begin with this name, and
/// the message queue with exactly this name. It dereferences to `str`.
#[derive(Debug)]
pub struct Fixture {
    name: String,
}

/// Returns a new name.
///
/// # Examples
///
/// ```
/// let name = ipc_testkit::fixture::name();
/// assert!(name.starts_with("/ipc-test-"));
/// ```
#[must_use]
pub fn name() -> Fixture {
    tagged("x")
}

/// Returns a new name that ends in `tag`, so that a reader of test output can identify it.
#[must_use]
pub fn tagged(tag: &str) -> Fixture {
    Fixture { name: format!("/{}-{tag}", unique()) }
}

/// Creates a new, empty directory.
///
/// # Panics
///
/// If the directory cannot be created.
#[must_use]
pub fn dir() -> TempDir {
    let path = env::temp_dir().join(unique());
    fs::create_dir(&path).expect("a directory for the test");
    TempDir { path, owner: process::id() }
}

/// The beginning of the names of all processes.
pub(crate) const ANY_PREFIX: &str = "ipc-test-";

/// The beginning of the names that this process makes.
pub(crate) fn prefix(pid: u32) -> String {
    format!("{ANY_PREFIX}{pid}-")
}

fn unique() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    format!("{}{}", prefix(process::id()), NEXT.fetch_add(1, Ordering::Relaxed))
}

/// Removes what a killed process left: its names in `/dev/shm` and its directories.
pub(crate) fn sweep(pid: u32) {
    let prefix = prefix(pid);
    remove_shared(&prefix);
    for entry in fs::read_dir(env::temp_dir()).into_iter().flatten().flatten() {
        if entry.file_name().to_str().is_some_and(|name| name.starts_with(&prefix)) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// Removes every file in `/dev/shm` whose name has this prefix. An error means that it no longer
/// exists.
fn remove_shared(prefix: &str) {
    for entry in fs::read_dir("/dev/shm").into_iter().flatten().flatten() {
        let name = entry.file_name();
        let name = name.to_str().unwrap_or_default();
        if name.strip_prefix("sem.").unwrap_or(name).starts_with(prefix) {
            let _ = fs::remove_file(entry.path()).or_else(|_| fs::remove_dir_all(entry.path()));
        }
    }
}

impl Deref for Fixture {
    type Target = str;

    fn deref(&self) -> &str {
        &self.name
    }
}

impl AsRef<str> for Fixture {
    fn as_ref(&self) -> &str {
        &self.name
    }
}

impl fmt::Display for Fixture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

impl Drop for Fixture {
    fn drop(&mut self) {
        if !self.name[1..].starts_with(&prefix(process::id())) {
            return; // a forked child's copy: the name is its parent's
        }
        remove_shared(&self.name[1..]);
        if let Ok(name) = CString::new(&*self.name) {
            sys::mq_unlink(&name);
        }
    }
}

/// A directory that is removed, with its contents, when this value is dropped.
#[derive(Debug)]
pub struct TempDir {
    path: PathBuf,
    owner: u32,
}

impl Deref for TempDir {
    type Target = Path;

    fn deref(&self) -> &Path {
        &self.path
    }
}

impl Drop for TempDir {
    fn drop(&mut self) {
        if self.owner == process::id() {
            let _ = fs::remove_dir_all(&self.path);
        }
    }
}
