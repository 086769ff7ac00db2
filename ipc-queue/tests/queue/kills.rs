//! Senders and receivers that are killed at any moment.

use std::iter;
use std::sync::atomic::{AtomicU64, Ordering};

use ipc_queue::{MessageQueue, QueueOptions, Select, SysvQueue};
use ipc_testkit::{Child, Forked, Part, Rng, Role, Watchdog, figures, fixture, rounds};

use crate::common::sysv;
use crate::sys;

pub(crate) const ROLES: &[(&str, Part)] = &[("killer at a queue", killer)];

const SENDERS: usize = 2;
const WORKERS: usize = 4;

/// The phase of a worker: it neither receives nor sends.
const OUTSIDE: u64 = 0;
/// It is in a call that receives.
const CALLING: u64 = 1;
/// It holds a message that is not yet sent, or not yet recorded.
const INSIDE: u64 = 2;

/// The maximum number of messages per sender that can be recorded. Unused bits take no memory.
const ROOM: usize = 1 << 27;

/// The longest message.
const LONGEST: usize = 200;

struct Line<'a> {
    send: &'a dyn Fn(&[u8]),
    recv: &'a dyn Fn() -> Vec<u8>,
    try_recv: &'a dyn Fn() -> Option<Vec<u8>>,
    /// The number of each sender's next message.
    next: &'static [AtomicU64],
    /// A bit for each message of each sender that has arrived.
    came: [&'static [AtomicU64]; SENDERS],
    /// The lowest number that each receiver accepts next from each sender.
    expected: &'static [AtomicU64],
    phases: &'static [AtomicU64],
    received: &'static AtomicU64,
}

/// Returns the message of a sender with this number. No two are equal, nor is one a part of
/// another.
fn message(sender: u64, number: u64) -> Vec<u8> {
    let mut rng = Rng::from_seed(number << 8 | sender);
    let mut bytes = [sender.to_le_bytes(), number.to_le_bytes()].concat();
    bytes.resize(16 + rng.index(LONGEST - 15), 0);
    rng.fill(&mut bytes[16..]);
    bytes
}

impl Line<'_> {
    /// One turn of a worker.
    fn turn(&self, worker: usize) {
        let phase = |phase| self.phases[worker].store(phase, Ordering::SeqCst);
        if worker < SENDERS {
            phase(INSIDE);
            let number = self.next[worker].fetch_add(1, Ordering::SeqCst);
            (self.send)(&message(worker as u64, number));
        } else {
            phase(CALLING);
            let bytes = (self.recv)();
            phase(INSIDE);
            self.note(worker, &bytes);
        }
        phase(OUTSIDE);
    }

    fn note(&self, receiver: usize, bytes: &[u8]) {
        let word = |at: usize| u64::from_le_bytes(bytes[at..at + 8].try_into().unwrap());
        let (sender, number) = (word(0), word(8));
        assert_eq!(bytes, message(sender, number), "a message is not whole");
        let (sender, at) = (usize::try_from(sender).unwrap(), usize::try_from(number).unwrap());
        let before = self.expected[receiver * SENDERS + sender].swap(number + 1, Ordering::SeqCst);
        assert!(before <= number, "{number} of {sender} came after {before}");
        let bit = 1 << (at % 64);
        let others = self.came[sender][at / 64].fetch_or(bit, Ordering::SeqCst);
        assert_eq!(others & bit, 0, "{number} of {sender} came twice");
        self.received.fetch_add(1, Ordering::SeqCst);
    }

    fn start_worker(&self, worker: usize) -> Forked {
        self.phases[worker].store(OUTSIDE, Ordering::SeqCst);
        Forked::run(|| {
            loop {
                self.turn(worker);
            }
        })
    }

    /// Stops a worker, and returns its phase.
    fn stopped(&self, workers: &mut [Forked], worker: usize) -> u64 {
        workers[worker].stop();
        self.phases[worker].load(Ordering::SeqCst)
    }

    fn kill(&self, kills: u64, role: &mut Role) -> String {
        let mut workers: Vec<_> = (0..WORKERS).map(|worker| self.start_worker(worker)).collect();
        let (mut rng, mut inside, mut hands) = (Rng::new(), 0, 0);
        for kill in 0..kills {
            let _watchdog = Watchdog::new();
            // Half of them are killed anywhere, and half while they hold a message.
            let (victim, phase) = loop {
                let victim = rng.index(WORKERS);
                let phase = self.stopped(&mut workers, victim);
                if kill % 2 == 0 || phase == INSIDE {
                    break (victim, phase);
                }
                workers[victim].cont();
            };
            inside += u64::from(phase == INSIDE);
            hands += u64::from(phase != OUTSIDE);
            workers[victim].kill();
            workers[victim] = self.start_worker(victim);
            let received = self.received.load(Ordering::SeqCst);
            while self.received.load(Ordering::SeqCst) == received {
                std::thread::yield_now();
            }
            if kill % 10 == 0 {
                role.say("going on");
            }
        }
        for worker in 0..WORKERS {
            hands += u64::from(self.stopped(&mut workers, worker) != OUTSIDE);
            workers[worker].kill();
        }
        while let Some(bytes) = (self.try_recv)() {
            self.note(WORKERS, &bytes);
        }
        let sent: u64 =
            self.next.iter().take(SENDERS).map(|next| next.load(Ordering::SeqCst)).sum();
        let came = self
            .came
            .iter()
            .copied()
            .flatten()
            .map(|bits| u64::from(bits.load(Ordering::SeqCst).count_ones()));
        let lost = sent - came.sum::<u64>();
        assert!(
            lost <= hands,
            "{lost} messages were lost, and the killed processes held at most {hands}"
        );
        assert!(inside * 4 >= kills, "the test kills too few inside");
        format!(
            "{kills} kills, {inside} inside; of {sent} messages {lost} did not arrive <= {hands} held by \
             killed processes"
        )
    }
}

