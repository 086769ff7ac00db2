//! Sets of semaphores that other processes open by key.

use std::ffi::c_int;
use std::time::{Duration, Instant};
use std::{fs, thread};

use ipc_core::{
    Deadline, Errno, Error, Key, Origin, Permissions, Refusal, Removal, Result, Trust, UserId,
    crash_point, open_or_create,
};

use crate::sys::semaphore_set::{self as sys, Patience};
use crate::sysv::{Operation, SetInfo, SetOptions};

/// How long `open` waits for the creator of a set to give it its first values.
const PATIENCE: Duration = Duration::from_secs(1);

/// A set of counters that are changed together, shared by every process that opens its key.
///
/// Dropping a handle does not remove the set, unless this handle created the set with
/// [`Removal::OnDrop`], which is the default for a private set. When a process ends, even if it is
/// killed, the system undoes the steps that the process marked with [`Operation::undo`].
/// [`acquire`](Self::acquire) marks its step in this way.
///
/// # Creation
///
/// The system needs two calls: one to create a set, and one to set its initial values. At its end,
/// `create` does a `semop` that changes no counter: it sets `sem_otime`, which marks the set as
/// complete. `open` waits, for up to a second, until `sem_otime` is set or each counter has been
/// given a value.
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
    len: u16,
    /// The key and the creator by the system's record, which tell the set from another one that has
    /// the id later.
    made: (Key, UserId),
    /// The process that created the set through this handle.
    creator: Option<Origin>,
    removal: Removal,
}

/// The state in which the creator of a set left it.
enum Readiness {
    Ready(SemaphoreSet),
    NeverUsed(SemaphoreSet),
}

impl SemaphoreSet {
    /// Creates a set under a new key, with its initial values or [`SetOptions`].
    ///
    /// # Errors
    ///
    /// `is_exists` if the key exists; `is_invalid_argument` if the list of values is empty or
    /// longer than the system allows, or if a value is over [`Operation::MAX`]; `is_unsupported`
    /// for [`Removal::LastDetach`]; `is_no_space` if the system has its maximum number of sets or
    /// counters.
    ///
    /// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/semget.html>
    #[doc(alias = "semget")]
    #[doc(alias = "IPC_CREAT")]
    pub fn create(key: impl Into<Key>, options: impl Into<SetOptions>) -> Result<Self> {
        let (key, options) = (key.into(), options.into());
        if options.removal == Some(Removal::LastDetach) {
            return Err(Error::unsupported(
                "semget",
                key,
                "the system does not count the processes that use a set",
            ));
        }
        let count = options.values.len();
        let Some(len) = u16::try_from(count).ok().filter(|len| *len > 0) else {
            return Err(Error::invalid("semget", key, format_args!("a set of {count} semaphores")));
        };
        if let Some(value) = options.values.iter().find(|value| **value > Operation::MAX) {
            let why = format!("an initial value of {value}, at most {}", Operation::MAX);
            return Err(Error::invalid("semctl", key, why));
        }
        let mode = options.permissions.check("semget").map_err(|refusal| refusal.on(key))?;
        let id =
            sys::create(key.raw(), count, mode).map_err(|errno| not_created(key, count, errno))?;
        crash_point("set.create.without-values");
        // From here on it is removed again if something fails.
        let made = (key, UserId::effective());
        let creator = Some(Origin::here());
        let mut set = Self { key, id, len, made, creator, removal: Removal::OnDrop };
        sys::set_values(id, &options.values).map_err(|errno| set.failed("semctl", errno))?;
        crash_point("set.create.with-values");
        // Nothing is changed, but the time is noted. A counter that is at its greatest cannot go up
        // first.
        let (up, down) = (Operation::add(0, 1), Operation::take(0, 1));
        set.operate(&if options.values[0] > 0 { [down, up] } else { [up, down] })?;
        crash_point("set.create.done");
        // No other process finds a private set.
        let unless_chosen = if key == Key::PRIVATE { Removal::OnDrop } else { Removal::Never };
        set.removal = options.removal.unwrap_or(unless_chosen);
        Ok(set)
    }

