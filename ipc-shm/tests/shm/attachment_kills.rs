//! Processes that attach and detach, and are killed at any point.

use std::fs;
use std::hint::spin_loop;
use std::os::unix::fs::MetadataExt;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::SeqCst};
use std::{iter, thread};

use ipc_core::{Error, Removal, Result};
use ipc_mem::Resident;
use ipc_shm::{Identity, MemoryOptions, Shared, SharedMemory};
use ipc_testkit::{Child, LeakCheck, Part, Rng, Role, Watchdog, figures, fixture, rounds};

use crate::path;
use crate::sys::process::{self, Forked};

pub(crate) const ROLES: &[(&str, Part)] = &[("killer", killer)];

const USERS: u32 = 8;

/// The state that the killer and the attached processes share.
#[derive(Resident)]
#[repr(C)]
struct Board {
    /// The number of times that any process has attached and detached.
    visits: AtomicU64,
    /// The number of processes that have seen a forbidden state.
    horrified: AtomicU32,
    /// Odd while all processes must detach and stay detached.
    recess: AtomicU32,
    outside: AtomicU32,
}

#[test]
fn kills_at_any_time_neither_lose_an_object_nor_leave_it_behind() {
    let name = fixture::name();
    let check = LeakCheck::of(&name);
    let mut child = Child::run("killer", &[&name, &rounds(150, 2_000).to_string()]);
    figures(
        iter::repeat_with(|| child.hear())
            .find_map(|said| Some(said.strip_prefix("done: ")?.to_owned()))
            .unwrap(),
    );
    child.finish();
    check.finish();
}

fn killer(role: &mut Role) {
    let (name, kills) = (role.arg(0).to_owned(), role.arg(1).parse::<u32>().unwrap());
    let descriptors = || fs::read_dir("/proc/self/fd").unwrap().count();
    let (before, mut rng) = (descriptors(), Rng::new());
    let options = MemoryOptions::new(0).removal(Removal::OnDrop);
    let board =
        Shared::<Board>::create_filled(&*format!("{name}-board"), options, (), |_| Ok(())).unwrap();
    let start = |rng: &mut Rng| {
        let seed = rng.next_u64();
        process::start(|| visit(&name, &board, Rng::from_seed(seed)))
    };
    let mut users: Vec<Forked> = (0..USERS).map(|_| start(&mut rng)).collect();
    let (mut killed, mut stale, mut massacres, mut recesses) = (0, 0, 0, 0);
    while killed < kills {
        let _watchdog = Watchdog::new(); // stuck is what never gets on
        let visits = board.visits.load(SeqCst) + rng.below(30);
        until(&board, || board.visits.load(SeqCst) > visits);
        if killed % 40 == 39 {
            // All at once: the next process finds either nothing or an object with no process
            // attached.
            users.iter().for_each(Forked::kill);
            killed += USERS;
            massacres += 1;
            assert!(users.drain(..).all(Forked::reap));
            stale += u32::from(fs::exists(path(&name)).unwrap());
            let ours = SharedMemory::open_or_create(&*name, 64).unwrap();
            assert!(ours.was_created() && ours.is_only_attached().unwrap());
            drop(ours);
            assert!(!fs::exists(path(&name)).unwrap());
            users.extend((0..USERS).map(|_| start(&mut rng)));
        } else {
            let victim = users.swap_remove(usize::try_from(rng.below(USERS.into())).unwrap());
            victim.kill();
            killed += 1;
            assert!(victim.reap(), "a user ended by itself");
            users.push(start(&mut rng));
        }
        if killed % 10 == 0 {
            // All that are left detach in order, each after it was alone or the object was found:
            // nothing remains.
            board.outside.store(0, SeqCst);
            board.recess.fetch_add(1, SeqCst);
            until(&board, || board.outside.load(SeqCst) == USERS);
            assert!(!fs::exists(path(&name)).unwrap(), "all have left, and the object is there");
            board.recess.fetch_add(1, SeqCst);
            recesses += 1;
            role.say("going on");
        }
    }
    users.iter().for_each(Forked::kill);
    assert!(users.drain(..).all(Forked::reap));
    let _ = SharedMemory::remove_stale(&*name).unwrap();
    let visits = board.visits.load(SeqCst);
    drop(board);
    assert_eq!(descriptors(), before);
    role.say(&format!(
        "done: {killed} kills among {visits} visits; {recesses} times all left in peace and nothing remained; \
         {massacres} times all were killed at once, which left {stale} objects, all reclaimed"
    ));
}

/// Waits until a condition holds, as long as no error was seen.
fn until(board: &Board, so: impl Fn() -> bool) {
    while !so() {
        assert_eq!(board.horrified.load(SeqCst), 0, "a user has seen what must not be");
        thread::yield_now();
    }
}

/// Attaches and detaches, forever.
fn visit(name: &str, board: &Board, mut rng: Rng) {
    let seen = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        loop {
            let recess = board.recess.load(SeqCst);
            if recess % 2 == 1 {
                // An object that dead processes left is used once more, and so is removed.
                drop(SharedMemory::open_or_create(name, 64).unwrap());
                board.outside.fetch_add(1, SeqCst);
                while board.recess.load(SeqCst) == recess {
                    thread::yield_now();
                }
            }
            match rng.below(4) {
                0 => SharedMemory::create(name, 64)
                    .map(|memory| stay(name, memory.identity(), &mut rng)),
                1 => SharedMemory::open(name).map(|memory| stay(name, memory.identity(), &mut rng)),
                2 => SharedMemory::open_read_only(name)
                    .map(|view| stay(name, view.identity(), &mut rng)),
                _ => SharedMemory::open_or_create(name, 64)
                    .map(|memory| stay(name, memory.identity(), &mut rng)),
            }
            .or_else(nobody_or_somebody)
            .unwrap();
            board.visits.fetch_add(1, SeqCst);
        }
    }));
    board.horrified.fetch_add(u32::from(seen.is_err()), SeqCst);
}

fn nobody_or_somebody(err: Error) -> Result<()> {
    if err.is_not_found() || err.is_exists() { Ok(()) } else { Err(err) }
}

/// While a process is attached, the name refers to that object.
fn stay(name: &str, identity: Identity, rng: &mut Rng) {
    for _ in 0..=rng.below(4) {
        let metadata = fs::metadata(path(name)).expect("the object of a user is gone");
        assert_eq!(Identity::of(&metadata), identity, "the object of a user was replaced");
        assert_eq!(metadata.nlink(), 1);
        (0..rng.below(2000)).for_each(|_| spin_loop());
    }
}
