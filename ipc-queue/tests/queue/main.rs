//! Both kinds of queues as their users see them. One program, so that all tests have one table of
//! roles.

mod across_processes;
mod c_programs;
mod common;
mod kills;
mod life;
mod limits;
mod message_queue;
mod names;
mod notification;
mod presence;
mod python;
mod sys;
mod sysv_queue;
mod time_outs;
mod typed;
mod unfinished;
mod users;
mod waiting;

#[test]
fn roles() {
    let tables = [
        across_processes::ROLES,
        kills::ROLES,
        life::ROLES,
        limits::ROLES,
        message_queue::ROLES,
        names::ROLES,
        notification::ROLES,
        presence::ROLES,
        unfinished::ROLES,
        users::ROLES,
    ];
    ipc_testkit::play(&tables.concat());
}
