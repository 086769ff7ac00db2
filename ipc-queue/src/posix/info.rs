//! The state of POSIX message queues.

use std::fs::Metadata;
use std::os::fd::AsFd;
use std::os::unix::fs::MetadataExt;

use ipc_core::{Error, GroupId, Permissions, Result, UserId};

use super::{MessageQueue, sys};

/// The state of a [`MessageQueue`], as the kernel reports it.
#[doc(alias = "mq_attr")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct QueueInfo {
    /// The maximum number of messages.
    #[doc(alias = "mq_maxmsg")]
    pub capacity: usize,
    /// The maximum size of a message in bytes.
    #[doc(alias = "mq_msgsize")]
    pub message_size: usize,
    /// The number of messages in the queue.
    #[doc(alias = "mq_curmsgs")]
    pub messages: usize,
    /// `true` if the open file description of this handle is non-blocking.
    #[doc(alias = "mq_flags")]
    pub is_nonblocking: bool,
    /// The user that owns the queue.
    pub owner: UserId,
    /// The group of the queue, to which the group bits of its permissions apply.
    pub group: GroupId,
    /// The permissions of the queue.
    pub permissions: Permissions,
}

impl MessageQueue {
    /// Returns the attributes, owner and permissions of the queue at this moment.
    ///
    /// # Examples
    ///
    /// ```
    /// use ipc_queue::{MessageQueue, QueueOptions};
    ///
    /// # let name = format!("/info-{}", std::process::id());
    /// let jobs = MessageQueue::create(&name, QueueOptions::new(8, 256))?;
    /// jobs.send(b"sweep", 0)?;
    /// let info = jobs.info()?;
    /// assert_eq!((info.capacity, info.message_size, info.messages), (8, 256, 1));
    /// # MessageQueue::unlink(&name)?;
    /// # Ok::<(), ipc_core::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// This call is not known to fail.
    ///
    /// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/mq_getattr.html>
    #[doc(alias = "mq_getattr")]
    pub fn info(&self) -> Result<QueueInfo> {
        let attributes = sys::attributes(self.as_fd());
        let found = attributes.map_err(|errno| Error::os("mq_getattr", self.name(), errno))?;
        let metadata = self.metadata()?;
        let (owner, permissions) = owner_and_mode(&metadata);
        Ok(QueueInfo {
            capacity: found.capacity,
            message_size: found.message_size,
            messages: found.messages,
            is_nonblocking: found.is_nonblocking,
            owner,
            group: GroupId::new(metadata.gid()),
            permissions,
        })
    }

    /// Returns the number of messages in the queue. Other processes may change it at any time.
    ///
    /// # Errors
    ///
    /// This call is not known to fail.
    #[doc(alias = "mq_getattr")]
    #[doc(alias = "mq_curmsgs")]
    pub fn len(&self) -> Result<usize> {
        let attributes = sys::attributes(self.as_fd());
        let found = attributes.map_err(|errno| Error::os("mq_getattr", self.name(), errno))?;
        Ok(found.messages)
    }

    /// Returns `true` if the queue has no message at this moment.
    ///
    /// # Errors
    ///
    /// This call is not known to fail.
    pub fn is_empty(&self) -> Result<bool> {
        self.len().map(|len| len == 0)
    }

    /// Makes the open file description of this handle non-blocking, or blocking again.
    ///
    /// This is for code that uses the descriptor directly, such as a C program that inherits it.
    /// The methods of this type still block. But while the open file description is non-blocking,
    /// they wait with `poll`, and threads that wait through another, blocking handle of the queue
    /// get messages before them.
    ///
    /// # Errors
    ///
    /// This call is not known to fail.
    ///
    /// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/mq_setattr.html>
    #[doc(alias = "mq_setattr")]
    #[doc(alias = "O_NONBLOCK")]
    pub fn set_nonblocking(&self, nonblocking: bool) -> Result<()> {
        let set = sys::set_nonblocking(self.as_fd(), nonblocking);
        set.map_err(|errno| Error::os("mq_setattr", self.name(), errno))
    }
}

pub(super) fn owner_and_mode(metadata: &Metadata) -> (UserId, Permissions) {
    (UserId::new(metadata.uid()), Permissions::of_mode(metadata.mode()))
}
