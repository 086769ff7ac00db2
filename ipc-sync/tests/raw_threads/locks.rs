//! The guarantee of each lock: threads use the guarded data by plain reads and writes.

#![expect(unsafe_code, reason = "uses data that only a separate lock guards")]

use std::cell::UnsafeCell;
use std::time::Duration;

use ipc_mem::{Fresh, LocalMemory, Placed};
use ipc_sync::posix::Semaphore;
use ipc_sync::pthread::{
    Barrier, Condvar, Mutex, MutexGuard, MutexKind, MutexOptions, Preference, Protocol,
    RecursiveMutex, RwLock, RwLockOptions, Sharing, SpinLock,
};

use crate::Test;
use crate::sys::threads;

pub(crate) const TESTS: &[Test] = &[
    ("a_mutex_of_any_kind_lets_one_thread_at_a_time_use_its_data", mutex),
    ("a_mutex_can_be_tried_and_waited_for_while_others_hold_it", mutex_tried),
    ("a_recursive_mutex_is_released_when_it_is_unlocked_as_often", recursive_mutex),
    ("a_read_write_lock_lets_readers_see_what_one_writer_wrote", rwlock),
    ("a_condition_variable_hands_data_from_one_thread_to_the_other", condvar),
    ("a_thread_that_passes_a_barrier_sees_the_others_writes", barrier),
    ("a_spin_lock_lets_one_thread_at_a_time_use_its_data", spin_lock),
    ("a_thread_that_tries_a_semaphore_sees_writes_before_the_post", semaphore_tried),
    ("a_thread_that_waits_for_a_semaphore_sees_writes_before_the_post", semaphore_waited_for),
];

const THREADS: u64 = 3;
const ROUNDS: u64 = 100;
const LONG: Duration = Duration::from_secs(3600);

/// A number that only a separate lock guards. It is on the heap, because some tools do not check the stack.
pub(crate) struct Unguarded(Box<UnsafeCell<u64>>);

impl Unguarded {
    pub(crate) fn new() -> Self {
        Self(Box::new(UnsafeCell::new(0)))
    }

    pub(crate) fn get(&self) -> u64 {
        // SAFETY: the tests ensure that no thread writes the number now, and the tools check it.
        unsafe { *self.0.get() }
    }

    pub(crate) fn set(&self, value: u64) {
        // SAFETY: the tests ensure that no other thread uses the number now, and the tools check it.
        unsafe { *self.0.get() = value };
    }
}

// SAFETY: the tests ensure that threads take turns in `get` and `set`, and the tools check it.
unsafe impl Sync for Unguarded {}

pub(crate) fn local() -> Fresh<LocalMemory> {
    LocalMemory::new(128).unwrap()
}

fn mutex() {
    let new = MutexOptions::new;
    let kinds = [
        new(),
        new().stalled(),
        new().stalled().kind(MutexKind::Normal),
        new().kind(MutexKind::Normal).sharing(Sharing::Threads),
        new().protocol(Protocol::Inherit),
        new().stalled().kind(MutexKind::Normal).protocol(Protocol::Inherit),
    ];
    for options in kinds {
        let count = Mutex::create_in_with(local(), 0u64, options).unwrap();
        threads(THREADS, &|_| (0..ROUNDS).for_each(|_| *count.lock().unwrap() += 1));
        assert_eq!(*count.lock().unwrap(), THREADS * ROUNDS);
    }
}

fn mutex_tried() {
    let count = Mutex::create_in(local(), 0u64).unwrap();
    let add = |guard: Option<MutexGuard<'_, u64>>| {
        guard.is_some_and(|mut guard| {
            *guard += 1;
            true
        })
    };
    threads(THREADS, &|_| {
        for _ in 0..ROUNDS {
            while !add(count.try_lock().unwrap()) {
                std::thread::yield_now();
            }
            assert!(add(count.lock_timeout(LONG).unwrap()));
        }
    });
    assert_eq!(*count.lock().unwrap(), 2 * THREADS * ROUNDS);
}

fn recursive_mutex() {
    let count = RecursiveMutex::create_in(local(), 0u64).unwrap();
    threads(THREADS, &|_| {
        for _ in 0..ROUNDS {
            let outer = count.lock().unwrap();
            let inner = count.try_lock().unwrap().unwrap();
            inner.set(inner.get() + 1);
            drop((inner, outer));
        }
    });
    assert_eq!(count.lock().unwrap().get(), THREADS * ROUNDS);
}

fn rwlock() {
    for preference in [Preference::Readers, Preference::Writers] {
        let pair =
            RwLock::create_in_with(local(), [0u64; 2], RwLockOptions::new().preference(preference))
                .unwrap();
        threads(THREADS, &|number| {
            for round in 0..ROUNDS {
                if (number + round).is_multiple_of(4) {
                    let mut pair = pair.write().unwrap();
                    *pair = pair.map(|half| half + 1);
                }
                let seen = *pair.read().unwrap();
                assert_eq!(seen[0], seen[1]);
            }
        });
        assert_eq!(*pair.read().unwrap(), [THREADS * ROUNDS / 4; 2]);
    }
}

fn condvar() {
    // The number of the thread whose turn it is, and the number of turns so far.
    let turn = Mutex::create_in(local(), [0u64; 2]).unwrap();
    let changed = Condvar::create_in(local()).unwrap();
    threads(2, &|number| {
        for _ in 0..ROUNDS {
            let not_yet = |turn: &mut [u64; 2]| turn[0] != number;
            let mut mine = changed.wait_while(turn.lock().unwrap(), not_yet).unwrap();
            *mine = [1 - number, mine[1] + 1];
            changed.notify_all().unwrap();
        }
    });
    assert_eq!(*turn.lock().unwrap(), [0, 2 * ROUNDS]);
}

fn barrier() {
    let barrier: Placed<Barrier, _> =
        Barrier::create_in(local(), u32::try_from(THREADS).unwrap()).unwrap();
    let said: Vec<Unguarded> = (0..THREADS).map(|_| Unguarded::new()).collect();
    threads(THREADS, &|number| {
        for round in 1..=ROUNDS {
            said[usize::try_from(number).unwrap()].set(round);
            barrier.wait().unwrap();
            assert!(said.iter().all(|said| said.get() == round));
            barrier.wait().unwrap(); // before any thread writes the next round
        }
    });
}

fn spin_lock() {
    let count = SpinLock::create_in(local(), 0u64).unwrap();
    threads(THREADS, &|_| (0..ROUNDS).for_each(|_| *count.lock().unwrap() += 1));
    assert_eq!(*count.lock().unwrap(), THREADS * ROUNDS);
}

fn semaphore_tried() {
    hand_over(|semaphore| {
        while !semaphore.try_wait().unwrap() {
            std::thread::yield_now();
        }
    });
}

/// Waits with a C function that some tools do not know; `xtask/src/sanitize.rs` lists them.
fn semaphore_waited_for() {
    hand_over(|semaphore| semaphore.wait().unwrap());
}

fn hand_over(take: fn(&Semaphore)) {
    let [full, empty] = [0, 1].map(|value| Semaphore::create_in(local(), value).unwrap());
    let place = Unguarded::new();
    threads(2, &|number| {
        for round in 1..=ROUNDS {
            if number == 0 {
                take(&empty);
                place.set(round);
                full.post().unwrap();
            } else {
                take(&full);
                assert_eq!(place.get(), round);
                empty.post().unwrap();
            }
        }
    });
}
