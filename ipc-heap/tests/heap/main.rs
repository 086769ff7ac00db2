//! Heaps, from outside and between real processes.

mod basics;
mod containers;
mod crashes;
mod hostile;
mod interop;
mod kills;
mod memory;
mod views;

#[test]
fn roles() {
    ipc_testkit::play(
        &[basics::ROLES, crashes::ROLES, kills::ROLES, memory::ROLES, views::ROLES].concat(),
    );
}
