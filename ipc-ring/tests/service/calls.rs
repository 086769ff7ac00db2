//! Calls that are answered, dropped, cancelled and late.

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use ipc_hostile::message::Message;
use ipc_ring::service::{Client, Depth, Server, ServiceOptions};
use ipc_testkit::{
    Child, ChildOptions, Forked, LeakCheck, Part, Role, Timed, fixture, rounds, sleepers, watchdog,
};

pub(crate) const ROLES: &[(&str, Part)] = &[
    ("keeper", keeper),
    ("caller", caller),
    ("parent of a child", parent_of_a_child),
    ("answerer", answerer),
    ("patient", patient),
    ("filler", filler),
];

const LATER: Duration = Duration::from_secs(30);

type Pair = (Server<u64, u64>, Client<u64, u64>);

fn open(name: &str, options: impl Into<ServiceOptions>) -> Pair {
    (Server::create(name, options).unwrap(), Client::open(name).unwrap())
}

#[test]
fn a_call_is_answered_once_and_counted_until_its_reply_is_read() {
    let name = fixture::name();
    let check = LeakCheck::of(&name);
    let (server, client) = open(&name, 4);
    let pending: Vec<_> = (0..4).map(|number| client.submit(&number).unwrap()).collect();
    assert!(client.try_submit(&4).unwrap().is_none());
    assert!(client.submit_timeout(&4, Duration::from_millis(1)).unwrap().is_none());
    assert_eq!(client.call_timeout(&4, Duration::from_millis(1)).unwrap(), None);
    for number in 0..4 {
        let call = server.recv().unwrap();
        assert_eq!((*call, call.deliveries(), call.is_cancelled()), (number, 1, false));
        assert_eq!(server.depth().taken, 1);
        assert!(call.reply(&(number + 10)).unwrap());
    }
    assert!(server.try_recv().unwrap().is_none());
    assert_eq!(server.depth().answered, 4);
    let replies: Vec<_> = pending.into_iter().map(|pending| pending.wait().unwrap()).collect();
    assert_eq!(replies, [10, 11, 12, 13]);
    assert_eq!(server.depth(), Depth::default());
    assert_eq!((server.servers(), client.servers(), server.clients()), (1, 1, 1));
    drop((server, client));
    check.finish();
}

#[test]
fn a_call_that_is_dropped_is_reported_to_its_client() {
    let (server, client) = open(&fixture::name(), 1);
    let pending = client.submit(&1).unwrap();
    drop(server.recv().unwrap());
    let err = pending.wait().unwrap_err();
    assert!(err.is_cancelled() && err.to_string().contains("without a reply"), "{err}");
    assert_eq!(server.depth(), Depth::default());
}

#[test]
fn a_cancelled_call_frees_its_place_whatever_its_state() {
    let (server, client) = open(&fixture::name(), 1);
    assert!(client.submit(&1).unwrap().cancel().unwrap());
    assert_eq!(server.depth(), Depth::default());
    assert!(server.try_recv().unwrap().is_none());

    drop(client.submit(&2).unwrap());
    let pending = client.submit(&3).unwrap();
    let call = server.recv().unwrap();
    assert!(!call.is_cancelled());
    assert!(pending.cancel().unwrap());
    assert!(call.is_cancelled());
    assert_eq!(server.depth().taken, 1, "the server has it still");
    assert!(!call.reply(&0).unwrap());
    assert_eq!(server.depth(), Depth::default());

    let pending = client.submit(&4).unwrap();
    assert!(server.recv().unwrap().reply(&5).unwrap());
    assert!(!pending.cancel().unwrap());
    assert_eq!(server.depth(), Depth::default());

    // A server that drops a cancelled call does not affect the next call at that place.
    let first = client.submit(&6).unwrap();
    let call = server.recv().unwrap();
    drop(first);
    drop(call);
    let mut next = client.submit(&7).unwrap();
    assert_eq!(next.try_wait().unwrap(), None);
    server.recv().unwrap().reply(&8).unwrap();
    assert_eq!(next.try_wait().unwrap(), Some(8));
    let err = next.try_wait().unwrap_err();
    assert!(err.is_invalid_argument(), "{err}");
}

