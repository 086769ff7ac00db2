//! The native locks from outside, between real processes of several threads.

mod common;
mod crowd;
mod gatherings;
mod info;
mod mutex;
mod others;
mod permits;
mod rwlock;
mod rwlock_wait;
mod turns;

#[test]
fn roles() {
    ipc_testkit::play(
        &[
            gatherings::ROLES,
            info::ROLES,
            mutex::ROLES,
            others::ROLES,
            permits::ROLES,
            rwlock::ROLES,
            rwlock_wait::ROLES,
            turns::ROLES,
        ]
        .concat(),
    );
}
