//! Changing the permissions, owner and byte limit of System V message queues.

use ipc_core::{Errno, Error, GroupId, Permissions, Refusal, Result, UserId};

use super::sysv_queue_info::gone;
use super::{SysvQueue, limits, sys};

impl SysvQueue {
    /// Changes the permissions of the queue.
    ///
    /// The new permissions apply to every later call, even to calls of processes that have already
    /// opened the queue.
    ///
    /// This method reads the permissions, owner and byte limit of the queue, and writes all of them
    /// back. If another process changes any of them in between, that change is lost.
    ///
    /// # Errors
    ///
    /// [`is_permission_denied`](Error::is_permission_denied) if the caller's user is neither root
    /// nor the owner or creator of the queue, or if the caller may not receive from the queue;
    /// [`is_removed`](Error::is_removed) if the queue was removed.
    #[doc(alias = "IPC_SET")]
    pub fn set_permissions(&self, permissions: impl Into<Permissions>) -> Result<()> {
        let mode =
            permissions.into().check("msgctl").map_err(|refusal| refusal.on(self.label()))?;
        let mut state = self.state()?;
        state.msg_perm.mode = mode;
        sys::set(self.id(), state).map_err(|errno| gone("msgctl", errno).on(self.label()))?;
        self.note_state();
        Ok(())
    }

    /// Changes the owner of the queue: a user and a group.
    ///
    /// The creator may still change and remove the queue. The kernel checks the creator, like the
    /// new owner, against the user bits of the mode. A concurrent change may be lost, as for
    /// [`set_permissions`](Self::set_permissions).
    ///
    /// # Errors
    ///
    /// [`is_invalid_argument`](Error::is_invalid_argument) if the user or group cannot exist, such
    /// as the id 2^32 - 1 or an id that the user namespace does not map; otherwise those of
    /// [`set_permissions`](Self::set_permissions).
    #[doc(alias = "IPC_SET")]
    pub fn set_owner(&self, owner: UserId, group: GroupId) -> Result<()> {
        let mut state = self.state()?;
        (state.msg_perm.uid, state.msg_perm.gid) = (owner.raw(), group.raw());
        sys::set(self.id(), state).map_err(|errno| match errno {
            // The queue existed a moment ago, so the user or group is what is invalid.
            Errno::EINVAL => Refusal::os("msgctl", errno)
                .because(format_args!(
                    "there is no user {} or no group {}",
                    owner.raw(),
                    group.raw()
                ))
                .on(self.label()),
            _ => gone("msgctl", errno).on(self.label()),
        })?;
        self.note_state();
        Ok(())
    }

    /// Changes the maximum total size of the messages in the queue.
    ///
    /// A concurrent change may be lost, as for [`set_permissions`](Self::set_permissions).
    ///
    /// # Errors
    ///
    /// [`is_invalid_argument`](Error::is_invalid_argument) if `bytes` is 0;
    /// [`is_permission_denied`](Error::is_permission_denied) if `bytes` exceeds the system's limit,
    /// which the error names, and the caller is not privileged; otherwise those of
    /// [`set_permissions`](Self::set_permissions).
    #[doc(alias = "IPC_SET")]
    #[doc(alias = "msg_qbytes")]
    pub fn set_byte_limit(&self, bytes: usize) -> Result<()> {
        limits::check_byte_limit(bytes).map_err(|refusal| refusal.on(self.label()))?;
        let mut state = self.state()?;
        state.msg_qbytes = bytes as _;
        sys::set(self.id(), state).map_err(|errno| self.limit_refused(bytes, errno))?;
        self.note_state();
        Ok(())
    }

    pub(super) fn limit_refused(&self, bytes: usize, errno: Errno) -> Error {
        let label = self.label();
        match limits::refused_byte_limit(bytes, errno) {
            Some(refusal) => refusal.on(label),
            None => gone("msgctl", errno).on(label),
        }
    }
}
