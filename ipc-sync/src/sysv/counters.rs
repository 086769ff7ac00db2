//! The values of the counters of a set, and the numbers of threads that wait for them.

use ipc_core::{Errno, Error, ProcessId, Result};

use super::SemaphoreSet;
use crate::sys::semaphore_set::{self as sys, Question};

impl SemaphoreSet {
    /// Returns the current value of a counter.
    ///
    /// # Errors
    ///
    /// `is_invalid_argument` if the counter does not exist; `is_removed` if the set was removed;
    /// `is_permission_denied` if the mode of the set forbids it.
    ///
    /// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/semctl.html>
    #[doc(alias = "GETVAL")]
    pub fn get(&self, index: u16) -> Result<u16> {
        // The greatest value is 32767.
        self.ask(index, Question::Value).map(|value| u16::try_from(value).unwrap_or(u16::MAX))
    }

    /// Sets the value of a counter, and wakes the threads that waited for this value. The call also
    /// clears the kernel's `SEM_UNDO` records of this counter, so processes that end later no
    /// longer change the counter.
    ///
    /// # Errors
    ///
    /// The errors of [`get`](Self::get); `is_overflow` if the value is over
    /// [`Operation::MAX`](crate::sysv::Operation::MAX).
    #[doc(alias = "SETVAL")]
    pub fn set(&self, index: u16, value: u16) -> Result<()> {
        self.expect_index("semctl", index)?;
        sys::set_value(self.id, index, value).map_err(|errno| self.failed("semctl", errno))?;
        self.note_change();
        Ok(())
    }

    /// Returns the current values of all counters.
    ///
    /// # Errors
    ///
    /// The errors of [`get`](Self::get); `is_removed` also if a set with another number of counters
    /// has the id.
    #[doc(alias = "GETALL")]
    pub fn values(&self) -> Result<Vec<u16>> {
        sys::values(self.id, self.len()).map_err(|errno| self.failed("semctl", errno))
    }

    /// Sets the values of all counters together, and wakes threads that waited for these values.
    /// The call also clears the kernel's `SEM_UNDO` records of the set, so processes that end later
    /// no longer change the set.
    ///
    /// Before the change, this method asks the system whether the set with this id has the number
    /// of counters that this handle expects. That requires permission to read. If the set is
    /// removed right after this check, and another set gets its id, the values are set in that
    /// other set. If it has more counters, only the first ones change.
    ///
    /// # Errors
    ///
    /// The errors of [`set`](Self::set); `is_invalid_argument` if the number of values is not the
    /// number of counters; `is_removed` also if a set with another number of counters has the id.
    #[doc(alias = "SETALL")]
    pub fn set_values(&self, values: &[u16]) -> Result<()> {
        if values.len() != self.len() {
            let why = format!("{} values for {} semaphores", values.len(), self.len());
            return Err(Error::invalid("semctl", self.label(), why));
        }
        if self.info()?.len != self.len() {
            return Err(self.failed("semctl", Errno::EFAULT));
        }
        sys::set_values(self.id, values).map_err(|errno| self.failed("semctl", errno))?;
        self.note_change();
        Ok(())
    }

    /// The number of threads that wait for a counter to become greater.
    ///
    /// # Errors
    ///
    /// The errors of [`get`](Self::get).
    #[doc(alias = "GETNCNT")]
    pub fn waiting_for_more(&self, index: u16) -> Result<u32> {
        self.ask(index, Question::WaitingForMore)
    }

    /// The number of threads that wait for a counter to become 0.
    ///
    /// # Errors
    ///
    /// The errors of [`get`](Self::get).
    #[doc(alias = "GETZCNT")]
    pub fn waiting_for_zero(&self, index: u16) -> Result<u32> {
        self.ask(index, Question::WaitingForZero)
    }

    /// Returns the process that last changed a counter; `None` if no process did, or if the process
    /// has no id in this PID namespace.
    ///
    /// # Errors
    ///
    /// The errors of [`get`](Self::get).
    #[doc(alias = "GETPID")]
    pub fn last_process(&self, index: u16) -> Result<Option<ProcessId>> {
        let process = self.ask(index, Question::LastProcess)?;
        Ok(i32::try_from(process).ok().filter(|process| *process != 0).map(ProcessId::new))
    }

    fn ask(&self, index: u16, question: Question) -> Result<u32> {
        self.expect_index("semctl", index)?;
        sys::ask(self.id, index, question).map_err(|errno| self.failed("semctl", errno))
    }

    pub(super) fn expect_index(&self, call: &'static str, index: u16) -> Result<()> {
        if usize::from(index) < self.len() {
            return Ok(());
        }
        let last = self.len() - 1;
        let why = format!("index {index}; the set has {} semaphores, 0 to {last}", self.len());
        Err(Error::invalid(call, self.label(), why))
    }
}
