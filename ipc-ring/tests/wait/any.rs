//! Objects of every kind that become ready, or never will be.

use std::fs;
use std::io::{Write, pipe};
use std::os::fd::AsFd;
use std::thread;
use std::time::{Duration, Instant};

use ipc_core::{Deadline, PollFd};
use ipc_ring::frames::{FrameReader, FrameWriter};
use ipc_ring::mailbox::Mailbox;
use ipc_ring::service::{Client, Server};
use ipc_ring::topic::{Publisher, Subscriber, TopicOptions, WhenFull};
use ipc_ring::wait::{Ready, Waitable, wait_any};
use ipc_ring::{JobQueue, mailbox, mpmc, spsc};
use ipc_testkit::{Child, ChildOptions, Part, Role, fixture, rounds, watchdog};

use ipc_hostile::message::Message;

pub(crate) const ROLES: &[(&str, Part)] =
    &[("sender", sender), ("keeper", keeper), ("waiter", waiter)];

const SOON: Duration = Duration::from_millis(1);

/// The indices of the objects that are ready now.
fn now(objects: &[&dyn Waitable]) -> Vec<usize> {
    wait_any(objects, &mut [], Deadline::after(Duration::ZERO)).unwrap().objects
}

#[test]
fn each_kind_of_object_is_ready_when_a_call_would_not_wait() {
    let name = fixture::name();
    let of = |kind: &str| format!("{}-{kind}", &*name);
    let ring = spsc::Receiver::<u64>::create(of("ring"), 4).unwrap();
    let bytes = spsc::bytes::Receiver::create(of("bytes"), 64).unwrap();
    let queue = mpmc::Receiver::<u64>::create(of("queue"), 4).unwrap();
    let jobs = JobQueue::<u64>::create(of("jobs"), 4).unwrap();
    let mut camera = FrameWriter::<u8>::create(of("frames"), [2]).unwrap();
    let mut viewer = FrameReader::<u8>::open(of("frames")).unwrap();
    let server = Server::<u64, u64>::create(of("service"), 4).unwrap();
    let client = Client::<u64, u64>::open(of("service")).unwrap();
    let inbox = Mailbox::<u64>::create(of("mailbox"), 4).unwrap();
    let mail = mailbox::Sender::<u64>::open(of("mailbox")).unwrap();
    let ring_sender = spsc::Sender::<u64>::open(of("ring")).unwrap();
    let bytes_sender = spsc::bytes::Sender::open(of("bytes")).unwrap();
    let queue_sender = mpmc::Sender::<u64>::open(of("queue")).unwrap();
    let all =
        |viewer: &FrameReader<u8>| now(&[&ring, &bytes, &queue, &jobs, viewer, &server, &inbox]);
    assert_eq!(all(&viewer), []);
    ring_sender.send(&1).unwrap();
    assert_eq!(all(&viewer), [0]);
    bytes_sender.send(b"one").unwrap();
    queue_sender.send(&1).unwrap();
    jobs.submit(&1).unwrap();
    jobs.submit_after(&2, Duration::from_secs(3600)).unwrap();
    camera.write(&[1, 2]).unwrap();
    let pending = client.submit(&1).unwrap();
    let receipt = mail.send_with_receipt(&1).unwrap();
    assert_eq!(all(&viewer), [0, 1, 2, 3, 4, 5, 6]);
    assert_eq!(now(&[&pending, &receipt]), []);
    assert_eq!(ring.recv().unwrap(), Some(1));
    assert!(bytes.recv(&mut Vec::new()).unwrap());
    assert!(queue.try_recv().unwrap().is_some());
    jobs.take().unwrap().done().unwrap();
    assert!(viewer.try_next().unwrap().is_some());
    server.recv().unwrap().reply(&2).unwrap();
    drop(inbox.recv().unwrap());
    assert_eq!(all(&viewer), []);
    assert_eq!(now(&[&pending, &receipt]), [0, 1]);
    drop((ring_sender, camera));
    assert_eq!(all(&viewer), [0, 4], "the sender and the writer are gone");
}

