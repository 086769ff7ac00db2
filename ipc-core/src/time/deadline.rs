//! Deadlines of waits.

use std::time::{Duration, Instant, SystemTime};

use crate::{Clock, TimeSpec};

/// An instant on the monotonic clock, or never.
///
/// A wait computes its deadline once, when it begins. So neither signals nor changes of the wall
/// clock make the wait longer or shorter. (A wait for a POSIX message queue can become longer.)
/// Time during which the machine is suspended does not count.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use ipc_core::Deadline;
///
/// assert_eq!(Deadline::after(Duration::MAX), Deadline::NEVER);
/// assert!(Deadline::after(Duration::ZERO).is_past());
/// assert!(Deadline::after(Duration::from_secs(60)).remaining() > Some(Duration::from_secs(50)));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deadline(Option<TimeSpec>);

impl Deadline {
    /// No deadline: the wait has no limit.
    pub const NEVER: Self = Self(None);

    /// Returns the deadline that is `timeout` from now; [`NEVER`](Self::NEVER) if the clock cannot
    /// represent it.
    #[must_use]
    pub fn after(timeout: Duration) -> Self {
        let Ok(sec) = i64::try_from(timeout.as_secs()) else {
            return Self::NEVER;
        };
        let timeout = TimeSpec::new(sec, i64::from(timeout.subsec_nanos()));
        Self(Clock::MONOTONIC.now().ok().and_then(|now| now.checked_add(timeout)))
    }

    /// Returns the deadline at `moment`.
    #[must_use]
    pub fn at(moment: Instant) -> Self {
        Self::after(moment.saturating_duration_since(Instant::now()))
    }

    /// Returns the deadline as a time of the monotonic clock; `None` for [`NEVER`](Self::NEVER).
    #[must_use]
    pub fn moment(self) -> Option<TimeSpec> {
        self.0
    }

    /// Returns the remaining time: zero if the deadline has passed, `None` for
    /// [`NEVER`](Self::NEVER).
    #[must_use]
    pub fn remaining(self) -> Option<Duration> {
        let moment = self.0?;
        let now = Clock::MONOTONIC.now().ok()?;
        if moment <= now {
            return Some(Duration::ZERO); // without making an error of a negative time, as every poll would
        }
        Some(
            moment
                .checked_sub(now)
                .and_then(|left| Duration::try_from(left).ok())
                .unwrap_or_default(),
        )
    }

    /// Returns `true` if the deadline has passed.
    #[must_use]
    pub fn is_past(self) -> bool {
        self.remaining() == Some(Duration::ZERO)
    }
}

/// The same as [`Deadline::at`].
impl From<Instant> for Deadline {
    fn from(moment: Instant) -> Self {
        Self::at(moment)
    }
}

/// Converts a time of the wall clock. A later change of the wall clock does not move the deadline.
impl From<SystemTime> for Deadline {
    fn from(moment: SystemTime) -> Self {
        Self::after(moment.duration_since(SystemTime::now()).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_in_the_past_is_past_and_one_ahead_is_not() {
        assert!(Deadline::at(Instant::now()).is_past());
        assert!(!Deadline::at(Instant::now() + Duration::from_secs(3600)).is_past());
        assert!(!Deadline::NEVER.is_past());
        assert_eq!(Deadline::NEVER.remaining(), None);
    }

    #[test]
    fn a_time_of_the_wall_clock_is_a_deadline_too() {
        assert!(Deadline::from(SystemTime::UNIX_EPOCH).is_past());
        let ahead = Deadline::from(SystemTime::now() + Duration::from_secs(3600)).remaining();
        assert!(
            ahead > Some(Duration::from_secs(3590)) && ahead <= Some(Duration::from_secs(3600))
        );
    }

    #[test]
    fn a_deadline_never_ends_before_the_instant_it_was_made_from() {
        let instant = Instant::now() + Duration::from_millis(2);
        let deadline = Deadline::at(instant);
        while !deadline.is_past() {
            std::thread::yield_now();
        }
        assert!(Instant::now() >= instant);
    }
}
