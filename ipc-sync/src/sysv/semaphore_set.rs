//! Sets of semaphores that other processes find by a key.

use std::ffi::c_int;
use std::thread;
use std::time::{Duration, Instant};

use ipc_core::{
    Deadline, Errno, Error, GroupId, Key, Origin, Permissions, ProcessId, Removal, Result, TimeSpec, Trust, UserId,
    crash_point, open_or_create,
};

use crate::sys::semaphore_set::{self as sys, Question};
use crate::sysv::{Operation, SetOptions};

/// How long somebody who opens a set waits for its creator to give it its first values.
const PATIENCE: Duration = Duration::from_secs(1);

/// Counters that are waited for and changed together, shared by every process that has their key.
///
/// Dropping it closes this handle and nothing else, unless it created the set and asked for
/// [`Removal::OnDrop`]. What one process does with [`Operation::undo`] the system takes back when that process ends:
/// this is the one semaphore whose permits survive `kill -9`.
///
/// # Creation
///
/// The system makes a set and gives it its first values in two steps. Who creates one here ends with an operation
/// that changes nothing but the time of the last operation, and who opens one waits for that.
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
    key: Key,
    id: c_int,
    len: u16,
    /// The process that created the set through this handle.
    creator: Option<Origin>,
    removal: Removal,
}

/// What the system knows of a [`SemaphoreSet`].
#[doc(alias = "semid_ds")]
#[doc(alias = "SemInfo")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SetInfo {
    /// When something was last done with it; `None` if nothing was.
    pub last_operation: Option<TimeSpec>,
    /// When it was made, or last changed by other means than operations.
    pub last_change: TimeSpec,
    /// The number of its counters.
    pub len: usize,
    /// Who may use it as its owner.
    pub owner: UserId,
    /// The group that may use it as such.
    pub group: GroupId,
    /// Who made it, and may remove it always.
    pub creator: UserId,
    /// The group of who made it.
    pub creator_group: GroupId,
    /// Who may do what.
    pub permissions: Permissions,
}

impl SemaphoreSet {
    /// Makes a set under a key that nobody has yet, with its first values or [`SetOptions`].
    ///
    /// # Errors
    ///
    /// `is_exists` if the key is taken; `is_invalid_argument` for no counters or more than the system allows, and
    /// for values over [`Operation::MAX`]; `is_unsupported` for [`Removal::LastUser`]; `is_no_space` if the system has
    /// no more sets.
    ///
    /// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/semget.html>
    #[doc(alias = "semget")]
    #[doc(alias = "IPC_CREAT")]
    pub fn create(key: impl Into<Key>, options: impl Into<SetOptions>) -> Result<Self> {
        let (key, options) = (key.into(), options.into());
        if options.removal == Removal::LastUser {
            return Err(Error::unsupported("semget", key, "the system does not count the users of a set"));
        }
        let count = options.values.len();
        let Some(len) = u16::try_from(count).ok().filter(|len| *len > 0) else {
            return Err(Error::invalid("semget", key, format_args!("a set of {count} semaphores")));
        };
        if let Some(value) = options.values.iter().find(|value| **value > Operation::MAX) {
            let why = format!("a first value of {value} is over the greatest, {}", Operation::MAX);
            return Err(Error::invalid("semctl", key, why));
        }
        let id = sys::create(key.raw(), count, options.permissions.mode()).map_err(|errno| os("semget", key, errno))?;
        crash_point("set.create.without-values");
        // From here on it is removed again if something fails.
        let mut set = Self { key, id, len, creator: Some(Origin::here()), removal: Removal::OnDrop };
        sys::set_values(id, &options.values).map_err(|errno| set.failed("semctl", errno))?;
        crash_point("set.create.with-values");
        // Nothing is changed, but the time is noted. A counter that is at its greatest cannot go up first.
        let (up, down) = (Operation::add(0, 1), Operation::take(0, 1));
        set.operate(&if options.values[0] > 0 { [down, up] } else { [up, down] })?;
        crash_point("set.create.done");
        set.removal = options.removal;
        Ok(set)
    }

