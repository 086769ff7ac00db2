//! The machine as it is at one time: its objects, and the processes that use them.
//!
//! Nothing here opens an object in a way that counts as using it. `/proc` is read once, and objects
//! are joined with the processes that use them by device and inode.

pub(crate) mod details;
pub(crate) mod kind;
pub(crate) mod library;
mod locks;
mod memfds;
mod object;
pub(crate) mod proc;
pub(crate) mod processes;
pub(crate) mod queues;
pub(crate) mod shm;
pub(crate) mod sockets;
mod structure;
mod sysv;
pub(crate) mod users;
mod value;

use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::ffi::CString;
use std::fmt::Display;

use crate::failure::Failure;

pub(crate) use self::kind::{KINDS, Kind};
pub(crate) use self::object::{FileId, Object, Process, State};
pub(crate) use self::processes::Processes;
pub(crate) use self::structure::STRUCTURES;

/// The state of the machine, from which the kinds list their objects.
pub(crate) struct Sight {
    pub(crate) processes: Processes,
    /// The file locks of the machine; an error is a line for the user.
    pub(crate) locks: Result<Vec<locks::FileLock>, String>,
    /// The names in the directory of names that are neither of files nor of directories: several
    /// kinds look for them.
    special: OnceCell<Vec<CString>>,
}

/// The objects, and the blind spots.
#[derive(Default)]
pub(crate) struct Found {
    pub(crate) objects: Vec<Object>,
    /// Sentences for the user.
    pub(crate) unseen: BTreeSet<String>,
    /// The kinds that are wanted.
    kinds: Vec<Kind>,
    /// How many more files are looked at; `None` for all.
    room: Option<usize>,
    /// The number of objects that were left out for lack of room.
    pub(crate) more: usize,
}

impl Found {
    /// Returns `true` if there is room for another object, and counts the objects that are left
    /// out.
    fn has_room(&mut self) -> bool {
        let is_full = self.room == Some(0);
        self.more += usize::from(is_full);
        self.room = self.room.map(|room| room.saturating_sub(1));
        !is_full
    }

    /// Notes something that could not be seen.
    pub(crate) fn unseen(&mut self, what: impl Into<String>) {
        self.unseen.insert(what.into());
    }
}

impl Sight {
    /// Looks at all processes, and all locks.
    pub(crate) fn now() -> Self {
        Self { processes: Processes::now(), locks: locks::read(), special: OnceCell::new() }
    }

    /// The names in the directory of names that are neither of files nor of directories. The
    /// directory is read once.
    fn special(&self) -> &[CString] {
        self.special.get_or_init(shm::special)
    }

    /// The objects of these kinds, each with the processes that use it.
    pub(crate) fn objects(&self, kinds: &[Kind]) -> Found {
        self.first_objects(kinds, None)
    }

    /// The same, but at most that many files of this mount namespace: to look at ten thousand takes
    /// a while.
    pub(crate) fn first_objects(&self, kinds: &[Kind], room: Option<usize>) -> Found {
        let mut found = Found { room, kinds: kinds.to_vec(), ..Found::default() };
        for kind in kinds {
            (kind.row().list)(self, &mut found);
        }
        self.processes.tell(&mut found);
        found
    }
}

/// All objects of these kinds.
pub(crate) fn objects(kinds: &[Kind]) -> Found {
    Sight::now().objects(kinds)
}

/// Every kind.
pub(crate) fn all_kinds() -> Vec<Kind> {
    KINDS.iter().map(|row| row.kind).collect()
}

/// Returns `true` if there is a process with this number. Threads have numbers as well.
pub(crate) fn is_process(pid: i32) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let group = status.lines().find_map(|line| line.strip_prefix("Tgid:"));
    group.is_some_and(|group| group.trim().parse() == Ok(pid))
}

/// The failure of a command that was given a process that does not exist.
pub(crate) fn no_process(what: impl Display) -> Failure {
    let why = match is_process(1) {
        true => "there is no such process",
        false => "there is no such process that /proc shows",
    };
    Failure::new(what, why)
}
