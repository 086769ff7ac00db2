//! Messages with descriptors and credentials.

#![expect(unsafe_code, reason = "calls `recvmsg` of C, and owns the descriptors that it returns")]

use std::io::{IoSlice, IoSliceMut};
use std::mem::{self, MaybeUninit};
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd};

use ipc_core::{Errno, ret};
use rustix::net::{self, SendAncillaryBuffer, SendAncillaryMessage, SocketAddrUnix, UCred};

use super::options::Ucred;
use super::socket::send_flags;
use super::{above_stdio, errno};
use crate::control;
use crate::wait::Block;

/// The maximum number of descriptors in one message, the kernel's `SCM_MAX_FD`.
pub(crate) const MAX_DESCRIPTORS: usize = 253;

/// The type of a control message that holds a descriptor of the sender's process; C libraries lack
/// it.
const SCM_PIDFD: i32 = 4;

const RIGHTS: usize = control::space(MAX_DESCRIPTORS * size_of::<i32>());
/// The most that comes beside descriptors: credentials and a process, with room for what later
/// kernels add.
const BESIDE: usize =
    control::space(size_of::<libc::ucred>()) + control::space(size_of::<i32>()) + 64;

/// As aligned as the headers in it have to be.
#[repr(C, align(8))]
struct Control([MaybeUninit<u8>; RIGHTS + BESIDE]);

/// A message that `recvmsg` returned. Dropping it closes its descriptors.
#[derive(Debug, Default)]
pub(crate) struct Arrived {
    /// How many bytes the message has, also those for which the buffer had no space.
    pub(crate) len: usize,
    pub(crate) descriptors: Vec<OwnedFd>,
    pub(crate) credentials: Option<Ucred>,
    /// The sender's process, or why it could not be opened.
    pub(crate) process: Option<Result<OwnedFd, Errno>>,
    /// The bytes of the sender's address.
    pub(crate) sender: Vec<u8>,
    /// Control messages were cut off.
    pub(crate) is_cut: bool,
}

