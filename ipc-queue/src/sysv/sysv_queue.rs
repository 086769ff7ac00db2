//! System V message queues: creating, opening, changing and removing them.

use std::fmt;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicI64, AtomicUsize};
use std::thread;
use std::time::Duration;

use ipc_core::{
    Deadline, Errno, Error, GroupId, Key, Origin, Permissions, Removal, Result, Trust, UserId,
    crash_point, open_or_create,
};

use super::sysv_queue_info::gone;
use super::{SysvQueueInfo, SysvQueueOptions, limits, sys};
use crate::{Direction, OpenQueueOptions};

/// A message queue that processes find by key or id.
///
/// Each message has a type, which is a number of at least 1. A receiver selects messages by their
/// type, and receives the oldest selected message. Each message is delivered whole, to exactly one
/// receiver. The kernel keeps the queue, so the queue stays intact if a process that uses it is
/// killed. A message that the killed process had received is lost.
///
/// A queue exists until [`remove`](Self::remove) removes it for all processes. With
/// [`Removal::OnDrop`], which is the default for private queues, dropping the handle that created
/// the queue removes it too: see [`SysvQueueOptions::removal`]. Dropping any other handle has no
/// effect.
///
/// A handle contains only the id of the queue. After the queue was removed, the kernel may give the
/// id to a new queue: within seconds, if programs create many queues. An old handle then refers to
/// the new queue, so drop all handles of a queue that was removed.
///
/// # Examples
///
/// ```
/// use ipc_core::Key;
/// use ipc_queue::{Select, SysvQueue, SysvQueueOptions};
///
/// let jobs = SysvQueue::create(Key::PRIVATE, SysvQueueOptions::new())?;
/// jobs.send(b"paint", 2)?;
/// jobs.send(b"sweep", 1)?;
///
/// let painter = SysvQueue::open_id(jobs.id())?; // usually in another process
/// let message = painter.recv(Select::Type(2))?;
/// assert_eq!((message.bytes.as_slice(), message.kind), (b"paint".as_slice(), 2));
/// # Ok::<(), ipc_core::Error>(())
/// ```
///
/// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/msgget.html>,
/// <https://man7.org/linux/man-pages/man7/sysvipc.7.html>
#[doc(alias = "msgget")]
pub struct SysvQueue {
    key: Key,
    id: i32,
    /// The byte limit when it was last known; `usize::MAX` if it may not be known.
    byte_limit: AtomicUsize,
    /// The state needed to remove the queue when this handle, which created it, is dropped.
    created: Option<Created>,
}

/// The queue as this process created it.
#[derive(Debug)]
struct Created {
    origin: Origin,
    removal: Removal,
    creator: (u32, u32),
    /// The kernel's time of the last change, as far as this handle made it.
    changed: AtomicI64,
}

/// The treatment of a queue whose creator was killed, or is still busy, between its two steps.
#[derive(Clone, Copy, Debug)]
enum Unfinished {
    Refuse,
    /// Give it these permissions and this byte limit.
    Finish(Permissions, usize),
}

/// How long an open waits for a creator that is between its two steps.
const PATIENCE: Duration = Duration::from_millis(50);

impl SysvQueue {
    /// Creates a queue that has a key, or a private queue if the key is [`Key::PRIVATE`].
    ///
    /// # Errors
    ///
    /// [`is_exists`](Error::is_exists) if another queue has the key;
    /// [`is_no_space`](Error::is_no_space) if the limit on the number of queues, which the error
    /// names, is reached; [`is_permission_denied`](Error::is_permission_denied) if the byte limit
    /// requires a privilege that the caller lacks; [`is_unsupported`](Error::is_unsupported) for
    /// [`Removal::LastDetach`].
    #[doc(alias = "msgget")]
    #[doc(alias = "IPC_CREAT")]
    pub fn create(key: impl Into<Key>, options: SysvQueueOptions) -> Result<Self> {
        let key = key.into();
        let removal = options.removal_of(key);
        if removal == Removal::LastDetach {
            let why = "the kernel does not count the users of a queue; use `Removal::OnDrop`";
            return Err(Error::unsupported("msgget", key, why));
        }
        // With a byte limit it takes two steps. Until the second one the queue has no permissions,
        // which shows others that it is not finished.
        let mode = options.permissions;
        mode.check("msgget").map_err(|refusal| refusal.on(key))?;
        options
            .byte_limit
            .map_or(Ok(()), limits::check_byte_limit)
            .map_err(|refusal| refusal.on(key))?;
        let first = if options.byte_limit.is_some() { Permissions::from_mode(0) } else { mode };
        let id = sys::create(key, first).map_err(|errno| limits::refused_to_create(key, errno))?;
        crash_point("sysv_queue.create.made");
        let creator = (UserId::effective().raw(), GroupId::effective().raw());
        let (origin, changed) = (Origin::here(), AtomicI64::new(0));
        let mut this = Self::of(id, key);
        this.created = Some(Created { origin, removal, creator, changed });
        if let Some(bytes) = options.byte_limit {
            if let Err(err) = this.finish(mode, bytes) {
                // The refusal is what the caller can act on, not a failure to clean up.
                let _ = sys::remove(id);
                return Err(err);
            }
        }
        this.note_state();
        Ok(this)
    }

