//! Services, from outside and between real processes.

mod calls;
mod crashes;
mod hostile;
mod kills;

#[test]
fn roles() {
    ipc_testkit::play(&[calls::ROLES, crashes::ROLES, kills::ROLES].concat());
}
