//! Topics, from outside and between real processes.

#[path = "../common/mod.rs"]
mod common;

mod basics;
mod crashes;
mod hostile;
mod kills;
mod limits;
mod replay;
mod stops;

#[test]
fn roles() {
    ipc_testkit::play(&[crashes::ROLES, kills::ROLES, limits::ROLES, stops::ROLES].concat());
}
