//! Tests of shared memory through the public API. They are one program, so that all tests have one
//! table of roles.

mod across_processes;
mod adversities;
mod attachment;
mod attachment_elsewhere;
mod attachment_end;
mod attachment_kills;
mod bytes;
mod contenders;
mod crashes;
mod hostile;
mod life;
mod locks;
mod looks;
mod owners;
mod races;
mod room;
mod spawn;
mod sys;

use std::thread;

use ipc_testkit::watchdog;

#[test]
fn roles() {
    let tables = [
        across_processes::ROLES,
        adversities::ROLES,
        attachment::ROLES,
        attachment_elsewhere::ROLES,
        attachment_end::ROLES,
        attachment_kills::ROLES,
        contenders::ROLES,
        crashes::ROLES,
        life::ROLES,
        locks::ROLES,
        looks::ROLES,
        owners::ROLES,
        races::ROLES,
        room::ROLES,
    ];
    ipc_testkit::play(&tables.concat());
}

/// The file behind a name.
fn path(name: &str) -> String {
    format!("/dev/shm{name}")
}

/// Waits until a condition holds, for as long as a test may take.
fn until(so: impl Fn() -> bool) {
    watchdog(|| {
        while !so() {
            thread::yield_now();
        }
    });
}
