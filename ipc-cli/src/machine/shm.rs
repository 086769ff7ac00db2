//! POSIX shared memory and named semaphores: the files of `/dev/shm`.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File, FileType, Metadata};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use ipc::core::{Errno, Name};
use ipc::mem::Tag;

use crate::output::push_number;

use super::{FileId, Found, Kind, Object, Processes, Sight, State, library, structure};

/// Where names are files.
pub(super) const DIRECTORY: &str = "/dev/shm";

/// The prefix of the file of a semaphore.
pub(crate) const SEMAPHORE: &str = "sem.";

/// A file that is shorter is read with one call: to copy two pages takes less time than a call.
const SHORT: usize = 8192;

/// Adds shared memory.
pub(super) fn memory(sight: &Sight, found: &mut Found) {
    let mut buffer = [0; SHORT];
    each_file(sight, found, false, |object, file| {
        describe_memory(sight, object, file, &mut buffer)
    });
}

/// Adds semaphores.
pub(super) fn semaphores(sight: &Sight, found: &mut Found) {
    each_file(sight, found, true, |object, file| {
        describe_semaphore(object, file);
        true
    });
}

/// Calls `describe` with an object for each file, which is left out if that returns `false`.
fn each_file(
    sight: &Sight,
    found: &mut Found,
    semaphores: bool,
    mut describe: impl FnMut(&mut Object, &io::Result<File>) -> bool,
) {
    let kind = if semaphores { Kind::Semaphore } else { Kind::Shm };
    for Directory { path: directory, elsewhere, entries } in sight.names() {
        let opened = entries.as_ref().map_err(ToString::to_string);
        let opened = opened.and_then(|entries| {
            Ok((File::open(directory).map_err(|err| err.to_string())?, entries))
        });
        let (at, entries) = match opened {
            Ok(opened) => opened,
            Err(_) if elsewhere.is_some() => continue, // its process has ended
            Err(err) => {
                found.unseen(format!("{}: {}: {err}", kind.row().noun[1], directory.display()));
                continue;
            }
        };
        for (name, of) in entries {
            let rest = name.as_bytes().strip_prefix(SEMAPHORE.as_bytes());
            let is_wanted = rest.is_some() == semaphores && !of.is_dir();
            if !is_wanted || elsewhere.is_none() && !found.has_room() {
                continue;
            }
            // A name can go at any time, directories are skipped, and only files are opened: to open
            // a FIFO would wake its other end.
            let file = if of.is_file() {
                library::look_in(&at, name)
            } else {
                Err(io::ErrorKind::InvalidInput.into())
            };
            let path = path(directory, name);
            let metadata =
                file.as_ref().map_or_else(|_| fs::symlink_metadata(&path), File::metadata);
            let Some(metadata) = metadata.ok().filter(|metadata| !metadata.is_dir()) else {
                continue;
            };
            let mut object = Object::new(kind, title(rest.unwrap_or(name.as_bytes())));
            of_file(&mut object, &metadata);
            object.path = Some(path);
            object.elsewhere = *elsewhere;
            if !metadata.is_file() {
                object.is(State::Foreign, "it is not a file");
                object.content = String::from("not a file");
            } else if !describe(&mut object, &file) {
                continue;
            }
            found.objects.push(object);
        }
    }
}

/// A file in a directory, with one allocation, where `Path::join` makes two.
fn path(directory: &Path, file: &OsStr) -> PathBuf {
    let mut path = OsString::with_capacity(directory.as_os_str().len() + 1 + file.len());
    path.push(directory);
    path.push("/");
    path.push(file);
    path.into()
}

/// A directory of names.
pub(crate) struct Directory {
    pub(super) path: PathBuf,
    /// A process of the mount namespace whose directory it is, if that is not ours.
    elsewhere: Option<i32>,
    /// Its entries by name.
    pub(super) entries: io::Result<Vec<(OsString, FileType)>>,
}

impl Directory {
    fn read(path: PathBuf, elsewhere: Option<i32>) -> Self {
        let typed = |entry: fs::DirEntry| Some((entry.file_name(), entry.file_type().ok()?));
        let entries = fs::read_dir(&path).map(|entries| {
            let mut entries: Vec<_> = entries.flatten().filter_map(typed).collect();
            entries.sort_unstable_by(|(one, _), (two, _)| one.cmp(two));
            entries
        });
        Self { path, elsewhere, entries }
    }
}

