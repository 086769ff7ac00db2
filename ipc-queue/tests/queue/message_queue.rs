//! POSIX queues in one process.

use std::fs::File;
use std::io::Read;
use std::os::fd::{AsFd, AsRawFd};
use std::time::Instant;

use ipc_core::{Errno, Removal};
use ipc_queue::{Direction, Message, MessageQueue, OpenQueueOptions, QueueOptions};
use ipc_testkit::{Child, Part, Role, Storm, fixture, watchdog};

use crate::common::{LONG, SHORT, queue, while_waiting};
use crate::sys;

pub(crate) const ROLES: &[(&str, Part)] = &[("without streams", without_streams)];

fn texts(queue: &MessageQueue) -> String {
    std::iter::from_fn(|| queue.try_recv().unwrap())
        .map(|got| String::from_utf8(got.bytes).unwrap())
        .collect()
}

#[test]
fn messages_arrive_by_priority_and_then_in_the_order_sent() {
    let name = fixture::name();
    let queue = queue(&name, 10);
    for (text, priority) in
        [("c", 1), ("a", 9), ("e", 0), ("d", 1), ("b", 9), ("!", MessageQueue::MAX_PRIORITY)]
    {
        queue.send(text.as_bytes(), priority).unwrap();
    }
    assert_eq!(queue.len().unwrap(), 6);
    assert_eq!(queue.recv().unwrap(), Message { bytes: b"!".to_vec(), priority: 32767 });
    assert_eq!(texts(&queue), "abcde");
    assert!(queue.is_empty().unwrap());
}

#[test]
fn a_message_may_be_empty_or_of_the_maximum_size() {
    let name = fixture::name();
    let queue = queue(&name, 2);
    queue.send(b"", 0).unwrap();
    queue.send(&[7; 64], 0).unwrap();
    assert_eq!(queue.recv().unwrap().bytes, b"");
    let mut into = [0; 100];
    assert_eq!(queue.recv_into(&mut into).unwrap(), (64, 0));
    assert_eq!(into[..64], [7; 64]);
}

#[test]
fn a_message_that_does_not_fit_is_an_error_and_stays() {
    let name = fixture::name();
    let queue = queue(&name, 2);
    let err = queue.send(&[0; 65], 0).unwrap_err();
    assert!(err.is_too_long() && err.to_string().contains("65 bytes, wanted at most 64"), "{err}");
    assert!(queue.try_send(&[0; 65], 0).unwrap_err().is_too_long());
    queue.send(b"x", 0).unwrap();
    let err = queue.recv_into(&mut [0; 63]).unwrap_err();
    assert!(err.is_too_long() && err.to_string().contains("63 bytes, wanted at least 64"), "{err}");
    assert!(queue.try_recv_into(&mut []).unwrap_err().is_too_long());
    assert_eq!(texts(&queue), "x");
    let err = queue.send(b"", MessageQueue::MAX_PRIORITY + 1).unwrap_err();
    let words = "priority 32768, wanted at most 32767";
    assert!(err.is_invalid_argument() && err.to_string().contains(words), "{err}");
}

#[test]
fn an_empty_queue_answers_at_once_or_after_the_timeout() {
    let name = fixture::name();
    let queue = queue(&name, 1);
    assert!(queue.try_recv().unwrap().is_none());
    let start = Instant::now();
    assert!(queue.recv_timeout(SHORT).unwrap().is_none());
    assert!(start.elapsed() >= SHORT);
    assert!(queue.recv_deadline(start + SHORT * 2).unwrap().is_none());
    assert!(start.elapsed() >= SHORT * 2);
    queue.send(b"x", 3).unwrap();
    // A message that is in the queue is received also after the deadline.
    assert_eq!(queue.recv_deadline(start).unwrap().unwrap().priority, 3);
}

#[test]
fn a_full_queue_answers_at_once_or_after_the_timeout() {
    let name = fixture::name();
    let queue = queue(&name, 1);
    assert!(queue.try_send(b"x", 0).unwrap());
    assert!(!queue.try_send(b"y", 0).unwrap());
    let start = Instant::now();
    assert!(!queue.send_timeout(b"y", 0, SHORT).unwrap());
    assert!(start.elapsed() >= SHORT);
    assert!(!queue.send_deadline(b"y", 0, start + SHORT * 2).unwrap());
    assert!(start.elapsed() >= SHORT * 2);
    assert_eq!(texts(&queue), "x");
    assert!(queue.send_deadline(b"z", 0, start).unwrap());
    assert_eq!(texts(&queue), "z");
}

#[test]
fn a_wait_ends_when_there_is_a_message_or_room() {
    let name = fixture::name();
    let queue = queue(&name, 1);
    let send = |text: &[u8]| queue.send(text, 0).unwrap();
    watchdog(|| {
        let got = while_waiting(libc::SYS_mq_timedreceive, || queue.recv(), || send(b"a"));
        assert_eq!(got.unwrap().bytes, b"a");
        let got =
            while_waiting(libc::SYS_mq_timedreceive, || queue.recv_timeout(LONG), || send(b"b"));
        assert_eq!(got.unwrap().unwrap().bytes, b"b");
        send(b"c");
        while_waiting(
            libc::SYS_mq_timedsend,
            || send(b"d"),
            || assert_eq!(queue.recv().unwrap().bytes, b"c"),
        );
        let sent = || queue.send_timeout(b"e", 0, LONG).unwrap();
        assert!(while_waiting(libc::SYS_mq_timedsend, sent, || assert_eq!(
            queue.recv().unwrap().bytes,
            b"d"
        )));
        assert_eq!(texts(&queue), "e");
    });
}

