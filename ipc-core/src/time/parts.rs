//! Time as C represents it: seconds, and a fraction of a second counted in units.
//!
//! Both numbers are stored as they were given. Comparisons and arithmetic convert them to `Wide`,
//! which is wide enough for every step.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::time::Duration;

use crate::{Error, Result};

/// A time: seconds, and a fraction counted in units of 1/`UNIT` second.
/// [`TimeSpec`](crate::TimeSpec) and [`TimeVal`](crate::TimeVal) are aliases of this type.
///
/// `UNIT` is 10⁹, 10⁶ or 10³. The layout is that of the C struct. Both numbers are stored as they
/// are given, and may have any values: if the unit is a millisecond, (1, -1) is 999 ms. A time is
/// *normalised* if its fraction is at least 0 and less than a second. The results of arithmetic are
/// normalised. Comparisons and hashes depend only on the total time: if the unit is a millisecond,
/// (1, 0) equals (0, 1000). Times of different units can also be compared.
///
/// The operators panic on overflow, like those of [`Duration`]. The methods `checked_…`,
/// `saturating_…` and `wrapping_…` handle overflow as their names say. The results of `wrapping_…`
/// are those of the Julia package IPC.jl, which has the same structs.
///
/// # Examples
///
/// ```
/// use ipc_core::{TimeSpec, TimeVal};
///
/// let t = TimeSpec::new(3, 250_000_000);
/// assert_eq!(t + 1 - 0.75, TimeVal::new(3, 500_000));
/// assert_eq!(TimeSpec::new(1, -400_000_000), TimeSpec::new(0, 600_000_000));
/// assert_eq!(TimeSpec::MAX.checked_add(1), None);
/// assert_eq!((-t).to_string(), "-3.250000000");
/// ```
#[repr(C)]
#[derive(Clone, Copy, Default)]
pub struct Time<const UNIT: i64> {
    sec: i64,
    frac: i64,
}

/// Constructors and accessors.
impl<const UNIT: i64> Time<UNIT> {
    /// Zero.
    pub const ZERO: Self = Self::new(0, 0);

    /// The minimum normalised time.
    pub const MIN: Self = Self::new(i64::MIN, 0);

    /// The maximum normalised time.
    pub const MAX: Self = Self::new(i64::MAX, UNIT - 1);

    /// Stores both numbers unchanged.
    #[must_use]
    #[inline]
    pub const fn new(sec: i64, frac: i64) -> Self {
        Self { sec, frac }
    }

    /// The seconds as they are stored.
    #[must_use]
    #[inline]
    pub const fn sec(self) -> i64 {
        self.sec
    }

    /// The fraction as it is stored, in units.
    #[must_use]
    #[inline]
    pub const fn frac(self) -> i64 {
        self.frac
    }

    /// Converts a number of seconds. The whole seconds are rounded down, and the rest is rounded to
    /// the nearest unit, ties to even. The result is normalised: -0.25 is (-1, ¾ second).
    ///
    /// # Errors
    ///
    /// `is_invalid_argument` if `secs` is not finite or its whole seconds do not fit.
    pub fn try_from_secs_f64(secs: f64) -> Result<Self> {
        Self::split(secs, f64::floor)
    }

    /// Converts a number of seconds like [`try_from_secs_f64`](Self::try_from_secs_f64), but rounds
    /// the whole seconds towards zero, so that both numbers have the sign of `secs`: -0.25 is (0,
    /// -¼ second).
    ///
    /// # Errors
    ///
    /// Those of [`try_from_secs_f64`](Self::try_from_secs_f64).
    pub fn try_from_secs_f64_same_sign(secs: f64) -> Result<Self> {
        Self::split(secs, f64::trunc)
    }

