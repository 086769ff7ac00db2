//! Clients and servers that are killed at every single step.

use std::thread;
use std::time::Duration;

use ipc_hostile::message::Message;
use ipc_ring::service::{Client, Depth, Server, ServiceOptions};
use ipc_testkit::{Child, Part, Role, crash_points, fixture, watchdog};

pub(crate) const ROLES: &[(&str, Part)] =
    &[("server", server), ("both sides", both_sides), ("taker", taker), ("helper", helper)];

type Service = (Server<Message, u64>, Client<Message, u64>);

fn create(name: &str, options: ServiceOptions) -> Service {
    (Server::create(name, options).unwrap(), Client::open(name).unwrap())
}

/// Answers everything, whatever dead processes have left, until no call is left.
fn rescue((server, client): &Service) {
    while server.depth() != Depth::default() {
        if let Some(call) = server.recv_timeout(Duration::from_millis(1)).unwrap() {
            let number = call.checked();
            call.reply(&(1000 + number)).unwrap();
        }
    }
    assert!(server.try_recv().unwrap().is_none());
    // No place is lost.
    let all: Vec<_> = (0..server.capacity() as u64)
        .map(|number| client.try_submit(&Message::new(number)).unwrap().expect("a free place"))
        .collect();
    assert!(client.try_submit(&Message::new(7)).unwrap().is_none());
    drop(all);
    assert_eq!(server.depth(), Depth::default());
    assert_eq!((server.servers(), server.clients()), (1, 1));
}

/// Answers one call, and drops another.
fn server(role: &mut Role) {
    let server = Server::<Message, u64>::open(role.arg(0)).unwrap();
    let call = server.recv().unwrap();
    let number = call.checked();
    assert!(call.reply(&(2 * number)).unwrap());
    drop(server.recv().unwrap());
}

/// The result that the client gets if a server is killed at this step of a call.
fn told_at(point: &str) -> Option<&'static str> {
    Some(match point {
        "call: a mark is removed" | "call: a call is taken" => "rescued",
        "call: a delivery is counted" | "call: before a call is finished" => "died",
        "call: a call is finished" => "served",
        _ => return None,
    })
}

#[test]
fn a_server_killed_at_any_step_has_answered_or_its_client_is_told() {
    watchdog(|| {
        let options = ServiceOptions::new(2);
        let prepared = || {
            let name = fixture::name();
            let service = create(&name, options);
            (name, service)
        };
        let (name, (_server, client)) = prepared();
        let calls = [1, 2].map(|number| client.submit(&Message::new(number)).unwrap());
        let points = crash_points("server", &[&name]);
        drop(calls);
        let steps = points.iter().filter_map(|(point, _)| told_at(point)).count();
        assert_eq!(steps, 5, "{points:?}");
        let is_last = |(point, _): &(String, u32)| told_at(point) == Some("served");
        let last = points.iter().position(is_last).unwrap();
        for (at, (point, hits)) in points.into_iter().enumerate() {
            for hit in 1..=hits {
                let (name, service) = prepared();
                let client = Client::<Message, u64>::open(&*name).unwrap();
                let calls = [1, 2].map(|number| client.submit(&Message::new(number)).unwrap());
                Child::run_crashing("server", &[&name], &point, hit).crash();
                let told = thread::scope(|scope| {
                    let told = scope.spawn(|| calls.map(|pending| pending.wait()));
                    while !told.is_finished() {
                        let call = service.0.recv_timeout(Duration::from_millis(1)).unwrap();
                        if let Some(call) = call {
                            let number = call.checked();
                            call.reply(&(1000 + number)).unwrap();
                        }
                    }
                    told.join().unwrap()
                });
                let told: Vec<_> = (1..)
                    .zip(told)
                    .map(|(number, told)| match told {
                        Ok(reply) if reply == 2 * number => "served",
                        Ok(reply) if reply == 1000 + number => "rescued",
                        Err(err) if err.is_owner_died() => "died",
                        Err(err) if err.is_cancelled() => "dropped",
                        other => panic!("{point}:{hit}: {other:?}"),
                    })
                    .collect();
                let wanted = match (told_at(&point), hit) {
                    (Some(step), 1) => vec![step, "rescued"],
                    (Some("served"), 2) => vec!["served", "dropped"],
                    (Some(step), 2) => vec!["served", step],
                    _ if at > last => vec!["served", "dropped"],
                    // The server was killed before it took a call.
                    _ => vec!["rescued", "rescued"],
                };
                assert_eq!(told, wanted, "{point}:{hit}");
                drop(client);
                rescue(&service);
            }
        }
    });
}

