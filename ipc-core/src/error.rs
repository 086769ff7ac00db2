//! The error type: which call failed, on which object, and why.
//!
//! All crates use one error type. It prints as a sentence, such as `shm_open /frames: No such file
//! or directory (os error 2)`, and has predicates, such as `err.is_not_found()`. An expected
//! outcome, such as a timeout, is not an error but an ordinary return value.

use std::convert::Infallible;
use std::{fmt, io};

use crate::refusal::Reason;
use crate::{Errno, Refusal};

/// The result of a call that can fail, with [`Error`] unless another error type is given.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An error: the call that failed, the object, and the reason.
///
/// `Debug` prints the same sentence as `Display`, because `main` and `unwrap` print errors with
/// `Debug`.
///
/// # Examples
///
/// ```
/// use ipc_core::{Errno, Error, Refusal};
///
/// let err = Error::os("shm_open", "/frames", Errno::ENOENT);
/// assert_eq!(err.to_string(), "shm_open /frames: No such file or directory (os error 2)");
/// assert!(err.is_not_found());
///
/// let io = std::io::Error::from(err); // kind, sentence and number stay within reach
/// assert_eq!(io.kind(), std::io::ErrorKind::NotFound);
/// let inner = io.get_ref().and_then(|inner| inner.downcast_ref::<Error>());
/// assert_eq!(inner.and_then(Error::errno), Some(Errno::ENOENT));
/// ```
#[derive(thiserror::Error)]
#[error("{0}")]
pub struct Error(Box<Failure>);

struct Failure {
    object: String,
    refusal: Refusal,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { object, refusal: Refusal { call, reason } } = self;
        if object.is_empty() {
            write!(f, "{call}: {reason}")
        } else {
            write!(f, "{call} {object}: {reason}")
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Constructors, for the crates that report errors. If `object` is empty, the message does not name
/// an object.
impl Error {
    #[cold]
    pub(crate) fn new(object: impl fmt::Display, refusal: Refusal) -> Self {
        Self(Box::new(Failure { object: object.to_string(), refusal }))
    }

    /// Creates an error: the system refused `call` on `object`.
    #[cold]
    pub fn os(call: &'static str, object: impl fmt::Display, errno: Errno) -> Self {
        Refusal::os(call, errno).on(object)
    }

    /// Creates an error: `call` could not add an entry to a queue, because the queue is full. `why`
    /// names the queue and its limit.
    #[cold]
    pub fn queue_full(
        call: &'static str,
        object: impl fmt::Display,
        errno: Errno,
        why: impl fmt::Display,
    ) -> Self {
        Refusal::new(call, Reason::QueueFull(errno, why.to_string())).on(object)
    }

    /// Creates an error: the system, or a reader or writer that the caller passed, returned `err`.
    #[cold]
    pub fn io(call: &'static str, object: impl fmt::Display, err: &io::Error) -> Self {
        Refusal::io(call, err).on(object)
    }

    /// Creates an error: an argument is not valid, whatever the state of the system.
    #[cold]
    pub fn invalid(call: &'static str, object: impl fmt::Display, why: impl fmt::Display) -> Self {
        Refusal::invalid(call, why).on(object)
    }

    /// Creates an error: the object exists but is not the requested one. `why` says what was found
    /// and what was wanted.
    #[cold]
    pub fn mismatch(call: &'static str, object: impl fmt::Display, why: impl fmt::Display) -> Self {
        Refusal::mismatch(call, why).on(object)
    }

    /// Creates an error: the caller does not trust the owner of the object, or the users that may
    /// write it.
    #[cold]
    pub fn untrusted(
        call: &'static str,
        object: impl fmt::Display,
        why: impl fmt::Display,
    ) -> Self {
        Refusal::new(call, Reason::Untrusted(why.to_string())).on(object)
    }

    /// Creates an error: the object lacks a seal, so other processes can shorten it.
    #[cold]
    pub fn unsealed(call: &'static str, object: impl fmt::Display, why: impl fmt::Display) -> Self {
        Refusal::new(call, Reason::Unsealed(why.to_string())).on(object)
    }

    /// Creates an error: this system does not support the operation.
    #[cold]
    pub fn unsupported(
        call: &'static str,
        object: impl fmt::Display,
        why: impl fmt::Display,
    ) -> Self {
        Refusal::unsupported(call, why).on(object)
    }
}

/// Predicates and accessors.
impl Error {
    /// Adds the object, if the error does not name one yet. An inner function returns the error
    /// without the object, and the public function adds it.
    #[cold]
    #[must_use]
    pub fn on(mut self, object: impl fmt::Display) -> Self {
        if self.0.object.is_empty() {
            self.0.object = object.to_string();
        }
        self
    }

    /// The call that failed: the name of the C function if there is one.
    #[must_use]
    pub fn call(&self) -> &'static str {
        self.0.refusal.call
    }

    /// The object on which the call failed; empty if the error does not name one.
    #[must_use]
    pub fn object(&self) -> &str {
        &self.0.object
    }

    /// The system's error number, if the system refused.
    #[must_use]
    pub fn errno(&self) -> Option<Errno> {
        self.0.refusal.errno()
    }

    fn reason(&self) -> &Reason {
        &self.0.refusal.reason
    }

    fn is_errno(&self, any_of: &[Errno]) -> bool {
        self.errno().is_some_and(|errno| any_of.contains(&errno))
    }

    /// Returns `true` if the object does not exist.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        self.is_errno(&[Errno::ENOENT])
    }

