//! POSIX shared memory and named semaphores: the files of `/dev/shm`.

use std::collections::BTreeMap;
use std::ffi::{CStr, CString, OsStr};
use std::fs::{self, File, Metadata};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use ipc::core::{Errno, Name};
use ipc::mem::Tag;
use rustix::fs::{FileType, Mode, OFlags, RawDir};

use crate::output::push_number;

use super::{FileId, Found, Kind, Object, Processes, Sight, State, library, proc, structure};

/// Where names are files.
pub(crate) const DIRECTORY: &str = "/dev/shm";

/// The prefix of the file of a semaphore.
pub(crate) const SEMAPHORE: &str = "sem.";

/// A file that is shorter is read with one call: to copy a page takes less time than a call. To copy
/// two takes more, and leaves less of the kernel's data in the processor's cache.
const SHORT: usize = 4096;

/// Adds shared memory, and semaphores if they are wanted as well: one pass over ten thousand names
/// takes less time than two.
pub(super) fn memory(sight: &Sight, found: &mut Found) {
    list(sight, found);
}

/// Adds semaphores.
pub(super) fn semaphores(sight: &Sight, found: &mut Found) {
    if !found.kinds.contains(&Kind::Shm) {
        list(sight, found);
    }
}

/// Adds shared memory and semaphores, if they are wanted.
///
/// Each file is looked at when its directory entry is read, while the processor's cache has what
/// the kernel keeps of it, and the objects are sorted afterwards.
fn list(sight: &Sight, found: &mut Found) {
    let begin = found.objects.len();
    let mut special = Vec::new();
    let mut buffer = [0; SHORT];
    for (path, elsewhere) in directories(&sight.processes) {
        let file = match open_directory(&path) {
            Ok(file) => file,
            Err(_) if elsewhere.is_some() => continue, // its process has ended
            Err(err) => {
                let kinds = [Kind::Shm, Kind::Semaphore];
                for kind in kinds.iter().filter(|kind| found.kinds.contains(kind)) {
                    let why = format!("{}: {}: {err}", kind.row().noun[1], path.display());
                    found.unseen.insert(why);
                }
                continue;
            }
        };
        let directory = Directory { path, elsewhere, file };
        let mut sorted = Vec::new();
        each_entry(&directory.file, |name, of| {
            if of != FileType::RegularFile && elsewhere.is_none() {
                special.push(name.to_owned());
            }
            match found.room {
                _ if !found.kinds.contains(&kind(name.to_bytes())) => {}
                None => found.objects.extend(directory.look(sight, name, of, &mut buffer)),
                // The first of all that there are cannot be known before all are read.
                Some(_) => sorted.push((kind(name.to_bytes()), name.to_owned(), of)),
            }
        });
        sorted.sort_unstable_by(|(a, b, _), (c, d, _)| (a, b).cmp(&(c, d)));
        for (_, name, of) in sorted {
            if elsewhere.is_some() || found.has_room() {
                found.objects.extend(directory.look(sight, &name, of, &mut buffer));
            }
        }
    }
    let _ = sight.special.set(special); // unless they are known
    sort(&mut found.objects[begin..]);
}

/// A directory of names.
struct Directory {
    path: PathBuf,
    /// A process of the mount namespace whose directory it is, if that is not ours.
    elsewhere: Option<i32>,
    file: File,
}

impl Directory {
    /// The object that a file is; `None` if it is gone, or a directory.
    fn look(&self, sight: &Sight, name: &CStr, of: FileType, buffer: &mut [u8]) -> Option<Object> {
        let path = || self.path.join(OsStr::from_bytes(name.to_bytes()));
        let is_file = match of {
            FileType::Unknown => fs::symlink_metadata(path()).ok()?.is_file(),
            of => of == FileType::RegularFile,
        };
        // A name can go at any time, directories are skipped, and only files are opened: to open a
        // FIFO would wake its other end.
        let file = if is_file {
            library::look_in(&self.file, name)
        } else {
            Err(io::ErrorKind::InvalidInput.into())
        };
        let metadata = file.as_ref().map_or_else(|_| fs::symlink_metadata(path()), File::metadata);
        let metadata = metadata.ok().filter(|metadata| !metadata.is_dir())?;
        let name = name.to_bytes();
        let mut object = Object::new(kind(name), title(bare(name)));
        of_file(&mut object, &metadata);
        if self.elsewhere.is_some() || str::from_utf8(name).is_err() {
            object.path = Some(path());
        }
        object.elsewhere = self.elsewhere;
        if !metadata.is_file() {
            object.is(State::Foreign, "it is not a file");
            object.content = String::from("not a file");
        } else if object.kind == Kind::Semaphore {
            describe_semaphore(&mut object, &file);
        } else if !describe_memory(sight, &mut object, &file, buffer) {
            return None;
        }
        Some(object)
    }
}