    fn split(secs: f64, whole: fn(f64) -> f64) -> Result<Self> {
        const END: f64 = -(i64::MIN as f64); // 2⁶³; the greatest i64 itself is not an f64

        let unit = UNIT as f64;
        let mut sec = whole(secs);
        let mut frac = ((secs - sec) * unit).round_ties_even();
        if frac.abs() >= unit {
            sec += frac.signum();
            frac -= unit.copysign(frac);
        }
        if !(-END..END).contains(&sec) {
            return Err(Error::invalid(
                "time",
                format_args!("{secs:?}"), // in scientific notation, if it is long
                "not a number of seconds that fits into 64 bits",
            ));
        }
        #[expect(
            clippy::cast_possible_truncation,
            reason = "both are whole numbers, checked above to fit"
        )]
        Ok(Self::new(sec as i64, frac as i64))
    }

    /// The time in seconds, rounded to the nearest `f64`.
    #[must_use]
    pub fn as_secs_f64(self) -> f64 {
        self.sec as f64 + self.frac as f64 / UNIT as f64
    }

    /// The time in seconds, rounded to the nearest `f32`.
    #[must_use]
    pub fn as_secs_f32(self) -> f32 {
        self.sec as f32 + self.frac as f32 / UNIT as f32
    }

    /// Returns the same time, normalised; `None` if the seconds then do not fit into 64 bits.
    #[must_use]
    pub fn checked_normalize(self) -> Option<Self> {
        self.wide().checked()
    }

    /// Returns the same time with a fraction of less than a second that has the sign of the seconds
    /// (any sign if the seconds are 0); `None` if the seconds then do not fit into 64 bits.
    #[must_use]
    pub fn checked_same_sign(self) -> Option<Self> {
        let (sec, nsec) = self.wide().same_sign();
        Some(Self::new(i64::try_from(sec).ok()?, nsec / Self::NANOS))
    }
}

/// Arithmetic. The operand may be any type that converts without loss, such as whole seconds in an
/// `i64`. For seconds in an `f64`, use the operators or
/// [`try_from_secs_f64`](Self::try_from_secs_f64).
impl<const UNIT: i64> Time<UNIT> {
    /// The sum, `None` if it does not fit.
    #[must_use]
    pub fn checked_add(self, other: impl Into<Self>) -> Option<Self> {
        self.wide().plus(other.into().wide()).checked()
    }

    /// The difference, `None` if it does not fit.
    #[must_use]
    pub fn checked_sub(self, other: impl Into<Self>) -> Option<Self> {
        self.wide().minus(other.into().wide()).checked()
    }

    /// The negative, `None` if it does not fit.
    #[must_use]
    pub fn checked_neg(self) -> Option<Self> {
        Self::ZERO.checked_sub(self)
    }

    /// The sum, or the nearer of [`MIN`](Self::MIN) and [`MAX`](Self::MAX) if it does not fit.
    #[must_use]
    pub fn saturating_add(self, other: impl Into<Self>) -> Self {
        self.wide().plus(other.into().wide()).saturating()
    }

    /// The difference, or the nearer of [`MIN`](Self::MIN) and [`MAX`](Self::MAX) if it does not
    /// fit.
    #[must_use]
    pub fn saturating_sub(self, other: impl Into<Self>) -> Self {
        self.wide().minus(other.into().wide()).saturating()
    }

    /// The negative, or [`MAX`](Self::MAX) if it does not fit.
    #[must_use]
    pub fn saturating_neg(self) -> Self {
        Self::ZERO.saturating_sub(self)
    }

    /// The sum, with its seconds modulo 2⁶⁴, as in IPC.jl.
    #[must_use]
    pub fn wrapping_add(self, other: impl Into<Self>) -> Self {
        self.wide().plus(other.into().wide()).wrapping()
    }

    /// The difference, with its seconds modulo 2⁶⁴, as in IPC.jl.
    #[must_use]
    pub fn wrapping_sub(self, other: impl Into<Self>) -> Self {
        self.wide().minus(other.into().wide()).wrapping()
    }

