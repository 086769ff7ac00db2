//! Locks of the C library, and the data they guard.
//!
//! | to | there is |
//! |---|---|
//! | let one thread at a time use data | [`Mutex`]; [`RecursiveMutex`] if it may lock again; [`SpinLock`] for a few instructions |
//! | let several threads read it or one write it | [`RwLock`] |
//! | wait until another thread changed it | [`Condvar`] |
//! | wait until all threads have arrived | [`Barrier`] |
//! | use a lock that another program laid out | [`RawMutex`], [`RawRwLock`], [`RawSpinLock`] |
//!
//! Each lives in a [`Memory`](ipc_mem::Memory): `create_in` creates it in fresh memory, and `open_in`, which is unsafe, opens
//! one that exists. In `ipc-shm`, `Shared` creates and opens them by name, and checks what it opens. Locks of two C libraries
//! differ, as do those of two word sizes; those of glibc before and after 2.25 or 2.41 differ in some cases.
//!
//! # When a process is killed
//!
//! | object | what `kill -9` of its owner or of a waiting process does | what helps |
//! |---|---|---|
//! | robust mutex, the default | the next caller to lock it gets [`OwnerDied`](crate::LockError::OwnerDied) when the dead process can write no more | nothing is needed; the kernel reports the 2048 mutexes that a thread locked last |
//! | mutex that is not robust | it stays locked for ever | a timeout |
//! | [`RwLock`] | it stays locked for ever: a killed reader keeps writers out | a timeout |
//! | [`Condvar`], a waiting process, glibc before 2.41 | later notifications can wait for ever | nothing |
//! | [`Condvar`], a notifying process, every glibc | later notifications and the ends of timed waits can wait for ever | nothing |
//! | [`Barrier`] | unless it had arrived, the others wait for ever | nothing |
//! | [`SpinLock`] | it stays locked for ever | a timeout |
//! | [`posix::Semaphore`](crate::posix::Semaphore) | the permits it had are lost | timeouts; a lost wake-up is noticed within a second |
//!
//! # The death of an owner
//!
//! The kernel hands a robust mutex on when the *thread* that holds it ends. Other threads of a dying process may
//! still be writing to its data: for 30 µs usually, and for more than a second if they are in a long system call. So a
//! [`Mutex`] stores its owner's process beside the data, and the next caller gets the data when that process
//! provably writes no more: when it does not exist or all its threads are exiting, as `/proc` says. This takes some milliseconds,
//! whatever the size of the process; a core dump takes as long as it takes. A call with a timeout may return before, and
//! leaves the proof to the next. In a sandbox without `/proc` the callers wait for the end of the process.
//!
//! [`RawMutexGuard`] and [`RecursiveMutexGuard`] give out nothing that leaves their thread, so that the end of the thread is
//! all that matters.
//!
//! # Which processes may share a lock
//!
//! The C library and the kernel know an owner by its thread id. All processes that share a lock are therefore in one PID
//! namespace: in another, two threads can have the same id, and so hold one lock at once. `Shared` refuses a
//! lock of another namespace when it is opened. A process that inherited a handle by `fork` and moves to another PID
//! namespace must not use the handle.
//!
//! A robust mutex needs a kernel that records the robust mutexes of each thread. Where a sandbox denies
//! `set_robust_list`, creating one fails; a process in such a sandbox can open one, and if it is killed while it holds the
//! mutex, no other process is told. The locks of [`futex`](crate::futex) need no such record.
//!
//! A child of `fork` has a copy of each guard that its parent held, but not the lock. It does nothing when it drops
//! the guard of a [`Mutex`]. Robust, error-checking and recursive mutexes without data refuse to be unlocked by it; the other
//! raw locks, read/write locks and spin locks do not know their owner, so that a child that drops such a guard releases
//! its parent's lock: it has to leak the guard, or call `exec` or `_exit`.
//!
//! # Leaked guards
//!
//! If a [`MutexGuard`] is leaked (`mem::forget`), its data stays locked until the process ends, even if the thread ends
//! before. A robust mutex that is held is known to the kernel by its address: its memory is not unmapped as long as the thread
//! that holds it lives.

mod barrier;
mod condvar;
mod mutex;
mod options;
mod recursive_mutex;
mod rwlock;
mod spin_lock;

pub use barrier::Barrier;
pub use condvar::{Condvar, PthreadCondvar};
pub use mutex::{
    LockResult, Mutex, MutexGuard, PthreadMutex, RawLockResult, RawMutex, RawMutexGuard,
};
pub use options::{
    BarrierOptions, CondvarOptions, MutexKind, MutexOptions, Preference, Protocol, RwLockOptions,
    Sharing,
};
pub use recursive_mutex::{RecursiveLockResult, RecursiveMutex, RecursiveMutexGuard};
pub use rwlock::{
    PthreadRwLock, RawRwLock, RawRwLockGuard, RwLock, RwLockReadGuard, RwLockWriteGuard,
};
pub use spin_lock::{PthreadSpinLock, RawSpinLock, RawSpinLockGuard, SpinLock, SpinLockGuard};
