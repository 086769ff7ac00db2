//! Signals as a stream, in a program that runs on tokio.

#![expect(unsafe_code, reason = "vouches to tokio for a descriptor")]

use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use ipc_core::{Errno, Error, Result};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

use crate::{SignalInfo, Signals};

/// Receives signals in a task: [`Signals`] for tokio.
///
/// Make the [`Signals`] first thing in `main`, before the runtime and its threads: a thread that is
/// there already lets them through. With `#[tokio::main]` of the kind with many threads that is too late.
///
/// It receives what is sent to the process; what is sent to one thread is received only while that
/// thread happens to poll.
///
/// Any number of tasks may share it: each signal goes to one of those that wait in [`recv`](Self::recv).
///
/// # Examples
///
/// ```
/// use ipc_core::ProcessId;
/// use ipc_signal::stream::SignalStream;
/// use ipc_signal::{Signal, Signals, send_value};
///
/// let job = Signal::realtime(0)?;
/// let signals = Signals::block(job)?;
/// let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
/// runtime.block_on(async {
///     let stream = SignalStream::new(signals)?;
///     send_value(ProcessId::current(), job, 42)?; // usually from another process
///     assert_eq!(stream.recv().await?.value(), Some(42));
///     Ok::<(), ipc_core::Error>(())
/// })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct SignalStream(AsyncFd<Signals>);

impl SignalStream {
    /// Lets the runtime wait for the signals.
    ///
    /// # Errors
    ///
    /// What the system refuses.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime with its input and output enabled.
    pub fn new(signals: Signals) -> Result<Self> {
        // SAFETY: `signals` owns the descriptor, the same one as long as it lives, and nothing here replaces it.
        let registered = unsafe { AsyncFd::register_with_interest(signals, Interest::READABLE) };
        registered.map(Self).map_err(|err| failed(err.into()))
    }

    /// Takes the next signal, and waits as long as there is none. Nothing is lost if it is cancelled, and the other
    /// tasks have their turn however fast the signals come.
    ///
    /// # Errors
    ///
    /// As [`Signals::recv`].
    pub async fn recv(&self) -> Result<SignalInfo> {
        let next = self.0.async_io(Interest::READABLE, |signals| {
            signals.try_recv().transpose().ok_or_else(|| ErrorKind::WouldBlock.into())
        });
        next.await.map_err(failed)?
    }

    /// Takes the next signal if there is one, and otherwise has the task woken when there is.
    ///
    /// Of several tasks that poll, as of those that use it as a [`Stream`], only the last is woken; [`recv`](Self::recv)
    /// wakes all that wait in it.
    ///
    /// # Errors
    ///
    /// As [`Signals::recv`].
    pub fn poll_recv(&self, context: &mut Context<'_>) -> Poll<Result<SignalInfo>> {
        loop {
            let mut readable = ready!(self.0.poll_read_ready(context)).map_err(failed)?;
            if let Some(info) = self.0.get_ref().try_recv()? {
                return Poll::Ready(Ok(info));
            }
            readable.clear_ready();
        }
    }

    /// The signals without the runtime.
    #[must_use]
    pub fn into_inner(self) -> Signals {
        self.0.into_inner()
    }
}

fn failed(err: io::Error) -> Error {
    Error::os("epoll_wait", "signalfd", Errno::new(err.raw_os_error().unwrap_or_default()))
}

/// Never ends.
impl Stream for SignalStream {
    type Item = Result<SignalInfo>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll_recv(context).map(Some)
    }
}
