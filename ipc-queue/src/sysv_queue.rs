//! Message queues of System V, which the kernel keeps: how they are made, found, looked at and ended.

use std::fmt;
use std::time::{Duration, SystemTime};

use ipc_core::{
    Errno, Error, GroupId, Key, Origin, Permissions, ProcessId, Removal, Result, Trust, UserId, crash_point,
    open_or_create,
};

use crate::limits;
use crate::sys::sysv as sys;
use crate::{Direction, OpenQueueOptions, SysvQueueOptions};

/// A queue of messages that every process finds by key or id.
///
/// Each message has a type, a number from 1 up, and receivers choose by it. A message arrives whole or not at all, in
/// the order in which they were sent, and each at one receiver. The kernel keeps them: whoever is killed, the queue stays
/// intact. What a receiver had taken when it died is gone with it.
///
/// Dropping a handle does nothing, unless [`Removal::OnDrop`] was asked for when the queue was made: it stays until
/// [`remove`](Self::remove), which ends it for everybody at once.
///
/// # Examples
///
/// ```
/// use ipc_core::{Key, Removal};
/// use ipc_queue::{Select, SysvQueue, SysvQueueOptions};
///
/// let jobs = SysvQueue::create(Key::PRIVATE, SysvQueueOptions::new().removal(Removal::OnDrop))?;
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
    /// The byte limit when this handle was made, if it may be known.
    pub(crate) byte_limit: usize,
    /// The process that created the queue through this handle.
    creator: Option<Origin>,
    removal: Removal,
}

/// What the kernel knows of a System V message queue.
#[doc(alias = "msqid_ds")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SysvQueueInfo {
    /// The key by which it is found; [`Key::PRIVATE`] if by none.
    pub key: Key,
    /// Who owns it, and with its creator may change and remove it.
    pub owner: UserId,
    /// The group whom the middle permissions are for.
    pub group: GroupId,
    /// Who made it.
    pub creator: UserId,
    /// The group of who made it.
    pub creator_group: GroupId,
    /// Who may use it.
    pub permissions: Permissions,
    /// How many messages it holds.
    #[doc(alias = "msg_qnum")]
    pub messages: usize,
    /// How many bytes they have together.
    #[doc(alias = "msg_cbytes")]
    pub bytes: usize,
    /// The most bytes that they may have together.
    #[doc(alias = "msg_qbytes")]
    pub byte_limit: usize,
    /// Who sent the last message, if one was sent.
    pub last_sender: Option<ProcessId>,
    /// Who received the last message, if one was received.
    pub last_receiver: Option<ProcessId>,
    /// When the last message was sent, to the second.
    pub sent: Option<SystemTime>,
    /// When the last message was received.
    pub received: Option<SystemTime>,
    /// When it was made, or its owner, permissions or byte limit last changed.
    pub changed: Option<SystemTime>,
}

impl SysvQueue {
    /// Makes a queue under a key that nobody has yet, or under none with [`Key::PRIVATE`].
    ///
    /// # Errors
    ///
    /// `is_exists` if the key is taken; `is_no_space` if there are too many queues, and the message names the limit;
    /// `is_permission_denied` if the byte limit wants privilege; `is_unsupported` for [`Removal::LastUser`].
    #[doc(alias = "msgget")]
    #[doc(alias = "IPC_CREAT")]
    pub fn create(key: impl Into<Key>, options: SysvQueueOptions) -> Result<Self> {
        let SysvQueueOptions { permissions, byte_limit, removal, .. } = options;
        let key = key.into();
        if removal == Removal::LastUser {
            return Err(Error::unsupported("msgget", key, "the kernel does not count the users of a queue"));
        }
        let id = sys::create(key, permissions).map_err(|errno| match (errno, limits::sysv_queues()) {
            (Errno::ENOSPC, Some(limit)) => {
                let why =
                    format!("{key}, one more than the {limit} of /proc/sys/kernel/msgmni, where root can write more");
                Error::os("msgget", why, errno)
            }
            _ => Error::os("msgget", key, errno),
        })?;
        crash_point("sysv_queue.create.made");
        let mut this = Self { key, id, byte_limit: usize::MAX, creator: Some(Origin::here()), removal };
        let limited = match byte_limit {
            Some(bytes) => this.set_byte_limit(bytes).map(|()| bytes),
            // Its mode may withhold that from its own creator.
            None => Ok(this.info().map_or(usize::MAX, |info| info.byte_limit)),
        };
        match limited {
            Ok(bytes) => this.byte_limit = bytes,
            Err(err) => {
                // What was refused first is what the caller can mend.
                let _ = Self::remove_id(id);
                return Err(err);
            }
        }
        Ok(this)
    }

    /// Finds a queue by its key, to send and receive.
    ///
    /// # Errors
    ///
    /// `is_not_found` if nobody has the key; `is_permission_denied` if its mode forbids it; `is_untrusted` if it is not
    /// this user's or root's, or others may write it; `is_invalid_argument` for [`Key::PRIVATE`], which leads to none.
    #[doc(alias = "msgget")]
    pub fn open(key: impl Into<Key>) -> Result<Self> {
        Self::open_with(key, OpenQueueOptions::new())
    }

