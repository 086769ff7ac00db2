//! POSIX message queues: creating, opening and unlinking them.

use std::fmt;
use std::fs::{self, File, Metadata};
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::sync::atomic::AtomicU64;

use ipc_core::{
    Errno, Error, ForkLock, Name, Origin, Removal, Result, crash_point, duplicate, open_or_create,
};

use super::info::owner_and_mode;
use super::{limits, sys};
use crate::{Direction, OpenQueueOptions, QueueOptions};

/// A message queue that processes find by name.
///
/// A message arrives whole or not at all, and at one receiver. Messages of higher priority are
/// received first, and those of equal priority in the order in which they were sent. The kernel
/// keeps the queue, so it stays intact whichever process is killed; a message that a killed process
/// had received is lost with it.
///
/// Threads that wait in a queue are served in the order of their scheduling priority, then of their
/// arrival, whether or not they wait with a timeout.
///
/// Dropping a handle only closes it, unless this handle created the queue with [`Removal::OnDrop`].
/// Queues need no file system: `/dev/mqueue` shows them if it is mounted, and only
/// [`names`](Self::names) needs it.
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
    /// Held while this process registers for a notification or ends its registration.
    pub(super) registering: ForkLock,
    /// The number of the newest registration through this handle.
    pub(super) registrations: AtomicU64,
}

impl MessageQueue {
    /// The highest priority of a message.
    #[doc(alias = "MQ_PRIO_MAX")]
    pub const MAX_PRIORITY: u32 = sys::MAX_PRIORITY;

    /// Creates a queue.
    ///
    /// Permissions that the umask withholds are added in a second step. A process that is killed
    /// between the two steps leaves a queue that fewer users may open.
    ///
    /// # Errors
    ///
    /// [`is_exists`](Error::is_exists) if there is a queue of this name;
    /// [`is_invalid_argument`](Error::is_invalid_argument) if the name is not valid, or the
    /// capacity or message size is 0 or above a limit; [`is_no_space`](Error::is_no_space) if a
    /// limit of queues or of their bytes is reached; [`is_unsupported`](Error::is_unsupported) for
    /// [`Removal::LastDetach`]. The message names the limit, its value, and how to raise it.
    #[doc(alias = "mq_open")]
    pub fn create(
        name: impl TryInto<Name, Error: Into<Error>>,
        options: QueueOptions,
    ) -> Result<Self> {
        let name = name.try_into().map_err(Into::into)?;
        let QueueOptions { capacity, message_size, permissions, removal, .. } = options;
        let mode = permissions.check("mq_open").map_err(|refusal| refusal.on(&name))?;
        if capacity == 0 || message_size == 0 {
            let why = format!("{capacity} messages of {message_size} bytes hold nothing");
            return Err(Error::invalid("mq_open", &name, why));
        }
        if removal == Removal::LastDetach {
            let why = "the kernel does not count the users of a queue; use `Removal::OnDrop`";
            return Err(Error::unsupported("mq_open", &name, why));
        }
        let refused = |errno| limits::refused_to_create(&name, &options, errno);
        let too_many = |_| refused(Errno::EINVAL);
        let maxmsg = capacity.try_into().map_err(too_many)?;
        let msgsize = message_size.try_into().map_err(too_many)?;
        let created = sys::create(name.as_c_str(), permissions, maxmsg, msgsize);
        let queue = File::from(created.map_err(refused)?);
        crash_point("queue.create.made");
        let mut this = Self::of(name, queue, capacity, message_size);
        (this.creator, this.removal) = (Some(Origin::here()), removal);
        this.make_mode_exact(mode).map_err(|err| {
            // Other users could use this queue in another way than was asked for.
            this.unlink_own();
            Error::io("fchmod", &this.name, &err)
        })?;
        Ok(this)
    }

    fn make_mode_exact(&self, mode: u32) -> io::Result<()> {
        if self.queue.metadata()?.mode() & 0o777 == mode {
            return Ok(());
        }
        self.queue.set_permissions(fs::Permissions::from_mode(mode))
    }

    fn of(name: Name, queue: File, capacity: usize, message_size: usize) -> Self {
        let (creator, removal) = (None, Removal::Never);
        let (registering, registrations) = (ForkLock::new(), AtomicU64::new(0));
        Self { name, queue, capacity, message_size, creator, removal, registering, registrations }
    }

    /// Opens a queue by name, to send and receive.
    ///
    /// # Errors
    ///
    /// [`is_not_found`](Error::is_not_found) if the name does not exist;
    /// [`is_permission_denied`](Error::is_permission_denied) if its mode forbids it;
    /// [`is_untrusted`](Error::is_untrusted) if it belongs to neither the caller's user nor root,
    /// or other users may write it.
    #[doc(alias = "mq_open")]
    pub fn open(name: impl TryInto<Name, Error: Into<Error>>) -> Result<Self> {
        Self::open_with(name, OpenQueueOptions::new())
    }

