//! Locks with data, generic over the kind of lock.
//!
//! A *kind* of lock is a type that implements [`RawLock`], [`RawRwLock`] or [`RawCondvar`]. It
//! defines how a lock is laid out, acquired and released, and what it knows about a dead owner. For
//! every kind of lock, this module has a mutex or read/write lock with data, its guards, and the
//! repair after a death; and condition variables for mutexes. Use the aliases in
//! [`futex`](crate::futex) (native locks) and [`pthread`](crate::pthread) (locks of the C library),
//! such as [`pthread::Mutex`](crate::pthread::Mutex).

mod bare_mutex;
mod bare_rwlock;
mod condvar;
mod initial;
mod lock_error;
mod mutex;
mod mutex_guard;
mod owner;
mod raw;
mod rwlock;
mod rwlock_guard;

pub use bare_mutex::{BareLockResult, BareMutex, BareMutexGuard};
pub use bare_rwlock::{BareRwLock, BareRwLockGuard};
pub use condvar::{Condvar, Waited};
pub use initial::Initial;
pub use lock_error::{LockError, Unrepaired};
pub use mutex::{LockResult, Mutex};
pub use mutex_guard::MutexGuard;
pub use owner::{NoOwner, Owner, OwnerWord};
pub use raw::{Acquired, Attempt, Failure, RawCondvar, RawLock, RawRwLock};
pub use rwlock::RwLock;
pub use rwlock_guard::{RwLockReadGuard, RwLockWriteGuard};
