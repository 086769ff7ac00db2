//! Native locks that survive the death of any process at any instruction.
//!
//! | to | there is |
//! |---|---|
//! | let one thread at a time use data | [`Mutex`]; [`RawMutex`] without data |
//! | let several read it or one write it, and readers become writers | [`RwLock`]; [`RawRwLock`] without data |
//! | wait until another process has changed it | [`Condvar`], with either of them |
//! | count something | [`Semaphore`] |
//! | limit how many use something, and get back the permits of the dead | [`Permits`] |
//! | wait for a state, or hand a signal to one thread | [`Event`] |
//! | initialise something once | [`Once`], [`OnceValue`] |
//! | wait until all have come, or until all tasks are done | [`Barrier`], [`Latch`] |
//!
//! They are made of integers in shared memory and the futex calls of the kernel, and live in any
//! [memory object](ipc_mem::Memory) at any offset: named, anonymous, of System V, of a file, for
//! forked children, or private. C programs do not know them; for those, there is
//! [`pthread`](crate::pthread).
//!
//! # When a process is killed
//!
//! | object | the state that another process repairs |
//! |---|---|
//! | [`Mutex`] | the next caller gets [`OwnerDied`](crate::LockError::OwnerDied) and the lock |
//! | [`RwLock`] | a dead reader, also an upgradable one, is no longer counted; after a writer, the next caller gets `OwnerDied` |
//! | [`Condvar`] | none: waiting threads look again within a tenth of a second, as if notified |
//! | [`Semaphore`] | none: a permit that it had acquired is lost, but no wake-up is lost |
//! | [`Permits`] | its permits are free again |
//! | [`Event`] | the signal that it was handling is [redelivered](Signal::is_redelivered); a manual event holds nothing |
//! | [`Once`] | the next caller initialises [again](Begin::Again) |
//! | [`Barrier`] | all that wait in the round learn that it is [`Broken`], and its place is free |
//! | [`Latch`] | its task is handed out again |
//!
//! A process that is stopped is not dead: it keeps what it holds, for as long as it takes.
//!
//! # How a death is proved
//!
//! For everything that a process holds, a word names the process: its id and the time at which it
//! started ([`ProcessInstance`](ipc_core::ProcessInstance)), stored by the same compare-and-exchange
//! that acquires the lock. A thread that waits looks at that process after 2 ms, and then at intervals
//! that grow to one second. It acts only if `/proc` shows that the process does not exist, that the
//! id belongs to a later process, or that all its threads are exiting and will not return to user
//! mode. Without `/proc`, it acts only when the process has ended. Time alone proves nothing. So a thread that
//! has just begun to wait learns of a death within some milliseconds, whatever the size of the
//! victim; one that has waited for long, within a second.
//!
//! The processes that share one of these objects are in one PID namespace, in which the ids mean
//! the same; all but [`Condvar`] and [`Semaphore`] are refused elsewhere by `Shared::open` of
//! `ipc-shm`. Different users may share them if the permissions of the memory allow it.
//!
//! `open` checks this once. A process that inherited a handle by `fork` and moves to another PID
//! namespace must not use the handle: it would take the holders of locks for dead.
//!
//! Not covered: a thread that ends, or whose guard is leaked, while its process lives, and a
//! process that calls `exec`: both keep what they hold until the process ends.
//!
//! # Fork and damage
//!
//! A child of `fork` has copies of its parent's guards, but owns nothing: dropping them changes
//! nothing. Words that another program has damaged cause errors or waits that time out, but no
//! undefined behaviour in these objects; what a lock guards is plain data.
//!
//! # Waiting
//!
//! A thread polls for some microseconds, then yields a few times, then sleeps. `lock`, `wait`,
//! `acquire` and `receive` wait without a limit, `try_…` never waits, `…_timeout` and `…_deadline`
//! wait until the timeout or deadline; signals end no wait. Once a thread has waited a millisecond for
//! a mutex or read/write lock, threads that arrive later let the waiting threads go first.

mod barrier;
mod condvar;
mod event;
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