    /// Opens a queue with options: its direction, and which owners to trust.
    ///
    /// # Errors
    ///
    /// [`is_not_found`](Error::is_not_found) if the name does not exist;
    /// [`is_permission_denied`](Error::is_permission_denied) if its mode forbids this direction;
    /// [`is_untrusted`](Error::is_untrusted) if its owner or mode is not acceptable.
    pub fn open_with(
        name: impl TryInto<Name, Error: Into<Error>>,
        options: OpenQueueOptions,
    ) -> Result<Self> {
        let name = name.try_into().map_err(Into::into)?;
        let direction = match options.direction {
            Direction::Both => sys::BOTH,
            Direction::Send => sys::SEND,
            Direction::Receive => sys::RECEIVE,
        };
        let opened = sys::open(name.as_c_str(), direction);
        let queue = File::from(opened.map_err(|errno| Error::os("mq_open", &name, errno))?);
        let metadata = queue.metadata().map_err(|err| Error::io("fstat", &name, &err))?;
        let (owner, mode) = owner_and_mode(&metadata);
        options.trust.judge("mq_open", &name, owner, mode)?;
        let found = sys::attributes(queue.as_fd());
        let found = found.map_err(|errno| Error::os("mq_getattr", &name, errno))?;
        Ok(Self::of(name, queue, found.capacity, found.message_size))
    }

    /// Opens a queue by name, or creates it. [`was_created`](Self::was_created) says which.
    ///
    /// # Errors
    ///
    /// Those of [`open`](Self::open) and [`create`](Self::create), and
    /// [`is_mismatch`](Error::is_mismatch) if a queue of another capacity or message size exists.
    pub fn open_or_create(
        name: impl TryInto<Name, Error: Into<Error>>,
        options: QueueOptions,
    ) -> Result<Self> {
        let name = name.try_into().map_err(Into::into)?;
        let trust = options.trust.for_permissions(options.permissions);
        let open = || Self::open_with(&name, OpenQueueOptions::new().trust(trust));
        let found = open_or_create(open, || Self::create(&name, options))?;
        found.expect_attributes(&options).map(|()| found)
    }

    fn expect_attributes(&self, wanted: &QueueOptions) -> Result<()> {
        if (self.capacity, self.message_size) == (wanted.capacity, wanted.message_size) {
            return Ok(());
        }
        let why = format!(
            "found {} messages of {} bytes, wanted {} of {}",
            self.capacity, self.message_size, wanted.capacity, wanted.message_size
        );
        Err(Error::mismatch("mq_open", &self.name, why))
    }

    /// Unlinks a name. Open handles stay valid. Unlinking a name that does not exist is not an
    /// error.
    ///
    /// # Errors
    ///
    /// [`is_invalid_argument`](Error::is_invalid_argument) if the name is not valid;
    /// [`is_permission_denied`](Error::is_permission_denied) if the queue belongs to another user.
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

    /// Returns another handle of the same queue, for another thread or owner.
    ///
    /// It shares the open file description: making one handle non-blocking makes both non-blocking.
    /// It never unlinks the name. Dropping any handle of a queue ends the
    /// [`Notification`](crate::Notification) of this process for it.
    ///
    /// # Errors
    ///
    /// [`is_no_space`](Error::is_no_space) if the process has no descriptor left.
    #[doc(alias = "dup")]
    pub fn try_clone(&self) -> Result<Self> {
        let queue = duplicate(self).map_err(|errno| Error::os("fcntl", &self.name, errno))?;
        Ok(Self::of(self.name.clone(), queue.into(), self.capacity, self.message_size))
    }

    /// Returns the name under which the queue was created or opened.
    #[must_use]
    pub fn name(&self) -> &Name {
        &self.name
    }

    /// Returns `true` if this handle created the queue.
    #[must_use]
    pub fn was_created(&self) -> bool {
        self.creator.is_some()
    }

    /// Returns the maximum number of messages in the queue.
    #[doc(alias = "mq_maxmsg")]
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.capacity
    }

    /// Returns the maximum size of a message, which is the minimum size of a buffer to receive one.
    #[doc(alias = "mq_msgsize")]
    #[must_use]
    pub fn message_size(&self) -> usize {
        self.message_size
    }

    pub(super) fn metadata(&self) -> Result<Metadata> {
        self.queue.metadata().map_err(|err| Error::io("fstat", &self.name, &err))
    }

    /// Unlinks the name if it still refers to this queue.
    ///
    /// A queue has one link, which cannot be moved. Nothing locks its name: a queue that another
    /// process creates between the two steps loses its name.
    fn unlink_own(&self) {
        if self.queue.metadata().is_ok_and(|metadata| metadata.nlink() > 0) {
            // A destructor cannot report a failure; the name then stays in `names`.
            let _ = sys::unlink(self.name.as_c_str());
        }
    }
}

impl Drop for MessageQueue {
    fn drop(&mut self) {
        if self.removal == Removal::OnDrop && self.creator.is_some_and(Origin::is_here) {
            self.unlink_own();
        }
    }
}

/// A descriptor for `poll` and its like: readable while there is a message, writable while there is
/// room.
impl AsFd for MessageQueue {
    #[inline]
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.queue.as_fd()
    }
}

impl AsRawFd for MessageQueue {
    fn as_raw_fd(&self) -> RawFd {
        self.queue.as_raw_fd()
    }
}

impl fmt::Debug for MessageQueue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, capacity, message_size, .. } = self;
        write!(f, "MessageQueue({name}, {capacity} messages of {message_size} bytes)")
    }
}
