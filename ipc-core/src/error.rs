//! What went wrong: which call, on which object, and why.
//!
//! There is one error type for all crates. It reads as a sentence,
//! `shm_open /frames: No such file or directory (os error 2)`, and is asked by
//! predicate: `err.is_not_found()`. What is not a failure, such as having waited
//! long enough, is not an error but an ordinary answer of the call.

use std::convert::Infallible;
use std::{fmt, io};

use crate::Errno;

/// The result of every fallible call of these crates.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Which call failed, on which object, and why.
///
/// # Examples
///
/// ```
/// use ipc_core::{Errno, Error};
///
/// let err = Error::os("shm_open", "/frames", Errno::ENOENT);
/// assert_eq!(err.to_string(), "shm_open /frames: No such file or directory (os error 2)");
/// assert!(err.is_not_found());
/// assert_eq!(std::io::Error::from(err).raw_os_error(), Some(2));
/// ```
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Error(Box<Failure>);

#[derive(Debug)]
struct Failure {
    call: &'static str,
    object: String,
    reason: Reason,
}

#[derive(Debug, thiserror::Error)]
enum Reason {
    #[error("{0}")]
    Os(Errno),
    #[error("{1}")]
    Io(io::ErrorKind, String),
    #[error("{0}")]
    Invalid(String),
    #[error("{0}")]
    Mismatch(String),
    #[error("{0}")]
    Untrusted(String),
    #[error("{0}")]
    Unsealed(String),
    #[error("{0}")]
    Unsupported(String),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { call, object, reason } = self;
        if object.is_empty() { write!(f, "{call}: {reason}") } else { write!(f, "{call} {object}: {reason}") }
    }
}

/// Making errors, for the crates that find them.
impl Error {
    #[cold]
    fn new(call: &'static str, object: impl fmt::Display, reason: Reason) -> Self {
        Self(Box::new(Failure { call, object: object.to_string(), reason }))
    }

    /// The system refused `call` on `object`. An empty object is left out of the message.
    #[cold]
    pub fn os(call: &'static str, object: impl fmt::Display, errno: Errno) -> Self {
        Self::new(call, object, Reason::Os(errno))
    }

    /// The system, or what a caller gave to read from or write to in its place, refused.
    #[cold]
    pub fn io(call: &'static str, object: impl fmt::Display, err: &io::Error) -> Self {
        let reason = match err.raw_os_error() {
            Some(number) => Reason::Os(Errno::new(number)),
            None => Reason::Io(err.kind(), err.to_string()),
        };
        Self::new(call, object, reason)
    }

    /// An argument cannot be right, whatever the state of the system.
    #[cold]
    pub fn invalid(call: &'static str, object: impl fmt::Display, why: impl fmt::Display) -> Self {
        Self::new(call, object, Reason::Invalid(why.to_string()))
    }

    /// The object exists but is not what was asked for; `why` says what was found and what was wanted.
    #[cold]
    pub fn mismatch(call: &'static str, object: impl fmt::Display, why: impl fmt::Display) -> Self {
        Self::new(call, object, Reason::Mismatch(why.to_string()))
    }

    /// The object belongs to somebody who must not be able to make us use it.
    #[cold]
    pub fn untrusted(call: &'static str, object: impl fmt::Display, why: impl fmt::Display) -> Self {
        Self::new(call, object, Reason::Untrusted(why.to_string()))
    }

    /// The object lacks a seal without which others can take its bytes away.
    #[cold]
    pub fn unsealed(call: &'static str, object: impl fmt::Display, why: impl fmt::Display) -> Self {
        Self::new(call, object, Reason::Unsealed(why.to_string()))
    }

    /// This system cannot do it, and doing something weaker instead would be a lie.
    #[cold]
    pub fn unsupported(call: &'static str, object: impl fmt::Display, why: impl fmt::Display) -> Self {
        Self::new(call, object, Reason::Unsupported(why.to_string()))
    }
}

