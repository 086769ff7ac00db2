//! Locks of the C library, and the data they guard.
//!
//! | to | use |
//! |---|---|
//! | let one thread at a time use data | [`Mutex`]; [`RecursiveMutex`] if that thread may lock it again; [`SpinLock`] for a few instructions |
//! | let several threads read data, or one write it | [`RwLock`] |
//! | wait until another thread has changed data | [`Condvar`] |
//! | wait until all threads have arrived | [`Barrier`] |
//! | use a lock without data, such as a field of a C struct | [`RawMutex`], [`RawRwLock`], [`RawSpinLock`] |
//!
//! Each lives in a [`Memory`](ipc_mem::Memory): `create_in` creates it in [fresh](ipc_mem::Fresh)
//! memory, and `open_in`, which is unsafe, opens one that exists. In `ipc-shm`, `Shared` creates
//! and opens them by name, and checks what it opens. The locks of glibc and musl differ, and so do
//! those of 32-bit and 64-bit programs. glibc 2.25 changed read/write locks and condition
//! variables, and glibc 2.41 changed condition variables again. So a program with glibc 2.40 or
//! earlier and one with 2.41 or later cannot share a `Condvar`.
//!
//! # When a process is killed
//!
//! | object | what `kill -9` of its owner or of a waiting process does | what helps |
//! |---|---|---|
//! | robust mutex, the default | the next caller to lock it gets [`OwnerDied`](crate::LockError::OwnerDied) when no thread of the killed process can write to the data | nothing is needed; but if a thread holds more than 2048 mutexes, the kernel releases only the 2048 that it locked last |
//! | mutex that is not robust | it stays locked for ever | a timeout |
//! | [`RwLock`] | it stays locked for ever: a killed reader keeps writers out | a timeout |
//! | [`Condvar`], if a waiting process is killed, glibc before 2.41 | later notifications can block for ever | nothing |
//! | [`Condvar`], if a notifying process is killed, every glibc | later notifications, and timed waits whose timeout expires, can block for ever | nothing |
//! | [`Barrier`] | the others wait for ever, unless the killed thread had arrived | nothing |
//! | [`SpinLock`] | it stays locked for ever | a timeout |
//! | [`posix::Semaphore`](crate::posix::Semaphore) | the permits that the killed process held are lost | timeouts; a lost wake-up is noticed within a second |
//!
//! # The death of an owner
//!
//! The kernel releases a robust mutex when the *thread* that holds it ends. Other threads of a
//! dying process may still be writing to the data: for 30 µs usually, and for more than a second if
//! they are in a long system call. So a [`Mutex`] stores its owner's process beside the data. The
//! next caller gets the data when `/proc` proves that this process writes no more: the process does
//! not exist, or all its threads are exiting. This takes some milliseconds, whatever the size of
//! the process, but a core dump can delay it. If the timeout of a call expires before the proof, it
//! returns `None`. In a sandbox without `/proc`, callers wait until the process has ended.
//!
//! [`RawMutexGuard`] and [`RecursiveMutexGuard`] need no such proof: a `RawMutexGuard` gives no
//! access to data, and only the thread that holds a `RecursiveMutexGuard` can write through it. So
//! the lock is free for others as soon as this thread has ended.
//!
//! # Which processes may share a lock
//!
//! The C library and the kernel know the owner of a mutex, and the writer of a read/write lock, by
//! its thread id. All processes that share such a lock must therefore be in the same PID namespace:
//! otherwise two threads can have the same id, and so hold one lock at the same time. The start
//! time that a [`Mutex`] records is valid only in one time namespace. `Shared` refuses to open a
//! mutex or a read/write lock of any kind that was created in another PID or time namespace. A
//! process that moves to another namespace must not use handles that it opened or inherited before.
//!
//! A robust mutex needs a kernel that records the robust mutexes of each thread. Where a sandbox
//! denies `set_robust_list`, creating a robust mutex fails. A process in such a sandbox can still
//! open one; but if it is killed while it holds the mutex, no other process learns of its death.
//! The locks of [`futex`](crate::futex) need no such record.
//!
//! A child of `fork` has a copy of each guard that its parent held, but does not hold the locks.
//! Dropping the copy of a [`MutexGuard`] in the child does nothing. Dropping the copy of another
//! guard is harmless only if the lock checks its owner. These locks do: a [`RecursiveMutex`], and a
//! [`RawMutex`] that is robust, error-checking or recursive. All other raw mutexes, and all
//! read/write locks and spin locks, do not check their owner: if the child drops a guard of one of
//! these, it releases its parent's lock. So the child must leak this guard, or call `exec` or
//! `_exit`.
//!
//! # Leaked guards
//!
//! If a [`MutexGuard`] is leaked (`mem::forget`), its data stays locked at least until the process
//! ends, even if the thread ends first. The kernel knows a held robust mutex by its address. So
//! this crate keeps its memory mapped until the thread that holds it has ended, even if the handle
//! is dropped.

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
