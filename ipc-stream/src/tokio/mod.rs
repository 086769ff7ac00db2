//! Sockets, pipes and file locks for tasks, in a program that runs on [tokio](https://tokio.rs).
//!
//! Each type has the name of the one that it wraps: [`Socket::new`] wraps a
//! [`Socket`](crate::Socket) that exists, and constructors such as [`Listener::bind`] create the
//! value and wrap it. The wrapped value has the methods that do not wait: see [`Socket::socket`]
//! and [`Listener::listener`].
//!
//! A future that is dropped before it is ready has neither received nor sent anything, unless the
//! documentation of its method says otherwise. Limit the time with `tokio::time::timeout`.
//!
//! Outside of a runtime, the constructors of sockets, listeners and pipes fail with
//! [`is_invalid_argument`], and so does a wait for a file lock. In a runtime whose I/O driver is
//! not enabled, they panic. Values may be dropped anywhere.
//!
//! [`is_invalid_argument`]: ipc_core::Error::is_invalid_argument
//!
//! # Examples
//!
//! ```
//! use ipc_stream::Policy;
//! use ipc_stream::tokio::{LocalListener, LocalStream};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> ipc_core::Result<()> {
//! # let dir = ipc_testkit::fixture::dir();
//! # let path = dir.join("echo.sock");
//! let listener = LocalListener::bind(&path)?;
//! let client = LocalStream::connect(&path).await?; // usually in another process
//! client.send_all(b"hello").await?;
//!
//! let server = listener.accept_if(&Policy::same_user()).await?;
//! let mut bytes = [0; 64];
//! assert_eq!(server.recv(&mut bytes).await?, 5);
//! # Ok(())
//! # }
//! ```

#![expect(unsafe_code, reason = "guarantees to tokio that a descriptor stays open")]

mod file_lock;
mod listener;
mod pipe;
mod socket;
mod stream;

use std::io;
use std::os::fd::AsRawFd;
use std::sync::Arc;

use ::tokio::io::Interest;
use ::tokio::io::unix::AsyncFd;
use ::tokio::runtime::Handle;
use ::tokio::task::yield_now;
use ipc_core::{Deadline, Errno, Error, Result};

pub use file_lock::FileLock;
pub use listener::{Listener, LocalListener, SeqpacketListener};
pub use pipe::{MessageReader, MessageWriter, PipeEnd, PipeReader, PipeWriter};
pub use socket::{Datagram, LocalStream, Seqpacket, Socket};

use crate::Connected;
use crate::kind::Kind;
use crate::sys::file;
use crate::wait::{LEFT_OUT, Pauses};

fn runtime() -> Result<Handle> {
    Handle::try_current().map_err(|err| Error::invalid("tokio", "", err))
}

/// An owner of one descriptor.
///
/// # Safety
///
/// `as_raw_fd` returns the same open descriptor for as long as the value lives.
unsafe trait Owner: AsRawFd {}

// SAFETY: each has an `OwnedFd` that is private, never replaced, and closed when it is dropped.
unsafe impl<K: Kind> Owner for crate::Socket<K> {}
// SAFETY: the same.
unsafe impl<K: Connected> Owner for crate::Listener<K> {}
// SAFETY: the same.
unsafe impl<D> Owner for crate::PipeEnd<D> {}

/// Lets the runtime wait for what has a descriptor.
fn register<T: Owner>(inner: T, interest: Interest) -> Result<AsyncFd<T>> {
    runtime()?;
    // SAFETY: the descriptor is open and the same one until `inner` is dropped, as `Owner` says.
    let registered = unsafe { AsyncFd::register_with_interest(inner, interest) };
    registered.map_err(|refused| {
        let (inner, err) = refused.into_parts();
        Error::os("epoll_ctl", format_args!("descriptor {}", inner.as_raw_fd()), file::code(&err))
    })
}

/// Repeats a call until it does not have to wait. Dropped before that, it has not been made.
async fn until_ready<T: AsRawFd, R>(
    fd: &AsyncFd<T>,
    interest: Interest,
    mut attempt: impl FnMut(&T) -> Result<R, Errno>,
) -> Result<R, Errno> {
    loop {
        let some = |inner: &T| {
            let mut done = Err(Errno::EINTR);
            for _ in 0..LEFT_OUT {
                done = attempt(inner);
                if !matches!(done, Err(Errno::EINTR)) {
                    break;
                }
            }
            done.map_err(as_io)
        };
        match fd.async_io(interest, some).await.map_err(|err| file::code(&err)) {
            // A flood of what is left out must not keep other tasks from their turn.
            Err(Errno::EINTR) => yield_now().await,
            done => return done,
        }
    }
}

fn as_io(errno: Errno) -> io::Error {
    io::Error::from_raw_os_error(errno.raw())
}

/// Repeats a call that no event announces, with pauses, on one thread of the runtime that may wait.
///
/// The thread is done at most 10 ms after the future was dropped.
async fn on_a_thread<T: Send + 'static>(
    mut attempt: impl FnMut() -> Result<Option<T>> + Send + 'static,
) -> Result<T> {
    let wanted = Arc::new(());
    let is_wanted = Arc::downgrade(&wanted);
    let tries = runtime()?.spawn_blocking(move || {
        let mut pauses = Pauses::new();
        while is_wanted.strong_count() > 0 {
            if let Some(done) = attempt()? {
                return Ok(Some(done));
            }
            pauses.pause(Deadline::NEVER)?;
        }
        Ok(None)
    });
    let done = tries.await;
    drop(wanted);
    let ended = || Error::os("spawn_blocking", "", Errno::ECANCELED);
    done.map_err(|_| ended())?.and_then(|done| done.ok_or_else(ended))
}
