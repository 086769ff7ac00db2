//! Locks, semaphores and barriers of this toolkit, which survive the death of any process at any
//! instruction. They are called *native* on these pages; those of the C library are in
//! [`pthread`](crate::pthread) and [`posix`](crate::posix).
//!
//! | to | use |
//! |---|---|
//! | let one thread at a time use data | [`Mutex`]; [`RawMutex`] without data |
//! | let several threads read data, or one write it; let a reader become a writer | [`RwLock`]; [`RawRwLock`] without data |
//! | wait until another thread has changed data | [`Condvar`], with a [`Mutex`] or [`RwLock`] |
//! | count | [`Semaphore`] |
//! | limit how many threads use something, and get back the permits of killed processes | [`Permits`] |
//! | wait for a state, or notify one thread (by a [`Signal`] of this module, not a POSIX signal) | [`Event`] |
//! | initialise something once | [`Once`], [`OnceValue`] |
//! | wait until all parties have arrived | [`Barrier`] |
//! | wait until all tasks are done | [`Latch`] |
//! | read the state of an object from its bytes | [`NativeInfo`] |
//!
//! These objects consist of integers in shared memory, and use the kernel's futex calls. Each lives
//! in any [memory object](ipc_mem::Memory), at any aligned offset: named memory, anonymous memory,
//! a System V segment, a file, memory for forked children, or private memory. C programs cannot use
//! them. To share a lock with C, use [`pthread`](crate::pthread).
//!
//! # When a process is killed
//!
//! | object | after the death of a process |
//! |---|---|
//! | [`Mutex`] | if it held the lock, the next caller gets [`OwnerDied`](crate::LockError::OwnerDied) and the lock |
//! | [`RwLock`] | if it was reading, with an ordinary or an [upgradable guard](crate::lock::RwLock::upgradable_read), writers no longer wait for it; if it was writing, the next caller gets `OwnerDied` |
//! | [`Condvar`] | a notification may be lost, but each waiting thread checks its condition again after about a tenth of a second |
//! | [`Semaphore`] | the permits that it had acquired are lost; a lost wake-up only delays the other threads |
//! | [`Permits`] | its permits are free again |
//! | [`Event`] | the [`Signal`] that it was handling, if any, is [redelivered](Signal::is_redelivered) |
//! | [`Once`], [`OnceValue`] | the next caller initialises [again](Begin::Again) |
//! | [`Barrier`] | each party that waits in the round gets [`Broken`], and the place of the killed party is free |
//! | [`Latch`] | another thread can begin its task |
//!
//! A process that is stopped (`SIGSTOP`) is not dead: it keeps what it holds.
//!
//! # How a death is proved
//!
//! A process can hold a lock, a permit or a task. For each of these, an integer in shared memory
//! records the process that holds it, by process id and start time
//! ([`ProcessInstance`](ipc_core::ProcessInstance)). The compare-and-exchange that acquires the
//! lock, permit or task also stores this record. A waiting thread checks after 2 ms whether the
//! holder is dead, and then again at intervals that grow to one second. So a thread that has just
//! begun to wait learns of a death within some milliseconds, and a thread that has waited for long
//! learns of it within a second.
//!
//! The holder counts as dead only if one of three facts is proved: the process does not exist; its
//! id belongs to a later process; or all its threads are exiting and will not return to user mode.
//! The last two proofs need `/proc`. Without `/proc`, the holder counts as dead only when all its
//! threads have ended. A long wait is never taken as a proof.
//!
//! A process has another id in another PID namespace, and another start time in another time
//! namespace. So all processes that share one of these objects, except a [`Condvar`] or
//! [`Semaphore`], must be in the same PID namespace and the same time namespace. `Shared::open` of
//! `ipc-shm` refuses an object from other namespaces. A [`Condvar`] or [`Semaphore`] records no
//! process, so it may be shared between namespaces. Processes of different users may share an
//! object if the permissions of the memory allow it.
//!
//! Only opening checks the namespaces. A process that moves to another namespace must not use
//! handles that it opened or inherited before: it would treat living holders as dead.
//!
//! If a thread leaks its guard, or ends without dropping it, or if the process calls `exec`, the
//! lock, permit or task stays held until the process ends.
//!
//! # Fork and damage
//!
//! A child of `fork` has copies of its parent's guards, but holds nothing: dropping the copies
//! changes nothing. If another program damages the words of an object, calls may fail or block, or
//! a lock may give its data to two threads at once; the code of the object itself has no undefined
//! behaviour. The data that a lock guards is [`Plain`](ipc_mem::Plain): any bytes are a valid
//! value.
//!
//! # Waiting
//!
//! A thread polls for half a microsecond, then yields a few times, then sleeps. A thread whose last
//! sleep took less than 0.1 ms yields for longer in the next wait, up to 50 µs, to save the sleep.
//! A thread that waits for a mutex or a read/write lock checks less often, so that it does not
//! delay the owner: it pauses before each check, for longer each time, up to 2 µs. Then it also
//! yields, and at last sleeps. `lock`, `wait`, `acquire` and `receive` wait without a limit;
//! `try_…` never waits; `…_timeout` and `…_deadline` wait until the timeout or deadline. A POSIX
//! signal does not interrupt a wait. If a thread has waited for a millisecond for a mutex or
//! read/write lock, it goes before threads that begin to wait later.

mod barrier;
mod condvar;
mod event;
mod info;
mod latch;
mod mutex;
mod once;
mod once_value;
mod owned_lock;
mod permits;
mod readers;
mod round;
mod rwlock;
mod rwlock_wait;
mod semaphore;
mod slots;
mod upgradable;

pub use barrier::{Barrier, Broken, Party};
pub use condvar::{Condvar, FutexCondvar};
pub use event::{Event, Reset, Signal};
pub use info::{NativeInfo, NativeState};
pub use latch::{Latch, Task};
pub use mutex::{
    FutexMutex, LockResult, Mutex, MutexGuard, RawLockResult, RawMutex, RawMutexGuard,
};
pub use once::{Begin, Once};
pub use once_value::OnceValue;
pub use permits::{Permit, Permits};
pub use rwlock::{FutexRwLock, RawRwLock, RwLock, RwLockReadGuard, RwLockWriteGuard};
pub use rwlock_wait::RwLockGuard;
pub use semaphore::Semaphore;
pub use upgradable::RwLockUpgradableGuard;
