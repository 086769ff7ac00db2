//! Locks of the C library, and the data they guard.
//!
//! | to | there is |
//! |---|---|
//! | let one thread at a time use data | [`Mutex`]; [`RecursiveMutex`] if it may lock again; [`SpinLock`] for a moment |
//! | let several read it or one write it | [`RwLock`] |
//! | wait until somebody changed it | [`Condvar`] |
//! | wait until all have come | [`Barrier`] |
//! | use a lock that another program laid out | [`RawMutex`], [`RawRwLock`], [`RawSpinLock`] |
//!
//! Each lives in a [`Memory`](ipc_mem::Memory): `create_in` makes it in a fresh one, and `open_in` finds what
//! somebody made, for which the caller vouches. Only who made one ends it. Locks of two C libraries are
//! not alike, nor those of two word sizes; those of glibc before and after 2.25 or 2.41 are not in all cases.
//!
//! # When a process is killed
//!
//! | object | what its owner's or waiter's `kill -9` does | what helps |
//! |---|---|---|
//! | robust mutex, the default | the next to lock it is told ([`OwnerDied`](crate::LockError::OwnerDied)) | the kernel, at once, for the 2048 that a thread locked last |
//! | mutex that is not robust | it stays locked for ever | a time-out |
//! | [`RwLock`] | it stays locked for ever: a killed reader keeps writers out | a time-out |
//! | [`Condvar`] of glibc before 2.41 | after a waiter was killed, notifying can wait for ever | nothing |
//! | [`Condvar`] of glibc from 2.41 on, or of musl | nothing, but a wake-up may be lost with a waiter | a time-out |
//! | [`Barrier`] | if it had not come yet, the others wait for ever | nothing |
//! | [`SpinLock`] | it stays locked for ever | nothing |
//! | [`posix::Semaphore`](crate::posix::Semaphore) | what it had taken is lost | time-outs; lost wake-ups mend themselves |
//!
//! # Who may share one
//!
//! The C library and the kernel know an owner by its thread id. All who share a lock are therefore in one PID namespace:
//! in another, two threads can have the same id, and each be taken for the other.
//!
//! A child of `fork` has a copy of each guard its parent held, but not the lock. Robust, error-checking and recursive
//! mutexes refuse what it would give back; the others, read/write locks and spin locks do not know who holds them, so
//! that a child that drops such a guard gives back its parent's lock: it leaks it, or calls `exec` or `_exit`.
//!
//! # Leaked guards
//!
//! A robust mutex that is held is known to the kernel by its address. If its guard is leaked (`mem::forget`), its
//! memory is not unmapped when the mutex is dropped, as long as the thread that holds it lives: it is leaked too.
//!
//! The kernel gives a robust mutex to the next when the thread that holds it ends, be its process alive or not. A `&mut` of
//! the data, from a guard that was leaked, could live on in another thread. So a thread must not end while it holds a
//! [`MutexGuard`], robust or not: if it does, that is said on standard error, and the process is aborted. A guard in a
//! `thread_local!` is dropped before. The main thread, which ends with its process, may leak what it likes; so may any
//! thread that lives as long. [`RawMutexGuard`] and [`RecursiveMutexGuard`] give out nothing that leaves their thread:
//! theirs is told to the next owner, and that is all.

mod barrier;
mod condvar;
mod data_held;
mod mutex;
mod options;
mod raw_mutex;
mod raw_rwlock;
mod raw_spin_lock;
mod recursive_mutex;
mod rwlock;
mod spin_lock;

pub use barrier::Barrier;
pub use condvar::Condvar;
pub use data_held::DataHeld;
pub use mutex::{LockResult, Mutex, MutexGuard};
pub use options::{MutexKind, MutexOptions, Preference, Protocol, RwLockOptions, Sharing};
pub use raw_mutex::{RawLockResult, RawMutex, RawMutexGuard};
pub use raw_rwlock::{RawRwLock, RawRwLockGuard};
pub use raw_spin_lock::{RawSpinLock, RawSpinLockGuard};
pub use recursive_mutex::{RecursiveLockResult, RecursiveMutex, RecursiveMutexGuard};
pub use rwlock::{RwLock, RwLockReadGuard, RwLockWriteGuard};
pub use spin_lock::{SpinLock, SpinLockGuard};
