//! Publishers and subscribers that are stopped wherever they are, and continued.

use std::time::Duration;

use ipc_ring::topic::{Publisher, Subscriber, WhenFull};
use ipc_testkit::{Child, Forked, Part, Rng, Role, fixture, rounds};

use crate::kills::{Big, Log, options, start_publisher, start_subscriber};

pub(crate) const ROLES: &[(&str, Part)] = &[("stopper", stopper)];

const PATIENCE: Duration = Duration::from_secs(20);

/// Stops workers wherever they are, and continues them: the others go on, unless the subscriber
/// blocks, and nothing is taken from the one that is stopped.
fn stopper(role: &mut Role) {
    let (name, stops) = (role.arg(0).to_owned(), role.arg(1).parse::<u64>().unwrap());
    let orders = Subscriber::<Big>::create(&*name, options(), WhenFull::Block).unwrap();
    let mut workers = [
        start_publisher(&name),
        start_publisher(&name),
        start_subscriber(&name, [WhenFull::DropOldest, WhenFull::DropNewest]),
        start_subscriber(&name, [WhenFull::Block; 2]),
    ];
    let (mut rng, mut log) = (Rng::new(), Log::new());
    for stop in 0..stops {
        for _ in 0..1 + rng.below(20) {
            assert!(log.receive(&orders, PATIENCE), "stop {stop}: no message");
        }
        let victim = rng.index(workers.len());
        workers[victim].stop();
        if victim < 3 {
            for _ in 0..40 {
                assert!(log.receive(&orders, PATIENCE), "stop {stop} blocks the others");
            }
        } else {
            // Until publishers wait for it, unless it was stopped while it had no subscriber open.
            let is_moving = |log: &mut Log| log.receive(&orders, Duration::from_millis(1));
            (0..200).take_while(|_| is_moving(&mut log)).for_each(drop);
        }
        // Whoever opens the topic looks for the dead, and finds none.
        let late = Subscriber::<Big>::open(&*name, WhenFull::DropOldest).unwrap();
        let info = orders.info().unwrap();
        assert!(info.subscribers.len() >= 2 && info.subscribers.iter().all(|one| !one.is_dead));
        drop(late);
        workers[victim].cont();
        role.say("going on");
    }
    assert_eq!(log.missed, 0, "a subscriber that blocks missed a message");
    workers.iter_mut().for_each(Forked::kill);
    while log.receive(&orders, Duration::from_millis(100)) {}
    let topic = Publisher::<Big>::open(&*name).unwrap();
    drop(topic);
    role.say(&format!("done: {stops} stops, {} messages once each and none missed", log.received));
}

#[test]
fn a_process_that_is_stopped_loses_nothing_and_blocks_no_other() {
    let stops = rounds(20, 1_000).to_string();
    Child::run("stopper", &[&fixture::name(), &stops]).figures();
}
