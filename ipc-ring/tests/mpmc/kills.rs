//! Senders and receivers of several threads that are killed and stopped wherever they are.

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use ipc_hostile::message::Message;
use ipc_mem::{MemoryOptions, Placed, Plain, SharedMemory, Tag};
use ipc_ring::mpmc::{QueueOptions, Received, Receiver, Sender};
use ipc_testkit::{Child, Forked, Part, Rng, Role, fixture, rounds};

pub(crate) const ROLES: &[(&str, Part)] =
    &[("killer", killer), ("receiver killer", receiver_killer), ("stopper", stopper)];

const CAPACITY: usize = 16;
const THREADS: usize = 3;
const WORKERS: usize = 3;

type Counters = Placed<[AtomicU64; 4], SharedMemory>;

fn counters(name: &str) -> Counters {
    let memory = SharedMemory::create(name, MemoryOptions::new(4096).content(Tag::BARE)).unwrap();
    Placed::create_in(memory).unwrap()
}

/// Threads that take turns, until the process is killed.
fn forever(turn: impl Fn() + Sync) {
    thread::scope(|scope| {
        (0..THREADS).for_each(|_| {
            scope.spawn(|| {
                loop {
                    turn();
                }
            });
        });
    });
}

/// A message that takes long to write.
#[derive(Clone, Copy, PartialEq, Eq, Plain)]
#[repr(C)]
struct Big {
    numbers: [u64; 1024],
}

impl Big {
    fn new(number: u64) -> Self {
        Self { numbers: [number; 1024] }
    }

    /// The number, if all of the message belongs to it.
    fn checked(&self) -> u64 {
        assert!(*self == Self::new(self.numbers[0]), "a torn message");
        self.numbers[0]
    }
}

/// Workers whose threads send a message and receive one, in turn, and what became of the messages.
struct Work {
    name: String,
    /// The messages have these priorities in turn.
    priorities: usize,
    /// The number of messages begun, of turns completed, of messages lost, and of those that did
    /// not fit in time.
    counters: Counters,
    /// A bit for each message received.
    received: Placed<[AtomicU64; SEEN], SharedMemory>,
}

const SEEN: usize = 1 << 21;
const BEGUN: usize = 0;
const RETURNED: usize = 1;
const LOST: usize = 2;
const NOT_SENT: usize = 3;

impl Work {
    fn new(role: &Role) -> Self {
        let options = MemoryOptions::new(8 * SEEN).content(Tag::BARE);
        let received = SharedMemory::create(role.arg(3), options).unwrap();
        Self {
            name: role.arg(0).to_owned(),
            priorities: role.arg(4).parse().unwrap(),
            counters: counters(role.arg(2)),
            received: Placed::create_in(received).unwrap(),
        }
    }

    fn create(&self) -> Receiver<Big> {
        let options = QueueOptions::new(64).senders(WORKERS).priorities(self.priorities);
        Receiver::create(&*self.name, options).unwrap()
    }

    fn count(&self, counter: usize) -> u64 {
        self.counters[counter].load(Ordering::SeqCst)
    }

    fn receive(&self, found: Option<Received<Big>>) {
        match found {
            Some(Received::Message(message)) => {
                let number = message.checked();
                let (at, bit) = (usize::try_from(number / 64).unwrap(), 1 << (number % 64));
                let seen = self.received.get(at).expect("too many messages for the test");
                let known = seen.fetch_or(bit, Ordering::SeqCst);
                assert_eq!(known & bit, 0, "message {number} came twice");
            }
            Some(Received::Lost(count)) => {
                self.counters[LOST].fetch_add(count, Ordering::SeqCst);
            }
            None => {}
        }
    }

