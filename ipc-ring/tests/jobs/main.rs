//! Queues of jobs, from outside and between real processes.

#[path = "../common/mod.rs"]
mod common;

mod crashes;
mod hostile;
mod kills;
mod replay;
mod work;

#[test]
fn roles() {
    ipc_testkit::play(&[crashes::ROLES, kills::ROLES].concat());
}
