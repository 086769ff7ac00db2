//! A sender with a priority.

use std::fmt;
use std::time::{Duration, Instant};

use ipc_core::{Deadline, Result};
use ipc_mem::{Memory, Plain, SharedMemory};

use super::Sender;

/// A [`Sender`] whose messages have a priority.
///
/// # Examples
///
/// ```
/// use ipc_core::Deadline;
/// use ipc_ring::mpmc::{QueueOptions, Received, Receiver, Sender};
///
/// # let name = format!("/priority-{}", std::process::id());
/// let tasks = Sender::<u64>::create(&name, QueueOptions::new(64).priorities(3))?;
/// tasks.send(&1)?; // priority 0
/// tasks.with_priority(2)?.send(&2)?;
///
/// let mine = Receiver::<u64>::open(&name)?;
/// assert_eq!(mine.recv_with_priority(Deadline::NEVER)?, Some(Received::Message((2, 2))));
/// assert_eq!(mine.recv()?, Received::Message(1));
/// # Ok::<(), ipc_core::Error>(())
/// ```
pub struct Priority<'a, T: Plain, M: Memory = SharedMemory> {
    sender: &'a Sender<T, M>,
    priority: usize,
}

impl<'a, T: Plain, M: Memory> Priority<'a, T, M> {
    pub(super) fn new(sender: &'a Sender<T, M>, priority: usize) -> Self {
        Self { sender, priority }
    }

    /// Sends a message, and waits for as long as the queue is full for this priority.
    ///
    /// # Errors
    ///
    /// Those of [`Sender::send`].
    pub fn send(&self, message: &T) -> Result<()> {
        // The deadline never comes.
        self.send_until(message, || Deadline::NEVER).map(|_| ())
    }

    /// Sends a message if the queue is not full for this priority; returns `false` otherwise.
    ///
    /// # Errors
    ///
    /// Those of [`Sender::send`].
    pub fn try_send(&self, message: &T) -> Result<bool> {
        self.sender.try_send_at(self.priority, message)
    }

    /// Sends a message, and waits for at most `timeout` while the queue is full for this priority.
    /// Returns `false` if it stayed full.
    ///
    /// # Errors
    ///
    /// Those of [`Sender::send`].
    pub fn send_timeout(&self, message: &T, timeout: Duration) -> Result<bool> {
        self.send_until(message, || Deadline::after(timeout))
    }

    /// Sends a message, and waits until `deadline` while the queue is full for this priority.
    /// Returns `false` if it stayed full.
    ///
    /// # Errors
    ///
    /// Those of [`Sender::send`].
    pub fn send_deadline(&self, message: &T, deadline: Instant) -> Result<bool> {
        self.send_until(message, || Deadline::at(deadline))
    }

    fn send_until(&self, message: &T, deadline: impl FnOnce() -> Deadline) -> Result<bool> {
        Ok(self.try_send(message)? || self.sender.send_until(self.priority, message, deadline())?)
    }
}

impl<T: Plain, M: Memory> fmt::Debug for Priority<'_, T, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Priority")
            .field("sender", &self.sender)
            .field("priority", &self.priority)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use ipc_mem::{LocalMemory, Object};

    use crate::doors::Handle;
    use crate::mpmc::cells::Cells;
    use crate::mpmc::protocol::{Claimed, Found};
    use crate::mpmc::{QueueOptions, Receiver};

    #[test]
    fn a_sender_that_is_stopped_in_a_message_holds_up_its_priority_only() {
        let options = QueueOptions::new(4).priorities(2);
        let memory = LocalMemory::new(4096).unwrap();
        let cells: Object<Cells<u64>, _> = Object::create_in(memory, options, |_| Ok(())).unwrap();
        let slot = cells.claim_slot().unwrap();
        let Claimed::Position(stopped) = cells.of(1).claim(slot) else { panic!() };
        let send = |priority, message| {
            let Claimed::Position(position) = cells.of(priority).claim(slot) else { panic!() };
            cells.of(priority).publish(position, &message);
        };
        send(1, 2);
        send(0, 3);
        let lane = cells.of(1);
        assert!(matches!(lane.receive(0, true).0, Found::Pending(_)), "it lives");
        assert!(matches!(cells.of(0).receive(0, false).0, Found::Message(3)));
        send(0, 4);
        lane.publish(stopped, &1);
        let receiver = Receiver::attach(cells).unwrap();
        let received = [(); 3].map(|()| receiver.recv().unwrap().message().unwrap());
        assert_eq!(received, [1, 2, 4]);
    }
}