/// Sorts objects by kind, mount namespace and name. They are large, so each is moved only once.
fn sort(objects: &mut [Object]) {
    let mut groups = BTreeMap::<_, Vec<_>>::new();
    for (at, object) in objects.iter().enumerate() {
        groups.entry((object.kind, object.elsewhere)).or_default().push(at);
    }
    let mut from: Vec<_> = groups.into_values().flat_map(|group| by_name(objects, group)).collect();
    for to in 0..objects.len() {
        // An object whose place was needed for another one was moved to where that one was.
        while from[to] < to {
            from[to] = from[from[to]];
        }
        objects.swap(to, from[to]);
    }
}

/// Sorts indices of objects by the names of these.
fn by_name(objects: &[Object], group: Vec<usize>) -> impl Iterator<Item = usize> {
    let name = |at: usize| file_name(&objects[at]);
    let mut common = group.first().map_or(&[][..], |at| name(*at));
    for at in &group {
        while !name(*at).starts_with(common) {
            common = &common[..common.len() - 1];
        }
    }
    let key = |at| (first_eight(&name(at)[common.len()..]), at);
    let mut keys: Vec<_> = group.into_iter().map(key).collect();
    keys.sort_unstable_by(|(first, one), (second, two)| {
        first.cmp(second).then_with(|| name(*one).cmp(name(*two)))
    });
    keys.into_iter().map(|(_, at)| at)
}

/// The first bytes of a name as a number that is less if they are: two numbers are compared much
/// faster than two texts. A name has no byte 0.
fn first_eight(name: &[u8]) -> u64 {
    let mut bytes = [0; 8];
    let len = name.len().min(bytes.len());
    bytes[..len].copy_from_slice(&name[..len]);
    u64::from_be_bytes(bytes)
}

/// The name of the file of an object, without the prefix of semaphores.
fn file_name(object: &Object) -> &[u8] {
    match &object.path {
        Some(path) => path.file_name().map_or(&[][..], |name| bare(name.as_bytes())),
        None => &object.name.as_bytes()[1..],
    }
}

/// The kind of object that a file of this name is.
fn kind(file: &[u8]) -> Kind {
    if file.starts_with(SEMAPHORE.as_bytes()) { Kind::Semaphore } else { Kind::Shm }
}

/// The name of a file without the prefix of semaphores.
fn bare(file: &[u8]) -> &[u8] {
    file.strip_prefix(SEMAPHORE.as_bytes()).unwrap_or(file)
}

fn open_directory(path: &Path) -> io::Result<File> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    Ok(rustix::fs::open(path, flags, Mode::empty())?.into())
}

/// Calls `then` with the name and the type of each entry of a directory, unless that is a directory.
/// `fs::read_dir` allocates memory for each.
fn each_entry(directory: &File, mut then: impl FnMut(&CStr, FileType)) {
    let mut buffer = Vec::with_capacity(1 << 15);
    let mut entries = RawDir::new(directory, buffer.spare_capacity_mut());
    while let Some(Ok(entry)) = entries.next() {
        if entry.file_type() != FileType::Directory {
            then(entry.file_name(), entry.file_type());
        }
    }
}

/// The names in the directory of names that are neither of files nor of directories.
pub(super) fn special() -> Vec<CString> {
    let mut special = Vec::new();
    if let Ok(directory) = open_directory(Path::new(DIRECTORY)) {
        each_entry(&directory, |name, of| {
            special.extend((of != FileType::RegularFile).then(|| name.to_owned()));
        });
    }
    special
}

