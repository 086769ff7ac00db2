//! Arrays under a lock.

#![expect(unsafe_code, reason = "guarantees that all users acquire the lock")]

use std::mem;
use std::thread;
use std::time::{Duration, Instant};

use ipc_core::Errno;
use ipc_mem::{LocalMemory, Placed, Resident};
use ipc_shm::Shared;
use ipc_shmarray::{ArrayGuard, GuardedArray, ShmArray};
use ipc_sync::LockError;
use ipc_sync::futex;
use ipc_sync::lock::{self, RawLock};
use ipc_sync::pthread::{Mutex, RawRwLock};
use ipc_testkit::{Child, Part, Role, fixture, watchdog};

pub(crate) const ROLES: &[(&str, Part)] = &[
    ("adder", adder),
    ("doomed owner", doomed_owner),
    ("doomed writer", doomed_writer),
    ("leaker", leaker),
];

type Guarded<L = Mutex<u32>> = GuardedArray<u32, Shared<L>>;

const TIMES: u32 = 2_000;

fn create<L: Resident<Options: Default>>(array: &str, lock: &str) -> Guarded<L> {
    let array = ShmArray::create(array, [10, 20]).unwrap();
    // SAFETY: all code in these tests that uses the array acquires that lock, which is not
    // recursive.
    unsafe { GuardedArray::new(array, Shared::create(lock).unwrap()) }
}

fn open<L: Resident>(array: &str, lock: &str) -> Guarded<L> {
    let array = ShmArray::open(array).unwrap();
    // SAFETY: as for `create`.
    unsafe { GuardedArray::new(array, Shared::open(lock).unwrap()) }
}

#[test]
fn what_several_processes_change_under_the_lock_is_never_lost() {
    watchdog(|| {
        let (name, lock) = (fixture::name(), fixture::name());
        adds_with(&create::<Mutex<u32>>(&name, &lock), "pthread", [&name, &lock]);
        let (name, lock) = (fixture::name(), fixture::name());
        adds_with(&create::<futex::Mutex<u32>>(&name, &lock), "futex", [&name, &lock]);
    });
}

fn adds_with(array: &Guarded<lock::Mutex<u32, impl RawLock>>, family: &str, names: [&str; 2]) {
    let mut children = [(); 2].map(|()| Child::run("adder", &[names[0], names[1], family]));
    children.iter_mut().for_each(|child| child.tell("go"));
    add(array);
    children.into_iter().for_each(Child::finish);
    assert_eq!(array.lock().unwrap().to_vec(), vec![3 * TIMES; 200]);
}

fn adder(role: &mut Role) {
    role.wait_for("go");
    match role.arg(2) {
        "futex" => add(&open::<futex::Mutex<u32>>(role.arg(0), role.arg(1))),
        _ => add(&open::<Mutex<u32>>(role.arg(0), role.arg(1))),
    }
}

fn add(array: &Guarded<lock::Mutex<u32, impl RawLock>>) {
    for _ in 0..TIMES {
        array.lock().unwrap().iter_mut().for_each(|element| *element += 1);
    }
}

/// Writes half of the elements, and is killed while it holds the lock.
fn doomed_owner(role: &mut Role) {
    let array: Guarded = open(role.arg(0), role.arg(1));
    let mut elements = array.lock().unwrap();
    elements[..100].fill(7);
    role.say("half");
    role.wait_for("never said");
}

fn let_an_owner_die(name: &str, lock: &str) {
    let mut child = Child::run("doomed owner", &[name, lock]);
    child.wait_for("half");
    child.kill();
}