#[test]
fn a_reply_after_the_deadline_is_refused() {
    let (server, client) = open(&fixture::name(), 1);
    assert_eq!(client.call_timeout(&1, Duration::from_millis(1)).unwrap(), None);
    thread::scope(|scope| {
        let late = scope.spawn(|| client.call_deadline(&2, Instant::now() + LATER / 1000));
        let call = server.recv_timeout(LATER).unwrap().unwrap();
        assert_eq!(late.join().unwrap().unwrap(), None);
        assert!(!call.reply(&3).unwrap());
    });
    assert_eq!(server.depth(), Depth::default());
}

#[test]
fn the_oldest_call_is_taken_first() {
    let name = fixture::name();
    let (server, client) = open(&name, 256);
    let mut pending: Vec<_> = (0..256).map(|number| client.submit(&number).unwrap()).collect();
    // Free places in the middle are used again, by calls that are younger than all others.
    let again: Vec<_> = [3, 64, 65, 130, 200].into_iter().rev().collect();
    again.iter().for_each(|number| drop(pending.remove(*number)));
    pending.extend((256..261).map(|number| client.submit(&number).unwrap()));
    let wanted = (0..261).filter(|number| !again.contains(&usize::try_from(*number).unwrap()));
    for number in wanted {
        assert_eq!(*server.recv().unwrap(), number);
    }
    assert!(server.try_recv().unwrap().is_none());
}

#[test]
fn threads_that_call_and_serve_get_every_reply_once() {
    watchdog(|| {
        let name = fixture::name();
        let server = Server::<Message, Message>::create(&*name, 4).unwrap();
        let client = Client::<Message, Message>::open(&*name).unwrap();
        let (each, served) = (rounds(2_000, 100_000), AtomicU64::new(0));
        let (clients, servers) = (6, 2);
        thread::scope(|scope| {
            for _ in 0..servers {
                scope.spawn(|| {
                    while served.load(Ordering::SeqCst) < clients * each {
                        let call = server.recv_timeout(Duration::from_millis(1)).unwrap();
                        let Some(call) = call else { continue };
                        let number = call.checked();
                        assert!(call.reply(&Message::new(number + 1)).unwrap());
                        served.fetch_add(1, Ordering::SeqCst);
                    }
                });
            }
            for client_number in 0..clients {
                let client = &client;
                scope.spawn(move || {
                    for number in client_number * each..(client_number + 1) * each {
                        let reply = client.call(&Message::new(number)).unwrap();
                        assert_eq!(reply.checked(), number + 1);
                    }
                });
            }
        });
        assert_eq!(server.depth(), Depth::default());
    });
}

#[test]
fn no_wait_for_a_call_or_a_reply_ends_before_its_time() {
    let (server, client) = open(&fixture::name(), 1);
    let calls = [Timed::new(
        "recv",
        |time| server.recv_timeout(time).unwrap().is_some(),
        |moment| server.recv_deadline(moment).unwrap().is_some(),
    )];
    Timed::never_early(&calls, rounds(10, 500));
    let calls = [Timed::new(
        "call",
        |time| client.call_timeout(&1, time).unwrap().is_some(),
        |moment| client.call_deadline(&1, moment).unwrap().is_some(),
    )];
    Timed::never_early(&calls, rounds(10, 500));
}

