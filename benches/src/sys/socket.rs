//! Messages, descriptors in messages and locks on files, as a C program would use them. The sockets
//! and files are created by this project or `std`, and only used here.

#![expect(unsafe_code, reason = "calls C")]

use std::mem;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};
use std::ptr;

use ipc_core::{Errno, ret};

#[inline]
pub(crate) fn send(fd: BorrowedFd<'_>, bytes: &[u8]) -> Result<(), Errno> {
    let (start, len) = (bytes.as_ptr().cast(), bytes.len());
    // SAFETY: the descriptor is borrowed, and so are the bytes.
    ret::check(unsafe { libc::send(fd.as_raw_fd(), start, len, libc::MSG_NOSIGNAL) }).map(drop)
}

#[inline]
pub(crate) fn receive(fd: BorrowedFd<'_>, into: &mut [u8]) -> Result<(), Errno> {
    let (start, len) = (into.as_mut_ptr().cast(), into.len());
    // SAFETY: the descriptor is borrowed, and so are the bytes.
    ret::check(unsafe { libc::recv(fd.as_raw_fd(), start, len, libc::MSG_TRUNC) }).map(drop)
}

/// Locks all of a file for this process, and releases it.
#[inline]
pub(crate) fn lock_and_release(fd: BorrowedFd<'_>) -> Result<(), Errno> {
    for (kind, command) in [(libc::F_WRLCK, libc::F_SETLKW), (libc::F_UNLCK, libc::F_SETLK)] {
        #[expect(clippy::cast_possible_truncation, reason = "constants that fit")]
        let lock = libc::flock {
            l_type: kind as libc::c_short,
            l_whence: libc::SEEK_SET as libc::c_short,
            l_start: 0,
            l_len: 0,
            l_pid: 0,
        };
        // SAFETY: the call reads a `flock`, which lives until it returns.
        ret::check(unsafe { libc::fcntl(fd.as_raw_fd(), command, &raw const lock) })?;
    }
    Ok(())
}

/// The room for one descriptor, as aligned as its header.
#[repr(C, align(8))]
struct Control([u8; 24]);

/// Calls `use_it` with the header of a message of one byte, with room for one descriptor.
#[inline]
fn with_header(use_it: impl FnOnce(&mut libc::msghdr) -> Result<(), Errno>) -> Result<(), Errno> {
    let (mut byte, mut control) = (*b"x", Control([0; 24]));
    let mut part = libc::iovec { iov_base: byte.as_mut_ptr().cast(), iov_len: byte.len() };
    // SAFETY: numbers and pointers, for all of which 0 is a value.
    let mut header: libc::msghdr = unsafe { mem::zeroed() };
    (header.msg_iov, header.msg_iovlen) = (&raw mut part, 1);
    (header.msg_control, header.msg_controllen) = (control.0.as_mut_ptr().cast(), 24);
    use_it(&mut header)
}

#[inline]
pub(crate) fn send_descriptor(fd: BorrowedFd<'_>, sent: RawFd) -> Result<(), Errno> {
    with_header(|header| {
        // SAFETY: the header has a control buffer with room for one header and one descriptor.
        let item = unsafe { libc::CMSG_FIRSTHDR(header) };
        let (level, kind) = (libc::SOL_SOCKET, libc::SCM_RIGHTS);
        // SAFETY: a header lies at the beginning of the buffer, which has room for it.
        unsafe { *item = libc::cmsghdr { cmsg_len: 20, cmsg_level: level, cmsg_type: kind } };
        // SAFETY: the data follows the header, in the same buffer.
        let data = unsafe { libc::CMSG_DATA(item) };
        // SAFETY: the buffer has room for a descriptor behind the header.
        unsafe { ptr::write_unaligned(data.cast(), sent) };
        // SAFETY: the header and its parts live until the call returns.
        ret::check(unsafe { libc::sendmsg(fd.as_raw_fd(), header, libc::MSG_NOSIGNAL) }).map(drop)
    })
}

/// Receives a descriptor, and closes it.
#[inline]
pub(crate) fn receive_descriptor(fd: BorrowedFd<'_>) -> Result<(), Errno> {
    with_header(|header| {
        // SAFETY: the header and its parts live until the call returns.
        let got = unsafe { libc::recvmsg(fd.as_raw_fd(), header, libc::MSG_CMSG_CLOEXEC) };
        ret::check(got)?;
        // SAFETY: the call has set the length of the control buffer.
        let item = unsafe { libc::CMSG_FIRSTHDR(header) };
        if item.is_null() {
            return Err(Errno::EBADF);
        }
        // SAFETY: the sender of this program sends one descriptor in each message.
        let data = unsafe { libc::CMSG_DATA(item) };
        // SAFETY: a descriptor lies there.
        let number = unsafe { ptr::read_unaligned(data.cast::<RawFd>()) };
        // SAFETY: the kernel has opened it for this call, and nothing else owns it.
        drop(unsafe { OwnedFd::from_raw_fd(number) });
        Ok(())
    })
}
