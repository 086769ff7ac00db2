//! Uncontended locks.

use std::hint::black_box;

use ipc_core::{Errno, Error, Result};
use ipc_mem::{Fresh, LocalMemory, Placed};
use ipc_sync::pthread::{
    Condvar, Mutex, MutexKind, MutexOptions, RawMutex, RawRwLock, RecursiveMutex, RwLockOptions,
};
use ipc_sync::{LockError, futex};

use crate::sys::lock::{self, Kind};
use crate::sys::{failed, from_c};
use crate::{Group, Pair, Ratio, Side};

/// The group.
pub const GROUP: Group = Group {
    name: "lock",
    about: "Acquiring and releasing by one thread, beside C's calls on a lock of the same kind,\n\
            shared between processes. In the rows *from a C file*, the same loop in C replaces\n\
            ours; in their rows, so do the locks of `std` and `parking_lot`, which work between\n\
            the threads of one process only. The *native* locks survive their owners, as\n\
            only the robust ones of C do.",
    ratio: Ratio::Time,
    pairs,
};

/// The target for `lock`.
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
    let ours = Mutex::create_in(memory()?, 0u64)?;
    let take = move || ours.lock().map(drop).map_err(plain);
    visit(
        mutex("mutex with data, robust and error-checking", Kind::RobustErrorChecking, take)?
            .target(TARGET),
    )?;
    for (name, kind) in
        [("mutex, from a C file", Kind::Normal), ("mutex, robust, from a C file", Kind::Robust)]
    {
        let lock = c(lock::Mutex::new(kind))?;
        visit(beside_c(name, lock, from_c::mutex, lock::Mutex::lock_and_unlock))?;
    }
    for (name, kind, target) in [
        ("native mutex", Kind::Normal, 0.90),
        ("native mutex, beside a robust one", Kind::Robust, 0.80),
    ] {
        let ours = futex::RawMutex::create_in(memory()?, ())?;
        let take = move || ours.lock().map(drop).map_err(plain);
        visit(mutex(name, kind, take)?.target(target))?;
    }
    let ours = RecursiveMutex::create_in_with(
        memory()?,
        0u64,
        MutexOptions::new().kind(MutexKind::Recursive).stalled(),
    )?;
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

    let (ours, plain) =
        (RawRwLock::create_in(memory()?, RwLockOptions::new())?, c(lock::RwLock::new())?);
    visit(
        pair(
            "read lock",
            move || ours.read().map(drop).map_err(Into::into),
            move || plain.read_and_unlock(),
        )
        .target(TARGET),
    )?;
    let (ours, plain) =
        (RawRwLock::create_in(memory()?, RwLockOptions::new())?, c(lock::RwLock::new())?);
    visit(
        pair(
            "write lock",
            move || ours.write().map(drop).map_err(Into::into),
            move || plain.write_and_unlock(),
        )
        .target(TARGET),
    )?;

    let (ours, plain) = (native_rwlock()?, c(lock::RwLock::new())?);
    let read = move || ours.read().map(drop).map_err(Into::into);
    visit(pair("native read lock", read, move || plain.read_and_unlock()).target(0.90))?;
    let (ours, plain) = (native_rwlock()?, c(lock::RwLock::new())?);
    let write = move || ours.write().map(drop).map_err(Into::into);
    visit(pair("native write lock", write, move || plain.write_and_unlock()).target(0.62))?;

    let (read, write) = (c(lock::RwLock::new())?, c(lock::RwLock::new())?);
    let from_c = |write: bool| move |lock: &lock::RwLock, times| from_c::rwlock(lock, write, times);
    visit(beside_c(
        "read lock, from a C file",
        read,
        from_c(false),
        lock::RwLock::read_and_unlock,
    ))?;
    visit(beside_c(
        "write lock, from a C file",
        write,
        from_c(true),
        lock::RwLock::write_and_unlock,
    ))?;
    let ours = std::sync::RwLock::new(());
    let plain = c(lock::RwLock::new())?;
    let take = move || {
        drop(black_box(&ours).read());
        Ok(())
    };
    visit(pair("std::sync::RwLock, read", take, move || plain.read_and_unlock()))?;
    let ours = parking_lot::RwLock::new(());
    let plain = c(lock::RwLock::new())?;
    let take = move || {
        drop(black_box(&ours).read());
        Ok(())
    };
    visit(pair("parking_lot::RwLock, read", take, move || plain.read_and_unlock()))?;

    let (ours, plain) = (Condvar::create_in(memory()?)?, c(lock::Condvar::new())?);
    visit(
        pair("notify without waiters", move || ours.notify_one(), move || plain.signal())
            .target(TARGET),
    )?;
    let (ours, plain) = (futex::Condvar::create_in(memory()?)?, c(lock::Condvar::new())?);
    let notify = move || ours.notify_one();
    visit(pair("native, notify without waiters", notify, move || plain.signal()).target(0.35))?;
    visit(beside_c(
        "notify without waiters, from a C file",
        c(lock::Condvar::new())?,
        from_c::condvar,
        lock::Condvar::signal,
    ))?;
    let (ours, plain) = (std::sync::Condvar::new(), c(lock::Condvar::new())?);
    let notify = move || {
        black_box(&ours).notify_one();
        Ok(())
    };
    visit(pair("std::sync::Condvar, notify without waiters", notify, move || plain.signal()))
}

fn native_rwlock() -> Result<Placed<futex::RawRwLock, LocalMemory>> {
    futex::RawRwLock::create_in(LocalMemory::new(4096)?, ())
}

fn memory() -> Result<Fresh<LocalMemory>> {
    LocalMemory::new(128)
}

fn c<T>(made: Result<T, Errno>) -> Result<T> {
    made.map_err(failed)
}

/// Discards the case of a dead owner, which does not occur here.
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

fn pair(
    name: &str,
    ours: impl Fn() -> Result<()> + 'static,
    plain: impl Fn() -> Result<(), Errno> + 'static,
) -> Pair {
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

/// Runs both sides with C's calls, with a C file in place of our calls.
fn beside_c<T: 'static>(
    name: &str,
    lock: T,
    from_c: impl Fn(&T, u64) -> Result<()> + 'static,
    plain: fn(&T) -> Result<(), Errno>,
) -> Pair {
    Pair::new(name, move |side, times| match side {
        Side::Ours => from_c(&lock, times),
        Side::Reference => (0..times).try_for_each(|_| c(plain(&lock))),
    })
}
