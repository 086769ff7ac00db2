//! All kinds of objects together, shared with a C program that uses C's layout.

#![expect(unsafe_code, reason = "opens objects that the C program created")]

use std::mem;
use std::time::Duration;

use ipc_core::Clock;
use ipc_mem::{Carver, Fresh, Part, Placed, Plain, Resident, SharedMemory};
use ipc_sync::LockError;
use ipc_sync::posix::Semaphore;
use ipc_sync::pthread::{Barrier, Condvar, CondvarOptions, Mutex, RwLock, SpinLock};
use ipc_testkit::{Child, c_program, fixture, watchdog};

use crate::common::{LONG, in_thread, new_file, open_file};

type Shared<T> = Placed<T, Part<SharedMemory>>;

struct Objects {
    counter: Shared<Mutex<i64>>,
    changed: Shared<Condvar>,
    limits: Shared<RwLock<i64>>,
    barrier: Shared<Barrier>,
    sem: Shared<Semaphore>,
    spin: Shared<SpinLock<i32>>,
}

/// The part of new bytes at this offset, for a `T`.
fn part<T: Resident>(
    carver: &mut Carver<Fresh<SharedMemory>>,
    offset: usize,
) -> Fresh<Part<SharedMemory>> {
    carver.carve_at(offset, size_of::<T>(), align_of::<T>()).unwrap()
}

/// The offsets of the members of the C program's struct, computed from their sizes.
fn offsets() -> [usize; 6] {
    let sizes = [
        size_of::<Mutex<i64>>(),
        size_of::<Condvar>(),
        size_of::<RwLock<i64>>(),
        size_of::<Barrier>(),
        size_of::<Semaphore>(),
    ];
    let mut offsets = [0; 6];
    for (i, size) in sizes.into_iter().enumerate() {
        offsets[i + 1] = (offsets[i] + size).next_multiple_of(8);
    }
    offsets
}

impl Objects {
    fn create(name: &str) -> Self {
        Self::create_with(name, CondvarOptions::new())
    }

    fn create_with(name: &str, options: CondvarOptions) -> Self {
        let [counter, changed, limits, barrier, sem, spin] = offsets();
        let mut carver = Carver::new(new_file(name)).unwrap();
        Self {
            counter: Mutex::create_in(part::<Mutex<i64>>(&mut carver, counter), 0).unwrap(),
            changed: Placed::create_in_with(part::<Condvar>(&mut carver, changed), options)
                .unwrap(),
            limits: RwLock::create_in(part::<RwLock<i64>>(&mut carver, limits), 0).unwrap(),
            barrier: Barrier::create_in(part::<Barrier>(&mut carver, barrier), 2).unwrap(),
            sem: Semaphore::create_in(part::<Semaphore>(&mut carver, sem), 0).unwrap(),
            spin: SpinLock::create_in(part::<SpinLock<i32>>(&mut carver, spin), 0).unwrap(),
        }
    }

    /// Must be called after the C program has created the objects.
    fn open(name: &str) -> Self {
        fn open<T: Resident>(carver: &mut Carver<SharedMemory>, offset: usize) -> Shared<T> {
            let part = carver.carve_at(offset, size_of::<T>(), align_of::<T>()).unwrap();
            // SAFETY: the C program reported that it created the object there, and it destroys none.
            unsafe { Placed::open_in(part) }.unwrap()
        }
        let [counter, changed, limits, barrier, sem, spin] = offsets();
        // SAFETY: `offsets` are those of the C program.
        let mut carver = unsafe { Carver::attach(open_file(name)) };
        Self {
            counter: open(&mut carver, counter),
            changed: open(&mut carver, changed),
            limits: open(&mut carver, limits),
            barrier: open(&mut carver, barrier),
            sem: open(&mut carver, sem),
            spin: open(&mut carver, spin),
        }
    }
}

fn die_holding<T: Plain>(mutex: &Mutex<T>) {
    in_thread(|| mem::forget(mutex.as_raw().lock().unwrap()), || ());
}

fn play(c: &mut Child, ours: &Objects) {
    ours.sem.post().unwrap();
    ours.barrier.wait().unwrap();
    assert!(ours.sem.wait_timeout(LONG).unwrap());

    for turn in [0, 2] {
        let mut value =
            ours.changed.wait_while(ours.counter.lock().unwrap(), |value| *value != turn).unwrap();
        *value += 1;
        drop(value);
        ours.changed.notify_all().unwrap();
    }

    c.wait_for("writing");
    assert!(ours.limits.try_read().unwrap().is_none());
    assert!(ours.limits.write_timeout(Duration::from_millis(10)).unwrap().is_none());
    c.tell("seen");
    let reading = ours.limits.read().unwrap();
    assert_eq!(*reading, 42);
    c.tell("reading");

    (0..10_000).for_each(|_| *ours.spin.lock().unwrap() += 1);
    ours.barrier.wait().unwrap();
    assert_eq!(*ours.spin.lock().unwrap(), 20_000);
    drop(reading);

    die_holding(&ours.counter);
    c.tell("died");
    c.wait_for("holding");
    assert!(ours.counter.lock_timeout(Duration::from_millis(10)).unwrap().is_none());
}

fn after_death(ours: &Objects) {
    let Err(LockError::OwnerDied(mut value)) = ours.counter.lock() else {
        panic!("C's death was not told")
    };
    assert_eq!(*value, 101);
    value.mark_consistent().unwrap();
    drop(value);
    assert_eq!(*ours.counter.lock().unwrap(), 101);
}

/// With the monotonic clock, C's deadline by the wall clock would be half a century away.
#[test]
fn a_timed_wait_of_c_ends_on_a_condition_variable_of_the_wall_clock() {
    let name = fixture::name();
    let ours = Objects::create_with(&name, CondvarOptions::new().clock(Clock::REALTIME));
    let program = c_program("interop", include_str!("interop.c"));
    let mut c = Child::run(&program, &[&name, "wait by the wall clock"]);
    c.wait_for(&said());
    watchdog(|| c.wait_for("the time is over"));
    c.finish();
    drop(ours);
}

fn said() -> String {
    offsets().map(|offset| offset.to_string()).join(" ")
}

#[test]
fn a_c_program_uses_our_locks_and_dies_holding_them() {
    let name = fixture::name();
    let ours = Objects::create(&name);
    let mut c = Child::run(&c_program("interop", include_str!("interop.c")), &[&name, "open"]);
    c.wait_for(&said());
    watchdog(|| play(&mut c, &ours));
    c.kill();
    watchdog(|| after_death(&ours));
}

#[test]
fn we_use_the_locks_of_a_c_program_and_recover_its_death() {
    let name = fixture::name();
    drop(new_file(&name));
    let mut c = Child::run(&c_program("interop", include_str!("interop.c")), &[&name, "make"]);
    c.wait_for(&said());
    let ours = Objects::open(&name);
    watchdog(|| play(&mut c, &ours));
    c.kill();
    watchdog(|| after_death(&ours));
}
