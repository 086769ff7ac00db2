//! `/proc`, read as bytes.
//!
//! Any user chooses names of processes, files and sockets: bytes that do not form text, a line
//! break, a file called `/SYSVx`. A reader that refuses such a line would let one process hide all
//! others, so each line stands alone, and what cannot be read is left out.

use std::borrow::Cow;
use std::fs;
use std::io::{ErrorKind, Read};
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use super::FileId;

/// The clock ticks of a second, as `/proc` counts them on every processor that Rust knows.
const TICKS: u64 = 100;

/// The ids of all processes.
pub(super) fn pids() -> std::io::Result<Vec<i32>> {
    let entries = fs::read_dir("/proc")?.flatten();
    Ok(entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect())
}

/// When the machine was started.
pub(super) fn boot_time() -> SystemTime {
    let text = fs::read_to_string("/proc/stat").unwrap_or_default();
    let seconds = text.lines().find_map(|line| line.strip_prefix("btime ")?.trim().parse().ok());
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds.unwrap_or(0))
}

/// The name of the process that had this number at `time`, if it still runs.
pub(super) fn running_since(pid: i32, time: SystemTime) -> Option<String> {
    let stat = stat(pid, &mut Vec::new())?;
    began_before(boot_time() + stat.since_boot, time).then_some(stat.command)
}

/// Returns `true` if a process that was started then existed at `time`: the start of a process is
/// known to a tick, and the time of boot to a second.
pub(super) fn began_before(started: SystemTime, time: SystemTime) -> bool {
    started <= time + Duration::from_secs(2)
}

/// The name of a process, its parent, and how long after the machine it was started.
pub(super) struct Stat {
    pub(super) command: String,
    pub(super) since_boot: Duration,
}

/// Reads `/proc/PID/stat`. The name of the process may contain anything, even parentheses.
pub(super) fn stat(pid: i32, buffer: &mut Vec<u8>) -> Option<Stat> {
    parse_stat(read(&format!("/proc/{pid}/stat"), buffer).ok()?)
}

/// Reads a file into a buffer that is used again. Files of `/proc` have no size: `fs::read` begins
/// with a few bytes, and needs seven calls where three do.
fn read<'a>(path: &str, buffer: &'a mut Vec<u8>) -> std::io::Result<&'a [u8]> {
    const STEP: usize = 1 << 14;

    let mut file = fs::File::open(path)?;
    let mut len = 0;
    loop {
        buffer.resize(buffer.len().max(len + STEP), 0);
        match file.read(&mut buffer[len..]) {
            Ok(0) => return Ok(&buffer[..len]),
            Ok(more) => len += more,
            Err(err) if err.kind() == ErrorKind::Interrupted => {}
            Err(err) => return Err(err),
        }
    }
}

fn parse_stat(bytes: &[u8]) -> Option<Stat> {
    let begin = bytes.iter().position(|byte| *byte == b'(')?;
    let end = bytes.iter().rposition(|byte| *byte == b')').filter(|end| *end > begin)?;
    let command = String::from_utf8_lossy(&bytes[begin + 1..end]).into_owned();
    let rest = str::from_utf8(&bytes[end + 1..]).ok()?;
    let ticks: u64 = rest.split_whitespace().nth(19)?.parse().ok()?;
    Some(Stat { command, since_boot: Duration::from_millis(ticks.checked_mul(1000)? / TICKS) })
}

/// The target of a descriptor.
pub(super) enum Target {
    /// A path of its process, and the descriptor by its path in `/proc`.
    File(String, PathBuf),
    Socket(u64),
}

/// The files and sockets that a process has open.
pub(super) fn descriptors(pid: i32) -> std::io::Result<impl Iterator<Item = Target>> {
    let entries = fs::read_dir(format!("/proc/{pid}/fd"))?.flatten();
    Ok(entries.filter_map(|entry| {
        let link = fs::read_link(entry.path()).ok()?;
        let bytes = link.as_os_str().as_bytes();
        match bytes.strip_prefix(b"socket:[") {
            Some(rest) => {
                Some(Target::Socket(str::from_utf8(rest.strip_suffix(b"]")?).ok()?.parse().ok()?))
            }
            None => bytes
                .starts_with(b"/")
                .then(|| Target::File(link.to_string_lossy().into_owned(), entry.path())),
        }
    }))
}

/// A file that a process maps.
pub(super) struct Map<'a> {
    pub(super) file: FileId,
    pub(super) path: Cow<'a, str>,
    /// The name of the mapping in `/proc/PID/map_files`.
    pub(super) range: &'a str,
}

/// The files that a process maps, each mapping once.
pub(super) fn maps(
    pid: i32,
    buffer: &mut Vec<u8>,
) -> std::io::Result<impl Iterator<Item = Map<'_>>> {
    let bytes = read(&format!("/proc/{pid}/maps"), buffer)?;
    Ok(bytes.split(|byte| *byte == b'\n').filter_map(parse_map))
}

