//! System V objects, from the tables of `/proc/sysvipc`: nothing is attached.

use std::fs;
use std::time::{Duration, SystemTime};

use super::{Found, Kind, Object, Sight, State, library};
use crate::output;

/// Bits beside the permissions of a segment: it goes with its last process; it is locked in memory.
const GOES: u32 = 0o1000;
const LOCKED: u32 = 0o2000;

/// A line of a table, by the names of its columns.
struct Line<'a> {
    columns: &'a [&'a str],
    cells: Vec<&'a str>,
}

impl Line<'_> {
    fn text(&self, column: &str) -> &str {
        let place = self.columns.iter().position(|name| *name == column);
        place.and_then(|place| self.cells.get(place).copied()).unwrap_or_default()
    }

    fn number<T: std::str::FromStr + Default>(&self, column: &str) -> T {
        self.text(column).parse().unwrap_or_default()
    }

    /// A time that is 0 if it never was.
    fn time(&self, column: &str) -> Option<SystemTime> {
        let seconds: u64 = self.number(column);
        (seconds > 0).then(|| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds))
    }
}

/// Adds an object for each line of a table.
fn each(
    found: &mut Found,
    file: &str,
    id: &str,
    kind: Kind,
    describe: impl Fn(&mut Object, &Line),
) {
    let path = format!("/proc/sysvipc/{file}");
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(err) => return found.unseen(format!("{}: {path}: {err}", kind.row().noun[1])),
    };
    let mut lines = text.lines();
    let columns: Vec<_> = lines.next().unwrap_or_default().split_whitespace().collect();
    for line in lines {
        let line = Line { columns: &columns, cells: line.split_whitespace().collect() };
        let (key, id): (i32, i32) = (line.number("key"), line.number(id));
        let mut object = Object::new(kind, id.to_string());
        (object.key, object.id) = (Some(key).filter(|key| *key != 0), Some(id));
        object.owner = Some(line.number("uid"));
        let perms = u32::from_str_radix(line.text("perms"), 8).unwrap_or(0);
        object.mode = Some(perms & 0o777);
        object.since = line.time("ctime");
        describe(&mut object, &line);
        found.objects.push(object);
    }
}

/// Adds segments.
pub(super) fn segments(sight: &Sight, found: &mut Found) {
    each(found, "shm", "shmid", Kind::Segment, |object, line| {
        let attached: usize = line.number("nattch");
        let perms = u32::from_str_radix(line.text("perms"), 8).unwrap_or(0);
        let marks = [(GOES, "removed with its last process"), (LOCKED, "locked in memory")];
        let marks: Vec<_> =
            marks.iter().filter(|(bit, _)| perms & bit != 0).map(|(_, mark)| *mark).collect();
        object.content = marks.join(", ");
        (object.size, object.attached) = (Some(line.number("size")), Some(attached));
        object.processes = object.id.map(|id| sight.processes.of_segment(id)).unwrap_or_default();
        let users = [line.number("cpid"), line.number("lpid")];
        let changed = object.since.unwrap_or(SystemTime::UNIX_EPOCH);
        let used = [line.time("atime"), line.time("dtime")].into_iter().flatten().max();
        let last = used.map_or(changed, |used| used.max(changed));
        let runs = users.iter().any(|pid| *pid > 0 && sight.processes.runs_since(*pid, last));
        // A process that is out of sight has the number 0.
        let known = users[0] > 0 && (used.is_none() || users[1] > 0);
        match (attached, object.key) {
            (1.., _) => object.is(State::InUse, "processes map it"),
            (0, None) if !runs && known => {
                let why =
                    "no process maps it, it has no key, and its creator and last user have ended";
                object.is(State::Stale, why);
            }
            (0, None) => {
                object.is(State::Idle, "no process maps it, but its creator or last user runs");
            }
            (0, Some(_)) => object.is(State::Idle, "no process maps it, but it has a key"),
        }
    });
}

/// Sets the state of an object whose users the kernel does not count.
fn uncounted(sight: &Sight, object: &mut Object, users: &[i32], last: SystemTime, waiting: u32) {
    let mut users = users.to_vec();
    users.sort_unstable();
    users.dedup();
    let running = users.iter().filter(|pid| **pid > 0 && sight.processes.runs_since(**pid, last));
    object.processes =
        running.filter_map(|pid| sight.processes.process(*pid, "used it last")).collect();
    if waiting > 0 {
        object.content += &format!(", {waiting} waiting");
        object.is(State::InUse, "processes wait for it");
    } else if object.processes.is_empty() {
        let why = "the process that used it last has ended; other processes may still need it: \
                   the kernel keeps no list of them";
        object.is(State::Idle, why);
    } else {
        object.is(State::InUse, "its last user runs");
    }
}

/// Adds semaphore sets.
pub(super) fn sets(sight: &Sight, found: &mut Found) {
    /// The maximum of values that a listing shows.
    const SHOWN: usize = 8;

    each(found, "sem", "semid", Kind::Set, |object, line| {
        let len: usize = line.number("nsems");
        object.size = Some(len as u64);
        object.content = output::count(len, "semaphore", "semaphores");
        let last = line.time("otime").max(object.since).unwrap_or(SystemTime::UNIX_EPOCH);
        let (mut users, mut waiting) = (Vec::new(), 0);
        let set = object.id.ok_or(()).and_then(|id| library::set(id).map_err(drop));
        if let Some(values) = set.as_ref().ok().and_then(|set| set.values().ok()) {
            let told: Vec<_> = values.iter().take(SHOWN).map(u16::to_string).collect();
            let more = if values.len() > SHOWN { ", …" } else { "" };
            let word = if len == 1 { "value" } else { "values" };
            object.content = format!("{word} {}{more}", told.join(", "));
        }
        for index in 0..u16::try_from(len).unwrap_or(u16::MAX) {
            let Ok(set) = &set else { break };
            users.extend(set.last_process(index).ok().flatten().map(|pid| pid.raw()));
            waiting +=
                set.waiting_for_more(index).unwrap_or(0) + set.waiting_for_zero(index).unwrap_or(0);
        }
        uncounted(sight, object, &users, last, waiting);
    });
}

/// Adds message queues.
pub(super) fn queues(sight: &Sight, found: &mut Found) {
    each(found, "msg", "msqid", Kind::SysvQueue, |object, line| {
        object.size = Some(line.number("cbytes"));
        object.content = output::count(line.number::<u64>("qnum"), "message", "messages");
        let times = [line.time("stime"), line.time("rtime"), object.since];
        let last = times.into_iter().flatten().max().unwrap_or(SystemTime::UNIX_EPOCH);
        uncounted(sight, object, &[line.number("lspid"), line.number("lrpid")], last, 0);
    });
}
