//! System V queues in one process.

use std::time::{Instant, SystemTime};

use ipc_core::{GroupId, Key, Permissions, ProcessId, Removal, UserId};
use ipc_queue::{Select, SysvMessage, SysvQueue, SysvQueueOptions};
use ipc_testkit::{Storm, watchdog};

use crate::common::{LONG, SHORT, key, passing, sysv, while_waiting};

fn of(kinds: &[i64]) -> SysvQueue {
    let queue = sysv();
    for (i, kind) in (0..).zip(kinds) {
        queue.send(&[i], *kind).unwrap();
    }
    queue
}

/// Receives all messages, and returns their numbers in that order.
fn order(queue: &SysvQueue, select: Select) -> Vec<u8> {
    std::iter::from_fn(|| queue.try_recv(select).unwrap()).map(|got| got.bytes[0]).collect()
}

#[test]
fn messages_are_received_by_type() {
    let kinds = [3, 1, 2, 3, 1, i64::MAX];
    assert_eq!(order(&of(&kinds), Select::Any), [0, 1, 2, 3, 4, 5]);
    assert_eq!(order(&of(&kinds), Select::Type(3)), [0, 3]);
    assert_eq!(order(&of(&kinds), Select::Type(i64::MAX)), [5]);
    assert_eq!(order(&of(&kinds), Select::UpTo(2)), [1, 4, 2]);
    assert_eq!(order(&of(&kinds), Select::UpTo(i64::MAX)), [1, 4, 2, 0, 3, 5]);
    assert_eq!(order(&of(&kinds), Select::Except(3)), [1, 2, 4, 5]);
    assert_eq!(order(&of(&kinds), Select::Type(9)), []);
    assert_eq!(of(&[7]).recv(Select::Any).unwrap(), SysvMessage { bytes: vec![0], kind: 7 });
}

#[test]
fn a_type_is_at_least_one() {
    let queue = of(&[1]);
    for kind in [0, -1, i64::MIN] {
        for err in [queue.send(b"", kind), queue.try_send(b"", kind).map(drop)] {
            assert!(err.unwrap_err().is_invalid_argument());
        }
        for select in [Select::Type(kind), Select::UpTo(kind), Select::Except(kind)] {
            assert!(queue.try_recv(select).unwrap_err().is_invalid_argument());
        }
    }
    assert_eq!(queue.info().unwrap().messages, 1);
    let err = queue.send(b"", 0).unwrap_err();
    let says = format!("msgsnd queue id {}: type 0; a type is at least 1", queue.id());
    assert_eq!(err.to_string(), says);
}

#[test]
fn a_byte_limit_of_zero_is_refused() {
    let (queue, options) = (sysv(), SysvQueueOptions::new().byte_limit(0));
    let limit = queue.info().unwrap().byte_limit;
    assert!(queue.set_byte_limit(0).unwrap_err().is_invalid_argument());
    assert_eq!(queue.info().unwrap().byte_limit, limit);
    assert!(SysvQueue::create(Key::PRIVATE, options).unwrap_err().is_invalid_argument());
}

#[test]
fn a_message_is_cut_only_if_asked_for() {
    let queue = sysv();
    queue.send(b"abcdef", 5).unwrap();
    let mut into = [0; 4];
    let err = queue.recv_into(Select::Any, &mut into).unwrap_err();
    assert!(err.is_too_long() && err.to_string().contains("buffer of 4 bytes"), "{err}");
    assert!(queue.try_recv_into(Select::Any, &mut into).unwrap_err().is_too_long());
    assert_eq!((queue.info().unwrap().messages, into), (1, [0; 4]));
    assert_eq!(queue.recv_cut(Select::Any, &mut into).unwrap(), (4, 5));
    assert_eq!(&into, b"abcd");
    assert_eq!(queue.info().unwrap().messages, 0);
    queue.send(b"", 1).unwrap();
    assert_eq!(queue.recv_into(Select::Any, &mut []).unwrap(), (0, 1));
    assert!(queue.try_recv_into(Select::Any, &mut into).unwrap().is_none());
}

#[test]
fn every_byte_of_the_longest_message_arrives() {
    let queue = sysv();
    let message: Vec<u8> = (0..8192_u32).map(|i| i.to_le_bytes()[0] ^ i.to_le_bytes()[1]).collect();
    queue.send(&message, 1).unwrap();
    assert_eq!(queue.recv(Select::Any).unwrap().bytes, message);
    queue.send(&message, 1).unwrap();
    let mut into = vec![0; 10_000]; // more than fits on the stack
    assert_eq!(queue.recv_into(Select::Any, &mut into).unwrap(), (8192, 1));
    assert_eq!(into[..8192], message);
}

