//! Arrays that are opened while other processes create them, or die while they do.

use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::{process, thread};

use ipc_core::{Error, Removal};
use ipc_mem::{Memory, Plain, Tag};
use ipc_shm::{MemoryOptions, SharedMemory, SysvMemory};
use ipc_shmarray::{AnyArray, ArrayOptions, ShmArray};
use ipc_testkit::{Child, LeakCheck, Part, Role, crash_points, fixture, watchdog};

pub(crate) const ROLES: &[(&str, Part)] = &[
    ("creator", creator),
    ("late writer", late_writer),
    ("short-lived", short_lived),
    ("creator by key", creator_by_key),
    ("contender", contender),
];

/// Its layout is stored beside it, so that more can be incomplete.
#[derive(Clone, Copy, Plain)]
#[repr(C)]
struct Sample {
    time: f64,
    values: [f32; 6],
}

const SHAPE: [usize; 2] = [10, 20];

/// Opens the name repeatedly while `run` runs; `run` gets the number of arrays found. Each must be
/// complete, and `excuses` must accept every error.
fn watch(name: &str, excuses: fn(&Error) -> bool, run: impl FnOnce(&AtomicU32)) {
    let (seen, stop) = (AtomicU32::new(0), AtomicBool::new(false));
    let look = || {
        while !stop.load(Ordering::Relaxed) {
            let found = [
                ShmArray::<Sample>::open(name).map(|array| *array.shape()),
                AnyArray::open(name).map(|array| *array.shape()),
                SharedMemory::open_read_only(name)
                    .and_then(ShmArray::<Sample, _>::open_in)
                    .map(|array| *array.shape()),
            ];
            for found in found {
                match found {
                    Ok(shape) => {
                        assert_eq!(shape.dims(), SHAPE);
                        seen.fetch_add(1, Ordering::Relaxed);
                    }
                    Err(err) => assert!(excuses(&err), "{err}"),
                }
            }
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

/// Lets children create 1,000 arrays, and more until one was found.
fn watch_makers(name: &str, excuses: fn(&Error) -> bool, mut makers: Vec<Child>) {
    watch(name, excuses, |seen| {
        let mut made = 0;
        while made < 1_000 || seen.load(Ordering::Relaxed) == 0 {
            makers.iter_mut().for_each(|maker| maker.tell("on"));
            makers.iter_mut().for_each(|maker| maker.wait_for("made 50"));
            made += 50 * makers.len();
        }
    });
    makers.iter_mut().for_each(|maker| maker.tell("enough"));
    makers.into_iter().for_each(Child::finish);
}

#[test]
fn opening_while_others_create_finds_a_whole_array_or_none() {
    watchdog(|| {
        let name = fixture::name();
        let check = LeakCheck::of(&name);
        let creators = (0..2).map(|_| Child::run("creator", &[&name])).collect();
        watch_makers(&name, Error::is_not_found, creators);
        check.finish();
    });
}

fn creator(role: &mut Role) {
    while role.hear() == "on" {
        let mut made = 0;
        while made < 50 {
            match ShmArray::<Sample>::create(role.arg(0), SHAPE) {
                Ok(_array) => made += 1,
                Err(err) => assert!(err.is_exists(), "{err}"),
            }
        }
        role.say("made 50");
    }
}

/// The magic is written last, also if the array is laid out in a memory object that already
/// has its name.
#[test]
fn an_array_that_is_being_created_does_not_open() {
    watchdog(|| {
        let name = fixture::name();
        let writers = vec![Child::run("late writer", &[&name])];
        let excuses =
            |err: &Error| err.is_not_found() || err.to_string().contains("found magic 0x00000000");
        watch_makers(&name, excuses, writers);
    });
}

fn late_writer(role: &mut Role) {
    let size = 256 + 64 + size_of::<Sample>() * 200;
    while role.hear() == "on" {
        for _ in 0..50 {
            let options = MemoryOptions::new(size).removal(Removal::OnDrop).content(Tag::ARRAY);
            let memory = SharedMemory::create(role.arg(0), options).unwrap();
            ShmArray::<Sample, _>::create_in(memory, SHAPE).unwrap();
        }
        role.say("made 50");
    }
}

#[test]
fn an_array_whose_magic_was_never_written_does_not_open() {
    let name = fixture::name();
    let mut writer = Child::run_crashing("late writer", &[&name], "publish.rest", 1);
    writer.tell("on");
    writer.crash();
    let errs = [ShmArray::<Sample>::open(&*name).map(drop), AnyArray::open(&*name).map(drop)];
    for err in errs.map(Result::unwrap_err) {
        assert!(err.is_mismatch() && err.to_string().contains("found magic 0x00000000"), "{err}");
    }
}

#[test]
fn a_creator_killed_at_any_step_leaves_a_whole_array_or_nothing() {
    watchdog(|| {
        let points = crash_points("short-lived", &[&fixture::name()]);
        let (mut left, mut steps) = (0, 0);
        for (point, hits) in &points {
            for hit in 1..=*hits {
                let name = fixture::name();
                let check = LeakCheck::of(&name);
                Child::run_crashing("short-lived", &[&name], point, hit).crash();
                steps += 1;
                match ShmArray::<Sample>::open(&*name) {
                    Ok(array) => {
                        array.expect_shape(SHAPE).unwrap();
                        assert!(
                            array
                                .iter()
                                .all(|sample| sample.time == 0.0 && sample.values == [0.0; 6])
                        );
                        left += 1; // and goes with this, its last user
                    }
                    Err(err) => assert!(err.is_not_found(), "{point}: {err}"),
                }
                check.finish();
                drop(ShmArray::<Sample>::create(&*name, SHAPE).unwrap());
            }
        }
        assert!(0 < left && left < steps, "{left} of {steps}");
    });
}

fn short_lived(role: &mut Role) {
    drop(ShmArray::<Sample>::create(role.arg(0), SHAPE).unwrap());
}

/// A segment gets its key before it is complete.
#[test]
fn open_or_create_by_key_replaces_the_array_of_a_killed_creator() {
    watchdog(|| {
        let key = (0x5A00_0000 | process::id()).to_string();
        let points = crash_points("creator by key", &[&key]);
        assert!(points.iter().any(|(point, _)| point == "publish.rest"));
        for (point, hits) in &points {
            for hit in 1..=*hits {
                Child::run_crashing("creator by key", &[&key], point, hit).crash();
                let array = by_key(&key);
                assert_eq!(array.shape().dims(), SHAPE, "{point}");
                SysvMemory::remove_id(array.memory().id()).unwrap();
            }
        }
    });
}

fn by_key(key: &str) -> ShmArray<Sample, SysvMemory> {
    let options = ArrayOptions::new(SHAPE).removal(Removal::Never);
    ShmArray::open_or_create_by_key(key.parse::<i32>().unwrap(), options).unwrap()
}

fn creator_by_key(role: &mut Role) {
    let array = by_key(role.arg(0));
    SysvMemory::remove_id(array.memory().id()).unwrap();
}

#[test]
fn of_concurrent_open_or_create_of_an_array_exactly_one_creates() {
    watchdog(|| {
        let name = fixture::name();
        let mut children = [(); 8].map(|()| Child::run("contender", &[&name]));
        children.iter_mut().for_each(|child| child.tell("go"));
        let answers = children.each_mut().map(Child::hear);
        assert_eq!(answers.iter().filter(|answer| *answer == "created").count(), 1, "{answers:?}");
        children.iter_mut().for_each(|child| child.tell("leave"));
        children.into_iter().for_each(Child::finish);
    });
}

fn contender(role: &mut Role) {
    role.wait_for("go");
    let array = ShmArray::<Sample>::open_or_create(role.arg(0), SHAPE).unwrap();
    role.say(if array.was_created() { "created" } else { "opened" });
    role.wait_for("leave");
}

/// Programs outside of this toolkit create the name first, and write the magic before the shape.
#[test]
fn open_or_create_waits_for_another_program_that_is_creating_the_array() {
    watchdog(|| {
        let (template, name) = (fixture::name(), fixture::name());
        let array = ShmArray::<f64>::create(&*template, SHAPE).unwrap();
        let mut bytes = fs::read(format!("/dev/shm{}", &*template)).unwrap();
        bytes.truncate(array.memory().size());
        let path = format!("/dev/shm{}", &*name);
        for round in (0..20).rev() {
            let steps = Barrier::new(2);
            thread::scope(|scope| {
                scope.spawn(|| {
                    let file = File::options().write(true).create_new(true).open(&path).unwrap();
                    steps.wait();
                    let pause = || thread::yield_now();
                    (0..2 * round).for_each(|_| pause());
                    file.set_len(bytes.len() as u64).unwrap();
                    (0..2 * round).for_each(|_| pause());
                    file.write_at(&bytes[..4], 0).unwrap();
                    (0..2 * round).for_each(|_| pause());
                    file.write_at(&bytes[4..], 4).unwrap();
                });
                steps.wait();
                let found = ShmArray::<f64>::open_or_create(&*name, SHAPE).unwrap();
                assert!(!found.was_created());
            });
            if round == 0 {
                let wrong = ShmArray::<u8>::open_or_create(&*name, SHAPE).map(|_| ());
                assert!(wrong.is_err_and(|err| err.is_mismatch()), "complete, of another type");
            }
            fs::remove_file(&path).unwrap();
        }
    });
}
