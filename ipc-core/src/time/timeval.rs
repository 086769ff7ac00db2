//! Seconds and microseconds, and their conversions.

use std::time::Duration;

use crate::Time;
use crate::sys::c;
use crate::{Error, Result, TimeSpec};

/// Seconds and microseconds, laid out as in `struct timeval`.
///
/// [`Time`] documents the methods that this type shares with [`TimeSpec`](crate::TimeSpec), such as
/// arithmetic.
///
/// # Examples
///
/// ```
/// use ipc_core::{TimeSpec, TimeVal};
///
/// let t = TimeVal::new(5, 250_000);
/// assert_eq!(t + TimeSpec::new(0, 1), TimeSpec::new(5, 250_000_001));
/// assert_eq!(t.as_secs_f64(), 5.25);
///
/// // Half a microsecond is rounded away from zero.
/// assert_eq!(TimeVal::try_from(TimeSpec::new(5, 500))?, TimeVal::new(5, 1));
/// # Ok::<(), ipc_core::Error>(())
/// ```
///
/// <https://pubs.opengroup.org/onlinepubs/9799919799/basedefs/sys_time.h.html>
#[doc(alias = "timeval")]
pub type TimeVal = Time<1_000_000>;

impl TimeVal {
    /// A tolerance for [`approx_eq`](Self::approx_eq) that covers the rounding error of seconds in
    /// an `f64`: 1 µs.
    pub const TOLERANCE: Duration = Duration::from_micros(1);

    /// The microseconds as they are stored.
    #[must_use]
    #[inline]
    pub const fn usec(self) -> i64 {
        self.frac()
    }

    /// The time of day, counted from 1970. It jumps when the clock is set.
    #[doc(alias = "gettimeofday")]
    #[must_use]
    pub fn now() -> Self {
        let now = TimeSpec::now();
        Self::new(now.sec(), now.nsec() / 1000)
    }
}

impl From<c::timeval> for TimeVal {
    fn from(time: c::timeval) -> Self {
        Self::new(time.tv_sec, time.tv_usec)
    }
}

impl From<TimeVal> for c::timeval {
    fn from(time: TimeVal) -> Self {
        Self { tv_sec: time.sec(), tv_usec: time.usec() }
    }
}

/// Rounds the stored nanoseconds to the nearest microsecond, ties away from zero, and then
/// normalises. Fails if the normalised seconds do not fit into 64 bits.
impl TryFrom<TimeSpec> for TimeVal {
    type Error = Error;

    fn try_from(time: TimeSpec) -> Result<Self> {
        let (usec, rest) = (time.nsec() / 1000, time.nsec() % 1000);
        let up = i64::from(rest >= 500) - i64::from(rest <= -500);
        Self::new(time.sec(), usec + up).checked_normalize().ok_or_else(|| {
            Error::invalid("time", time, "does not fit when rounded to microseconds")
        })
    }
}