    fn start(&self) -> Forked {
        Forked::run(|| {
            let sender = Sender::<Big>::open(&*self.name).unwrap();
            let queue = Receiver::<Big>::open(&*self.name).unwrap();
            forever(|| {
                let number = self.counters[BEGUN].fetch_add(1, Ordering::SeqCst);
                // It receives even if the queue stays full, as the others may have been killed.
                let priority = usize::try_from(number).unwrap() % self.priorities;
                let sender = sender.with_priority(priority).unwrap();
                if !sender.send_timeout(&Big::new(number), Duration::from_millis(20)).unwrap() {
                    self.counters[NOT_SENT].fetch_add(1, Ordering::SeqCst);
                }
                self.receive(queue.recv_timeout(Duration::from_millis(20)).unwrap());
                self.counters[RETURNED].fetch_add(1, Ordering::SeqCst);
            });
        })
    }

    /// Waits until each living thread has had several turns.
    fn goes_on(&self, patience: Duration) -> bool {
        let (before, start) = (self.count(RETURNED), Instant::now());
        while self.count(RETURNED) < before + 20 {
            if start.elapsed() > patience {
                return false;
            }
            thread::yield_now();
        }
        true
    }

    fn received(&self) -> u64 {
        self.received.iter().map(|word| u64::from(word.load(Ordering::SeqCst).count_ones())).sum()
    }
}

/// Kills workers wherever they are. Every message that was begun is received, or lost and counted,
/// or was in a call of a thread that was killed.
fn killer(role: &mut Role) {
    let (work, kills) = (Work::new(role), role.arg(1).parse::<u64>().unwrap());
    let queue = work.create();
    let mut workers: Vec<_> = (0..WORKERS).map(|_| work.start()).collect();
    let (mut rng, mut longest) = (Rng::new(), Duration::ZERO);
    for kill in 0..kills {
        let victim = rng.index(WORKERS);
        assert!(work.goes_on(Duration::from_secs(20)), "kill {kill}");
        workers[victim].kill();
        let killed = Instant::now();
        assert!(work.goes_on(Duration::from_secs(20)), "kill {kill} blocks the others");
        longest = longest.max(killed.elapsed());
        // The dead have sent more than they have received.
        (0..THREADS).for_each(|_| work.receive(queue.try_recv().unwrap()));
        workers[victim] = work.start();
        if kill % 16 == 0 {
            role.say("going on");
        }
    }
    workers.iter_mut().for_each(Forked::kill);
    while let Some(found) = queue.recv_timeout(Duration::from_millis(200)).unwrap() {
        work.receive(Some(found));
    }
    let (begun, lost, received) = (work.count(BEGUN), work.count(LOST), work.received());
    assert!(begun < 64 * SEEN as u64, "too many messages for the test");
    // A thread that is killed may have begun a message and not claimed its place, or have received
    // one, or a loss, and not counted it.
    let most = (kills + WORKERS as u64) * THREADS as u64;
    let not_sent = work.count(NOT_SENT);
    let gone = begun.checked_sub(received + lost + not_sent).expect("no more than were sent");
    assert!(gone <= most, "{gone} of {begun} are gone");
    // In a few rounds, no kill may hit the middle of a message. The tests with crash points always
    // do.
    let is_full = kills >= 1_000;
    assert!(!is_full || lost * 16 >= kills, "only {lost} killed in the middle of a message");
    role.say(&format!(
        "done: {kills} workers of {THREADS} threads killed, {received} messages once each, {lost} \
         lost and counted, {gone} killed before or after, the others went on after {longest:?} at \
         most"
    ));
}

#[test]
fn workers_that_are_killed_block_no_other_and_every_loss_is_counted() {
    kill_workers(1);
}

#[test]
fn workers_with_priorities_that_are_killed_block_no_other() {
    kill_workers(3);
}

fn kill_workers(priorities: usize) {
    let (kills, priorities) = (rounds(40, 10_000).to_string(), priorities.to_string());
    let names = [(); 3].map(|()| fixture::name());
    Child::run("killer", &[&names[0], &kills, &names[1], &names[2], &priorities]).figures();
}

