//! Sockets.

use std::io::IoSlice;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::time::Duration;

use ipc_core::{Deadline, Errno, Permissions};
use rustix::fs::{self, Mode, OFlags};
use rustix::io;
use rustix::net::{
    AddressFamily, RecvAncillaryBuffer, SendAncillaryBuffer, SendFlags, SocketFlags, UCred, sockopt,
};
pub(crate) use rustix::net::{RecvFlags, Shutdown, SocketAddrUnix, SocketType};

use super::{above_stdio, errno};
use crate::wait::Block;

/// Creates a socket that has no name and no peer.
pub(crate) fn create(kind: SocketType) -> Result<OwnedFd, Errno> {
    let made = rustix::net::socket_with(AddressFamily::UNIX, kind, SocketFlags::CLOEXEC, None);
    made.map_err(errno).and_then(above_stdio)
}

/// Creates two sockets that are connected with each other.
pub(crate) fn pair(kind: SocketType) -> Result<(OwnedFd, OwnedFd), Errno> {
    let made = rustix::net::socketpair(AddressFamily::UNIX, kind, SocketFlags::CLOEXEC, None);
    let (one, other) = made.map_err(errno)?;
    Ok((above_stdio(one)?, above_stdio(other)?))
}

/// Sets the mode that the file of a socket gets when it is bound, less what the process withholds
/// from all files.
pub(crate) fn set_mode(fd: BorrowedFd<'_>, permissions: Permissions) -> Result<(), Errno> {
    fs::fchmod(fd, Mode::from_raw_mode(permissions.mode())).map_err(errno)
}

pub(crate) fn bind(fd: BorrowedFd<'_>, name: &SocketAddrUnix) -> Result<(), Errno> {
    rustix::net::bind(fd, name).map_err(errno)
}

pub(crate) fn listen(fd: BorrowedFd<'_>, backlog: i32) -> Result<(), Errno> {
    rustix::net::listen(fd, backlog).map_err(errno)
}

/// Accepts a connection. No flag makes a single call non-blocking: the description is made so, each
/// time, because another handle or process may have changed it.
pub(crate) fn accept(fd: BorrowedFd<'_>, block: Block) -> Result<OwnedFd, Errno> {
    if block == Block::No {
        set_nonblocking(fd, true)?;
    }
    match rustix::net::accept_with(fd, SocketFlags::CLOEXEC) {
        // The peer has given up meanwhile: there may be another.
        Err(io::Errno::CONNABORTED) => Err(Errno::EINTR),
        done => done.map_err(errno).and_then(above_stdio),
    }
}

/// Connects; waits at a full backlog if it may block, but not longer than the time to send that is
/// set.
pub(crate) fn connect(fd: BorrowedFd<'_>, name: &SocketAddrUnix) -> Result<(), Errno> {
    rustix::net::connect(fd, name).map_err(errno)
}

/// Sets how long `connect` and `send` may wait in the system; `Deadline::NEVER` is without end.
pub(crate) fn set_send_deadline(fd: BorrowedFd<'_>, deadline: Deadline) -> Result<(), Errno> {
    // Nothing at all would stand for no end.
    let time = deadline.remaining().map(|left| left.max(Duration::from_micros(1)));
    // The kernel takes no greater one.
    let time = time.filter(|time| time.as_secs() < u64::from(u32::MAX));
    sockopt::set_socket_timeout(fd, sockopt::Timeout::Send, time).map_err(errno)
}

pub(crate) fn set_nonblocking(fd: BorrowedFd<'_>, nonblocking: bool) -> Result<(), Errno> {
    let flags = fs::fcntl_getfl(fd).map_err(errno)?;
    let mut wanted = flags;
    wanted.set(OFlags::NONBLOCK, nonblocking);
    if wanted == flags { Ok(()) } else { fs::fcntl_setfl(fd, wanted).map_err(errno) }
}

/// The maximum number of buffers in one call, the kernel's `UIO_MAXIOV`.
const MAX_BUFFERS: usize = 1024;

/// Receives bytes. With `RecvFlags::TRUNC` the number is that of the whole message.
#[inline]
pub(crate) fn recv(
    fd: BorrowedFd<'_>,
    into: &mut [u8],
    flags: RecvFlags,
    block: Block,
) -> Result<usize, Errno> {
    rustix::net::recv(fd, into, flags | recv_flags(block)).map(|(_, len)| len).map_err(errno)
}

