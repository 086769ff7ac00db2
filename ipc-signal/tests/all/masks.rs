//! Sets, and the mask of a thread.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use ipc_signal::{Reaction, Signal, SignalMask, SignalSet, pending, raise};

#[test]
fn a_set_contains_what_was_inserted_and_nothing_else() {
    let mut set = SignalSet::EMPTY;
    assert!(set.is_empty() && Signal::all().all(|signal| !set.contains(signal)));
    let full = SignalSet::all();
    assert!(Signal::all().all(|signal| full.contains(signal)));
    assert!(full.contains(Signal::KILL) && full.len() == Signal::all().count());

    for signal in Signal::all() {
        assert!(set.insert(signal) && !set.insert(signal));
        assert_eq!(set.iter().collect::<Vec<_>>(), [signal]);
        assert_eq!((set.len(), set), (1, signal.into()));
        assert!(Signal::all().all(|other| set.contains(other) == (other == signal)));
        assert!(set.remove(signal) && !set.remove(signal) && set.is_empty());
    }
    let last = Signal::all().last().unwrap();
    assert!(set.insert(last) && !set.insert(last));
    assert_eq!((set.len(), set.iter().collect::<Vec<_>>()), (1, vec![last]));
    assert!(set.remove(last) && !set.remove(last) && set.is_empty());
}

#[test]
fn sets_have_union_intersection_and_difference() {
    let (left, right) =
        (SignalSet::from([Signal::HUP, Signal::INT]), SignalSet::from([Signal::INT, Signal::TERM]));
    assert_eq!(left | right, SignalSet::from([Signal::HUP, Signal::INT, Signal::TERM]));
    assert_eq!(left & right, Signal::INT.into());
    assert_eq!(left - right, Signal::HUP.into());
    assert!(SignalSet::from(Signal::INT).is_subset(left) && !right.is_subset(left));
    assert_eq!(SignalSet::all().into_iter().collect::<SignalSet>(), SignalSet::all());
    assert_eq!(format!("{left:?} {left}"), "{SIGHUP, SIGINT} SIGHUP SIGINT");
}

#[test]
fn masks_may_be_dropped_in_any_order() {
    let before = SignalMask::current().unwrap();
    let first = SignalMask::block([Signal::HUP, Signal::USR1]).unwrap();
    let second = SignalMask::block([Signal::USR1, Signal::USR2]).unwrap();
    assert_eq!(second.before(), before | [Signal::HUP, Signal::USR1].into());
    let third = SignalMask::unblock([Signal::HUP, Signal::TERM]).unwrap();
    let is_now = |blocked: SignalSet| assert_eq!(SignalMask::current().unwrap(), before | blocked);
    is_now([Signal::USR1, Signal::USR2].into());
    drop(first); // the second one still blocks USR1
    is_now([Signal::USR1, Signal::USR2].into());
    drop(third);
    is_now([Signal::USR1, Signal::USR2].into());
    drop(second);
    is_now(SignalSet::EMPTY);
    drop(SignalMask::unblock(Signal::HUP).unwrap());
    SignalMask::set(before).unwrap().keep();
    assert_eq!(SignalMask::current().unwrap(), before);
}

#[test]
fn the_newest_living_mask_decides_whatever_was_dropped_before() {
    let before = SignalMask::current().unwrap();
    let one = SignalMask::block(Signal::USR1).unwrap();
    let other = SignalMask::unblock(Signal::USR1).unwrap();
    drop(one);
    drop(other);
    assert_eq!(SignalMask::current().unwrap(), before);
    // Every order of dropping three, each way.
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        for kinds in 0..8 {
            let blocks = |index: usize| kinds >> index & 1 == 1;
            let make = |index| match blocks(index) {
                true => Some(SignalMask::block(Signal::USR1).unwrap()),
                false => Some(SignalMask::unblock(Signal::USR1).unwrap()),
            };
            let mut masks = [make(0), make(1), make(2)];
            for index in order {
                masks[index] = None;
                let newest = (0..3).rev().find(|&index| masks[index].is_some());
                let blocked = SignalMask::current().unwrap().contains(Signal::USR1);
                assert_eq!(blocked, newest.is_some_and(blocks), "{order:?} {kinds:b} {index}");
            }
        }
    }
    assert_eq!(SignalMask::current().unwrap(), before);
}

#[test]
fn a_kept_mask_stays_when_older_ones_are_dropped() {
    thread::spawn(|| {
        let before = SignalMask::current().unwrap();
        let older = SignalMask::block([Signal::USR1, Signal::HUP]).unwrap();
        SignalMask::block(Signal::USR1).unwrap().keep();
        SignalMask::unblock(Signal::HUP).unwrap().keep();
        drop(older);
        assert_eq!(SignalMask::current().unwrap(), before | Signal::USR1.into());
        drop(SignalMask::unblock(Signal::USR1).unwrap());
        assert_eq!(SignalMask::current().unwrap(), before | Signal::USR1.into());
    })
    .join()
    .unwrap();
}

#[test]
fn each_signal_is_blocked_by_itself_as_the_kernel_sees_it() {
    let before = SignalMask::current().unwrap();
    for signal in Signal::all().filter(|signal| signal.is_catchable()) {
        let _mask = SignalMask::block(signal).unwrap();
        assert_eq!(SignalMask::current().unwrap(), before | signal.into());
        let status = std::fs::read_to_string("/proc/thread-self/status").unwrap();
        let blocked = status.lines().find_map(|line| line.strip_prefix("SigBlk:")).unwrap();
        let blocked = u64::from_str_radix(blocked.trim(), 16).unwrap();
        let expected = (before | signal.into()).iter().map(|signal| 1 << (signal.raw() - 1));
        assert_eq!(blocked, expected.sum::<u64>(), "{signal}");
    }
    assert_eq!(SignalMask::current().unwrap(), before);
}

#[test]
fn a_mask_that_is_set_blocks_its_signals_only() {
    let before = SignalMask::current().unwrap();
    let outer = SignalMask::block(Signal::USR1).unwrap();
    let inner = SignalMask::set(SignalSet::all()).unwrap();
    let blocked = SignalMask::current().unwrap();
    assert_eq!(
        blocked,
        SignalSet::all() - [Signal::KILL, Signal::STOP].into(),
        "these two cannot be blocked"
    );
    drop(inner);
    assert_eq!(SignalMask::current().unwrap(), before | Signal::USR1.into());
    let inner = SignalMask::set(SignalSet::EMPTY).unwrap();
    assert_eq!(SignalMask::current().unwrap(), SignalSet::EMPTY);
    drop(inner);
    drop(outer);
    assert_eq!(SignalMask::current().unwrap(), before);
}

#[test]
fn a_mask_belongs_to_its_thread_and_is_inherited_by_new_ones() {
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
fn a_blocked_signal_stays_pending_and_is_handled_later() {
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
