//! Sets of semaphores that other processes open by key.

use std::ffi::c_int;
use std::sync::atomic::AtomicI64;
use std::time::{Duration, Instant};

use ipc_core::{
    Deadline, Errno, Error, GroupId, Key, Origin, Permissions, Refusal, Removal, Result, Trust,
    UserId,
};

use crate::sys::semaphore_set::{self as sys, Patience};
use crate::sysv::creation::Found;
use crate::sysv::{Operation, SetInfo, limits};

/// A set of counters that are changed together, shared by every process that opens its key.
///
/// Dropping a handle does not remove the set, unless this handle created the set with
/// [`Removal::OnDrop`], which is the default for a private set. When a process ends, even if it is
/// killed, the system undoes the steps that the process marked with [`Operation::undo`].
/// [`acquire`](Self::acquire) marks its step in this way.
///
/// # Creation
///
/// The system creates a set in one call, and sets its values in another. During creation, the mode
/// of the set contains a mark: execute permission for others, but not for owner and group (0601 in
/// place of 0600). No call requires that permission. `create` ends with two calls: a `semop`, which
/// sets `sem_otime` as C programs expect, and `IPC_SET`, which sets the final mode and so removes
/// the mark. After the `semop` the set is complete, even if it still has the mark. The mark stays
/// if the creator is killed between the two calls, or if `IPC_SET` fails because the user has no
/// uid in the user namespace.
///
/// `open` waits, for up to a second, until the set is complete. A set is complete when `sem_otime`
/// is set. A set without the mark, as other programs create it, is also complete when each counter
/// has been given a value. If a marked set is still incomplete after this second, its creator was
/// killed or stopped: `open` refuses the set, and `open_or_create` replaces it. If a set without
/// the mark is not known to be complete after this second, another program created it: it is opened
/// with the values that it has, which are zeros if nothing was ever set. (If another program
/// chooses a mode like 0601 for a set, the set is taken for an incomplete one until the first
/// operation on it.)
///
/// # Removed sets
///
/// A handle contains only the id of the set. After the set was removed, the kernel may give the id
/// to a new set: within seconds, if programs create many sets. A handle of the removed set then
/// reaches the new one, so drop it.
///
/// # Examples
///
/// ```
/// use ipc_core::{Key, Removal};
/// use ipc_sync::sysv::{Operation, SemaphoreSet, SetOptions};
///
/// let set = SemaphoreSet::create(Key::PRIVATE, SetOptions::new([3, 1]).removal(Removal::OnDrop))?;
/// let tapes_and_printer = [Operation::take(0, 2).undo(), Operation::take(1, 1).undo()];
/// set.operate(&tapes_and_printer)?;
/// assert!(!set.try_operate(&tapes_and_printer)?); // neither of them is taken
/// assert_eq!(set.values()?, [1, 0]);
/// # Ok::<(), ipc_core::Error>(())
/// ```
///
/// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/semop.html>,
/// <https://man7.org/linux/man-pages/man7/sysvipc.7.html>
#[doc(alias = "semget")]
#[derive(Debug)]
pub struct SemaphoreSet {
    pub(super) key: Key,
    pub(super) id: c_int,
    pub(super) len: u16,
    /// The key and the creator by the system's record, which do not change.
    pub(super) made: (Key, UserId, GroupId),
    /// The process that created the set through this handle.
    pub(super) creator: Option<Origin>,
    pub(super) removal: Removal,
    /// The time of the last change, in seconds, as far as this handle made it.
    pub(super) changed: AtomicI64,
}

impl SemaphoreSet {
    /// Opens the set that has this key.
    ///
    /// # Errors
    ///
    /// `is_not_found` if the key does not exist; `is_permission_denied` if the mode of the set
    /// forbids it; `is_untrusted` if its owner or creator is neither this user nor root, or if
    /// other users may change it; `is_mismatch` if its creator was killed or stopped before it
    /// completed the set: [`open_or_create`](Self::open_or_create) replaces such a set.
    #[doc(alias = "semget")]
    pub fn open(key: impl Into<Key>) -> Result<Self> {
        Self::open_with(key, Trust::default())
    }