#[test]
fn a_thread_is_woken_by_any_of_its_objects() {
    watchdog(|| {
        let name = fixture::name();
        let of = |kind: &str| format!("{}-{kind}", &*name);
        let jobs = JobQueue::<Message>::create(of("jobs"), 8).unwrap();
        let queue = mpmc::Receiver::<Message>::create(of("queue"), 8).unwrap();
        let server = Server::<Message, Message>::create(of("service"), 8).unwrap();
        let options = TopicOptions::new().queue(8);
        let orders = Subscriber::<Message>::create(of("topic"), options, WhenFull::Block).unwrap();
        let each = rounds(500, 50_000);
        thread::scope(|scope| {
            scope.spawn(|| {
                (0..each).for_each(|number| jobs.submit(&Message::new(number)).unwrap());
            });
            let queue_name = of("queue");
            scope.spawn(move || {
                let sender = mpmc::Sender::<Message>::open(&*queue_name).unwrap();
                (0..each).for_each(|number| sender.send(&Message::new(number)).unwrap());
            });
            let topic_name = of("topic");
            scope.spawn(move || {
                let topic = Publisher::<Message>::open(&*topic_name).unwrap();
                (0..each).for_each(|number| topic.publish(&Message::new(number)).unwrap());
            });
            let service_name = of("service");
            scope.spawn(move || {
                let client = Client::<Message, Message>::open(&*service_name).unwrap();
                for number in 0..each {
                    assert_eq!(client.call(&Message::new(number)).unwrap().checked(), number);
                }
            });
            let mut counts = [0; 4];
            while counts != [each; 4] {
                let objects: [&dyn Waitable; 4] = [&jobs, &queue, &server, &orders];
                for object in wait_any(&objects, &mut [], Deadline::NEVER).unwrap().objects {
                    let is_any = match object {
                        0 => jobs.try_take().unwrap().is_some_and(|job| job.done().is_ok()),
                        1 => queue.try_recv().unwrap().is_some(),
                        3 => orders.try_recv().unwrap().is_some(),
                        _ => server.try_recv().unwrap().is_some_and(|call| {
                            let reply = *call;
                            call.reply(&reply).unwrap()
                        }),
                    };
                    counts[object] += u64::from(is_any);
                }
            }
        });
    });
}

/// Opens the sender of a ring, and sends nothing.
fn sender(role: &mut Role) {
    let sender = spsc::Sender::<u64>::open(role.arg(0)).unwrap();
    role.say("open");
    role.wait_for("never");
    drop(sender);
}

/// Takes a job or call, and keeps it.
fn keeper(role: &mut Role) {
    let jobs = JobQueue::<u64>::open(role.arg(0)).unwrap();
    let server = Server::<u64, u64>::open(role.arg(1)).unwrap();
    std::mem::forget((jobs.take().unwrap(), server.recv().unwrap()));
    role.say("taken");
    role.wait_for("never");
}

#[test]
fn the_death_of_another_process_makes_an_object_ready() {
    watchdog(|| {
        let name = fixture::name();
        let of = |kind: &str| format!("{}-{kind}", &*name);
        let ring = spsc::Receiver::<u64>::create(of("ring"), 4).unwrap();
        let jobs = JobQueue::<u64>::create(of("jobs"), 4).unwrap();
        let server = Server::<u64, u64>::create(of("service"), 4).unwrap();
        let client = Client::<u64, u64>::open(of("service")).unwrap();
        let mut sender = Child::run("sender", &[&of("ring")]);
        sender.wait_for("open");
        jobs.submit(&1).unwrap();
        let mut pending = client.submit(&1).unwrap();
        let mut keeper = Child::run("keeper", &[&of("jobs"), &of("service")]);
        keeper.wait_for("taken");
        let wait = |deadline| wait_any(&[&ring, &jobs, &pending], &mut [], deadline).unwrap();
        assert!(wait(Deadline::after(SOON)).is_empty());
        sender.kill();
        assert_eq!(wait(Deadline::NEVER).objects, [0]);
        assert_eq!(ring.recv().unwrap(), None);
        keeper.kill();
        let rest = |what: &dyn Waitable| wait_any(&[what], &mut [], Deadline::NEVER).unwrap();
        assert_eq!(rest(&jobs).objects, [0]);
        assert_eq!(jobs.try_take().unwrap().map(|job| *job), Some(1));
        assert_eq!(rest(&pending).objects, [0]);
        assert!(pending.try_wait().unwrap_err().is_owner_died());
        drop(server);
    });
}