    /// Finds the set that has this key.
    ///
    /// # Errors
    ///
    /// `is_not_found` if there is none; `is_permission_denied` if its mode forbids it; `is_untrusted` if it
    /// is not this user's or root's, or others may change it; `is_mismatch` if its creator gives it no first values,
    /// which may mean that it died: then only [`remove`](Self::remove) helps.
    #[doc(alias = "semget")]
    pub fn open(key: impl Into<Key>) -> Result<Self> {
        Self::open_with(key, Trust::default())
    }

    /// As [`open`](Self::open), with a say in whose set is acceptable.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open).
    pub fn open_with(key: impl Into<Key>, trust: Trust) -> Result<Self> {
        let key = key.into();
        if key == Key::PRIVATE {
            return Err(Error::invalid("semget", key, "no set can be found by this key"));
        }
        let id = sys::open(key.raw()).map_err(|errno| os("semget", key, errno))?;
        let deadline = Instant::now() + PATIENCE;
        loop {
            let set = Self::of_id(key, id, trust)?;
            if set.info()?.last_operation.is_some() {
                return Ok(set);
            }
            if Instant::now() >= deadline {
                let why = "nobody has used it since it was made: its creator died, or is another program that only \
                           set its values; `open_id` takes it as it is";
                return Err(Error::mismatch("semget", key, why));
            }
            thread::sleep(Duration::from_millis(1)); // the system has nothing to wait for
        }
    }

    /// Takes the set with this id as it is, also if nobody has used it yet.
    ///
    /// # Errors
    ///
    /// `is_removed` if there is none; otherwise as [`open`](Self::open).
    pub fn open_id(id: i32) -> Result<Self> {
        Self::of_id(Key::PRIVATE, id, Trust::default())
    }

    /// Finds the set that has this key, or makes it; [`was_created`](Self::was_created) tells which.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open) and [`create`](Self::create); `is_mismatch` if one is found of another number of counters.
    #[doc(alias = "semget")]
    pub fn open_or_create(key: impl Into<Key>, options: impl Into<SetOptions>) -> Result<Self> {
        let (key, options) = (key.into(), options.into());
        if key == Key::PRIVATE {
            return Self::create(key, options);
        }
        let trust = options.trust.for_permissions(options.permissions);
        let found = open_or_create(|| Self::open_with(key, trust), || Self::create(key, options.clone()))?;
        if found.len() != options.values.len() {
            let why = format!("found {} semaphores, wanted {}", found.len(), options.values.len());
            return Err(Error::mismatch("semget", key, why));
        }
        Ok(found)
    }

    /// Ends the set that has this key, for everybody: who waits for it is told. That there is none is not an error.
    ///
    /// # Errors
    ///
    /// `is_permission_denied` if it is somebody else's.
    #[doc(alias = "IPC_RMID")]
    pub fn remove(key: impl Into<Key>) -> Result<()> {
        let key = key.into();
        match sys::open(key.raw()) {
            Ok(id) => remove_id(key, id),
            Err(Errno::ENOENT) => Ok(()),
            Err(errno) => Err(os("semget", key, errno)),
        }
    }

    fn of_id(key: Key, id: c_int, trust: Trust) -> Result<Self> {
        let set = Self { key, id, len: 0, creator: None, removal: Removal::Never };
        let info = set.info()?;
        trust.judge("semget", key, info.owner, info.permissions)?;
        trust.judge("semget", key, info.creator, info.permissions)?;
        let len = u16::try_from(info.len).map_err(|_| set.failed("semctl", Errno::EOVERFLOW))?;
        Ok(Self { len, ..set })
    }

    /// The key it was created with or found by.
    #[must_use]
    pub fn key(&self) -> Key {
        self.key
    }

    /// The number by which the system knows it, for [`open_id`](Self::open_id) in another process.
    #[must_use]
    pub fn id(&self) -> i32 {
        self.id
    }

    /// The number of its counters.
    #[expect(clippy::len_without_is_empty, reason = "there is no set without a counter")]
    #[must_use]
    pub fn len(&self) -> usize {
        self.len.into()
    }

