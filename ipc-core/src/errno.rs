//! The system's error numbers.
//!
//! [`Errno`] is a newtype with named constants and not an enum, because a system may return a
//! number that has no name here.

use std::fmt;
use std::io;

use crate::sys::c;

/// An error number of the system.
///
/// # Examples
///
/// ```
/// use ipc_core::Errno;
///
/// assert_eq!(Errno::ENOENT.name(), Some("ENOENT"));
/// assert_eq!(format!("{:?}", Errno::new(2)), "ENOENT");
/// assert_eq!(Errno::ENOENT.to_string(), "No such file or directory (os error 2)");
/// ```
///
/// <https://pubs.opengroup.org/onlinepubs/9799919799/basedefs/errno.h.html>
#[doc(alias = "errno")]
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Errno(i32);

impl Errno {
    /// Wraps the number that C uses.
    #[must_use]
    #[inline]
    pub const fn new(raw: i32) -> Self {
        Self(raw)
    }

    /// Returns the calling thread's `errno`, set by the last failing C call.
    #[must_use]
    #[cold]
    pub fn last() -> Self {
        Self(io::Error::last_os_error().raw_os_error().unwrap_or(0))
    }

    /// Returns the number, as C uses it.
    #[must_use]
    #[inline]
    pub const fn raw(self) -> i32 {
        self.0
    }

    /// Returns the C name, or `None` if this crate has no name for the number.
    #[must_use]
    pub fn name(self) -> Option<&'static str> {
        NAMES.iter().find(|(errno, _)| *errno == self).map(|(_, name)| *name)
    }
}

#[rustfmt::skip]
impl Errno {
    /// Operation not permitted.
    pub const EPERM: Self = Self(c::EPERM);
    /// No such object.
    pub const ENOENT: Self = Self(c::ENOENT);
    /// Interrupted by a signal handler.
    pub const EINTR: Self = Self(c::EINTR);
    /// The device failed.
    pub const EIO: Self = Self(c::EIO);
    /// No such device or address.
    pub const ENXIO: Self = Self(c::ENXIO);
    /// Argument list or message too long.
    pub const E2BIG: Self = Self(c::E2BIG);
    /// Not an open descriptor.
    pub const EBADF: Self = Self(c::EBADF);
    /// Would block; try again.
    pub const EAGAIN: Self = Self(c::EAGAIN);
    /// Out of memory.
    pub const ENOMEM: Self = Self(c::ENOMEM);
    /// Permission denied.
    pub const EACCES: Self = Self(c::EACCES);
    /// Bad address.
    pub const EFAULT: Self = Self(c::EFAULT);
    /// Object in use.
    pub const EBUSY: Self = Self(c::EBUSY);
    /// Object exists already.
    pub const EEXIST: Self = Self(c::EEXIST);
    /// No such device.
    pub const ENODEV: Self = Self(c::ENODEV);
    /// Not a directory.
    pub const ENOTDIR: Self = Self(c::ENOTDIR);
    /// Is a directory.
    pub const EISDIR: Self = Self(c::EISDIR);
    /// Invalid argument.
    pub const EINVAL: Self = Self(c::EINVAL);
    /// Too many open files in the system.
    pub const ENFILE: Self = Self(c::ENFILE);
    /// Too many open files in the process.
    pub const EMFILE: Self = Self(c::EMFILE);
    /// File too large.
    pub const EFBIG: Self = Self(c::EFBIG);
    /// No space left.
    pub const ENOSPC: Self = Self(c::ENOSPC);
    /// Cannot seek.
    pub const ESPIPE: Self = Self(c::ESPIPE);
    /// Read-only file system.
    pub const EROFS: Self = Self(c::EROFS);
    /// Broken pipe: no reader.
    pub const EPIPE: Self = Self(c::EPIPE);
    /// Out of range.
    pub const ERANGE: Self = Self(c::ERANGE);
    /// Deadlock would occur.
    pub const EDEADLK: Self = Self(c::EDEADLK);
    /// Name too long.
    pub const ENAMETOOLONG: Self = Self(c::ENAMETOOLONG);
    /// Not implemented.
    pub const ENOSYS: Self = Self(c::ENOSYS);
    /// Directory not empty.
    pub const ENOTEMPTY: Self = Self(c::ENOTEMPTY);
    /// Too many symbolic links, or a symbolic link where it is not allowed.
    pub const ELOOP: Self = Self(c::ELOOP);
    /// No message of that type.
    pub const ENOMSG: Self = Self(c::ENOMSG);
    /// Object was removed.
    pub const EIDRM: Self = Self(c::EIDRM);
    /// Protocol error.
    pub const EPROTO: Self = Self(c::EPROTO);
    /// Value too large for its type.
    pub const EOVERFLOW: Self = Self(c::EOVERFLOW);
    /// Message too long.
    pub const EMSGSIZE: Self = Self(c::EMSGSIZE);
    /// Operation not supported.
    pub const EOPNOTSUPP: Self = Self(c::EOPNOTSUPP);
    /// Address in use.
    pub const EADDRINUSE: Self = Self(c::EADDRINUSE);
    /// Connection refused: no process listens.
    pub const ECONNREFUSED: Self = Self(c::ECONNREFUSED);
    /// Connection reset by the peer.
    pub const ECONNRESET: Self = Self(c::ECONNRESET);
    /// Not connected.
    pub const ENOTCONN: Self = Self(c::ENOTCONN);
    /// Timed out.
    pub const ETIMEDOUT: Self = Self(c::ETIMEDOUT);
    /// Timer expired.
    pub const ETIME: Self = Self(c::ETIME);
    /// Already in progress.
    pub const EALREADY: Self = Self(c::EALREADY);
    /// In progress.
    pub const EINPROGRESS: Self = Self(c::EINPROGRESS);
    /// Quota exceeded.
    pub const EDQUOT: Self = Self(c::EDQUOT);
    /// Cancelled.
    pub const ECANCELED: Self = Self(c::ECANCELED);
    /// The owner of the lock died while holding it.
    pub const EOWNERDEAD: Self = Self(c::EOWNERDEAD);
    /// State not recoverable.
    pub const ENOTRECOVERABLE: Self = Self(c::ENOTRECOVERABLE);
    /// No such process.
    pub const ESRCH: Self = Self(c::ESRCH);
    /// No such child.
    pub const ECHILD: Self = Self(c::ECHILD);
    /// No locks available.
    pub const ENOLCK: Self = Self(c::ENOLCK);
    /// Link across file systems.
    pub const EXDEV: Self = Self(c::EXDEV);
    /// Program file is being executed.
    pub const ETXTBSY: Self = Self(c::ETXTBSY);
    /// The socket is of another type.
    pub const EPROTOTYPE: Self = Self(c::EPROTOTYPE);
    /// Protocol not supported.
    pub const EPROTONOSUPPORT: Self = Self(c::EPROTONOSUPPORT);
}

