//! Locks under contention by two processes or threads.

use std::hint::{black_box, spin_loop};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use ipc_core::{Errno, Error, Result};
use ipc_sync::pthread::{MutexKind, MutexOptions, RawMutex, RawRwLock, RwLockOptions};
use ipc_sync::{LockError, futex};

use crate::partners::{Cores, Object, Other, Stage, Work, visit};
use crate::sys::shared as c;
use crate::{Group, Pair, Ratio, Side};

/// The group.
pub const GROUP: Group = Group {
    name: "contended",
    about: "A lock that two processes, or two threads, acquire and release all the time, each on\n\
            its own core; the time is for one turn, of all turns of both. Between acquiring and\n\
            releasing, *empty* does nothing, and *50 ns* works for that long. The reference is\n\
            C's calls on the same lock; for `std` and `parking_lot` it is C's mutex. *Share* is\n\
            the share of the side with fewer turns: 0.50 is even. The result depends less on the\n\
            calls than on whether the releasing side acquires the lock again before the other\n\
            side has woken up.",
    ratio: Ratio::Time,
    pairs,
};

/// The contenders and the lock of each row.
const ROWS: [(Other, Lock); 17] = [
    (Other::Process, Lock::Normal),
    (Other::Process, Lock::Robust),
    (Other::Process, Lock::Adaptive),
    (Other::Process, Lock::Write),
    (Other::Process, Lock::Semaphore),
    (Other::Process, Lock::Native),
    (Other::Process, Lock::NativeWrite),
    (Other::Thread, Lock::Normal),
    (Other::Thread, Lock::Robust),
    (Other::Thread, Lock::Adaptive),
    (Other::Thread, Lock::Write),
    (Other::Thread, Lock::Semaphore),
    (Other::Thread, Lock::Native),
    (Other::Thread, Lock::NativeWrite),
    (Other::Thread, Lock::NativeBesideParkingLot),
    (Other::Thread, Lock::Std),
    (Other::Thread, Lock::ParkingLot),
];

#[derive(Clone, Copy)]
enum Lock {
    Normal,
    Robust,
    Adaptive,
    Write,
    Semaphore,
    Native,
    NativeWrite,
    NativeBesideParkingLot,
    Std,
    ParkingLot,
}

impl Lock {
    fn name(self) -> &'static str {
        match self {
            Self::Normal => "mutex",
            Self::Robust => "mutex, robust",
            Self::Adaptive => "mutex, adaptive",
            Self::Write => "write lock",
            Self::Semaphore => "semaphore of one",
            Self::Native => "native mutex",
            Self::NativeWrite => "native write lock",
            Self::NativeBesideParkingLot => "native mutex beside `parking_lot::Mutex`",
            Self::Std => "`std::sync::Mutex`",
            Self::ParkingLot => "`parking_lot::Mutex`",
        }
    }
}

impl Lock {
    /// The target of the time beside the reference, with a section of 50 ns.
    fn target(self, long: usize) -> Option<f64> {
        match self {
            Self::Native if long == 1 => Some(1.0 / 3.0),
            Self::NativeBesideParkingLot if long == 1 => Some(1.0),
            _ => None,
        }
    }
}

static STD: std::sync::Mutex<()> = std::sync::Mutex::new(());
static PARKING_LOT: parking_lot::Mutex<()> = parking_lot::Mutex::new(());

fn pairs(found: &mut dyn FnMut(Pair) -> Result<()>) -> Result<()> {
    for (row, (other, lock)) in ROWS.into_iter().enumerate() {
        let two = if other == Other::Process { "processes" } else { "threads" };
        for (long, section) in ["empty", "50 ns"].into_iter().enumerate() {
            let name = format!("{}, two {two}, {section}", lock.name());
            let target = lock.target(long);
            visit(found, &name, ("contended", 2 * row + long), (other, Cores::Two), target)?;
        }
    }
    Ok(())
}