    /// Opens the set that has this key if `trust` accepts its owner.
    ///
    /// # Errors
    ///
    /// The errors of [`open`](Self::open).
    pub fn open_with(key: impl Into<Key>, trust: Trust) -> Result<Self> {
        let key = key.into();
        match Self::of_key(key, trust)?.completed()? {
            Found::Complete(set) => Ok(set),
            Found::Incomplete(_, mode) => {
                let why = format!(
                    "found an incomplete set (mode {mode}), wanted one with values: its creator \
                     was killed or stopped; `open_or_create` replaces it, and `open_id` opens it \
                     as it is"
                );
                Err(Error::mismatch("semget", key, why))
            }
        }
    }

    /// Opens the set with this id, even if the values of its counters were never set.
    ///
    /// # Errors
    ///
    /// `is_removed` if no set has the id; the errors of [`open`](Self::open), except those about
    /// the key and about values that were never set.
    pub fn open_id(id: i32) -> Result<Self> {
        Self::open_id_with(id, Trust::default())
    }

    /// Opens the set with this id as [`open_id`](Self::open_id) does, if `trust` accepts its owner.
    ///
    /// # Errors
    ///
    /// The errors of [`open_id`](Self::open_id).
    pub fn open_id_with(id: i32, trust: Trust) -> Result<Self> {
        Self::of_id(Key::PRIVATE, id, trust)
    }

    pub(super) fn of_key(key: Key, trust: Trust) -> Result<Self> {
        if key == Key::PRIVATE {
            return Err(Error::invalid("semget", key, "no set can be found by this key"));
        }
        let id = sys::open(key.raw()).map_err(|errno| os("semget", key, errno))?;
        Self::of_id(key, id, trust)
    }

    fn of_id(key: Key, id: c_int, trust: Trust) -> Result<Self> {
        let info = sys::info(id).map_err(|errno| failed(key, id, "semctl", errno))?;
        let label = label(key, id);
        trust.judge("semget", &label, info.owner, info.permissions)?;
        trust.judge("semget", &label, info.creator, info.permissions)?;
        let len =
            u16::try_from(info.len).map_err(|_| failed(key, id, "semctl", Errno::EOVERFLOW))?;
        let made = (info.key, info.creator, info.creator_group);
        let changed = AtomicI64::new(0);
        Ok(Self { key, id, len, made, creator: None, removal: Removal::Never, changed })
    }

    /// The key with which the set was created or opened.
    #[must_use]
    pub fn key(&self) -> Key {
        self.key
    }

    /// The id that the system gave the set, for [`open_id`](Self::open_id) in another process.
    #[must_use]
    pub fn id(&self) -> i32 {
        self.id
    }

    /// The number of counters.
    #[expect(clippy::len_without_is_empty, reason = "there is no set without a counter")]
    #[must_use]
    pub fn len(&self) -> usize {
        self.len.into()
    }

    /// Returns `true` if this handle created the set.
    #[must_use]
    pub fn was_created(&self) -> bool {
        self.creator.is_some()
    }

    /// Waits until all the steps can be done, and does them together.
    ///
    /// # Errors
    ///
    /// `is_invalid_argument` if `steps` is empty or longer than the system allows, or if a counter
    /// does not exist; `is_overflow` if a counter would exceed its maximum; `is_removed` if the set
    /// was removed; `is_permission_denied` if the mode of the set forbids it.
    #[doc(alias = "semop")]
    pub fn operate(&self, steps: &[Operation]) -> Result<()> {
        self.operate_in(steps, Patience::Until(Deadline::NEVER)).map(drop)
    }

    /// Does all the steps together if that is possible without waiting; otherwise returns `false`.
    ///
    /// # Errors
    ///
    /// The errors of [`operate`](Self::operate).
    #[doc(alias = "IPC_NOWAIT")]
    pub fn try_operate(&self, steps: &[Operation]) -> Result<bool> {
        self.operate_in(steps, Patience::None)
    }

