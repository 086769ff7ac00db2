//! The traits of kinds of locks.

#![expect(unsafe_code, reason = "states what a kind of lock promises")]

use ipc_core::{Deadline, Errno, Error, Refusal};
use ipc_mem::Resident;

use crate::lock::Owner;

/// How an attempt to acquire a lock ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Acquired {
    /// The lock was acquired.
    Locked,
    /// The lock was acquired, and its last owner died holding it.
    OwnerDied,
    /// The lock was not acquired: another thread holds it, or held it until the deadline.
    No,
    /// The lock can never be acquired again: an owner died, and the next owner released it without
    /// repairing the data.
    NotRecoverable,
}

/// A failed call, without the name of the object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The function that failed.
    pub call: &'static str,
    /// The reason.
    pub errno: Errno,
}

impl From<Failure> for Error {
    fn from(Failure { call, errno }: Failure) -> Self {
        let refusal = Refusal::os(call, errno);
        match errno {
            Errno::EDEADLK => refusal.because("this thread holds the lock already"),
            _ => refusal,
        }
        .on("")
    }
}

/// The result of an attempt to acquire a lock. After a [`Failure`], the thread does not hold the
/// lock.
pub type Attempt = Result<Acquired, Failure>;

/// A kind of lock that one thread at a time holds.
///
/// # Safety
///
/// 1. If an attempt to lock returned [`Acquired::Locked`] or [`Acquired::OwnerDied`], no other
///    attempt on the same lock returns one of these, in any process, until the thread that acquired
///    the lock calls [`unlock`](Self::unlock) or has ended. Exception: a recursive lock may return
///    these values again to the thread that holds it. For the options of such a lock,
///    [`refuses_data`](Self::refuses_data) must return an error.
/// 2. If a thread ends while it holds the lock, and its process lives, either no later attempt
///    succeeds, or the next one that succeeds returns `OwnerDied`, never `Locked`. In the second
///    case, the [`Owner`](Self::Owner) of the kind must be [`OwnerWord`](crate::lock::OwnerWord).
/// 3. Everything that happens before `unlock` happens before the next successful attempt returns.
pub unsafe trait RawLock: Resident {
    /// The record of the process that may still write to the data of the lock. It lies beside the
    /// data.
    type Owner: Owner;

    /// Acquires the lock. Waits while another thread holds it.
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

    /// Acquires the lock if it is free, or becomes free before the deadline. Calls `deadline` only
    /// if another thread holds the lock.
    ///
    /// # Errors
    ///
    /// The call that failed.
    fn lock_until(&self, deadline: impl FnOnce() -> Deadline) -> Attempt;

    /// Releases the lock. A kind of lock that knows its owner ignores a thread that is not the
    /// owner.
    ///
    /// # Safety
    ///
    /// The calling thread acquired the lock, in this process or in the process from which this one
    /// was forked. It calls this once for each time that it acquired the lock.
    unsafe fn unlock(&self);

    /// After an owner died: marks the data as repaired.
    ///
    /// # Errors
    ///
    /// [`EINVAL`](Errno::EINVAL) if no owner of the lock died.
    fn mark_consistent(&self) -> Result<(), Failure>;

    /// Records that the data was not repaired, so that the next attempt returns
    /// [`Acquired::OwnerDied`] again.
    ///
    /// If [`Owner`](Self::Owner) is [`NoOwner`](crate::lock::NoOwner), a thread that got
    /// `OwnerDied` and leaves the repair to the next owner calls this before
    /// [`unlock`](Self::unlock).
    fn leave_unrepaired(&self) {}

    /// Returns an error if a lock with these options must not guard data.
    fn refuses_data(options: &Self::Options) -> Option<Error> {
        let _ = options;
        None
    }
}

/// A kind of lock that several threads can hold for reading, or one for writing.
///
/// # Safety
///
/// The promises of [`RawLock`], with two differences. A thread that reads excludes only threads
/// that write; a thread that writes excludes all others. And the end of a thread does not release
/// the lock.
pub unsafe trait RawRwLock: Resident {
    /// Acquires the lock for reading. Waits while another thread holds it for writing.
    ///
    /// # Errors
    ///
    /// The call that failed.
    fn read(&self) -> Attempt;

    /// Acquires the lock for reading, if that is possible without waiting.
    ///
    /// # Errors
    ///
    /// The call that failed.
    fn try_read(&self) -> Attempt;

    /// Acquires the lock for reading before the deadline. Calls `deadline` only if the thread has
    /// to wait.
    ///
    /// # Errors
    ///
    /// The call that failed.
    fn read_until(&self, deadline: impl FnOnce() -> Deadline) -> Attempt;

    /// Acquires the lock for writing. Waits while another thread holds it.
    ///
    /// # Errors
    ///
    /// The call that failed.
    fn write(&self) -> Attempt;

    /// Acquires the lock for writing if it is free.
    ///
    /// # Errors
    ///
    /// The call that failed.
    fn try_write(&self) -> Attempt;

    /// Acquires the lock for writing before the deadline. Calls `deadline` only if the thread has
    /// to wait.
    ///
    /// # Errors
    ///
    /// The call that failed.
    fn write_until(&self, deadline: impl FnOnce() -> Deadline) -> Attempt;

    /// Releases the lock.
    ///
    /// # Safety
    ///
    /// The calling thread acquired the lock. It calls this once for each time that it acquired the
    /// lock.
    unsafe fn unlock(&self);

    /// After an owner died: marks the data as repaired. For a kind of lock whose attempts never
    /// return `OwnerDied`, this call always fails.
    ///
    /// # Errors
    ///
    /// [`EINVAL`](Errno::EINVAL) if no owner of the lock died.
    fn mark_consistent(&self) -> Result<(), Failure> {
        Err(Failure { call: "mark_consistent", errno: Errno::EINVAL })
    }

    /// Records that the data was not repaired, so that the next attempt returns
    /// [`Acquired::OwnerDied`] again.
    ///
    /// A thread that got `OwnerDied` and leaves the repair to the next owner calls this before
    /// [`unlock`](Self::unlock).
    fn leave_unrepaired(&self) {}
}

/// A kind of condition variable.
///
/// # Safety
///
/// [`wait_until`](Self::wait_until) releases the lock, and acquires it again. For this acquisition,
/// the promises of [`RawLock`] hold.
pub unsafe trait RawCondvar: Resident {
    /// The kind of lock that a wait releases.
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

    /// Releases the lock, waits for a notification or the deadline, and then acquires the lock
    /// again, however long that takes. The `bool` is `false` if the deadline came first.
    ///
    /// After [`Acquired::NotRecoverable`], the thread does not hold the lock. After a failure, the
    /// thread must not use the data: either it does not hold the lock, or the lock stays held until
    /// the thread ends.
    ///
    /// # Errors
    ///
    /// The call that failed.
    ///
    /// # Safety
    ///
    /// The calling thread holds the lock, and no reference to the data that the lock guards exists.
    unsafe fn wait_until(
        &self,
        lock: &Self::Lock,
        deadline: Deadline,
    ) -> Result<(Acquired, bool), Failure>;
}
