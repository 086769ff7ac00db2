//! Heaps, from outside and between real processes.

mod basics;
mod containers;
mod counts;
mod crashes;
mod hostile;
mod interop;
mod kills;
mod maps;
mod nested;
mod operations;

#[test]
fn roles() {
    ipc_testkit::play(
        &[basics::ROLES, counts::ROLES, crashes::ROLES, kills::ROLES, maps::ROLES, nested::ROLES]
            .concat(),
    );
}
