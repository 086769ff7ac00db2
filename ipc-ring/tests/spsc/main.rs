//! Rings from one sender to one receiver, from outside and between real processes.

#[path = "../common/mod.rs"]
mod common;

mod bytes;
mod crashes;
mod ends;
mod hostile;
mod kills;
mod replay;
mod typed;

#[test]
fn roles() {
    ipc_testkit::play(&[crashes::ROLES, ends::ROLES, kills::ROLES, bytes::ROLES].concat());
}