    /// Does all the steps together, and returns `false` if that is not possible within `timeout`.
    ///
    /// # Errors
    ///
    /// The errors of [`operate`](Self::operate).
    ///
    /// <https://man7.org/linux/man-pages/man2/semop.2.html>
    #[doc(alias = "semtimedop")]
    pub fn operate_timeout(&self, steps: &[Operation], timeout: Duration) -> Result<bool> {
        self.operate_in(steps, Patience::Until(Deadline::after(timeout)))
    }

    /// Does all the steps together, and returns `false` if that is not possible before `deadline`.
    ///
    /// # Errors
    ///
    /// The errors of [`operate`](Self::operate).
    #[doc(alias = "semtimedop")]
    pub fn operate_deadline(&self, steps: &[Operation], deadline: Instant) -> Result<bool> {
        self.operate_in(steps, Patience::Until(Deadline::at(deadline)))
    }

    fn operate_in(&self, steps: &[Operation], patience: Patience) -> Result<bool> {
        if steps.is_empty() {
            return Err(Error::invalid("semop", self.label(), "an operation without steps"));
        }
        steps.iter().try_for_each(|step| self.expect_index("semop", step.index))?;
        match sys::operate(self.id, steps, patience) {
            Ok(()) => Ok(true),
            Err(Errno::EAGAIN) => Ok(false),
            Err(Errno::E2BIG) => Err(limits::too_many_steps(steps.len()).on(self.label())),
            Err(errno) => Err(self.failed("semop", errno)),
        }
    }

    /// Returns the facts that the system keeps about the set.
    ///
    /// # Errors
    ///
    /// The errors of [`get`](Self::get).
    #[doc(alias = "IPC_STAT")]
    pub fn info(&self) -> Result<SetInfo> {
        sys::info(self.id).map_err(|errno| self.failed("semctl", errno))
    }

    /// Changes the permissions of the set.
    ///
    /// # Errors
    ///
    /// `is_permission_denied` if this user is neither root nor the owner or creator of the set;
    /// `is_removed` if the set was removed.
    #[doc(alias = "IPC_SET")]
    pub fn set_permissions(&self, permissions: impl Into<Permissions>) -> Result<()> {
        let permissions = permissions.into();
        permissions.check("semctl").map_err(|refusal| refusal.on(self.label()))?;
        sys::set_permissions(self.id, permissions).map_err(|errno| self.failed("semctl", errno))?;
        self.note_change();
        Ok(())
    }

    #[cold]
    pub(super) fn failed(&self, call: &'static str, errno: Errno) -> Error {
        failed(self.key, self.id, call, errno)
    }

    pub(super) fn label(&self) -> String {
        label(self.key, self.id)
    }
}

pub(super) fn os(call: &'static str, key: Key, errno: Errno) -> Error {
    Error::os(call, key, errno)
}

/// The error of a call whose arguments have been checked: an invalid one is the id of a set that was
/// removed, and an invalid address means that a set of another length has the id.
#[cold]
fn failed(key: Key, id: c_int, call: &'static str, errno: Errno) -> Error {
    let removed = Refusal::os(call, Errno::EIDRM);
    let refusal = match errno {
        Errno::EINVAL => removed.because("no set of semaphores has this id"),
        Errno::EFAULT => {
            removed.because("another set, with another number of semaphores, has this id")
        }
        Errno::ERANGE => {
            Refusal::os(call, errno).because(format_args!("a value is at most {}", Operation::MAX))
        }
        _ => Refusal::os(call, errno),
    };
    refusal.on(label(key, id))
}

/// How errors name a set: by its key, or by its id if it has none.
pub(super) fn label(key: Key, id: c_int) -> String {
    if key == Key::PRIVATE { format!("set id {id}") } else { key.to_string() }
}

#[cfg(test)]
mod tests;