/// Receives one message, with at most `room` descriptors; `whole` also counts the bytes that have
/// no room.
pub(crate) fn receive(
    fd: BorrowedFd<'_>,
    into: &mut [IoSliceMut<'_>],
    room: usize,
    whole: bool,
    block: Block,
) -> Result<Arrived, Errno> {
    // SAFETY: an address is numbers and bytes, for all of which 0 is a value.
    let mut name: libc::sockaddr_un = unsafe { mem::zeroed() };
    let mut control = Control([MaybeUninit::uninit(); RIGHTS + BESIDE]);
    let rights = control::space(room.min(MAX_DESCRIPTORS) * size_of::<i32>());
    // SAFETY: a header is numbers and pointers, for all of which 0 is a value; musl's has private
    // padding.
    let mut header: libc::msghdr = unsafe { mem::zeroed() };
    header.msg_name = (&raw mut name).cast();
    header.msg_namelen = socklen(size_of_val(&name));
    header.msg_iov = into.as_mut_ptr().cast();
    header.msg_iovlen = count(into.len())?;
    header.msg_control = control.0.as_mut_ptr().cast();
    header.msg_controllen = count(rights + BESIDE)?;
    let mut flags = libc::MSG_CMSG_CLOEXEC;
    flags |= if whole { libc::MSG_TRUNC } else { 0 };
    flags |= if block == Block::No { libc::MSG_DONTWAIT } else { 0 };
    // SAFETY: the header points to an address, slices and a buffer of these lengths, which live
    // until the call returns and which nothing else uses meanwhile; `IoSliceMut` is laid out as C's
    // `iovec`.
    let len = ret::check(unsafe { libc::recvmsg(fd.as_raw_fd(), &raw mut header, flags) })?;
    let written = length(header.msg_controllen).min(control.0.len());
    // SAFETY: the kernel has written the first `written` bytes of the buffer, which is at least
    // that long.
    let bytes = unsafe { std::slice::from_raw_parts(control.0.as_ptr().cast::<u8>(), written) };
    let mut arrived = Arrived {
        len: usize::try_from(len).unwrap_or(0),
        is_cut: header.msg_flags & libc::MSG_CTRUNC != 0,
        ..Arrived::default()
    };
    for item in control::items(bytes).filter(|item| item.level == libc::SOL_SOCKET) {
        match item.kind {
            libc::SCM_RIGHTS => {
                // SAFETY: the kernel has opened them for this call, and each number is met once.
                let all = control::numbers(item.data).map(|number| unsafe { own(number) });
                arrived.descriptors.extend(all);
            }
            SCM_PIDFD => {
                arrived.process = control::numbers(item.data).next().map(|number| match number {
                    // SAFETY: the kernel has opened it for this call.
                    0.. => Ok(unsafe { own(number) }),
                    error => Err(Errno::new(error.wrapping_neg())),
                });
            }
            libc::SCM_CREDENTIALS => arrived.credentials = Ucred::from_bytes(item.data),
            _ => {}
        }
    }
    // All are owned by now: whatever fails from here on closes them.
    arrived.process = arrived.process.map(|process| process.and_then(above_stdio));
    if arrived.descriptors.iter().any(|fd| fd.as_raw_fd() < 3) {
        let above = arrived.descriptors.into_iter().map(above_stdio);
        arrived.descriptors = above.collect::<Result<_, _>>()?;
    }
    let name_len = (header.msg_namelen as usize).min(size_of_val(&name));
    let skip = mem::offset_of!(libc::sockaddr_un, sun_path);
    let path = &name.sun_path[..name_len.saturating_sub(skip)];
    // Characters of C are signed on some machines.
    arrived.sender.extend(path.iter().flat_map(|c| c.to_ne_bytes()));
    Ok(arrived)
}

/// A length from the type that the C library has for it.
fn length(length: impl TryInto<usize>) -> usize {
    length.try_into().unwrap_or(0)
}

/// A number of the type that the C library has for it.
fn count<T: TryFrom<usize>>(count: usize) -> Result<T, Errno> {
    T::try_from(count).map_err(|_| Errno::EINVAL)
}

pub(super) fn socklen(len: usize) -> libc::socklen_t {
    libc::socklen_t::try_from(len).unwrap_or(libc::socklen_t::MAX)
}

/// Takes over a descriptor that the kernel has just put into this process.
///
/// # Safety
///
/// The kernel has opened it for the caller, and nothing else owns it.
pub(super) unsafe fn own(number: i32) -> OwnedFd {
    // SAFETY: open, and owned by nothing else, as the caller guarantees.
    unsafe { OwnedFd::from_raw_fd(number) }
}

/// Sends one message, or the first part of one.
pub(crate) fn send(
    fd: BorrowedFd<'_>,
    bytes: &[IoSlice<'_>],
    descriptors: &[BorrowedFd<'_>],
    credentials: Option<UCred>,
    to: Option<&SocketAddrUnix>,
    block: Block,
) -> Result<usize, Errno> {
    let mut room = Control([MaybeUninit::uninit(); RIGHTS + BESIDE]);
    let mut control = SendAncillaryBuffer::new(&mut room.0);
    if !descriptors.is_empty() && !control.push(SendAncillaryMessage::ScmRights(descriptors)) {
        return Err(Errno::EINVAL);
    }
    if let Some(credentials) = credentials {
        if !control.push(SendAncillaryMessage::ScmCredentials(credentials)) {
            return Err(Errno::EINVAL);
        }
    }
    let flags = send_flags(block);
    let sent = match to {
        Some(to) => net::sendmsg_addr(fd, to, bytes, &mut control, flags),
        None => net::sendmsg(fd, bytes, &mut control, flags),
    };
    sent.map_err(errno)
}
