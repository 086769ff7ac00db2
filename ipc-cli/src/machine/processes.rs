//! The processes of the machine, and the files, sockets and segments that each uses: one pass over
//! `/proc`.

use std::collections::{BTreeMap, HashMap};
use std::fs::{self, Metadata};
use std::io::{self, ErrorKind};
use std::path::PathBuf;
use std::time::SystemTime;

use super::proc::{self, Target};
use super::{FileId, Found, Kind, Process, State};

/// All that is known of processes.
#[derive(Default)]
pub(crate) struct Processes {
    known: BTreeMap<i32, Known>,
    /// Files, by what they are; each process once for each way of using one.
    files: BTreeMap<FileId, Vec<Use>>,
    /// Sockets, by inode.
    sockets: HashMap<u64, Vec<i32>>,
    /// System V segments, by id.
    segments: HashMap<i32, Vec<i32>>,
    /// Files that are open or memory: a path, and what it leads to.
    pub(super) seen: HashMap<FileId, Seen>,
    /// Processes that do not show what they use.
    hidden: Vec<i32>,
    /// Why there is nothing at all, if there is not.
    failure: Option<String>,
    /// A process in each mount namespace other than this process's.
    pub(super) elsewhere: Vec<i32>,
    /// How many IPC namespaces there are besides this process's, and a process in one of them.
    other_ipc: Option<(usize, i32)>,
    /// `/proc` shows the processes of the whole machine, if it shows those of all users.
    of_machine: bool,
}

#[derive(Clone, Copy)]
struct Use {
    pid: i32,
    how: &'static str,
}

struct Known {
    command: String,
    started: SystemTime,
}

/// A file that was found through a process.
pub(super) struct Seen {
    pub(super) name: String,
    pub(super) metadata: Metadata,
}

impl Processes {
    /// Looks at all processes but this one.
    pub(crate) fn now() -> Self {
        let mut this = Self { of_machine: is_first_pid_namespace(), ..Self::default() };
        let all = match proc::pids() {
            Ok(all) if !all.is_empty() => all,
            Ok(_) => {
                this.failure = Some(String::from("/proc is empty"));
                return this;
            }
            Err(err) => {
                this.failure = Some(err.to_string());
                return this;
            }
        };
        let boot = proc::boot_time();
        let me = std::process::id().cast_signed();
        let (mut mounts, mut ipcs) = (HashMap::new(), HashMap::new());
        let ours = fs::read_link("/proc/self/ns/ipc").ok();
        let mut buffer = Vec::new();
        for pid in all.into_iter().filter(|pid| *pid != me) {
            let Some(stat) = proc::stat(pid, &mut buffer) else { continue };
            this.known
                .insert(pid, Known { command: stat.command, started: boot + stat.since_boot });
            note_namespace(pid, "mnt", &mut mounts);
            let is_ours = note_namespace(pid, "ipc", &mut ipcs) == ours;
            // A process that has ended meanwhile uses nothing.
            let done = [this.note_files(pid), this.note_maps(pid, is_ours, &mut buffer)];
            this.hidden.extend(done.iter().any(is_refused).then_some(pid));
        }
        this.elsewhere = others("mnt", &mounts);
        this.other_ipc =
            others("ipc", &ipcs).first().map(|pid| (ipcs.len().saturating_sub(1).max(1), *pid));
        this
    }

    fn note_files(&mut self, pid: i32) -> io::Result<()> {
        for target in proc::descriptors(pid)? {
            let (name, descriptor) = match target {
                Target::Socket(inode) => {
                    note(self.sockets.entry(inode).or_default(), pid);
                    continue;
                }
                Target::File(name, descriptor) if may_be_shared(&name) => (name, descriptor),
                Target::File(..) => continue,
            };
            let Ok(metadata) = fs::metadata(descriptor) else { continue };
            let id = FileId::of(&metadata);
            self.uses(id, pid, "opens");
            self.seen.entry(id).or_insert(Seen { name, metadata });
        }
        Ok(())
    }

    /// `is_ours` if the process is in this IPC namespace: in another, its segments have the same
    /// ids.
    fn note_maps(&mut self, pid: i32, is_ours: bool, buffer: &mut Vec<u8>) -> io::Result<()> {
        for map in proc::maps(pid, buffer)?.filter(|map| may_be_shared(&map.path)) {
            if is_segment(&map) {
                let users = i32::try_from(map.file.inode)
                    .ok()
                    .filter(|_| is_ours)
                    .map(|id| self.segments.entry(id).or_default());
                users.into_iter().for_each(|users| note(users, pid));
                continue;
            }
            self.uses(map.file, pid, "maps");
            let is_nameless = map.path.starts_with(MEMFD)
                || map.path.starts_with("/dev/shm/") && map.path.ends_with(" (deleted)");
            if is_nameless && !self.seen.contains_key(&map.file) {
                // A mapping can outlive its descriptor: `map_files` leads to it, for root.
                let through = fs::metadata(format!("/proc/{pid}/map_files/{}", map.range));
                let seen = through.map(|metadata| Seen { name: map.path.into_owned(), metadata });
                self.seen.extend(seen.map(|seen| (map.file, seen)));
            }
        }
        Ok(())
    }

    fn uses(&mut self, id: FileId, pid: i32, how: &'static str) {
        let uses = self.files.entry(id).or_default();
        match uses.last_mut() {
            Some(last) if last.pid == pid => last.how = how, // a mapping says more than a descriptor
            _ => uses.push(Use { pid, how }),
        }
    }

    /// The processes that use a file.
    pub(super) fn of_file(&self, id: FileId) -> Vec<Process> {
        self.files
            .get(&id)
            .into_iter()
            .flatten()
            .filter_map(|used| self.process(used.pid, used.how))
            .collect()
    }

