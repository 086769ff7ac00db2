//! How waits share a POSIX queue, whatever the kind of wait and the state of the description.

use std::os::fd::AsFd;
use std::sync::Mutex;
use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use ipc_core::Signal;
use ipc_queue::{MessageQueue, QueueOptions, Receiver, Sender, Unsent};
use ipc_testkit::{Storm, fixture, watchdog};

use crate::common::{LONG, SHORT, queue, wait_until_in, while_waiting};
use crate::sys;

type Wait = fn(&MessageQueue);

/// Starts threads that wait one after the other, lets each go on, and returns the order in which
/// they did.
fn order(
    queue: &MessageQueue,
    call: i64,
    waits: &[Wait],
    mut let_one_go_on: impl FnMut(),
) -> Vec<usize> {
    let order = Mutex::new(Vec::new());
    thread::scope(|scope| {
        let (say, said) = channel();
        let (started, start) = channel();
        for (index, wait) in waits.iter().enumerate() {
            let (say, started, order) = (say.clone(), started.clone(), &order);
            scope.spawn(move || {
                started.send(sys::thread_id()).unwrap();
                wait(queue);
                order.lock().unwrap().push(index);
                say.send(()).unwrap();
            });
            wait_until_in(call, std::process::id().cast_signed(), start.recv().unwrap());
        }
        for _ in waits {
            let_one_go_on();
            said.recv().unwrap();
        }
    });
    order.into_inner().unwrap()
}

#[test]
fn receivers_with_and_without_a_timeout_are_served_in_their_order() {
    let name = fixture::name();
    let queue = queue(&name, 1);
    let waits: [Wait; 4] = [
        |queue| drop(queue.recv_timeout(LONG).unwrap().unwrap()),
        |queue| drop(queue.recv().unwrap()),
        |queue| drop(queue.recv_deadline(Instant::now() + LONG).unwrap().unwrap()),
        |queue| drop(queue.recv_deadline(SystemTime::now() + LONG).unwrap().unwrap()),
    ];
    watchdog(|| {
        let served =
            order(&queue, libc::SYS_mq_timedreceive, &waits, || queue.send(b"x", 0).unwrap());
        assert_eq!(served, [0, 1, 2, 3]);
    });
}

#[test]
fn senders_with_and_without_a_timeout_are_served_in_their_order() {
    let name = fixture::name();
    let queue = queue(&name, 1);
    queue.send(b"full", 0).unwrap();
    let waits: [Wait; 4] = [
        |queue| assert!(queue.send_timeout(b"x", 0, LONG).unwrap()),
        |queue| queue.send(b"x", 0).unwrap(),
        |queue| assert!(queue.send_deadline(b"x", 0, Instant::now() + LONG).unwrap()),
        |queue| assert!(queue.send_deadline(b"x", 0, SystemTime::now() + LONG).unwrap()),
    ];
    watchdog(|| {
        let served = order(&queue, libc::SYS_mq_timedsend, &waits, || drop(queue.recv().unwrap()));
        assert_eq!(served, [0, 1, 2, 3]);
    });
}

#[test]
fn no_signal_announces_a_message_for_which_a_receiver_waits() {
    let name = fixture::name();
    let queue = queue(&name, 1);
    watchdog(|| {
        let _news = queue.notify(Signal::URG, 0).unwrap();
        let waits: [fn(&MessageQueue); 2] = [
            |queue| drop(queue.recv().unwrap()),
            |queue| drop(queue.recv_timeout(LONG).unwrap().unwrap()),
        ];
        for wait in waits {
            while_waiting(
                libc::SYS_mq_timedreceive,
                || wait(&queue),
                || queue.send(b"x", 0).unwrap(),
            );
            // Still registered, so the one registration has not been used.
            assert!(queue.notify(Signal::URG, 0).unwrap_err().is_busy());
        }
    });
}

/// A poll loop, or a C program that inherited the description, makes it non-blocking.
#[test]
fn every_call_keeps_its_meaning_on_a_non_blocking_description() {
    let name = fixture::name();
    let queue = queue(&name, 1);
    let same = queue.try_clone().unwrap();
    queue.set_nonblocking(true).unwrap();
    assert!(same.info().unwrap().is_nonblocking);
    let send = |text: &[u8]| same.send(text, 0).unwrap();
    watchdog(|| {
        assert!(queue.try_recv().unwrap().is_none());
        assert!(queue.try_recv_into(&mut [0; 64]).unwrap().is_none());
        let start = Instant::now();
        assert!(queue.recv_timeout(SHORT).unwrap().is_none());
        assert!(start.elapsed() >= SHORT);
        let got = while_waiting(libc::SYS_ppoll, || queue.recv().unwrap(), || send(b"a"));
        assert_eq!(got.bytes, b"a");
        let got = || queue.recv_timeout(LONG).unwrap().unwrap();
        assert_eq!(while_waiting(libc::SYS_ppoll, got, || send(b"b")).bytes, b"b");
        send(b"c");
        assert!(!queue.try_send(b"d", 0).unwrap());
        assert!(!queue.send_timeout(b"d", 0, SHORT).unwrap());
        while_waiting(libc::SYS_ppoll, || send(b"d"), || drop(queue.recv().unwrap()));
        let sender = Sender::<[u8; 1]>::new(queue.try_clone().unwrap()).unwrap();
        assert!(matches!(sender.try_send(*b"e", 0), Err(Unsent::NoRoom([b'e']))));
        let sent = || sender.send_timeout(*b"e", 0, LONG).unwrap();
        while_waiting(libc::SYS_ppoll, sent, || drop(queue.recv().unwrap()));
        let storm = Storm::start(1000);
        storm.beside(|| assert!(!queue.send_timeout(b"f", 0, SHORT * 2).unwrap()));
    });
    same.set_nonblocking(false).unwrap();
    assert!(!queue.info().unwrap().is_nonblocking);
    drop(queue.recv().unwrap());
    let got = watchdog(|| while_waiting(libc::SYS_mq_timedreceive, || queue.recv(), || send(b"g")));
    assert_eq!(got.unwrap().bytes, b"g");
}