/// The directory of names, and those of other mount namespaces that have another one, each with a
/// process of its namespace.
fn directories(processes: &Processes) -> Vec<(PathBuf, Option<i32>)> {
    let mut known = vec![fs::metadata(DIRECTORY).ok().map(|at| (at.dev(), at.ino()))];
    let mut all = vec![(PathBuf::from(DIRECTORY), None)];
    for pid in &processes.elsewhere {
        let path = PathBuf::from(format!("/proc/{pid}/root{DIRECTORY}"));
        let Ok(at) = fs::metadata(&path) else { continue };
        let at = Some((at.dev(), at.ino()));
        if !known.contains(&at) {
            known.push(at);
            all.push((path, Some(*pid)));
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

fn describe_memory(
    sight: &Sight,
    object: &mut Object,
    file: &io::Result<File>,
    buffer: &mut [u8],
) -> bool {
    // A file of another mount namespace has no name here; the names of the toolkit are text.
    let name = || object.has_its_name().then(|| Name::new(&object.name).ok())?;
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
    // A process that began after the list of processes was read is not in it.
    let has_ended = || {
        !sight.processes.runs_since(creator, created())
            && proc::running_since(creator, created()).is_none()
    };
    match memory.attached {
        Some(0) => {
            object.is(State::Stale, "all processes that were attached to it have ended");
        }
        Some(_) => object.is(State::InUse, "processes are attached to it"),
        None if memory.tag == Tag::FOREIGN => {
            object.is(State::Foreign, "another program created it, and no process uses it");
        }
        None if memory.removal.is_some() && object.elsewhere.is_some() => {
            object.is(State::Idle, "it is in another mount namespace, and no process uses it");
        }
        None if memory.removal.is_some() && !object.has_its_name() => {
            object.is(State::Idle, "its name is not text, and no process uses it");
        }
        None if memory.goes_with_creator && has_ended() => {
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

#[cfg(test)]
mod tests {
    use ipc::core::Removal;
    use ipc::shm::{MemoryOptions, SharedMemory};
    use ipc_testkit::fixture;

    use super::*;

    #[test]
    fn objects_are_in_the_order_of_the_bytes_of_their_names() {
        let odd = [&b"\xff"[..], b"a\xfe", b"b-1234567", b"b-12345678\xff"];
        let plain = ["a", "aa", "a\u{1}", "b-123456781", "b-123456780", "b-12345678", "b-1", "图"];
        let names = plain.iter().map(|name| name.as_bytes()).chain(odd);
        let names: Vec<_> = names.rev().collect();
        let mut objects = Vec::new();
        for name in &names {
            for (kind, prefix) in [(Kind::Semaphore, SEMAPHORE), (Kind::Shm, "")] {
                for elsewhere in [Some(7), Some(5), None] {
                    let mut object = Object::new(kind, title(name));
                    let file = [prefix.as_bytes(), name].concat();
                    let needs_path = elsewhere.is_some() || str::from_utf8(name).is_err();
                    object.path =
                        needs_path.then(|| Path::new("/x").join(OsStr::from_bytes(&file)));
                    object.elsewhere = elsewhere;
                    objects.push(object);
                }
            }
        }
        let key = |object: &Object| (object.kind, object.elsewhere, file_name(object).to_vec());
        let mut wanted: Vec<_> = objects.iter().map(key).collect();
        wanted.sort();
        sort(&mut objects);
        assert_eq!(objects.iter().map(key).collect::<Vec<_>>(), wanted);
    }

    #[test]
    fn a_creator_that_began_after_the_list_of_processes_was_read_runs() {
        let name = fixture::name();
        let options = MemoryOptions::new(64).removal(Removal::OnDrop);
        let _memory = SharedMemory::create(&*name, options).unwrap();
        // The list leaves out the process that reads it, as it does one that begins later.
        let found = Sight::now().objects(&[Kind::Shm]).objects;
        let object = found.iter().find(|object| object.name == *name).unwrap();
        assert_eq!(object.state, State::InUse, "{}", object.reason());
    }
}
