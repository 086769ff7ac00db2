//! Message queues and pipes, as a C program would use them. They are created by this project or
//! `std`, and only used here.

#![expect(unsafe_code, reason = "calls C")]

use std::ffi::{c_int, c_long};
use std::os::fd::{AsRawFd, BorrowedFd};

use ipc_core::{Errno, ret};
use ipc_sys as c;

#[inline]
pub(crate) fn send(queue: BorrowedFd<'_>, bytes: &[u8]) -> Result<(), Errno> {
    // SAFETY: the descriptor is borrowed, and so are the bytes.
    ret::check(unsafe { c::mq_send(queue.as_raw_fd(), bytes.as_ptr().cast(), bytes.len(), 0) })
        .map(drop)
}

#[inline]
pub(crate) fn receive(queue: BorrowedFd<'_>, into: &mut [u8]) -> Result<usize, Errno> {
    let mut priority = 0;
    // SAFETY: the descriptor is borrowed, and so are the bytes; the priority lives until the call
    // returns.
    let got = unsafe {
        c::mq_receive(queue.as_raw_fd(), into.as_mut_ptr().cast(), into.len(), &raw mut priority)
    };
    ret::check(got).map(isize::cast_unsigned)
}

/// A message in C's layout.
#[repr(C)]
pub(crate) struct Message<const LEN: usize> {
    pub(crate) kind: c_long,
    pub(crate) bytes: [u8; LEN],
}

#[inline]
pub(crate) fn send_sysv<const LEN: usize>(
    id: c_int,
    message: &Message<LEN>,
    len: usize,
) -> Result<(), Errno> {
    // SAFETY: the type and `LEN` bytes behind it, of which at most `LEN` are sent.
    ret::check(unsafe { c::msgsnd(id, (&raw const *message).cast(), len.min(LEN), 0) }).map(drop)
}

#[inline]
pub(crate) fn receive_sysv<const LEN: usize>(
    id: c_int,
    message: &mut Message<LEN>,
) -> Result<usize, Errno> {
    // SAFETY: a buffer for the type and `LEN` bytes behind it.
    let got = unsafe { c::msgrcv(id, (&raw mut *message).cast(), LEN, 0, 0) };
    ret::check(got).map(isize::cast_unsigned)
}

pub(crate) fn write_all(pipe: BorrowedFd<'_>, mut bytes: &[u8]) -> Result<(), Errno> {
    while !bytes.is_empty() {
        // SAFETY: the descriptor is borrowed, and so are the bytes.
        let written =
            ret::check(unsafe { c::write(pipe.as_raw_fd(), bytes.as_ptr().cast(), bytes.len()) })?;
        bytes = &bytes[written.cast_unsigned()..];
    }
    Ok(())
}

pub(crate) fn read_all(pipe: BorrowedFd<'_>, mut into: &mut [u8]) -> Result<(), Errno> {
    while !into.is_empty() {
        // SAFETY: the descriptor is borrowed, and so are the bytes.
        let read =
            ret::check(unsafe { c::read(pipe.as_raw_fd(), into.as_mut_ptr().cast(), into.len()) })?;
        if read == 0 {
            return Err(Errno::EPIPE);
        }
        into = &mut into[read.cast_unsigned()..];
    }
    Ok(())
}
