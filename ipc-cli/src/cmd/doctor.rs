//! `ipc doctor`: the limits and the traps of this machine, and what to do about them.

use std::fs;
use std::path::Path;

use clap::Args;
use nix::sys::statvfs::statvfs;
use serde::Serialize;

use crate::failure::Failure;
use crate::machine::{self, Kind, queues};
use crate::output::{self, Align, Column, Style, Table};
use crate::sys;

pub(super) const AFTER: &str = "\
The result of a check is good, warning (programs work, but some may be slow, or reach a limit) or \
wrong (something fails now, or will soon fail). The exit code is 1 if the result of any check is wrong.

Examples:
  ipc doctor                    each check, its finding, and what to do
  ipc doctor --json | jq '.[] | select(.verdict != \"good\")'";

/// The options of `ipc doctor`.
#[derive(Args, Debug)]
pub(crate) struct Doctor {
    /// Print JSON, for programs
    #[arg(long)]
    json: bool,
}

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Verdict {
    Good,
    /// A trap, which a program can avoid.
    Warning,
    /// Something does not work, or will soon fail.
    Wrong,
}

/// A finding, and the advice that follows.
#[derive(Debug, Serialize)]
struct Finding {
    about: &'static str,
    found: String,
    verdict: Verdict,
    #[serde(skip_serializing_if = "str::is_empty")]
    advice: &'static str,
}

impl Finding {
    fn new(about: &'static str, found: impl Into<String>) -> Self {
        Self { about, found: found.into(), verdict: Verdict::Good, advice: "" }
    }

    /// The same, and what to do if it is so.
    fn if_so(self, is_so: bool, verdict: Verdict, advice: &'static str) -> Self {
        if is_so { Self { verdict, advice, ..self } } else { self }
    }
}

/// All checks.
const CHECKS: [fn() -> Finding; 17] = [
    shared_memory,
    shared_memory_names,
    overcommit,
    huge_pages,
    locked_memory,
    segments,
    sets,
    sysv_queues,
    queues_mounted,
    queue_limits,
    pending_signals,
    condition_variables,
    robust_mutexes,
    leases,
    logout,
    namespaces,
    processes,
];

impl Doctor {
    /// Runs all checks.
    pub(crate) fn run(self) -> Result<(), Failure> {
        let findings: Vec<_> = if Path::new("/proc/self/status").exists() {
            CHECKS.iter().map(|check| check()).collect()
        } else {
            let advice = "mount it: `mount -t proc proc /proc`; the other checks read it";
            vec![Finding::new("/proc", "not mounted").if_so(true, Verdict::Wrong, advice)]
        };
        if self.json {
            output::json(&findings)?;
        } else {
            output::print(&told(&findings))?;
        }
        if findings.iter().any(|finding| finding.verdict == Verdict::Wrong) {
            Err(Failure::no())
        } else {
            Ok(())
        }
    }
}

fn told(findings: &[Finding]) -> String {
    const COLUMNS: [Column; 3] = [
        Column::new("CHECK", Align::Left),
        Column::new("VERDICT", Align::Left),
        Column::new("FOUND", Align::Left).wrap(20),
    ];

    let mut table = Table::new(&COLUMNS, false);
    for finding in findings {
        let (word, style) = match finding.verdict {
            Verdict::Good => ("good", Style::Good),
            Verdict::Warning => ("warning", Style::Warning),
            Verdict::Wrong => ("wrong", Style::Bad),
        };
        table.row([
            (finding.about.into(), Style::Plain),
            (word.into(), style),
            (finding.found.as_str().into(), Style::Plain),
        ]);
    }
    let mut text = table.text();
    for finding in findings.iter().filter(|finding| !finding.advice.is_empty()) {
        let advice = format!("{}: {}", finding.about, finding.advice);
        text += &format!("\n{}\n", output::wrapped(&advice, 0));
    }
    let count = |verdict| findings.iter().filter(|finding| finding.verdict == verdict).count();
    let warnings = output::count(count(Verdict::Warning), "warning", "warnings");
    text +=
        &format!("\n{} good, {warnings}, {} wrong\n", count(Verdict::Good), count(Verdict::Wrong));
    text
}

/// A file of `/proc` or `/sys`, or nothing.
fn read(path: &str) -> String {
    fs::read_to_string(path).map(|text| text.trim().to_owned()).unwrap_or_default()
}

