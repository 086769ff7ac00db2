//! Threads that end while they hold data: what of it may live on in another thread, no other owner gets.

#![expect(unsafe_code, reason = "opens what it made before, and has C drop it")]

use std::cell::RefCell;
use std::ffi::c_void;
use std::mem;
use std::os::unix::process::ExitStatusExt;
use std::time::Duration;

use ipc_mem::LocalMemory;
use ipc_sync::LockError;
use ipc_sync::pthread::{Condvar, DataHeld, Mutex, MutexGuard};
use ipc_testkit::{Child, Role, fixture, watchdog};

use crate::common::{FileMemory, in_thread, until};

pub(crate) const ROLES: &[(&str, ipc_testkit::Part)] = &[("thread", thread)];

type Data = Mutex<[u64; 2]>;
type Way = (&'static str, fn(&'static Data));

const WRONG: &[Way] = &[
    ("leaks", |data| drop(std::thread::spawn(move || leak(data)).join())),
    ("leaks, in a scope", |data| _ = in_thread(|| leak(data), || ())),
    ("leaks a part", |data| {
        in_thread(|| mem::forget(MutexGuard::map(data.lock().unwrap(), |data| &mut data[1])), || ());
    }),
    ("leaks when it has waited", |data| in_thread(|| mem::forget(wait(data)), || ())),
    ("leaks in a destructor", |data| in_thread(|| keep(LeaksAtItsEnd(data)), || ())),
    ("leaks in a destructor, after others", |data| {
        in_thread(
            || {
                drop(wait(data));
                keep(LeaksAtItsEnd(data));
            },
            || (),
        );
    }),
    ("leaks in a destructor of C's, after others", |data| {
        in_thread(
            || {
                drop(wait(data));
                keep_for_c(LeaksAtItsEnd(data));
            },
            || (),
        );
    }),
    ("has data of its own behind a raw lock", |data| {
        in_thread(|| mem::forget((data.as_raw().lock().unwrap(), DataHeld::new())), || ());
    }),
];

const FINE: &[Way] = &[
    ("keeps it in a `thread_local!`", |data| in_thread(|| keep(Kept(Some(data.lock().unwrap()))), || ())),
    ("gives it to a destructor of C's", |data| in_thread(|| keep_for_c(Kept(Some(data.lock().unwrap()))), || ())),
    ("gives it back", |data| in_thread(|| drop(wait(data)), || ())),
    ("panics", |data| drop(std::thread::spawn(move || panic!("{:?}", data.lock())).join())),
    ("gives up", |data| in_thread(|| give_up(data), || ())),
    ("leaks a raw guard", |data| in_thread(|| mem::forget(data.as_raw().lock().unwrap()), || ())),
    ("ends with its process", |data| _ = leak(data)),
];

/// What safe code can send to another thread.
fn leak(data: &'static Data) -> &'static mut [u64; 2] {
    let guard: &'static mut MutexGuard<'_, _> = Box::leak(Box::new(data.lock().unwrap()));
    guard
}

fn wait(data: &Data) -> MutexGuard<'_, [u64; 2]> {
    let changed = Condvar::create_in(LocalMemory::new(64).unwrap()).unwrap();
    changed.wait_timeout(data.lock().unwrap(), Duration::ZERO).unwrap().0
}

/// A wait after which the guard is gone, and the lock is not this thread's, or nobody's ever.
fn give_up(data: &Data) {
    in_thread(|| mem::forget(data.as_raw().lock().unwrap()), || ());
    let Err(LockError::OwnerDied(unmarked)) = data.lock() else { panic!("nobody was told") };
    let changed = Condvar::create_in(LocalMemory::new(64).unwrap()).unwrap();
    let waited = changed.wait_timeout(unmarked, Duration::ZERO);
    assert!(waited.is_err(), "{waited:?}"); // musl refuses it from the start
}

struct LeaksAtItsEnd(&'static Data);

impl Drop for LeaksAtItsEnd {
    fn drop(&mut self) {
        leak(self.0);
    }
}

#[expect(dead_code, reason = "is there to be dropped")]
struct Kept(Option<MutexGuard<'static, [u64; 2]>>);

trait Keep {}
impl Keep for LeaksAtItsEnd {}
impl Keep for Kept {}

/// Drops it when the thread ends.
fn keep(what: impl Keep + 'static) {
    thread_local!(static KEPT: RefCell<Option<Box<dyn Keep>>> = const { RefCell::new(None) });
    KEPT.set(Some(Box::new(what)));
}

/// Drops it when the thread ends, and this thread has had data: after the end of the thread was looked at.
fn keep_for_c(what: impl Keep + 'static) {
    extern "C" fn end(what: *mut c_void) {
        // SAFETY: the box that was made below.
        drop(unsafe { Box::from_raw(what.cast::<Box<dyn Keep>>()) });
    }
    let what: Box<Box<dyn Keep>> = Box::new(Box::new(what));
    let mut key = 0;
    // SAFETY: the call writes a key, which is ours; `end` takes what the key will have.
    assert_eq!(unsafe { libc::pthread_key_create(&mut key, Some(end)) }, 0);
    // SAFETY: a key that was made just now.
    assert_eq!(unsafe { libc::pthread_setspecific(key, Box::into_raw(what).cast()) }, 0);
}

fn thread(role: &mut Role) {
    // SAFETY: the parent made it, and ends it after this process.
    let data = unsafe { Data::open_in(FileMemory::open(role.arg(0))) }.unwrap();
    let (_, way) = [WRONG, FINE].concat().into_iter().find(|(name, _)| *name == role.arg(1)).unwrap();
    way(Box::leak(Box::new(data)));
}

#[test]
fn a_thread_that_ends_holding_data_ends_its_process_and_the_others_are_told() {
    for (way, _) in WRONG {
        let name = fixture::name();
        let data = Data::create_in(FileMemory::create(&name), [1; 2]).unwrap();
        let child = Child::run("thread", &[&name, way]);
        watchdog(|| until(|| child.output().contains("a thread ends that has leaked the guard of a mutex with data")));
        assert_eq!(child.wait().signal(), Some(libc::SIGABRT), "{way}");
        assert!(matches!(data.lock(), Err(LockError::OwnerDied(_))), "{way}");
    }
}

#[test]
fn a_thread_that_has_given_its_data_back_when_it_ends_is_nothing_special() {
    for (way, _) in FINE {
        let name = fixture::name();
        let _data = Data::create_in(FileMemory::create(&name), [1; 2]).unwrap();
        Child::run("thread", &[&name, way]).finish();
    }
}
