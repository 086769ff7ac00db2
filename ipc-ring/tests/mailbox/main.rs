//! Mailboxes, from outside and between real processes.

#[path = "../common/mod.rs"]
mod common;

mod crashes;
mod hostile;
mod kills;
mod letters;
mod replay;

#[test]
fn roles() {
    ipc_testkit::play(&[letters::ROLES, crashes::ROLES, kills::ROLES].concat());
}
