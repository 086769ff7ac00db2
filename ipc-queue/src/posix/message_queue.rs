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
/// Each message is delivered whole, to exactly one receiver. Messages of higher priority are
/// received first. Messages of equal priority are received in the order of sending. The kernel
/// keeps the queue, so the queue stays intact if a process that uses it is killed. A message that
/// the killed process had received is lost.
///
/// If several threads wait for a queue, the thread with the highest scheduling priority is served
/// first. Threads of equal priority are served in the order of their arrival. This also holds for
/// threads that wait with a timeout.
///
/// Dropping a handle closes it. If the handle created the queue with [`Removal::OnDrop`], dropping
/// it also unlinks the name. The file system `/dev/mqueue` lists the queues. Only
/// [`names`](Self::names) needs it to be mounted.
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
    /// The kernel applies the umask when it creates the queue, so a second step sets the requested
    /// mode. A process that is killed between the two steps leaves a queue that fewer users may
    /// open.
    ///
    /// # Errors
    ///
    /// [`is_exists`](Error::is_exists) if a queue of this name exists;
    /// [`is_invalid_argument`](Error::is_invalid_argument) if the name is not valid, or the
    /// capacity or message size is 0 or above a limit; [`is_no_space`](Error::is_no_space) if the
    /// limit on the number of queues or on their bytes is reached;
    /// [`is_unsupported`](Error::is_unsupported) for [`Removal::LastDetach`]. If a limit is the
    /// reason, the error names the limit and its value, and says how to raise it.
    #[doc(alias = "mq_open")]
    pub fn create(
        name: impl TryInto<Name, Error: Into<Error>>,
        options: QueueOptions,
    ) -> Result<Self> {
        let name = name.try_into().map_err(Into::into)?;
        let QueueOptions { capacity, message_size, permissions, removal, .. } = options;
        let mode = permissions.check("mq_open").map_err(|refusal| refusal.on(&name))?;
        for (value, what) in [(capacity, "capacity"), (message_size, "message size")] {
            if value == 0 {
                return Err(Error::invalid(
                    "mq_open",
                    &name,
                    format!("found a {what} of 0, wanted at least 1"),
                ));
            }
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
    /// [`is_permission_denied`](Error::is_permission_denied) if the mode of the queue forbids
    /// sending or receiving; [`is_untrusted`](Error::is_untrusted) if the queue belongs to neither
    /// the caller's user nor root, or other users may write to it.
    #[doc(alias = "mq_open")]
    pub fn open(name: impl TryInto<Name, Error: Into<Error>>) -> Result<Self> {
        Self::open_with(name, OpenQueueOptions::new())
    }

    /// Opens a queue by name with options: the direction, and which owners to trust.
    ///
    /// # Errors
    ///
    /// [`is_not_found`](Error::is_not_found) if the name does not exist;
    /// [`is_permission_denied`](Error::is_permission_denied) if the mode of the queue forbids the
    /// direction; [`is_untrusted`](Error::is_untrusted) if the options do not trust the owner or
    /// the mode of the queue.
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

    /// Opens a queue by name, or creates it if it does not exist.
    /// [`was_created`](Self::was_created) returns `true` if it was created.
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

    /// Returns another handle of this queue, for instance for another thread.
    ///
    /// Both handles share one open file description, so [`set_nonblocking`](Self::set_nonblocking)
    /// affects both. The new handle never unlinks the name. Dropping either handle ends the
    /// [`Notification`](crate::Notification) of this process for the queue.
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

    /// Returns the maximum size of a message. A buffer to receive a message must have at least this
    /// size.
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

/// Borrows a descriptor for calls such as `poll`. It is readable while the queue has a message, and
/// writable while the queue is not full.
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
