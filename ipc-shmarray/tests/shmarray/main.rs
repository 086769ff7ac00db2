//! Arrays as their users see them. One program, so that all tests have one table of roles.

mod across_processes;
mod doors;
mod elements;
mod golden;
mod hostile;
mod memory;
mod races;
mod structs;
mod sys;
#[cfg(feature = "ndarray")]
mod views;
mod wrapped;

#[test]
fn roles() {
    ipc_testkit::play(&[across_processes::ROLES, doors::ROLES, races::ROLES].concat());
}

/// The file behind a name.
fn path(name: &str) -> String {
    format!("/dev/shm{name}")
}
