//! An object of the machine, whatever its kind.

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde::Serialize;

use super::Kind;
use super::shm::{DIRECTORY, SEMAPHORE};

/// An object, as it is seen without opening it.
#[derive(Clone, Debug)]
pub(crate) struct Object {
    pub(crate) kind: Kind,
    /// Its name as users write it, `/frames`, or what stands for one: a path, the System V id.
    pub(crate) name: String,
    /// The System V key, unless it is private.
    pub(crate) key: Option<i32>,
    /// The System V id.
    pub(crate) id: Option<i32>,
    /// The file that stands for it, unless its name determines it.
    pub(super) path: Option<PathBuf>,
    /// Device and inode of that file.
    pub(crate) file: Option<FileId>,
    /// Bytes of data, or what is counted instead.
    pub(crate) size: Option<u64>,
    pub(crate) owner: Option<u32>,
    pub(crate) mode: Option<u32>,
    /// When it was created, or last changed if nothing older is recorded.
    pub(crate) since: Option<SystemTime>,
    /// How many processes the kernel counts.
    pub(crate) attached: Option<usize>,
    /// The processes that were found.
    pub(crate) processes: Vec<Process>,
    pub(crate) state: State,
    /// The reason for the state, for people.
    reason: Cow<'static, str>,
    /// A process that was not seen may use it.
    pub(crate) is_guess: bool,
    /// A few words on its content.
    pub(crate) content: String,
    /// The name is that of a mount namespace other than ours, which this process lives in.
    pub(crate) elsewhere: Option<i32>,
}

impl Object {
    /// An object of which nothing is known yet.
    pub(crate) fn new(kind: Kind, name: String) -> Self {
        Self {
            kind,
            name,
            key: None,
            id: None,
            path: None,
            file: None,
            size: None,
            owner: None,
            mode: None,
            since: None,
            attached: None,
            processes: Vec::new(),
            state: State::Idle,
            reason: Cow::Borrowed(""),
            is_guess: false,
            content: String::new(),
            elsewhere: None,
        }
    }

    /// Returns `true` if its name determines its file: the name is text, and of this mount namespace.
    pub(crate) fn has_its_name(&self) -> bool {
        self.path.is_none()
    }

    /// The file that stands for it.
    pub(crate) fn path(&self) -> Option<Cow<'_, Path>> {
        let named = |prefix: &str| {
            let file = self.name.trim_start_matches('/');
            Some(Cow::Owned(PathBuf::from(format!("{DIRECTORY}/{prefix}{file}"))))
        };
        match (&self.path, self.kind) {
            (Some(path), _) => Some(Cow::Borrowed(path)),
            (None, Kind::Shm) => named(""),
            (None, Kind::Semaphore) => named(SEMAPHORE),
            (None, _) => None,
        }
    }

    /// Sets the state, and why.
    pub(crate) fn is(&mut self, state: State, reason: impl Into<Cow<'static, str>>) {
        (self.state, self.reason) = (state, reason.into());
    }

    /// The reason for the state.
    pub(crate) fn reason(&self) -> Cow<'_, str> {
        if self.is_guess {
            Cow::Owned(self.reason.replace("no process", "no visible process"))
        } else {
            Cow::Borrowed(&self.reason)
        }
    }

    /// Returns `true` if a process is known to use it.
    pub(crate) fn has_users(&self) -> bool {
        self.attached.is_some_and(|count| count > 0) || !self.processes.is_empty()
    }

    /// Its name, or its selector if it has none.
    pub(crate) fn called(&self) -> Cow<'_, str> {
        match self.id {
            Some(_) => self.selector().into(),
            None => Cow::Borrowed(&self.name),
        }
    }

    /// Returns `true` if its name begins so, with or without its slash, or its selector, if the
    /// beginning has a kind.
    pub(crate) fn begins(&self, prefix: &str) -> bool {
        self.name.starts_with(prefix)
            || self.name.strip_prefix('/').is_some_and(|bare| bare.starts_with(prefix))
            || prefix.contains(':') && self.selector().starts_with(prefix)
    }

    /// The text that selects exactly this object on a command line.
    pub(crate) fn selector(&self) -> String {
        match self.id {
            Some(id) => format!("{}:{id}", self.kind.word()),
            None => format!("{}:{}", self.kind.word(), self.name),
        }
    }
}

/// Device and inode: the identity of a file. The device is split as `/proc` prints it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct FileId {
    pub(crate) major: u64,
    pub(crate) minor: u64,
    pub(crate) inode: u64,
}

impl FileId {
    /// The identity of a file, from what `stat` returns.
    pub(crate) fn of(metadata: &impl std::os::unix::fs::MetadataExt) -> Self {
        let (device, inode) = (metadata.dev(), metadata.ino());
        Self { major: nix::sys::stat::major(device), minor: nix::sys::stat::minor(device), inode }
    }
}

/// A process that uses an object.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(crate) struct Process {
    pub(crate) pid: i32,
    pub(crate) command: String,
    /// Its use of the object: `maps`, `opens`, `locks`, `waits`.
    pub(crate) how: &'static str,
}

/// The state of an object: used or not, meant to stay or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum State {
    /// A process uses it
    InUse,
    /// No process uses it, as far as you have permission to see; it stays until a user removes it
    /// (`ipc rm`)
    Idle,
    /// Left over from programs that have ended and should have removed it; `ipc gc` removes it
    Stale,
    /// Shared memory that was created without this toolkit, and no process uses it, as far as you
    /// have permission to see; it may still be needed
    Foreign,
}

impl State {
    /// The state as people read it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::InUse => "in use",
            Self::Idle => "idle",
            Self::Stale => "stale",
            Self::Foreign => "foreign",
        }
    }
}
