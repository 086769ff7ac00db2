//! Messages while both sides are awake, in a program of its own, because its allocator counts: they
//! make no system call and allocate nothing.
//!
//! A process may make no system call but `read`, `write` and `exit` after it has asked the kernel
//! for that (`SECCOMP_MODE_STRICT`): it is killed at the first one.

#![expect(unsafe_code, reason = "counts allocations, and forbids system calls")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::panic;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use ipc_ring::mailbox::{self, Mailbox};
use ipc_ring::mpmc::{self, QueueOptions};
use ipc_ring::service::{Client, Server, ServiceOptions};
use ipc_ring::topic::{Publisher, Subscriber, TopicOptions, WhenFull};
use ipc_ring::{JobQueue, spsc};
use ipc_testkit::{Child, Forked, Part, Role, fixture};

struct Counting;

static ALLOCATIONS: AtomicU64 = AtomicU64::new(0);

// SAFETY: all calls are passed on to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the caller fulfils the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        // SAFETY: the caller fulfils the contract of `dealloc`.
        unsafe { System.dealloc(place, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const ROUNDS: u64 = 10_000;

/// Workers and servers look for dead processes once in 1024 turns.
const FEW: u64 = 300;

const ROLES: &[(&str, Part)] = &[
    ("noisy", noisy),
    ("rings", rings),
    ("queues", queues),
    ("topics", topics),
    ("jobs, calls and mail", jobs_calls_and_mail),
    #[cfg(feature = "postcard")]
    ("values", values),
];

#[test]
fn roles() {
    ipc_testkit::play(ROLES);
}

/// Forks in a process of its own, where no other thread holds what the copy needs.
fn run(role: &str) {
    Child::run(role, &[]).finish();
}

const NEVER: Duration = Duration::from_secs(60);

/// Runs `round` often in a process of its own, which ends at once if it makes a system call, and
/// then with an error if it has allocated memory. `open` opens what the round uses.
fn is_quiet<R: FnMut(u64)>(open: impl FnOnce() -> R) -> bool {
    is_quiet_for(ROUNDS, open)
}

fn is_quiet_for<R: FnMut(u64)>(rounds: u64, open: impl FnOnce() -> R) -> bool {
    let child = Forked::run(|| {
        let mut round = open();
        (0..100).for_each(&mut round); // what is looked up at the first calls
        // SAFETY: takes numbers only.
        let asked = unsafe { libc::prctl(libc::PR_SET_SECCOMP, libc::SECCOMP_MODE_STRICT) };
        let before = ALLOCATIONS.load(Ordering::Relaxed);
        (0..rounds).for_each(&mut round);
        let allocated = ALLOCATIONS.load(Ordering::Relaxed) - before;
        let is_quiet = asked == 0 && allocated == 0;
        // SAFETY: takes a number; ends the only thread of this process.
        unsafe { libc::syscall(libc::SYS_exit, i32::from(!is_quiet)) };
    });
    panic::catch_unwind(|| child.finish()).is_ok()
}

fn noisy(_: &mut Role) {
    assert!(is_quiet(|| |_| ()));
    // SAFETY: takes nothing, and always succeeds.
    assert!(!is_quiet(|| |_| assert!(unsafe { libc::syscall(libc::SYS_getppid) } > 0)));
    assert!(!is_quiet(|| |round| assert!(round != 5_000 || vec![round].len() == 1)));
    // The receiver sleeps until its timeout.
    assert!(!is_quiet(|| {
        let ring = spsc::Receiver::<u64>::create(&*fixture::name(), 8).unwrap();
        move |_| assert!(ring.recv_timeout(Duration::from_millis(1)).unwrap().is_none())
    }));
}

#[test]
fn a_system_call_or_an_allocation_would_be_noticed() {
    run("noisy");
}

#[test]
fn rings_pass_messages_on_without_system_calls_or_allocations() {
    run("rings");
}

fn rings(_: &mut Role) {
    let name = fixture::name();
    assert!(is_quiet(|| {
        let sender = spsc::Sender::<[u64; 20]>::create(&*name, 8).unwrap();
        let receiver = spsc::Receiver::<[u64; 20]>::open(&*name).unwrap();
        let mut several = [[0; 20]; 4];
        move |number| {
            sender.send(&[number; 20]).unwrap();
            assert!(sender.send_timeout(&[number; 20], NEVER).unwrap());
            sender.send_slice(&[[number; 20]; 4]).unwrap();
            assert_eq!(receiver.recv().unwrap(), Some([number; 20]));
            assert!(receiver.peek().unwrap().is_some());
            assert!(receiver.recv_timeout(NEVER).unwrap().is_some());
            assert_eq!(receiver.recv_into(&mut several).unwrap(), 4);
            assert!(receiver.try_recv().unwrap().is_none());
        }
    }));
    let name = fixture::name();
    assert!(is_quiet(|| {
        let mut sender = spsc::bytes::Sender::create(&*name, 1024).unwrap();
        let mut receiver = spsc::bytes::Receiver::open(&*name).unwrap();
        let mut message = Vec::with_capacity(200);
        move |number| {
            sender.send(&[7; 200][..usize::try_from(number % 200).unwrap()]).unwrap();
            let mut room = sender.reserve(8).unwrap();
            room.write(0, &number.to_ne_bytes()).unwrap();
            room.commit();
            assert!(receiver.recv(&mut message).unwrap());
            receiver.peek().unwrap().unwrap().release();
            assert!(!receiver.try_recv(&mut message).unwrap());
        }
    }));
}

#[test]
fn queues_pass_messages_on_without_system_calls_or_allocations() {
    run("queues");
}

fn queues(_: &mut Role) {
    for priorities in [1, 3] {
        let name = fixture::name();
        assert!(is_quiet(|| {
            let options = QueueOptions::new(8).priorities(priorities);
            let sender = mpmc::Sender::<[u64; 20]>::create(&*name, options).unwrap();
            let receiver = mpmc::Receiver::<[u64; 20]>::open(&*name).unwrap();
            move |number| {
                sender.send(&[number; 20]).unwrap();
                let highest = sender.with_priority(priorities - 1).unwrap();
                assert!(highest.send_timeout(&[number; 20], NEVER).unwrap());
                assert!(receiver.recv().unwrap().message().is_some());
                assert!(receiver.recv_timeout(NEVER).unwrap().is_some());
                assert!(receiver.try_recv().unwrap().is_none());
            }
        }));
    }
}

#[test]
fn topics_pass_messages_on_without_system_calls_or_allocations() {
    run("topics");
}

fn topics(_: &mut Role) {
    for when_full in [WhenFull::Block, WhenFull::DropOldest, WhenFull::DropNewest] {
        let name = fixture::name();
        assert!(is_quiet(|| {
            let options = TopicOptions::new().queue(4).history(2).max_len(200);
            let publisher = Publisher::<[u8]>::create(&*name, options).unwrap();
            let subscriber = Subscriber::<[u8]>::open(&*name, when_full).unwrap();
            let other = Subscriber::<[u8]>::open(&*name, WhenFull::DropOldest).unwrap();
            move |number| {
                publisher.publish(&[7; 200][..usize::try_from(number % 200).unwrap()]).unwrap();
                let mut loan = publisher.loan(8).unwrap();
                loan.write_at(0, &number.to_ne_bytes()).unwrap();
                loan.publish().unwrap();
                drop(subscriber.recv().unwrap());
                assert_eq!(subscriber.recv().unwrap().len(), 8);
                assert!(subscriber.try_recv().unwrap().is_none());
                drop(other.try_recv().unwrap());
            }
        }));
    }
}

#[test]
fn jobs_calls_and_mail_are_as_quiet_between_two_searches_for_the_dead() {
    run("jobs, calls and mail");
}

fn jobs_calls_and_mail(_: &mut Role) {
    let name = fixture::name();
    assert!(is_quiet_for(FEW, || {
        let jobs = JobQueue::<[u64; 20]>::create(&*name, 8).unwrap();
        move |number| {
            jobs.submit(&[number; 20]).unwrap();
            jobs.take().unwrap().retry().unwrap();
            jobs.take_timeout(NEVER).unwrap().unwrap().done().unwrap();
        }
    }));
    let name = fixture::name();
    assert!(is_quiet_for(FEW, || {
        let server = Server::<u64, u64>::create(&*name, ServiceOptions::new(8)).unwrap();
        let client = Client::<u64, u64>::open(&*name).unwrap();
        move |number| {
            let pending = client.submit(&number).unwrap();
            server.recv().unwrap().reply(&number).unwrap();
            assert_eq!(pending.wait().unwrap(), number);
        }
    }));
    let name = fixture::name();
    assert!(is_quiet_for(FEW, || {
        let inbox = Mailbox::<u64>::create(&*name, 8).unwrap();
        let sender = mailbox::Sender::<u64>::open(&*name).unwrap();
        move |number| {
            sender.send(&number).unwrap();
            assert_eq!(*inbox.recv().unwrap(), number);
        }
    }));
}

#[cfg(feature = "postcard")]
#[test]
fn values_of_any_type_are_encoded_without_an_allocation() {
    run("values");
}

#[cfg(feature = "postcard")]
fn values(_: &mut Role) {
    type Value<'a> = (u64, &'a str, Option<[u16; 3]>);

    let name = fixture::name();
    assert!(is_quiet(|| {
        let mut sender = spsc::bytes::Sender::create(&*name, 1024).unwrap();
        let receiver = spsc::bytes::Receiver::open(&*name).unwrap();
        let mut buffer = Vec::with_capacity(200);
        move |number| {
            let value = (number, "ada", Some([7; 3]));
            sender.send_value(&value).unwrap();
            let found = receiver.recv_value::<Value<'_>>(&mut buffer).unwrap();
            assert_eq!(found, Some(value));
        }
    }));
    let name = fixture::name();
    assert!(is_quiet(|| {
        let options = TopicOptions::new().max_len(200);
        let publisher = Publisher::<[u8]>::create(&*name, options).unwrap();
        let subscriber = Subscriber::<[u8]>::open(&*name, WhenFull::Block).unwrap();
        let mut buffer = Vec::with_capacity(200);
        move |number| {
            let value = (number, "ada", None);
            publisher.publish_value(&value).unwrap();
            let sample = subscriber.recv().unwrap();
            assert_eq!(sample.value::<Value<'_>>(&mut buffer).unwrap(), value);
        }
    }));
}
