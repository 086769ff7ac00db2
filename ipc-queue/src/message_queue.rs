//! Message queues of POSIX, which the kernel keeps: how they are made, found and ended.

use std::fmt;
use std::fs::{self, File};
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::sync::Mutex;

use ipc_core::{Errno, Error, Name, Origin, Permissions, Removal, Result, UserId, crash_point, open_or_create};

use crate::limits;
use crate::sys::posix as sys;
use crate::{Direction, OpenQueueOptions, QueueOptions};

/// A queue of messages that every process finds by name.
///
/// A message arrives whole or not at all, those of greater priority first, equal ones in the order in which they were
/// sent, and each at one receiver. The kernel keeps them: whoever is killed, the queue stays intact. What a receiver
/// had taken when it died is gone with it.
///
/// Dropping it closes this handle and nothing else, unless [`Removal::OnDrop`] was asked for when it was made.
/// The queues need no file system: `/dev/mqueue` shows them where it is mounted, and only [`list`](Self::list) needs it.
///
/// # Examples
///
/// ```
/// use ipc_queue::{MessageQueue, QueueOptions};
///
/// # let name = format!("/jobs-{}", std::process::id());
/// let jobs = MessageQueue::create(&name, QueueOptions::new(8, 256))?;
/// jobs.send(b"sweep", 0)?;
/// jobs.send(b"put out the fire", 9)?;
///
/// let worker = MessageQueue::open(&name)?; // usually in another process
/// let message = worker.recv()?;
/// assert_eq!((message.bytes.as_slice(), message.priority), (b"put out the fire".as_slice(), 9));
/// MessageQueue::unlink(&name)?;
/// # Ok::<(), ipc_core::Error>(())
/// ```
///
/// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/mq_open.html>,
/// <https://man7.org/linux/man-pages/man7/mq_overview.7.html>
#[doc(alias = "mq_open")]
#[doc(alias = "mqd_t")]
pub struct MessageQueue {
    name: Name,
    /// The descriptor, which on Linux is one of a file.
    queue: File,
    capacity: usize,
    message_size: usize,
    /// The process that created the queue through this handle.
    creator: Option<Origin>,
    removal: Removal,
    /// The number of the newest order to be told of messages that was given through this handle.
    pub(crate) orders: Mutex<u64>,
}

impl MessageQueue {
    /// The greatest priority.
    #[doc(alias = "MQ_PRIO_MAX")]
    pub const MAX_PRIORITY: u32 = sys::MAX_PRIORITY;

    /// Makes a queue under a name that nobody has yet.
    ///
    /// If the umask withholds some of the permissions asked for, they are added in a second step: a process that dies
    /// between the two leaves a queue that fewer may open.
    ///
    /// # Errors
    ///
    /// `is_exists` if the name is taken; `is_invalid_argument` if it is none, or capacity or size is 0 or over a limit;
    /// `is_no_space` if there are too many queues, or they have too many bytes; `is_unsupported` for
    /// [`Removal::LastUser`]. The message names the limit, its value, and how to raise it.
    #[doc(alias = "mq_open")]
    pub fn create(name: impl TryInto<Name, Error: Into<Error>>, options: QueueOptions) -> Result<Self> {
        let name = name.try_into().map_err(Into::into)?;
        let QueueOptions { capacity, message_size, permissions, removal, .. } = options;
        if capacity == 0 || message_size == 0 {
            let why = format!("{capacity} messages of {message_size} bytes hold nothing");
            return Err(Error::invalid("mq_open", &name, why));
        }
        if removal == Removal::LastUser {
            return Err(Error::unsupported("mq_open", &name, "the kernel does not count the users of a queue"));
        }
        let refused = |errno| limits::refused_to_create(&name, &options, errno);
        let too_many = |_| refused(Errno::EINVAL);
        let (maxmsg, msgsize) = (capacity.try_into().map_err(too_many)?, message_size.try_into().map_err(too_many)?);
        let queue = File::from(sys::create(name.as_c_str(), permissions, maxmsg, msgsize).map_err(refused)?);
        crash_point("queue.create.made");
        let (creator, orders) = (Some(Origin::here()), Mutex::default());
        let this = Self { name, queue, capacity, message_size, creator, removal, orders };
        let mode = permissions.mode();
        let exact = this.queue.metadata().and_then(|metadata| {
            if metadata.mode() & 0o777 == mode {
                Ok(())
            } else {
                this.queue.set_permissions(fs::Permissions::from_mode(mode))
            }
        });
        exact.map_err(|err| {
            // A queue that others may use in another way than was asked for is none.
            this.unlink_own();
            os("fchmod", &this.name, &err)
        })?;
        Ok(this)
    }

    /// Finds a queue by name, to send and receive.
    ///
    /// # Errors
    ///
    /// `is_not_found` if nobody has the name; `is_permission_denied` if its mode forbids it; `is_untrusted` if it
    /// is not this user's or root's, or others may write it.
    #[doc(alias = "mq_open")]
    pub fn open(name: impl TryInto<Name, Error: Into<Error>>) -> Result<Self> {
        Self::open_with(name, OpenQueueOptions::new())
    }