#[test]
fn a_message_that_the_queue_never_takes_is_refused_at_once() {
    let queue = SysvQueue::create(Key::PRIVATE, passing().byte_limit(100)).unwrap();
    let too_long = |queue: &SysvQueue| {
        let err = queue.send(&[0; 101], 1).unwrap_err();
        assert!(
            err.is_too_long() && err.to_string().contains("101 bytes, wanted at most 100"),
            "{err}"
        );
        assert!(queue.send_timeout(&[0; 101], 1, LONG).unwrap_err().is_too_long());
    };
    watchdog(|| {
        too_long(&queue);
        too_long(&SysvQueue::open_id(queue.id()).unwrap());
    });
    queue.set_byte_limit(101).unwrap();
    queue.send(&[0; 101], 1).unwrap();
    let limit: usize =
        std::fs::read_to_string("/proc/sys/kernel/msgmax").unwrap().trim().parse().unwrap();
    if limit < 1 << 20 {
        let queue = sysv();
        let err = queue.send(&vec![0; limit + 1], 1).unwrap_err();
        assert!(err.is_too_long() && err.to_string().contains(&format!("{limit}")), "{err}");
    }
}

#[test]
fn a_full_or_empty_queue_answers_at_once_or_after_the_timeout() {
    let queue = SysvQueue::create(Key::PRIVATE, passing().byte_limit(4)).unwrap();
    assert!(queue.try_recv(Select::Any).unwrap().is_none());
    let start = Instant::now();
    assert!(queue.recv_timeout(Select::Any, SHORT).unwrap().is_none());
    assert!(start.elapsed() >= SHORT);
    assert!(queue.try_send(b"full", 1).unwrap());
    assert!(!queue.try_send(b"x", 1).unwrap());
    assert!(!queue.send_timeout(b"x", 1, SHORT).unwrap());
    assert!(start.elapsed() >= SHORT * 2);
    assert!(!queue.send_deadline(b"x", 1, start).unwrap());
    assert!(queue.recv_deadline(Select::Type(2), start + SHORT * 3).unwrap().is_none());
    assert!(start.elapsed() >= SHORT * 3);
    // A message that is in the queue is received also after the deadline.
    assert_eq!(queue.recv_deadline(Select::Type(1), start).unwrap().unwrap().bytes, b"full");
}

#[test]
fn a_wait_ends_when_there_is_a_message_or_room() {
    let queue = SysvQueue::create(Key::PRIVATE, passing().byte_limit(4)).unwrap();
    let send = |text: &[u8], kind| queue.send(text, kind).unwrap();
    watchdog(|| {
        let got = while_waiting(
            libc::SYS_msgrcv,
            || queue.recv(Select::Type(2)),
            || {
                send(b"a", 1);
                send(b"b", 2);
            },
        );
        assert_eq!(got.unwrap().bytes, b"b");
        let recv = || queue.recv(Select::Any).unwrap();
        send(b"123", 1);
        while_waiting(libc::SYS_msgsnd, || send(b"c", 1), || assert_eq!(recv().bytes, b"a"));
        let sent = || queue.send_timeout(b"d", 1, LONG).unwrap();
        assert!(while_waiting(libc::SYS_clock_nanosleep, sent, || assert_eq!(
            recv().bytes,
            b"123"
        )));
        assert_eq!([recv().bytes, recv().bytes], [b"c", b"d"]);
        let got = || queue.recv_timeout(Select::Any, LONG).unwrap().unwrap();
        assert_eq!(while_waiting(libc::SYS_clock_nanosleep, got, || send(b"e", 1)).bytes, b"e");
    });
}

#[test]
fn signals_neither_end_nor_prolong_a_wait() {
    let queue = SysvQueue::create(Key::PRIVATE, passing().byte_limit(1)).unwrap();
    watchdog(|| {
        let storm = Storm::start(1000);
        let start = Instant::now();
        storm.beside(|| assert!(queue.recv_timeout(Select::Any, SHORT * 2).unwrap().is_none()));
        assert!(start.elapsed() >= SHORT * 2);
        queue.send(b"x", 1).unwrap();
        storm.beside(|| assert!(!queue.send_timeout(b"x", 1, SHORT * 2).unwrap()));
        assert!(start.elapsed() >= SHORT * 4);
    });
}

