//! Sockets that a service manager has opened for this process.

use std::env;
use std::os::fd::OwnedFd;

use ipc_core::{Error, Result};

use crate::sys::inherited;

/// A descriptor that a service manager has opened for this process, from [`activated`].
#[derive(Debug)]
pub struct Activated {
    name: String,
    descriptor: OwnedFd,
}

impl Activated {
    /// Returns the name that the service manager gives it (`FileDescriptorName=`); `unknown` if it
    /// gives none.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the descriptor. [`Listener::try_from`](crate::Listener) and
    /// [`Socket::try_from`](crate::Socket) check that it is what they need.
    #[must_use]
    pub fn into_descriptor(self) -> OwnedFd {
        self.descriptor
    }
}

/// Returns the descriptors that systemd, or another service manager, has opened for this process.
/// If no service manager passed any, the `Vec` is empty.
///
/// Reads `LISTEN_PID`, `LISTEN_FDS` and `LISTEN_FDNAMES`. Each call returns new descriptors of the
/// same sockets. The original ones stay open, but programs that this process starts no longer
/// inherit them.
///
/// # Errors
///
/// [`is_invalid_argument`](Error::is_invalid_argument) if the variables are not valid; `EBADF` if a
/// descriptor that they name is not open; [`is_no_space`](Error::is_no_space) if no more
/// descriptors can be opened.
///
/// # Examples
///
/// ```
/// use ipc_stream::{LocalListener, activated};
///
/// let listener = match activated()?.into_iter().next() {
///     Some(socket) => LocalListener::try_from(socket.into_descriptor())?,
/// #   None => LocalListener::bind(ipc_testkit::fixture::dir().join("feed.sock"))?,
/// #   #[cfg(any())]
///     None => LocalListener::bind("/run/app/feed.sock")?,
/// };
/// # Ok::<(), ipc_core::Error>(())
/// ```
///
/// <https://www.freedesktop.org/software/systemd/man/latest/sd_listen_fds.html>
#[doc(alias = "sd_listen_fds")]
pub fn activated() -> Result<Vec<Activated>> {
    let number = |name: &str| match env::var_os(name) {
        None => Ok(None),
        Some(text) => match text.to_str().and_then(|text| text.parse::<u32>().ok()) {
            Some(number) => Ok(Some(number)),
            None => {
                let why = format_args!("found {text:?}, wanted a number");
                Err(Error::invalid("sd_listen_fds", name, why))
            }
        },
    };
    let (Some(process), Some(count)) = (number("LISTEN_PID")?, number("LISTEN_FDS")?) else {
        return Ok(Vec::new());
    };
    if process != std::process::id() {
        return Ok(Vec::new()); // for the process that started this one
    }
    let names = env::var("LISTEN_FDNAMES").unwrap_or_default();
    let mut names = names.split(':');
    let numbers = (inherited::FIRST..)
        .take(usize::try_from(count).unwrap_or(usize::MAX).min(inherited::MOST));
    let take = |number| match inherited::duplicate(number) {
        Ok(descriptor) => {
            let name = names.next().filter(|name| !name.is_empty()).unwrap_or("unknown");
            Ok(Activated { name: name.to_owned(), descriptor })
        }
        Err(errno) => Err(Error::os("fcntl", format_args!("descriptor {number}"), errno)),
    };
    numbers.map(take).collect()
}
