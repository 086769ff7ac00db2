//! Clients and servers of several threads that are killed and stopped wherever they are.

use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use ipc_hostile::message::Message;
use ipc_mem::{MemoryOptions, Placed, SharedMemory, Tag};
use ipc_ring::service::{Client, Depth, Server, ServiceOptions};
use ipc_testkit::{Child, Forked, Part, Rng, Role, fixture, rounds};

pub(crate) const ROLES: &[(&str, Part)] = &[("killer", killer), ("stopper", stopper)];

const CAPACITY: usize = 8;
const THREADS: usize = 3;
/// The processes of each side.
const EACH: usize = 3;
/// Marks the number of a reply.
const ANSWER: u64 = 1 << 62;
const LONG: Duration = Duration::from_secs(25);

/// The reports of the processes: for each process, how many of its threads are in the middle of a
/// call, and for each client, how many calls were answered and how many failed.
type Board = Placed<[[AtomicU64; 4]; 2 * EACH], SharedMemory>;
const INSIDE: usize = 0;
const ANSWERED: usize = 1;
const REPORTED: usize = 2;
/// The server is asked to keep what it has.
const KEEPS: usize = 3;

/// The processes that are clients; servers come after them.
fn clients() -> Range<usize> {
    0..EACH
}

fn board(name: &str) -> Board {
    let options = MemoryOptions::new(size_of::<[[AtomicU64; 4]; 2 * EACH]>()).content(Tag::BARE);
    Placed::create_in(SharedMemory::create(name, options).unwrap()).unwrap()
}

fn threads(work: impl Fn() + Sync) {
    thread::scope(|scope| {
        (0..THREADS).for_each(|_| {
            scope.spawn(&work);
        });
    });
}

fn pause() {
    (0..2_000).for_each(|_| std::hint::spin_loop());
}

/// Starts a client or a server.
fn start(name: &str, board: &Board, process: usize) -> Forked {
    let mine = &board[process];
    mine[INSIDE].store(0, Ordering::SeqCst);
    Forked::run(|| {
        if clients().contains(&process) {
            let client = Client::<Message, Message>::open(name).unwrap();
            let next = AtomicU64::new(0);
            threads(|| {
                loop {
                    // Unique, as long as no client calls more often than that.
                    let number = (process as u64) << 48 | next.fetch_add(1, Ordering::Relaxed);
                    mine[INSIDE].fetch_add(1, Ordering::SeqCst);
                    let reply = client.call(&Message::new(number));
                    mine[INSIDE].fetch_sub(1, Ordering::SeqCst);
                    match reply {
                        Ok(reply) => assert_eq!(reply.checked(), ANSWER | number),
                        Err(err) => {
                            assert!(err.is_owner_died(), "{err}");
                            mine[REPORTED].fetch_add(1, Ordering::SeqCst);
                            continue;
                        }
                    }
                    mine[ANSWERED].fetch_add(1, Ordering::SeqCst);
                }
            });
        } else {
            let server = Server::<Message, Message>::open(name).unwrap();
            threads(|| {
                loop {
                    let call = server.recv().unwrap();
                    mine[INSIDE].fetch_add(1, Ordering::SeqCst);
                    let number = call.checked();
                    pause();
                    while mine[KEEPS].load(Ordering::SeqCst) == 1 {
                        thread::yield_now();
                    }
                    call.reply(&Message::new(ANSWER | number)).unwrap();
                    mine[INSIDE].fetch_sub(1, Ordering::SeqCst);
                }
            });
        }
    })
}

/// Stops a process, half of the times in the middle of a call. Returns whether it was in one.
fn stop(process: &mut Forked, mine: &[AtomicU64; 4], rng: &mut Rng, is_inside: bool) -> bool {
    if is_inside {
        mine[KEEPS].store(1, Ordering::SeqCst);
        while mine[INSIDE].load(Ordering::SeqCst) == 0 {
            thread::yield_now();
        }
    } else {
        (0..rng.below(20_000)).for_each(|_| std::hint::spin_loop());
    }
    process.stop();
    mine[KEEPS].store(0, Ordering::SeqCst);
    mine[INSIDE].load(Ordering::SeqCst) > 0
}

fn sum(board: &Board, what: usize) -> u64 {
    board[clients()].iter().map(|mine| mine[what].load(Ordering::SeqCst)).sum()
}

/// Waits until each client but one has got an answer that it did not have before.
fn go_on(board: &Board, but: usize, when: &str) -> Duration {
    let answered = |client: usize| board[client][ANSWERED].load(Ordering::SeqCst);
    let before = clients().map(answered).collect::<Vec<_>>();
    let start = Instant::now();
    while clients().any(|client| client != but && answered(client) == before[client]) {
        assert!(start.elapsed() < LONG, "{when}: nothing is answered");
        thread::yield_now();
    }
    start.elapsed()
}