#[test]
fn a_service_that_is_another_is_refused() {
    let name = fixture::name();
    let _server = Server::<Message, u64>::create(&*name, 8).unwrap();
    let told = |err: ipc_core::Error, what: &str| {
        assert!(err.is_mismatch() && err.to_string().contains(what), "{err}");
    };
    told(Client::<u64, u64>::open(&*name).unwrap_err(), "found struct");
    told(Client::<Message, u32>::open(&*name).unwrap_err(), "reply");
    told(
        Client::<Message, u64>::open_or_create(&*name, 16).unwrap_err(),
        "wanted a capacity of 16",
    );
    told(ipc_ring::JobQueue::<Message>::open(&*name).unwrap_err(), "a service");
    let none = ServiceOptions::new(1).handles(1);
    let only = Server::<u64, u64>::create(&*format!("{}-b", &*name), none).unwrap();
    let err = Client::<u64, u64>::open(&*format!("{}-b", &*name)).unwrap_err();
    assert!(err.is_busy(), "{err}");
    drop(only);
    let handles = [0, 4097].map(|handles| ServiceOptions::new(1).handles(handles));
    for options in [&[ServiceOptions::new(0)], &handles[..]].concat() {
        let err = Server::<u64, u64>::create("/none", options).unwrap_err();
        assert!(err.is_invalid_argument(), "{err}");
    }
}

/// Takes a call, and keeps it.
fn keeper(role: &mut Role) {
    let server = Server::<u64, u64>::open(role.arg(0)).unwrap();
    thread::scope(|scope| {
        // Another thread that has one as well.
        scope.spawn(|| std::mem::forget(server.recv().unwrap()));
        std::mem::forget(server.recv().unwrap());
    });
    role.say("taken");
    role.wait_for("never");
}

#[test]
fn a_client_is_told_when_the_server_that_has_its_call_dies() {
    watchdog(|| {
        let name = fixture::name();
        let (server, client) = open(&name, 2);
        let mut keeper = Child::run("keeper", &[&name]);
        let mut pending = [client.submit(&1).unwrap(), client.submit(&2).unwrap()];
        keeper.wait_for("taken");
        assert_eq!((server.depth().taken, server.servers()), (2, 2));
        assert_eq!(pending[0].wait_timeout(Duration::from_millis(30)).unwrap(), None);
        keeper.kill();
        assert_eq!(server.servers(), 1);
        for pending in pending {
            let err = pending.wait().unwrap_err();
            assert!(err.is_owner_died() && err.to_string().contains("server"), "{err}");
        }
        assert_eq!(server.depth(), Depth::default());
        assert!(server.try_recv().unwrap().is_none());
    });
}

#[test]
fn a_call_of_a_dead_server_is_delivered_again_as_often_as_allowed() {
    watchdog(|| {
        let name = fixture::name();
        let (server, client) = open(&name, ServiceOptions::new(2).redeliver(1));
        let pending = [client.submit(&1).unwrap(), client.submit(&2).unwrap()];
        let die = || {
            let mut keeper = Child::run("keeper", &[&name]);
            keeper.wait_for("taken");
            keeper.kill();
        };
        die();
        let call = server.recv().unwrap();
        assert_eq!((*call, call.deliveries()), (1, 2));
        call.reply(&7).unwrap();
        // Another call, so that each thread of the next server has one.
        let [first, second] = pending;
        assert_eq!(first.wait().unwrap(), 7);
        let third = client.submit(&3).unwrap();
        die();
        let err = second.wait().unwrap_err();
        assert!(err.is_owner_died(), "{err}");
        let call = server.recv().unwrap();
        assert_eq!((*call, call.deliveries()), (3, 2));
        call.reply(&8).unwrap();
        assert_eq!(third.wait().unwrap(), 8);
        assert_eq!(server.depth(), Depth::default());
    });
}

/// Submits two calls in two threads, and waits for one of them.
fn caller(role: &mut Role) {
    let client = Client::<u64, u64>::open(role.arg(0)).unwrap();
    thread::scope(|scope| {
        scope.spawn(|| client.call(&1));
        std::mem::forget(client.submit(&2).unwrap());
        role.say("called");
        role.wait_for("never");
    });
}

