//! A step of an operation on a set.

/// One step for [`SemaphoreSet::operate`](crate::sysv::SemaphoreSet::operate). That call does all
/// of its steps at once, or none of them.
///
/// # Examples
///
/// ```
/// use ipc_sync::sysv::Operation;
///
/// // Two tapes and a printer, or nothing; the system returns them if this process is killed.
/// let all_or_nothing = [Operation::take(0, 2).undo(), Operation::take(1, 1).undo()];
/// ```
#[doc(alias = "sembuf")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operation {
    pub(crate) index: u16,
    pub(crate) change: i16,
    pub(crate) undo: bool,
}

impl Operation {
    /// The maximum that one step can add or subtract.
    pub const MAX: u16 = i16::MAX.unsigned_abs();

    /// Adds `count` to a counter. This step never waits.
    ///
    /// # Panics
    ///
    /// If `count` is 0 or over [`MAX`](Self::MAX).
    #[must_use]
    pub const fn add(index: u16, count: u16) -> Self {
        assert!(Self::is_count(count), "a step adds from 1 to 32767");
        Self { index, change: count.cast_signed(), undo: false }
    }

    /// Waits until a counter is at least `count`, and subtracts `count` from it.
    ///
    /// # Panics
    ///
    /// If `count` is 0 or over [`MAX`](Self::MAX).
    #[must_use]
    pub const fn take(index: u16, count: u16) -> Self {
        assert!(Self::is_count(count), "a step takes from 1 to 32767");
        Self { index, change: -count.cast_signed(), undo: false }
    }

    /// Returns `true` if one step can add or subtract `count`.
    pub(crate) const fn is_count(count: u16) -> bool {
        0 < count && count <= Self::MAX
    }

    /// Waits until a counter is 0.
    #[must_use]
    pub const fn wait_for_zero(index: u16) -> Self {
        Self { index, change: 0, undo: false }
    }

    /// Lets the system undo this step when the process that did the step ends, however it ends.
    ///
    /// The system keeps one sum of these steps for each counter and process, and subtracts it from
    /// the counter when the process ends. So mark a step that returns permits as `undo`, too: if a
    /// plain `add(0, 1)` follows `take(0, 1).undo()`, the permit is returned a second time when the
    /// process ends. [`SemaphoreSet::acquire`](super::SemaphoreSet::acquire) returns a guard that
    /// does both steps correctly.
    #[doc(alias = "SEM_UNDO")]
    #[must_use]
    pub const fn undo(self) -> Self {
        Self { undo: true, ..self }
    }
}
