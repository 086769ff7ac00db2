//! Tests of frames through the public API. They are one program, so that all tests have one table
//! of roles.

mod basics;
mod common;
mod hostile;
mod interop;
mod kills;
mod restart;
mod waiting;

#[test]
fn roles() {
    let roles = [interop::ROLES, kills::ROLES, restart::ROLES, waiting::ROLES];
    ipc_testkit::play(&roles.concat());
}
