//! Signals that announce messages.

use std::os::fd::AsFd;
use std::sync::atomic::Ordering::Relaxed;

use ipc_core::{Errno, Error, ForkGuard, Origin, Result, Signal};

use super::{Message, MessageQueue, sys};

/// A registration of this process for a signal when a message arrives at an empty queue.
///
/// The kernel sends the signal once per registration. So after each signal, call
/// [`messages`](Self::messages), which registers again and *then* yields all messages until the
/// queue is empty: a message that arrives meanwhile is among them or is announced by another
/// signal, and none is missed. A signal may arrive when no message is left.
///
/// While a receiver is blocked in the queue, it gets the message and no signal is sent. One process
/// at a time may be registered for a queue. The registration ends when this value is dropped and,
/// because of how the kernel works, also when this process closes any other handle of the queue.
///
/// Once the signal was sent, any process may register. If [`notify`](MessageQueue::notify)
/// registers again through the same handle, the older value can neither end nor replace the new
/// registration. Two handles of one queue in one process share one registration without knowing of
/// each other, so use only one.
///
/// A real-time signal carries the value, but is lost if its receiver has too many signals pending.
/// A standard signal, such as [`Signal::USR1`], always arrives.
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
    /// Registers this process for `signal` with `value` when a message arrives at the empty queue.
    ///
    /// Block or handle the signal before: most signals end a process that does neither. The value
    /// is an `i64` or converts to one; an `i32` is sign-extended.
    ///
    /// # Errors
    ///
    /// [`is_busy`](Error::is_busy) if this process or another one is registered already.
    #[doc(alias = "mq_notify")]
    pub fn notify(&self, signal: Signal, value: impl Into<i64>) -> Result<Notification<'_>> {
        let value = value.into();
        let held = self.registering.lock();
        self.register(Some((signal, value)))?;
        let number = self.next_registration(&held);
        Ok(Notification { queue: self, signal, value, number, origin: Origin::here() })
    }

    fn register(&self, order: Option<(Signal, i64)>) -> Result<()> {
        sys::notify(self.as_fd(), order).map_err(|errno| match errno {
            Errno::EBUSY => {
                let object = format!("{}, where a process is registered already", self.name());
                Error::os("mq_notify", object, errno)
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
    /// Registers again, and yields all messages of the queue.
    ///
    /// Consume the iterator to its end: the kernel announces a message only if the queue was empty
    /// before.
    ///
    /// # Errors
    ///
    /// [`is_busy`](Error::is_busy) if another process, or this one through another value, has
    /// registered since the signal was sent.
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

    /// Returns the queue of the registration.
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

/// The messages of a queue, until it is empty.
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