    /// Whether this handle made the set.
    #[must_use]
    pub fn was_created(&self) -> bool {
        self.creator.is_some()
    }

    /// Does all the steps together, and waits until all can be done.
    ///
    /// # Errors
    ///
    /// `is_invalid_argument` for no steps, more than the system allows, or a counter that is none;
    /// `is_overflow` if a counter would pass its greatest value; `is_removed` if the set was removed;
    /// `is_permission_denied` if its mode forbids it.
    #[doc(alias = "semop")]
    pub fn operate(&self, steps: &[Operation]) -> Result<()> {
        self.operate_until(steps, Deadline::NEVER).map(drop)
    }

    /// Does all the steps together if all can be done at once, and says whether it did.
    ///
    /// # Errors
    ///
    /// As [`operate`](Self::operate).
    #[doc(alias = "IPC_NOWAIT")]
    pub fn try_operate(&self, steps: &[Operation]) -> Result<bool> {
        self.operate_until(steps, Deadline::after(Duration::ZERO))
    }

    /// Does all the steps together if all can be done within that time, and says whether it did.
    ///
    /// # Errors
    ///
    /// As [`operate`](Self::operate).
    ///
    /// <https://man7.org/linux/man-pages/man2/semop.2.html>
    #[doc(alias = "semtimedop")]
    pub fn operate_timeout(&self, steps: &[Operation], timeout: Duration) -> Result<bool> {
        self.operate_until(steps, Deadline::after(timeout))
    }

    /// Does all the steps together if all can be done before that moment, and says whether it did.
    ///
    /// # Errors
    ///
    /// As [`operate`](Self::operate).
    #[doc(alias = "semtimedop")]
    pub fn operate_deadline(&self, steps: &[Operation], deadline: Instant) -> Result<bool> {
        self.operate_until(steps, Deadline::at(deadline))
    }

    fn operate_until(&self, steps: &[Operation], deadline: Deadline) -> Result<bool> {
        if steps.is_empty() {
            return Err(Error::invalid("semop", self.key, "an operation without steps"));
        }
        steps.iter().try_for_each(|step| self.expect_index("semop", step.index))?;
        match sys::operate(self.id, steps, deadline) {
            Ok(()) => Ok(true),
            Err(Errno::EAGAIN) => Ok(false),
            Err(Errno::E2BIG) => {
                Err(Error::invalid("semop", self.key, format_args!("{} steps are too many", steps.len())))
            }
            Err(errno) => Err(self.failed("semop", errno)),
        }
    }

    /// The value of a counter at this moment.
    ///
    /// # Errors
    ///
    /// `is_invalid_argument` for a counter that is none; `is_removed` if the set was removed;
    /// `is_permission_denied` if its mode forbids it.
    ///
    /// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/semctl.html>
    #[doc(alias = "GETVAL")]
    pub fn get(&self, index: u16) -> Result<u16> {
        // The greatest value is 32767.
        self.ask(index, Question::Value).map(|value| u16::try_from(value).unwrap_or(u16::MAX))
    }