pub(crate) fn scene(stage: &mut Stage, variant: usize) -> Result<Work> {
    let (_, lock) = ROWS[variant / 2];
    let contest = Contest::new(stage)?;
    let steps = stage.number()?;
    if stage.leads && variant % 2 == 1 {
        steps.store(steps_of_50_ns(), Ordering::Relaxed);
    }
    let steps = steps.load(Ordering::Relaxed);
    let section = move || work(steps);
    let kind = if let Lock::Adaptive = lock { MutexKind::Adaptive } else { MutexKind::Normal };
    let options = MutexOptions::new().kind(kind);
    let options = if let Lock::Robust = lock { options } else { options.stalled() };
    let mutex = stage.object(|part| RawMutex::create_in(part, options))?;
    let rwlock = stage.object(|part| RawRwLock::create_in(part, RwLockOptions::new()))?;
    let sem = stage.semaphore(1)?;
    let native = stage.object(|part| futex::RawMutex::create_in(part, ()))?;
    let native_rwlock = stage.object(|part| futex::RawRwLock::create_in(part, ()))?;
    let by_c = move |mutex: &RawMutex| {
        c::lock(mutex)?;
        section();
        c::unlock(mutex)
    };
    Ok(match lock {
        Lock::Normal | Lock::Robust | Lock::Adaptive => contest.hold(move |side| match side {
            Side::Ours => {
                let guard = mutex.lock().map_err(plain)?;
                section();
                drop(guard);
                Ok(())
            }
            Side::Reference => by_c(&mutex),
        }),
        Lock::Write => contest.hold(move |side| match side {
            Side::Ours => {
                let guard = rwlock.write()?;
                section();
                drop(guard);
                Ok(())
            }
            Side::Reference => {
                c::write(&rwlock)?;
                section();
                c::unlock_written(&rwlock)
            }
        }),
        Lock::Semaphore => contest.hold(move |side| match side {
            Side::Ours => {
                sem.wait()?;
                section();
                sem.post()
            }
            Side::Reference => {
                c::wait(&sem)?;
                section();
                c::post(&sem)
            }
        }),
        Lock::Native | Lock::NativeBesideParkingLot => contest.hold(move |side| match side {
            Side::Ours => {
                let guard = native.lock().map_err(plain)?;
                section();
                drop(guard);
                Ok(())
            }
            Side::Reference if matches!(lock, Lock::Native) => by_c(&mutex),
            Side::Reference => {
                let guard = PARKING_LOT.lock();
                section();
                drop(guard);
                Ok(())
            }
        }),
        Lock::NativeWrite => contest.hold(move |side| match side {
            Side::Ours => {
                let guard = native_rwlock.write()?;
                section();
                drop(guard);
                Ok(())
            }
            Side::Reference => {
                c::write(&rwlock)?;
                section();
                c::unlock_written(&rwlock)
            }
        }),
        Lock::Std => contest.hold(move |side| match side {
            Side::Ours => {
                let guard = STD.lock();
                section();
                drop(guard);
                Ok(())
            }
            Side::Reference => by_c(&mutex),
        }),
        Lock::ParkingLot => contest.hold(move |side| match side {
            Side::Ours => {
                let guard = PARKING_LOT.lock();
                section();
                drop(guard);
                Ok(())
            }
            Side::Reference => by_c(&mutex),
        }),
    })
}

/// Discards the case of a dead owner, which does not occur here.
fn plain<G>(err: LockError<G>) -> Error {
    match err {
        LockError::Failed(err) => err,
        _ => Error::os("pthread_mutex_lock", "", Errno::EOWNERDEAD),
    }
}

/// Work that is not optimised away.
pub(crate) fn work(steps: u64) {
    for step in 0..steps {
        black_box(step);
    }
}

/// The steps of `work` that take 50 ns.
pub(crate) fn steps_of_50_ns() -> u64 {
    const STEPS: u64 = 10_000_000;
    work(STEPS);
    let start = Instant::now();
    work(STEPS);
    u64::try_from(u128::from(STEPS) * 50 / start.elapsed().as_nanos()).unwrap_or(STEPS)
}

/// The work done by each contender. Each has its own counters of turns begun and of work done,
/// which only grow.
struct Contest {
    begun: [Object<AtomicU64>; 2],
    done: [Object<AtomicU64>; 2],
}

impl Contest {
    fn new(stage: &mut Stage) -> Result<Self> {
        let begun = [stage.number()?, stage.number()?];
        let done = [stage.number()?, stage.number()?];
        Ok(Self { begun: stage.mine_and_theirs(begun), done: stage.mine_and_theirs(done) })
    }

    /// Both begin at the same time, and continue until together they have done the ordered work.
    fn hold(self, mut once: impl FnMut(Side) -> Result<()> + 'static) -> Work {
        const STRIDE: u64 = 64;
        Box::new(move |side, times| {
            let [mine, theirs] = &self.done;
            let before = [mine, theirs].map(|done| done.load(Ordering::Acquire));
            let since = |done: &AtomicU64, before: u64| done.load(Ordering::Acquire) - before;
            let [begun, others] = &self.begun;
            let turn = begun.fetch_add(1, Ordering::AcqRel) + 1;
            while others.load(Ordering::Acquire) < turn {
                spin_loop();
            }
            loop {
                for _ in 0..STRIDE {
                    once(side)?;
                }
                mine.fetch_add(STRIDE, Ordering::AcqRel);
                let counts = [since(mine, before[0]), since(theirs, before[1])];
                if counts[0] + counts[1] >= times {
                    return Ok(Some(counts));
                }
            }
        })
    }
}
