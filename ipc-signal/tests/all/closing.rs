//! Receivers that are closed from another thread.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use ipc_core::Errno;
use ipc_signal::{Closer, Signal, Signals, pending, raise};
use ipc_testkit::{Forked, Part, Role};

use crate::play;

pub(crate) const ROLES: &[(&str, Part)] =
    &[("closes", closes), ("closes and forks", closes_and_forks)];

const LONG: Duration = Duration::from_secs(3600);

#[test]
fn closing_ends_every_wait_of_a_receiver() {
    play("closes");
}

type Wait = fn(&mut Signals) -> bool;

fn closes(_: &mut Role) {
    let waits: [Wait; 3] = [
        |signals| signals.recv().is_err_and(|err| err.errno() == Some(Errno::ECANCELED)),
        |signals| signals.recv_timeout(LONG).is_ok_and(|info| info.is_none()),
        |signals| signals.next().is_none(),
    ];
    for wait in waits {
        let mut signals = Signals::block(Signal::HUP).unwrap();
        let closer = signals.closer().unwrap();
        assert!(!signals.is_closed() && !closer.is_closed());
        raise(Signal::HUP).unwrap();
        assert!(signals.recv().is_ok(), "it receives until it is closed");
        let inside = AtomicBool::new(false);
        let ended = thread::scope(|scope| {
            let waiter = scope.spawn(|| {
                inside.store(true, Ordering::SeqCst);
                wait(&mut signals) && wait(&mut signals)
            });
            while !inside.load(Ordering::SeqCst) {
                thread::yield_now();
            }
            Closer::clone(&closer).close();
            closer.close();
            waiter.join().unwrap()
        });
        assert!(ended && signals.is_closed() && closer.is_closed());
        raise(Signal::HUP).unwrap();
        assert!(signals.try_recv().unwrap().is_none() && wait(&mut signals));
        assert_eq!(pending().unwrap(), Signal::HUP.into(), "what was not received stays pending");
        assert!(Signals::block(Signal::HUP).unwrap().try_recv().unwrap().is_some());
    }
}

#[test]
fn a_forked_childs_receiver_is_not_closed_by_its_parent_nor_closes_it() {
    play("closes and forks");
}

fn closes_and_forks(role: &mut Role) {
    let mut signals = Signals::block(Signal::HUP).unwrap();
    let closer = signals.closer().unwrap();
    let child = Forked::run(|| closer.close());
    child.finish();
    assert!(!signals.is_closed());
    assert!(signals.recv_timeout(Duration::ZERO).unwrap().is_none());
    raise(Signal::HUP).unwrap();
    assert!(signals.recv().is_ok());

    let (read, write) = std::io::pipe().unwrap();
    let mut write = Some(write);
    let child = Forked::run(|| {
        drop(write.take());
        // Until the parent has closed its own.
        std::io::Read::read_to_end(&mut &read, &mut Vec::new()).unwrap();
        raise(Signal::HUP).unwrap();
        assert_eq!(signals.recv().unwrap().signal(), Signal::HUP);
        assert!(signals.recv_timeout(Duration::from_millis(1)).unwrap().is_none());
    });
    closer.close();
    drop(write);
    child.finish();
    role.say("done");
}
