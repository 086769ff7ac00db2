//! POSIX semaphores: counters whose `wait` blocks while they are 0. `post` adds a *permit* to the
//! counter, and `wait` acquires one.
//!
//! | to | use |
//! |---|---|
//! | count with a semaphore that any process opens by name | [`NamedSemaphore`] |
//! | count with a semaphore in shared memory | [`Semaphore`] |
//! | acquire a permit as a guard, which posts it again when it is dropped | [`Permit`] |
//!
//! # When a process is killed
//!
//! The permits that the process held are lost: the counter stays as it is. A wake-up for the killed
//! process may be lost, too, so that other threads sleep although the counter is above 0. Each wait
//! therefore checks the counter at least once a second.

mod named_semaphore;
mod options;
mod permit;
mod semaphore;

pub use named_semaphore::NamedSemaphore;
pub use options::SemaphoreOptions;
pub use permit::Permit;
pub use semaphore::Semaphore;
