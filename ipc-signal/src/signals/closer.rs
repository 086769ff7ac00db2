//! Closing a receiver of signals, from another thread.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use ipc_core::{Error, Origin, Result};

use crate::{Signals, sys};

/// A handle that closes a [`Signals`] receiver from any thread.
///
/// When the receiver is closed, its waits return immediately, including those in progress.
///
/// Clones of a closer close the same receiver. After a fork, the parent and the child each have a
/// receiver: closing one does not close the other. In the child, closing does not interrupt a wait
/// that is in progress; only waits that begin later return immediately.
///
/// # Examples
///
/// ```
/// use std::thread;
///
/// use ipc_signal::{Signal, Signals};
///
/// let mut signals = Signals::block([Signal::HUP, Signal::TERM])?;
/// let closer = signals.closer()?;
/// let receiver = thread::spawn(move || signals.filter_map(Result::ok).count());
/// closer.close();
/// assert_eq!(receiver.join().unwrap(), 0);
/// # Ok::<(), ipc_core::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Closer(Arc<Closing>);

/// The state that a [`Signals`] shares with its [`Closer`]s.
#[derive(Debug)]
pub(crate) struct Closing {
    closed: AtomicBool,
    /// Readable once closed, so that a poll wakes up.
    event: OwnedFd,
    origin: Origin,
}

impl Closer {
    /// Closes the receiver. Its signals stay blocked, and pending signals stay pending.
    pub fn close(&self) {
        self.0.closed.store(true, Ordering::SeqCst);
        // The parent of a forked child polls the same counter.
        if self.0.origin.is_here() {
            sys::add_one(self.0.event.as_fd());
        }
    }

    /// Returns `true` if the receiver was closed.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.0.is_closed()
    }
}

impl Closing {
    pub(crate) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::SeqCst)
    }
}

impl AsFd for Closing {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.event.as_fd()
    }
}

impl Signals {
    /// Returns a handle that closes this receiver from another thread.
    ///
    /// After this call, [`recv`](Self::recv) makes three system calls instead of one if it has to
    /// wait.
    ///
    /// # Errors
    ///
    /// [`is_no_space`](Error::is_no_space) if the process has no descriptor left.
    pub fn closer(&mut self) -> Result<Closer> {
        if let Some(closing) = &self.closing {
            return Ok(Closer(closing.clone()));
        }
        let event = sys::eventfd().map_err(|errno| Error::os("eventfd", "", errno))?;
        let closing = Closing { closed: AtomicBool::new(false), event, origin: Origin::here() };
        let closing = self.closing.insert(Arc::new(closing));
        Ok(Closer(closing.clone()))
    }

    /// Returns `true` if a [`Closer`] closed this receiver.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.closing.as_ref().is_some_and(|closing| closing.is_closed())
    }

    /// Returns the state to watch while waiting. A forked child watches nothing: the counter is its
    /// parent's.
    pub(super) fn watched(&self) -> Option<&Closing> {
        self.closing.as_deref().filter(|closing| closing.origin.is_here())
    }
}
