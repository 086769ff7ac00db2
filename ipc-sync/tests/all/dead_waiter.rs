//! A waiter of a condition variable that is killed in its sleep. Before glibc 2.41, later notifications
//! may wait for it for ever, as the documentation of `Condvar` says.
#![expect(unsafe_code, reason = "asks the C library for its version")]

use std::ffi::CStr;
use std::ptr;
use std::sync::atomic::{AtomicU32, Ordering};

use ipc_mem::{Carver, Placed};
use ipc_sync::pthread::{Condvar, Mutex};
use ipc_testkit::{Child, Forked, Role, figures, fixture, rounds};

use crate::common::{Shared, new_file, sleeps_in, until};

pub(crate) const ROLES: &[(&str, ipc_testkit::Part)] = &[("teller", teller)];

/// The number of wake-ups that the living waiter must get.
const OFTEN: u32 = 10;

/// One waiter is killed in its sleep. Then another process notifies the other waiter until it was woken `OFTEN` times.
fn teller(role: &mut Role) {
    let mut carver = Carver::new(new_file(role.arg(0))).unwrap();
    let mut part = || carver.carve(64, 64).unwrap();
    let (mutex, changed) =
        (Mutex::create_in(part(), 0u32).unwrap(), Condvar::create_in(part()).unwrap());
    let woken: Shared<AtomicU32> = Placed::create_in(part()).unwrap();
    let through: Shared<AtomicU32> = Placed::create_in(part()).unwrap();
    let place = ptr::from_ref::<Condvar>(&changed).addr();
    let in_there = place..place + size_of::<Condvar>();
    let waits_in_there = |process: &Forked| {
        let sleeps = sleeps_in(process.pid(), process.pid());
        sleeps.is_some_and(|(call, at)| call == libc::SYS_futex && in_there.contains(&at))
    };
    let waiter = || {
        let waiter = Forked::run(|| {
            let mut held = mutex.lock().unwrap();
            loop {
                held = changed.wait(held).unwrap();
                woken.fetch_add(1, Ordering::SeqCst);
            }
        });
        until(|| waits_in_there(&waiter));
        waiter
    };
    waiter().kill();
    let living = waiter();
    let telling = Forked::run(|| {
        while woken.load(Ordering::SeqCst) < OFTEN {
            if role.arg(1) == "one" { changed.notify_one() } else { changed.notify_all() }.unwrap();
        }
        through.store(1, Ordering::SeqCst);
    });
    let is_through = || through.load(Ordering::SeqCst) == 1;
    // The notifier sleeps in the condition variable, and so does the only process that could wake it.
    until(|| is_through() || waits_in_there(&telling) && waits_in_there(&living));
    if is_through() {
        telling.finish(); // it ends by itself, now or soon
        role.say("through");
    } else {
        role.say("waits for the dead"); // until this drops it
    }
}

fn version() -> (u32, u32) {
    // SAFETY: takes no arguments and cannot fail.
    let version = unsafe { libc::gnu_get_libc_version() };
    // SAFETY: glibc returns a string that is never freed.
    let version = unsafe { CStr::from_ptr(version) }.to_str().unwrap();
    let (major, minor) = version.split_once('.').unwrap();
    (major.parse().unwrap(), minor.split('.').next().unwrap().parse().unwrap())
}

#[test]
fn a_notifier_waits_for_a_killed_waiter_only_before_glibc_2_41() {
    let (version, times) = (version(), rounds(2, 100));
    let outcome = if version < (2, 41) { "waits for the dead" } else { "through" };
    for _ in 0..times {
        for whom in ["one", "all"] {
            let name = fixture::name();
            let mut child = Child::run("teller", &[&name, whom]);
            child.wait_for(outcome);
            child.finish();
        }
    }
    let (major, minor) = version;
    figures(format_args!(
        "glibc {major}.{minor}: {outcome}, {times} times each by notify_one and notify_all"
    ));
}
