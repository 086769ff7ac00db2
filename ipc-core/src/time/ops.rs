//! The operators of times.
//!
//! # Panics
//!
//! All operators panic if the result does not fit.

use std::ops::{Add, AddAssign, Neg, Sub, SubAssign};
use std::time::Duration;

use crate::Time;
use crate::{TimeSpec, TimeVal};

/// Adds a time, or a value that converts to a time without loss, such as whole seconds in an `i64`.
impl<const UNIT: i64, T: Into<Time<UNIT>>> Add<T> for Time<UNIT> {
    type Output = Self;

    #[track_caller]
    fn add(self, other: T) -> Self {
        self.checked_add(other).expect("overflow when adding times")
    }
}

/// Subtracts a time, or a value that converts to a time without loss, such as whole seconds in an
/// `i64`.
impl<const UNIT: i64, T: Into<Time<UNIT>>> Sub<T> for Time<UNIT> {
    type Output = Self;

    #[track_caller]
    fn sub(self, other: T) -> Self {
        self.checked_sub(other).expect("overflow when subtracting times")
    }
}

impl<const UNIT: i64> Neg for Time<UNIT> {
    type Output = Self;

    #[track_caller]
    fn neg(self) -> Self {
        self.checked_neg().expect("overflow when negating a time")
    }
}

/// Adds seconds given as an `f64`, rounded as by [`try_from_secs_f64`](Time::try_from_secs_f64).
impl<const UNIT: i64> Add<f64> for Time<UNIT> {
    type Output = Self;

    #[track_caller]
    fn add(self, secs: f64) -> Self {
        self + Self::try_from_secs_f64(secs).expect("real seconds to add")
    }
}

/// Subtracts seconds given as an `f64`, rounded as by
/// [`try_from_secs_f64`](Time::try_from_secs_f64).
impl<const UNIT: i64> Sub<f64> for Time<UNIT> {
    type Output = Self;

    #[track_caller]
    fn sub(self, secs: f64) -> Self {
        self - Self::try_from_secs_f64(secs).expect("real seconds to subtract")
    }
}

impl Add<Duration> for TimeSpec {
    type Output = Self;

    #[track_caller]
    fn add(self, duration: Duration) -> Self {
        self.wide()
            .plus(duration.into())
            .checked()
            .expect("overflow when adding a duration to a time")
    }
}

impl Sub<Duration> for TimeSpec {
    type Output = Self;

    #[track_caller]
    fn sub(self, duration: Duration) -> Self {
        self.wide()
            .minus(duration.into())
            .checked()
            .expect("overflow when subtracting a duration from a time")
    }
}

/// Adds times of different units. The result has the finer unit.
impl Add<TimeSpec> for TimeVal {
    type Output = TimeSpec;

    #[track_caller]
    fn add(self, other: TimeSpec) -> TimeSpec {
        other + self
    }
}

/// Subtracts times of different units. The result has the finer unit.
impl Sub<TimeSpec> for TimeVal {
    type Output = TimeSpec;

    #[track_caller]
    fn sub(self, other: TimeSpec) -> TimeSpec {
        TimeSpec::from(self) - other
    }
}

impl<const UNIT: i64> Add<Time<UNIT>> for i64 {
    type Output = Time<UNIT>;

    #[track_caller]
    fn add(self, time: Time<UNIT>) -> Time<UNIT> {
        time + self
    }
}

impl<const UNIT: i64> Sub<Time<UNIT>> for i64 {
    type Output = Time<UNIT>;

    #[track_caller]
    fn sub(self, time: Time<UNIT>) -> Time<UNIT> {
        Time::from(self) - time
    }
}

impl<const UNIT: i64> Add<Time<UNIT>> for f64 {
    type Output = Time<UNIT>;

    #[track_caller]
    fn add(self, time: Time<UNIT>) -> Time<UNIT> {
        time + self
    }
}

impl<const UNIT: i64> Sub<Time<UNIT>> for f64 {
    type Output = Time<UNIT>;

    #[track_caller]
    fn sub(self, time: Time<UNIT>) -> Time<UNIT> {
        // Not `-(time - self)`: that may overflow where this does not.
        Time::try_from_secs_f64(self).expect("real seconds to subtract from") - time
    }
}

impl<const UNIT: i64, T> AddAssign<T> for Time<UNIT>
where
    Self: Add<T, Output = Self>,
{
    #[track_caller]
    fn add_assign(&mut self, other: T) {
        *self = *self + other;
    }
}

impl<const UNIT: i64, T> SubAssign<T> for Time<UNIT>
where
    Self: Sub<T, Output = Self>,
{
    #[track_caller]
    fn sub_assign(&mut self, other: T) {
        *self = *self - other;
    }
}