/// Reads the directory of names, and those of other mount namespaces that have another one.
pub(super) fn directories(processes: &Processes) -> Vec<Directory> {
    let mut known = vec![fs::metadata(DIRECTORY).ok().map(|at| (at.dev(), at.ino()))];
    let mut all = vec![Directory::read(PathBuf::from(DIRECTORY), None)];
    for pid in &processes.elsewhere {
        let path = PathBuf::from(format!("/proc/{pid}/root{DIRECTORY}"));
        let Ok(at) = fs::metadata(&path) else { continue };
        let at = Some((at.dev(), at.ino()));
        if !known.contains(&at) {
            known.push(at);
            all.push(Directory::read(path, Some(*pid)));
        }
    }
    all
}

/// A name as users write it; bytes that do not form text are escaped.
fn title(file: &[u8]) -> String {
    match std::str::from_utf8(file) {
        Ok(text) => ["/", text].concat(),
        Err(_) => format!("/{}", file.escape_ascii()),
    }
}

/// Takes over the properties that any file has.
pub(super) fn of_file(object: &mut Object, metadata: &Metadata) {
    object.file = Some(FileId::of(metadata));
    object.size = Some(metadata.len());
    (object.owner, object.mode) = (Some(metadata.uid()), Some(metadata.mode() & 0o7777));
    object.since = metadata.created().or_else(|_| metadata.modified()).ok();
}

/// The name of a file in this mount namespace, if it can be one of the toolkit's.
fn file_name(object: &Object) -> Option<&str> {
    object.path.as_deref()?.file_name()?.to_str().filter(|_| object.elsewhere.is_none())
}

fn describe_memory(
    sight: &Sight,
    object: &mut Object,
    file: &io::Result<File>,
    buffer: &mut [u8],
) -> bool {
    let name = || Name::new(&["/", file_name(object)?].concat()).ok();
    let memory = match file {
        Ok(file) => library::memory(file, object.size.unwrap_or(0), buffer, name).map_err(|err| {
            let is_gone = err.is_not_found() || err.is_removed();
            (!is_gone).then(|| err.to_string())
        }),
        Err(err) => Err(Some(
            err.raw_os_error().map_or_else(|| err.to_string(), |raw| Errno::new(raw).to_string()),
        )),
    };
    let ((memory, len), file) = match (memory, file) {
        (Ok(memory), Ok(file)) => (memory, file),
        (Err(Some(why)), _) => {
            let why = format!(
                "it cannot be read, so its creator is unknown ({why}), and no process uses it"
            );
            object.is(State::Foreign, why);
            object.content = String::from("not readable");
            return true;
        }
        _ => return false, // it is gone
    };
    object.size = Some(memory.size as u64);
    object.since = memory.created.or(object.since);
    object.attached = memory.attached;
    object.content = structure::summary(file, &buffer[..len], memory.tag, memory.size).into_owned();
    let creator = memory.creator.unwrap_or(0);
    let created = || memory.created.unwrap_or_else(SystemTime::now);
    match memory.attached {
        Some(0) => {
            object.is(State::Stale, "all processes that were attached to it have ended");
        }
        Some(_) => object.is(State::InUse, "processes are attached to it"),
        None if memory.tag == Tag::FOREIGN => {
            object.is(State::Foreign, "another program created it, and no process uses it");
        }
        None if memory.removal.is_some() && file_name(object).is_none() => {
            object.is(State::Idle, "it is in another mount namespace, and no process uses it");
        }
        None if memory.goes_with_creator && !sight.processes.runs_since(creator, created()) => {
            let why = format!(
                "its creator, process {creator}, has ended without removing it, and no process uses it"
            );
            object.is(if sight.processes.are_all_seen() { State::Stale } else { State::Idle }, why);
        }
        None if memory.goes_with_creator => {
            object.is(State::InUse, format!("its creator, process {creator}, runs"));
        }
        None => object.is(State::Idle, "no process uses it"),
    }
    true
}

fn describe_semaphore(object: &mut Object, file: &io::Result<File>) {
    let words = |file: &File| library::semaphore_words(file).map_err(|err| err.kind());
    object.is(State::Idle, "no process uses it");
    object.content = match file.as_ref().map_err(io::Error::kind).and_then(words) {
        Ok([value, 0]) => {
            let mut text = String::from("value ");
            push_number(&mut text, value.into());
            text
        }
        Ok([value, waiting]) => {
            object.is(State::InUse, "processes wait for it");
            format!("value {value}, {waiting} waiting")
        }
        Err(io::ErrorKind::PermissionDenied) => String::from("not readable"),
        Err(why) => format!("not a semaphore: {why}"),
    };
}
