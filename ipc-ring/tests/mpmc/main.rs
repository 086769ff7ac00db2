//! Queues of any number of senders and receivers, from outside and between real processes.

#[path = "../common/mod.rs"]
mod common;

mod crashes;
mod crowds;
mod hostile;
mod info;
mod kills;
mod replay;

#[test]
fn roles() {
    ipc_testkit::play(&[crashes::ROLES, crowds::ROLES, kills::ROLES].concat());
}
