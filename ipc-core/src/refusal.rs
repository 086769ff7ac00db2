//! Errors that do not name their object yet.
//!
//! An inner function knows the call and the reason. The public method that called it adds the
//! object, so the name need not be passed to inner functions.

use std::borrow::Cow;
use std::{fmt, io};

use crate::{Errno, Error, UserId};

/// An error that does not name its object yet: the call that failed, and the reason.
///
/// # Examples
///
/// ```
/// use ipc_core::{Errno, Refusal};
///
/// fn reserve(wanted: u64, free: u64) -> Result<(), Refusal> {
///     let why = format_args!("wanted {wanted} bytes, {free} are free");
///     if wanted > free { Err(Refusal::os("fallocate", Errno::ENOSPC).because(why)) } else { Ok(()) }
/// }
///
/// let err = reserve(9, 3).map_err(|refusal| refusal.on("/frames")).unwrap_err();
/// assert!(err.is_no_space() && err.object() == "/frames");
/// ```
#[derive(Debug)]
#[must_use]
pub struct Refusal {
    pub(crate) call: &'static str,
    pub(crate) reason: Reason,
}

#[derive(Debug)]
pub(crate) enum Reason {
    /// The error number, and further details.
    Os(Errno, Option<String>),
    /// The error number, and what is full.
    QueueFull(Errno, String),
    Io(io::ErrorKind, String),
    Invalid(String),
    Mismatch(String),
    Untrusted(String),
    Unsealed(String),
    Unsupported(String),
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Os(errno, Some(why)) => write!(f, "{errno}: {why}"),
            Self::Os(errno, None) => match hint(*errno) {
                Some(why) => write!(f, "{errno}: {why}"),
                None => errno.fmt(f),
            },
            Self::QueueFull(_, why) | Self::Io(_, why) => f.write_str(why),
            Self::Invalid(why) | Self::Mismatch(why) => f.write_str(why),
            Self::Untrusted(why) | Self::Unsealed(why) | Self::Unsupported(why) => f.write_str(why),
        }
    }
}

/// What an error number means whatever the call, where the system's description does not say it.
fn hint(errno: Errno) -> Option<Cow<'static, str>> {
    Some(match errno {
        Errno::EACCES => format!("denied to uid {}", UserId::effective().raw()).into(),
        Errno::EMFILE => "this process has as many open descriptors as `ulimit -n` permits".into(),
        Errno::ENFILE => "all processes together have as many as `fs.file-max` permits".into(),
        Errno::ELOOP => "found a symbolic link, which is not followed, or a loop of links".into(),
        _ => return None,
    })
}

impl Refusal {
    #[cold]
    pub(crate) fn new(call: &'static str, reason: Reason) -> Self {
        Self { call, reason }
    }

    /// Creates a refusal: the system refused `call`. Allocates nothing.
    #[cold]
    pub fn os(call: &'static str, errno: Errno) -> Self {
        Self::new(call, Reason::Os(errno, None))
    }

    /// Creates a refusal: the system refused `call` with `err`. If `err` has no error number, its
    /// kind and text are kept.
    #[cold]
    pub fn io(call: &'static str, err: &io::Error) -> Self {
        Self::new(
            call,
            match err.raw_os_error() {
                Some(number) => Reason::Os(Errno::new(number), None),
                None => Reason::Io(err.kind(), err.to_string()),
            },
        )
    }

    /// Creates a refusal: an argument is not valid, whatever the state of the system.
    #[cold]
    pub fn invalid(call: &'static str, why: impl fmt::Display) -> Self {
        Self::new(call, Reason::Invalid(why.to_string()))
    }

    /// Creates a refusal: the object exists but is not the requested one. `why` says what was found
    /// and what was wanted.
    #[cold]
    pub fn mismatch(call: &'static str, why: impl fmt::Display) -> Self {
        Self::new(call, Reason::Mismatch(why.to_string()))
    }

    /// Creates a refusal: this system does not support the operation.
    #[cold]
    pub fn unsupported(call: &'static str, why: impl fmt::Display) -> Self {
        Self::new(call, Reason::Unsupported(why.to_string()))
    }

    /// Adds details to an error number of the system. A refusal for any other reason stays
    /// unchanged.
    #[cold]
    pub fn because(mut self, why: impl fmt::Display) -> Self {
        if let Reason::Os(errno, _) = self.reason {
            self.reason = Reason::Os(errno, Some(why.to_string()));
        }
        self
    }

    /// The system's error number, if the system refused.
    #[must_use]
    pub fn errno(&self) -> Option<Errno> {
        match self.reason {
            Reason::Os(errno, _) | Reason::QueueFull(errno, _) => Some(errno),
            _ => None,
        }
    }

    /// Adds the object, and returns the error.
    pub fn on(self, object: impl fmt::Display) -> Error {
        Error::new(object, self)
    }
}