    fn of(id: i32, key: Key) -> Self {
        Self { key, id, byte_limit: AtomicUsize::new(usize::MAX), created: None }
    }

    /// Takes the second step of creation.
    fn finish(&self, mode: Permissions, bytes: usize) -> Result<()> {
        let owner = (UserId::effective().raw(), GroupId::effective().raw());
        sys::finish(self.id, mode, bytes, owner).map_err(|errno| self.limit_refused(bytes, errno))
    }

    /// Notes what a later call compares with: the byte limit, and the time of the last change.
    pub(super) fn note_state(&self) {
        if let Ok(state) = sys::stat_any(self.id) {
            self.byte_limit.store(SysvQueueInfo::of(self.id, &state).byte_limit, Relaxed);
            if let Some(created) = &self.created {
                created.changed.store(state.msg_ctime, Relaxed);
            }
        }
    }

    /// Opens a queue by its key, to send and receive.
    ///
    /// # Errors
    ///
    /// [`is_not_found`](Error::is_not_found) if no queue has the key;
    /// [`is_permission_denied`](Error::is_permission_denied) if the mode of the queue forbids
    /// sending or receiving; [`is_untrusted`](Error::is_untrusted) if the owner or the creator of
    /// the queue is neither the caller's user nor root, or other users may write to it;
    /// [`is_invalid_argument`](Error::is_invalid_argument) for [`Key::PRIVATE`], which is the key
    /// of no queue.
    #[doc(alias = "msgget")]
    pub fn open(key: impl Into<Key>) -> Result<Self> {
        Self::open_with(key, OpenQueueOptions::new())
    }

    /// Opens a queue by its key with options: the direction, and which owners to trust.
    ///
    /// To check the owner, this call reads the state of the queue, which requires permission to
    /// receive. If you may only send, pass [`Trust::Anyone`]: nothing then checks who owns the
    /// queue.
    ///
    /// # Errors
    ///
    /// Those of [`open`](Self::open).
    pub fn open_with(key: impl Into<Key>, options: OpenQueueOptions) -> Result<Self> {
        Self::open_finished(key.into(), options, Unfinished::Refuse)
    }

    fn open_finished(key: Key, options: OpenQueueOptions, then: Unfinished) -> Result<Self> {
        if key == Key::PRIVATE {
            let why = "no key refers to a private queue: open it by its id";
            return Err(Error::invalid("msgget", key, why));
        }
        let access = Permissions::from_mode(match options.direction {
            Direction::Both => 0o600,
            Direction::Send => 0o200,
            Direction::Receive => 0o400,
        });
        let deadline = Deadline::after(PATIENCE);
        let mut again = true;
        loop {
            let opened = sys::open(key, access).map_err(|errno| Error::os("msgget", key, errno));
            let opened = opened.and_then(|id| Self::found(id, key, options.trust));
            // Root opens a queue without permissions as well.
            let may_be_unfinished = match &opened {
                Ok(queue) => queue.info().is_ok_and(|info| {
                    // The limit and the permissions are set in one step, so this limit is final.
                    queue.byte_limit.store(info.byte_limit, Relaxed);
                    info.is_unfinished()
                }),
                Err(err) => err.is_permission_denied(),
            };
            let unfinished = if may_be_unfinished { Self::unfinished(key) } else { None };
            match (unfinished, then) {
                // Its creator may have finished it since it was opened above.
                (None, _) if may_be_unfinished && again => again = false,
                (None, _) => return opened,
                (Some(_), _) if !deadline.is_past() => thread::sleep(Duration::from_micros(100)),
                (Some(_), Unfinished::Refuse) => return opened,
                (Some(queue), Unfinished::Finish(mode, bytes)) => queue.finish(mode, bytes)?,
            }
        }
    }