#[test]
fn when_an_owner_dies_the_next_gets_the_elements_as_they_are() {
    watchdog(|| {
        let (name, lock) = (fixture::name(), fixture::name());
        let array: Guarded = create(&name, &lock);
        let_an_owner_die(&name, &lock);
        let Err(LockError::OwnerDied(mut elements)) = array.lock() else { panic!("no owner died") };
        assert_eq!((elements[99], elements[100]), (7, 0));
        elements.fill(1);
        elements.mark_consistent().unwrap();
        assert!(elements.mark_consistent().unwrap_err().is_invalid_argument());
        drop(elements);
        assert!(array.lock().unwrap().iter().all(|element| *element == 1));

        for locked in [
            |array: &Guarded| array.try_lock().map(Option::unwrap).map(drop).is_err(),
            |array: &Guarded| {
                array.lock_timeout(Duration::from_secs(10)).map(Option::unwrap).map(drop).is_err()
            },
            |array: &Guarded| {
                array.lock_deadline(Instant::now()).map(Option::unwrap).map(drop).is_err()
            },
        ] {
            let_an_owner_die(&name, &lock);
            drop(array.lock_or_repair(|elements| elements.fill(2)).unwrap());
            assert_eq!(array.lock().unwrap()[..], [2; 200]);
            assert!(!locked(&array));
        }
        let_an_owner_die(&name, &lock);
        let Err(LockError::OwnerDied(elements)) = array.try_lock() else { panic!("no owner died") };
        drop(elements); // not repaired
        assert!(matches!(array.lock(), Err(LockError::NotRecoverable)));
        let err = array.lock_or_repair(|_| panic!("there is nothing to repair")).unwrap_err();
        assert_eq!((err.errno(), err.object()), (Some(Errno::ENOTRECOVERABLE), &*name));
    });
}

fn doomed_writer(role: &mut Role) {
    let array = open::<futex::RawRwLock>(role.arg(0), role.arg(1));
    let mut elements = array.write().unwrap();
    elements[..100].fill(7);
    role.say("half");
    role.wait_for("never said");
}

#[test]
fn after_a_dead_writer_no_reader_comes_in_before_a_repair() {
    watchdog(|| {
        let (name, lock) = (fixture::name(), fixture::name());
        let array = create::<futex::RawRwLock>(&name, &lock);
        let mut child = Child::run("doomed writer", &[&name, &lock]);
        child.wait_for("half");
        assert!(array.try_read().unwrap().is_none());
        child.kill();
        assert_eq!(array.read().map(drop).unwrap_err().errno(), Some(Errno::EOWNERDEAD));
        assert_eq!(array.write().map(drop).unwrap_err().errno(), Some(Errno::EOWNERDEAD));
        let repaired = array.write_or_repair(|elements| {
            assert_eq!((elements[99], elements[100]), (7, 0));
            elements.fill(1);
        });
        drop(repaired.unwrap());
        assert_eq!(array.read().unwrap()[..], [1; 200]);
        drop(array.write_or_repair(|_| panic!("there is nothing to repair")).unwrap());
    });
}

/// Leaks the guard, which keeps the lock whatever happens to the array, and exits as requested.
fn leaker(role: &mut Role) {
    let array: Guarded = open(role.arg(0), role.arg(1));
    let in_a_thread = role.arg(2) == "thread";
    let role_ref = &mut *role;
    let leak = || {
        let role = role_ref;
        mem::forget(array.lock().unwrap());
        let Err(LockError::Failed(err)) = array.lock() else { panic!("a second guard") };
        assert!(err.is_deadlock());
        assert!(array.try_lock().unwrap().is_none());
        drop(array);
        role.say("leaked");
        role.wait_for("end");
    };
    if in_a_thread {
        thread::scope(|scope| scope.spawn(leak).join().unwrap());
        role.say("ended");
        role.wait_for("end");
    } else {
        leak();
    }
}

#[test]
fn a_leaked_guard_keeps_the_lock_until_its_process_ends() {
    watchdog(|| {
        for ends in ["process", "thread"] {
            let (name, lock) = (fixture::name(), fixture::name());
            let array: Guarded = create(&name, &lock);
            let mut child = Child::run("leaker", &[&name, &lock, ends]);
            child.wait_for("leaked");
            assert!(array.try_lock().unwrap().is_none());
            child.tell("end");
            if ends == "thread" {
                child.wait_for("ended");
                assert!(
                    array.try_lock().unwrap().is_none(),
                    "its process may still use the elements"
                );
                child.tell("end");
            }
            child.finish();
            assert!(matches!(array.lock(), Err(LockError::OwnerDied(_))));
        }
    });
}

