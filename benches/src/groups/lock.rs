//! Locks that nobody else wants.

use std::hint::black_box;

use ipc_core::{Errno, Error, LocalMemory, Result};
use ipc_sync::LockError;
use ipc_sync::pthread::{Condvar, MutexKind, MutexOptions, RawMutex, RawRwLock, RecursiveMutex, RwLockOptions};

use crate::sys::lock::{self, Kind};
use crate::{Group, Pair, Ratio, Side};

/// The group.
pub const GROUP: Group = Group {
    name: "lock",
    about: "Taking and giving back by one thread, beside the same calls of C on a lock of the same kind, made for several\n\
            processes. The locks of `std` and `parking_lot`, which are for the threads of one process, are there to be\n\
            compared: they stand for ours in their rows.",
    ratio: Ratio::Time,
    pairs,
};

/// What `lock` promises.
const TARGET: f64 = 1.03;

fn pairs(visit: &mut dyn FnMut(Pair) -> Result<()>) -> Result<()> {
    for (name, kind, options) in [
        ("mutex", Kind::Normal, MutexOptions::new().kind(MutexKind::Normal).stalled()),
        ("mutex, robust", Kind::Robust, MutexOptions::new().kind(MutexKind::Normal)),
        ("mutex, robust and error-checking", Kind::RobustErrorChecking, MutexOptions::new()),
    ] {
        let ours = RawMutex::create_in(memory()?, options)?;
        let take = move || ours.lock().map(drop).map_err(plain);
        visit(mutex(name, kind, take)?.target(TARGET))?;
    }
    let ours = RecursiveMutex::create_with(memory()?, 0u64, MutexOptions::new().kind(MutexKind::Recursive).stalled())?;
    let take = move || ours.lock().map(drop).map_err(plain);
    visit(mutex("mutex, recursive", Kind::Recursive, take)?.target(TARGET))?;
    let ours = std::sync::Mutex::new(());
    visit(mutex("std::sync::Mutex", Kind::Normal, move || {
        drop(black_box(&ours).lock());
        Ok(())
    })?)?;
    let ours = parking_lot::Mutex::new(());
    visit(mutex("parking_lot::Mutex", Kind::Normal, move || {
        drop(black_box(&ours).lock());
        Ok(())
    })?)?;

    let (ours, plain) = (RawRwLock::create_in(memory()?, RwLockOptions::new())?, c(lock::RwLock::new())?);
    visit(pair("read lock", move || ours.read().map(drop), move || plain.read_and_unlock()).target(TARGET))?;
    let (ours, plain) = (RawRwLock::create_in(memory()?, RwLockOptions::new())?, c(lock::RwLock::new())?);
    visit(pair("write lock", move || ours.write().map(drop), move || plain.write_and_unlock()).target(TARGET))?;

    let (ours, plain) = (Condvar::create_in(memory()?)?, c(lock::Condvar::new())?);
    visit(pair("notify nobody", move || ours.notify_one(), move || plain.signal()).target(TARGET))
}

fn memory() -> Result<LocalMemory> {
    LocalMemory::new(128)
}

fn c<T>(made: Result<T, Errno>) -> Result<T> {
    made.map_err(|errno| Error::os("pthread", "", errno))
}

/// No owner dies here.
fn plain<G>(err: LockError<G>) -> Error {
    match err {
        LockError::Failed(err) => err,
        _ => Error::os("pthread_mutex_lock", "", Errno::EOWNERDEAD),
    }
}

fn mutex(name: &str, kind: Kind, ours: impl Fn() -> Result<()> + 'static) -> Result<Pair> {
    let plain = c(lock::Mutex::new(kind))?;
    Ok(pair(name, ours, move || plain.lock_and_unlock()))
}

fn pair(name: &str, ours: impl Fn() -> Result<()> + 'static, plain: impl Fn() -> Result<(), Errno> + 'static) -> Pair {
    Pair::new(name, move |side, times| {
        for _ in 0..times {
            match side {
                Side::Ours => ours()?,
                Side::Reference => c(plain())?,
            }
        }
        Ok(())
    })
}
