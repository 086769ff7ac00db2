//! Killing a process at a chosen step, for tests.

/// Names a step at which a test can have this process killed.
///
/// In users' builds the call does nothing. With `--cfg ipc_test_hooks`, in debug builds, the
/// environment decides: `IPC_CRASH_POINT=name:n` kills the process by SIGKILL when it comes to the
/// point `name` for the n-th time, counted from 1; `IPC_CRASH_POINT_TRACE=path` appends the name of
/// each point to a file as it is reached.
#[cfg(not(all(ipc_test_hooks, debug_assertions)))]
#[doc(hidden)]
#[inline(always)]
pub fn crash_point(_name: &str) {}

#[cfg(all(ipc_test_hooks, debug_assertions))]
#[doc(hidden)]
pub fn crash_point(name: &str) {
    use std::io::Write;
    use std::sync::atomic::{AtomicU32, Ordering};

    static HITS: AtomicU32 = AtomicU32::new(0);

    if let Some(path) = std::env::var_os("IPC_CRASH_POINT_TRACE") {
        let file = std::fs::OpenOptions::new().append(true).create(true).open(path);
        // A trace that cannot be written shows as a point that was never hit.
        let _ = file.and_then(|mut file| file.write_all(format!("{name}\n").as_bytes()));
    }
    let chosen = std::env::var("IPC_CRASH_POINT").unwrap_or_default();
    if let Some((point, n)) = chosen.rsplit_once(':') {
        if point == name && n.parse() == Ok(HITS.fetch_add(1, Ordering::Relaxed) + 1) {
            crate::sys::kill_self();
        }
    }
}