fn number(path: &str) -> Option<u64> {
    read(path).split_whitespace().next()?.parse().ok()
}

/// A number of bytes, or what stands for no limit.
fn size(bytes: Option<u64>) -> String {
    match bytes {
        None => String::from("unknown"),
        Some(bytes) if bytes > 1 << 62 => String::from("unlimited"),
        Some(bytes) => output::size(bytes),
    }
}

/// How many objects of a kind there are.
fn existing(kind: Kind) -> usize {
    machine::objects(&[kind]).objects.len()
}

/// A soft limit of this process, as `/proc/self/limits` tells it.
fn limit(name: &str) -> Option<u64> {
    let limits = read("/proc/self/limits");
    let value = limits
        .lines()
        .find_map(|line| line.strip_prefix(name)?.split_whitespace().next().map(String::from))?;
    if value == "unlimited" { Some(u64::MAX) } else { value.parse().ok() }
}

fn shared_memory() -> Finding {
    const SMALL: u64 = 64 << 20;

    let about = "/dev/shm";
    let Ok(file_system) = statvfs("/dev/shm") else {
        let found = Finding::new(about, "it does not exist");
        return found.if_so(
            true,
            Verdict::Wrong,
            "mount it: `mount -t tmpfs -o mode=1777 tmpfs /dev/shm`",
        );
    };
    let unit = file_system.fragment_size();
    let (all, free) = (file_system.blocks() * unit, file_system.blocks_available() * unit);
    let mounts = read("/proc/self/mounts");
    let is_tmpfs =
        mounts.lines().any(|line| line.split(' ').skip(1).take(2).eq(["/dev/shm", "tmpfs"]));
    let found = Finding::new(
        about,
        format!("{} of {} used", output::size(all.saturating_sub(free)), output::size(all)),
    );
    found
        .if_so(
            all <= SMALL,
            Verdict::Warning,
            "it has the default size of a container: `docker run --shm-size=1g`",
        )
        .if_so(
            !is_tmpfs,
            Verdict::Warning,
            "it is not a tmpfs of its own: shared memory may be written to a disk",
        )
        .if_so(free < all / 10, Verdict::Wrong, "it is nearly full: `ipc ls --sort size`, `ipc gc`")
}

fn shared_memory_names() -> Finding {
    let Ok(file_system) = statvfs("/dev/shm") else {
        return Finding::new("names in /dev/shm", "unknown");
    };
    let (all, free) = (file_system.files(), file_system.files_available());
    Finding::new("names in /dev/shm", format!("{} of {all} used", all.saturating_sub(free))).if_so(
        all > 0 && free < all / 10,
        Verdict::Wrong,
        "nearly all names are used: `ipc gc`",
    )
}

fn overcommit() -> Finding {
    let policy = number("/proc/sys/vm/overcommit_memory");
    let found = match policy {
        Some(0) => "heuristic: only obvious excess is refused",
        Some(1) => "always: no reservation is refused",
        Some(2) => "never: the sum of all reservations is limited",
        _ => "unknown",
    };
    let advice =
        "memory that can grow reserves its maximum size when it is mapped: keep `max_size` small";
    Finding::new("overcommit", found).if_so(policy == Some(2), Verdict::Warning, advice)
}

fn huge_pages() -> Finding {
    let setting = read("/sys/kernel/mm/transparent_hugepage/shmem_enabled");
    let chosen = setting.split(['[', ']']).nth(1).unwrap_or("unknown");
    let meminfo = read("/proc/meminfo");
    let of = |name: &str| {
        meminfo.lines().find_map(|line| line.strip_prefix(name)?.split_whitespace().next())
    };
    let reserved = of("HugePages_Total:").unwrap_or("0");
    Finding::new("huge pages", format!("{reserved} reserved; used for shared memory: {chosen}"))
}

fn locked_memory() -> Finding {
    let limit = limit("Max locked memory");
    let advice =
        "only a little memory can be locked in RAM: `ulimit -l`, or LimitMEMLOCK= of systemd";
    Finding::new("locked memory", format!("limit of each process: {}", size(limit))).if_so(
        limit.is_some_and(|limit| limit < 64 << 20),
        Verdict::Warning,
        advice,
    )
}