    /// Gives a counter another value, and wakes who waited for that. What was to be undone is forgotten.
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get); `is_overflow` for a value over [`Operation::MAX`].
    #[doc(alias = "SETVAL")]
    pub fn set(&self, index: u16, value: u16) -> Result<()> {
        self.expect_index("semctl", index)?;
        sys::set_value(self.id, index, value).map_err(|errno| self.failed("semctl", errno))
    }

    /// The values of all counters at this moment.
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get).
    #[doc(alias = "GETALL")]
    pub fn values(&self) -> Result<Vec<u16>> {
        self.expect_itself()?;
        let mut values = vec![0; self.len()];
        sys::values(self.id, &mut values).map_err(|errno| self.failed("semctl", errno))?;
        Ok(values)
    }

    /// Gives all counters other values at once, and wakes who waited for that. What was to be undone is forgotten.
    ///
    /// # Errors
    ///
    /// As [`set`](Self::set); `is_invalid_argument` if these are not as many values as there are counters.
    #[doc(alias = "SETALL")]
    pub fn set_values(&self, values: &[u16]) -> Result<()> {
        if values.len() != self.len() {
            let why = format!("{} values for {} semaphores", values.len(), self.len());
            return Err(Error::invalid("semctl", self.key, why));
        }
        self.expect_itself()?;
        sys::set_values(self.id, values).map_err(|errno| self.failed("semctl", errno))
    }

    /// How many wait for a counter to become greater.
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get).
    #[doc(alias = "GETNCNT")]
    pub fn waiting_for_more(&self, index: u16) -> Result<u32> {
        self.ask(index, Question::WaitingForMore)
    }

    /// How many wait for a counter to become 0.
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get).
    #[doc(alias = "GETZCNT")]
    pub fn waiting_for_zero(&self, index: u16) -> Result<u32> {
        self.ask(index, Question::WaitingForZero)
    }

    /// Which process changed a counter last; `None` if none did, or it is out of sight.
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get).
    #[doc(alias = "GETPID")]
    pub fn last_process(&self, index: u16) -> Result<Option<ProcessId>> {
        let process = self.ask(index, Question::LastProcess)?;
        Ok(i32::try_from(process).ok().filter(|process| *process != 0).map(ProcessId::new))
    }

    /// What the system knows of it.
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get).
    #[doc(alias = "IPC_STAT")]
    pub fn info(&self) -> Result<SetInfo> {
        sys::info(self.id).map_err(|errno| self.failed("semctl", errno))
    }

    /// Changes who may use it.
    ///
    /// # Errors
    ///
    /// `is_permission_denied` if it is somebody else's; `is_removed` if it was removed.
    #[doc(alias = "IPC_SET")]
    pub fn set_permissions(&self, permissions: impl Into<Permissions>) -> Result<()> {
        sys::set_permissions(self.id, permissions.into()).map_err(|errno| self.failed("semctl", errno))
    }

    /// The system gives an id anew after some millions of sets, and reads and writes as many values as that one has.
    fn expect_itself(&self) -> Result<()> {
        if self.info()?.len == self.len() { Ok(()) } else { Err(self.failed("semctl", Errno::EIDRM)) }
    }

    fn ask(&self, index: u16, question: Question) -> Result<u32> {
        self.expect_index("semctl", index)?;
        sys::ask(self.id, index, question).map_err(|errno| self.failed("semctl", errno))
    }

    fn expect_index(&self, call: &'static str, index: u16) -> Result<()> {
        if index < self.len {
            return Ok(());
        }
        let why = format!("semaphore {index} of a set of {}", self.len);
        Err(Error::invalid(call, self.key, why))
    }

    /// All arguments have been checked, so that an invalid one is the id: of a set that is no more.
    #[cold]
    fn failed(&self, call: &'static str, errno: Errno) -> Error {
        os(call, self.key, if errno == Errno::EINVAL { Errno::EIDRM } else { errno })
    }
}

impl Drop for SemaphoreSet {
    fn drop(&mut self) {
        if self.removal == Removal::OnDrop && self.creator.is_some_and(Origin::is_here) {
            // An id is given to another set only after millions of others; and nobody is there to be told.
            let _ = remove_id(self.key, self.id);
        }
    }
}

fn os(call: &'static str, key: Key, errno: Errno) -> Error {
    Error::os(call, key, errno)
}

fn remove_id(key: Key, id: c_int) -> Result<()> {
    match sys::remove(id) {
        Err(Errno::EINVAL | Errno::EIDRM) => Ok(()),
        done => done.map_err(|errno| os("semctl", key, errno)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_of_another_length_that_has_got_the_id_is_neither_read_nor_written() {
        let options = SetOptions::new([1, 2, 3]).removal(Removal::OnDrop);
        let other = SemaphoreSet::create(Key::PRIVATE, options).unwrap();
        let (key, id) = (other.key, other.id);
        let gone = SemaphoreSet { key, id, len: 1, creator: None, removal: Removal::Never };
        assert!(gone.values().unwrap_err().is_removed());
        assert!(gone.set_values(&[7]).unwrap_err().is_removed());
        assert_eq!(other.values().unwrap(), [1, 2, 3]);
    }
}