#[test]
fn the_calls_of_a_dead_client_are_dropped() {
    watchdog(|| {
        let name = fixture::name();
        let (server, client) = open(&name, 2);
        let mut caller = Child::run("caller", &[&name]);
        caller.wait_for("called");
        let (call, late) = (server.recv().unwrap(), server.recv().unwrap());
        let taken = Instant::now();
        assert!(!call.is_cancelled());
        assert_eq!(server.clients(), 2);
        caller.kill();
        assert_eq!(server.clients(), 1);
        while !call.is_cancelled() {} // it looks at intervals only
        assert!(!call.reply(&1).unwrap());
        // After some ticks of the clock, a reply looks itself.
        while taken.elapsed() < Duration::from_millis(100) {
            thread::yield_now();
        }
        assert!(!late.reply(&1).unwrap());
        let pending = [client.submit(&3).unwrap(), client.submit(&4).unwrap()];
        let answered = [(); 2].map(|()| {
            let call = server.recv().unwrap();
            let request = *call;
            call.reply(&request).unwrap();
            request
        });
        assert_eq!((answered, pending.map(|pending| pending.wait().unwrap())), ([3, 4], [3, 4]));
        assert_eq!(server.depth(), Depth::default());
    });
}

/// Answers one call after the other.
fn answerer(role: &mut Role) {
    let server = Server::<u64, u64>::open(role.arg(0)).unwrap();
    role.say("open");
    loop {
        let call = server.recv().unwrap();
        let number = *call;
        call.reply(&(number + 1)).unwrap();
    }
}

#[test]
fn a_stopped_server_keeps_its_call_and_blocks_no_other() {
    watchdog(|| {
        let name = fixture::name();
        let (server, client) = open(&name, 2);
        let mut keeper = Child::run("keeper", &[&name]);
        let mut kept = [client.submit(&1).unwrap(), client.submit(&2).unwrap()];
        keeper.wait_for("taken");
        keeper.stop();
        // Longer than several searches for the dead.
        assert_eq!(kept[0].wait_timeout(Duration::from_millis(100)).unwrap(), None);
        assert!(server.recv_timeout(Duration::from_millis(50)).unwrap().is_none());
        let [first, second] = kept;
        assert!(first.cancel().unwrap());
        assert_eq!(server.depth().taken, 2);
        keeper.cont();
        keeper.kill();
        assert!(second.wait().unwrap_err().is_owner_died());
        let pending = [client.submit(&3).unwrap(), client.submit(&4).unwrap()];
        (3..5).for_each(|number| assert!(server.recv().unwrap().reply(&number).unwrap()));
        assert_eq!(pending.map(|pending| pending.wait().unwrap()), [3, 4]);
    });
}

#[test]
fn calls_and_replies_pass_between_processes_that_are_stopped_at_times() {
    watchdog(|| {
        let name = fixture::name();
        let (server, client) = open(&name, 4);
        let mut answerer = Child::run("answerer", &[&name]);
        answerer.wait_for("open");
        for number in 0..rounds(20, 1_000) {
            answerer.stop();
            let pending = client.submit(&number).unwrap();
            answerer.cont();
            assert_eq!(pending.wait().unwrap(), number + 1);
        }
        assert_eq!(server.depth(), Depth::default());
    });
}

/// Starts a role that looks for no lost wake-up, and so goes on only if it is woken.
fn without_slices(role: &str, name: &str) -> Child {
    Child::run(ChildOptions::role(role).env("IPC_SWITCHED_OFF", "slices"), &[name])
}

/// Waits until a thread of a process sleeps: it stays asleep until it is woken.
fn asleep(child: &Child) {
    while sleepers(child.pid()) != 1 {
        thread::yield_now();
    }
}

/// Calls as often as its parent replies, while there is place for one call only.
fn patient(role: &mut Role) {
    let client = Client::<u64, u64>::open(role.arg(0)).unwrap();
    role.say("open");
    for number in 0..2 {
        assert_eq!(client.call(&number).unwrap(), number + 1);
    }
    assert!(client.call(&2).unwrap_err().is_cancelled());
}