fn segments() -> Finding {
    let (largest, all) = (number("/proc/sys/kernel/shmmax"), number("/proc/sys/kernel/shmmni"));
    let used = existing(Kind::Segment);
    let found = format!("{used} of {} used; maximum size {}", all.unwrap_or(0), size(largest));
    Finding::new("System V segments", found)
        .if_so(
            largest.is_some_and(|largest| largest < 1 << 30),
            Verdict::Warning,
            "large segments are refused: `sysctl kernel.shmmax=18446744073692774399`",
        )
        .if_so(
            is_nearly(used, all),
            Verdict::Wrong,
            "nearly all are used: `ipc gc`, or `sysctl kernel.shmmni`",
        )
}

/// Returns `true` if nine of ten are used.
fn is_nearly(used: usize, all: Option<u64>) -> bool {
    all.is_some_and(|all| used as u64 >= all - all / 10)
}

fn sets() -> Finding {
    let limits = read("/proc/sys/kernel/sem");
    let limits: Vec<u64> =
        limits.split_whitespace().filter_map(|limit| limit.parse().ok()).collect();
    let &[each, all_semaphores, steps, all] = &limits[..] else {
        return Finding::new("System V sets", "unknown");
    };
    let used = existing(Kind::Set);
    let found = format!(
        "{used} of {all} used; semaphores: at most {each} in a set, {all_semaphores} in all; {steps} \
         operations in a call"
    );
    let advice = "nearly all are used: `ipc ls set`, or `sysctl kernel.sem`";
    Finding::new("System V sets", found).if_so(is_nearly(used, Some(all)), Verdict::Wrong, advice)
}

fn sysv_queues() -> Finding {
    let all = number("/proc/sys/kernel/msgmni");
    let [bytes, message] = ["/proc/sys/kernel/msgmnb", "/proc/sys/kernel/msgmax"].map(number);
    let used = existing(Kind::SysvQueue);
    let found = format!(
        "{used} of {} used; each holds at most {}, in messages of at most {}",
        all.unwrap_or(0),
        size(bytes),
        size(message)
    );
    let advice = "nearly all are used: `ipc ls queue`, or `sysctl kernel.msgmni`";
    Finding::new("System V queues", found).if_so(is_nearly(used, all), Verdict::Wrong, advice)
}

fn queues_mounted() -> Finding {
    let place = queues::mounted(&read("/proc/self/mounts")).map(String::from);
    let found = place
        .as_ref()
        .map_or_else(|| String::from("not mounted"), |place| format!("mounted at {place}"));
    Finding::new("list of message queues", found).if_so(
        place.is_none(),
        Verdict::Warning,
        "queues work, but no program can list them: `mkdir -p /dev/mqueue && mount -t mqueue none /dev/mqueue`",
    )
}

fn queue_limits() -> Finding {
    let [messages, bytes, all] = ["msg_max", "msgsize_max", "queues_max"]
        .map(|name| number(&format!("/proc/sys/fs/mqueue/{name}")));
    let Some((messages, all)) = messages.zip(all) else {
        return Finding::new("message queues", "this kernel has no POSIX queues").if_so(
            true,
            Verdict::Warning,
            "use System V queues",
        );
    };
    let own = size(limit("Max msgqueue size"));
    let found = format!(
        "at most {all} queues, in each at most {messages} messages of at most {}; at most {own} for \
         all queues of a user",
        size(bytes)
    );
    let advice = "a queue has at most ten messages: `sysctl fs.mqueue.msg_max=100`, and `ulimit -q` for their bytes";
    Finding::new("message queues", found).if_so(messages <= 10, Verdict::Warning, advice)
}

fn pending_signals() -> Finding {
    let status = read("/proc/self/status");
    let used = status
        .lines()
        .find_map(|line| line.strip_prefix("SigQ:"))
        .map_or("unknown", str::trim)
        .to_owned();
    let numbers: Vec<u64> = used.split('/').filter_map(|number| number.parse().ok()).collect();
    let is_full = matches!(numbers[..], [used, all] if used >= all - all / 10);
    let advice =
        "when the queue is full, signals with values are refused and do not arrive: `ulimit -i`";
    Finding::new("queued signals", format!("{} used", used.replace('/', " of "))).if_so(
        is_full,
        Verdict::Wrong,
        advice,
    )
}

