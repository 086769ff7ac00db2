//! Reactions that write to a descriptor, so that a poll loop wakes up.

#![expect(unsafe_code, reason = "gives code to signal handlers")]

use std::os::fd::{AsFd, OwnedFd};
use std::process;

use ipc_core::{Error, Result, Signal};

use crate::{Reaction, sys};

impl Reaction {
    /// Writes one byte when the signal comes, its number: to a pipe, a socket or a file.
    ///
    /// The descriptor is made one that does not wait, which concerns all who have a copy of it. When the pipe is full
    /// nothing is written; there is something to read then, anyway. A child of `fork` writes nothing. A pipe that
    /// nobody reads raises SIGPIPE, which Rust programs ignore.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::io::{Read, pipe};
    ///
    /// use ipc_signal::{Reaction, Signal, raise};
    ///
    /// let (mut wake, waker) = pipe()?;
    /// let _reaction = Reaction::write_byte(Signal::WINCH, waker)?;
    /// raise(Signal::WINCH)?;
    /// let mut byte = [0];
    /// wake.read_exact(&mut byte)?; // usually behind `poll`
    /// assert_eq!(i32::from(byte[0]), Signal::WINCH.raw());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`set_flag`](Self::set_flag).
    pub fn write_byte(signal: Signal, to: impl Into<OwnedFd>) -> Result<Self> {
        // No system has more signals than fit.
        let number = u8::try_from(signal.raw()).unwrap_or(u8::MAX);
        Self::write(signal, to.into(), [number])
    }

    /// Adds one to the counter of an eventfd when the signal comes.
    ///
    /// Otherwise as [`write_byte`](Self::write_byte).
    ///
    /// # Errors
    ///
    /// As [`set_flag`](Self::set_flag).
    #[doc(alias = "eventfd")]
    pub fn add_to_eventfd(signal: Signal, eventfd: impl Into<OwnedFd>) -> Result<Self> {
        Self::write(signal, eventfd.into(), 1_u64.to_ne_bytes())
    }

    fn write<const N: usize>(signal: Signal, to: OwnedFd, bytes: [u8; N]) -> Result<Self> {
        sys::do_not_wait(to.as_fd()).map_err(|errno| Error::os("fcntl", "O_NONBLOCK", errno))?;
        let owner = process::id();
        let write = move || {
            // In a child of fork the descriptor is still its parent's.
            if process::id() == owner {
                sys::write_blindly(to.as_fd(), &bytes);
            }
        };
        // SAFETY: it calls getpid and write, which POSIX lists.
        unsafe { Self::register(signal, write) }
    }
}
