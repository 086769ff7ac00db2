//! Many processes that contend for the same object, some of which die on the way.

use std::hint::spin_loop;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::SeqCst};
use std::{fs, iter, thread};

use ipc_core::Removal;
use ipc_mem::Resident;
use ipc_shm::{MemoryOptions, Shared, SharedMemory};
use ipc_testkit::{Child, LeakCheck, Part, Rng, Role, Watchdog, figures, fixture, rounds};

use crate::path;
use crate::sys::process::{self, Forked};

pub(crate) const ROLES: &[(&str, Part)] = &[("arena", arena)];

const CONTENDERS: usize = 16;

/// The points where a process may die that creates the object, attaches to it, or removes what dead
/// processes left.
const POINTS: [&str; 11] = [
    "entry.create.unnamed",
    "entry.create.reserved",
    "shm.create.trailer",
    "attach.held",
    "entry.link.before",
    "entry.link.after",
    "attach.opened",
    "attach.locked",
    "attach.mapped",
    "detach.locked",
    "detach.removed",
];

/// The object that is contended for: complete if both numbers are equal, and created once.
#[derive(Resident)]
#[repr(C)]
struct Prize {
    made: AtomicU32,
    number: AtomicU64,
    again: AtomicU64,
}

/// The state that the contenders and the arena share.
#[derive(Resident)]
#[repr(C)]
struct Board {
    /// The round that has begun, and the round whose prize all contenders must release.
    begun: AtomicU64,
    over: AtomicU64,
    seats: [Seat; CONTENDERS],
}

#[derive(Resident)]
#[repr(C)]
struct Seat {
    /// The number of the prize it has, whether it created it, and since which round.
    number: AtomicU64,
    made: AtomicU32,
    holds: AtomicU64,
    /// The last round that it has finished.
    left: AtomicU64,
}

#[test]
fn open_or_create_among_dying_processes_gives_the_living_one_object() {
    let name = fixture::name();
    let check = LeakCheck::of(&name);
    let mut child = Child::run("arena", &[&name, &rounds(200, 10_000).to_string()]);
    figures(
        iter::repeat_with(|| child.hear())
            .find_map(|said| Some(said.strip_prefix("done: ")?.to_owned()))
            .unwrap(),
    );
    child.finish();
    check.finish();
}

fn arena(role: &mut Role) {
    let (name, rounds) = (role.arg(0).to_owned(), role.arg(1).parse::<u64>().unwrap());
    let mut rng = Rng::new();
    let options = MemoryOptions::new(0).removal(Removal::OnDrop);
    let board =
        Shared::<Board>::create_filled(&*format!("{name}-board"), options, (), |_| Ok(())).unwrap();
    let start = |seat: usize, rng: &mut Rng| {
        let (first, seed) = (board.begun.load(SeqCst) + 1, rng.next_u64());
        process::start(|| contend(&name, &board, seat, first, Rng::from_seed(seed)))
    };
    let mut contenders: Vec<Forked> = (0..CONTENDERS).map(|seat| start(seat, &mut rng)).collect();
    let (mut dead, mut made, mut found) = (0, 0, 0);
    for round in 1..=rounds {
        let _watchdog = Watchdog::new(); // stuck is what never gets on
        board.begun.store(round, SeqCst);
        let until_all = |done: &dyn Fn(&Seat) -> bool| {
            for (seat, contender) in board.seats.iter().zip(&contenders) {
                while !done(seat) && !contender.has_died() {
                    thread::yield_now();
                }
            }
        };
        until_all(&|seat| seat.holds.load(SeqCst) == round);
        let holders: Vec<&Seat> =
            board.seats.iter().filter(|seat| seat.holds.load(SeqCst) == round).collect();
        let makers = holders.iter().filter(|seat| seat.made.load(SeqCst) == 1).count();
        assert!(makers <= 1, "{makers} have made it");
        assert!(
            holders.iter().all(|seat| seat.number.load(SeqCst) == holders[0].number.load(SeqCst)),
            "not all have the same"
        );
        made += makers;
        found += holders.len() - makers;
        board.over.store(round, SeqCst);
        until_all(&|seat| seat.left.load(SeqCst) == round);
        let all = dead;
        for (seat, contender) in contenders.iter_mut().enumerate() {
            if contender.has_died() {
                let next = start(seat, &mut rng);
                assert!(
                    std::mem::replace(contender, next).reap(),
                    "a contender has seen what must not be"
                );
                dead += 1;
            }
        }
        // Only a process that dies leaves it behind.
        assert!(dead > all || !fs::exists(path(&name)).unwrap(), "all have left, and it is there");
        if round % 10 == 0 {
            role.say("going on");
        }
    }
    contenders.iter().for_each(Forked::kill);
    assert!(contenders.into_iter().all(Forked::reap));
    let _ = SharedMemory::remove_stale(&*name).unwrap();
    assert!(!fs::exists(path(&name)).unwrap());
    role.say(&format!(
        "done: {rounds} rounds of {CONTENDERS}: {made} made it, {found} found it, {dead} died at it"
    ));
}

/// Takes part in each round from `first` on, until it dies.
fn contend(name: &str, board: &Board, seat: usize, first: u64, mut rng: Rng) {
    let seat = &board.seats[seat];
    for round in first.. {
        let point = if rng.below(8) == 0 { *rng.pick(&POINTS) } else { "none" };
        process::die_at(point);
        while board.begun.load(SeqCst) < round {
            thread::yield_now();
        }
        (0..rng.below(500)).for_each(|_| spin_loop());
        let number = rng.next_u64();
        let make = |prize: &Prize| {
            prize.made.fetch_add(1, SeqCst);
            prize.number.store(number, SeqCst);
            prize.again.store(number, SeqCst);
            Ok(())
        };
        let options = MemoryOptions::new(0).removal(Removal::LastDetach);
        let prize = Shared::<Prize>::open_or_create_filled(name, options, (), make).unwrap();
        let found = prize.number.load(SeqCst);
        assert!(prize.made.load(SeqCst) == 1 && prize.again.load(SeqCst) == found, "half-made");
        assert_eq!(prize.was_created(), found == number);
        seat.number.store(found, SeqCst);
        seat.made.store(u32::from(prize.was_created()), SeqCst);
        seat.holds.store(round, SeqCst);
        while board.over.load(SeqCst) < round {
            thread::yield_now();
        }
        drop(prize);
        seat.left.store(round, SeqCst);
    }
}