    /// Opens the set that has this key.
    ///
    /// # Errors
    ///
    /// `is_not_found` if the key does not exist; `is_permission_denied` if the mode of the set
    /// forbids it; `is_untrusted` if its owner or creator is neither this user nor root, or if
    /// other users may change it; `is_mismatch` if its creator died before it set the values:
    /// [`open_or_create`](Self::open_or_create) replaces an incomplete set.
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
        match Self::of_key(key, trust)?.expect_values()? {
            Readiness::Ready(set) => Ok(set),
            Readiness::NeverUsed(_) => {
                let why = "found a set whose counters were never given values: its creator died; `open_or_create` \
                           replaces it, and `open_id` opens it as it is";
                Err(Error::mismatch("semget", key, why))
            }
        }
    }

    /// Waits until the creator has given the counters their values, for a while.
    fn expect_values(self) -> Result<Readiness> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if self.info()?.last_operation.is_some() || self.has_values()? {
                return Ok(Readiness::Ready(self));
            }
            if Instant::now() >= deadline {
                return Ok(Readiness::NeverUsed(self));
            }
            thread::sleep(Duration::from_millis(1)); // the system has nothing to wait for
        }
    }

    /// Returns `true` if each counter was given a value. The system records which process did so
    /// last. Some programs do no operation after that.
    fn has_values(&self) -> Result<bool> {
        for index in 0..self.len {
            if self.last_process(index)?.is_none() {
                return Ok(false);
            }
        }
        Ok(true)
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

    /// Opens the set that has this key, or creates it; [`was_created`](Self::was_created) reports
    /// which.
    ///
    /// # Errors
    ///
    /// The errors of [`open`](Self::open) and [`create`](Self::create); `is_mismatch` if an
    /// existing set has another number of counters.
    #[doc(alias = "semget")]
    pub fn open_or_create(key: impl Into<Key>, options: impl Into<SetOptions>) -> Result<Self> {
        let (key, options) = (key.into(), options.into());
        if key == Key::PRIVATE {
            return Self::create(key, options);
        }
        let trust = options.trust.for_permissions(options.permissions);
        let open = || match Self::of_key(key, trust)?.expect_values()? {
            Readiness::Ready(set) => Ok(set),
            // Its creator was killed before it gave it values, or has been stopped: then it finds
            // its set removed.
            Readiness::NeverUsed(set) => {
                remove_id(key, set.id)?;
                Err(os("semget", key, Errno::ENOENT))
            }
        };
        let create = || {
            Self::create(key, options.clone()).map_err(|err| {
                // Removed by another process in the meantime, as above.
                if err.is_removed() { os("semget", key, Errno::EEXIST) } else { err }
            })
        };
        let found = open_or_create(open, create)?;
        if found.len() != options.values.len() {
            let why = format!("found {} semaphores, wanted {}", found.len(), options.values.len());
            return Err(Error::mismatch("semget", key, why));
        }
        Ok(found)
    }

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
    /// dropping the handle, this reports a failure.
    ///
    /// # Errors
    ///
    /// `is_permission_denied` if this user is neither root nor the owner or creator of the set. If
    /// the set is removed already, that is not an error.
    #[doc(alias = "IPC_RMID")]
    pub fn destroy(mut self) -> Result<()> {
        self.removal = Removal::Never;
        self.remove_itself()
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

    /// Removes the set unless another one has its id by now, as far as the system tells sets apart:
    /// by their key, their creator and their length.
    fn remove_itself(&self) -> Result<()> {
        let is_still =
            |info: &SetInfo| (info.key, info.creator) == self.made && info.len == self.len();
        match self.info() {
            Ok(info) if is_still(&info) => remove_id(self.key, self.id),
            Err(err) if !err.is_removed() => Err(err),
            _ => Ok(()),
        }
    }

    fn of_key(key: Key, trust: Trust) -> Result<Self> {
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
        let made = (info.key, info.creator);
        Ok(Self { key, id, len, made, creator: None, removal: Removal::Never })
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
            Err(Errno::E2BIG) => Err(Error::invalid(
                "semop",
                self.label(),
                format_args!("{} steps are too many", steps.len()),
            )),
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
        sys::set_permissions(self.id, permissions).map_err(|errno| self.failed("semctl", errno))
    }

    #[cold]
    pub(super) fn failed(&self, call: &'static str, errno: Errno) -> Error {
        failed(self.key, self.id, call, errno)
    }

    pub(super) fn label(&self) -> String {
        label(self.key, self.id)
    }
}

impl Drop for SemaphoreSet {
    fn drop(&mut self) {
        if self.removal == Removal::OnDrop && self.creator.is_some_and(Origin::is_here) {
            // A failure cannot be reported here: `destroy` does.
            let _ = self.remove_itself();
        }
    }
}

/// An error that names the limit that a new set with `count` counters exceeds.
fn not_created(key: Key, count: usize, errno: Errno) -> Error {
    const FILE: &str = "/proc/sys/kernel/sem";

    let limits = fs::read_to_string(FILE).unwrap_or_default();
    let limit = |index| limits.split_whitespace().nth(index).unwrap_or("?");
    let why = match errno {
        Errno::ENOSPC => {
            format!(
                "over the {} counters or the {} sets of {FILE}, which root can raise",
                limit(1),
                limit(3)
            )
        }
        Errno::EINVAL => {
            format!("{count} counters, at most {} by {FILE}, which root can raise", limit(0))
        }
        _ => return os("semget", key, errno),
    };
    Refusal::os("semget", errno).because(why).on(key)
}

fn os(call: &'static str, key: Key, errno: Errno) -> Error {
    Error::os(call, key, errno)
}

/// All arguments have been checked, so that an invalid one is the id, of a set that was removed;
/// and so is one that means a set with more counters.
#[cold]
fn failed(key: Key, id: c_int, call: &'static str, errno: Errno) -> Error {
    let refusal = match errno {
        Errno::EINVAL | Errno::EFAULT => {
            Refusal::os(call, Errno::EIDRM).because("no set of semaphores has this id")
        }
        Errno::ERANGE => {
            Refusal::os(call, errno).because(format_args!("a value is at most {}", Operation::MAX))
        }
        _ => Refusal::os(call, errno),
    };
    refusal.on(label(key, id))
}

/// How errors name a set: by its key, or by its id if it has none.
fn label(key: Key, id: c_int) -> String {
    if key == Key::PRIVATE { format!("set id {id}") } else { key.to_string() }
}

fn remove_id(key: Key, id: c_int) -> Result<()> {
    match sys::remove(id) {
        Err(Errno::EINVAL | Errno::EIDRM) => Ok(()),
        done => done.map_err(|errno| Error::os("semctl", label(key, id), errno)),
    }
}

#[cfg(test)]
mod tests;