fn condition_variables() -> Finding {
    let version = sys::glibc_version();
    let found = version.map_or_else(
        || String::from("not glibc"),
        |(major, minor)| format!("glibc {major}.{minor}"),
    );
    let advice = "before glibc 2.41, notify_one and notify_all can hang after a waiting process was \
                  killed: use semaphores between processes that may be killed";
    Finding::new("condition variables", found).if_so(
        version.is_some_and(|version| version < (2, 41)),
        Verdict::Warning,
        advice,
    )
}

fn robust_mutexes() -> Finding {
    let denied = sys::robust_list().err();
    let found = denied.as_ref().map_or_else(|| String::from("supported"), ToString::to_string);
    Finding::new("robust mutexes", found).if_so(
        denied.is_some(),
        Verdict::Wrong,
        "a mutex whose owner is killed stays locked: a sandbox (seccomp, gVisor) forbids set_robust_list",
    )
}

fn leases() -> Finding {
    let enabled = number("/proc/sys/fs/leases-enable") == Some(1);
    let found =
        if enabled { "enabled: `ipc gc` can prove that a file is not open" } else { "disabled" };
    let advice =
        "`ipc gc --unused` cannot prove that a file is not open: `sysctl fs.leases-enable=1`";
    Finding::new("leases", found).if_so(!enabled, Verdict::Warning, advice)
}

fn logout() -> Finding {
    let about = "logout";
    if !Path::new("/run/systemd/system").exists() {
        return Finding::new(about, "without systemd, objects of a user stay");
    }
    let mut files = vec![std::path::PathBuf::from("/etc/systemd/logind.conf")];
    let more = fs::read_dir("/etc/systemd/logind.conf.d").into_iter().flatten().flatten();
    files.extend(more.map(|entry| entry.path()));
    let texts: Vec<_> = files.iter().filter_map(|file| fs::read_to_string(file).ok()).collect();
    let mut settings = texts
        .iter()
        .flat_map(|text| text.lines())
        .filter_map(|line| line.trim().strip_prefix("RemoveIPC="));
    let removes = !matches!(settings.next_back(), Some("no" | "false" | "0" | "off"));
    let found = if removes {
        "objects of a user are removed (RemoveIPC=yes)"
    } else {
        "objects of a user stay (RemoveIPC=no)"
    };
    let advice = "systemd removes all objects of a user (not of system users) at the end of the last session, also of services \
                  that still run: run services as system users, or set RemoveIPC=no in /etc/systemd/logind.conf";
    Finding::new(about, found).if_so(removes, Verdict::Warning, advice)
}

fn namespaces() -> Finding {
    /// Of the first PID namespace of the machine.
    const FIRST_PID: &str = "pid:[4026531836]";
    /// Likewise of IPC.
    const FIRST_IPC: &str = "ipc:[4026531839]";

    let is = |kind: &str, first: &str| {
        fs::read_link(format!("/proc/self/ns/{kind}"))
            .is_ok_and(|namespace| namespace.as_os_str() == first)
    };
    let container =
        ["/.dockerenv", "/run/.containerenv"].iter().any(|file| Path::new(file).exists());
    let own: Vec<_> = [("pid", FIRST_PID), ("ipc", FIRST_IPC)]
        .into_iter()
        .filter(|(kind, first)| !is(kind, first))
        .map(|(kind, _)| kind.to_uppercase())
        .collect();
    let found = match (container, own.is_empty()) {
        (true, _) => String::from("in a container"),
        (false, true) => String::from("those of the host"),
        (false, false) => format!("{} of its own", own.join(" and ")),
    };
    Finding::new("namespaces", found).if_so(
        container || !own.is_empty(),
        Verdict::Warning,
        "objects can be shared only with processes of the same namespaces: `docker run --ipc=host --pid=host`, or \
         `shareProcessNamespace: true`; mutexes record their owners by ids that are valid in one PID \
         namespace only",
    )
}

fn processes() -> Finding {
    let seen = machine::Processes::now().are_all_seen();
    let found = if seen { "all are visible" } else { "not all are visible" };
    let advice = if nix::unistd::Uid::effective().is_root() {
        "objects may be used by a process that this container or sandbox hides: what is `idle` here may be in use"
    } else {
        "objects may be used by a process of another user: what is `idle` here may be in use; run as root to see all"
    };
    Finding::new("processes", found).if_so(!seen, Verdict::Warning, advice)
}
