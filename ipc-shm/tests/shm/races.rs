//! Several processes that create or open the same object at once.

use std::fs::{self, File};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread;

use ipc_mem::Memory;
use ipc_shm::{Draft, SharedMemory};
use ipc_testkit::{Child, LeakCheck, Part, Role, Watchdog, figures, fixture, rounds, watchdog};

use crate::{bytes, path};

pub(crate) const ROLES: &[(&str, Part)] = &[("creator", creator), ("contender", contender)];

const SIZE: usize = 5000;
const FILL: u8 = 0xA5;

/// Opens the name repeatedly while `run` runs; `run` gets the number of objects found. Each must be
/// complete.
pub(crate) fn watch(name: &str, run: impl FnOnce(&AtomicU32)) {
    let (seen, stop) = (AtomicU32::new(0), AtomicBool::new(false));
    let look = || {
        while !stop.load(Ordering::Relaxed) {
            seen.fetch_add(is_there(name).into(), Ordering::Relaxed);
        }
    };
    thread::scope(|scope| {
        scope.spawn(look);
        scope.spawn(look);
        let ended = catch_unwind(AssertUnwindSafe(|| run(&seen)));
        stop.store(true, Ordering::Relaxed);
        ended.unwrap_or_else(|panic| resume_unwind(panic));
    });
}

/// Returns `true` if a memory object has the name. If so, it is complete.
pub(crate) fn is_there(name: &str) -> bool {
    let view = SharedMemory::open_read_only(name); // who leaves may be the last
    match &view {
        Ok(view) => assert_eq!(view.size(), SIZE),
        Err(err) => assert!(err.is_not_found(), "{err}"),
    }
    match SharedMemory::open(name) {
        Ok(memory) => {
            let found = bytes::all(&memory);
            assert!(
                found.len() == SIZE && found.iter().all(|byte| *byte == FILL),
                "{} bytes, half-made",
                found.len()
            );
            true
        }
        Err(err) => {
            assert!(err.is_not_found(), "{err}");
            false
        }
    }
}

/// A complete memory object, as `is_there` expects it; `None` if the name exists.
pub(crate) fn create(name: &str) -> Option<SharedMemory> {
    let draft = Draft::new(name, SIZE).unwrap();
    bytes::fill(&draft, 0, &[FILL; SIZE]).unwrap();
    match draft.publish() {
        Err(err) if err.is_exists() => None,
        done => Some(done.unwrap()),
    }
}

#[test]
fn opening_while_others_create_finds_all_or_nothing() {
    let name = fixture::name();
    let check = LeakCheck::of(&name);
    let mut creators = [(); 2].map(|()| Child::run("creator", &[&name]));
    let (mut made, enough) = (0, rounds(1_000, 80_000));
    watch(&name, |seen| {
        while made < enough || seen.load(Ordering::Relaxed) == 0 {
            let _watchdog = Watchdog::new(); // stuck is what never gets on
            creators.iter_mut().for_each(|creator| creator.tell("on"));
            creators.iter_mut().for_each(|creator| creator.wait_for("made 50"));
            made += 100;
        }
        figures(format_args!("{made} made, {} times found whole", seen.load(Ordering::Relaxed)));
    });
    creators.iter_mut().for_each(|creator| creator.tell("enough"));
    creators.into_iter().for_each(Child::finish);
    check.finish();
}

fn creator(role: &mut Role) {
    while role.hear() == "on" {
        let mut made = 0;
        while made < 50 {
            made += i32::from(create(role.arg(0)).is_some());
        }
        role.say("made 50");
    }
}

#[test]
fn of_concurrent_open_or_create_calls_exactly_one_creates() {
    const ROUNDS: usize = 25;
    watchdog(|| {
        let names: Vec<_> = (0..ROUNDS).map(|_| fixture::name()).collect();
        let args: Vec<&str> = names.iter().map(|name| &**name).collect();
        let mut children = [(); 8].map(|()| Child::run("contender", &args));
        for name in &args {
            children.iter_mut().for_each(|child| child.tell("go"));
            let answers = children.each_mut().map(|child| child.hear());
            let creators = answers.iter().filter(|answer| answer.starts_with("created")).count();
            assert_eq!(creators, 1, "{answers:?}");
            let same = |answer: &str| answer.split_once(' ').unwrap().1.to_owned();
            assert!(answers.iter().all(|answer| same(answer) == same(&answers[0])), "{answers:?}");
            children.iter_mut().for_each(|child| child.tell("leave"));
            children.iter_mut().for_each(|child| child.wait_for("left"));
            assert!(!fs::exists(path(name)).unwrap());
        }
        children.into_iter().for_each(Child::finish);
    });
}

fn contender(role: &mut Role) {
    for name in role.args().to_vec() {
        role.wait_for("go");
        let memory = SharedMemory::open_or_create(&name, 64).unwrap();
        let which = if memory.was_created() { "created" } else { "opened" };
        role.say(&format!("{which} {:?}", memory.identity()));
        role.wait_for("leave");
        drop(memory);
        role.say("left");
    }
}

/// Not one of our files, which never shrink: but whatever it is, opening reports what was wrong.
#[test]
fn a_file_that_shrinks_while_it_is_opened_is_an_error_that_says_so() {
    watchdog(|| {
        let name = fixture::name();
        let file = File::create_new(path(&name)).unwrap();
        file.set_len(1).unwrap();
        let stop = AtomicBool::new(false);
        let mut told = Vec::new();
        thread::scope(|scope| {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    file.set_len(100_000).unwrap();
                    file.set_len(1).unwrap();
                }
            });
            for _ in 0..50_000 {
                told.extend(SharedMemory::open(&*name).err());
                if !told.is_empty() {
                    break;
                }
            }
            stop.store(true, Ordering::Relaxed);
        });
        for err in told {
            assert!(err.is_mismatch(), "{err}");
        }
    });
}
