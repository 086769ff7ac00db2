//! Queues of any number of senders and receivers, from outside and between real processes.

mod crashes;
mod crowds;
mod hostile;
mod info;
mod kills;
mod priorities;

#[test]
fn roles() {
    ipc_testkit::play(&[crashes::ROLES, crowds::ROLES, kills::ROLES, priorities::ROLES].concat());
}