#[test]
fn replies_calls_and_free_places_wake_those_that_wait_for_them() {
    watchdog(|| {
        let name = fixture::name();
        let (server, client) = open(&name, 1);
        // For a free place, then for replies.
        let pending = client.submit(&7).unwrap();
        let mut patient = without_slices("patient", &name);
        patient.wait_for("open");
        asleep(&patient);
        drop(pending);
        for number in 0..2 {
            let call = server.recv().unwrap();
            asleep(&patient);
            call.reply(&(number + 1)).unwrap();
        }
        let call = server.recv().unwrap();
        asleep(&patient);
        drop(call);
        patient.finish();
        // For calls.
        let mut answerer = without_slices("answerer", &name);
        answerer.wait_for("open");
        for number in 0..3 {
            asleep(&answerer);
            assert_eq!(client.call(&number).unwrap(), number + 1);
        }
    });
}

/// Fills a service with calls, and waits.
fn filler(role: &mut Role) {
    let client = Client::<u64, u64>::open(role.arg(0)).unwrap();
    std::mem::forget([1, 2].map(|number| client.submit(&number).unwrap()));
    role.say("full");
    role.wait_for("never");
}

#[test]
fn a_client_needs_no_server_to_get_the_place_of_a_dead_one() {
    watchdog(|| {
        let name = fixture::name();
        let client = Client::<u64, u64>::open_or_create(&*name, 2).unwrap();
        let mut filler = Child::run("filler", &[&name]);
        filler.wait_for("full");
        filler.stop();
        assert!(client.submit_timeout(&3, Duration::from_millis(50)).unwrap().is_none());
        filler.cont();
        filler.kill();
        let pending = [3, 4].map(|number| client.submit_timeout(&number, LATER).unwrap().unwrap());
        let server = Server::<u64, u64>::open(&*name).unwrap();
        let taken = [(); 2].map(|()| *server.recv().unwrap());
        assert_eq!(taken, [3, 4]);
        drop(pending);
    });
}

/// Forks a child, which has nothing of what this process has.
fn parent_of_a_child(role: &mut Role) {
    fn refused<T>(result: ipc_core::Result<T>) {
        let Err(err) = result else { panic!("a forked child has it") };
        assert!(err.is_invalid_argument() && err.to_string().contains("forked"), "{err}");
    }

    let (server, client) = open(role.arg(0), 4);
    let mut spare =
        Some((Server::<u64, u64>::open(role.arg(0)), Client::<u64, u64>::open(role.arg(0))));
    let pending = [1, 2, 3, 4].map(|number| client.submit(&number).unwrap());
    let [mut waits, mut cancels, mut drops, mut taken] = pending.map(Some);
    let mut calls = [(); 2].map(|()| Some(server.recv().unwrap()));
    let before = server.depth();
    Forked::run(|| {
        refused(server.recv());
        refused(server.try_recv());
        refused(client.call(&3));
        refused(client.try_submit(&3));
        refused(waits.take().unwrap().wait());
        refused(cancels.take().unwrap().cancel());
        drop(drops.take());
        let mut taken = taken.take().unwrap();
        refused(taken.try_wait());
        let [replied, dropped] = calls.each_mut().map(|call| call.take().unwrap());
        assert!(!replied.is_cancelled());
        refused(replied.reply(&9));
        drop(dropped);
        drop(spare.take());
        assert_eq!(server.depth(), before);
    })
    .finish();
    assert_eq!((server.depth(), server.servers(), server.clients()), (before, 2, 2));
    let [first, second] = calls.map(Option::unwrap);
    first.reply(&10).unwrap();
    second.reply(&20).unwrap();
    assert_eq!([waits, cancels].map(|pending| pending.unwrap().wait().unwrap()), [10, 20]);
    drop((drops, taken));
    assert_eq!(server.depth(), Depth::default());
}

#[test]
fn a_forked_child_has_nothing_of_its_parent() {
    watchdog(|| {
        let name = fixture::name();
        Child::run("parent of a child", &[&name]).finish();
    });
}
