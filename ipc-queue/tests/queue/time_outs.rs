//! Every call with a timeout, when its event does not occur.

use ipc_core::Key;
use ipc_queue::{MessageQueue, QueueOptions, Receiver, Select, Sender, SysvQueue};
use ipc_testkit::{Timed, figures, fixture, rounds};

use crate::common::passing;

#[test]
fn no_wait_ends_before_its_time() {
    let names = [fixture::tagged("full"), fixture::tagged("empty")];
    let [full, empty] = names
        .each_ref()
        .map(|name| MessageQueue::create(&**name, QueueOptions::new(1, 8)).unwrap());
    let [full_sysv, empty_sysv] =
        [(); 2].map(|()| SysvQueue::create(Key::PRIVATE, passing().byte_limit(8)).unwrap());
    full.send(&[0; 8], 0).unwrap();
    full_sysv.send(&[0; 8], 1).unwrap();
    let sender = Sender::<u64>::new(MessageQueue::open(&*names[0]).unwrap()).unwrap();
    let receiver = Receiver::<u64>::new(MessageQueue::open(&*names[1]).unwrap()).unwrap();
    let calls = [
        Timed::new(
            "MessageQueue::send",
            |timeout| full.send_timeout(&[1; 8], 0, timeout).unwrap(),
            |deadline| full.send_deadline(&[1; 8], 0, deadline).unwrap(),
        ),
        Timed::new(
            "MessageQueue::recv",
            |timeout| empty.recv_timeout(timeout).unwrap().is_some(),
            |deadline| empty.recv_deadline(deadline).unwrap().is_some(),
        ),
        Timed::new(
            "SysvQueue::send",
            |timeout| full_sysv.send_timeout(&[1; 8], 1, timeout).unwrap(),
            |deadline| full_sysv.send_deadline(&[1; 8], 1, deadline).unwrap(),
        ),
        Timed::new(
            "SysvQueue::recv",
            |timeout| empty_sysv.recv_timeout(Select::Any, timeout).unwrap().is_some(),
            |deadline| empty_sysv.recv_deadline(Select::Any, deadline).unwrap().is_some(),
        ),
        Timed::new(
            "Sender::send",
            |timeout| sender.send_timeout(1, 0, timeout).is_ok(),
            |deadline| sender.send_deadline(1, 0, deadline).is_ok(),
        ),
        Timed::new(
            "Receiver::recv",
            |timeout| receiver.recv_timeout(timeout).unwrap().is_some(),
            |deadline| receiver.recv_deadline(deadline).unwrap().is_some(),
        ),
    ];
    let each = rounds(5, 1_000);
    Timed::never_early(&calls, each);
    figures(format_args!("{} calls, {each} times each, none early", 2 * calls.len()));
}
