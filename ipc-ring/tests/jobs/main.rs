//! Queues of jobs, from outside and between real processes.

mod crashes;
mod hostile;
mod kills;
mod work;

#[test]
fn roles() {
    ipc_testkit::play(&[crashes::ROLES, kills::ROLES].concat());
}
