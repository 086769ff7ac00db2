//! Reactions that write to a descriptor, so that a poll loop wakes up.

#![expect(unsafe_code, reason = "registers code that runs in signal handlers")]

use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::path::Path;
use std::{fs, process};

use ipc_core::{Errno, Error, Refusal, Result, Signal};

use super::Reaction;
use crate::sys;

/// The link by which `/proc` shows an eventfd.
const EVENTFD: &str = "anon_inode:[eventfd]";

impl Reaction {
    /// Writes one byte to a pipe, a socket or a file when the signal arrives: the number of the
    /// signal.
    ///
    /// The descriptor becomes non-blocking for all processes that share its open file description.
    /// If the pipe is full, no byte is written. The reader wakes anyway, because it has bytes to
    /// read. In a forked child, no byte is written. Writing to a pipe without a reader raises
    /// `SIGPIPE`, which Rust programs ignore by default.
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
    /// wake.read_exact(&mut byte)?; // usually after `poll`
    /// assert_eq!(i32::from(byte[0]), Signal::WINCH.raw());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`is_invalid_argument`](Error::is_invalid_argument) for `KILL`, `STOP` and
    /// [faults](Signal::is_fault), and if the descriptor is open only to read.
    pub fn write_byte(signal: Signal, to: impl Into<OwnedFd>) -> Result<Self> {
        // Linux has 64 signals, 128 on MIPS.
        let number = u8::try_from(signal.raw()).unwrap_or(u8::MAX);
        Self::write(signal, to.into(), [number])
    }

    /// Adds 1 to the counter of an eventfd when the signal arrives.
    ///
    /// The descriptor becomes non-blocking. In a forked child, nothing is added.
    ///
    /// # Errors
    ///
    /// [`is_invalid_argument`](Error::is_invalid_argument) for `KILL`, `STOP` and
    /// [faults](Signal::is_fault); [`is_mismatch`](Error::is_mismatch) if the descriptor is not an
    /// eventfd. Without `/proc`, this is not checked.
    #[doc(alias = "eventfd")]
    pub fn add_to_eventfd(signal: Signal, eventfd: impl Into<OwnedFd>) -> Result<Self> {
        let eventfd = eventfd.into();
        let number = eventfd.as_raw_fd();
        let found = fs::read_link(format!("/proc/self/fd/{number}"));
        if let Some(found) = found.ok().filter(|found| found != Path::new(EVENTFD)) {
            let why = format!("found {}, wanted an eventfd", found.display());
            return Err(Error::mismatch("write", format_args!("descriptor {number}"), why));
        }
        Self::write(signal, eventfd, 1_u64.to_ne_bytes())
    }

    fn write<const N: usize>(signal: Signal, to: OwnedFd, bytes: [u8; N]) -> Result<Self> {
        sys::set_nonblocking(to.as_fd()).map_err(|errno| {
            let number = to.as_raw_fd();
            let refusal = match errno {
                Errno::EBADF => Refusal::invalid("fcntl", "it is open only to read"),
                _ => Refusal::os("fcntl", errno),
            };
            refusal.on(format_args!("descriptor {number}"))
        })?;
        let owner = process::id();
        let write = move || {
            // In a forked child the description is still the parent's.
            if process::id() == owner {
                sys::write_ignoring_errors(to.as_fd(), &bytes);
            }
        };
        // SAFETY: it calls getpid and write, which POSIX lists.
        unsafe { Self::register(signal, write) }
    }
}