fn killer(role: &mut Role) {
    let shared = |words| sys::shared(words);
    let (next, phases, expected) =
        (shared(SENDERS), shared(WORKERS), shared((WORKERS + 1) * SENDERS));
    let (received, came) = (&shared(1)[0], [shared(ROOM / 64), shared(ROOM / 64)]);
    let kills = role.arg(1).parse().unwrap();
    let told = if role.arg(0).starts_with('/') {
        let queue = MessageQueue::open(role.arg(0)).unwrap();
        let send = |bytes: &[u8]| queue.send(bytes, 5).unwrap();
        let (recv, try_recv) = (
            || queue.recv().unwrap().bytes,
            || queue.try_recv().unwrap().map(|message| message.bytes),
        );
        Line {
            send: &send,
            recv: &recv,
            try_recv: &try_recv,
            next,
            came,
            expected,
            phases,
            received,
        }
        .kill(kills, role)
    } else {
        let queue = SysvQueue::open_id(role.arg(0).parse().unwrap()).unwrap();
        let send = |bytes: &[u8]| queue.send(bytes, 5).unwrap();
        let recv = || queue.recv(Select::Any).unwrap().bytes;
        let try_recv = || queue.try_recv(Select::Any).unwrap().map(|message| message.bytes);
        Line {
            send: &send,
            recv: &recv,
            try_recv: &try_recv,
            next,
            came,
            expected,
            phases,
            received,
        }
        .kill(kills, role)
    };
    role.say(&format!("done: {told}"));
}

fn kill_at(queue: &str) {
    let mut child = Child::run("killer at a queue", &[queue, &rounds(100, 5_000).to_string()]);
    figures(
        iter::repeat_with(|| child.hear())
            .find_map(|said| Some(said.strip_prefix("done: ")?.to_owned()))
            .unwrap(),
    );
    child.finish();
}

#[test]
fn a_process_killed_at_a_posix_queue_loses_only_the_message_it_holds() {
    let name = fixture::name();
    let _queue = MessageQueue::create(&*name, QueueOptions::new(4, LONGEST + 1)).unwrap();
    kill_at(&name);
}

#[test]
fn a_process_killed_at_a_system_v_queue_loses_only_its_message() {
    let queue = sysv();
    kill_at(&queue.id().to_string());
}
