//! The wide representation that all arithmetic on times uses.

use std::time::Duration;

use crate::Time;

const NANOS_PER_SEC: i64 = 1_000_000_000;

/// A time that can represent the sum and the difference of any two times. Its nanoseconds are at
/// least 0 and less than a second, so that the derived comparisons are right.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Wide {
    sec: i128,
    nsec: i64,
}

impl<const UNIT: i64> Time<UNIT> {
    /// The number of nanoseconds in one unit.
    pub(crate) const NANOS: i64 = {
        assert!(
            matches!(UNIT, 1_000 | 1_000_000 | 1_000_000_000),
            "a unit is a milli-, micro- or nanosecond"
        );
        NANOS_PER_SEC / UNIT
    };

    #[inline]
    pub(crate) fn wide(self) -> Wide {
        // The remainder is taken first: the whole fraction may not fit in nanoseconds.
        let carry = self.frac().div_euclid(UNIT);
        let nsec = self.frac().rem_euclid(UNIT) * Self::NANOS;
        Wide { sec: i128::from(self.sec()) + i128::from(carry), nsec }
    }
}

impl From<Duration> for Wide {
    fn from(duration: Duration) -> Self {
        Self { sec: duration.as_secs().into(), nsec: duration.subsec_nanos().into() }
    }
}

impl Wide {
    #[inline]
    fn new(sec: i128, nsec: i64) -> Self {
        let carry = nsec.div_euclid(NANOS_PER_SEC);
        Self { sec: sec + i128::from(carry), nsec: nsec.rem_euclid(NANOS_PER_SEC) }
    }

    #[inline]
    pub(crate) fn plus(self, other: Self) -> Self {
        Self::new(self.sec + other.sec, self.nsec + other.nsec)
    }

    #[inline]
    pub(crate) fn minus(self, other: Self) -> Self {
        Self::new(self.sec - other.sec, self.nsec - other.nsec)
    }

    /// Returns the time in seconds and units, normalised. Nanoseconds below a whole unit are
    /// dropped; a time that was computed from times of this unit has no such nanoseconds.
    pub(crate) fn checked<const UNIT: i64>(self) -> Option<Time<UNIT>> {
        Some(Time::new(i64::try_from(self.sec).ok()?, self.nsec / Time::<UNIT>::NANOS))
    }

    pub(crate) fn saturating<const UNIT: i64>(self) -> Time<UNIT> {
        self.checked().unwrap_or(if self.sec < 0 { Time::MIN } else { Time::MAX })
    }

    pub(crate) fn wrapping<const UNIT: i64>(self) -> Time<UNIT> {
        #[expect(clippy::cast_possible_truncation, reason = "this is what wrapping means")]
        Time::new(self.sec as i64, self.nsec / Time::<UNIT>::NANOS)
    }

    /// Seconds, and nanoseconds of the same sign.
    pub(crate) fn same_sign(self) -> (i128, i64) {
        if self.sec < 0 && self.nsec > 0 {
            (self.sec + 1, self.nsec - NANOS_PER_SEC)
        } else {
            (self.sec, self.nsec)
        }
    }

    /// `None` if it is negative or too long.
    pub(crate) fn duration(self) -> Option<Duration> {
        Some(Duration::new(u64::try_from(self.sec).ok()?, u32::try_from(self.nsec).ok()?))
    }
}
