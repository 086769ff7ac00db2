//! Tests of arrays through the public API. They are one program, so that all tests have one table
//! of roles.

mod across_processes;
mod doors;
mod elements;
mod golden;
mod guarded;
mod hostile;
mod interop;
mod npy;
mod races;
mod reinterpret;
mod snapshots;
mod structs;
#[cfg(feature = "ndarray")]
mod views;
mod waits;
mod wrapped;

#[test]
fn roles() {
    let roles = [
        across_processes::ROLES,
        doors::ROLES,
        guarded::ROLES,
        races::ROLES,
        snapshots::ROLES,
        waits::ROLES,
    ];
    ipc_testkit::play(&roles.concat());
}

/// The file behind a name.
fn path(name: &str) -> String {
    format!("/dev/shm{name}")
}
