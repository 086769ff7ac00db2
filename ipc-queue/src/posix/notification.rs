//! Signals that announce messages.

use std::os::fd::AsFd;
use std::sync::atomic::Ordering::Relaxed;

use ipc_core::{Errno, Error, ForkGuard, Origin, Refusal, Result, Signal};

use super::{Message, MessageQueue, sys};

/// A registration of this process to get a signal when a message arrives at an empty queue.
///
/// The kernel sends one signal per registration. So after each signal, call
/// [`messages`](Self::messages), which registers again and *then* yields messages until the queue
/// is empty. For a message that arrives after the registration, either the iterator yields it or
/// the kernel sends another signal: no message is missed. A signal may arrive although the queue is
/// already empty.
///
/// If a thread is blocked in a receiving call on the queue, that thread gets the message and the
/// kernel sends no signal.
///
/// Only one process at a time can be registered for a queue: until its registration ends,
/// [`notify`](MessageQueue::notify) fails with [`is_busy`](Error::is_busy) in every process. The
/// registration ends when the signal has been sent, when this value is dropped, or when this
/// process closes any handle of the queue. Then any process can register.
///
/// Register through only one handle of a queue in each process: a `Notification` of one handle can
/// end or replace a registration that was made through another handle. If `notify` is called again
/// on the same handle after the signal has been sent, the older `Notification` has no effect on the
/// new registration.
///
/// If the user's limit of queued signals (`ulimit -i`) is reached, a real-time signal is lost. A
/// standard signal, such as [`Signal::USR1`], always arrives, but then without the value.
///
/// # Examples
///
/// ```no_run
/// use ipc_core::Signal;
/// use ipc_queue::MessageQueue;
///
/// let jobs = MessageQueue::open("/jobs")?;
/// let mut news = jobs.notify(Signal::USR1, 0)?;
/// loop {
///     for job in news.messages()? {
///         println!("{:?}", job?.bytes);
///     }
///     // wait for SIGUSR1, which was blocked before
/// }
/// # #[expect(unreachable_code, reason = "for the `?`")]
/// # Ok::<(), ipc_core::Error>(())
/// ```
///
/// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/mq_notify.html>
#[doc(alias = "mq_notify")]
#[derive(Debug)]
pub struct Notification<'a> {
    queue: &'a MessageQueue,
    signal: Signal,
    value: i64,
    /// The number of the registration, among those through this handle.
    number: u64,
    /// The process that registered. A forked child has no registration.
    origin: Origin,
}

impl MessageQueue {
    /// Registers this process to get `signal` with `value` when a message arrives at the empty
    /// queue.
    ///
    /// Block or handle the signal first, because the default action of most signals ends the
    /// process. The value is an `i64` or a type that converts to it. An `i32` is sign-extended.
    ///
    /// # Errors
    ///
    /// [`is_busy`](Error::is_busy) if this process or another process is already registered;
    /// [`is_invalid_argument`](Error::is_invalid_argument) for [`KILL`](Signal::KILL) and
    /// [`STOP`](Signal::STOP), which no process can block or handle.
    #[doc(alias = "mq_notify")]
    pub fn notify(&self, signal: Signal, value: impl Into<i64>) -> Result<Notification<'_>> {
        if !signal.is_catchable() {
            let why = format!("{signal} cannot be blocked or handled");
            return Err(Error::invalid("mq_notify", self.name(), why));
        }
        let value = value.into();
        let held = self.registering.lock();
        self.register(Some((signal, value)))?;
        let number = self.next_registration(&held);
        Ok(Notification { queue: self, signal, value, number, origin: Origin::here() })
    }

    fn register(&self, order: Option<(Signal, i64)>) -> Result<()> {
        sys::notify(self.as_fd(), order).map_err(|errno| match errno {
            Errno::EBUSY => {
                let why = "a process is registered for this queue already";
                Refusal::os("mq_notify", errno).because(why).on(self.name())
            }
            _ => Error::os("mq_notify", self.name(), errno),
        })
    }

    /// Numbers the registration that was just made, while no other thread registers.
    fn next_registration(&self, _: &ForkGuard<'_>) -> u64 {
        self.registrations.fetch_add(1, Relaxed) + 1
    }
}

impl Notification<'_> {
    /// Registers again, and returns an iterator that receives messages until the queue is empty.
    ///
    /// Use the iterator until it returns `None`: the kernel sends a signal only for a message that
    /// arrives at an empty queue.
    ///
    /// # Errors
    ///
    /// [`is_busy`](Error::is_busy) if another process has registered since the signal was sent, or
    /// if [`notify`](MessageQueue::notify) was called again on the same handle of the queue.
    pub fn messages(&mut self) -> Result<Messages<'_>> {
        let order = Some((self.signal, self.value));
        let held = self.queue.registering.lock();
        match self.queue.register(order) {
            // It is still registered, if no signal was sent. A message that arrives between the two
            // calls is yielded below.
            Err(err) if err.is_busy() && self.is_newest(&held) => {
                self.queue.register(None)?;
                self.queue.register(order)?;
            }
            registered => registered?,
        }
        (self.number, self.origin) = (self.queue.next_registration(&held), Origin::here());
        Ok(Messages { queue: self.queue })
    }

    fn is_newest(&self, _: &ForkGuard<'_>) -> bool {
        self.queue.registrations.load(Relaxed) == self.number
    }

    /// Returns the queue for which this process is registered.
    #[must_use]
    pub fn queue(&self) -> &MessageQueue {
        self.queue
    }
}

impl Drop for Notification<'_> {
    fn drop(&mut self) {
        if !self.origin.is_here() {
            return;
        }
        let held = self.queue.registering.lock();
        if self.is_newest(&held) {
            // It fails only for a descriptor that is not a queue; the registration of another
            // process is left alone.
            let _ = self.queue.register(None);
        }
    }
}

/// An iterator that receives the messages of a queue until the queue is empty.
#[derive(Debug)]
pub struct Messages<'a> {
    queue: &'a MessageQueue,
}

impl Iterator for Messages<'_> {
    type Item = Result<Message>;

    fn next(&mut self) -> Option<Self::Item> {
        self.queue.try_recv().transpose()
    }
}