    /// The negative, with its seconds modulo 2⁶⁴, as in IPC.jl.
    #[must_use]
    pub fn wrapping_neg(self) -> Self {
        Self::ZERO.wrapping_sub(self)
    }

    /// Returns the absolute difference of two times, at most [`Duration::MAX`].
    #[must_use]
    pub fn abs_diff<const OTHER: i64>(self, other: Time<OTHER>) -> Duration {
        let (a, b) = (self.wide(), other.wide());
        let apart = if a < b { b.minus(a) } else { a.minus(b) };
        apart.duration().unwrap_or(Duration::MAX)
    }

    /// Returns `true` if two times differ by at most `tolerance`.
    #[must_use]
    pub fn approx_eq<const OTHER: i64>(self, other: Time<OTHER>, tolerance: Duration) -> bool {
        self.abs_diff(other) <= tolerance
    }

    /// Compares with seconds given as an `f64`, which are rounded as by
    /// [`try_from_secs_f64`](Self::try_from_secs_f64). Returns `None` if `secs` is NaN.
    #[must_use]
    pub fn cmp_secs_f64(self, secs: f64) -> Option<Ordering> {
        match Self::try_from_secs_f64(secs) {
            Ok(other) => Some(self.cmp(&other)),
            Err(_) => 0.0.partial_cmp(&secs),
        }
    }
}

impl<const UNIT: i64, const OTHER: i64> PartialEq<Time<OTHER>> for Time<UNIT> {
    fn eq(&self, other: &Time<OTHER>) -> bool {
        self.wide() == other.wide()
    }
}

impl<const UNIT: i64> Eq for Time<UNIT> {}

impl<const UNIT: i64, const OTHER: i64> PartialOrd<Time<OTHER>> for Time<UNIT> {
    fn partial_cmp(&self, other: &Time<OTHER>) -> Option<Ordering> {
        Some(self.wide().cmp(&other.wide()))
    }
}

impl<const UNIT: i64> Ord for Time<UNIT> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.wide().cmp(&other.wide())
    }
}

impl<const UNIT: i64> Hash for Time<UNIT> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.wide().hash(state);
    }
}

/// Converts whole seconds.
impl<const UNIT: i64> From<i64> for Time<UNIT> {
    fn from(sec: i64) -> Self {
        Self::new(sec, 0)
    }
}

/// Converts a number of seconds as [`try_from_secs_f64`](Self::try_from_secs_f64) does.
impl<const UNIT: i64> TryFrom<f64> for Time<UNIT> {
    type Error = Error;

    fn try_from(secs: f64) -> Result<Self> {
        Self::try_from_secs_f64(secs)
    }
}

/// Fails if the time is negative, or longer than [`Duration::MAX`]. Only a time that is not
/// normalised can be that long.
impl<const UNIT: i64> TryFrom<Time<UNIT>> for Duration {
    type Error = Error;

    fn try_from(time: Time<UNIT>) -> Result<Self> {
        time.wide()
            .duration()
            .ok_or_else(|| Error::invalid("duration", time, "negative or too long"))
    }
}

/// Prints both numbers as they are stored, with their C names.
impl<const UNIT: i64> fmt::Debug for Time<UNIT> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, frac) = match UNIT {
            1_000_000_000 => ("TimeSpec", "nsec"),
            1_000_000 => ("TimeVal", "usec"),
            _ => ("Time", "msec"),
        };
        f.debug_struct(name).field("sec", &self.sec).field(frac, &self.frac).finish()
    }
}

/// Prints decimal seconds with every digit of the fraction.
impl<const UNIT: i64> fmt::Display for Time<UNIT> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (sec, nsec) = self.wide().same_sign();
        let (frac, digits) = (nsec.abs() / Self::NANOS, UNIT.ilog10() as usize);
        f.pad_integral(sec >= 0 && nsec >= 0, "", &format!("{}.{frac:0digits$}", sec.abs()))
    }
}
