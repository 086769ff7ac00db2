//! Mutexes between the threads of one process: the assertions of POSIX for each kind.

#![expect(unsafe_code, reason = "looks at the number that a mutex counts locks with")]

use std::mem;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use ipc_core::Errno;
use ipc_mem::{Carver, Fresh, Kind, LocalMemory, Memory, Placed, Resident, SharedMemory};
use ipc_sync::LockError;
use ipc_sync::pthread::{Mutex, MutexGuard, MutexKind, MutexOptions, Protocol, RawMutex, Sharing};
use ipc_testkit::{Storm, fixture, watchdog};

use crate::common::{LONG, in_thread, inode, is_mapped, new_file, until};

const SHORT: Duration = Duration::from_millis(20);

fn local() -> Fresh<LocalMemory> {
    LocalMemory::new(128).unwrap()
}

fn mutex(options: MutexOptions) -> Placed<Mutex<u64>, LocalMemory> {
    Mutex::create_in_with(local(), 0, options).unwrap()
}

/// All options of a mutex that this system supports.
fn all() -> Vec<MutexOptions> {
    let all = [shared(), of(Sharing::Threads)].concat();
    assert!(all.len() >= 16);
    all
}

/// Those of a mutex that other processes can reach.
fn shared() -> Vec<MutexOptions> {
    of(Sharing::Processes)
}

fn of(sharing: Sharing) -> Vec<MutexOptions> {
    let mut all = Vec::new();
    for kind in
        [MutexKind::Normal, MutexKind::ErrorChecking, MutexKind::Recursive, MutexKind::Adaptive]
    {
        for protocol in [Protocol::None, Protocol::Inherit] {
            let options = MutexOptions::new().kind(kind).sharing(sharing).protocol(protocol);
            all.extend([options.robust(), options.stalled()]);
        }
    }
    all.retain(|options| {
        RawMutex::create_in(local(), *options).map_err(|err| assert!(err.is_unsupported())).is_ok()
    });
    all
}

fn kind_of(options: &MutexOptions) -> MutexKind {
    let text = format!("{options:?}");
    let kinds =
        [MutexKind::Normal, MutexKind::ErrorChecking, MutexKind::Recursive, MutexKind::Adaptive];
    kinds.into_iter().find(|kind| text.contains(&format!("kind: {kind:?}"))).unwrap()
}

/// Another thread waits, and its call does not report success.
#[test]
fn one_thread_holds_a_mutex_and_the_others_wait() {
    for options in all() {
        let mutex = RawMutex::create_in(local(), options).unwrap();
        let held = mutex.lock().unwrap();
        let others = || {
            assert!(mutex.try_lock().unwrap().is_none(), "{options:?}");
            for wait in [Duration::ZERO, SHORT] {
                let before = Instant::now();
                assert!(mutex.lock_timeout(wait).unwrap().is_none(), "{options:?}");
                assert!(before.elapsed() >= wait);
                let deadline = before + wait;
                assert!(mutex.lock_deadline(deadline).unwrap().is_none(), "{options:?}");
                assert!(Instant::now() >= deadline);
            }
        };
        watchdog(|| in_thread(others, || ()));
        let waiting = AtomicBool::new(false);
        let others = || {
            waiting.store(true, Ordering::Relaxed);
            drop(mutex.lock().unwrap());
            drop(mutex.lock_timeout(LONG).unwrap().unwrap());
            drop(mutex.lock_deadline(Instant::now() + LONG).unwrap().unwrap());
            drop(mutex.lock_timeout(Duration::MAX).unwrap().unwrap());
            drop(mutex.try_lock().unwrap().unwrap());
        };
        let meanwhile = || {
            until(|| waiting.load(Ordering::Relaxed));
            drop(held);
        };
        watchdog(|| in_thread(others, meanwhile));
    }
}

