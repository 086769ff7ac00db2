//! Options and names of sockets. `rustix` lacks some options, has others only for peers of the same
//! PID namespace, and panics on a name of 108 bytes.

#![expect(unsafe_code, reason = "calls `getsockopt`, `getsockname` and the like of C")]

use std::mem;
use std::os::fd::{AsRawFd, BorrowedFd, OwnedFd};
use std::ptr;

use ipc_core::{Errno, ret};

use super::message::{own, socklen};

/// Credentials as the kernel has them. The process is 0 if it is in another PID namespace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ucred {
    pub(crate) process: i32,
    pub(crate) user: u32,
    pub(crate) group: u32,
}

impl Ucred {
    /// Reads C's `ucred`: three numbers.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut numbers = crate::control::numbers(bytes).map(i32::cast_unsigned);
        let (process, user, group) = (numbers.next()?, numbers.next()?, numbers.next()?);
        Some(Self { process: process.cast_signed(), user, group })
    }

    /// Returns `true` for the values that stand for unrecorded credentials: no process, and the
    /// overflow user.
    pub(crate) fn is_unknown(self) -> bool {
        const OVERFLOW: u32 = 65534;
        self.process == 0 && (self.user == OVERFLOW || self.user == u32::MAX)
    }
}

/// The error of an option that the system does not know.
pub(crate) const UNKNOWN_OPTION: Errno = Errno::new(libc::ENOPROTOOPT);
/// The error of a descriptor that is not a socket.
pub(crate) const NOT_A_SOCKET: Errno = Errno::new(libc::ENOTSOCK);

// The numbers of these options are the same on all architectures that `ipc-sys` knows; C libraries
// lack some.
const SO_PEERPIDFD: i32 = 77;
const SO_PASSPIDFD: i32 = 76;
const SO_PASSRIGHTS: i32 = 83;

/// Returns the credentials that the peer had when it connected or listened.
pub(crate) fn peer_credentials(fd: BorrowedFd<'_>) -> Result<Ucred, Errno> {
    let mut bytes = [0; size_of::<libc::ucred>()];
    get(fd, libc::SO_PEERCRED, &mut bytes)?;
    Ucred::from_bytes(&bytes).ok_or(Errno::EINVAL)
}

/// Returns a descriptor of the process that connected or listened.
pub(crate) fn peer_process(fd: BorrowedFd<'_>) -> Result<OwnedFd, Errno> {
    let mut bytes = [0; size_of::<i32>()];
    get(fd, SO_PEERPIDFD, &mut bytes)?;
    // SAFETY: the call has succeeded, so this is a descriptor that the kernel opened for it.
    super::above_stdio(unsafe { own(i32::from_ne_bytes(bytes)) })
}

/// Returns the supplementary groups that the peer had when it connected or listened.
pub(crate) fn peer_groups(fd: BorrowedFd<'_>) -> Result<Vec<u32>, Errno> {
    let mut bytes = vec![0; 64 * size_of::<u32>()];
    let len = match get(fd, libc::SO_PEERGROUPS, &mut bytes) {
        Err(Errno::ERANGE) => {
            bytes.resize(65536 * size_of::<u32>(), 0); // the kernel's `NGROUPS_MAX`
            get(fd, libc::SO_PEERGROUPS, &mut bytes)?
        }
        done => done?,
    };
    Ok(crate::control::numbers(&bytes[..len.min(bytes.len())]).map(i32::cast_unsigned).collect())
}

/// Sets whether each message comes with a descriptor of the process that sent it.
pub(crate) fn set_pass_process(fd: BorrowedFd<'_>, on: bool) -> Result<(), Errno> {
    set(fd, SO_PASSPIDFD, on.into())
}

/// Sets whether others may send descriptors here.
pub(crate) fn set_pass_rights(fd: BorrowedFd<'_>, on: bool) -> Result<(), Errno> {
    set(fd, SO_PASSRIGHTS, on.into())
}

/// An end of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Local,
    Peer,
}

/// Returns the bytes in `sun_path` of the name of a socket, or of its peer.
pub(crate) fn name(fd: BorrowedFd<'_>, end: End) -> Result<Vec<u8>, Errno> {
    // A path that fills `sun_path` is followed by a zero byte.
    let mut bytes = [0_u8; size_of::<libc::sockaddr_un>() + 1];
    let (mut len, place) = (socklen(bytes.len()), bytes.as_mut_ptr().cast());
    ret::check(match end {
        // SAFETY: the call writes at most `len` bytes to `place`, which is that long.
        End::Local => unsafe { libc::getsockname(fd.as_raw_fd(), place, &raw mut len) },
        // SAFETY: the call writes at most `len` bytes to `place`, which is that long.
        End::Peer => unsafe { libc::getpeername(fd.as_raw_fd(), place, &raw mut len) },
    })?;
    let skip = mem::offset_of!(libc::sockaddr_un, sun_path);
    Ok(bytes.get(skip..bytes.len().min(len as usize)).unwrap_or_default().to_vec())
}

/// Returns how many bytes the option has.
fn get(fd: BorrowedFd<'_>, option: i32, bytes: &mut [u8]) -> Result<usize, Errno> {
    let mut len = socklen(bytes.len());
    let (level, value) = (libc::SOL_SOCKET, bytes.as_mut_ptr().cast());
    // SAFETY: the call writes at most `len` bytes to `value`, which is that long.
    ret::check(unsafe { libc::getsockopt(fd.as_raw_fd(), level, option, value, &raw mut len) })?;
    Ok(len as usize)
}

fn set(fd: BorrowedFd<'_>, option: i32, value: i32) -> Result<(), Errno> {
    let (len, value) = (socklen(size_of_val(&value)), ptr::from_ref(&value).cast());
    // SAFETY: the call reads the number that `value` points to, which lives until it returns.
    ret::check(unsafe { libc::setsockopt(fd.as_raw_fd(), libc::SOL_SOCKET, option, value, len) })
        .map(drop)
}
