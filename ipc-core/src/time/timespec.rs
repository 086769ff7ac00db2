//! Seconds and nanoseconds, and their conversions.

use std::time::{Duration, SystemTime};

use super::wide::Wide;
use crate::Time;
use crate::sys::{self, c};
use crate::{Error, Result, TimeVal};

/// Seconds and nanoseconds, laid out as in `struct timespec`.
///
/// [`Time`] documents the methods that this type shares with [`TimeVal`](crate::TimeVal), such as
/// arithmetic.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use ipc_core::TimeSpec;
///
/// let start = TimeSpec::new(7, 999_999_999);
/// assert_eq!(start + Duration::from_nanos(2), TimeSpec::new(8, 1));
/// assert_eq!(TimeSpec::try_from(0.25)?.nsec(), 250_000_000);
/// assert_eq!(Duration::try_from(start - 7)?, Duration::from_nanos(999_999_999));
/// assert!(Duration::try_from(-start).is_err_and(|err| err.is_invalid_argument()));
/// # Ok::<(), ipc_core::Error>(())
/// ```
///
/// <https://pubs.opengroup.org/onlinepubs/9799919799/basedefs/time.h.html>
#[doc(alias = "timespec")]
pub type TimeSpec = Time<1_000_000_000>;

impl TimeSpec {
    /// A tolerance for [`approx_eq`](Self::approx_eq), 5 ns, that covers the rounding error of
    /// seconds in an `f64` up to 6.7 × 10⁷ s (two years). The time of day since 1970 is larger: in
    /// an `f64`, it has an error of up to 120 ns.
    pub const TOLERANCE: Duration = Duration::from_nanos(5);

    /// The nanoseconds as they are stored.
    #[must_use]
    #[inline]
    pub const fn nsec(self) -> i64 {
        self.frac()
    }

    /// The time of day, counted from 1970. It jumps when the clock is set.
    #[must_use]
    pub fn now() -> Self {
        // Reading the one clock that every system has cannot fail.
        sys::clock_gettime(c::CLOCK_REALTIME).unwrap_or_default()
    }
}

impl From<c::timespec> for TimeSpec {
    fn from(time: c::timespec) -> Self {
        Self::new(time.tv_sec, time.tv_nsec)
    }
}

impl From<TimeSpec> for c::timespec {
    fn from(time: TimeSpec) -> Self {
        Self { tv_sec: time.sec(), tv_nsec: time.nsec() }
    }
}

/// Keeps the seconds, and converts the microseconds to nanoseconds. If the nanoseconds do not fit
/// into 64 bits, the result is normalised; if the seconds do not fit either, it is saturated.
impl From<TimeVal> for TimeSpec {
    fn from(time: TimeVal) -> Self {
        match time.usec().checked_mul(1000) {
            Some(nsec) => Self::new(time.sec(), nsec),
            None => time.wide().saturating(),
        }
    }
}

/// Fails if the duration is longer than [`TimeSpec::MAX`].
impl TryFrom<Duration> for TimeSpec {
    type Error = Error;

    fn try_from(duration: Duration) -> Result<Self> {
        Wide::from(duration)
            .checked()
            .ok_or_else(|| Error::invalid("time", format_args!("{duration:?}"), "too long"))
    }
}

/// Counts from 1970. Fails if the time does not fit; every time that a system clock returns fits.
impl TryFrom<SystemTime> for TimeSpec {
    type Error = Error;

    fn try_from(moment: SystemTime) -> Result<Self> {
        match moment.duration_since(SystemTime::UNIX_EPOCH) {
            Ok(since) => Self::try_from(since),
            Err(before) => Ok(-Self::try_from(before.duration())?),
        }
    }
}

/// Counts from 1970. Fails if a `SystemTime` cannot represent the time.
impl TryFrom<TimeSpec> for SystemTime {
    type Error = Error;

    fn try_from(time: TimeSpec) -> Result<Self> {
        let since = time.abs_diff(TimeSpec::ZERO);
        let moment = match time < TimeSpec::ZERO {
            true => Self::UNIX_EPOCH.checked_sub(since),
            false => Self::UNIX_EPOCH.checked_add(since),
        };
        moment.ok_or_else(|| Error::invalid("system time", time, "not a moment of this system"))
    }
}
