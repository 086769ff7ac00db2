//! POSIX semaphores: counters that are waited for while they are 0.
//!
//! | to | there is |
//! |---|---|
//! | count something that any process finds by name | [`NamedSemaphore`] |
//! | count something in shared memory | [`Semaphore`] |
//! | acquire and return without forgetting it | [`Permit`] |
//!
//! # When a process is killed
//!
//! The permits that it had are lost: the counter stays as it is. A wake-up that was on its way to the killed process may be
//! lost, too, although the counter is above 0; every wait looks again at least once a second.

mod named_semaphore;
mod options;
mod permit;
mod semaphore;

pub use named_semaphore::NamedSemaphore;
pub use options::SemaphoreOptions;
pub use permit::Permit;
pub use semaphore::Semaphore;
