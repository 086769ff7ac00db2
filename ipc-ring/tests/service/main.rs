//! Services, from outside and between real processes.

#[path = "../common/mod.rs"]
mod common;

mod calls;
mod crashes;
mod hostile;
mod kills;

mod replay;

#[test]
fn roles() {
    ipc_testkit::play(&[calls::ROLES, crashes::ROLES, kills::ROLES].concat());
}
