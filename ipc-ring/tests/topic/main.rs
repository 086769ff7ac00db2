//! Topics, from outside and between real processes.

mod basics;
mod crashes;
mod hostile;
mod kills;
mod limits;
mod stops;

#[test]
fn roles() {
    ipc_testkit::play(&[crashes::ROLES, kills::ROLES, limits::ROLES, stops::ROLES].concat());
}