    /// Returns the queue of a key if its creation is not finished.
    fn unfinished(key: Key) -> Option<Self> {
        let id = sys::open(key, Permissions::from_mode(0)).ok()?;
        let info = SysvQueueInfo::of(id, &sys::stat_any(id).ok()?);
        info.is_unfinished().then(|| Self::of(id, key))
    }

    /// Opens the queue that has the id `id`, for instance an id that another process has sent.
    ///
    /// # Errors
    ///
    /// [`is_removed`](Error::is_removed) if no queue has the id;
    /// [`is_permission_denied`](Error::is_permission_denied) if the caller may not receive from the
    /// queue; [`is_untrusted`](Error::is_untrusted) if the owner or the creator of the queue is
    /// neither the caller's user nor root, or other users may write to it.
    pub fn open_id(id: i32) -> Result<Self> {
        Self::open_id_with(id, OpenQueueOptions::new())
    }

    /// Opens the queue that has the id `id`, with options for which owners to trust.
    ///
    /// The direction of the options has no effect: the kernel checks the permissions at each later
    /// call.
    ///
    /// # Errors
    ///
    /// Those of [`open_id`](Self::open_id). With [`Trust::Anyone`], the permission to receive is
    /// not required.
    pub fn open_id_with(id: i32, options: OpenQueueOptions) -> Result<Self> {
        Self::found(id, Key::PRIVATE, options.trust)
    }

    fn found(id: i32, key: Key, trust: Trust) -> Result<Self> {
        let mut this = Self::of(id, key);
        match this.info() {
            Ok(info) => {
                for user in [info.owner, info.creator] {
                    trust.judge("msgget", this.label(), user, info.permissions)?;
                }
                (this.key, *this.byte_limit.get_mut()) = (info.key, info.byte_limit);
            }
            Err(err) if err.is_permission_denied() && trust == Trust::Anyone => {}
            Err(err) => return Err(err),
        }
        Ok(this)
    }

    /// Opens a queue by its key, or creates it if it does not exist.
    /// [`was_created`](Self::was_created) returns `true` if it was created.
    ///
    /// Creating a queue with a byte limit takes two steps. If this call finds a queue between the
    /// two steps, it waits briefly for the creator. If the creator does not finish, this call
    /// finishes the queue, with the permissions and the byte limit of `options`. If `options` sets
    /// no byte limit, this call fails with `is_permission_denied`: remove the queue, or call again
    /// with a byte limit. For root, the call does not fail, but opens the queue as it is.
    ///
    /// # Errors
    ///
    /// Those of [`open`](Self::open) and [`create`](Self::create);
    /// [`is_mismatch`](Error::is_mismatch) if a queue with another byte limit exists;
    /// [`is_permission_denied`](Error::is_permission_denied) if the creation of the queue was not
    /// finished, and the options set no byte limit.
    #[doc(alias = "msgget")]
    pub fn open_or_create(key: impl Into<Key>, options: SysvQueueOptions) -> Result<Self> {
        let key = key.into();
        if key == Key::PRIVATE {
            return Self::create(key, options);
        }
        let trust = options.trust.for_permissions(options.permissions);
        let then = match options.byte_limit {
            Some(bytes) => Unfinished::Finish(options.permissions, bytes),
            None => Unfinished::Refuse,
        };
        let open = || Self::open_finished(key, OpenQueueOptions::new().trust(trust), then);
        let found = open_or_create(open, || Self::create(key, options))?;
        found.expect_byte_limit(options.byte_limit).map(|()| found)
    }

    fn expect_byte_limit(&self, wanted: Option<usize>) -> Result<()> {
        let found = self.byte_limit.load(Relaxed);
        match wanted {
            Some(wanted) if wanted != found => {
                let why = format!("found a limit of {found} bytes, wanted {wanted}");
                Err(Error::mismatch("msgget", self.label(), why))
            }
            _ => Ok(()),
        }
    }

    /// Returns another handle of this queue. Dropping the new handle never removes the queue.
    ///
    /// # Errors
    ///
    /// This call is not known to fail.
    pub fn try_clone(&self) -> Result<Self> {
        let clone = Self::of(self.id, self.key);
        clone.byte_limit.store(self.byte_limit.load(Relaxed), Relaxed);
        Ok(clone)
    }

