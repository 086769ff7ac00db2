//! Removing sets of semaphores.

use std::ffi::c_int;
use std::sync::atomic::Ordering::Relaxed;

use ipc_core::{Errno, Error, Key, Origin, Removal, Result};

use super::semaphore_set::{label, os};
use super::{SemaphoreSet, SetInfo};
use crate::sys::semaphore_set as sys;

impl SemaphoreSet {
    /// Removes the set that has this key, for all processes. Calls that wait on it fail with
    /// `is_removed`. Removing a key that does not exist is not an error.
    ///
    /// # Errors
    ///
    /// `is_permission_denied` if this user is neither root nor the owner or creator of the set.
    #[doc(alias = "IPC_RMID")]
    pub fn remove(key: impl Into<Key>) -> Result<()> {
        let key = key.into();
        match sys::open(key.raw()) {
            Ok(id) => remove_id(key, id),
            Err(Errno::ENOENT) => Ok(()),
            Err(errno) => Err(os("semget", key, errno)),
        }
    }

    /// Removes the set, for all processes. Calls that wait on it fail with `is_removed`. Unlike
    /// dropping the handle, this reports a failure, and it removes the set even if another handle
    /// has changed it.
    ///
    /// If the set was removed before and another set has its id by now, that one stays, unless it
    /// has the same key, creator and number of counters.
    ///
    /// # Errors
    ///
    /// `is_permission_denied` if this user is neither root nor the owner or creator of the set. If
    /// the set is removed already, that is not an error.
    #[doc(alias = "IPC_RMID")]
    pub fn destroy(mut self) -> Result<()> {
        self.removal = Removal::Never;
        match self.info() {
            Ok(info) if self.is_like(&info) => remove_id(self.key, self.id),
            Err(err) if !err.is_removed() => Err(err),
            _ => Ok(()),
        }
    }

    /// Removes the set that has this id, for all processes. Removing an id that does not exist is
    /// not an error.
    ///
    /// # Errors
    ///
    /// `is_permission_denied` if this user is neither root nor the owner or creator of the set.
    #[doc(alias = "IPC_RMID")]
    pub fn remove_id(id: i32) -> Result<()> {
        remove_id(Key::PRIVATE, id)
    }

    /// Notes the time of a change that this handle made, with which `drop` compares.
    pub(super) fn note_change(&self) {
        if self.creator.is_some() && self.removal == Removal::OnDrop {
            if let Ok(info) = sys::info(self.id) {
                self.changed.store(info.last_change.sec(), Relaxed);
            }
        }
    }

    /// Returns `true` if the set that has the id has what never changes of this one.
    fn is_like(&self, info: &SetInfo) -> bool {
        (info.key, info.creator, info.creator_group) == self.made && info.len == self.len()
    }

    /// Returns `true` if the set that has the id is also unchanged since this handle changed it.
    /// Another set is taken for this one only if it was changed last in the same second.
    fn is_still(&self, info: &SetInfo) -> bool {
        self.is_like(info) && info.last_change.sec() == self.changed.load(Relaxed)
    }
}

impl Drop for SemaphoreSet {
    fn drop(&mut self) {
        if self.removal == Removal::OnDrop
            && self.creator.is_some_and(Origin::is_here)
            && sys::info(self.id).is_ok_and(|info| self.is_still(&info))
        {
            // A failure cannot be reported here: `destroy` does.
            let _ = sys::remove(self.id);
        }
    }
}

pub(super) fn remove_id(key: Key, id: c_int) -> Result<()> {
    match sys::remove(id) {
        Err(Errno::EINVAL | Errno::EIDRM) => Ok(()),
        done => done.map_err(|errno| Error::os("semctl", label(key, id), errno)),
    }
}

#[cfg(test)]
mod tests;
