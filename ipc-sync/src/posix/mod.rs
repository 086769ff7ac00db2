//! POSIX semaphores: counters that are waited for while they are 0.
//!
//! # When a process is killed
//!
//! What it had taken and would have given back is lost: the counter stays as it is. A wake-up that
//! was on its way to the killed process may be lost too, although the counter says that there is one;
//! everybody who waits here looks again at least once a second, so nobody sleeps on for ever.

mod named_semaphore;
mod options;
mod semaphore;

pub use named_semaphore::NamedSemaphore;
pub use options::SemaphoreOptions;
pub use semaphore::Semaphore;
