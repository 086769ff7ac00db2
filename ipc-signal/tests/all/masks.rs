//! Sets, and the mask of a thread.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use ipc_signal::{Reaction, Signal, SignalMask, SignalSet, pending, raise};

/// J-T-5 and J-SIG-1.
#[test]
fn a_set_has_what_was_put_in_and_nothing_else() {
    let mut set = SignalSet::EMPTY;
    assert!(set.is_empty() && Signal::all().all(|signal| !set.contains(signal)));
    let full = SignalSet::all();
    assert!(Signal::all().all(|signal| full.contains(signal)));
    assert!(full.contains(Signal::KILL) && full.len() == Signal::all().count());

    let last = Signal::all().last().unwrap();
    assert!(set.insert(last) && !set.insert(last));
    assert_eq!((set.len(), set.iter().collect::<Vec<_>>()), (1, vec![last]));
    assert!(set.remove(last) && !set.remove(last) && set.is_empty());
}

#[test]
fn sets_combine() {
    let (left, right) = (SignalSet::from([Signal::HUP, Signal::INT]), SignalSet::from([Signal::INT, Signal::TERM]));
    assert_eq!(left | right, SignalSet::from([Signal::HUP, Signal::INT, Signal::TERM]));
    assert_eq!(left & right, Signal::INT.into());
    assert_eq!(left - right, Signal::HUP.into());
    assert!(SignalSet::from(Signal::INT).is_subset(left) && !right.is_subset(left));
    assert_eq!(SignalSet::all().into_iter().collect::<SignalSet>(), SignalSet::all());
    assert_eq!(format!("{left:?} {left}"), "{SIGHUP, SIGINT} SIGHUP SIGINT");
}

#[test]
fn a_mask_takes_back_exactly_what_it_changed() {
    let before = SignalMask::current().unwrap();
    let first = SignalMask::block([Signal::HUP, Signal::USR1]).unwrap();
    let second = SignalMask::block([Signal::USR1, Signal::USR2]).unwrap();
    assert_eq!(second.before(), before | [Signal::HUP, Signal::USR1].into());
    let third = SignalMask::unblock([Signal::HUP, Signal::TERM]).unwrap();
    assert_eq!(SignalMask::current().unwrap(), before | [Signal::USR1, Signal::USR2].into());
    drop(first); // not the last one made; what it blocked and is unblocked since stays so
    assert_eq!(SignalMask::current().unwrap(), before | Signal::USR2.into());
    drop(third);
    assert_eq!(SignalMask::current().unwrap(), before | [Signal::HUP, Signal::USR2].into());
    drop(second);
    drop(SignalMask::unblock(Signal::HUP).unwrap());
    SignalMask::set(before).unwrap().keep();
    assert_eq!(SignalMask::current().unwrap(), before);
}

#[test]
fn a_mask_that_is_set_blocks_nothing_else_until_it_is_dropped() {
    let before = SignalMask::current().unwrap();
    let outer = SignalMask::block(Signal::USR1).unwrap();
    let inner = SignalMask::set(SignalSet::all()).unwrap();
    let blocked = SignalMask::current().unwrap();
    assert_eq!(blocked, SignalSet::all() - [Signal::KILL, Signal::STOP].into(), "nobody can block these two");
    drop(inner);
    assert_eq!(SignalMask::current().unwrap(), before | Signal::USR1.into());
    let inner = SignalMask::set(SignalSet::EMPTY).unwrap();
    assert_eq!(SignalMask::current().unwrap(), SignalSet::EMPTY);
    drop(inner);
    drop(outer);
    assert_eq!(SignalMask::current().unwrap(), before);
}

#[test]
fn a_mask_is_its_thread_s_and_that_of_threads_started_under_it() {
    let before = SignalMask::current().unwrap();
    let mask = SignalMask::block(Signal::USR1).unwrap();
    let inherited = thread::spawn(|| {
        let inherited = SignalMask::current().unwrap();
        SignalMask::block(Signal::USR2).unwrap().keep();
        inherited
    });
    assert_eq!(inherited.join().unwrap(), before | Signal::USR1.into());
    assert_eq!(SignalMask::current().unwrap(), before | Signal::USR1.into());
    drop(mask);
}

#[test]
fn what_comes_while_it_is_blocked_is_pending_and_then_done() {
    let signal = Signal::realtime(1).unwrap();
    let count = Arc::new(AtomicU64::new(0));
    let _reaction = Reaction::count(signal, count.clone()).unwrap();
    assert!(pending().unwrap().is_empty());
    let mask = SignalMask::block(signal).unwrap();
    raise(signal).unwrap();
    raise(signal).unwrap();
    assert_eq!((pending().unwrap(), count.load(Ordering::SeqCst)), (signal.into(), 0));
    drop(mask);
    assert_eq!((pending().unwrap(), count.load(Ordering::SeqCst)), (SignalSet::EMPTY, 2));
}