/// A line such as `7f..-7f.. rw-s 00000000 00:1a 63   /dev/shm/frames`.
fn parse_map(line: &[u8]) -> Option<Map<'_>> {
    let path = &line[line.iter().position(|byte| *byte == b'/')?..];
    let mut cells = str::from_utf8(&line[..line.len() - path.len()]).ok()?.split_ascii_whitespace();
    let (range, device, inode) = (cells.next()?, cells.nth(2)?, cells.next()?);
    let (major, minor) = device.split_once(':')?;
    let hex = |text| u64::from_str_radix(text, 16).ok();
    let file = FileId { major: hex(major)?, minor: hex(minor)?, inode: inode.parse().ok()? };
    Some(Map { file, path: String::from_utf8_lossy(path), range })
}

/// A Unix socket that has a name.
pub(super) struct UnixSocket {
    /// 1 stream, 2 datagram, 5 seqpacket.
    pub(super) kind: u32,
    pub(super) is_connected: bool,
    pub(super) inode: u64,
    pub(super) name: String,
}

/// All named Unix sockets of this network namespace.
pub(super) fn unix_sockets() -> std::io::Result<Vec<UnixSocket>> {
    let bytes = fs::read("/proc/net/unix")?;
    Ok(bytes.split(|byte| *byte == b'\n').skip(1).filter_map(parse_socket).collect())
}

/// A line such as `0000000000000000: 00000002 00000000 00010000 0001 01 21355 /run/app.sock`.
fn parse_socket(line: &[u8]) -> Option<UnixSocket> {
    const CONNECTED: u32 = 3;

    let mut rest = line;
    let mut cells = [""; 7];
    for cell in &mut cells {
        rest = rest.trim_ascii_start();
        let end = rest.iter().position(u8::is_ascii_whitespace).unwrap_or(rest.len());
        *cell = str::from_utf8(&rest[..end]).ok()?;
        rest = &rest[end..];
    }
    let name = rest.strip_prefix(b" ").filter(|name| !name.is_empty())?;
    Some(UnixSocket {
        kind: u32::from_str_radix(cells[4], 16).ok()?,
        is_connected: u32::from_str_radix(cells[5], 16).ok()? == CONNECTED,
        inode: cells[6].parse().ok()?,
        name: String::from_utf8_lossy(name).into_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_may_be_called_anything() {
        let rest = format!(" S{}", " 7".repeat(18) + " 250 0 0");
        for name in ["sh", "a) S (b", "", "\u{1b}[2J", "(((", "x y"] {
            let stat = parse_stat(format!("42 ({name}){rest}").as_bytes()).unwrap();
            assert_eq!((&*stat.command, stat.since_boot), (name, Duration::from_millis(2500)));
        }
        let odd = [b"1 (\xff)".as_slice(), rest.as_bytes()].concat();
        assert_eq!(parse_stat(&odd).unwrap().command, "\u{fffd}");
        for nonsense in ["", "1", "1 (", "1 )(", "1 (x", "1 (x) S", "1 (x) S 1 1"] {
            assert!(parse_stat(nonsense.as_bytes()).is_none(), "{nonsense}");
        }
    }

    #[test]
    fn a_mapped_file_may_be_called_anything() {
        let map =
            parse_map(b"7f00-7f10 rw-s 00000000 00:1a 63     /dev/shm/a b\xff (deleted)").unwrap();
        assert_eq!(map.file, FileId { major: 0, minor: 0x1a, inode: 63 });
        assert_eq!((&*map.path, map.range), ("/dev/shm/a b\u{fffd} (deleted)", "7f00-7f10"));
        assert_eq!(parse_map(b"7f00-7f10 rw-s 00000000 00:01 5 /SYSVx").unwrap().path, "/SYSVx");
        for nonsense in [
            "",
            "/",
            "7f00-7f10 rw-p 00000000 00:00 0 [heap]",
            "7f00 rw-p 0 0 0 /x",
            "a b c d:e f /x",
        ] {
            assert!(parse_map(nonsense.as_bytes()).is_none(), "{nonsense}");
        }
    }

    #[test]
    fn a_socket_may_be_called_anything() {
        let socket = parse_socket(
            b"0000000000000000: 00000002 00000000 00010000 0001 01 21355 /run/a b\xff",
        )
        .unwrap();
        assert_eq!((socket.kind, socket.is_connected, socket.inode), (1, false, 21355));
        assert_eq!(socket.name, "/run/a b\u{fffd}");
        for nonsense in
            ["", "0: 2 0 0 1 1 21355", "0: 2 0 0 1 1 21355 ", "0: 2 0 0 g 1 21355 x", "a b c"]
        {
            assert!(parse_socket(nonsense.as_bytes()).is_none(), "{nonsense}");
        }
    }
}