    /// Returns `true` if the object to be created exists already, or its name is in use.
    #[must_use]
    pub fn is_exists(&self) -> bool {
        self.is_errno(&[Errno::EEXIST, Errno::EADDRINUSE])
    }

    /// Returns `true` if the other end of a connection, a pipe or a ring is closed, if the process
    /// at that end is dead, or if no process listens at the name.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.is_errno(&[Errno::EPIPE, Errno::ECONNRESET, Errno::ECONNREFUSED])
    }

    /// Returns `true` if the mode or the owner of the object, or a missing privilege, forbids the
    /// call.
    #[must_use]
    pub fn is_permission_denied(&self) -> bool {
        self.is_errno(&[Errno::EACCES, Errno::EPERM])
    }

    /// Returns `true` if an argument is not valid, whatever the state of the system.
    #[must_use]
    pub fn is_invalid_argument(&self) -> bool {
        matches!(self.reason(), Reason::Invalid(_)) || self.is_errno(&[Errno::EINVAL])
    }

    /// Returns `true` if the object exists but is not of the requested kind or type, or is damaged.
    #[must_use]
    pub fn is_mismatch(&self) -> bool {
        matches!(self.reason(), Reason::Mismatch(_))
            || self.is_errno(&[Errno::EISDIR, Errno::ELOOP, Errno::ENXIO])
    }

    /// Returns `true` if the caller does not trust the owner of the object, or the users that may
    /// write it.
    #[must_use]
    pub fn is_untrusted(&self) -> bool {
        matches!(self.reason(), Reason::Untrusted(_))
    }

    /// Returns `true` if the object lacks a seal, so that other processes that have it open can
    /// shorten it.
    #[must_use]
    pub fn is_unsealed(&self) -> bool {
        matches!(self.reason(), Reason::Unsealed(_))
    }

    /// Returns `true` if this system does not support the operation.
    #[must_use]
    pub fn is_unsupported(&self) -> bool {
        matches!(self.reason(), Reason::Unsupported(_))
            || self.is_errno(&[Errno::ENOSYS, Errno::EOPNOTSUPP])
    }

    /// Returns `true` if no space is left in the file system, in memory or in a buffer, or a limit
    /// of the process or the system is reached.
    #[must_use]
    pub fn is_no_space(&self) -> bool {
        // These fail so where the limit on locked memory is reached.
        let is_locked_memory =
            self.is_errno(&[Errno::EAGAIN]) && matches!(self.call(), "mmap" | "mlock" | "shmat");
        matches!(
            self.reason(),
            Reason::Io(io::ErrorKind::WriteZero | io::ErrorKind::StorageFull, _)
        ) || is_locked_memory
            || self.is_errno(&[
                Errno::ENOSPC,
                Errno::ENOMEM,
                Errno::EDQUOT,
                Errno::EFBIG,
                Errno::EMFILE,
                Errno::ENFILE,
            ])
    }

    /// Returns `true` if a message is longer than the object or the buffer allows, or a buffer is
    /// too short for the messages of the object.
    #[must_use]
    pub fn is_too_long(&self) -> bool {
        self.is_errno(&[Errno::EMSGSIZE, Errno::E2BIG])
    }

    /// Returns `true` if the value of a semaphore, or another counter of the object, would exceed
    /// its maximum.
    #[must_use]
    pub fn is_overflow(&self) -> bool {
        self.is_errno(&[Errno::EOVERFLOW, Errno::ERANGE])
    }

    /// Returns `true` if the object was removed while this process was using it.
    #[must_use]
    pub fn is_removed(&self) -> bool {
        self.is_errno(&[Errno::EIDRM])
    }

    /// Returns `true` if a queue of messages or of pending signals has no space for one more.
    #[must_use]
    pub fn is_queue_full(&self) -> bool {
        matches!(self.reason(), Reason::QueueFull(..))
    }

    /// Returns `true` if another process uses the object in a way that excludes this call. The
    /// message names that process if the system reports it.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.is_errno(&[Errno::EBUSY]) || self.is_errno(&[Errno::EAGAIN]) && self.call() == "fcntl"
    }

    /// Returns `true` if the process, thread or process group does not exist, or has ended.
    #[must_use]
    pub fn is_no_such_process(&self) -> bool {
        self.is_errno(&[Errno::ESRCH])
    }

    /// Returns `true` if the wait would never end, because the caller holds the object for which it
    /// would wait.
    #[must_use]
    pub fn is_deadlock(&self) -> bool {
        self.is_errno(&[Errno::EDEADLK])
    }

    /// Returns `true` if the owner of a lock died while holding it: the next owner can then repair
    /// the data that the lock protects. Also returns `true` if a server died while it had a call,
    /// or if the owner of a mailbox or the writer of frames died.
    #[must_use]
    pub fn is_owner_died(&self) -> bool {
        self.is_errno(&[Errno::EOWNERDEAD])
    }

    /// Returns `true` if another process ended the operation without a result, such as a server that
    /// dropped a call without a reply.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.is_errno(&[Errno::ECANCELED])
    }

    /// Returns `true` if the lock can no longer be acquired, because an owner died and the next
    /// owner did not repair the data.
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

