//! Being told by a signal that messages came.

use std::os::fd::AsFd;
use std::sync::{MutexGuard, PoisonError};

use ipc_core::{Error, Origin, Result, Signal};

use crate::sys::posix as sys;
use crate::{Message, MessageQueue};

/// A standing order to send this process a signal when a message comes to the empty queue.
///
/// The kernel obeys such an order once. So whoever got the signal calls [`messages`](Self::messages), which gives the
/// order anew and *then* hands out what is there until there is nothing: what comes meanwhile is among it or is
/// announced by another signal, and none is missed. A signal may find nothing to be done.
///
/// While a receiver waits in the queue itself, it gets the message and there is no signal. One process at a time may
/// have given an order for a queue; it ends when this is dropped, and also, as the kernel has it, when this process
/// closes any other handle of the same queue.
///
/// An order that was obeyed leaves the place free. If [`notify`](MessageQueue::notify) gives another one through the same
/// handle, this one no longer ends or replaces it. Two handles of one queue in one process share the one order, and know nothing
/// of each other: the older notification may end or replace the newer one's. So keep to one handle.
///
/// A real-time signal brings the value along, but is lost when its receiver has too many pending. A standard one, such
/// as [`Signal::USR1`], arrives in any case.
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
    value: i32,
    number: u64,
    /// The process that gave the order. A forked child has none, and does not ask for the lock, which a thread of its
    /// parent may have held.
    giver: Origin,
}

impl MessageQueue {
    /// Has this process sent `signal` with `value` when a message comes to the empty queue.
    ///
    /// Block or handle the signal before: most of them end a process that does neither.
    ///
    /// # Errors
    ///
    /// `is_busy` if somebody is told already, this process or another.
    #[doc(alias = "mq_notify")]
    pub fn notify(&self, signal: Signal, value: i32) -> Result<Notification<'_>> {
        let mut newest = self.newest_order();
        self.announce(Some((signal, value)))?;
        *newest += 1;
        Ok(Notification { queue: self, signal, value, number: *newest, giver: Origin::here() })
    }

    /// Held while an order is given or ended, so that none is ended for another. Nothing under it panics.
    fn newest_order(&self) -> MutexGuard<'_, u64> {
        self.orders.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn announce(&self, order: Option<(Signal, i32)>) -> Result<()> {
        sys::notify(self.as_fd(), order).map_err(|errno| Error::os("mq_notify", self.name(), errno))
    }
}

impl Notification<'_> {
    /// Gives the order anew, and hands out all messages that are there.
    ///
    /// Take them to the end: only a queue that was empty announces the next message.
    ///
    /// # Errors
    ///
    /// `is_busy` if another order has been given since the signal came, by another process or this one.
    pub fn messages(&mut self) -> Result<Messages<'_>> {
        let order = Some((self.signal, self.value));
        let mut newest = self.queue.newest_order();
        match self.queue.announce(order) {
            // Still given, if no signal has come. What comes between the two calls is found below.
            Err(err) if err.is_busy() && *newest == self.number => {
                self.queue.announce(None)?;
                self.queue.announce(order)?;
            }
            given => given?,
        }
        *newest += 1;
        (self.number, self.giver) = (*newest, Origin::here());
        Ok(Messages { queue: self.queue })
    }

    /// The queue that it is about.
    #[must_use]
    pub fn queue(&self) -> &MessageQueue {
        self.queue
    }
}

impl Drop for Notification<'_> {
    fn drop(&mut self) {
        if !self.giver.is_here() {
            return;
        }
        let newest = self.queue.newest_order();
        if *newest == self.number {
            // Fails for what is no queue; another process's order is left alone.
            let _ = self.queue.announce(None);
        }
    }
}

/// The messages that are in a queue, until there is none.
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
