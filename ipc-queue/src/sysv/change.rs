//! Changing the permissions, owner and byte limit of System V message queues.

use ipc_core::{Errno, Error, GroupId, Permissions, Result, UserId};

use super::sysv_queue_info::gone;
use super::{SysvQueue, limits, sys};

impl SysvQueue {
    /// Changes the permissions. They apply to every later call, even by processes that have opened
    /// the queue before.
    ///
    /// The system changes permissions, owner and byte limit in one step: of two programs that
    /// change one each at the same time, one may undo the other's change.
    ///
    /// # Errors
    ///
    /// [`is_permission_denied`](Error::is_permission_denied) unless the caller's user owns or
    /// created it, and may receive from it; [`is_removed`](Error::is_removed) if it was removed.
    #[doc(alias = "IPC_SET")]
    pub fn set_permissions(&self, permissions: impl Into<Permissions>) -> Result<()> {
        let mode =
            permissions.into().check("msgctl").map_err(|refusal| refusal.on(self.label()))?;
        let mut state = self.state()?;
        state.msg_perm.mode = mode;
        sys::set(self.id(), state).map_err(|errno| gone(self.label(), errno))?;
        self.note_state();
        Ok(())
    }

    /// Changes the user and group that own the queue, in one step with permissions and byte limit.
    ///
    /// The creator may still change and remove it, and has the owner's permissions.
    ///
    /// # Errors
    ///
    /// [`is_invalid_argument`](Error::is_invalid_argument) for a user or group that cannot exist,
    /// such as 2^32 - 1 or one that the user namespace does not map;
    /// [`is_permission_denied`](Error::is_permission_denied) unless the caller's user owns or
    /// created it, and may receive from it; [`is_removed`](Error::is_removed) if it was removed.
    #[doc(alias = "IPC_SET")]
    pub fn set_owner(&self, owner: UserId, group: GroupId) -> Result<()> {
        let mut state = self.state()?;
        (state.msg_perm.uid, state.msg_perm.gid) = (owner.raw(), group.raw());
        sys::set(self.id(), state).map_err(|errno| match errno {
            // The queue existed a moment ago, so the user or group is what is invalid.
            Errno::EINVAL => {
                Error::os("msgctl", format!("{} to {owner}, {group}", self.label()), errno)
            }
            _ => gone(self.label(), errno),
        })?;
        self.note_state();
        Ok(())
    }

    /// Changes the maximum total size of the messages, in one step with permissions and owner.
    ///
    /// # Errors
    ///
    /// [`is_permission_denied`](Error::is_permission_denied) if it exceeds the system's limit,
    /// which the message names, or unless the caller's user owns or created the queue, and may
    /// receive from it; [`is_removed`](Error::is_removed) if it was removed.
    #[doc(alias = "IPC_SET")]
    #[doc(alias = "msg_qbytes")]
    pub fn set_byte_limit(&self, bytes: usize) -> Result<()> {
        let mut state = self.state()?;
        state.msg_qbytes = bytes as _;
        sys::set(self.id(), state).map_err(|errno| self.limit_refused(bytes, errno))?;
        self.note_state();
        Ok(())
    }

    pub(super) fn limit_refused(&self, bytes: usize, errno: Errno) -> Error {
        let label = self.label();
        limits::refused_byte_limit(&label, bytes, errno).unwrap_or_else(|| gone(label, errno))
    }
}