#[test]
fn an_owner_that_locks_again_gets_the_result_of_the_kind() {
    for options in all() {
        let mutex = RawMutex::create_in(local(), options).unwrap();
        let held = mutex.lock().unwrap();
        let _watchdog = ipc_testkit::Watchdog::new();
        match kind_of(&options) {
            MutexKind::Recursive => {
                let again = [mutex.lock().unwrap(), mutex.try_lock().unwrap().unwrap()];
                let late = mutex.lock_deadline(Instant::now()).unwrap().unwrap();
                drop(held);
                drop(late);
                let free = || mutex.try_lock().unwrap().is_some();
                assert!(!in_thread(free, || ()), "{options:?}");
                drop(again);
                assert!(in_thread(free, || ()), "{options:?}");
            }
            kind => {
                assert!(mutex.try_lock().unwrap().is_none(), "{options:?}");
                match mutex.lock_timeout(SHORT) {
                    Ok(None) => assert_ne!(kind, MutexKind::ErrorChecking),
                    Err(LockError::Failed(err)) => assert!(err.is_deadlock(), "{options:?}: {err}"),
                    other => panic!("{options:?}: {other:?}"),
                }
                if kind == MutexKind::ErrorChecking {
                    let Err(LockError::Failed(err)) = mutex.lock() else { panic!("{options:?}") };
                    assert!(err.is_deadlock(), "{options:?}: {err}");
                    assert_eq!(err.call(), "pthread_mutex_lock");
                }
            }
        }
    }
}

/// Writes the maximum count of 4,294,967,295 to the place where glibc counts.
#[test]
#[cfg(target_env = "gnu")]
fn locking_a_recursive_mutex_too_often_is_an_error_without_effect() {
    const COUNT_AT: usize = 4;

    let mutex =
        RawMutex::create_in(local(), MutexOptions::new().kind(MutexKind::Recursive)).unwrap();
    let held = mutex.lock().unwrap();
    // SAFETY: an aligned word of the mutex, which is the first 40 bytes of the memory; this thread holds the mutex.
    let count = unsafe {
        AtomicU32::from_ptr(mutex.memory().base().as_ptr().wrapping_add(COUNT_AT).cast())
    };
    assert_eq!(count.swap(u32::MAX, Ordering::Relaxed), 1);
    for again in [mutex.lock().map(Some), mutex.try_lock(), mutex.lock_timeout(SHORT)] {
        let Err(LockError::Failed(err)) = again else { panic!("{again:?}") };
        assert_eq!(err.errno(), Some(Errno::EAGAIN), "{err}");
    }
    assert_eq!(count.swap(1, Ordering::Relaxed), u32::MAX);
    drop(held);
    assert!(in_thread(|| mutex.try_lock().unwrap().is_some(), || ()));
}

#[test]
fn counts_under_the_mutex_add_up() {
    const EACH: u64 = 5_000;
    for options in all().into_iter().filter(|options| kind_of(options) != MutexKind::Recursive) {
        let mutex = mutex(options);
        watchdog(|| {
            thread::scope(|scope| {
                for _ in 0..3 {
                    scope.spawn(|| (0..EACH).for_each(|_| *mutex.lock().unwrap() += 1));
                }
            });
        });
        assert_eq!(*mutex.lock().unwrap(), 3 * EACH, "{options:?}");
    }
}

/// Ends a thread that holds the mutex: to the kernel, that is the same as killing a process. It leaks a raw guard,
/// because a guard of data would keep the mutex locked.
fn die_holding<T: ipc_mem::Plain>(mutex: &Mutex<T>) {
    in_thread(|| mem::forget(mutex.as_raw().lock().unwrap()), || ());
}