/// Receives bytes into several buffers.
pub(crate) fn recv_vectored(
    fd: BorrowedFd<'_>,
    into: &mut [std::io::IoSliceMut<'_>],
    block: Block,
) -> Result<usize, Errno> {
    let count = into.len().min(MAX_BUFFERS);
    let into = &mut into[..count];
    let mut control = RecvAncillaryBuffer::default();
    let flags = recv_flags(block) | RecvFlags::CMSG_CLOEXEC;
    rustix::net::recvmsg(fd, into, &mut control, flags).map(|got| got.bytes).map_err(errno)
}

#[inline]
fn recv_flags(block: Block) -> RecvFlags {
    if block == Block::No { RecvFlags::DONTWAIT } else { RecvFlags::empty() }
}

#[inline]
pub(crate) fn send(fd: BorrowedFd<'_>, bytes: &[u8], block: Block) -> Result<usize, Errno> {
    rustix::net::send(fd, bytes, send_flags(block)).map_err(errno)
}

pub(crate) fn send_to(
    fd: BorrowedFd<'_>,
    bytes: &[u8],
    to: &SocketAddrUnix,
    block: Block,
) -> Result<usize, Errno> {
    rustix::net::sendto(fd, bytes, send_flags(block), to).map_err(errno)
}

pub(crate) fn send_vectored(
    fd: BorrowedFd<'_>,
    bytes: &[IoSlice<'_>],
    block: Block,
) -> Result<usize, Errno> {
    let bytes = &bytes[..bytes.len().min(MAX_BUFFERS)];
    let mut control = SendAncillaryBuffer::default();
    rustix::net::sendmsg(fd, bytes, &mut control, send_flags(block)).map_err(errno)
}

/// A peer that is gone is an error and no signal.
#[inline]
pub(super) fn send_flags(block: Block) -> SendFlags {
    let wait = if block == Block::No { SendFlags::DONTWAIT } else { SendFlags::empty() };
    SendFlags::NOSIGNAL | wait
}

pub(crate) fn shutdown(fd: BorrowedFd<'_>, how: Shutdown) -> Result<(), Errno> {
    rustix::net::shutdown(fd, how).map_err(errno)
}

/// Takes the error that waits at the socket.
pub(crate) fn take_error(fd: BorrowedFd<'_>) -> Result<Option<Errno>, Errno> {
    sockopt::socket_error(fd).map(|found| found.err().map(errno)).map_err(errno)
}

/// Returns the kind of a socket of this family, and whether it listens; `None` if it is of another
/// family.
pub(crate) fn kind(fd: BorrowedFd<'_>) -> Result<Option<(SocketType, bool)>, Errno> {
    if sockopt::socket_domain(fd).map_err(errno)? != AddressFamily::UNIX {
        return Ok(None);
    }
    let kind = sockopt::socket_type(fd).map_err(errno)?;
    Ok(Some((kind, sockopt::socket_acceptconn(fd).map_err(errno)?)))
}

/// Returns how many bytes wait to be received: in the first message, or on a stream or pipe in all.
pub(crate) fn waiting(fd: BorrowedFd<'_>) -> Result<u64, Errno> {
    io::ioctl_fionread(fd).map_err(errno)
}

pub(crate) fn set_pass_credentials(fd: BorrowedFd<'_>, on: bool) -> Result<(), Errno> {
    sockopt::set_socket_passcred(fd, on).map_err(errno)
}

pub(crate) fn set_buffer_sizes(
    fd: BorrowedFd<'_>,
    recv: Option<usize>,
    send: Option<usize>,
) -> Result<(), Errno> {
    recv.map_or(Ok(()), |size| sockopt::set_socket_recv_buffer_size(fd, size)).map_err(errno)?;
    send.map_or(Ok(()), |size| sockopt::set_socket_send_buffer_size(fd, size)).map_err(errno)
}

/// Returns the credentials of this process, to be sent.
pub(crate) fn own_credentials() -> UCred {
    UCred {
        pid: rustix::process::getpid(),
        uid: rustix::process::geteuid(),
        gid: rustix::process::getegid(),
    }
}
