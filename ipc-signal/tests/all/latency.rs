//! Waits that end on time, and not much later.

use std::thread;
use std::time::{Duration, Instant};

use ipc_signal::{Signal, SignalMask, Signals, ThreadId, send_to_thread, wait, wait_timeout};
use ipc_testkit::{Part, Role};

use crate::play;

pub(crate) const ROLES: &[(&str, Part)] = &[("on time", on_time)];

/// A wait that is always 150 ms late would pass every other test.
#[test]
fn the_fastest_of_twenty_waits_ends_soon_after_its_event() {
    play("on time");
}

fn on_time(_: &mut Role) {
    const TIMEOUT: Duration = Duration::from_millis(10);
    let (received, waited) = (Signal::HUP, Signal::USR1);
    let signals = Signals::block(received).unwrap();
    let _mask = SignalMask::block(waited).unwrap();
    let fastest = |name: &str, run: &dyn Fn() -> Duration| {
        let time = (0..20).map(|_| run()).min().unwrap();
        assert!(time < TIMEOUT * 10, "{name} took {time:?} and more");
    };
    let time = |run: &dyn Fn()| {
        let start = Instant::now();
        run();
        start.elapsed()
    };
    let none = |got: Option<_>| assert!(got.is_none());
    fastest("recv_timeout", &|| time(&|| none(signals.recv_timeout(TIMEOUT).unwrap())));
    fastest("wait_timeout", &|| time(&|| none(wait_timeout(waited, TIMEOUT).unwrap())));

    let me = ThreadId::current();
    let woken = |signal, wait: &dyn Fn()| {
        thread::scope(|scope| {
            let sender = scope.spawn(move || {
                let sent = Instant::now();
                send_to_thread(me, signal).unwrap();
                sent
            });
            wait();
            let woken = Instant::now();
            woken.saturating_duration_since(sender.join().unwrap())
        })
    };
    fastest("recv", &|| woken(received, &|| assert!(signals.recv().is_ok())));
    fastest("wait", &|| woken(waited, &|| assert!(wait(waited).is_ok())));
}
