//! Queues of any number of senders and receivers, from outside and between real processes.

mod crashes;
mod crowds;
mod hostile;
mod info;
mod kills;

#[test]
fn roles() {
    ipc_testkit::play(&[crashes::ROLES, crowds::ROLES, kills::ROLES].concat());
}
