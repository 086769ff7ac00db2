//! The reference for signals: C's calls.

#![expect(unsafe_code, reason = "a file that calls C")]

use std::ffi::c_int;
use std::mem::MaybeUninit;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::ptr;

use ipc_core::{Errno, Signal, ret};
use ipc_sys as c;

/// A signal that C receives, in either of two ways.
#[derive(Debug)]
pub(crate) struct Receiver {
    set: c::sigset_t,
    fd: OwnedFd,
}

impl Receiver {
    /// Creates the receiver; the signal must already be blocked.
    pub(crate) fn new(signal: Signal) -> Result<Self, Errno> {
        let mut set = c::zeroed();
        c::sigemptyset(&mut set);
        c::sigaddset(&mut set, signal.raw());
        let fd = ret::check(c::signalfd(None, &set, c::SFD_CLOEXEC))?;
        // SAFETY: created in the line above, and has no other owner.
        Ok(Self { set, fd: unsafe { OwnedFd::from_raw_fd(fd) } })
    }

    #[inline]
    pub(crate) fn read(&self) -> Result<c_int, Errno> {
        let mut info = MaybeUninit::<c::signalfd_siginfo>::uninit();
        let size = size_of::<c::signalfd_siginfo>();
        // SAFETY: the call writes at most `size` bytes, the size of `info`.
        ret::check(unsafe { c::read(self.fd.as_raw_fd(), info.as_mut_ptr().cast(), size) })?;
        // SAFETY: written by the call, and consists of integers.
        Ok(unsafe { info.assume_init() }.ssi_int)
    }

    #[inline]
    pub(crate) fn wait(&self) -> Result<c_int, Errno> {
        let mut info = MaybeUninit::<c::siginfo_t>::zeroed();
        // SAFETY: the call reads a set and writes an info, both owned here.
        ret::check(unsafe { c::sigwaitinfo(&self.set, info.as_mut_ptr()) })?;
        // SAFETY: zeroed, and then written by the call.
        let info = unsafe { info.assume_init() };
        // SAFETY: as above.
        let value = unsafe { info.si_value() };
        // SAFETY: any bytes are an integer.
        Ok(unsafe { value.sival_int })
    }
}

#[inline]
pub(crate) fn queue(process: c_int, signal: Signal, value: c_int) -> Result<(), Errno> {
    let mut union = c::sigval { sival_ptr: ptr::null_mut() };
    union.sival_int = value;
    // SAFETY: takes numbers and a union whose bytes are all initialised.
    ret::check(unsafe { c::sigqueue(process, signal.raw(), union) }).map(drop)
}
