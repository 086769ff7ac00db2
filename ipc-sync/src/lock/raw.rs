//! The traits of kinds of locks.

#![expect(unsafe_code, reason = "states what a kind of lock promises")]

use ipc_core::{Deadline, Errno, Error};
use ipc_mem::Resident;

use crate::lock::Owner;

/// How an attempt to acquire a lock ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Acquired {
    /// The lock was acquired.
    Locked,
    /// The lock was acquired, and its last owner died holding it.
    OwnerDied,
    /// The lock was not acquired: it is held, or was until the deadline.
    No,
    /// The lock was not acquired and never will be: an owner died, and the next released it without repairing the data.
    NotRecoverable,
}

/// A call that failed, without the name of the object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The function that failed.
    pub call: &'static str,
    /// Why.
    pub errno: Errno,
}

impl From<Failure> for Error {
    fn from(Failure { call, errno }: Failure) -> Self {
        Self::os(call, "", errno)
    }
}

/// The result of an attempt to acquire a lock. After a [`Failure`] the thread does not hold it.
pub type Attempt = Result<Acquired, Failure>;

/// A kind of lock that one thread at a time holds.
///
/// # Safety
///
/// 1. After an attempt to lock that returned [`Acquired::Locked`] or [`Acquired::OwnerDied`], no other attempt
///    on the same lock returns either, in any process, until [`unlock`](Self::unlock) is called or the
///    calling thread has ended. A recursive lock may return them to the same thread, and is
///    [refused](Self::refuses_data) for data.
/// 2. If the end of the calling thread, as opposed to the end of its process, can let another attempt succeed, that
///    attempt returns `OwnerDied`, and [`Owner`](Self::Owner) is [`OwnerWord`](crate::lock::OwnerWord).
/// 3. Whatever happens before `unlock` happens before the return of the next attempt that succeeds.
pub unsafe trait RawLock: Resident {
    /// The record beside the data that proves which process may still write to it.
    type Owner: Owner;

    /// Acquires the lock, and waits for as long as it is held.
    ///
    /// # Errors
    ///
    /// The call that failed.
    fn lock(&self) -> Attempt;

    /// Acquires the lock if it is free.
    ///
    /// # Errors
    ///
    /// The call that failed.
    fn try_lock(&self) -> Attempt;

    /// Acquires the lock if it is free, or becomes free before the deadline, which is computed only if the lock is held.
    ///
    /// # Errors
    ///
    /// The call that failed.
    fn lock_until(&self, deadline: impl FnOnce() -> Deadline) -> Attempt;

    /// Releases the lock. A kind of lock that knows its owner ignores a thread that is not the owner.
    ///
    /// # Safety
    ///
    /// The calling thread acquired it, in this process or in that from which this one was forked, and releases it once
    /// for each time.
    unsafe fn unlock(&self);

    /// Marks a lock as repaired whose owner died.
    ///
    /// # Errors
    ///
    /// [`EINVAL`](Errno::EINVAL) if no owner of it died.
    fn mark_consistent(&self) -> Result<(), Failure>;

    /// Notes that the data was not repaired, so that the next attempt returns [`Acquired::OwnerDied`] again. Called before
    /// [`unlock`](Self::unlock) by a thread that got `OwnerDied`, if there is no [`OwnerWord`](crate::lock::OwnerWord).
    fn leave_unrepaired(&self) {}

    /// Why a lock with these options may not have data, if so.
    fn refuses_data(options: &Self::Options) -> Option<Error> {
        let _ = options;
        None
    }
}

/// A kind of lock that several threads hold to read, or one to write.
///
/// # Safety
///
/// The promises of [`RawLock`], where a thread that reads excludes those that write, and one that writes excludes all
/// others. The end of a thread releases nothing.
pub unsafe trait RawRwLock: Resident {
    /// Acquires the lock to read, and waits for as long as a thread writes.
    ///
    /// # Errors
    ///
    /// The call that failed.
    fn read(&self) -> Attempt;

    /// Acquires the lock to read if no thread writes.
    ///
    /// # Errors
    ///
    /// The call that failed.
    fn try_read(&self) -> Attempt;

    /// Acquires the lock to read before the deadline, which is computed only if a thread writes.
    ///
    /// # Errors
    ///
    /// The call that failed.
    fn read_until(&self, deadline: impl FnOnce() -> Deadline) -> Attempt;

    /// Acquires the lock to write, and waits for as long as it is held.
    ///
    /// # Errors
    ///
    /// The call that failed.
    fn write(&self) -> Attempt;

    /// Acquires the lock to write if it is free.
    ///
    /// # Errors
    ///
    /// The call that failed.
    fn try_write(&self) -> Attempt;

    /// Acquires the lock to write before the deadline, which is computed only if the lock is held.
    ///
    /// # Errors
    ///
    /// The call that failed.
    fn write_until(&self, deadline: impl FnOnce() -> Deadline) -> Attempt;

    /// Releases the lock.
    ///
    /// # Safety
    ///
    /// The calling thread acquired it, and releases it once for each time.
    unsafe fn unlock(&self);

    /// Marks a lock as repaired whose owner died. A kind whose attempts never return `OwnerDied` refuses.
    ///
    /// # Errors
    ///
    /// [`EINVAL`](Errno::EINVAL) if no owner of it died.
    fn mark_consistent(&self) -> Result<(), Failure> {
        Err(Failure { call: "mark_consistent", errno: Errno::EINVAL })
    }

    /// Notes that the data was not repaired, so that the next attempt returns [`Acquired::OwnerDied`] again. Called before
    /// [`unlock`](Self::unlock) by a thread that got `OwnerDied`.
    fn leave_unrepaired(&self) {}
}

/// A kind of condition variable.
///
/// # Safety
///
/// [`wait_until`](Self::wait_until) releases the lock and acquires it again as [`RawLock`] promises.
pub unsafe trait RawCondvar: Resident {
    /// The kind of lock that it releases while a thread waits.
    type Lock: RawLock;

    /// Wakes a waiting thread.
    ///
    /// # Errors
    ///
    /// The errors of the system.
    fn notify_one(&self) -> Result<(), Failure>;

    /// Wakes all waiting threads.
    ///
    /// # Errors
    ///
    /// The errors of the system.
    fn notify_all(&self) -> Result<(), Failure>;

    /// Releases the lock, waits for a notification or the deadline, and acquires the lock again without a deadline. The
    /// `bool` is `false` if the deadline came.
    ///
    /// After a failure, and after [`Acquired::NotRecoverable`], the thread does not hold the lock.
    ///
    /// # Errors
    ///
    /// The call that failed.
    ///
    /// # Safety
    ///
    /// The calling thread holds the lock, and there is no reference to data that the lock guards.
    unsafe fn wait_until(
        &self,
        lock: &Self::Lock,
        deadline: Deadline,
    ) -> Result<(Acquired, bool), Failure>;
}
