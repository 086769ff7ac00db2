//! Rings of bytes.

use std::thread;
use std::time::Duration;

use ipc_ring::spsc::bytes::{Receiver, Sender};
use ipc_testkit::{Child, Part, Rng, Role, fixture, rounds, watchdog};

pub(crate) const ROLES: &[(&str, Part)] = &[("byte sender", byte_sender)];

/// A message of random length that shows whether it is whole.
pub(crate) fn message(number: u64, max: usize) -> Vec<u8> {
    let mut rng = Rng::from_seed(number);
    let mut bytes = vec![0; rng.index(max + 1)];
    rng.fill(&mut bytes);
    bytes
}

#[test]
fn messages_of_all_lengths_arrive_whole_and_in_order() {
    let count = rounds(1_000, 20_000);
    for capacity in [32, 64, 100, 4096] {
        watchdog(|| {
            let name = fixture::name();
            let sender = Sender::create(&*name, capacity).unwrap();
            let receiver = Receiver::open(&*name).unwrap();
            let max = sender.max_len();
            assert!(max >= capacity / 2 - 8, "{max} of {capacity}");
            thread::spawn(move || {
                (0..count).for_each(|number| sender.send(&message(number, max)).unwrap());
            });
            let mut found = Vec::new();
            for number in 0..count {
                assert!(receiver.recv(&mut found).unwrap());
                assert!(found == message(number, max), "message {number} of a ring of {capacity}");
            }
            assert!(!receiver.recv(&mut found).unwrap(), "the sender is closed");
        });
    }
}

fn byte_sender(role: &mut Role) {
    let mut sender = Sender::open(role.arg(0)).unwrap();
    let max = sender.max_len();
    for number in 0..role.arg(1).parse().unwrap() {
        let message = message(number, max);
        let mut room = sender.reserve(message.len()).unwrap();
        room.write(0, &message).unwrap();
        room.commit();
    }
}

#[test]
fn messages_written_in_place_are_read_in_place_by_another_process() {
    watchdog(|| {
        let name = fixture::name();
        let mut receiver = Receiver::create(&*name, 1024).unwrap();
        let count = rounds(20_000, 1_000_000);
        let child = Child::run("byte sender", &[&name, &count.to_string()]);
        for number in 0..count {
            let found = receiver.peek().unwrap().unwrap();
            let wanted = message(number, 504);
            assert_eq!((found.len(), found.to_vec().unwrap()), (wanted.len(), wanted));
            found.release();
        }
        child.finish();
        assert!(receiver.peek().unwrap().is_none());
    });
}

#[test]
fn what_does_not_fit_is_refused_or_waits() {
    let name = fixture::name();
    let mut sender = Sender::create(&*name, 64).unwrap();
    let mut receiver = Receiver::open(&*name).unwrap();
    let err = sender.send(&[0; 25]).unwrap_err();
    assert!(err.is_too_long() && err.to_string().contains("wanted at most 24"), "{err}");
    sender.send(&[1; 24]).unwrap();
    sender.send(&[]).unwrap();
    let mut room = sender.try_reserve(16).unwrap().unwrap();
    assert!(room.write(8, &[0; 9]).unwrap_err().is_invalid_argument());
    assert!(room.write(usize::MAX, &[0]).unwrap_err().is_invalid_argument());
    assert!(sender.try_send(&[2; 16]).unwrap(), "a reservation that was dropped sent nothing");
    assert!(!sender.try_send(&[]).unwrap());
    assert!(!sender.send_timeout(&[], Duration::from_millis(1)).unwrap());
    let found = receiver.try_peek().unwrap().map(|message| message.read(20, &mut [0; 5]));
    assert!(found.unwrap().unwrap_err().is_invalid_argument());
    let mut found = Vec::new();
    for wanted in [&[1; 24][..], &[], &[2; 16]] {
        assert!(receiver.try_recv(&mut found).unwrap());
        assert_eq!(found, wanted);
    }
    assert!(!receiver.recv_timeout(&mut found, Duration::from_millis(1)).unwrap());
    drop(sender);
    assert!(receiver.try_recv(&mut found).unwrap_err().is_closed());
}
