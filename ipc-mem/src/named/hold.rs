//! A lock on bytes of a file that the kernel releases when this process drops it, ends or calls
//! `exec`.
//!
//! The lock belongs to a description of the file that only one mapped page keeps open. A forked
//! child does not inherit that page; `munmap`, `exec` and the end of the process remove it, and
//! with it the lock.

use std::fs::File;
use std::ops::Range;
use std::thread;
use std::time::{Duration, Instant};

use ipc_core::{Errno, Refusal};

use crate::Mapping;
use crate::named::fork_gate::{self, Inside};
use crate::sys::lock::{self, Holder, Lock};
use crate::sys::map;

/// The maximum wait for a lock that a program outside of this toolkit or a stopped process holds.
pub(crate) const PATIENCE: Duration = Duration::from_secs(2);

/// Bytes of a file that this process has locked, until this value is dropped, the process ends or
/// it calls `exec`.
///
/// A forked child's copy holds nothing.
#[derive(Debug)]
pub(crate) struct Hold {
    _page: Mapping,
}

impl Hold {
    /// Locks bytes of the file that `open` opens; `None` if `open` returns `None`. If a lock for
    /// the same purpose is in the way, this waits for it up to `patience`; for any other lock, up
    /// to [`PATIENCE`].
    ///
    /// `open` must return a description that no other process has.
    pub(crate) fn take(
        mut open: impl FnMut() -> Result<Option<File>, Refusal>,
        lock: Lock,
        bytes: &Range<i64>,
        patience: Duration,
    ) -> Result<Option<Self>, Refusal> {
        patiently(|inside| {
            let Some(file) = open()? else { return Ok(Turn::Done(None)) };
            if let Some(holder) = try_lock(&file, lock, bytes)? {
                let is_alike = holder
                    .as_ref()
                    .is_some_and(|holder| holder.pid.is_none() && holder.bytes == *bytes);
                return Ok(Turn::Busy(holder, if is_alike { patience } else { PATIENCE }));
            }
            Self::of_locked(&file, inside).map(|hold| Turn::Done(Some(hold)))
        })
    }

    /// Keeps the lock of a description until this value is dropped, even after its descriptors are
    /// closed.
    pub(crate) fn of_locked(file: &File, _inside: &Inside) -> Result<Self, Refusal> {
        map::attach_page(file).map(|page| Self { _page: page })
    }
}

/// The result of one try inside the fork gate.
pub(crate) enum Turn<T> {
    Done(T),
    /// Another open file description or process has a lock there. The caller leaves the gate
    /// briefly and tries again, up to this time in total.
    Busy(Option<Holder>, Duration),
}

/// Locks bytes for an open file description. Returns `None` on success, otherwise the holder as far
/// as the system reports it.
pub(crate) fn try_lock(
    file: &File,
    lock: Lock,
    bytes: &Range<i64>,
) -> Result<Option<Option<Holder>>, Refusal> {
    match lock::set(file, lock, bytes.clone()) {
        Ok(()) => Ok(None),
        Err(Errno::EAGAIN) => Ok(Some(lock::query(file, bytes.clone()).ok().flatten())),
        Err(errno) => Err(not_locked(errno)),
    }
}

/// Runs a function inside the fork gate repeatedly, until it is done or the time is over. The
/// function closes the files that it opens, and releases its locks or keeps them as a [`Hold`],
/// before it returns.
pub(crate) fn patiently<T>(
    mut turn: impl FnMut(&Inside) -> Result<Turn<T>, Refusal>,
) -> Result<T, Refusal> {
    let (mut begun, mut turns) = (None, 0_u32);
    loop {
        let inside = fork_gate::enter();
        let (holder, patience) = match turn(&inside)? {
            Turn::Done(done) => return Ok(done),
            Turn::Busy(holder, patience) => (holder, patience),
        };
        drop(inside);
        if begun.get_or_insert_with(Instant::now).elapsed() >= patience {
            let waited = format!("waited for {} s", patience.as_secs());
            return Err(busy(holder.as_ref(), &waited));
        }
        // A lock of this toolkit is held only briefly.
        if turns < 100 {
            thread::yield_now();
        } else {
            thread::sleep(Duration::from_millis(1));
        }
        turns = turns.saturating_add(1);
    }
}

/// Returns the error if another process has a lock on the file; `then` describes the consequence.
pub(crate) fn busy(holder: Option<&Holder>, then: &str) -> Refusal {
    let whose = match holder {
        Some(Holder { pid: Some(pid), .. }) => {
            format!("process {pid} has a lock (`lockf`, `fcntl`) on the file")
        }
        Some(_) => String::from(
            "another process has a lock on the file, and the system does not say which",
        ),
        None => String::from("other processes have locks on the file all the time"),
    };
    Refusal::os("fcntl", Errno::EBUSY).because(format_args!("{whose}, {then}"))
}

/// Returns the error if locking failed for a reason other than a conflicting lock.
pub(crate) fn not_locked(errno: Errno) -> Refusal {
    match errno {
        Errno::EINVAL | Errno::ENOSYS | Errno::EOPNOTSUPP => {
            let why = "no locks that belong to a description of a file (F_OFD_SETLK), which attaching and growing need";
            Refusal::unsupported("fcntl", why)
        }
        Errno::EPERM | Errno::EACCES => Refusal::os("fcntl", errno)
            .because("locks on files (F_OFD_SETLK) are denied to this process"),
        _ => Refusal::os("fcntl", errno),
    }
}
