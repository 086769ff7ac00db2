//! The tests of this crate from outside, in one program.
//!
//! A signal to a process may reach any of its threads, and a test program has several that block
//! nothing. So each test of a whole process runs in a child, whose other threads block all signals.

mod actions;
mod c_programs;
mod children;
mod closing;
mod descriptors;
mod forks;
mod latency;
mod masks;
mod reactions;
mod receiving;
mod refusals;
mod sending;
mod unloading;
mod waiting;

use ipc_testkit::{Child, watchdog};

#[test]
fn roles() {
    let tables = [
        actions::ROLES,
        c_programs::ROLES,
        children::ROLES,
        closing::ROLES,
        descriptors::ROLES,
        forks::ROLES,
        latency::ROLES,
        reactions::ROLES,
        receiving::ROLES,
        sending::ROLES,
        unloading::ROLES,
        waiting::ROLES,
    ];
    ipc_testkit::play(&tables.concat());
}

/// Runs a role that is a test by itself.
fn play(role: &str) {
    watchdog(|| Child::run(role, &[]).finish());
}
