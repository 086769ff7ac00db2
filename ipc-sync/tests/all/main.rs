//! The tests of this crate from outside, in one program: roles of one file may be parts in another.

mod across_processes;
mod common;
mod condvar;
mod interop;
mod kill;
mod mutex;
mod named_semaphore;
mod rwlock;
mod semaphore;
mod semaphore_set;
mod small_locks;

#[test]
fn roles() {
    ipc_testkit::play(&[across_processes::ROLES, kill::ROLES, semaphore_set::ROLES].concat());
}
