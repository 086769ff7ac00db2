//! Until when to wait.

use std::time::{Duration, Instant};

use crate::{Clock, TimeSpec};

/// A moment on the monotonic clock, or never.
///
/// Every wait computes one when it is entered and keeps to it, so that neither
/// signals nor a change of the wall clock make it longer or shorter. The time
/// during which the machine is suspended does not count.
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
    /// Waits for as long as it takes.
    pub const NEVER: Self = Self(None);

    /// Ends `timeout` from now; never, if that is beyond what the clock can say.
    #[must_use]
    pub fn after(timeout: Duration) -> Self {
        let Ok(sec) = i64::try_from(timeout.as_secs()) else {
            return Self::NEVER;
        };
        let timeout = TimeSpec::new(sec, i64::from(timeout.subsec_nanos()));
        Self(Clock::MONOTONIC.now().ok().and_then(|now| now.checked_add(timeout)))
    }

    /// Ends at `moment`.
    #[must_use]
    pub fn at(moment: Instant) -> Self {
        Self::after(moment.saturating_duration_since(Instant::now()))
    }

    /// The moment on the monotonic clock; `None` is never.
    #[must_use]
    pub fn moment(self) -> Option<TimeSpec> {
        self.0
    }

    /// How long it is until then: nothing if it is past; `None` is for ever.
    #[must_use]
    pub fn remaining(self) -> Option<Duration> {
        let moment = self.0?;
        let now = Clock::MONOTONIC.now().ok()?;
        if moment <= now {
            return Some(Duration::ZERO); // without making an error of a negative time, as every poll would
        }
        Some(moment.checked_sub(now).and_then(|left| Duration::try_from(left).ok()).unwrap_or_default())
    }

    /// Whether the moment has come.
    #[must_use]
    pub fn is_past(self) -> bool {
        self.remaining() == Some(Duration::ZERO)
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
    fn a_deadline_never_ends_before_the_instant_it_was_made_from() {
        let instant = Instant::now() + Duration::from_millis(2);
        let deadline = Deadline::at(instant);
        while !deadline.is_past() {
            std::thread::yield_now();
        }
        assert!(Instant::now() >= instant);
    }
}
