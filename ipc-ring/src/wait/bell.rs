//! A descriptor that becomes readable when objects may be ready.

use std::fmt;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::time::Instant;

use ipc_core::{Result, barrier, futex};

use super::Waitable;
use super::uring::Ring;
use crate::waiting::LONGEST_SLICE;

/// A descriptor that becomes readable when one of several objects may be ready, for loops of
/// `poll`, `epoll` or tokio (`AsyncFd`).
///
/// Call [`arm`](Self::arm) before each wait; in tokio, after `clear_ready`. The descriptor also
/// becomes readable after 20 ms, because a process that dies wakes no other one: the next `arm`
/// then looks for dead processes.
///
/// # Examples
///
/// ```
/// use std::os::fd::AsFd;
/// use std::time::Duration;
///
/// use ipc_core::{Deadline, PollFd, poll};
/// use ipc_ring::spsc::{Receiver, Sender};
/// use ipc_ring::wait::Bell;
///
/// # let name = format!("/bell-{}", std::process::id());
/// let receiver = Receiver::<u64>::create(&name, 64)?;
/// let Ok(mut bell) = Bell::new() else { return Ok(()) }; // the system has no io_uring
///
/// let sender = Sender::<u64>::open(&name)?; // usually in another process
/// assert!(bell.arm(&[&receiver])?.is_empty());
/// sender.send(&7)?;
/// poll(&mut [PollFd::readable(bell.as_fd())], Deadline::NEVER).unwrap();
/// assert_eq!(bell.arm(&[&receiver])?, [0]);
/// assert_eq!(receiver.recv_timeout(Duration::ZERO)?, Some(7));
/// # Ok::<(), ipc_core::Error>(())
/// ```
pub struct Bell {
    ring: Ring,
    /// The time of the last search for dead processes.
    looked: Instant,
}

impl Bell {
    /// Creates a bell.
    ///
    /// # Errors
    ///
    /// [`is_unsupported`](ipc_core::Error::is_unsupported) if the system refuses io_uring, or is
    /// older than Linux 6.7; [`is_no_space`](ipc_core::Error::is_no_space) if no descriptor is
    /// free.
    pub fn new() -> Result<Self> {
        let ring = Ring::new(futex::MAX_WORDS)?;
        Ok(Self { ring, looked: Instant::now() })
    }

    /// Returns the indices of the objects that are ready. If the result is empty, the descriptor
    /// becomes readable when one of the objects may be ready.
    ///
    /// Receive from them as [`wait_any`](super::wait_any) says. The objects may be used or dropped
    /// while the bell is armed.
    ///
    /// # Errors
    ///
    /// [`is_invalid_argument`](ipc_core::Error::is_invalid_argument) for more than 128 objects, and
    /// in a forked child; the error of the system.
    pub fn arm(&mut self, objects: &[&dyn Waitable]) -> Result<Vec<usize>> {
        let ready = |proves| -> Vec<usize> {
            (0..objects.len()).filter(|index| objects[*index].is_ready(proves)).collect()
        };
        self.ring.disarm()?;
        let proves = self.looked.elapsed() >= LONGEST_SLICE;
        if proves {
            self.looked = Instant::now();
        }
        let found = ready(proves);
        if !found.is_empty() {
            return Ok(found);
        }
        let words: Vec<_> = objects.iter().map(|object| object.announce()).collect();
        barrier::heavy();
        let found = ready(false);
        if found.is_empty() {
            self.ring.arm(&words, &[], Some(LONGEST_SLICE))?;
        }
        Ok(found)
    }
}

impl AsFd for Bell {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.ring.as_fd()
    }
}

impl AsRawFd for Bell {
    fn as_raw_fd(&self) -> RawFd {
        self.as_fd().as_raw_fd()
    }
}

impl fmt::Debug for Bell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Bell").field(&self.as_raw_fd()).finish()
    }
}
