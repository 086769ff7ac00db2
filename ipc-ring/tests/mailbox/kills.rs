//! Senders and owners of several threads that are killed wherever they are.

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use ipc_hostile::message::Message;
use ipc_mem::{MemoryOptions, Placed, SharedMemory, Tag};
use ipc_ring::mailbox::{Mailbox, Sender};
use ipc_testkit::{Child, Forked, Part, Rng, Role, fixture, rounds};

pub(crate) const ROLES: &[(&str, Part)] = &[("killer", killer)];

const CAPACITY: usize = 128;
const THREADS: usize = 2;
const SENDERS: usize = 3;
const LONG: Duration = Duration::from_secs(25);

/// For each thread of a sender: the number of messages that are sent, and of those with a receipt
/// that says that they are read; and the number of the next message that the owner expects.
type Board = Placed<[[AtomicU64; 3]; SENDERS * THREADS + 1], SharedMemory>;
const SENT: usize = 0;
const READ: usize = 1;
const NEXT: usize = 2;

/// The last row: how many messages were read, read again, and whether the owner reads one now.
const OWNER: usize = SENDERS * THREADS;
const ALL: usize = 0;
const AGAIN: usize = 1;
const INSIDE: usize = 2;

fn sends(name: &str, board: &Board, process: usize) -> Forked {
    Forked::run(|| {
        let sender = Sender::<Message>::open(name).unwrap();
        thread::scope(|scope| {
            for thread in 0..THREADS {
                let (sender, of) = (&sender, process * THREADS + thread);
                scope.spawn(move || {
                    let mine = &board[of];
                    // A killed thread may have sent a message without counting it.
                    let [sent, read] = [SENT, NEXT].map(|what| mine[what].load(Ordering::SeqCst));
                    let next = sent.max(read.saturating_sub(1));
                    for number in next + 1.. {
                        let message = Message::new((of as u64) << 40 | number);
                        if number % 8 == 0 {
                            let mut receipt = sender.send_with_receipt(&message).unwrap();
                            mine[SENT].store(number, Ordering::SeqCst);
                            while let Err(err) = receipt.wait() {
                                assert!(err.is_owner_died(), "{err}");
                            }
                            assert!(mine[NEXT].load(Ordering::SeqCst) > number, "{number} unread");
                            mine[READ].store(number, Ordering::SeqCst);
                        } else {
                            sender.send(&message).unwrap();
                            mine[SENT].store(number, Ordering::SeqCst);
                        }
                    }
                });
            }
        });
    })
}

fn owns(name: &str, board: &Board) -> Forked {
    let owner = &board[OWNER];
    owner[INSIDE].store(0, Ordering::SeqCst);
    Forked::run(|| {
        let inbox = Mailbox::<Message>::open(name).unwrap();
        loop {
            let message = inbox.recv().unwrap();
            owner[INSIDE].store(1, Ordering::SeqCst);
            let number = message.checked();
            let next = &board[usize::try_from(number >> 40).unwrap()][NEXT];
            let (number, wanted) = (number & ((1 << 40) - 1), next.load(Ordering::SeqCst));
            // A message that comes again was read by an owner that died, or sent again by a sender
            // that died before it had counted it.
            if number + 1 == wanted {
                owner[AGAIN].fetch_add(1, Ordering::SeqCst);
            } else {
                assert!(number >= wanted, "{number} after {wanted}");
                assert!(number <= wanted.max(1), "{number} instead of {wanted}: one is lost");
                next.store(number + 1, Ordering::SeqCst);
            }
            (0..2_000).for_each(|_| std::hint::spin_loop());
            owner[ALL].fetch_add(1, Ordering::SeqCst);
            drop(message);
            owner[INSIDE].store(0, Ordering::SeqCst);
        }
    })
}

fn killer(role: &mut Role) {
    let (name, kills) = (role.arg(0).to_owned(), role.arg(1).parse::<u64>().unwrap());
    let options = MemoryOptions::new(size_of::<[[AtomicU64; 3]; SENDERS * THREADS + 1]>());
    let memory = SharedMemory::create(role.arg(2), options.content(Tag::BARE)).unwrap();
    let board: Board = Placed::create_in(memory).unwrap();
    let sender = Sender::<Message>::open_or_create(&*name, CAPACITY).unwrap();
    let mut senders: Vec<_> = (0..SENDERS).map(|i| sends(&name, &board, i)).collect();
    let mut owner = owns(&name, &board);
    let (mut rng, mut inside) = (Rng::new(), 0);
    let all = || board[OWNER][ALL].load(Ordering::SeqCst);
    let go_on = |kill: u64| {
        let (before, start) = (all(), Instant::now());
        while all() < before + 20 {
            assert!(start.elapsed() < LONG, "kill {kill}: nothing is read");
            thread::yield_now();
        }
    };
    for kill in 0..2 * kills {
        (0..rng.below(20_000)).for_each(|_| std::hint::spin_loop());
        if kill % 2 == 0 {
            let victim = rng.index(SENDERS);
            senders[victim].kill();
            go_on(kill);
            senders[victim] = sends(&name, &board, victim);
        } else {
            owner.stop();
            inside += board[OWNER][INSIDE].load(Ordering::SeqCst);
            owner.kill();
            owner = owns(&name, &board);
            go_on(kill);
        }
        if kill % 16 == 0 {
            role.say("going on");
        }
    }
    senders.iter_mut().for_each(Forked::kill);
    // The messages that are left are read, and then all places are free.
    owner.kill();
    let inbox = Mailbox::<Message>::open(&*name).unwrap();
    while inbox.recv_timeout(Duration::from_millis(50)).unwrap().is_some() {}
    for number in 0..CAPACITY as u64 {
        let sent = sender.send_timeout(&Message::new(number), LONG).unwrap();
        assert!(sent, "a place is lost: {number} are free");
    }
    // A few kills may miss by chance.
    assert!(kills < 1000 || inside * 4 >= kills, "only {inside} killed while they read");
    let again = board[OWNER][AGAIN].load(Ordering::SeqCst);
    role.say(&format!(
        "done: {kills} senders of {THREADS} threads and {kills} owners killed, {inside} owners \
         while they read, {} messages read, {again} of them again",
        all()
    ));
}

#[test]
fn messages_are_read_in_order_whoever_is_killed_and_none_is_lost() {
    let kills = rounds(20, 10_000).to_string();
    let names = [(); 2].map(|()| fixture::name());
    Child::run("killer", &[&names[0], &kills, &names[1]]).figures();
}