#[test]
fn several_read_at_once_and_one_writes_alone() {
    let (name, lock) = (fixture::name(), fixture::name());
    let array = ShmArray::<u32>::create(&*name, [10, 20]).unwrap();
    // SAFETY: this thread alone uses it, through that lock.
    let array: Guarded<RawRwLock> =
        unsafe { GuardedArray::new(array, Shared::create(&*lock).unwrap()) };
    let none = Duration::ZERO;
    let mut writer = array.write().unwrap();
    writer.fill(3);
    thread::scope(|scope| {
        scope.spawn(|| {
            assert!(array.try_read().unwrap().is_none() && array.try_write().unwrap().is_none());
            assert!(
                array.read_timeout(none).unwrap().is_none()
                    && array.write_timeout(none).unwrap().is_none()
            );
            assert!(array.read_deadline(Instant::now()).unwrap().is_none());
        });
    });
    drop(writer);
    let (one, another) = (array.read().unwrap(), array.try_read().unwrap().unwrap());
    assert_eq!(
        (&one[..], another.position([1, 2]), another.position([10, 0])),
        (&another[..], Some(21), None)
    );
    assert!(
        array.read_timeout(none).unwrap().is_some()
            && array.read_deadline(Instant::now()).unwrap().is_some()
    );
    assert!(
        array.try_write().unwrap().is_none()
            && array.write_deadline(Instant::now()).unwrap().is_none()
    );
    drop((one, another));
    assert_eq!(array.write_timeout(none).unwrap().unwrap()[199], 3);
    assert!(
        array.try_write().unwrap().is_some()
            && array.write_deadline(Instant::now()).unwrap().is_some()
    );
    assert_eq!(format!("{array:?}"), format!("GuardedArray(ShmArray(10×20 of u32 in {name}))"));
}

#[test]
fn any_handle_to_a_lock_works_even_one_with_data() {
    let memory = || LocalMemory::new(4096).unwrap();
    let title = Mutex::create_in(memory(), *b"dark").unwrap();
    let image = ShmArray::<u8, _>::create_in(memory(), [4, 3]).unwrap();
    // SAFETY: this thread alone uses them, through that lock.
    let image = unsafe { GuardedArray::new(image, &*title) };
    image.lock().unwrap()[11] = 1;
    let held = title.lock().unwrap();
    assert!(image.try_lock().unwrap().is_none());
    drop(held);
    assert_eq!((image.lock().unwrap()[11], image.shape().dims()), (1, &[4, 3][..]));
    assert_eq!(*title.lock().unwrap(), *b"dark");

    let lock = Placed::<Mutex<u32>, _>::create_in(memory()).unwrap();
    let image = ShmArray::<u8, _>::create_in(memory(), [4, 3]).unwrap();
    // SAFETY: as above.
    let image = unsafe { GuardedArray::new(image, lock) };
    let last = |elements: ArrayGuard<'_, u8, _>| elements.position([3, 2]).map(|at| elements[at]);
    assert_eq!(last(image.lock_or_repair(|_| ()).unwrap()), Some(0));
    assert!(image.as_lock().try_lock().unwrap().is_some());
}

#[cfg(feature = "ndarray")]
#[test]
fn a_guard_is_a_view_of_ndarray_in_either_order() {
    let memory = || LocalMemory::new(4096).unwrap();
    let array = ShmArray::<u32, _>::create_in(memory(), [3, 4]).unwrap();
    // SAFETY: this thread alone uses it, through that lock.
    let array =
        unsafe { GuardedArray::new(array, Placed::<RawRwLock, _>::create_in(memory()).unwrap()) };
    let mut elements = array.write().unwrap();
    elements.as_view_mut()[[1, 2]] = 7;
    assert_eq!((elements[1 + 3 * 2], elements.as_view().strides()), (7, &[1, 3][..]));
    drop(elements);
    let elements = array.read().unwrap();
    let rows = elements.as_view().reversed_axes();
    assert_eq!((rows[[2, 1]], rows.shape(), rows.is_standard_layout()), (7, &[4, 3][..], true));
}
