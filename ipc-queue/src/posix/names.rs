//! The names of POSIX message queues.

use std::fs::{self, File, Metadata};
use std::io;
use std::os::fd::AsFd;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicU32, Ordering};

use ipc_core::{Error, Name, Permissions, Result};

use super::{MessageQueue, sys};

impl MessageQueue {
    /// Returns the names of all POSIX queues of this IPC namespace.
    ///
    /// Only this function needs the `mqueue` file system to be mounted. If `/proc` is mounted, the
    /// function finds the file system wherever it is mounted; otherwise it looks only at
    /// `/dev/mqueue`. To find the mount of this IPC namespace, the function creates a queue and
    /// unlinks it again. Names that are not valid UTF-8 are left out.
    ///
    /// # Errors
    ///
    /// [`is_unsupported`](Error::is_unsupported) if the file system is not mounted for this IPC
    /// namespace; the message says how to mount it.
    pub fn names() -> Result<Vec<Name>> {
        const MOUNTS: &str = "/proc/thread-self/mountinfo";

        let (places, looked) = match fs::read(MOUNTS) {
            Ok(mounts) => (mount_points(&mounts), ""),
            Err(err) if err.kind() == io::ErrorKind::NotFound => {
                (vec![PathBuf::from("/dev/mqueue")], " (without /proc, no other path is looked at)")
            }
            Err(err) => return Err(Error::io("read", MOUNTS, &err)),
        };
        // Of a mount that something else covers, the path leads to that.
        let opened = places.iter().filter_map(|place| Some((place, open(place).ok()?)));
        let visible: Vec<_> = opened.filter(|(_, dir)| sys::is_mqueue(dir.as_fd())).collect();
        let device = if visible.is_empty() { None } else { device() };
        let mut refused = None;
        for (place, dir) in visible {
            match entries(place) {
                Ok(names) if is_ours(&dir, device, &names) => return Ok(names),
                Ok(_) => {}
                Err(err) => refused = Some(Error::io("readdir", place.display(), &err)),
            }
        }
        let why = format!(
            "the file system of this IPC namespace's queues is not mounted; root can mount it with \
             `mkdir -p /dev/mqueue && mount -t mqueue none /dev/mqueue`{looked}"
        );
        Err(refused.unwrap_or_else(|| Error::unsupported("readdir", "message queues", why)))
    }
}

fn open(place: &Path) -> io::Result<File> {
    File::open(place)
}

/// Returns `true` if a mount belongs to this IPC namespace: by its device, or, if that is not
/// known, by its queues.
fn is_ours(dir: &File, device: Option<u64>, names: &[Name]) -> bool {
    match (device, dir.metadata()) {
        (Some(device), Ok(found)) => found.dev() == device,
        _ => names.iter().all(|name| sys::exists(name.as_c_str())),
    }
}

/// Returns the device of this IPC namespace's queues, which only a queue has: so one is created for
/// a moment. `None` if a limit prevents that.
fn device() -> Option<u64> {
    static NEXT: AtomicU32 = AtomicU32::new(0);

    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let name = Name::new(&format!("/.names-{}-{number}", process::id())).ok()?;
    let queue = sys::create(name.as_c_str(), Permissions::from_mode(0), 1, 1).ok()?;
    // The name is this process's own, and the queue was created above.
    let _ = sys::unlink(name.as_c_str());
    File::from(queue).metadata().as_ref().map(Metadata::dev).ok()
}

/// Returns the names in a directory that are names of queues.
fn entries(place: &Path) -> io::Result<Vec<Name>> {
    let names = fs::read_dir(place)?.flatten().filter_map(|entry| {
        let name = entry.file_name();
        Name::new(&format!("/{}", name.to_str()?)).ok()
    });
    Ok(names.collect())
}

/// Returns where file systems of queues are mounted, from the text of `mountinfo`, newest first.
fn mount_points(mounts: &[u8]) -> Vec<PathBuf> {
    let lines = mounts.split(|byte| *byte == b'\n').rev();
    let places = lines.filter_map(|line| {
        let mut fields = line.split(|byte| *byte == b' ');
        let place = fields.nth(4)?;
        // Optional fields end with a single "-", after which the type follows.
        let kind = fields.skip_while(|field| *field != b"-").nth(1)?;
        (kind == b"mqueue").then(|| PathBuf::from(std::ffi::OsString::from_vec(unescaped(place))))
    });
    places.collect()
}

/// Replaces each backslash with three octal digits by the byte that they mean, as in
/// `/with\040space`.
fn unescaped(field: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(field.len());
    let mut rest = field;
    while let Some((&first, after)) = rest.split_first() {
        let octal = (first == b'\\').then(|| after.get(..3)).flatten();
        let octal = octal.and_then(|digits| std::str::from_utf8(digits).ok());
        match octal.and_then(|digits| u8::from_str_radix(digits, 8).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[3..];
            }
            None => {
                bytes.push(first);
                rest = after;
            }
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mount_points_are_found_whatever_their_path_contains() {
        let mounts = b"22 1 0:20 / /proc rw shared:5 - proc proc rw\n\
            30 1 0:9 / /mqueue rw - tmpfs mqueue rw\n\
            31 1 0:19 / /dev/mqueue rw,nosuid shared:7 master:1 - mqueue none rw\n\
            32 1 0:50 / /a\\040b\\011\\134040c rw - mqueue mqueue rw\n";
        let found = mount_points(mounts);
        assert_eq!(found, [Path::new("/a b\t\\040c"), Path::new("/dev/mqueue")]);
        assert_eq!(mount_points(b""), [] as [&Path; 0]);
        assert_eq!(unescaped(b"\\04 \\400 \\"), b"\\04 \\400 \\");
    }
}
