//! Locks on bytes of a file that belong to an open file description. None of these calls waits.

use std::fs::File;
use std::ops::Range;

use ipc_core::fcntl::{Command, fcntl};
use ipc_core::{Errno, ret};

use super::c;

/// The kind of a lock on some bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lock {
    None,
    Shared,
    Exclusive,
}

/// A lock that another open file description or process has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Holder {
    pub(crate) lock: Lock,
    pub(crate) bytes: Range<i64>,
    /// The process that holds the lock. `None` for a lock that belongs to an open file description,
    /// because the system reports no process for it.
    pub(crate) pid: Option<i32>,
}

fn flock(lock: Lock, bytes: &Range<i64>) -> c::flock {
    let kind = match lock {
        Lock::None => c::F_UNLCK,
        Lock::Shared => c::F_RDLCK,
        Lock::Exclusive => c::F_WRLCK,
    };
    // From the beginning of the file: that is 0.
    c::flock {
        l_type: kind,
        l_whence: 0,
        l_start: bytes.start,
        l_len: bytes.end - bytes.start,
        l_pid: 0,
    }
}

/// Locks bytes for this open file description; `EAGAIN` if another one has locked them. The bytes
/// may lie beyond the end of the file.
pub(crate) fn set(file: &File, lock: Lock, bytes: Range<i64>) -> Result<(), Errno> {
    let lock = flock(lock, &bytes);
    ret::retry(|| fcntl(file, Command::SetLock(&lock))).map(drop)
}

/// Returns a lock that prevents this open file description from locking all of these bytes
/// exclusively.
pub(crate) fn query(file: &File, bytes: Range<i64>) -> Result<Option<Holder>, Errno> {
    let mut found = flock(Lock::Exclusive, &bytes);
    fcntl(file, Command::FindLock(&mut found))?;
    let lock = match found.l_type {
        c::F_UNLCK => return Ok(None),
        c::F_RDLCK => Lock::Shared,
        _ => Lock::Exclusive,
    };
    // A length of 0 is all there is.
    let end = if found.l_len == 0 { i64::MAX } else { found.l_start + found.l_len };
    Ok(Some(Holder {
        lock,
        bytes: found.l_start..end,
        pid: Some(found.l_pid).filter(|pid| *pid > 0),
    }))
}