/// The `io::Error` has the kind that corresponds to the reason. [`get_ref`](io::Error::get_ref)
/// returns the original error.
impl From<Error> for io::Error {
    fn from(err: Error) -> Self {
        let kind = match err.reason() {
            Reason::Os(errno, _) | Reason::QueueFull(errno, _) => {
                Self::from_raw_os_error(errno.raw()).kind()
            }
            Reason::Io(kind, _) => *kind,
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
        let err = Error::queue_full("sigqueue", "", Errno::EAGAIN, "10 signals are queued");
        assert_eq!(err.to_string(), "sigqueue: 10 signals are queued");
        assert!(err.is_queue_full() && err.errno() == Some(Errno::EAGAIN));
    }

    #[test]
    fn what_main_and_unwrap_show_is_the_sentence() {
        let err = Error::os("shm_open", "/frames", Errno::ENOENT);
        assert_eq!(format!("{err:?}"), err.to_string());
    }

    #[test]
    fn a_reason_beside_the_number_is_read_after_it() {
        let err =
            Refusal::os("fallocate", Errno::ENOSPC).because("wanted 9 bytes, 3 are free").on("/x");
        assert!(err.is_no_space() && err.errno() == Some(Errno::ENOSPC));
        assert!(err.to_string().ends_with("(os error 28): wanted 9 bytes, 3 are free"), "{err}");
    }

    #[test]
    fn numbers_that_mean_a_limit_or_a_link_say_so_in_every_call() {
        for (errno, says) in [
            (Errno::EMFILE, "ulimit -n"),
            (Errno::ENFILE, "fs.file-max"),
            (Errno::ELOOP, "link"),
            (Errno::EACCES, "denied to uid "),
        ] {
            let err = Error::os("open", "/x", errno);
            assert!(err.to_string().contains(says) && err.errno() == Some(errno), "{err}");
        }
        let err = Refusal::os("open", Errno::EMFILE).because("it needs two").on("/x");
        assert!(err.to_string().ends_with("(os error 24): it needs two"), "{err}");
    }

    #[test]
    fn an_io_error_without_number_and_text_is_still_an_error() {
        let err = Error::io("read", "/x", &io::ErrorKind::UnexpectedEof.into());
        assert_eq!(err.to_string(), "read /x: unexpected end of file");
    }

    #[test]
    fn each_reason_answers_only_its_own_predicates() {
        let invalid = Error::invalid("create", "/x", "a size of 0 bytes");
        assert_eq!(invalid.to_string(), "create /x: a size of 0 bytes");
        assert!(
            invalid.is_invalid_argument() && !invalid.is_mismatch() && invalid.errno().is_none()
        );
        assert!(Error::mismatch("open", "/x", "found f32, wanted f64").is_mismatch());
        assert!(Error::untrusted("open", "/x", "owned by uid 1").is_untrusted());
        assert!(Error::unsealed("open", "/x", "it may shrink").is_unsealed());
        assert!(Error::unsupported("open", "/x", "no OFD locks").is_unsupported());
        assert!(Error::os("send", "/x", Errno::ECONNRESET).is_closed());
        assert!(!Error::os("connect", "/x", Errno::ENOENT).is_closed());
        assert!(Error::os("bind", "/x", Errno::EADDRINUSE).is_exists());
    }

    #[test]
    fn becoming_an_io_error_loses_neither_code_nor_message() {
        let os = io::Error::from(Error::os("shm_open", "/x", Errno::EACCES));
        assert_eq!(os.kind(), io::ErrorKind::PermissionDenied);
        assert!(os.to_string().starts_with(&format!("shm_open /x: {}: denied to", Errno::EACCES)));
        let inner = os.get_ref().and_then(|inner| inner.downcast_ref::<Error>()).unwrap();
        assert_eq!((inner.errno(), inner.object()), (Some(Errno::EACCES), "/x"));
        let own = io::Error::from(Error::mismatch("open", "/x", "found f32, wanted f64"));
        assert_eq!(own.kind(), io::ErrorKind::InvalidData);
        assert_eq!(own.to_string(), "open /x: found f32, wanted f64");
    }

    #[test]
    fn an_io_error_without_a_number_keeps_kind_and_text() {
        let err =
            Error::io("npy", "/x", &io::Error::new(io::ErrorKind::WriteZero, "the buffer is full"));
        assert!(err.is_no_space() && !err.is_mismatch() && err.errno().is_none());
        assert_eq!(err.to_string(), "npy /x: the buffer is full");
        assert_eq!(io::Error::from(err).kind(), io::ErrorKind::WriteZero);
        let err = Error::io("npy", "/x", &io::Error::from_raw_os_error(Errno::EPIPE.raw()));
        assert_eq!(err.errno(), Some(Errno::EPIPE));
    }
}
