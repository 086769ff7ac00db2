//! The tests of this crate from outside, in one program.

mod adversities;
mod handover;
mod interop;
mod locks;
mod messages;
mod names;
mod peers;
mod pipes;
mod puppets;
mod refusals;
mod sockets;
mod sys;
mod tasks;

#[test]
fn roles() {
    let tables = [
        adversities::ROLES,
        handover::ROLES,
        interop::ROLES,
        locks::ROLES,
        messages::ROLES,
        names::ROLES,
        peers::ROLES,
        pipes::ROLES,
        puppets::ROLES,
        refusals::ROLES,
        sockets::ROLES,
        tasks::ROLES,
    ];
    ipc_testkit::play(&tables.concat());
}
