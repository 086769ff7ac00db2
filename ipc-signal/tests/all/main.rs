//! The tests of this crate from outside, in one program.
//!
//! What is sent to a process may come to any of its threads, and a test has several that let everything through. So
//! whatever is about a whole process plays in a child, whose other threads block all signals.

mod actions;
mod c_programs;
mod children;
mod masks;
mod reactions;
mod receiving;
mod refusals;
mod sending;
mod waiting;

use ipc_testkit::{Child, watchdog};

#[test]
fn roles() {
    let tables = [
        actions::ROLES,
        c_programs::ROLES,
        children::ROLES,
        reactions::ROLES,
        receiving::ROLES,
        sending::ROLES,
        waiting::ROLES,
    ];
    ipc_testkit::play(&tables.concat());
}

/// Plays a role that tests by itself.
fn play(role: &str) {
    watchdog(|| Child::run(role, &[]).finish());
}