#[test]
fn a_wait_for_several_queues_reports_each_that_has_a_message() {
    let names = [(); 3].map(|()| fixture::name());
    let queues = names.each_ref().map(|name| queue(name, 1));
    let all = queues.each_ref();
    watchdog(|| {
        assert_eq!(MessageQueue::wait_any_timeout(&all, SHORT).unwrap(), [0; 0]);
        assert_eq!(MessageQueue::wait_any_deadline(&all, SystemTime::UNIX_EPOCH).unwrap(), [0; 0]);
        assert_eq!(MessageQueue::wait_any_timeout(&[], Duration::ZERO).unwrap(), [0; 0]);
        assert!(MessageQueue::wait_any(&[]).unwrap_err().is_invalid_argument());
        let ready = || MessageQueue::wait_any(&all).unwrap();
        let ready = while_waiting(libc::SYS_ppoll, ready, || queues[1].send(b"x", 0).unwrap());
        assert_eq!(ready, [1]);
        queues[2].send(b"y", 0).unwrap();
        assert_eq!(MessageQueue::wait_any_deadline(&all, Instant::now()).unwrap(), [1, 2]);
        let storm = Storm::start(1000);
        drop((queues[1].recv().unwrap(), queues[2].recv().unwrap()));
        let start = Instant::now();
        storm.beside(|| {
            assert_eq!(MessageQueue::wait_any_timeout(&all, SHORT * 2).unwrap(), [0; 0]);
        });
        assert!(start.elapsed() >= SHORT * 2);
    });
}

/// A wait that is always 150 ms late would pass every other test.
#[test]
fn the_fastest_of_twenty_waits_ends_soon_after_its_event() {
    const TIMEOUT: Duration = Duration::from_millis(10);
    let names = [fixture::name(), fixture::name()];
    let [full, empty] = names.each_ref().map(|name| queue(name, 1));
    full.send(b"x", 0).unwrap();
    let sysv = crate::common::sysv();
    let fastest = |name: &str, run: &dyn Fn()| {
        let times = (0..20).map(|_| {
            let start = Instant::now();
            run();
            start.elapsed()
        });
        let time = times.min().unwrap();
        assert!(time < TIMEOUT * 10, "{name} took {time:?} and more");
    };
    fastest("recv_timeout", &|| assert!(empty.recv_timeout(TIMEOUT).unwrap().is_none()));
    fastest("send_timeout", &|| assert!(!full.send_timeout(b"y", 0, TIMEOUT).unwrap()));
    fastest("wait_any", &|| drop(MessageQueue::wait_any_timeout(&[&empty], TIMEOUT).unwrap()));
    fastest("SysvQueue::recv_timeout", &|| {
        assert!(sysv.recv_timeout(ipc_queue::Select::Any, TIMEOUT).unwrap().is_none());
    });
    watchdog(|| {
        let call = libc::SYS_mq_timedreceive;
        fastest("recv", &|| {
            let got = while_waiting(call, || empty.recv(), || empty.send(b"x", 0).unwrap());
            drop(got.unwrap());
        });
    });
}

#[test]
fn clones_share_a_queue_and_never_unlink_it() {
    let name = fixture::name();
    let options = QueueOptions::new(2, 8).removal(ipc_core::Removal::OnDrop);
    let made = MessageQueue::create(&*name, options).unwrap();
    let clone = made.try_clone().unwrap();
    assert!(!clone.was_created() && clone.name() == made.name() && clone.capacity() == 2);
    assert_ne!(
        std::os::fd::AsRawFd::as_raw_fd(&clone),
        std::os::fd::AsRawFd::as_raw_fd(&made.as_fd())
    );
    drop(clone);
    let sender = Sender::<u64>::new(made).unwrap();
    let receiver = Receiver::<u64>::new(MessageQueue::open(&*name).unwrap()).unwrap();
    let clones = (sender.try_clone().unwrap(), receiver.try_clone().unwrap());
    let moved = thread::spawn(move || clones.0.send(7, 1).map(|()| clones.1.recv().unwrap()));
    assert_eq!(moved.join().unwrap().unwrap(), (7, 1));
    sender.send(8, 0).unwrap();
    assert_eq!(receiver.recv().unwrap().0, 8);
    drop(sender);
    assert!(MessageQueue::open(&*name).unwrap_err().is_not_found());
}
