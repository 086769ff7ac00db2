//! FIFOs and Unix sockets: those that processes have, and those that lie where programs leave them.

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::ffi::OsStr;
use std::fs;
use std::io::ErrorKind;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::FileTypeExt;
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};

use super::{FileId, Found, Kind, Object, Sight, State, proc, shm};

/// Where programs leave sockets and FIFOs, besides the directory of names.
fn directories() -> Vec<PathBuf> {
    let of_user = env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
    let mut all: Vec<_> = ["/tmp", "/run"].iter().map(PathBuf::from).chain(of_user).collect();
    all.retain(|directory| directory.is_dir());
    all.dedup();
    all
}

/// The entries of those directories that are of this type.
fn entries(sight: &Sight, wanted: fn(&fs::FileType) -> bool) -> Vec<PathBuf> {
    let mut named: Vec<_> = sight
        .special()
        .iter()
        .map(|name| Path::new(shm::DIRECTORY).join(OsStr::from_bytes(name.to_bytes())))
        .filter(|path| fs::symlink_metadata(path).is_ok_and(|at| wanted(&at.file_type())))
        .collect();
    named.sort_unstable();
    let others = directories().into_iter().filter_map(|directory| fs::read_dir(directory).ok());
    let others = others
        .flatten()
        .flatten()
        .filter(|entry| entry.file_type().is_ok_and(|of| wanted(&of)))
        .map(|entry| entry.path());
    others.chain(named).collect()
}

/// Adds FIFOs.
pub(super) fn fifos(sight: &Sight, found: &mut Found) {
    let mut known = BTreeMap::new();
    for path in entries(sight, FileTypeExt::is_fifo) {
        if let Ok(metadata) = fs::symlink_metadata(&path) {
            known.insert(FileId::of(&metadata), (path.to_string_lossy().into_owned(), metadata));
        }
    }
    for (id, seen) in &sight.processes.seen {
        if seen.metadata.file_type().is_fifo() {
            known.entry(*id).or_insert_with(|| (seen.name.clone(), seen.metadata.clone()));
        }
    }
    for (name, metadata) in known.into_values() {
        let mut object = Object::new(Kind::Fifo, name);
        shm::of_file(&mut object, &metadata);
        (object.path, object.size) = (Some(PathBuf::from(&object.name)), None);
        object.is(State::Idle, "no process has it open");
        found.objects.push(object);
    }
}

/// Adds Unix sockets that have a name.
pub(super) fn sockets(sight: &Sight, found: &mut Found) {
    let bound = match proc::unix_sockets() {
        Ok(bound) => bound,
        Err(err) => {
            found.unseen(format!("Unix sockets: {err}"));
            Vec::new()
        }
    };
    let mut connections = BTreeMap::<_, usize>::new();
    for socket in bound.iter().filter(|socket| socket.is_connected) {
        *connections.entry(socket.name.clone()).or_default() += 1;
    }
    let mut names = BTreeSet::new();
    for socket in bound.iter().filter(|socket| !socket.is_connected) {
        let mut object = Object::new(Kind::Socket, socket.name.clone());
        let path = Path::new(&socket.name);
        if let Ok(metadata) = fs::symlink_metadata(path) {
            shm::of_file(&mut object, &metadata);
            (object.file, object.size) = (None, None);
            object.path = Some(path.to_owned());
        }
        object.processes = sight.processes.of_socket(socket.inode);
        let of = match socket.kind {
            1 => "stream",
            2 => "datagram",
            5 => "seqpacket",
            _ => "socket",
        };
        object.content = match connections.get(&socket.name) {
            None => of.to_owned(),
            Some(1) => format!("{of}, 1 connection"),
            Some(count) => format!("{of}, {count} connections"),
        };
        object.is(State::InUse, "a process has bound it");
        names.insert(path.to_owned());
        found.objects.push(object);
    }
    let lying = entries(sight, FileTypeExt::is_socket);
    for path in lying.into_iter().filter(|path| !names.contains(path)) {
        let Ok(metadata) = fs::symlink_metadata(&path) else { continue };
        let mut object = Object::new(Kind::Socket, path.to_string_lossy().into_owned());
        shm::of_file(&mut object, &metadata);
        (object.file, object.size) = (None, None);
        match is_bound(&path) {
            Some(true) => {
                object.is(State::InUse, "a process of another network namespace has bound it");
            }
            Some(false) => {
                object.is(State::Stale, "no process has bound it: its server has ended");
            }
            None => object.is(
                State::Idle,
                "no visible process has bound it, and its mode forbids a closer check",
            ),
        }
        object.path = Some(path);
        found.objects.push(object);
    }
}

/// Asks the kernel whether any process has bound the socket file, in any namespace; `None` if it
/// may not be asked.
///
/// A datagram socket that connects sends nothing, and listeners do not notice it: to another type
/// of socket the kernel refuses it at once, and reports a file that no process has bound.
pub(crate) fn is_bound(path: &Path) -> Option<bool> {
    match UnixDatagram::unbound().ok()?.connect(path) {
        Ok(()) => Some(true),
        Err(err) if err.kind() == ErrorKind::ConnectionRefused => Some(false),
        Err(err) if err.raw_os_error() == Some(nix::errno::Errno::EPROTOTYPE as i32) => Some(true),
        Err(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixListener;

    use super::*;

    #[test]
    fn a_socket_is_bound_while_a_process_has_it_and_no_listener_notices() {
        let path = env::temp_dir().join(format!("ipc-test-{}-socket", std::process::id()));
        let listener = UnixListener::bind(&path).unwrap();
        listener.set_nonblocking(true).unwrap();
        assert_eq!(is_bound(&path), Some(true));
        assert_eq!(listener.accept().unwrap_err().kind(), ErrorKind::WouldBlock);
        drop(listener);
        assert_eq!(is_bound(&path), Some(false));
        fs::remove_file(&path).unwrap();
        assert_eq!(is_bound(&path), None);
    }
}
