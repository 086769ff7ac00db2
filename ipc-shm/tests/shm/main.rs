//! Shared memory as its users see it. One program, so that all tests have one table of roles.

mod across_processes;
mod attachment;
mod attachment_end;
mod attachment_kills;
mod bytes;
mod contenders;
mod crashes;
mod hostile;
mod life;
mod owners;
mod races;
mod room;
mod spawn;
mod sys;

#[test]
fn roles() {
    let tables = [
        across_processes::ROLES,
        attachment::ROLES,
        attachment_end::ROLES,
        attachment_kills::ROLES,
        contenders::ROLES,
        crashes::ROLES,
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
