//! Publishers and subscribers of several threads that are killed wherever they are.

use std::ops::Range;
use std::thread;
use std::time::{Duration, Instant};

use ipc_mem::Plain;
use ipc_ring::topic::{Publisher, Subscriber, TopicOptions, WhenFull};
use ipc_testkit::{Child, Forked, Part, Rng, Role, fixture, rounds};

pub(crate) const ROLES: &[(&str, Part)] =
    &[("publisher killer", publisher_killer), ("subscriber killer", subscriber_killer)];

const THREADS: usize = 2;
const PUBLISHERS: usize = 2;
const SUBSCRIBERS: usize = 2;
const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) fn options() -> TopicOptions {
    TopicOptions::new()
        .max_publishers(PUBLISHERS * THREADS)
        .max_subscribers(SUBSCRIBERS * THREADS + 2)
        .queue(4)
        .history(2)
}

/// A message that takes long to write and to read.
#[derive(Clone, Copy, PartialEq, Eq, Plain)]
#[repr(C)]
pub(crate) struct Big {
    numbers: [u64; 512],
}

impl Big {
    pub(crate) fn new(number: u64) -> Self {
        Self { numbers: [number; 512] }
    }

    /// The number, if all of the message belongs to it.
    fn checked(&self) -> u64 {
        assert!(*self == Self::new(self.numbers[0]), "a torn message");
        self.numbers[0]
    }
}

/// The messages that one subscriber has received, by the slots of their publishers.
pub(crate) struct Log {
    last: Vec<Option<u64>>,
    pub(crate) received: u64,
    pub(crate) missed: u64,
}

impl Log {
    pub(crate) fn new() -> Self {
        Self { last: vec![None; PUBLISHERS * THREADS], received: 0, missed: 0 }
    }

    /// Receives a message, whole and in order; the count of those missed before it is exact.
    pub(crate) fn receive(&mut self, orders: &Subscriber<Big>, patience: Duration) -> bool {
        let Some(sample) = orders.recv_timeout(patience).unwrap() else { return false };
        let (number, last) = (sample.sequence(), &mut self.last[sample.publisher()]);
        let first = sample.get().checked();
        assert_eq!(first, number, "the content of another message");
        if let Some(last) = *last {
            assert_eq!(sample.missed(), number - last - 1, "{number} after {last}");
        }
        assert_eq!(sample.get().checked(), number, "a message that was overwritten while held");
        *last = Some(number);
        self.missed += sample.missed();
        self.received += 1;
        true
    }
}

fn in_threads(turn: impl Fn(usize) + Sync) {
    thread::scope(|scope| {
        for number in 0..THREADS {
            let turn = &turn;
            scope.spawn(move || turn(number));
        }
    });
}

pub(crate) fn start_publisher(name: &str) -> Forked {
    Forked::run(|| {
        in_threads(|_| {
            let topic = Publisher::<Big>::open(name).unwrap();
            loop {
                let next = Big::new(topic.published() + 1);
                let mut loan = topic.loan().unwrap();
                loan.write(next);
                loan.publish().unwrap();
                thread::yield_now();
                if topic.published().is_multiple_of(5) {
                    drop(topic.loan().unwrap());
                }
            }
        });
    })
}

pub(crate) fn start_subscriber(name: &str, policies: [WhenFull; THREADS]) -> Forked {
    Forked::run(|| {
        in_threads(|number| {
            // Subscribers come and go as well.
            loop {
                let orders = Subscriber::<Big>::open(name, policies[number]).unwrap();
                let mut log = Log::new();
                (0..200).for_each(|_| {
                    log.receive(&orders, Duration::from_millis(20));
                });
            }
        });
    })
}

/// Kills publishers wherever they are, while no subscriber makes them wait.
fn publisher_killer(role: &mut Role) {
    kill_some(role, 0..PUBLISHERS, WhenFull::DropOldest);
}

/// Kills subscribers wherever they are, some of which make publishers wait.
fn subscriber_killer(role: &mut Role) {
    kill_some(role, PUBLISHERS..PUBLISHERS + SUBSCRIBERS, WhenFull::Block);
}

/// Kills some workers wherever they are, while it receives messages. Every message is received, or
/// counted as missed.
fn kill_some(role: &mut Role, victims: Range<usize>, when_full: WhenFull) {
    let (name, kills) = (role.arg(0).to_owned(), role.arg(1).parse::<u64>().unwrap());
    let orders = Subscriber::<Big>::create(&*name, options(), when_full).unwrap();
    let start = |worker: usize| {
        if worker < PUBLISHERS {
            start_publisher(&name)
        } else {
            let other =
                if worker.is_multiple_of(2) { WhenFull::DropNewest } else { WhenFull::DropOldest };
            start_subscriber(&name, [when_full, other])
        }
    };
    let mut workers: Vec<_> = (0..PUBLISHERS + SUBSCRIBERS).map(start).collect();
    let (mut rng, mut log, mut longest) = (Rng::new(), Log::new(), Duration::ZERO);
    for kill in 0..kills {
        for _ in 0..rng.below(20) {
            assert!(log.receive(&orders, PATIENCE), "kill {kill}: no message");
        }
        let victim = victims.start + rng.index(victims.len());
        workers[victim].kill();
        let killed = Instant::now();
        // More than all queues hold: the other publishers go on.
        for _ in 0..5 * PUBLISHERS * THREADS {
            assert!(log.receive(&orders, PATIENCE), "kill {kill} blocks the others");
        }
        longest = longest.max(killed.elapsed());
        workers[victim] = start(victim);
        role.say("going on");
    }
    workers.iter_mut().for_each(Forked::kill);
    // The successors of the dead publishers return their loans, the next subscriber what is held.
    let topics: Vec<_> =
        (0..PUBLISHERS * THREADS).map(|_| Publisher::<Big>::open(&*name).unwrap()).collect();
    while log.receive(&orders, Duration::ZERO) {}
    let late = Subscriber::<Big>::open(&*name, WhenFull::DropOldest).unwrap();
    drop(late);
    let info = orders.info().unwrap();
    assert_eq!(info.in_use, Some(0), "a sample is lost");
    let published: u64 = topics.iter().map(Publisher::published).sum();
    let missed = info.subscribers.iter().map(|one| one.missed).sum::<u64>();
    assert_eq!(log.received + missed, published, "a message is neither received nor counted");
    // A subscriber that blocks misses only what was being published by the dead, at the end.
    let most = (PUBLISHERS * THREADS) as u64;
    assert!(when_full != WhenFull::Block || missed <= most, "{missed} of {published} missed");
    role.say(&format!(
        "done: {kills} processes of {THREADS} threads killed, of {published} messages {} received \
         once each and {missed} missed and counted, no sample lost, the others went on after \
         {longest:?} at most",
        log.received
    ));
}

#[test]
fn publishers_that_are_killed_block_no_other_and_every_message_is_counted() {
    let kills = rounds(40, 10_000).to_string();
    Child::run("publisher killer", &[&fixture::name(), &kills]).figures();
}

#[test]
fn subscribers_that_are_killed_block_no_other_and_their_samples_come_back() {
    let kills = rounds(40, 10_000).to_string();
    Child::run("subscriber killer", &[&fixture::name(), &kills]).figures();
}
