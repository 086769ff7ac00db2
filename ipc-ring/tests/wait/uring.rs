//! Objects and descriptors together, by io_uring.

#![expect(unsafe_code, reason = "registers a descriptor with tokio")]

use std::io::{Read, Write, pipe};
use std::os::fd::AsFd;
use std::thread;
use std::time::{Duration, Instant};

use ipc_core::{Deadline, PollFd, poll};
use ipc_ring::wait::{Bell, wait_any};
use ipc_ring::{JobQueue, spsc};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

use ipc_testkit::{Child, Forked, Part, Role, fixture, rounds, watchdog};

pub(crate) const ROLES: &[(&str, Part)] = &[("parent of a child", parent_of_a_child)];

/// A bell, unless the system refuses io_uring, as containers do.
fn bell() -> Option<Bell> {
    match Bell::new() {
        Ok(bell) => Some(bell),
        Err(err) => {
            assert!(err.is_unsupported(), "{err}");
            println!("skipped: {err}");
            None
        }
    }
}

#[test]
fn a_thread_is_woken_by_a_descriptor_or_an_object() {
    watchdog(|| {
        let Some(_bell) = bell() else { return };
        let jobs = JobQueue::<u64>::create(&*fixture::name(), 8).unwrap();
        let (mut reader, mut writer) = pipe().unwrap();
        let start = Instant::now();
        let fds = &mut [PollFd::readable(reader.as_fd())];
        let time = Duration::from_millis(30);
        assert!(wait_any(&[&jobs], fds, start + time).unwrap().is_empty());
        assert!(start.elapsed() >= time);
        let each = rounds(300, 20_000);
        thread::scope(|scope| {
            scope.spawn(|| (0..each).for_each(|number| jobs.submit(&number).unwrap()));
            scope.spawn(move || (0..each).for_each(|_| writer.write_all(b"x").unwrap()));
            let mut counts = [0; 2];
            while counts != [each; 2] {
                let fds = &mut [PollFd::readable(reader.as_fd())];
                let ready = wait_any(&[&jobs], fds, Deadline::NEVER).unwrap();
                assert!(!ready.is_empty());
                if !ready.objects.is_empty() {
                    jobs.try_take().unwrap().unwrap().done().unwrap();
                    counts[0] += 1;
                }
                if !ready.descriptors.is_empty() && counts[1] < each {
                    reader.read_exact(&mut [0]).unwrap();
                    counts[1] += 1;
                }
            }
        });
    });
}

#[test]
fn a_bell_rings_for_messages_and_for_deaths() {
    watchdog(|| {
        let Some(mut bell) = bell() else { return };
        let name = fixture::name();
        let jobs = JobQueue::<u64>::create(&*format!("{}-jobs", &*name), 8).unwrap();
        let each = rounds(300, 20_000);
        thread::scope(|scope| {
            scope.spawn(|| (0..each).for_each(|number| jobs.submit(&number).unwrap()));
            let mut count = 0;
            while count < each {
                if bell.arm(&[&jobs]).unwrap().is_empty() {
                    poll(&mut [PollFd::readable(bell.as_fd())], Deadline::NEVER).unwrap();
                }
                while let Some(job) = jobs.try_take().unwrap() {
                    job.done().unwrap();
                    count += 1;
                }
            }
        });
        let ring = spsc::Receiver::<u64>::create(&*name, 4).unwrap();
        let mut sender = Child::run("sender", &[&name]);
        sender.wait_for("open");
        assert_eq!(bell.arm(&[&jobs, &ring]).unwrap(), []);
        sender.kill();
        while bell.arm(&[&jobs, &ring]).unwrap() != [1] {
            poll(&mut [PollFd::readable(bell.as_fd())], Deadline::NEVER).unwrap();
        }
        // Objects may be dropped while the bell is armed.
        drop((jobs, ring));
        poll(&mut [PollFd::readable(bell.as_fd())], Deadline::after(Duration::ZERO)).unwrap();
        drop(bell);
    });
}

#[test]
fn a_task_of_tokio_waits_for_a_bell() {
    watchdog(|| {
        let Some(bell) = bell() else { return };
        let jobs = JobQueue::<u64>::create(&*fixture::name(), 8).unwrap();
        let each = rounds(300, 20_000);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        thread::scope(|scope| {
            scope.spawn(|| (0..each).for_each(|number| jobs.submit(&number).unwrap()));
            runtime.block_on(async {
                // SAFETY: the descriptor of a bell stays open, and the same, until it is dropped.
                let bell = unsafe { AsyncFd::register_with_interest(bell, Interest::READABLE) };
                let mut bell = bell.unwrap();
                let mut count = 0;
                while count < each {
                    if bell.get_mut().arm(&[&jobs]).unwrap().is_empty() {
                        bell.readable().await.unwrap().clear_ready();
                    }
                    while let Some(job) = jobs.try_take().unwrap() {
                        job.done().unwrap();
                        count += 1;
                    }
                }
            });
        });
    });
}

/// Forks a child while a bell is armed.
fn parent_of_a_child(role: &mut Role) {
    let Some(bell) = bell() else { return };
    let jobs = JobQueue::<u64>::create(role.arg(0), 8).unwrap();
    let mut bell = Some(bell);
    assert_eq!(bell.as_mut().unwrap().arm(&[&jobs]).unwrap(), []);
    Forked::run(|| {
        let mut bell = bell.take().unwrap();
        let err = bell.arm(&[&jobs]).unwrap_err();
        assert!(err.is_invalid_argument(), "{err}");
        drop(bell);
    })
    .finish();
    jobs.submit(&1).unwrap();
    let mut bell = bell.unwrap();
    poll(&mut [PollFd::readable(bell.as_fd())], Deadline::NEVER).unwrap();
    assert_eq!(bell.arm(&[&jobs]).unwrap(), [0]);
}

#[test]
fn a_forked_child_neither_arms_nor_silences_the_bell_of_its_parent() {
    watchdog(|| Child::run("parent of a child", &[&fixture::name()]).finish());
}
