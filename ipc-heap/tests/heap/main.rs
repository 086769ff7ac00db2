//! Heaps, from outside and between real processes.

mod basics;
mod containers;
mod crashes;
mod groups;
mod hostile;
mod interop;
mod kills;
mod memory;
mod views;

#[test]
fn roles() {
    ipc_testkit::play(
        &[basics::ROLES, crashes::ROLES, groups::ROLES, kills::ROLES, memory::ROLES, views::ROLES]
            .concat(),
    );
}
