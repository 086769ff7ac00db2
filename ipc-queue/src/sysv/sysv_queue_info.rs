//! The state of System V message queues.

use std::time::{Duration, SystemTime};

use ipc_core::{Errno, Error, GroupId, Key, Permissions, ProcessId, Refusal, Result, UserId};

use super::sys;

/// The state of a [`SysvQueue`](crate::SysvQueue), as the kernel reports it.
///
/// # Examples
///
/// ```
/// use ipc_core::Key;
/// use ipc_queue::{SysvQueue, SysvQueueInfo, SysvQueueOptions};
///
/// let jobs = SysvQueue::create(Key::PRIVATE, SysvQueueOptions::new())?;
/// jobs.send(b"sweep", 1)?;
/// let info = SysvQueueInfo::of_id(jobs.id())?; // also without a handle
/// assert_eq!((info.messages, info.bytes), (1, 5));
/// assert!(SysvQueueInfo::all()?.iter().any(|info| info.id == jobs.id()));
/// # Ok::<(), ipc_core::Error>(())
/// ```
#[doc(alias = "msqid_ds")]
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SysvQueueInfo {
    /// The id that the system gave the queue.
    pub id: i32,
    /// The key by which the queue is found, or [`Key::PRIVATE`].
    pub key: Key,
    /// The user that owns the queue. The owner and the creator may change and remove the queue.
    pub owner: UserId,
    /// The group of the queue, to which the group bits of its permissions apply.
    pub group: GroupId,
    /// The user that created the queue.
    pub creator: UserId,
    /// The group of the creator.
    pub creator_group: GroupId,
    /// The permissions of the queue.
    pub permissions: Permissions,
    /// The number of messages in the queue.
    #[doc(alias = "msg_qnum")]
    pub messages: usize,
    /// The total size of the messages in bytes.
    #[doc(alias = "msg_cbytes")]
    pub bytes: usize,
    /// The maximum total size of the messages in bytes.
    #[doc(alias = "msg_qbytes")]
    pub byte_limit: usize,
    /// The process that sent the last message, if any was sent.
    pub last_sender: Option<ProcessId>,
    /// The process that received the last message, if any was received.
    pub last_receiver: Option<ProcessId>,
    /// The time when the last message was sent, to the second.
    pub sent: Option<SystemTime>,
    /// The time when the last message was received, to the second.
    pub received: Option<SystemTime>,
    /// The time when the owner, permissions or byte limit last changed, or the queue was created.
    pub changed: Option<SystemTime>,
}

impl SysvQueueInfo {
    /// Returns the state of the queue that has this key, without opening it.
    ///
    /// # Errors
    ///
    /// [`is_not_found`](Error::is_not_found) if no queue has the key;
    /// [`is_permission_denied`](Error::is_permission_denied) if the caller may not receive from the
    /// queue; [`is_invalid_argument`](Error::is_invalid_argument) for [`Key::PRIVATE`], which is
    /// the key of no queue.
    #[doc(alias = "msgctl")]
    pub fn of_key(key: impl Into<Key>) -> Result<Self> {
        let key = key.into();
        if key == Key::PRIVATE {
            return Err(Error::invalid(
                "msgget",
                key,
                "no key refers to a private queue; use its id",
            ));
        }
        let id = sys::open(key, Permissions::from_mode(0));
        Self::of_id(id.map_err(|errno| Error::os("msgget", key, errno))?)
    }

    /// Returns the state of the queue that has this id, without opening it.
    ///
    /// # Errors
    ///
    /// [`is_removed`](Error::is_removed) if no queue has the id;
    /// [`is_permission_denied`](Error::is_permission_denied) if the caller may not receive from the
    /// queue.
    #[doc(alias = "msgctl")]
    #[doc(alias = "IPC_STAT")]
    pub fn of_id(id: i32) -> Result<Self> {
        let state = sys::stat(id)
            .map_err(|errno| gone("msgctl", errno).on(format_args!("queue id {id}")))?;
        Ok(Self::of(id, &state))
    }

    /// Returns the states of all System V queues of this IPC namespace, even those that the caller
    /// may not use.
    ///
    /// Before Linux 4.17, it returns only the states of queues from which the caller may receive.
    ///
    /// # Errors
    ///
    /// This call is not known to fail.
    #[doc(alias = "MSG_STAT_ANY")]
    #[doc(alias = "ipcs")]
    pub fn all() -> Result<Vec<Self>> {
        let all = sys::all().map_err(|errno| Error::os("msgctl", "message queues", errno))?;
        Ok(all.iter().map(|(id, state)| Self::of(*id, state)).collect())
    }

    pub(super) fn of(id: i32, state: &sys::State) -> Self {
        let number = |count| usize::try_from(count).unwrap_or(usize::MAX);
        let process = |id| (id != 0).then(|| ProcessId::new(id));
        let time = |seconds: i64| {
            let seconds = u64::try_from(seconds).ok().filter(|&seconds| seconds != 0)?;
            SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds))
        };
        Self {
            id,
            key: Key::new(state.msg_perm.key()),
            owner: UserId::new(state.msg_perm.uid),
            group: GroupId::new(state.msg_perm.gid),
            creator: UserId::new(state.msg_perm.cuid),
            creator_group: GroupId::new(state.msg_perm.cgid),
            permissions: Permissions::of_mode(state.msg_perm.mode),
            messages: number(state.msg_qnum),
            bytes: number(state.cbytes()),
            byte_limit: number(state.msg_qbytes),
            last_sender: process(state.msg_lspid),
            last_receiver: process(state.msg_lrpid),
            sent: time(state.msg_stime),
            received: time(state.msg_rtime),
            changed: time(state.msg_ctime),
        }
    }

    /// Returns `true` if the queue is as `create` leaves it between its two steps: it has no
    /// permissions, belongs to the caller's user, and was never used.
    pub(super) fn is_unfinished(&self) -> bool {
        let is_unused = self.last_sender.is_none() && self.sent.is_none() && self.messages == 0;
        self.permissions.mode() == 0 && self.creator == UserId::effective() && is_unused
    }
}

/// The error of a call on a queue. An id that no queue has is reported as one whose queue was
/// removed.
#[cold]
pub(super) fn gone(call: &'static str, errno: Errno) -> Refusal {
    match errno {
        Errno::EINVAL => Refusal::os(call, Errno::EIDRM).because("no queue has this id"),
        _ => Refusal::os(call, errno),
    }
}
