//! Attaching processes to a file that has a name. The kernel counts attached processes, so dead
//! processes do not count.
//!
//! Each attached process [holds](Hold) one byte far behind the end of any file.
//!
//! ```text
//! 2^61 - 1           growth: whoever makes the file longer has it alone
//! 2^61 .. 2^62 - 1   attached processes: each locks a byte of its own, shared
//! 2^62 - 1           the name: whoever removes it has it alone
//! ```
//!
//! - *Attach:* open the name, lock a byte. If the name no longer belongs to the file, start again.
//! - *Detach:* release the byte, open the name, lock all bytes exclusively, without waiting. If
//!   that succeeds, no other process is attached: remove the name, and only then unlock.
//! - *Create:* lock a byte before the file gets its name, so that it never has a name without an
//!   attached process.
//!
//! If several processes detach at the same time, the last process that tries to lock all bytes
//! finds no other attached process. A process that attaches while the name is being removed waits
//! for the lock, and then finds that the name no longer exists. If all attached processes were
//! killed, the next process can lock all bytes as well. Each open file description with a lock is
//! opened inside the [fork gate](super::fork_gate). It is closed there, or only a mapped page that
//! children do not inherit keeps it open. So no other process ever has a copy of it, except a child
//! of `posix_spawn` until its `exec`.

use std::fs::{self, File};
use std::hash::{BuildHasher, RandomState};
use std::io;
use std::ops::Range;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process;
use std::time::{Duration, Instant};

use ipc_core::{Errno, Origin, Refusal, crash_point};

use crate::Access;
use crate::file::limits;
use crate::named::fork_gate;
use crate::named::hold::{Hold, PATIENCE, Turn, busy, not_locked, patiently, try_lock};
use crate::named::{Identity, removal};
use crate::sys::file;
use crate::sys::lock::{self, Holder, Lock};

pub(crate) const ATTACHED: Range<i64> = 1 << 61..(1 << 62) - 1;
pub(crate) const NAME: Range<i64> = ATTACHED.end..1 << 62;
pub(crate) const ALL: Range<i64> = ATTACHED.start..NAME.end;

/// The maximum time from the start of a child by `posix_spawn`, in another thread, to its `exec`.
/// During this time, the child has copies of the descriptors that this process has locked.
const STARTING: Duration = Duration::from_secs(10);

/// The attachment of this process to a file.
#[derive(Debug)]
pub(crate) struct Attach {
    hold: Hold,
    byte: Range<i64>,
    /// `true` if a descriptor of this process has the locked description open, too.
    is_shared: bool,
}

/// Returns the position of a random byte. Two given processes use the same one with a probability
/// of 2⁻⁶¹, and any two of 10,000 with one of 2⁻³⁵.
///
/// If they do, both lock it, since the lock is shared: they count as one attached process, and the
/// name stays as long as one of them is attached. The first of them to detach waits for a child
/// that it is not starting (see [`others`]), and reports after [`STARTING`] that the object is busy;
/// the other one removes the name as usual.
fn byte() -> Range<i64> {
    let room = ATTACHED.end.abs_diff(ATTACHED.start);
    // Forked children inherit the keys of their parent.
    let here = (Origin::here(), process::id(), Instant::now());
    let random = RandomState::new().hash_one(here);
    let byte = ATTACHED.start.saturating_add_unsigned(random % room);
    byte..byte + 1
}

impl Attach {
    /// Attaches to the file with this name; `None` if the name belongs to another file or does not
    /// exist.
    pub(crate) fn by_name(path: &Path, identity: Identity) -> Result<Option<Self>, Refusal> {
        let byte = byte();
        let hold = patiently(|inside| {
            let Some(file) = open_it(path, identity, Access::ReadOnly)? else {
                return Ok(Turn::Done(None));
            };
            crash_point("attach.opened");
            if let Some(holder) = try_lock(&file, Lock::Shared, &byte)? {
                return Ok(Turn::Busy(holder, PATIENCE));
            }
            crash_point("attach.locked");
            // The last one attached may have been about to remove the name.
            if !is_name_of(path, identity) {
                return Ok(Turn::Done(None));
            }
            let hold = Hold::of_locked(&file, inside)?;
            crash_point("attach.mapped");
            Ok(Turn::Done(Some(hold)))
        })?;
        Ok(hold.map(|hold| Self { hold, byte, is_shared: false }))
    }