#[test]
fn a_wait_in_a_queue_that_is_removed_ends_with_an_error() {
    watchdog(|| {
        let queue = SysvQueue::create(Key::PRIVATE, passing().byte_limit(1)).unwrap();
        let remove = || SysvQueue::remove_id(queue.id()).unwrap();
        let err = while_waiting(libc::SYS_msgrcv, || queue.recv(Select::Any), remove).unwrap_err();
        assert!(err.is_removed());
        // Later calls fail as well.
        assert!(queue.send(b"", 1).unwrap_err().is_removed());
        assert!(queue.try_recv(Select::Any).unwrap_err().is_removed());
        assert!(queue.recv_timeout(Select::Any, LONG).unwrap_err().is_removed());
        assert!(queue.info().unwrap_err().is_removed());
        assert!(queue.set_byte_limit(1).unwrap_err().is_removed());
        assert!(queue.set_owner(UserId::new(0), GroupId::new(0)).unwrap_err().is_removed());
        assert!(SysvQueue::open_id(queue.id()).unwrap_err().is_removed());
        SysvQueue::remove_id(queue.id()).unwrap();
        let full = SysvQueue::create(Key::PRIVATE, passing().byte_limit(1)).unwrap();
        full.send(b"x", 1).unwrap();
        let remove = || SysvQueue::remove_id(full.id()).unwrap();
        assert!(
            while_waiting(libc::SYS_msgsnd, || full.send(b"y", 1), remove)
                .unwrap_err()
                .is_removed()
        );
    });
}

#[test]
fn the_info_of_a_queue_reports_what_happened() {
    let before = SystemTime::now() - std::time::Duration::from_secs(2);
    let key = key();
    let queue = SysvQueue::create(key, passing().permissions(0o640).byte_limit(1000)).unwrap();
    let info = queue.info().unwrap();
    assert_eq!(
        (info.key, info.permissions, info.byte_limit),
        (key, Permissions::from(0o640), 1000)
    );
    assert_eq!((info.owner, info.creator), (UserId::effective(), UserId::effective()));
    assert_eq!((info.group, info.messages, info.bytes), (info.creator_group, 0, 0));
    assert_eq!(
        (info.last_sender, info.last_receiver, info.sent, info.received),
        (None, None, None, None)
    );
    queue.send(b"abc", 1).unwrap();
    queue.send(b"de", 1).unwrap();
    queue.recv(Select::Any).unwrap();
    queue.set_permissions(0o600).unwrap();
    queue.set_byte_limit(500).unwrap();
    let info = queue.info().unwrap();
    assert_eq!(
        (info.permissions, info.byte_limit, info.messages, info.bytes),
        (Permissions::OWNER, 500, 1, 2)
    );
    let me = Some(ProcessId::current());
    assert_eq!((info.last_sender, info.last_receiver), (me, me));
    for time in [info.sent, info.received, info.changed] {
        assert!(time.unwrap() > before);
    }
}

#[test]
fn a_key_refers_to_one_queue_and_may_be_removed_twice() {
    let key = key();
    assert!(SysvQueue::open(key).unwrap_err().is_not_found());
    let options = SysvQueueOptions::new().byte_limit(100);
    let made = SysvQueue::open_or_create(key, options.removal(Removal::OnDrop)).unwrap();
    assert!(SysvQueue::create(key, options).unwrap_err().is_exists());
    let found = SysvQueue::open_or_create(key, options).unwrap();
    assert!(made.was_created() && !found.was_created());
    assert_eq!(
        (found.id(), found.key(), SysvQueue::open_id(made.id()).unwrap().key()),
        (made.id(), key, key)
    );
    assert!(SysvQueue::open_or_create(key, options.byte_limit(99)).unwrap_err().is_mismatch());
    SysvQueue::remove(key).unwrap();
    SysvQueue::remove(key).unwrap();
    assert!(SysvQueue::open(key).unwrap_err().is_not_found());
}

#[test]
fn a_private_queue_has_no_key() {
    let queues = [sysv(), SysvQueue::open_or_create(Key::PRIVATE, passing()).unwrap()];
    assert_ne!(queues[0].id(), queues[1].id());
    assert!(queues.iter().all(|queue| queue.was_created() && queue.key() == Key::PRIVATE));
    assert!(SysvQueue::open(Key::PRIVATE).unwrap_err().is_invalid_argument());
    assert!(SysvQueue::remove(Key::PRIVATE).unwrap_err().is_invalid_argument());
    let counted = SysvQueueOptions::new().removal(Removal::LastDetach);
    assert!(SysvQueue::create(Key::PRIVATE, counted).unwrap_err().is_unsupported());
}