    /// As [`open`](Self::open), with a say in what it is for and whose queue is acceptable.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open).
    pub fn open_with(name: impl TryInto<Name, Error: Into<Error>>, options: OpenQueueOptions) -> Result<Self> {
        let name = name.try_into().map_err(Into::into)?;
        let direction = match options.direction {
            Direction::Both => sys::BOTH,
            Direction::Send => sys::SEND,
            Direction::Receive => sys::RECEIVE,
        };
        let opened = sys::open(name.as_c_str(), direction);
        let queue = File::from(opened.map_err(|errno| Error::os("mq_open", &name, errno))?);
        let metadata = queue.metadata().map_err(|err| os("fstat", &name, &err))?;
        let (owner, mode) = (UserId::new(metadata.uid()), Permissions::from_mode(metadata.mode()));
        options.trust.judge("mq_open", &name, owner, mode)?;
        let numbers = sys::numbers(queue.as_fd());
        let (capacity, message_size, _) = numbers.map_err(|errno| Error::os("mq_getattr", &name, errno))?;
        let (creator, removal, orders) = (None, Removal::Never, Mutex::default());
        Ok(Self { name, queue, capacity, message_size, creator, removal, orders })
    }

    /// Finds a queue by name, or makes it; [`was_created`](Self::was_created) tells which.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open) and [`create`](Self::create); `is_mismatch` if one is found of another capacity or size.
    pub fn open_or_create(name: impl TryInto<Name, Error: Into<Error>>, options: QueueOptions) -> Result<Self> {
        let name = name.try_into().map_err(Into::into)?;
        let trust = options.trust.for_permissions(options.permissions);
        let open = || Self::open_with(&name, OpenQueueOptions::new().trust(trust));
        let found = open_or_create(open, || Self::create(&name, options))?;
        found.expect_numbers(&options).map(|()| found)
    }

    fn expect_numbers(&self, wanted: &QueueOptions) -> Result<()> {
        if (self.capacity, self.message_size) == (wanted.capacity, wanted.message_size) {
            return Ok(());
        }
        let why = format!(
            "found {} messages of {} bytes, wanted {} of {}",
            self.capacity, self.message_size, wanted.capacity, wanted.message_size
        );
        Err(Error::mismatch("mq_open", &self.name, why))
    }

    /// Ends a name. Who has the queue open keeps it; a name that nobody has is not an error.
    ///
    /// # Errors
    ///
    /// `is_invalid_argument` if the name is none; `is_permission_denied` if the queue is somebody else's.
    ///
    /// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/mq_unlink.html>
    #[doc(alias = "mq_unlink")]
    pub fn unlink(name: impl TryInto<Name, Error: Into<Error>>) -> Result<()> {
        let name = name.try_into().map_err(Into::into)?;
        match sys::unlink(name.as_c_str()) {
            Err(Errno::ENOENT) | Ok(()) => Ok(()),
            Err(errno) => Err(Error::os("mq_unlink", name, errno)),
        }
    }

    /// What it was called when it was created or opened.
    #[must_use]
    pub fn name(&self) -> &Name {
        &self.name
    }

    /// Whether this handle made the queue.
    #[must_use]
    pub fn was_created(&self) -> bool {
        self.creator.is_some()
    }

    /// The most messages that it holds.
    #[doc(alias = "mq_maxmsg")]
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.capacity
    }

    /// The most bytes of a message, and the least of a buffer to receive one.
    #[doc(alias = "mq_msgsize")]
    #[must_use]
    pub fn message_size(&self) -> usize {
        self.message_size
    }

    /// How many messages it holds at this moment, which may be past when the call returns.
    ///
    /// # Errors
    ///
    /// None that is known.
    #[doc(alias = "mq_getattr")]
    #[doc(alias = "mq_curmsgs")]
    pub fn len(&self) -> Result<usize> {
        let numbers = sys::numbers(self.as_fd());
        numbers.map(|(.., len)| len).map_err(|errno| Error::os("mq_getattr", &self.name, errno))
    }

    /// Whether it holds no message at this moment.
    ///
    /// # Errors
    ///
    /// As [`len`](Self::len).
    pub fn is_empty(&self) -> Result<bool> {
        self.len().map(|len| len == 0)
    }

    /// Ends the name if it is still that of this queue: queues have one link, which nobody can move. There is no lock on
    /// a queue's name: if another gets it between the two steps, it loses it.
    fn unlink_own(&self) {
        if self.queue.metadata().is_ok_and(|metadata| metadata.nlink() > 0) {
            // Nobody is there to be told; a name that stays is seen by who looks for it.
            let _ = sys::unlink(self.name.as_c_str());
        }
    }
}

fn os(call: &'static str, name: &Name, err: &io::Error) -> Error {
    Error::os(call, name, Errno::new(err.raw_os_error().unwrap_or(0)))
}

impl Drop for MessageQueue {
    fn drop(&mut self) {
        if self.removal == Removal::OnDrop && self.creator.is_some_and(Origin::is_here) {
            self.unlink_own();
        }
    }
}

/// For `poll` and its like: readable when there is a message, writable when there is room.
impl AsFd for MessageQueue {
    #[inline]
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.queue.as_fd()
    }
}

impl fmt::Debug for MessageQueue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, capacity, message_size, .. } = self;
        write!(f, "MessageQueue({name}, {capacity} messages of {message_size} bytes)")
    }
}
