//! Threads that end while they hold data: no other owner gets data that another thread may still use.

#![expect(unsafe_code, reason = "opens what it created before; takes a list from the kernel")]

use std::mem;
use std::time::{Duration, Instant};

use ipc_core::Error;
use ipc_mem::LocalMemory;
use ipc_sync::LockError;
use ipc_sync::pthread::{Condvar, Mutex, MutexGuard, MutexOptions};
use ipc_testkit::{Child, Role, fixture, watchdog};

use crate::common::{in_thread, new_file, open_file};

pub(crate) const ROLES: &[(&str, ipc_testkit::Part)] = &[("thread", thread)];

type Data = Mutex<[u64; 2]>;
type Way = (&'static str, fn(&'static Data));

const WAYS: &[Way] = &[
    ("leaks", |data| drop(std::thread::spawn(move || leak(data)).join())),
    ("leaks, in a scope", |data| _ = in_thread(|| leak(data), || ())),
    ("leaks a part", |data| {
        in_thread(
            || mem::forget(MutexGuard::map(data.lock().unwrap(), |data| &mut data[1])),
            || (),
        );
    }),
    ("leaks when it has waited", |data| in_thread(|| mem::forget(wait(data)), || ())),
    ("leaks what it was told to repair", |data| {
        in_thread(|| mem::forget(data.as_raw().lock().unwrap()), || ());
        in_thread(|| mem::forget(data.lock().unwrap_err()), || ());
    }),
];

/// A reference to data that safe code can send to another thread.
fn leak(data: &'static Data) -> &'static mut [u64; 2] {
    let guard: &'static mut MutexGuard<'_, _> = Box::leak(Box::new(data.lock().unwrap()));
    guard
}

fn wait(data: &Data) -> MutexGuard<'_, [u64; 2]> {
    let changed = Condvar::create_in(LocalMemory::new(64).unwrap()).unwrap();
    changed.wait_timeout(data.lock().unwrap(), Duration::ZERO).unwrap().0
}

/// A thread of this process ends while it holds the data, in one of the ways; then the process waits for a line before it
/// ends.
fn thread(role: &mut Role) {
    // SAFETY: the parent created the mutex, and destroys it after this process has ended.
    let data = unsafe { Data::open_in(open_file(role.arg(0))) }.unwrap();
    let data: &'static Data = Box::leak(Box::new(data));
    let (_, way) = WAYS.iter().find(|(name, _)| *name == role.arg(1)).unwrap();
    way(data);
    let Err(LockError::Failed(err)) = data.lock() else { panic!("two guards in one process") };
    assert!(err.is_deadlock(), "{err}");
    assert!(data.try_lock().is_err() && data.lock_timeout(Duration::from_millis(1)).is_err());
    role.say("ended");
    role.hear();
}

#[test]
fn data_of_a_thread_that_ended_is_locked_until_its_process_ends() {
    for (way, _) in WAYS {
        let name = fixture::name();
        let data = Data::create_in(new_file(&name), [1; 2]).unwrap();
        let mut child = Child::run("thread", &[&name, way]);
        child.wait_for("ended");
        assert!(data.try_lock().unwrap().is_none(), "{way}");
        let before = Instant::now();
        assert!(data.lock_timeout(Duration::from_millis(50)).unwrap().is_none(), "{way}");
        assert!(before.elapsed() >= Duration::from_millis(50), "{way}");
        child.kill();
        let told = watchdog(|| data.lock().map(drop).unwrap_err());
        let LockError::OwnerDied(mut repaired) = told else { panic!("{way}") };
        repaired.mark_consistent().unwrap();
        drop(repaired);
        assert_eq!(data.get().unwrap(), [1; 2], "{way}");
    }
}

#[test]
fn a_thread_may_end_with_a_raw_guard_and_the_next_owner_knows() {
    let data = Data::create_in(LocalMemory::new(128).unwrap(), [1; 2]).unwrap();
    in_thread(|| mem::forget(data.as_raw().lock().unwrap()), || ());
    let told = watchdog(|| data.lock().map(drop).unwrap_err());
    let err = Error::from(told);
    assert!(err.is_owner_died(), "{err}");
    let mut held = watchdog(|| data.lock_or_repair(|data| *data = [2; 2])).unwrap();
    held[0] += 1;
    drop(held);
    assert_eq!(data.get().unwrap(), [3, 2]);
}

#[test]
fn a_wait_with_unrepaired_data_gives_up_on_it() {
    let data = Data::create_in(LocalMemory::new(128).unwrap(), [1; 2]).unwrap();
    in_thread(|| mem::forget(data.as_raw().lock().unwrap()), || ());
    let Err(LockError::OwnerDied(unmarked)) = data.lock() else { panic!("not told") };
    let changed = Condvar::create_in(LocalMemory::new(64).unwrap()).unwrap();
    let waited = changed.wait_timeout(unmarked, Duration::ZERO);
    assert!(matches!(waited, Err(LockError::NotRecoverable)), "{waited:?}");
    assert!(matches!(data.lock(), Err(LockError::NotRecoverable)));
}

/// Simulates a sandbox that denies `set_robust_list`.
#[test]
fn a_thread_without_a_robust_list_creates_no_robust_mutex() {
    in_thread(
        || {
            // SAFETY: the kernel forgets the list of this thread, which holds no mutex and ends soon.
            let denied =
                unsafe { libc::syscall(libc::SYS_set_robust_list, std::ptr::null::<u8>(), 24) };
            assert_eq!(denied, 0);
            let err = Data::create_in(LocalMemory::new(128).unwrap(), [1; 2]).unwrap_err();
            assert!(err.is_unsupported() && err.to_string().contains("set_robust_list"), "{err}");
            Data::create_in_with(
                LocalMemory::new(128).unwrap(),
                [1; 2],
                MutexOptions::new().stalled(),
            )
            .unwrap();
        },
        || (),
    );
    Data::create_in(LocalMemory::new(128).unwrap(), [1; 2]).unwrap();
}
