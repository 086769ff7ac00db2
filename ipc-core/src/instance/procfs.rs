//! Threads and processes as `/proc` reports them.

use std::collections::BTreeSet;
use std::fs;

use crate::Clock;

/// The content of `/proc/PID/stat`.
#[derive(Clone, Copy)]
pub(super) struct Stat {
    pub(super) flags: u64,
    /// The number of threads of the process, also of those that are exiting; 0 after the last one.
    pub(super) threads: usize,
    /// The start time, in [ticks](ticks) since the machine was started.
    pub(super) start: u64,
}

impl Stat {
    /// The thread is exiting, and so does not return to user mode.
    pub(super) fn is_exiting(&self) -> bool {
        const PF_EXITING: u64 = 4;
        self.flags & PF_EXITING != 0
    }
}

/// Reads the state of a process, or of one of its threads. `None` if `/proc` has no entry for it.
pub(super) fn stat(pid: i32, thread: Option<i32>) -> Option<Stat> {
    let path = match thread {
        None => format!("/proc/{pid}/stat"),
        Some(thread) => format!("/proc/{pid}/task/{thread}/stat"),
    };
    parse(&fs::read_to_string(path).ok()?)
}

/// The name of the program is in parentheses and may contain any characters, so the fields are
/// counted from the last parenthesis.
fn parse(text: &str) -> Option<Stat> {
    const FLAGS: usize = 9;
    const THREADS: usize = 20;
    const START: usize = 22;
    const FIRST_BEHIND_NAME: usize = 3;

    let (_, fields) = text.rsplit_once(')')?;
    let mut fields = fields.split_ascii_whitespace();
    let flags = fields.nth(FLAGS - FIRST_BEHIND_NAME)?.parse().ok()?;
    let threads = fields.nth(THREADS - FLAGS - 1)?.parse().ok()?;
    let start = fields.nth(START - THREADS - 1)?.parse().ok()?;
    Some(Stat { flags, threads, start })
}

/// Returns the time since the machine was started, as the kernel reports it to programs: in ticks
/// of 10 ms (`USER_HZ`).
pub(super) fn ticks() -> Option<u64> {
    let now = Clock::BOOTTIME.now().ok()?;
    u64::try_from(now.sec() * 100 + now.nsec() / 10_000_000).ok()
}

/// The ids of the threads of a process. `None` if `/proc` does not say. If threads end meanwhile,
/// the kernel leaves out others, which live on.
pub(super) fn threads(pid: i32) -> Option<BTreeSet<i32>> {
    fs::read_dir(format!("/proc/{pid}/task"))
        .ok()?
        .map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .collect()
}

/// Returns `true` if `/proc` numbers processes as this process does: it may belong to another PID
/// namespace, or not be mounted.
pub(super) fn is_ours() -> bool {
    // One id for each namespace from that of `/proc` down to that of the process.
    let ids =
        |line: &str| line.strip_prefix("NSpid:").map(|ids| ids.split_ascii_whitespace().count());
    fs::read_to_string("/proc/thread-self/status")
        .is_ok_and(|status| status.lines().find_map(ids) == Some(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_parentheses_and_spaces_shifts_no_field() {
        let rest = "S 1 7 7 0 -1 4194564 1 0 0 0 0 0 0 0 20 0 1 0 8765 1 2 3";
        for name in ["cat", "a) S 1 (b", ") 1 2 3 (", ""] {
            let stat = parse(&format!("7 ({name}) {rest}")).unwrap();
            assert_eq!(
                (stat.flags, stat.threads, stat.start, stat.is_exiting()),
                (4_194_564, 1, 8765, true),
                "{name}"
            );
        }
        assert!(parse("7 (cat) S 1 7").is_none() && parse("").is_none());
    }

    #[test]
    fn this_process_is_seen_with_all_its_threads() {
        let threads = std::thread::scope(|scope| {
            scope.spawn(|| threads(std::process::id().cast_signed()).unwrap()).join().unwrap()
        });
        assert!(threads.len() > 1 && is_ours());
        assert!(threads.iter().any(|thread| thread.cast_unsigned() == std::process::id()));
    }
}