#[test]
fn the_next_owner_learns_of_a_death_and_repairs_the_data() {
    let robust = |options: &MutexOptions| !format!("{options:?}").contains("robust: Some(false)");
    for options in
        all().into_iter().filter(robust).filter(|options| kind_of(options) != MutexKind::Recursive)
    {
        let mutex = mutex(options);
        type Lock =
            fn(&Mutex<u64>) -> Result<Option<MutexGuard<'_, u64>>, LockError<MutexGuard<'_, u64>>>;
        let locks: [Lock; 4] = [
            |mutex| mutex.lock().map(Some),
            |mutex| mutex.try_lock(),
            |mutex| mutex.lock_timeout(SHORT),
            |mutex| mutex.lock_deadline(Instant::now()),
        ];
        for (i, lock) in locks.into_iter().enumerate() {
            die_holding(&mutex);
            let held = lock(&mutex);
            let Err(LockError::OwnerDied(mut held)) = held else {
                panic!("{options:?} {i}: {held:?}")
            };
            *held += 1;
            held.mark_consistent().unwrap();
            assert!(held.mark_consistent().unwrap_err().is_invalid_argument());
            drop(held);
            let mut held = lock(&mutex).unwrap().unwrap();
            assert!(held.mark_consistent().unwrap_err().is_invalid_argument());
        }
        die_holding(&mutex);
        assert_eq!(*mutex.lock_or_repair(|data| *data *= 10).unwrap(), 40);
        die_holding(&mutex);
        drop(mutex.lock().unwrap_err()); // unmarked
        for (i, lock) in locks.into_iter().enumerate() {
            let held = lock(&mutex);
            assert!(matches!(held, Err(LockError::NotRecoverable)), "{options:?} {i}: {held:?}");
        }
        let err = mutex.lock_or_repair(|_| panic!("there is nothing to repair")).unwrap_err();
        assert_eq!(err.errno(), Some(Errno::ENOTRECOVERABLE));
    }
}

#[test]
fn without_robustness_the_death_of_an_owner_is_permanent() {
    let mutex = mutex(MutexOptions::new().stalled());
    die_holding(&mutex);
    assert!(mutex.lock_timeout(SHORT).unwrap().is_none());
    assert!(mutex.try_lock().unwrap().is_none());
}

#[test]
fn a_repair_that_panics_leaves_a_lock_that_is_not_recoverable() {
    let mutex = mutex(MutexOptions::new());
    die_holding(&mutex);
    let repairing = || mutex.lock_or_repair(|_| panic!("cannot")).map(drop);
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(repairing)).unwrap_err();
    assert!(matches!(mutex.lock(), Err(LockError::NotRecoverable)));
}

#[test]
fn a_panic_releases_the_lock_and_poisons_nothing() {
    let mutex = mutex(MutexOptions::new());
    let held = || {
        *mutex.lock().unwrap() = 7;
        let _held = mutex.lock_or_repair(|_| ()).unwrap();
        panic!("while it is held");
    };
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(held)).unwrap_err();
    assert_eq!(*mutex.lock().unwrap(), 7);
}

#[test]
fn a_mapped_guard_holds_the_whole_lock() {
    let mutex = Mutex::create_in(local(), [1u32, 2, 3]).unwrap();
    let mut tail = MutexGuard::map(mutex.lock().unwrap(), |data| &mut data[1..]);
    tail[1] = 9;
    assert_eq!(format!("{tail:?}"), "[2, 9]");
    assert!(in_thread(|| mutex.try_lock().unwrap().is_none(), || ()));
    drop(tail);
    assert_eq!(*mutex.lock().unwrap(), [1, 2, 9]);
}

#[test]
fn data_behind_a_recursive_lock_is_refused() {
    let err = Mutex::create_in_with(local(), 0u8, MutexOptions::new().kind(MutexKind::Recursive))
        .unwrap_err();
    assert!(err.is_invalid_argument());
}

/// Priorities apply to real-time threads only, but the arguments are checked for others too.
#[test]
fn invalid_priorities_are_refused() {
    let make = |ceiling| {
        let options = MutexOptions::new().stalled().protocol(Protocol::Protect(ceiling));
        RawMutex::create_in(local(), options)
    };
    if cfg!(target_env = "musl") {
        assert!(make(1).unwrap_err().is_unsupported());
        return;
    }
    make(1).unwrap();
    for ceiling in [-1, 100, i32::MAX, i32::MIN] {
        let err = make(ceiling).unwrap_err();
        assert!(err.is_invalid_argument(), "{err}");
    }
    let robust = MutexOptions::new().protocol(Protocol::Protect(1));
    assert!(RawMutex::create_in(local(), robust).unwrap_err().is_unsupported());
}