/// Kills clients and servers. Every call of the others is answered, or its server's death reported.
fn killer(role: &mut Role) {
    let (name, kills) = (role.arg(0).to_owned(), role.arg(1).parse::<u64>().unwrap());
    let redeliveries = role.arg(3).parse().unwrap();
    let board = board(role.arg(2));
    let options = ServiceOptions::new(CAPACITY).redeliver(redeliveries);
    let server = Server::<Message, Message>::create(&*name, options).unwrap();
    let mut processes: Vec<_> = (0..2 * EACH).map(|i| start(&name, &board, i)).collect();
    let (mut rng, mut inside) = (Rng::new(), [0, 0]);
    let mut longest = Duration::ZERO;
    for kill in 0..2 * kills {
        // Clients and servers in turn, half of them in the middle of a call.
        let side = usize::try_from(kill % 2).unwrap();
        let victim = side * EACH + rng.index(EACH);
        let process = &mut processes[victim];
        inside[side] += u64::from(stop(process, &board[victim], &mut rng, kill / 2 % 2 == 1));
        process.kill();
        longest = longest.max(go_on(&board, victim, &format!("kill {kill}")));
        processes[victim] = start(&name, &board, victim);
        if kill % 16 == 0 {
            role.say("going on");
        }
    }
    processes.iter_mut().for_each(Forked::kill);
    let start = Instant::now();
    while server.depth() != Depth::default() {
        assert!(start.elapsed() < LONG, "a place is lost: {:?}", server.depth());
        if let Some(call) = server.recv_timeout(Duration::ZERO).unwrap() {
            call.reply(&Message::new(0)).unwrap();
        }
    }
    assert_eq!((server.servers(), server.clients()), (1, 0));
    let (answered, reported) = (sum(&board, ANSWERED), sum(&board, REPORTED));
    // Those of the end are not reported: their clients are killed as well.
    let most = if redeliveries == 0 { kills * THREADS as u64 } else { 0 };
    assert!(reported <= most, "{reported} calls failed, {most} can have");
    assert!(redeliveries > 0 || kills < 16 || reported > 0, "no death was reported");
    assert!(inside.iter().all(|inside| inside * 4 >= kills), "only {inside:?} in a call");
    role.say(&format!(
        "done: {kills} clients and {kills} servers of {THREADS} threads killed, {} and {} of them \
         in the middle of a call, {answered} calls answered, {reported} reported as those of dead \
         servers, the others went on after {longest:?} at most",
        inside[0], inside[1]
    ));
}

fn kill(redeliveries: &str) {
    let kills = rounds(20, 10_000).to_string();
    let names = [(); 2].map(|()| fixture::name());
    Child::run("killer", &[&names[0], &kills, &names[1], redeliveries]).figures();
}

#[test]
fn calls_of_servers_that_are_killed_are_reported_and_no_place_is_lost() {
    kill("0");
}

#[test]
fn calls_of_servers_that_are_killed_are_answered_by_others_if_allowed() {
    kill("1000000");
}

/// Stops clients and servers wherever they are: every call is answered in the end.
fn stopper(role: &mut Role) {
    let (name, stops) = (role.arg(0).to_owned(), role.arg(1).parse::<u64>().unwrap());
    let board = board(role.arg(2));
    let server = Server::<Message, Message>::create(&*name, CAPACITY).unwrap();
    let mut processes: Vec<_> = (0..2 * EACH).map(|i| start(&name, &board, i)).collect();
    let (mut rng, mut inside) = (Rng::new(), 0);
    for stop_number in 0..stops {
        let side = usize::try_from(stop_number % 2).unwrap();
        let victim = side * EACH + rng.index(EACH);
        let process = &mut processes[victim];
        let is_inside = stop_number / 2 % 2 == 1;
        inside += u64::from(stop(process, &board[victim], &mut rng, is_inside));
        // The others search for the dead, and go on: no more calls are stopped than there are
        // places.
        let is_client = clients().contains(&victim);
        if is_client {
            go_on(&board, victim, "a client is stopped");
        } else {
            let before = sum(&board, ANSWERED);
            let start = Instant::now();
            while sum(&board, ANSWERED) == before {
                assert!(start.elapsed() < LONG, "a server is stopped: nothing is answered");
                thread::yield_now();
            }
        }
        processes[victim].cont();
        go_on(&board, usize::MAX, "all continue");
        if stop_number % 16 == 0 {
            role.say("going on");
        }
    }
    assert_eq!(sum(&board, REPORTED), 0, "no server died");
    processes.iter_mut().for_each(Forked::kill);
    assert!(inside * 4 >= stops, "only {inside} stopped in a call");
    let answered = sum(&board, ANSWERED);
    drop(server);
    role.say(&format!(
        "done: {stops} stops, {inside} of them in the middle of a call, {answered} calls answered, \
         none reported"
    ));
}

#[test]
fn the_calls_of_processes_that_are_stopped_are_answered_in_the_end() {
    let stops = rounds(20, 1_000).to_string();
    let names = [(); 2].map(|()| fixture::name());
    Child::run("stopper", &[&names[0], &stops, &names[1]]).figures();
}
