//! Creating sets of semaphores, and recognising sets whose creation is not complete.

use std::sync::atomic::AtomicI64;
use std::thread;
use std::time::{Duration, Instant};

use ipc_core::{
    Errno, Error, GroupId, Key, Origin, Permissions, Removal, Result, UserId, crash_point,
    open_or_create,
};

use super::removal::remove_id;
use super::semaphore_set::os;
use super::{Operation, SemaphoreSet, SetOptions, limits};
use crate::sys::semaphore_set as sys;

/// How long `open` waits for the creator of a set to complete it.
const PATIENCE: Duration = Duration::from_secs(1);

/// Execute permission of owner, group and others, which no call on a set requires.
const EXECUTE: u32 = 0o111;

/// The execute permission of a set that `create` has not completed. The usual modes do not have it
/// alone: neither one like 0777 or 0700, nor a decimal one by mistake, as 777 (0411) or 600 (0130).
const MARK: u32 = 0o001;

/// The mode of a set that will have `mode` when it is complete.
fn incomplete(mode: u32) -> u32 {
    mode & !EXECUTE | MARK
}

fn is_marked(permissions: Permissions) -> bool {
    permissions.mode() & EXECUTE == MARK
}

/// A set that was opened.
pub(super) enum Found {
    Complete(SemaphoreSet),
    /// Its creator, which uses this library, was killed or stopped. The set has this mode.
    Incomplete(SemaphoreSet, Permissions),
}

impl SemaphoreSet {
    /// Creates a set under a new key, with its initial values or [`SetOptions`].
    ///
    /// # Errors
    ///
    /// `is_exists` if the key exists; `is_invalid_argument` if the list of values is empty or
    /// longer than the system allows, or if a value is over [`Operation::MAX`]; `is_unsupported`
    /// for [`Removal::LastDetach`]; `is_no_space` if the system has its maximum number of sets or
    /// counters; `is_removed` if this process was stopped during the call, for a second or longer,
    /// and `open_or_create` of another process replaced the set.
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
        let id = sys::create(key.raw(), count, incomplete(mode))
            .map_err(|errno| limits::not_created(key, count, errno))?;
        crash_point("set.create.without-values");
        let made = (key, UserId::effective(), GroupId::effective());
        let (creator, changed) = (Some(Origin::here()), AtomicI64::new(0));
        let mut set = Self { key, id, len, made, creator, removal: Removal::Never, changed };
        if let Err(err) = set.complete(options.values, mode) {
            // A set that was replaced is removed already. Otherwise the caller gets the reason, not
            // a failure to clean up.
            if !err.is_removed() {
                let _ = sys::remove(id);
            }
            return Err(err);
        }
        crash_point("set.create.done");
        // No other process finds a private set.
        let unless_chosen = if key == Key::PRIVATE { Removal::OnDrop } else { Removal::Never };
        set.removal = options.removal.unwrap_or(unless_chosen);
        set.note_change();
        Ok(set)
    }

    /// Gives a new set its values, and then its mode, which ends its creation.
    fn complete(&self, mut values: Vec<u16>, mode: u32) -> Result<()> {
        // An operation sets the time by which C programs know a complete set. It adds the last unit
        // to the first counter, so that the values are complete no later than that. It has one step,
        // as the system may permit no more.
        let last = if values[0] > 0 { Operation::add(0, 1) } else { Operation::wait_for_zero(0) };
        values[0] = values[0].saturating_sub(1);
        sys::set_values(self.id, &values).map_err(|errno| self.failed("semctl", errno))?;
        crash_point("set.create.with-values");
        // If the counter is not zero any more, a program that waited for nothing has set the time.
        self.try_operate(&[last])?;
        crash_point("set.create.with-time");
        match sys::finish(self.id, mode) {
            // The user has no number in this user namespace, so the system refuses to write it. The
            // set is complete, and keeps the mark.
            Err(Errno::EINVAL) if self.info().is_ok() => Ok(()),
            done => done.map_err(|errno| self.failed("semctl", errno)),
        }
    }

    /// Opens the set that has this key, or creates it; [`was_created`](Self::was_created) reports
    /// which.
    ///
    /// If the creator of the set was killed before the set was complete, this call replaces the
    /// set: see [creation](Self#creation). The kernel does not record which process created a set,
    /// so the set of a process that has been stopped for a second or longer while it creates the
    /// set is replaced, too. When that process continues, its calls fail with `is_removed`; if it
    /// was in `open_or_create`, that call opens the new set. A complete set is not replaced, nor is
    /// a set that another program created without giving it values, unless its mode is one like
    /// 0601.
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
        let open = || match Self::of_key(key, trust)?.completed()? {
            Found::Complete(set) => Ok(set),
            Found::Incomplete(set, _) => {
                remove_id(key, set.id)?;
                Err(os("semget", key, Errno::ENOENT))
            }
        };
        let create = || {
            Self::create(key, options.clone()).map_err(|err| {
                // Another process has replaced it in the meantime, as above.
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

    /// Waits until the creator has completed the set, for a while.
    pub(super) fn completed(self) -> Result<Found> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let info = self.info()?;
            let is_marked = is_marked(info.permissions);
            if info.last_operation.is_some() || !is_marked && self.has_values()? {
                return Ok(Found::Complete(self));
            }
            if Instant::now() >= deadline {
                return Ok(if is_marked {
                    Found::Incomplete(self, info.permissions)
                } else {
                    Found::Complete(self)
                });
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
}

#[cfg(test)]
mod tests;
