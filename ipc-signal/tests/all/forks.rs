//! Children that are forked while other threads of the parent are busy with signals.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;

use ipc_signal::{Reaction, Signal, SignalMask, raise};
use ipc_testkit::{Forked, Part, Role};

use crate::play;

pub(crate) const ROLES: &[(&str, Part)] = &[("forks beside reactions", forks_beside_reactions)];

/// A lock that a thread of the parent holds at the fork would stay locked in the child.
#[test]
fn a_child_forked_beside_threads_creates_and_drops_reactions() {
    play("forks beside reactions");
}

fn forks_beside_reactions(_: &mut Role) {
    const SIGNALS: [Signal; 2] = [Signal::WINCH, Signal::USR1];
    let counter = Arc::new(AtomicU64::new(0));
    let reaction = |signal| Reaction::count(signal, counter.clone()).unwrap();
    let mut own = Some(SIGNALS.map(reaction));
    let done = &AtomicBool::new(false);
    thread::scope(|scope| {
        for signal in SIGNALS {
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    drop(reaction(Signal::WINCH));
                }
            });
            scope.spawn(move || {
                let _mask = SignalMask::unblock(signal).unwrap();
                while !done.load(Ordering::Relaxed) {
                    raise(signal).unwrap(); // so that handlers are inside when the child is forked
                }
            });
        }
        for round in 0..400 {
            let child = Forked::run(|| match round % 2 {
                0 => drop(own.take()),
                _ => {
                    let before = counter.load(Ordering::SeqCst);
                    let _mask = SignalMask::unblock(Signal::WINCH).unwrap();
                    let ours = [reaction(Signal::WINCH), reaction(Signal::WINCH)];
                    raise(Signal::WINCH).unwrap();
                    assert!(counter.load(Ordering::SeqCst) >= before + 2);
                    drop(ours);
                }
            });
            child.finish();
        }
        done.store(true, Ordering::Relaxed);
    });
}