    /// Removes the queue that has a key, for all processes.
    ///
    /// Processes that wait to send or receive wake up with an error. Removing a queue that does not
    /// exist is not an error.
    ///
    /// # Errors
    ///
    /// [`is_permission_denied`](Error::is_permission_denied) if the caller's user is neither root
    /// nor the owner or creator of the queue; [`is_invalid_argument`](Error::is_invalid_argument)
    /// for [`Key::PRIVATE`].
    #[doc(alias = "IPC_RMID")]
    pub fn remove(key: impl Into<Key>) -> Result<()> {
        let key = key.into();
        if key == Key::PRIVATE {
            let why = "no key refers to a private queue: remove it by its id";
            return Err(Error::invalid("msgget", key, why));
        }
        match sys::open(key, Permissions::from_mode(0)) {
            Ok(id) => Self::remove_id(id),
            Err(Errno::ENOENT) => Ok(()),
            Err(errno) => Err(Error::os("msgget", key, errno)),
        }
    }

    /// Removes the queue that has the id `id`, for all processes. Removing a queue that does not
    /// exist is not an error.
    ///
    /// # Errors
    ///
    /// [`is_permission_denied`](Error::is_permission_denied) if the caller's user is neither root
    /// nor the owner or creator of the queue.
    #[doc(alias = "IPC_RMID")]
    pub fn remove_id(id: i32) -> Result<()> {
        match sys::remove(id) {
            Err(Errno::EINVAL | Errno::EIDRM) | Ok(()) => Ok(()),
            Err(errno) => Err(Error::os("msgctl", format_args!("queue id {id}"), errno)),
        }
    }

    /// Returns the key of the queue, or [`Key::PRIVATE`] if the queue has no key or the kernel does
    /// not reveal the key to the caller.
    #[must_use]
    pub fn key(&self) -> Key {
        self.key
    }

    /// Returns the id of the queue, with which other processes can [open](Self::open_id) it.
    #[doc(alias = "msqid")]
    #[must_use]
    pub fn id(&self) -> i32 {
        self.id
    }

    /// Returns `true` if this handle created the queue.
    #[must_use]
    pub fn was_created(&self) -> bool {
        self.created.is_some()
    }

    /// Returns the state of the queue at this moment.
    ///
    /// # Errors
    ///
    /// [`is_permission_denied`](Error::is_permission_denied) if the caller may not receive from the
    /// queue; [`is_removed`](Error::is_removed) if the queue was removed.
    ///
    /// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/msgctl.html>
    #[doc(alias = "msgctl")]
    #[doc(alias = "IPC_STAT")]
    pub fn info(&self) -> Result<SysvQueueInfo> {
        self.state().map(|state| SysvQueueInfo::of(self.id, &state))
    }

    pub(super) fn state(&self) -> Result<sys::State> {
        sys::stat(self.id).map_err(|errno| gone("msgctl", errno).on(self.label()))
    }

    /// Returns the size of the longest message that the queue ever takes, as far as that may be
    /// known.
    pub(crate) fn longest(&self) -> usize {
        let limit = self.byte_limit.load(Relaxed);
        limits::message_size().map_or(limit, |longest| longest.min(limit))
    }

    /// Returns the byte limit when it was last known.
    pub(super) fn known_byte_limit(&self) -> usize {
        self.byte_limit.load(Relaxed)
    }

    /// Returns the name of the queue in errors.
    pub(crate) fn label(&self) -> String {
        match self.key {
            Key::PRIVATE => format!("queue id {}", self.id),
            key => format!("{key} (id {})", self.id),
        }
    }
}

impl Created {
    /// Returns `true` if `state` is that of the queue that was created, unchanged by other
    /// processes since.
    ///
    /// The times are in seconds. So if the queue was removed, another queue is taken for it that has
    /// its id, key and creator, and was changed last in the same second.
    fn is_still(&self, key: Key, state: &sys::State) -> bool {
        let permissions = &state.msg_perm;
        permissions.key() == key.raw()
            && (permissions.cuid, permissions.cgid) == self.creator
            && state.msg_ctime == self.changed.load(Relaxed)
    }
}

impl Drop for SysvQueue {
    fn drop(&mut self) {
        let Some(created) = &self.created else { return };
        if created.removal == Removal::OnDrop
            && created.origin.is_here()
            && sys::stat_any(self.id).is_ok_and(|state| created.is_still(self.key, &state))
        {
            // A destructor cannot report a failure; the queue then stays in `SysvQueueInfo::all`.
            let _ = sys::remove(self.id);
        }
    }
}

impl fmt::Debug for SysvQueue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SysvQueue({})", self.label())
    }
}