/// Goes through all states of a call, while another thread of the process waits for a reply that never
/// comes.
fn both_sides(role: &mut Role) {
    let (server, client) = (
        Server::<Message, u64>::open(role.arg(0)).unwrap(),
        Client::<Message, u64>::open(role.arg(0)).unwrap(),
    );
    let submit = |number| client.submit(&Message::new(number)).unwrap();
    let name = role.arg(0).to_owned();
    thread::spawn(move || {
        let client = Client::<Message, u64>::open(&*name).unwrap();
        client.call(&Message::new(1)).unwrap();
    });
    // It sleeps on nothing that this thread wakes, so the steps are always the same.
    while server.depth().waiting == 0 {
        thread::yield_now();
    }
    let kept = loop {
        match server.try_recv().unwrap() {
            Some(call) => break call,
            None => thread::yield_now(), // it is not marked yet
        }
    };
    assert_eq!(kept.checked(), 1);
    std::mem::forget(kept);

    let mut pending = submit(2);
    assert!(server.recv().unwrap().reply(&4).unwrap());
    assert_eq!(pending.try_wait().unwrap(), Some(4));

    assert!(submit(3).cancel().unwrap());
    drop(submit(4));

    let pending = submit(5);
    let call = server.recv().unwrap();
    assert!(pending.cancel().unwrap());
    assert!(!call.reply(&0).unwrap());

    let pending = submit(6);
    drop(server.recv().unwrap());
    assert!(pending.wait().unwrap_err().is_cancelled());

    let pending = submit(7);
    assert!(server.recv().unwrap().reply(&8).unwrap());
    drop(pending);
}

#[test]
fn processes_killed_at_any_step_leave_no_place_behind() {
    watchdog(|| {
        let options = ServiceOptions::new(4);
        let name = fixture::name();
        let _service = create(&name, options);
        let points = crash_points("both sides", &[&name]);
        let names: Vec<_> = points.iter().map(|(point, _)| &**point).collect();
        for wanted in [
            "call: a handle is registered",
            "call: a place is claimed",
            "call: a request is written",
            "call: a call is submitted",
            "call: a call is marked",
            "call: a mark is removed",
            "call: a call is taken",
            "call: a delivery is counted",
            "call: before a call is finished",
            "call: a call is finished",
            "call: a quiet call is finished",
            "call: before a call is cancelled",
            "call: a call is cancelled",
            "call: a reply is read",
            "call: a place is free",
        ] {
            assert!(names.contains(&wanted), "{wanted} is not in {names:?}");
        }
        for (point, hits) in points {
            if point == "before futex_wake" {
                continue; // a slice of the other thread ended in the middle of a step, for once
            }
            for hit in 1..=hits {
                let name = fixture::name();
                let service = create(&name, options);
                Child::run_crashing("both sides", &[&name], &point, hit).crash();
                rescue(&service);
            }
        }
    });
}

/// Takes a call, and keeps it.
fn taker(role: &mut Role) {
    let server = Server::<Message, u64>::open(role.arg(0)).unwrap();
    let client = Client::<Message, u64>::open(role.arg(0)).unwrap();
    let call = server.recv().unwrap();
    let mine = client.submit(&Message::new(2)).unwrap();
    role.say("taken");
    role.wait_for("never");
    drop((call, mine));
}

/// Looks for what dead processes have left.
fn helper(role: &mut Role) {
    let server = Server::<Message, u64>::open(role.arg(0)).unwrap();
    while server.recv_timeout(Duration::ZERO).unwrap().is_some() {}
}

#[test]
fn a_helper_killed_at_any_step_has_settled_a_place_or_not() {
    watchdog(|| {
        for redeliveries in 0..2 {
            let options = ServiceOptions::new(4).redeliver(redeliveries);
            let prepared = || {
                let name = fixture::name();
                let service = create(&name, options);
                let client = Client::<Message, u64>::open(&*name).unwrap();
                (name, service, client)
            };
            let dies = |name: &str| {
                let mut taker = Child::run("taker", &[name]);
                taker.wait_for("taken");
                taker.kill();
            };
            let (name, _service, client) = prepared();
            let call = client.submit(&Message::new(1)).unwrap();
            dies(&name);
            let points = crash_points("helper", &[&name]);
            drop(call);
            let settles = |(point, _): &&(String, u32)| point.contains("of the dead");
            assert_eq!(points.iter().filter(settles).count(), 2, "{points:?}");
            for (point, hits) in points {
                for hit in 1..=hits {
                    let (name, service, client) = prepared();
                    let call = client.submit(&Message::new(1)).unwrap();
                    dies(&name);
                    Child::run_crashing("helper", &[&name], &point, hit).crash();
                    let told = thread::scope(|scope| {
                        let told = scope.spawn(|| call.wait());
                        while !told.is_finished() {
                            let call = service.0.recv_timeout(Duration::from_millis(1)).unwrap();
                            if let Some(call) = call {
                                let number = call.checked();
                                call.reply(&(1000 + number)).unwrap();
                            }
                        }
                        told.join().unwrap()
                    });
                    match told {
                        Ok(1001) if redeliveries == 1 => {}
                        // The helper has died with the call, too.
                        Err(err) if err.is_owner_died() => {}
                        // The helper has dropped it.
                        Err(err) if err.is_cancelled() && redeliveries == 1 => {}
                        other => panic!("{point}:{hit}: {other:?}"),
                    }
                    drop(client);
                    rescue(&service);
                }
            }
        }
    });
}