#[rustfmt::skip]
const NAMES: &[(Errno, &str)] = &[
    (Errno::EPERM, "EPERM"),
    (Errno::ENOENT, "ENOENT"),
    (Errno::EINTR, "EINTR"),
    (Errno::EIO, "EIO"),
    (Errno::ENXIO, "ENXIO"),
    (Errno::E2BIG, "E2BIG"),
    (Errno::EBADF, "EBADF"),
    (Errno::EAGAIN, "EAGAIN"),
    (Errno::ENOMEM, "ENOMEM"),
    (Errno::EACCES, "EACCES"),
    (Errno::EFAULT, "EFAULT"),
    (Errno::EBUSY, "EBUSY"),
    (Errno::EEXIST, "EEXIST"),
    (Errno::ENODEV, "ENODEV"),
    (Errno::ENOTDIR, "ENOTDIR"),
    (Errno::EISDIR, "EISDIR"),
    (Errno::EINVAL, "EINVAL"),
    (Errno::ENFILE, "ENFILE"),
    (Errno::EMFILE, "EMFILE"),
    (Errno::EFBIG, "EFBIG"),
    (Errno::ENOSPC, "ENOSPC"),
    (Errno::ESPIPE, "ESPIPE"),
    (Errno::EROFS, "EROFS"),
    (Errno::EPIPE, "EPIPE"),
    (Errno::ERANGE, "ERANGE"),
    (Errno::EDEADLK, "EDEADLK"),
    (Errno::ENAMETOOLONG, "ENAMETOOLONG"),
    (Errno::ENOSYS, "ENOSYS"),
    (Errno::ENOTEMPTY, "ENOTEMPTY"),
    (Errno::ELOOP, "ELOOP"),
    (Errno::ENOMSG, "ENOMSG"),
    (Errno::EIDRM, "EIDRM"),
    (Errno::EPROTO, "EPROTO"),
    (Errno::EOVERFLOW, "EOVERFLOW"),
    (Errno::EMSGSIZE, "EMSGSIZE"),
    (Errno::EOPNOTSUPP, "EOPNOTSUPP"),
    (Errno::EADDRINUSE, "EADDRINUSE"),
    (Errno::ECONNREFUSED, "ECONNREFUSED"),
    (Errno::ECONNRESET, "ECONNRESET"),
    (Errno::ENOTCONN, "ENOTCONN"),
    (Errno::ETIMEDOUT, "ETIMEDOUT"),
    (Errno::ETIME, "ETIME"),
    (Errno::EALREADY, "EALREADY"),
    (Errno::EINPROGRESS, "EINPROGRESS"),
    (Errno::EDQUOT, "EDQUOT"),
    (Errno::ECANCELED, "ECANCELED"),
    (Errno::EOWNERDEAD, "EOWNERDEAD"),
    (Errno::ENOTRECOVERABLE, "ENOTRECOVERABLE"),
    (Errno::ESRCH, "ESRCH"),
    (Errno::ECHILD, "ECHILD"),
    (Errno::ENOLCK, "ENOLCK"),
    (Errno::EXDEV, "EXDEV"),
    (Errno::ETXTBSY, "ETXTBSY"),
    (Errno::EPROTOTYPE, "EPROTOTYPE"),
    (Errno::EPROTONOSUPPORT, "EPROTONOSUPPORT"),
];

/// Prints the C name, or the number if this crate has no name for it.
impl fmt::Debug for Errno {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "Errno({})", self.0),
        }
    }
}

/// Prints the system's description of the error, with the number.
impl fmt::Display for Errno {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            0 => f.write_str("the system gave no error number"), // not "Success"
            raw => io::Error::from_raw_os_error(raw).fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_without_a_name_stays_itself() {
        let odd = Errno::new(54321);
        assert_eq!(odd.name(), None);
        assert_eq!(format!("{odd:?}"), "Errno(54321)");
        assert_eq!(odd.raw(), 54321);
        assert!(!Errno::new(0).to_string().contains("Success"), "a failure is never called that");
    }

    #[test]
    fn every_name_is_found_again_and_only_once() {
        for (errno, name) in NAMES {
            assert_eq!(errno.name(), Some(*name));
        }
    }
}
