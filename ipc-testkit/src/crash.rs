//! Killing children at a random time, or at every step.

use std::fs;
use std::ops::Range;
use std::process::ExitStatus;
use std::time::Duration;

use crate::{Child, ChildOptions, Rng, fixture, sys};

/// Lets a child run for a random time in the range, kills it, and returns its exit status. The
/// child may have ended in another way before.
///
/// # Panics
///
/// If the range is empty.
pub fn kill_at_random(child: Child, rng: &mut Rng, range: Range<Duration>) -> ExitStatus {
    child.ends_before(sys::after(rng.duration(range)));
    child.kill()
}

/// Runs a role to its end, and returns the crash points that it passed, in order of first
/// occurrence, each with its number of hits.
///
/// A crash point is a call of `ipc_core::crash_point("name")`. In a debug build with
/// `--cfg ipc_test_hooks`, two variables control it: `IPC_CRASH_POINT=name:n` makes the n-th call
/// with that name kill the process, and `IPC_CRASH_POINT_TRACE=path` makes each call append its
/// name to a file. [`Child::run_crashing`] sets the first variable, and [`Child::crash`] waits
/// until the process is killed:
///
/// ```no_run
/// use ipc_testkit::{Child, crash_points, fixture};
///
/// let name = fixture::name();
/// for (point, hits) in crash_points("creator", &[&name]) {
///     for hit in 1..=hits {
///         Child::run_crashing("creator", &[&name], &point, hit).crash();
///         // … nothing is left, or what is left can be used
///     }
/// }
/// ```
///
/// # Panics
///
/// If the role does not succeed, or passes no crash point at all.
#[must_use]
pub fn crash_points(role: impl Into<ChildOptions>, args: &[&str]) -> Vec<(String, u32)> {
    let dir = fixture::dir();
    let path = dir.join("trace");
    let path_text = path.to_str().expect("a directory whose name is text");
    Child::run(role.into().env("IPC_CRASH_POINT_TRACE", path_text), args).finish();
    let trace = fs::read_to_string(&path).expect("a role that passes at least one crash point");
    let mut points: Vec<(String, u32)> = Vec::new();
    for name in trace.lines() {
        match points.iter_mut().find(|(known, _)| known == name) {
            Some((_, hits)) => *hits += 1,
            None => points.push((name.to_owned(), 1)),
        }
    }
    points
}
