//! Signals as a stream, in programs that use tokio.

#![expect(unsafe_code, reason = "guarantees a descriptor to tokio")]

use std::io::{self, ErrorKind};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use ipc_core::{Error, Result};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

use crate::{SignalInfo, Signals};

/// A stream of signals for tokio, created from [`Signals`].
///
/// Create the [`Signals`] at the start of `main`, before the runtime starts its threads: a thread
/// that exists already does not block the signals. With a multi-threaded `#[tokio::main]`, the
/// start of `main` is too late.
///
/// The stream receives signals that are sent to the process. A signal that is sent to one thread is
/// received only if that thread polls the stream.
///
/// Any number of tasks may share a stream and wait in [`recv`](Self::recv): each signal goes to one
/// of them. To end a wait, drop the future; a [`Closer`](crate::Closer) does not end it.
///
/// # Examples
///
/// ```
/// use ipc_signal::stream::SignalStream;
/// use ipc_signal::{Signal, Signals, send_value};
///
/// let job = Signal::realtime(0)?;
/// let signals = Signals::block(job)?;
/// let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
/// runtime.block_on(async {
///     let stream = SignalStream::new(signals)?;
///     send_value(std::process::id(), job, 42)?; // usually from another process
///     assert_eq!(stream.recv().await?.value(), Some(42));
///     Ok::<(), ipc_core::Error>(())
/// })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct SignalStream(AsyncFd<Signals>);

impl SignalStream {
    /// Creates a stream, and registers the receiver with the current runtime.
    ///
    /// # Errors
    ///
    /// [`is_no_space`](Error::is_no_space) if the user has reached the limit of epoll
    /// registrations.
    ///
    /// # Panics
    ///
    /// If this is called outside of a tokio runtime, or in a runtime whose I/O driver is not
    /// enabled.
    pub fn new(signals: Signals) -> Result<Self> {
        // SAFETY: `signals` owns its descriptor, which is the same one until it is dropped: `add`
        // changes the set of the open descriptor, and nothing replaces it.
        let registered = unsafe { AsyncFd::register_with_interest(signals, Interest::READABLE) };
        registered.map(Self).map_err(|err| failed(err.into()))
    }

    /// Receives the next signal, and waits until there is one.
    ///
    /// If the future is dropped, no signal is lost. Other tasks run even if signals arrive without
    /// pause.
    ///
    /// # Errors
    ///
    /// Does not fail, unless other code of this process closes or replaces the descriptor.
    pub async fn recv(&self) -> Result<SignalInfo> {
        let next = self.0.async_io(Interest::READABLE, |signals| {
            signals.try_recv().transpose().ok_or_else(|| ErrorKind::WouldBlock.into())
        });
        next.await.map_err(failed)?
    }

    /// Receives the next signal if one is pending. Otherwise, the task is woken when a signal
    /// arrives.
    ///
    /// If several tasks call this method, or use the stream as a [`Stream`], only the task that did
    /// so last is woken. All tasks that wait in [`recv`](Self::recv) are woken.
    ///
    /// # Errors
    ///
    /// Does not fail, unless other code of this process closes or replaces the descriptor.
    pub fn poll_recv(&self, context: &mut Context<'_>) -> Poll<Result<SignalInfo>> {
        loop {
            let mut readable = ready!(self.0.poll_read_ready(context)).map_err(failed)?;
            if let Some(info) = self.0.get_ref().try_recv()? {
                return Poll::Ready(Ok(info));
            }
            readable.clear_ready();
        }
    }

    /// Removes the receiver from the runtime, and returns it.
    #[must_use]
    pub fn into_inner(self) -> Signals {
        self.0.into_inner()
    }
}

/// Borrows the descriptor on which the stream waits. It is readable while a signal is pending.
impl AsFd for SignalStream {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.get_ref().as_fd()
    }
}

impl AsRawFd for SignalStream {
    fn as_raw_fd(&self) -> RawFd {
        self.as_fd().as_raw_fd()
    }
}

fn failed(err: io::Error) -> Error {
    Error::io("epoll_wait", "signalfd", &err)
}

/// Yields each signal. The stream never ends.
impl Stream for SignalStream {
    type Item = Result<SignalInfo>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll_recv(context).map(Some)
    }
}