    /// Attaches to a file that has no name yet, so that it never has a name without an attached
    /// process.
    pub(crate) fn before_name(file: &File) -> Result<Self, Refusal> {
        let (byte, mut is_shared) = (byte(), false);
        let hold = patiently(|inside| {
            let own = match file::reopen(file, Access::ReadOnly) {
                // Without `/proc`, the description to lock is the one that is there, until the file
                // has its name.
                Err(err) if err.kind() == io::ErrorKind::NotFound => {
                    is_shared = true;
                    file.try_clone()
                }
                own => own,
            };
            let own = own.map_err(|err| limits::explained("open", &err))?;
            if let Some(holder) = try_lock(&own, Lock::Shared, &byte)? {
                return Ok(Turn::Busy(holder, PATIENCE));
            }
            crash_point("attach.held");
            Hold::of_locked(&own, inside).map(Turn::Done)
        })?;
        Ok(Self { hold, byte, is_shared })
    }

    /// Attaches with a description that no descriptor has open. Call it when the file that was
    /// passed to [`before_name`](Self::before_name) has its name.
    ///
    /// Otherwise the description of `file` would stay locked after the detach, and children that
    /// inherit its descriptor would count as attached.
    pub(crate) fn alone(self, path: &Path, identity: Identity, file: &File) -> Self {
        if !self.is_shared {
            return self;
        }
        let Ok(Some(own)) = Self::by_name(path, identity) else { return self };
        let _ = lock::set(file, Lock::None, self.byte.clone());
        own
    }

    /// Detaches without removing the name.
    pub(crate) fn end(self) {
        drop(self.hold);
        crash_point("detach.unmapped");
    }

    /// Detaches, and removes the name if it still belongs to the file and no other process is
    /// attached. `spare` is a descriptor that is used if this process can open no other.
    pub(crate) fn end_with_name(
        self,
        path: &Path,
        identity: Identity,
        spare: Option<&File>,
    ) -> Result<(), Refusal> {
        let byte = self.byte.clone();
        self.end();
        patiently(|_| {
            let own = match (removal::open_to_remove(path, identity), spare) {
                (Ok(None), _) => return Ok(Turn::Done(())), // the name is gone
                (Ok(own), _) => own,
                // Children that were forked since have the spare descriptor, too, and would keep
                // its lock if this process were killed right now: it is used only if no other can
                // be opened.
                (Err(_), Some(_)) => None,
                (Err(refusal), None) => return Err(refusal),
            };
            let Some(file) = own.as_ref().or(spare) else { return Ok(Turn::Done(())) };
            match removal::unlink_unattached(path, identity, file)? {
                None => Ok(Turn::Done(())),
                Some(holder) => others(file, &byte, holder),
            }
        })
    }
}

/// Decides about a lock that keeps a process from removing the name. If its holder is attached, the
/// name stays. If the holder is removing the name or is being started, the caller waits for it.
fn others(file: &File, byte: &Range<i64>, holder: Option<Holder>) -> Result<Turn<()>, Refusal> {
    let ask = |bytes: &Range<i64>| lock::query(file, bytes.clone()).map_err(not_locked);
    // `posix_spawn` does not wait at the gate: a child that another thread is starting may have a
    // copy of our description until its `exec`, and our byte stays locked until then. Another
    // process that has chosen the same byte (see `byte`) is taken for such a child.
    let is_ghost = ask(byte)?.is_some_and(|found| found.bytes == *byte);
    let is_removing =
        ask(&NAME)?.is_some_and(|found| found.lock == Lock::Exclusive && is_ours(&found));
    if is_ghost || is_removing {
        return Ok(Turn::Busy(holder, STARTING));
    }
    match ask(&ALL)? {
        None => Ok(Turn::Busy(holder, STARTING)), // whoever it was is gone: ask again
        Some(foreign) if !is_ours(&foreign) && count(file)? == 0 => {
            Err(busy(Some(&foreign), "so the name stays"))
        }
        Some(_) => Ok(Turn::Done(())),
    }
}

/// Returns `true` for a lock of this toolkit: a lock on its bytes that belongs to an open file
/// description.
fn is_ours(holder: &Holder) -> bool {
    holder.pid.is_none() && holder.bytes.start >= ATTACHED.start && holder.bytes.end <= ALL.end
}

/// Returns the number of processes that are attached to a file, of which `file` is a descriptor;
/// `None` if the name belongs to another file or does not exist.
pub(crate) fn attached(
    path: &Path,
    identity: Identity,
    file: &File,
) -> Result<Option<usize>, Refusal> {
    let attached = count(file)?;
    Ok(is_name_of(path, identity).then_some(attached))
}

