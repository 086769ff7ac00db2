//! Helpers of the tests of this crate.

use std::sync::atomic::{AtomicI32, Ordering};
use std::time::Duration;
use std::{fs, process, thread};

use ipc_core::{Key, Removal};
use ipc_queue::{MessageQueue, QueueOptions, SysvQueue, SysvQueueOptions};
use ipc_testkit::Fixture;

use crate::sys;

/// Longer than any test may take.
pub(crate) const LONG: Duration = Duration::from_secs(3600);

/// Long enough to be measured.
pub(crate) const SHORT: Duration = Duration::from_millis(20);

/// A POSIX queue of messages of 64 bytes.
pub(crate) fn queue(name: &Fixture, capacity: usize) -> MessageQueue {
    MessageQueue::create(&**name, QueueOptions::new(capacity, 64)).unwrap()
}

/// A System V queue without a key, removed when it is dropped.
pub(crate) fn sysv() -> SysvQueue {
    SysvQueue::create(Key::PRIVATE, passing()).unwrap()
}

pub(crate) fn passing() -> SysvQueueOptions {
    SysvQueueOptions::new().removal(Removal::OnDrop)
}

/// A key that no other test has.
pub(crate) fn key() -> Key {
    static NEXT: AtomicI32 = AtomicI32::new(0);
    Key::new(
        1 << 30
            | (process::id().cast_signed() & 0x3f_ffff) << 8
            | NEXT.fetch_add(1, Ordering::Relaxed) & 0xff,
    )
}

/// Runs `run`, and `then` once `run` waits in a system call; returns the result of `run`.
pub(crate) fn while_waiting<T: Send>(
    call: i64,
    run: impl FnOnce() -> T + Send,
    then: impl FnOnce(),
) -> T {
    thread::scope(|scope| {
        let (told, tid) = std::sync::mpsc::channel();
        let running = scope.spawn(move || {
            told.send(sys::thread_id()).unwrap();
            run()
        });
        wait_until_in(call, process::id().cast_signed(), tid.recv().unwrap());
        then();
        running.join().unwrap()
    })
}

/// Waits until a thread is blocked in a system call.
pub(crate) fn wait_until_in(call: i64, pid: i32, tid: i32) {
    while !is_in(call, pid, tid) {
        thread::yield_now();
    }
}

pub(crate) fn is_in(call: i64, pid: i32, tid: i32) -> bool {
    let text = fs::read_to_string(format!("/proc/{pid}/task/{tid}/syscall")).unwrap();
    text.split(' ').next() == Some(&call.to_string())
}

/// How often a thread has gone to sleep.
pub(crate) fn sleeps(pid: i32, tid: i32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/task/{tid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"));
    line.unwrap().trim().parse().unwrap()
}