/// Asking what happened.
impl Error {
    /// The call that failed, by its C name where there is one.
    #[must_use]
    pub fn call(&self) -> &'static str {
        self.0.call
    }

    /// The object it failed on, empty if it has no name.
    #[must_use]
    pub fn object(&self) -> &str {
        &self.0.object
    }

    /// The system's error number, if the system refused.
    #[must_use]
    pub fn errno(&self) -> Option<Errno> {
        match self.0.reason {
            Reason::Os(errno) => Some(errno),
            _ => None,
        }
    }

    fn is_errno(&self, any_of: &[Errno]) -> bool {
        self.errno().is_some_and(|errno| any_of.contains(&errno))
    }

    /// There is no such object.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        self.is_errno(&[Errno::ENOENT])
    }

    /// The object to be created exists already.
    #[must_use]
    pub fn is_exists(&self) -> bool {
        self.is_errno(&[Errno::EEXIST])
    }

    /// The object's mode, its owner or a privilege forbids it.
    #[must_use]
    pub fn is_permission_denied(&self) -> bool {
        self.is_errno(&[Errno::EACCES, Errno::EPERM])
    }

    /// An argument can never be right.
    #[must_use]
    pub fn is_invalid_argument(&self) -> bool {
        matches!(self.0.reason, Reason::Invalid(_)) || self.is_errno(&[Errno::EINVAL])
    }

    /// The object exists but holds something else, or nothing intact.
    #[must_use]
    pub fn is_mismatch(&self) -> bool {
        matches!(self.0.reason, Reason::Mismatch(_)) || self.is_errno(&[Errno::EISDIR, Errno::ELOOP, Errno::ENXIO])
    }

    /// The object was made by somebody whom the caller has not said to trust.
    #[must_use]
    pub fn is_untrusted(&self) -> bool {
        matches!(self.0.reason, Reason::Untrusted(_))
    }

    /// The object lacks a seal: whoever else has it can make it shorter.
    #[must_use]
    pub fn is_unsealed(&self) -> bool {
        matches!(self.0.reason, Reason::Unsealed(_))
    }

    /// This system cannot do it.
    #[must_use]
    pub fn is_unsupported(&self) -> bool {
        matches!(self.0.reason, Reason::Unsupported(_)) || self.is_errno(&[Errno::ENOSYS, Errno::EOPNOTSUPP])
    }

    /// No room is left: in the file system, in memory, in a buffer, or under a limit.
    #[must_use]
    pub fn is_no_space(&self) -> bool {
        matches!(self.0.reason, Reason::Io(io::ErrorKind::WriteZero | io::ErrorKind::StorageFull, _))
            || self.is_errno(&[Errno::ENOSPC, Errno::ENOMEM, Errno::EDQUOT, Errno::EFBIG, Errno::EMFILE, Errno::ENFILE])
    }

    /// A message, or a buffer for one, has not the length that the object wants.
    #[must_use]
    pub fn is_too_long(&self) -> bool {
        self.is_errno(&[Errno::EMSGSIZE, Errno::E2BIG])
    }

    /// The counter would pass its maximum.
    #[must_use]
    pub fn is_overflow(&self) -> bool {
        self.is_errno(&[Errno::EOVERFLOW, Errno::ERANGE])
    }

    /// The object was removed while it was being used.
    #[must_use]
    pub fn is_removed(&self) -> bool {
        self.is_errno(&[Errno::EIDRM])
    }

    /// The queue to send to has no room for one more.
    #[must_use]
    pub fn is_queue_full(&self) -> bool {
        self.is_errno(&[Errno::EAGAIN])
    }

    /// Somebody has it already, and it is for one at a time.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.is_errno(&[Errno::EBUSY])
    }

    /// The process, thread or group of processes is not there, or no longer.
    #[must_use]
    pub fn is_no_such_process(&self) -> bool {
        self.is_errno(&[Errno::ESRCH])
    }

    /// Waiting would never end, because the caller holds what it waits for.
    #[must_use]
    pub fn is_deadlock(&self) -> bool {
        self.is_errno(&[Errno::EDEADLK])
    }

    /// An owner died, whoever came next did not repair what the lock guards, and nobody gets it any more.
    #[must_use]
    pub fn is_not_recoverable(&self) -> bool {
        self.is_errno(&[Errno::ENOTRECOVERABLE])
    }
}

impl From<Infallible> for Error {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

/// Keeps the system's error number; an error without one keeps its message.
impl From<Error> for io::Error {
    fn from(err: Error) -> Self {
        let kind = match err.0.reason {
            Reason::Os(errno) => return Self::from_raw_os_error(errno.raw()),
            Reason::Io(kind, _) => kind,
            Reason::Invalid(_) => io::ErrorKind::InvalidInput,
            Reason::Mismatch(_) => io::ErrorKind::InvalidData,
            Reason::Untrusted(_) | Reason::Unsealed(_) => io::ErrorKind::PermissionDenied,
            Reason::Unsupported(_) => io::ErrorKind::Unsupported,
        };
        Self::new(kind, err)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_without_an_object_names_call_and_reason() {
        let err = Error::os("sigqueue", "", Errno::EAGAIN);
        assert_eq!(err.to_string(), format!("sigqueue: {}", Errno::EAGAIN));
        assert!(err.is_queue_full());
    }

    #[test]
    fn each_reason_answers_only_its_own_predicates() {
        let invalid = Error::invalid("create", "/x", "a size of 0 bytes");
        assert_eq!(invalid.to_string(), "create /x: a size of 0 bytes");
        assert!(invalid.is_invalid_argument() && !invalid.is_mismatch() && invalid.errno().is_none());
        assert!(Error::mismatch("open", "/x", "found f32, wanted f64").is_mismatch());
        assert!(Error::untrusted("open", "/x", "owned by uid 1").is_untrusted());
        assert!(Error::unsealed("open", "/x", "it may shrink").is_unsealed());
        assert!(Error::unsupported("open", "/x", "no OFD locks").is_unsupported());
    }

    #[test]
    fn becoming_an_io_error_loses_neither_code_nor_message() {
        let os = io::Error::from(Error::os("shm_open", "/x", Errno::EACCES));
        assert_eq!(os.raw_os_error(), Some(Errno::EACCES.raw()));
        let own = io::Error::from(Error::mismatch("open", "/x", "found f32, wanted f64"));
        assert_eq!(own.kind(), io::ErrorKind::InvalidData);
        assert_eq!(own.to_string(), "open /x: found f32, wanted f64");
    }

    #[test]
    fn an_io_error_without_a_number_keeps_kind_and_text() {
        let err = Error::io("npy", "/x", &io::Error::new(io::ErrorKind::WriteZero, "the buffer is full"));
        assert!(err.is_no_space() && !err.is_mismatch() && err.errno().is_none());
        assert_eq!(err.to_string(), "npy /x: the buffer is full");
        assert_eq!(io::Error::from(err).kind(), io::ErrorKind::WriteZero);
        let err = Error::io("npy", "/x", &io::Error::from_raw_os_error(Errno::EPIPE.raw()));
        assert_eq!(err.errno(), Some(Errno::EPIPE));
    }
}