/// The number of attached processes, not counting this description.
fn count(file: &File) -> Result<usize, Refusal> {
    let (mut attached, mut unknown) = (0, vec![ATTACHED]);
    while let Some(bytes) = unknown.pop() {
        let Some(found) = lock::query(file, bytes.clone()).map_err(not_locked)? else { continue };
        if !is_ours(&found) {
            return count_listed(file, &found);
        }
        attached += usize::from(found.lock == Lock::Shared);
        let rest = [bytes.start..found.bytes.start, found.bytes.end..bytes.end];
        unknown.extend(rest.into_iter().filter(|rest| !rest.is_empty()));
    }
    Ok(attached)
}

/// Counts attached processes if a program outside of this toolkit has locked a range that includes
/// the bytes of attached processes: the system reports one lock for each byte, which may hide other
/// locks. `/proc/locks` lists all locks.
fn count_listed(file: &File, foreign: &Holder) -> Result<usize, Refusal> {
    let metadata = file.metadata().map_err(|err| Refusal::io("fstat", &err))?;
    let Ok(list) = fs::read_to_string("/proc/locks") else {
        let whose = foreign
            .pid
            .map_or_else(|| String::from("another process"), |pid| format!("process {pid}"));
        let why = format!(
            "{whose} has a lock on the file that hides those of attached processes, and there is no list"
        );
        return Err(Refusal::os("fcntl", Errno::EBUSY).because(why));
    };
    Ok(listed(&list, &key(&metadata)))
}

/// Returns the name of a file in `/proc/locks`.
fn key(metadata: &fs::Metadata) -> String {
    let device = metadata.dev();
    let major = (device >> 8) & 0xfff | (device >> 32) & !0xfff;
    let minor = device & 0xff | (device >> 12) & !0xff;
    format!("{major:02x}:{minor:02x}:{}", metadata.ino())
}

/// Counts the processes that are attached to a file, from a list of all locks.
fn listed(list: &str, file: &str) -> usize {
    let is_attached = |line: &&str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [_, "OFDLCK", _, "READ", _, found, first, last] = words[..] else { return false };
        found == file && first == last && first.parse().is_ok_and(|byte| ATTACHED.contains(&byte))
    };
    list.lines().filter(is_attached).count()
}

/// Returns `true` if this is the name of that file.
pub(crate) fn is_name_of(path: &Path, identity: Identity) -> bool {
    fs::symlink_metadata(path).is_ok_and(|metadata| Identity::of(&metadata) == identity)
}

/// Opens the file that has this name, with a new open file description, if it still is the file
/// with this identity.
pub(crate) fn open_it(
    path: &Path,
    identity: Identity,
    access: Access,
) -> Result<Option<File>, Refusal> {
    match file::open(path, access) {
        Ok(file) => {
            let metadata = file.metadata().map_err(|err| Refusal::io("fstat", &err))?;
            Ok((Identity::of(&metadata) == identity).then_some(file))
        }
        Err(err) if err.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(err) => Err(limits::explained("open", &err)),
    }
}

/// Returns `true` if a process may be attached, because these bytes are locked: then the name must
/// not be removed.
pub(crate) fn seems_attached(file: &File) -> bool {
    !matches!(lock::query(file, ALL), Ok(None))
}

/// Removes the name if it belongs to a file without attached processes.
pub(crate) fn remove_unattached(
    path: &Path,
    identity: Identity,
) -> Result<removal::Unattached, Refusal> {
    let _inside = fork_gate::enter();
    removal::remove_unattached(path, identity)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = "\
        1: OFDLCK ADVISORY  READ -1 00:1a:77 2305843009213693999 2305843009213693999\n\
        2: POSIX  ADVISORY  READ 4711 00:1a:77 0 EOF\n\
        2: -> OFDLCK ADVISORY  READ -1 00:1a:77 2305843009213694000 2305843009213694000\n\
        3: OFDLCK ADVISORY  WRITE -1 00:1a:77 2305843009213693951 2305843009213693951\n\
        4: OFDLCK ADVISORY  READ -1 00:1a:77 4611686018427387902 4611686018427387902\n\
        5: OFDLCK ADVISORY  READ -1 00:1b:77 4611686018427387902 4611686018427387902\n\
        6: FLOCK  ADVISORY  WRITE 12 00:1a:77 0 EOF\n";

    #[test]
    fn of_all_locks_only_single_shared_bytes_are_attached_processes() {
        assert_eq!(listed(LIST, "00:1a:77"), 2);
        assert_eq!(listed(LIST, "00:1b:77"), 1);
        assert_eq!(listed("", "00:1a:77"), 0);
    }
}