    /// As [`open`](Self::open), with a say in what it is for and whose queue is acceptable.
    ///
    /// Whose it is can be asked only by who may receive: to send alone, ask for [`Trust::Anyone`].
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open).
    pub fn open_with(key: impl Into<Key>, options: OpenQueueOptions) -> Result<Self> {
        let key = key.into();
        if key == Key::PRIVATE {
            return Err(Error::invalid("msgget", key, "no key leads to a private queue: open it by its id"));
        }
        let access = Permissions::from_mode(match options.direction {
            Direction::Both => 0o600,
            Direction::Send => 0o200,
            Direction::Receive => 0o400,
        });
        let id = sys::open(key, access).map_err(|errno| Error::os("msgget", key, errno))?;
        Self::found(id, key, options.trust)
    }

    /// Takes the queue that has this id, as another process told it.
    ///
    /// # Errors
    ///
    /// `is_removed` if there is none, or no longer; otherwise as [`open`](Self::open).
    pub fn open_id(id: i32) -> Result<Self> {
        Self::open_id_with(id, OpenQueueOptions::new())
    }

    /// As [`open_id`](Self::open_id), with a say in whose queue is acceptable. What the handle is for, each call shows.
    ///
    /// # Errors
    ///
    /// As [`open_id`](Self::open_id).
    pub fn open_id_with(id: i32, options: OpenQueueOptions) -> Result<Self> {
        Self::found(id, Key::PRIVATE, options.trust)
    }

    fn found(id: i32, key: Key, trust: Trust) -> Result<Self> {
        let mut this = Self { key, id, byte_limit: usize::MAX, creator: None, removal: Removal::Never };
        match this.info() {
            Ok(info) => {
                for user in [info.owner, info.creator] {
                    trust.judge("msgget", this.label(), user, info.permissions)?;
                }
                (this.key, this.byte_limit) = (info.key, info.byte_limit);
            }
            Err(err) if err.is_permission_denied() && trust == Trust::Anyone => {}
            Err(err) => return Err(err),
        }
        Ok(this)
    }

    /// Finds a queue by its key, or makes it; [`was_created`](Self::was_created) tells which.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open) and [`create`](Self::create); `is_mismatch` if one is found of another byte limit than was
    /// asked for.
    #[doc(alias = "msgget")]
    pub fn open_or_create(key: impl Into<Key>, options: SysvQueueOptions) -> Result<Self> {
        let key = key.into();
        if key == Key::PRIVATE {
            return Self::create(key, options);
        }
        let trust = options.trust.for_permissions(options.permissions);
        let open = || Self::open_with(key, OpenQueueOptions::new().trust(trust));
        let found = open_or_create(open, || Self::create(key, options))?;
        found.expect_byte_limit(options.byte_limit).map(|()| found)
    }

    fn expect_byte_limit(&self, wanted: Option<usize>) -> Result<()> {
        match wanted {
            Some(wanted) if wanted != self.byte_limit => {
                let why = format!("found a limit of {} bytes, wanted {wanted}", self.byte_limit);
                Err(Error::mismatch("msgget", self.label(), why))
            }
            _ => Ok(()),
        }
    }

    /// Ends the queue of a key for everybody: who waits in it gets an error at once. A key that nobody has is not an
    /// error.
    ///
    /// # Errors
    ///
    /// `is_permission_denied` unless this user owns or made it; `is_invalid_argument` for [`Key::PRIVATE`].
    #[doc(alias = "IPC_RMID")]
    pub fn remove(key: impl Into<Key>) -> Result<()> {
        let key = key.into();
        if key == Key::PRIVATE {
            return Err(Error::invalid("msgget", key, "no key leads to a private queue: remove it by its id"));
        }
        match sys::open(key, Permissions::from_mode(0)) {
            Ok(id) => Self::remove_id(id),
            Err(Errno::ENOENT) => Ok(()),
            Err(errno) => Err(Error::os("msgget", key, errno)),
        }
    }

    /// As [`remove`](Self::remove), of the queue that has this id.
    ///
    /// # Errors
    ///
    /// As [`remove`](Self::remove).
    #[doc(alias = "IPC_RMID")]
    pub fn remove_id(id: i32) -> Result<()> {
        match sys::remove(id) {
            Err(Errno::EINVAL | Errno::EIDRM) | Ok(()) => Ok(()),
            Err(errno) => Err(Error::os("msgctl", format_args!("id {id}"), errno)),
        }
    }

    /// The key by which others find it; [`Key::PRIVATE`] if by none, or if that may not be known.
    #[must_use]
    pub fn key(&self) -> Key {
        self.key
    }

    /// The number that the system gave it, and by which others find it as well.
    #[doc(alias = "msqid")]
    #[must_use]
    pub fn id(&self) -> i32 {
        self.id
    }

    /// Whether this handle made the queue.
    #[must_use]
    pub fn was_created(&self) -> bool {
        self.creator.is_some()
    }

    /// What the kernel knows of it at this moment.
    ///
    /// # Errors
    ///
    /// `is_permission_denied` if this user may not receive from it; `is_removed` if it is gone.
    ///
    /// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/msgctl.html>
    #[doc(alias = "msgctl")]
    #[doc(alias = "IPC_STAT")]
    pub fn info(&self) -> Result<SysvQueueInfo> {
        let state = sys::stat(self.id).map_err(|errno| self.gone(errno))?;
        let number = |count| usize::try_from(count).unwrap_or(usize::MAX);
        let process = |id| (id != 0).then(|| ProcessId::new(id));
        let time = |seconds: i64| {
            let seconds = u64::try_from(seconds).ok().filter(|&seconds| seconds != 0)?;
            SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds))
        };
        Ok(SysvQueueInfo {
            key: Key::new(state.msg_perm.key()),
            owner: UserId::new(state.msg_perm.uid),
            group: GroupId::new(state.msg_perm.gid),
            creator: UserId::new(state.msg_perm.cuid),
            creator_group: GroupId::new(state.msg_perm.cgid),
            permissions: Permissions::from_mode(state.msg_perm.mode),
            messages: number(state.msg_qnum),
            bytes: number(state.cbytes()),
            byte_limit: number(state.msg_qbytes),
            last_sender: process(state.msg_lspid),
            last_receiver: process(state.msg_lrpid),
            sent: time(state.msg_stime),
            received: time(state.msg_rtime),
            changed: time(state.msg_ctime),
        })
    }

    /// Changes who may use it, for every call from now on, also of those that have it open.
    ///
    /// The system changes permissions, owner and byte limit in one step: of two programs that change one each at the
    /// same time, one may undo what the other did.
    ///
    /// # Errors
    ///
    /// `is_permission_denied` unless this user owns or made it, and may receive from it; `is_removed` if it is gone.
    #[doc(alias = "IPC_SET")]
    pub fn set_permissions(&self, permissions: impl Into<Permissions>) -> Result<()> {
        let mut state = sys::stat(self.id).map_err(|errno| self.gone(errno))?;
        state.msg_perm.mode = permissions.into().mode();
        sys::set(self.id, state).map_err(|errno| self.gone(errno))
    }

    /// Gives it to another user and group, whom its permissions are for from now on; as
    /// [`set_permissions`](Self::set_permissions) otherwise. [`info`](Self::info) tells the present ones.
    ///
    /// Who made it stays its creator, may still change and remove it, and has the owner's permissions.
    ///
    /// # Errors
    ///
    /// As [`set_permissions`](Self::set_permissions), and `is_invalid_argument` for a user or group that the system
    /// cannot have, as 2^32 - 1 or what the user namespace does not map.
    #[doc(alias = "IPC_SET")]
    pub fn set_owner(&self, owner: UserId, group: GroupId) -> Result<()> {
        let mut state = sys::stat(self.id).map_err(|errno| self.gone(errno))?;
        (state.msg_perm.uid, state.msg_perm.gid) = (owner.raw(), group.raw());
        sys::set(self.id, state).map_err(|errno| match errno {
            // It was there a moment ago, so it is not the queue that is wrong.
            Errno::EINVAL => Error::os("msgctl", format!("{} to {owner}, {group}", self.label()), errno),
            _ => self.gone(errno),
        })
    }

    /// Changes how many bytes its messages may have together; as [`set_permissions`](Self::set_permissions) otherwise.
    ///
    /// # Errors
    ///
    /// As [`set_permissions`](Self::set_permissions), and `is_permission_denied` if it is more than the system gives to
    /// all, which the message names.
    #[doc(alias = "IPC_SET")]
    #[doc(alias = "msg_qbytes")]
    pub fn set_byte_limit(&self, bytes: usize) -> Result<()> {
        let mut state = sys::stat(self.id).map_err(|errno| self.gone(errno))?;
        state.msg_qbytes = bytes as _;
        sys::set(self.id, state).map_err(|errno| match limits::sysv_bytes() {
            Some(most) if errno == Errno::EPERM && bytes > most => {
                let label = self.label();
                let why = format!(
                    "{label}, {bytes} bytes, when only root gives more than the {most} of /proc/sys/kernel/msgmnb"
                );
                Error::os("msgctl", why, errno)
            }
            _ => self.gone(errno),
        })
    }

    /// What is wrong with the queue: a number that leads nowhere is told as one whose queue was removed.
    #[cold]
    fn gone(&self, errno: Errno) -> Error {
        Error::os("msgctl", self.label(), if errno == Errno::EINVAL { Errno::EIDRM } else { errno })
    }

    /// What it is called in an error.
    pub(crate) fn label(&self) -> String {
        match self.key {
            Key::PRIVATE => format!("id {}", self.id),
            key => format!("{key} (id {})", self.id),
        }
    }
}

impl Drop for SysvQueue {
    fn drop(&mut self) {
        if self.removal == Removal::OnDrop && self.creator.is_some_and(Origin::is_here) {
            // Nobody is there to be told; a queue that stays is seen by who looks for it.
            let _ = Self::remove_id(self.id);
        }
    }
}

impl fmt::Debug for SysvQueue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SysvQueue({})", self.label())
    }
}