/// Alignment is checked too.
#[test]
fn a_mutex_needs_a_place_of_its_size_and_alignment() {
    assert_eq!(size_of::<RawMutex>(), size_of::<libc::pthread_mutex_t>());
    let small = LocalMemory::new(size_of::<RawMutex>() - 1).unwrap();
    assert!(RawMutex::create_in(small, MutexOptions::new()).unwrap_err().is_invalid_argument());
    let odd = Carver::new(local()).unwrap().carve_at(2, 64, 2).unwrap();
    let err = RawMutex::create_in(odd, MutexOptions::new()).unwrap_err();
    assert!(err.to_string().contains("boundary"), "{err}");
    let room_for_the_lock_alone = LocalMemory::new(size_of::<RawMutex>() + 8).unwrap();
    assert!(
        Mutex::create_in(room_for_the_lock_alone, [0u64; 2]).unwrap_err().is_invalid_argument()
    );
    assert_eq!(Mutex::<[u8; 3]>::SCHEMA.kind, Kind::MUTEX);
    assert_eq!(Mutex::<[u8; 3]>::SCHEMA.fields[1].offset, size_of::<RawMutex>());
}

/// A free mutex keeps no memory, whichever thread drops it.
#[test]
fn the_memory_of_a_free_mutex_is_unmapped_with_it() {
    for options in shared() {
        let name = fixture::name();
        let mutex = RawMutex::create_in(new_file(&name), options).unwrap();
        let file = inode(&name);
        drop(mutex.lock().unwrap());
        assert!(is_mapped(file));
        thread::spawn(move || drop(mutex)).join().unwrap();
        assert!(!is_mapped(file), "{options:?}");
    }
}

/// The kernel and the C library keep the address of a held robust mutex, but do not need its name.
#[test]
fn a_robust_mutex_whose_guard_was_leaked_keeps_its_bytes_but_not_its_name() {
    for options in shared().into_iter().map(MutexOptions::robust) {
        let name = fixture::name();
        let mutex =
            RawMutex::create_in(SharedMemory::create(&*name, 128).unwrap(), options).unwrap();
        let file = inode(&name);
        in_thread(
            || {
                mem::forget(mutex.lock().unwrap());
                let mutex = thread::spawn(move || drop(mutex)); // also from another thread
                mutex.join().unwrap();
                assert!(is_mapped(file), "{options:?}");
                assert!(SharedMemory::open(&*name).unwrap_err().is_not_found(), "{options:?}");
                // This thread can still lock and drop other mutexes.
                let other = RawMutex::create_in(local(), options).unwrap();
                drop(other.lock().unwrap());
            },
            || (),
        );
    }
}

#[test]
fn a_thread_that_ended_holding_it_keeps_no_memory() {
    let name = fixture::name();
    let mutex = RawMutex::create_in(new_file(&name), MutexOptions::new()).unwrap();
    let file = inode(&name);
    in_thread(|| mem::forget(mutex.lock().unwrap()), || ());
    // The kernel handles the end of a thread just after the join returns.
    watchdog(|| until(|| mutex.may_unmap()));
    drop(mutex);
    assert!(!is_mapped(file));
}

#[test]
fn signals_neither_end_a_wait_nor_make_it_shorter() {
    let mutex = mutex(MutexOptions::new());
    let held = mutex.lock().unwrap();
    let begun = AtomicBool::new(false);
    let waits = || {
        let storm = Storm::start(1000);
        let timeout = Duration::from_millis(300);
        let before = Instant::now();
        assert!(mutex.lock_timeout(timeout).unwrap().is_none());
        assert!(before.elapsed() >= timeout);
        begun.store(true, Ordering::Relaxed);
        *mutex.lock().unwrap() += 1;
        assert!(storm.deliveries() > 10);
    };
    let meanwhile = || {
        until(|| begun.load(Ordering::Relaxed));
        let storm = Storm::start(1000);
        until(|| storm.deliveries() > 200);
        assert_eq!(*held, 0);
        drop(held);
    };
    watchdog(|| in_thread(waits, meanwhile));
    assert_eq!(*mutex.lock().unwrap(), 1);
}
