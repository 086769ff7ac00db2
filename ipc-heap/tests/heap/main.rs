//! Heaps, from outside and between real processes.

mod basics;
mod containers;
mod counts;
mod crashes;
mod groups;
mod hostile;
mod interop;
mod kills;
mod maps;
mod memory;
mod nested;
mod operations;
mod views;

#[test]
fn roles() {
    ipc_testkit::play(
        &[
            basics::ROLES,
            counts::ROLES,
            crashes::ROLES,
            groups::ROLES,
            kills::ROLES,
            maps::ROLES,
            memory::ROLES,
            nested::ROLES,
            views::ROLES,
        ]
        .concat(),
    );
}