    /// The processes that have a socket.
    pub(super) fn of_socket(&self, inode: u64) -> Vec<Process> {
        self.sockets
            .get(&inode)
            .into_iter()
            .flatten()
            .filter_map(|pid| self.process(*pid, "opens"))
            .collect()
    }

    /// The processes that map a System V segment.
    pub(super) fn of_segment(&self, id: i32) -> Vec<Process> {
        self.segments
            .get(&id)
            .into_iter()
            .flatten()
            .filter_map(|pid| self.process(*pid, "maps"))
            .collect()
    }

    /// A path by which a process has a file open.
    pub(super) fn path_of(&self, id: FileId) -> Option<String> {
        self.seen.get(&id).map(|seen| seen.name.clone())
    }

    /// A process as it is shown.
    pub(crate) fn process(&self, pid: i32, how: &'static str) -> Option<Process> {
        let command = self.known.get(&pid)?.command.clone();
        Some(Process { pid, command, how })
    }

    /// Returns `true` if the process that had this number at `time` still runs: it began before
    /// that.
    pub(super) fn runs_since(&self, pid: i32, time: SystemTime) -> bool {
        self.known.get(&pid).is_some_and(|known| proc::began_before(known.started, time))
    }

    /// Returns `true` if all that processes use was seen.
    pub(crate) fn are_all_seen(&self) -> bool {
        self.hidden.is_empty()
            && self.failure.is_none()
            && self.known.contains_key(&1)
            && self.of_machine
    }

    /// Adds the processes to the objects that they use, and notes what could not be seen.
    pub(super) fn tell(&self, found: &mut Found) {
        let are_all_seen = self.are_all_seen();
        for object in &mut found.objects {
            if let Some(id) = object.file {
                object.processes.extend(self.of_file(id));
            }
            // Where the kernel counts, it decides.
            let is_counted = object.attached.is_some();
            if !object.processes.is_empty() && object.state != State::InUse && !is_counted {
                object.is(State::InUse, "processes use it");
            }
            object.is_guess = !are_all_seen
                && object.state != State::InUse
                && object.attached.is_none()
                && object.id.is_none()
                && object.kind != Kind::Socket;
        }
        if let Some(why) = &self.failure {
            found.unseen(format!(
                "processes: {why}; mount /proc to see which process uses which object"
            ));
        } else if !self.known.contains_key(&1) {
            found.unseen(
                "processes of other users: /proc hides them (hidepid); run as root to see them",
            );
        }
        if self.failure.is_none() && !self.of_machine {
            found.unseen("processes outside of this PID namespace, as in a container");
        }
        if let Some(pid) = self.hidden.first() {
            let few = match self.hidden.len() {
                1 => format!("1 process (pid {pid})"),
                count => format!("{count} processes (pid {pid}, …)"),
            };
            let is_root = nix::unistd::Uid::effective().is_root();
            let why = if is_root {
                "run as root outside this container or sandbox to see them"
            } else {
                "run as root, or as the user of the process, to see them"
            };
            found.unseen(format!("objects of {few}: {why}"));
        }
        if let Some((count, pid)) =
            self.other_ipc.filter(|_| found.objects.iter().any(|object| object.id.is_some()))
        {
            let namespaces = if count == 1 {
                "1 other IPC namespace"
            } else {
                &format!("{count} other IPC namespaces")
            };
            found.unseen(format!(
                "System V objects of {namespaces}: `nsenter --ipc --target {pid} ipc ls` shows them"
            ));
        }
    }
}

fn is_refused(done: &io::Result<()>) -> bool {
    done.as_ref().is_err_and(|err| err.kind() == ErrorKind::PermissionDenied)
}

fn note(users: &mut Vec<i32>, pid: i32) {
    if users.last() != Some(&pid) {
        users.push(pid);
    }
}

fn note_namespace(pid: i32, kind: &str, known: &mut HashMap<PathBuf, i32>) -> Option<PathBuf> {
    let namespace = fs::read_link(format!("/proc/{pid}/ns/{kind}")).ok()?;
    known.entry(namespace.clone()).or_insert(pid);
    Some(namespace)
}

/// Returns `true` if `/proc` shows the processes of the whole machine.
fn is_first_pid_namespace() -> bool {
    const FIRST: &str = "pid:[4026531836]";

    fs::read_link("/proc/self/ns/pid").is_ok_and(|namespace| namespace.as_os_str() == FIRST)
}

/// A process in each namespace but ours.
fn others(kind: &str, known: &HashMap<PathBuf, i32>) -> Vec<i32> {
    let ours = fs::read_link(format!("/proc/self/ns/{kind}")).unwrap_or_default();
    let mut others: Vec<_> =
        known.iter().filter(|(namespace, _)| **namespace != ours).map(|(_, pid)| *pid).collect();
    others.sort_unstable();
    others
}

/// The beginning of the path of a memory file.
pub(super) const MEMFD: &str = "/memfd:";

/// A mapping of a System V segment, whose inode is its id: the kernel calls it by its key, on a
/// device of its own.
fn is_segment(map: &proc::Map<'_>) -> bool {
    map.file.major == 0
        && map.path.strip_prefix("/SYSV").is_some_and(|rest| rest.ends_with(" (deleted)"))
}

/// Returns `false` for devices, libraries and programs, which are not looked at.
fn may_be_shared(path: &str) -> bool {
    let of_devices = path.starts_with("/dev/")
        && !["/dev/shm/", "/dev/mqueue/"].iter().any(|at| path.starts_with(at));
    !of_devices
        && !["/usr/", "/lib/", "/lib64/", "/proc/", "/sys/"].iter().any(|at| path.starts_with(at))
}
