//! The integration tests of this crate, in one program, so that the files can share roles.

mod across_processes;
mod common;
mod condvar;
#[cfg(target_env = "gnu")]
mod dead_waiter;
mod dying_owner;
mod forks;
mod interop;
mod kill;
mod leaks;
mod mutex;
mod named_semaphore;
mod rwlock;
mod semaphore;
mod semaphore_set;
mod set_creation;
mod set_refusals;
mod small_locks;
mod thread_ends;
mod time_outs;
mod undo;
mod wake_ups;

#[test]
fn roles() {
    let tables = [
        across_processes::ROLES,
        #[cfg(target_env = "gnu")]
        dead_waiter::ROLES,
        dying_owner::ROLES,
        forks::ROLES,
        kill::ROLES,
        leaks::ROLES,
        semaphore_set::ROLES,
        set_creation::ROLES,
        set_refusals::ROLES,
        thread_ends::ROLES,
        undo::ROLES,
        wake_ups::ROLES,
    ];
    ipc_testkit::play(&tables.concat());
}
