//! File locks, as `/proc/locks` lists them.

use std::fs;

use super::{FileId, Found, Kind, Object, Sight, State};

/// From this byte on the toolkit's named objects count who is attached: those locks are not shown.
const COUNTS: u64 = 1 << 61;

/// A lock on a file, or a wait for one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FileLock {
    /// `FLOCK`, `POSIX`, `OFDLCK`, `LEASE`.
    of: String,
    shared: bool,
    /// `None` for a lock that a description of the file has, and for a process that is out of
    /// sight.
    pid: Option<i32>,
    file: FileId,
    /// The first byte, and the last unless it is the last there is.
    bytes: (u64, Option<u64>),
    waits: bool,
}

/// Reads all locks. An error is a sentence for the user.
pub(super) fn read() -> Result<Vec<FileLock>, String> {
    let text = fs::read_to_string("/proc/locks")
        .map_err(|err| format!("file locks: /proc/locks: {err}"))?;
    Ok(text.lines().filter_map(parse).collect())
}

/// A line such as `1: FLOCK  ADVISORY  WRITE 1594 fd:00:396528 0 EOF`; one that waits has `->`
/// behind its number.
fn parse(line: &str) -> Option<FileLock> {
    let mut cells = line.split_whitespace().skip(1).peekable();
    let waits = cells.next_if_eq(&"->").is_some();
    let (of, _mode, kind, pid) = (cells.next()?, cells.next()?, cells.next()?, cells.next()?);
    let mut file = cells.next()?.split(':');
    let hex = |text: &str| u64::from_str_radix(text, 16).ok();
    let file = FileId {
        major: hex(file.next()?)?,
        minor: hex(file.next()?)?,
        inode: file.next()?.parse().ok()?,
    };
    let (first, last) = (cells.next()?.parse().ok()?, cells.next()?);
    Some(FileLock {
        of: of.to_owned(),
        shared: kind == "READ",
        pid: pid.parse().ok().filter(|pid| *pid > 0),
        file,
        bytes: (first, last.parse().ok()),
        waits,
    })
}

/// Adds file locks, each file once.
pub(super) fn list(sight: &Sight, found: &mut Found) {
    let locks = match &sight.locks {
        Ok(locks) => locks,
        Err(why) => return found.unseen(why.clone()),
    };
    let mut held: Vec<_> =
        locks.iter().filter(|lock| !lock.waits && lock.bytes.0 < COUNTS).collect();
    held.sort_by_key(|lock| (lock.file, lock.bytes));
    for lock in held {
        let name = sight.processes.path_of(lock.file).unwrap_or_else(|| {
            let FileId { major, minor, inode } = lock.file;
            format!("inode {inode} of device {major}:{minor}")
        });
        let mut object = Object::new(Kind::Lock, name);
        let bytes = match lock.bytes {
            (0, None) => String::from("whole file"),
            (first, None) => format!("bytes from {first}"),
            (first, Some(last)) => format!("bytes {first} to {last}"),
        };
        let access = if lock.shared { "shared" } else { "exclusive" };
        let of = match lock.of.as_str() {
            "FLOCK" => "flock lock",
            "POSIX" => "POSIX record lock",
            "OFDLCK" => "lock of an open file description",
            "LEASE" => "lease",
            other => other,
        };
        object.content = format!("{access} {of}, {bytes}");
        let waiting = locks.iter().filter(|other| other.waits && other.file == lock.file);
        let waiting: Vec<_> =
            waiting.filter_map(|other| sight.processes.process(other.pid?, "waits")).collect();
        if !waiting.is_empty() {
            object.content += &format!(", {} waiting", waiting.len());
        }
        object.processes = match lock.pid {
            Some(pid) => sight.processes.process(pid, "locks").into_iter().collect(),
            // A description may be shared: whoever has the file open may be the one.
            None => sight.processes.of_file(lock.file),
        };
        object.processes.extend(waiting);
        object.is(State::InUse, "it is held");
        found.objects.push(object);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_locks_are_read_with_waiters_and_nonsense_is_left_out() {
        let lock = parse("6: -> POSIX  ADVISORY  READ 1281 fd:01:16200 0 7").unwrap();
        assert_eq!(
            (lock.waits, lock.shared, lock.pid, lock.bytes),
            (true, true, Some(1281), (0, Some(7)))
        );
        assert_eq!(lock.file, FileId { major: 0xfd, minor: 1, inode: 16200 });
        let lock = parse("7: OFDLCK ADVISORY  WRITE -1 00:06:1028 5 EOF").unwrap();
        assert_eq!((lock.waits, lock.pid, lock.bytes), (false, None, (5, None)));
        for nonsense in [
            "",
            "1:",
            "1: FLOCK ADVISORY WRITE 3 xx 0 EOF",
            "1: FLOCK ADVISORY WRITE 3 0:0:z 0 EOF",
        ] {
            assert_eq!(parse(nonsense), None, "{nonsense}");
        }
    }
}
