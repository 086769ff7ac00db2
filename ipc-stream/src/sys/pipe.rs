//! Pipes.

use std::os::fd::{BorrowedFd, OwnedFd};

use ipc_core::Errno;
use rustix::pipe::{self, PipeFlags};

use super::{above_stdio, errno};

/// Creates a pipe: the read end, and the write end.
pub(crate) fn create() -> Result<(OwnedFd, OwnedFd), Errno> {
    let (reader, writer) = pipe::pipe_with(PipeFlags::CLOEXEC).map_err(errno)?;
    Ok((above_stdio(reader)?, above_stdio(writer)?))
}

pub(crate) fn read(fd: BorrowedFd<'_>, into: &mut [u8]) -> Result<usize, Errno> {
    rustix::io::read(fd, into).map_err(errno)
}

pub(crate) fn write(fd: BorrowedFd<'_>, bytes: &[u8]) -> Result<usize, Errno> {
    rustix::io::write(fd, bytes).map_err(errno)
}

pub(crate) fn size(fd: BorrowedFd<'_>) -> Result<usize, Errno> {
    pipe::fcntl_getpipe_size(fd).map_err(errno)
}

pub(crate) fn set_size(fd: BorrowedFd<'_>, size: usize) -> Result<usize, Errno> {
    pipe::fcntl_setpipe_size(fd, size).map_err(errno)
}
