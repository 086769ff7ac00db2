//! Rings from one sender to one receiver, from outside and between real processes.

mod bytes;
mod crashes;
mod ends;
mod hostile;
mod interop;
mod kills;
mod typed;

#[test]
fn roles() {
    ipc_testkit::play(
        &[crashes::ROLES, interop::ROLES, ends::ROLES, kills::ROLES, bytes::ROLES].concat(),
    );
}
