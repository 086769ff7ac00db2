//! Ends tests that hang, and shows where they hang.

use std::io::{self, Write};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::time::Duration;
use std::{env, fs, process, thread};

use crate::role::ROLE;
use crate::{fixture, sys};

/// Returns the default time limit of a test.
fn limit() -> Duration {
    let seconds = env::var("IPC_TEST_SECONDS").ok().and_then(|text| text.parse().ok());
    Duration::from_secs(seconds.unwrap_or(60))
}

/// Returns the limit of a wait for another process. It is shorter than the time limit of a test, so
/// that the test reports it before the watchdog fires.
pub(crate) fn patience() -> Duration {
    limit() / 2
}

/// Runs `test` under a [`Watchdog`] with the default limit.
pub fn watchdog<R>(test: impl FnOnce() -> R) -> R {
    let _guard = Watchdog::new();
    test()
}

/// A time limit. If it is not dropped in time, it prints the backtraces of this process and all its
/// descendants, ends the descendants, and aborts this process.
///
/// It aborts the process, because a thread that hangs cannot be ended from outside.
#[derive(Debug)]
pub struct Watchdog {
    _alive: Sender<()>,
}

impl Watchdog {
    /// Starts with the default limit: 60 seconds, or the value of `IPC_TEST_SECONDS`.
    #[must_use]
    pub fn new() -> Self {
        Self::after(limit())
    }

    /// Starts with the limit `time`, for a test that is known to take long.
    #[must_use]
    pub fn after(time: Duration) -> Self {
        let (alive, end) = mpsc::channel();
        let test = thread::current().name().unwrap_or("a test").to_owned();
        thread::spawn(move || {
            if end.recv_timeout(time) == Err(RecvTimeoutError::Timeout) {
                bark(&format!("`{test}` did not end within {time:?}"));
            }
        });
        Self { _alive: alive }
    }
}

impl Default for Watchdog {
    fn default() -> Self {
        Self::new()
    }
}

/// Set before the debugger attaches, because the debugger interrupts the hanging calls, which may
/// then return as if they had succeeded.
static BARKING: AtomicBool = AtomicBool::new(false);

impl Drop for Watchdog {
    fn drop(&mut self) {
        while BARKING.load(Ordering::Relaxed) {
            thread::park(); // until the process goes
        }
    }
}

fn bark(why: &str) -> ! {
    BARKING.store(true, Ordering::Relaxed);
    report(why);
    for pid in descendants() {
        // It may have ended meanwhile, which is equally good.
        let _ = sys::kill(pid, libc::SIGKILL);
        fixture::sweep(pid.cast_unsigned());
    }
    fixture::sweep(process::id());
    sys::abort()
}

/// Shows where this process and its descendants are, bypassing the capture of the test's output.
pub(crate) fn report(why: &str) {
    sys::allow_debugger();
    let me = process::id().cast_signed();
    // Nothing can be done about an error here.
    let print = |text: String| drop(io::stderr().write_all(text.as_bytes()));
    print(format!("watchdog: {why}\n"));
    for pid in [vec![me], descendants()].concat() {
        let threads = backtraces(pid).unwrap_or_else(|| waits(pid));
        print(format!("--- process {pid}: {}\n{threads}", title(pid)));
    }
}

/// Returns the role of the process, or else its command.
fn title(pid: i32) -> String {
    let environment = of_process(pid, "environ");
    let role = environment.split('\0').find_map(|pair| pair.strip_prefix(ROLE)?.strip_prefix('='));
    role.map_or_else(|| of_process(pid, "comm").trim_end().into(), |role| format!("role `{role}`"))
}

fn of_process(pid: i32, file: &str) -> String {
    fs::read_to_string(format!("/proc/{pid}/{file}")).unwrap_or_default()
}

/// Returns the backtraces of all threads, if a debugger is installed and may attach.
fn backtraces(pid: i32) -> Option<String> {
    let mut gdb = Command::new("timeout");
    gdb.args(["20", "gdb", "-batch", "-nx", "-ex", "set print thread-events off"]);
    gdb.args(["-ex", "thread apply all backtrace 30", "-p", &pid.to_string()]);
    let told = gdb.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    let told = String::from_utf8_lossy(&told.stdout);
    told.find("\nThread ").map(|start| told[start..].to_owned())
}

/// Returns what each thread waits for in the kernel, for use without a debugger.
fn waits(pid: i32) -> String {
    let threads = fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
    threads
        .map(|thread| {
            let read = |file| fs::read_to_string(thread.path().join(file)).unwrap_or_default();
            let (name, waits, call) = (read("comm"), read("wchan"), read("syscall"));
            format!("{} in {waits}, system call {}\n", name.trim_end(), call.trim_end())
        })
        .collect()
}

/// Returns the children, their children and so on.
fn descendants() -> Vec<i32> {
    let processes: Vec<(i32, i32)> = fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let pid = entry.file_name().to_str()?.parse().ok()?;
            let stat = of_process(pid, "stat");
            let (_, behind_name) = stat.rsplit_once(") ")?;
            Some((pid, behind_name.split(' ').nth(1)?.parse().ok()?))
        })
        .collect();
    let mut family = vec![process::id().cast_signed()];
    let mut next = 0;
    while next < family.len() {
        let parent = family[next];
        family.extend(processes.iter().filter(|(_, of)| *of == parent).map(|(pid, _)| pid));
        next += 1;
    }
    family.remove(0);
    family
}