/// Kills receivers while it sends to them and receives itself.
fn receiver_killer(role: &mut Role) {
    let (name, kills) = (role.arg(0).to_owned(), role.arg(1).parse::<u64>().unwrap());
    // How many messages the victims received, and the sum of their numbers.
    let counters = counters(role.arg(2));
    let sender = Sender::<Message>::create(&*name, CAPACITY).unwrap();
    let queue = Receiver::<Message>::open(&*name).unwrap();
    let start = || {
        Forked::run(|| {
            let queue = Receiver::<Message>::open(&*name).unwrap();
            forever(|| {
                let number = queue.recv().unwrap().message().unwrap().checked();
                counters[1].fetch_add(number, Ordering::SeqCst);
                counters[0].fetch_add(1, Ordering::SeqCst);
            });
        })
    };
    let mut workers: Vec<_> = (0..WORKERS).map(|_| start()).collect();
    let (mut rng, mut sent, mut own) = (Rng::new(), 0, 0);
    for kill in 0..kills {
        for _ in 0..rng.below(60) {
            sender.send(&Message::new(sent)).unwrap();
            sent += 1;
        }
        let victim = rng.index(WORKERS);
        workers[victim].kill();
        for _ in 0..2 * CAPACITY {
            let patience = Duration::from_secs(30);
            let done = sender.send_timeout(&Message::new(sent), patience).unwrap();
            assert!(done, "kill {kill}: the queue stays full");
            sent += 1;
        }
        if let Some(received) = queue.try_recv().unwrap() {
            received.message().unwrap().checked();
            own += 1;
        }
        workers[victim] = start();
        if kill % 16 == 0 {
            role.say("going on");
        }
    }
    while queue.recv_timeout(Duration::from_millis(50)).unwrap().is_some() {
        own += 1;
    }
    workers.iter_mut().for_each(Forked::kill);
    let received = counters[0].load(Ordering::SeqCst) + own;
    // Each thread that is killed may have received a message and not counted it.
    let most = (kills + WORKERS as u64) * THREADS as u64;
    assert!(received <= sent && sent - received <= most, "{received} of {sent}");
    role.say(&format!(
        "done: {kills} receivers of {THREADS} threads killed, {received} messages received and \
         counted of {sent}, the others died with their receivers"
    ));
}

#[test]
fn receivers_that_are_killed_block_no_sender_and_repeat_no_message() {
    let kills = rounds(40, 10_000).to_string();
    Child::run("receiver killer", &[&fixture::name(), &kills, &fixture::name()]).figures();
}

/// Stops workers wherever they are, and continues them: nothing is given up or overwritten.
fn stopper(role: &mut Role) {
    let (work, stops) = (Work::new(role), role.arg(1).parse::<u64>().unwrap());
    let queue = work.create();
    let mut workers: Vec<_> = (0..WORKERS).map(|_| work.start()).collect();
    let (mut rng, mut blocked) = (Rng::new(), 0);
    for stop in 0..stops {
        let victim = rng.index(WORKERS);
        assert!(work.goes_on(Duration::from_secs(20)), "stop {stop}");
        workers[victim].stop();
        blocked += u64::from(!work.goes_on(Duration::from_millis(50)));
        workers[victim].cont();
        if stop % 16 == 0 {
            role.say("going on");
        }
    }
    assert!(work.goes_on(Duration::from_secs(20)));
    assert_eq!(work.count(LOST), 0, "a message of a process that was alive was given up");
    workers.iter_mut().for_each(Forked::kill);
    drop(queue);
    role.say(&format!(
        "done: {stops} stops, {blocked} of them in the middle of a message, {} messages once each \
         and none given up",
        work.received()
    ));
}

#[test]
fn a_sender_that_is_stopped_keeps_its_place_and_loses_nothing() {
    stop_workers(1);
}

#[test]
fn a_sender_with_a_priority_that_is_stopped_keeps_its_place() {
    stop_workers(3);
}

fn stop_workers(priorities: usize) {
    let (stops, priorities) = (rounds(20, 1_000).to_string(), priorities.to_string());
    let names = [(); 3].map(|()| fixture::name());
    Child::run("stopper", &[&names[0], &stops, &names[1], &names[2], &priorities]).figures();
}