/// Waits for two objects, of which the second becomes ready, and then the first.
fn waiter(role: &mut Role) {
    let ring = spsc::Receiver::<u64>::open(role.arg(0)).unwrap();
    let jobs = JobQueue::<u64>::open(role.arg(1)).unwrap();
    role.say("open");
    for wanted in [1, 0] {
        let ready = wait_any(&[&ring, &jobs], &mut [], Deadline::NEVER).unwrap();
        assert_eq!(ready.objects, [wanted]);
        if wanted == 1 {
            jobs.try_take().unwrap().unwrap().done().unwrap();
            role.say("done");
        }
    }
}

#[test]
fn a_wake_up_through_any_object_ends_a_wait_without_slices() {
    watchdog(|| {
        let name = fixture::name();
        let names = ["ring", "jobs"].map(|kind| format!("{}-{kind}", &*name));
        let ring = spsc::Sender::<u64>::create(&*names[0], 4).unwrap();
        let jobs = JobQueue::<u64>::create(&*names[1], 4).unwrap();
        let options = ChildOptions::role("waiter").env("IPC_SWITCHED_OFF", "slices");
        let mut waiter = Child::run(options, &[&names[0], &names[1]]);
        // It stays asleep until it is woken.
        let asleep = |waiter: &Child| {
            let sleeps = |task: fs::DirEntry| {
                let call = fs::read_to_string(task.path().join("syscall"));
                call.is_ok_and(|call| call.starts_with("449 ")) // futex_waitv
            };
            let tasks = || fs::read_dir(format!("/proc/{}/task", waiter.pid())).unwrap();
            while !tasks().flatten().any(sleeps) {
                thread::yield_now();
            }
        };
        waiter.wait_for("open");
        asleep(&waiter);
        jobs.submit(&1).unwrap();
        waiter.wait_for("done");
        asleep(&waiter);
        ring.send(&1).unwrap();
        waiter.finish();
    });
}

#[test]
fn no_wait_for_several_ends_before_its_time() {
    let name = fixture::name();
    let ring = spsc::Receiver::<u64>::create(&*name, 4).unwrap();
    let (reader, _writer) = pipe().unwrap();
    for round in 0..rounds(10, 500) {
        let (start, time) = (Instant::now(), Duration::from_millis(1 + round * 7 % 50));
        let ready = if round % 2 == 0 {
            wait_any(&[&ring, &ring], &mut [], start + time)
        } else {
            wait_any(&[], &mut [PollFd::readable(reader.as_fd())], start + time)
        };
        assert!(ready.unwrap().is_empty() && start.elapsed() >= time);
    }
}

#[test]
fn descriptors_alone_are_polled_and_nothing_at_all_is_refused() {
    let (reader, mut writer) = pipe().unwrap();
    let mut fds = [PollFd::readable(reader.as_fd())];
    assert_eq!(wait_any(&[], &mut fds, Deadline::after(SOON)).unwrap(), Ready::default());
    writer.write_all(b"x").unwrap();
    assert_eq!(wait_any(&[], &mut fds, Deadline::NEVER).unwrap().descriptors, [0]);
    assert!(wait_any(&[], &mut [], Deadline::NEVER).unwrap_err().is_invalid_argument());
    let ring = spsc::Receiver::<u64>::create(&*fixture::name(), 4).unwrap();
    let many = vec![&ring as &dyn Waitable; 129];
    let err = wait_any(&many, &mut [], Deadline::NEVER).unwrap_err();
    assert!(err.is_invalid_argument() && err.to_string().contains("129"), "{err}");
    // The feature is not needed if something is ready already.
    let ready = wait_any(&[&ring], &mut fds, Deadline::NEVER).unwrap();
    assert_eq!(ready.descriptors, [0]);
    #[cfg(not(feature = "io-uring"))]
    {
        let (reader, _writer) = pipe().unwrap();
        let mut fds = [PollFd::readable(reader.as_fd())];
        let err = wait_any(&[&ring], &mut fds, Deadline::NEVER).unwrap_err();
        assert!(err.is_unsupported() && err.to_string().contains("io-uring"), "{err}");
    }
}
