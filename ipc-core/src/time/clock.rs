//! The clocks of the system.

use std::fmt;

use crate::sys::{self, c};
use crate::{Errno, Error, Result, TimeSpec, ret};

/// One of the system's clocks.
///
/// # Examples
///
/// ```
/// use ipc_core::{Clock, TimeSpec};
///
/// let start = Clock::MONOTONIC.now()?;
/// let remaining = Clock::MONOTONIC.sleep(0.002)?;
/// assert_eq!(remaining, TimeSpec::ZERO); // no signal came
/// assert!(Clock::MONOTONIC.now()? >= start + 0.002);
/// # Ok::<(), ipc_core::Error>(())
/// ```
///
/// <https://man7.org/linux/man-pages/man2/clock_getres.2.html>
#[doc(alias = "clockid_t")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Clock(c::clockid_t);

impl Clock {
    /// The time of day, counted from 1970. It jumps when it is set.
    pub const REALTIME: Self = Self(c::CLOCK_REALTIME);

    /// A clock that never jumps, and stops while the machine is suspended. All waits of this
    /// toolkit use it, except waits for POSIX message queues, for which the kernel uses
    /// [`REALTIME`](Self::REALTIME).
    pub const MONOTONIC: Self = Self(c::CLOCK_MONOTONIC);

    /// Like [`MONOTONIC`](Self::MONOTONIC), but keeps running while the machine is suspended.
    pub const BOOTTIME: Self = Self(c::CLOCK_BOOTTIME);

    /// Like [`MONOTONIC`](Self::MONOTONIC), but runs at the rate of the hardware, which NTP does
    /// not adjust.
    pub const MONOTONIC_RAW: Self = Self(c::CLOCK_MONOTONIC_RAW);

    /// [`REALTIME`](Self::REALTIME) at the last tick of the kernel: faster to read, with a lower
    /// resolution.
    pub const REALTIME_COARSE: Self = Self(c::CLOCK_REALTIME_COARSE);

    /// [`MONOTONIC`](Self::MONOTONIC) at the last tick of the kernel: faster to read, with a lower
    /// resolution.
    pub const MONOTONIC_COARSE: Self = Self(c::CLOCK_MONOTONIC_COARSE);

    /// International atomic time: like [`REALTIME`](Self::REALTIME), but leap seconds do not make
    /// it jump.
    pub const TAI: Self = Self(c::CLOCK_TAI);

    /// The CPU time used by all threads of this process.
    pub const PROCESS_CPU: Self = Self(c::CLOCK_PROCESS_CPUTIME_ID);

    /// The CPU time used by the calling thread.
    pub const THREAD_CPU: Self = Self(c::CLOCK_THREAD_CPUTIME_ID);

    /// Wraps the number of a clock. A clock with that number need not exist.
    #[must_use]
    pub const fn new(raw: i32) -> Self {
        Self(raw)
    }

    /// Returns the number, as C uses it.
    #[must_use]
    pub const fn raw(self) -> i32 {
        self.0
    }

    /// Reads the clock.
    ///
    /// # Errors
    ///
    /// `is_invalid_argument` if the system has no such clock.
    ///
    /// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/clock_getres.html>
    #[doc(alias = "clock_gettime")]
    pub fn now(self) -> Result<TimeSpec> {
        sys::clock_gettime(self.0).map_err(|errno| self.failed("clock_gettime", errno))
    }

    /// Returns the resolution of the clock.
    ///
    /// # Errors
    ///
    /// Those of [`now`](Self::now).
    ///
    /// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/clock_getres.html>
    #[doc(alias = "clock_getres")]
    pub fn resolution(self) -> Result<TimeSpec> {
        sys::clock_getres(self.0).map_err(|errno| self.failed("clock_getres", errno))
    }

    /// Sets the clock, for the whole machine. The time may be a [`TimeSpec`], a
    /// [`TimeVal`](crate::TimeVal), or seconds as an `i64` or `f64`.
    ///
    /// # Errors
    ///
    /// `is_permission_denied` if the caller is not privileged; `is_invalid_argument` for a clock
    /// that cannot be set, or a time that the clock cannot represent.
    ///
    /// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/clock_getres.html>
    #[doc(alias = "clock_settime")]
    pub fn set(self, time: impl TryInto<TimeSpec, Error: Into<Error>>) -> Result<()> {
        let time = normalized("clock_settime", time)?;
        sys::clock_settime(self.0, time).map_err(|errno| Error::os("clock_settime", self, errno))
    }

    /// Sleeps for `time` on this clock, or until a signal is handled, and returns the remaining
    /// time: [`TimeSpec::ZERO`] if the sleep was not interrupted.
    ///
    /// The time may be a [`TimeSpec`], a [`TimeVal`](crate::TimeVal), a
    /// [`Duration`](std::time::Duration), or seconds as an `i64` or `f64`.
    ///
    /// # Errors
    ///
    /// `is_invalid_argument` for a negative time or a clock that does not exist; `is_unsupported`
    /// for a clock that cannot wake a thread.
    ///
    /// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/clock_nanosleep.html>
    #[doc(alias = "nanosleep")]
    #[doc(alias = "clock_nanosleep")]
    pub fn sleep(self, time: impl TryInto<TimeSpec, Error: Into<Error>>) -> Result<TimeSpec> {
        let time = normalized("clock_nanosleep", time)?;
        match sys::clock_nanosleep(self.0, 0, time) {
            (Ok(()), _) => Ok(TimeSpec::ZERO),
            (Err(Errno::EINTR), remaining) => Ok(remaining),
            (Err(errno), _) => Err(self.not_slept(time, errno)),
        }
    }

    /// Sleeps until this clock shows `moment`. A signal does not interrupt the sleep. Returns
    /// immediately if `moment` has passed.
    ///
    /// # Errors
    ///
    /// Those of [`sleep`](Self::sleep).
    ///
    /// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/clock_nanosleep.html>
    #[doc(alias = "clock_nanosleep")]
    pub fn sleep_until(self, moment: TimeSpec) -> Result<()> {
        let moment = normalized("clock_nanosleep", moment)?;
        ret::retry(|| sys::clock_nanosleep(self.0, c::TIMER_ABSTIME, moment).0)
            .map_err(|errno| self.not_slept(moment, errno))
    }

    fn failed(self, call: &'static str, errno: Errno) -> Error {
        match errno {
            Errno::EINVAL => Error::invalid(call, self, "there is no such clock"),
            _ => Error::os(call, self, errno),
        }
    }

    fn not_slept(self, time: TimeSpec, errno: Errno) -> Error {
        if errno == Errno::EINVAL && time < TimeSpec::ZERO {
            let why = format!("a time of {time} seconds, at least 0");
            return Error::invalid("clock_nanosleep", self, why);
        }
        self.failed("clock_nanosleep", errno)
    }
}

/// Normalises a time, because the system refuses a fraction that is negative or not less than a
/// second.
fn normalized(
    call: &'static str,
    time: impl TryInto<TimeSpec, Error: Into<Error>>,
) -> Result<TimeSpec> {
    let time = time.try_into().map_err(Into::into)?;
    time.checked_normalize()
        .ok_or_else(|| Error::invalid(call, time, "does not fit into 64 bits of seconds"))
}

impl fmt::Display for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "clock {}", self.0)
    }
}
