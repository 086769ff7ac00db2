//! Mailboxes, from outside and between real processes.

mod crashes;
mod hostile;
mod kills;
mod letters;

#[test]
fn roles() {
    ipc_testkit::play(&[letters::ROLES, crashes::ROLES, kills::ROLES].concat());
}