#[test]
fn signals_neither_end_nor_prolong_a_wait() {
    let name = fixture::name();
    let queue = queue(&name, 1);
    watchdog(|| {
        let storm = Storm::start(1000);
        let start = Instant::now();
        storm.beside(|| assert!(queue.recv_timeout(SHORT * 2).unwrap().is_none()));
        assert!(start.elapsed() >= SHORT * 2);
        queue.send(b"", 0).unwrap();
        storm.beside(|| assert!(!queue.send_timeout(b"", 0, SHORT * 2).unwrap()));
        assert!(start.elapsed() >= SHORT * 4);
    });
}

#[test]
fn a_handle_for_one_direction_refuses_the_other() {
    let name = fixture::name();
    let both = queue(&name, 1);
    let open = |direction| {
        MessageQueue::open_with(&*name, OpenQueueOptions::new().direction(direction)).unwrap()
    };
    let (send, receive) = (open(Direction::Send), open(Direction::Receive));
    send.send(b"x", 0).unwrap();
    for err in [send.recv().map(drop), send.recv_timeout(LONG).map(drop), receive.send(b"", 0)] {
        assert!(err.unwrap_err().is_invalid_argument());
    }
    assert_eq!(receive.recv().unwrap().bytes, b"x");
    assert!(!send.was_created() && both.was_created());
    assert_eq!(
        (receive.capacity(), receive.message_size(), receive.name().as_str()),
        (1, 64, &*name)
    );
}

/// Reads the kernel's description of a queue through its descriptor, which needs no file system.
#[test]
fn the_descriptor_is_the_queue_and_is_closed_by_exec() {
    let name = fixture::name();
    let queue = queue(&name, 2);
    queue.send(b"four", 0).unwrap();
    let mut text = String::new();
    File::from(queue.as_fd().try_clone_to_owned().unwrap()).read_to_string(&mut text).unwrap();
    assert!(text.starts_with("QSIZE:4 "), "{text}");
    let fd = queue.as_raw_fd();
    let info = std::fs::read_to_string(format!("/proc/self/fdinfo/{fd}")).unwrap();
    let flags = info.lines().find_map(|line| line.strip_prefix("flags:")).unwrap();
    assert_ne!(i32::from_str_radix(flags.trim(), 8).unwrap() & libc::O_CLOEXEC, 0);
}

#[test]
fn the_info_of_a_queue_reports_its_attributes_and_owner() {
    let name = fixture::name();
    let queue = MessageQueue::create(&*name, QueueOptions::new(3, 16).permissions(0o620)).unwrap();
    queue.send(b"x", 0).unwrap();
    let info = queue.info().unwrap();
    assert_eq!((info.capacity, info.message_size, info.messages), (3, 16, 1));
    assert_eq!((info.owner, info.permissions.mode()), (ipc_core::UserId::effective(), 0o620));
    assert_eq!((info.group, info.is_nonblocking), (ipc_core::GroupId::effective(), false));
    assert_eq!(queue.as_raw_fd(), queue.as_fd().as_raw_fd());
}

/// Otherwise a `println!` in a daemon would write to a queue's descriptor.
#[test]
fn descriptors_never_get_the_numbers_of_closed_standard_streams() {
    watchdog(|| Child::run("without streams", &[]).finish());
}

fn without_streams(_: &mut Role) {
    sys::close_standard_streams();
    let name = fixture::name();
    let made = queue(&name, 1);
    let _all = [MessageQueue::open(&*name).unwrap(), made.try_clone().unwrap()];
    assert!((0..3).all(|stream| std::fs::read_link(format!("/proc/self/fd/{stream}")).is_err()));
}

#[test]
fn impossible_options_and_names_are_refused() {
    let name = fixture::name();
    for options in [QueueOptions::new(0, 1), QueueOptions::new(1, 0)] {
        assert!(MessageQueue::create(&*name, options).unwrap_err().is_invalid_argument());
    }
    for options in [
        QueueOptions::new(usize::MAX, 1),
        QueueOptions::new(1, usize::MAX),
        QueueOptions::new(65_537, 1),
    ] {
        let err = MessageQueue::create(&*name, options).unwrap_err();
        assert!(err.is_invalid_argument() && err.to_string().contains("permits at most"), "{err}");
    }
    let counted = QueueOptions::new(1, 1).removal(Removal::LastDetach);
    assert!(MessageQueue::create(&*name, counted).unwrap_err().is_unsupported());
    assert!(MessageQueue::open("no slash").unwrap_err().is_invalid_argument());
    let err = MessageQueue::open(&*name).unwrap_err();
    assert_eq!((err.errno(), err.call(), err.object()), (Some(Errno::ENOENT), "mq_open", &*name));
}
