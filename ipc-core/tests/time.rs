//! Seconds with nanoseconds, and with microseconds.

use std::cmp::Ordering;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::panic::catch_unwind;
use std::time::{Duration, SystemTime};

use ipc_core::{Result, Time, TimeSpec, TimeVal};
use ipc_testkit::Rng;
use static_assertions::{assert_eq_align, assert_eq_size};

assert_eq_size!(TimeSpec, ipc_sys::timespec);
assert_eq_align!(TimeSpec, ipc_sys::timespec);
assert_eq_size!(TimeVal, ipc_sys::timeval);
assert_eq_align!(TimeVal, ipc_sys::timeval);

/// The unit of IPC.jl's tables.
type Millis = Time<1000>;

/// As they are stored: `==` would not tell (1, -1) from what it means.
fn parts<const UNIT: i64>(time: Time<UNIT>) -> (i64, i64) {
    (time.sec(), time.frac())
}

#[test]
fn both_numbers_are_kept_as_given_also_through_c() {
    let spec = TimeSpec::new(-7, 2_000_000_001);
    let c = ipc_sys::timespec::from(spec);
    assert_eq!((c.tv_sec, c.tv_nsec), (-7, 2_000_000_001));
    assert_eq!((TimeSpec::from(c).sec(), TimeSpec::from(c).nsec()), (-7, 2_000_000_001));
    let c = ipc_sys::timeval::from(TimeVal::new(7, -5));
    assert_eq!((c.tv_sec, c.tv_usec), (7, -5));
    assert_eq!((TimeVal::from(c).sec(), TimeVal::from(c).usec()), (7, -5));
    assert_eq!(parts(TimeSpec::from(-3)), (-3, 0));
    assert_eq!(parts(TimeVal::from(3)), (3, 0));
}

#[test]
fn microseconds_become_nanoseconds_and_are_not_normalized() {
    assert_eq!(parts(TimeSpec::from(TimeVal::new(4, -2_500_000))), (4, -2_500_000_000));
    // Where that overflows, the value is kept; and where it cannot be, its sign.
    let far = TimeVal::new(1, i64::MAX);
    assert_eq!(TimeSpec::from(far), far);
    assert_eq!(TimeSpec::from(TimeVal::new(i64::MAX, i64::MAX)), TimeSpec::MAX);
    assert_eq!(TimeSpec::from(TimeVal::new(i64::MIN, i64::MIN)), TimeSpec::MIN);
}

#[test]
fn half_a_microsecond_is_rounded_away_from_zero() {
    let s = 1_234;
    for (nsec, wanted) in [
        (123_456_499, (s, 123_456)),
        (123_456_500, (s, 123_457)),
        (-123_456_000, (s - 1, 876_544)),
        (-123_456_499, (s - 1, 876_544)),
        (-123_456_500, (s - 1, 876_543)),
        (999_999_500, (s + 1, 0)),
    ] {
        assert_eq!(parts(TimeVal::try_from(TimeSpec::new(s, nsec)).unwrap()), wanted, "{nsec}");
    }
    assert!(TimeVal::try_from(TimeSpec::MAX).is_err_and(|err| err.is_invalid_argument()));
    assert_eq!(TimeVal::try_from(TimeSpec::MIN).unwrap(), TimeVal::MIN);
}

#[test]
fn the_extremes_are_those_of_normalized_times() {
    assert_eq!(parts(TimeSpec::MIN), (i64::MIN, 0));
    assert_eq!(parts(TimeSpec::MAX), (i64::MAX, 999_999_999));
    assert_eq!(parts(TimeVal::MIN), (i64::MIN, 0));
    assert_eq!(parts(TimeVal::MAX), (i64::MAX, 999_999));
}

#[test]
fn a_fraction_is_carried_into_the_seconds_by_either_rule() {
    for (given, nonnegative, same_sign) in [
        ((1, 400), (1, 400), (1, 400)),
        ((1, 2400), (3, 400), (3, 400)),
        ((1, -400), (0, 600), (0, 600)),
        ((1, -2400), (-2, 600), (-1, -400)),
        ((-1, 400), (-1, 400), (0, -600)),
        ((-1, 2400), (1, 400), (1, 400)),
        ((-1, -400), (-2, 600), (-1, -400)),
        ((-1, -2400), (-4, 600), (-3, -400)),
    ] {
        let time = Millis::new(given.0, given.1);
        assert_eq!(time.checked_normalize().map(parts), Some(nonnegative), "{given:?}");
        assert_eq!(time.checked_same_sign().map(parts), Some(same_sign), "{given:?}");
    }
    // Only one of the two rules has room for these.
    let first = Millis::new(i64::MIN, -1);
    assert_eq!(first.checked_normalize().map(parts), None);
    assert_eq!(first.checked_same_sign().map(parts), Some((i64::MIN, -1)));
    assert_eq!(Millis::new(i64::MAX, 1000).checked_same_sign().map(parts), None);
}

#[test]
fn real_seconds_are_split_by_either_rule() {
    for (secs, nonnegative, same_sign) in [
        (-1.4, (-2, 600), (-1, -400)),
        (-0.6, (-1, 400), (0, -600)),
        (-3.4, (-4, 600), (-3, -400)),
        (0.6, (0, 600), (0, 600)),
        (2.0, (2, 0), (2, 0)),
        (-2.0, (-2, 0), (-2, 0)),
        (0.9996, (1, 0), (1, 0)),
        (-0.9996, (-1, 0), (-1, 0)),
        (-1e-20, (0, 0), (0, 0)),
        (0.0625, (0, 62), (0, 62)), // 62.5: to the even one
        (0.1875, (0, 188), (0, 188)),
    ] {
        assert_eq!(parts(Millis::try_from_secs_f64(secs).unwrap()), nonnegative, "{secs}");
        assert_eq!(parts(Millis::try_from_secs_f64_same_sign(secs).unwrap()), same_sign, "{secs}");
    }
}

#[test]
fn real_seconds_that_do_not_fit_are_refused() {
    for secs in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 2f64.powi(63), -2f64.powi(64)] {
        assert!(TimeSpec::try_from(secs).is_err_and(|err| err.is_invalid_argument()), "{secs}");
        assert!(TimeSpec::try_from_secs_f64_same_sign(secs).is_err(), "{secs}");
    }
    assert_eq!(TimeVal::try_from(-2f64.powi(63)).unwrap(), TimeVal::MIN);
}

#[test]
fn seconds_come_out_as_real_numbers() {
    assert_eq!(TimeSpec::new(-2, 250_000_000).as_secs_f64(), -1.75);
    assert_eq!(TimeVal::new(3, -500_000).as_secs_f64(), 2.5);
    assert_eq!(TimeVal::new(3, 100_000).as_secs_f32(), 3f32 + 0.1f32);
}

#[test]
fn less_than_half_a_unit_adds_nothing_and_more_adds_one() {
    fn check<const UNIT: i64>(t: Time<UNIT>) {
        let unit = 1.0 / UNIT as f64;
        let next: Time<UNIT> = Time::new(t.sec(), t.frac() + 1);
        assert_eq!(parts(t + 0.49999999999999994 * unit), parts(t));
        assert_eq!(parts(t + 0.5000000000000001 * unit), parts(next));
        assert_eq!(parts(next - 0.5000000000000001 * unit), parts(t));
        assert_eq!(parts(0.25 - t), parts(-(t - 0.25)));
        assert_eq!(parts(0.25 + t), parts(t + 0.25));
    }
    check(TimeSpec::new(1_600_000_000, 123_456_789));
    check(TimeVal::new(1_600_000_000, 123_456));
}

#[test]
fn whole_seconds_are_added_exactly_and_subtraction_mirrors() {
    fn check<const UNIT: i64>(t: Time<UNIT>) {
        assert_eq!(parts(0 - t), parts(-t));
        assert_eq!(parts(37 - t), parts(-(t - 37)));
        assert_eq!(parts(37 + t), parts(t + 37));
        assert_eq!(parts(t + (-t)), (0, 0));
        assert_eq!(parts(t + 0), parts(t.checked_normalize().unwrap()));
        for x in [1e-3, 0.5, 1.0, 1.5] {
            assert!(t + x > t && t >= t - x && t != t + x);
            assert!(t + -x < t && t <= t - -x && t != t + -x);
        }
        let mut sum = t;
        sum += 3;
        sum -= 0.5;
        sum += t;
        sum -= t;
        assert_eq!(sum, t + 2.5);
    }
    check(TimeSpec::new(12, -3_400_000_000));
    check(TimeSpec::now());
    check(TimeVal::new(-12, 3_400_000));
    check(TimeVal::now());
}

#[test]
fn the_finer_of_two_units_wins() -> Result<()> {
    let (spec, val) = (TimeSpec::try_from(-2.58)?, TimeVal::try_from(-2.58)?);
    let (spec_sum, val_sum) = (TimeSpec::try_from(-2.18)?, TimeVal::try_from(-2.18)?);
    let plus = TimeVal::try_from(0.4)?;
    assert_eq!(parts(val + plus), parts(val_sum));
    assert_eq!(parts(val + ipc_sys::timeval::from(plus)), parts(val_sum));
    assert_eq!(parts(val + 0.4), parts(val_sum));
    assert_eq!(parts(spec + plus), parts(spec_sum));
    assert_eq!(parts(plus + spec), parts(spec_sum));
    assert_eq!(parts(spec_sum - plus), parts(spec));
    assert_eq!(parts(plus - spec_sum), parts(-spec));
    assert_eq!(
        parts(spec + ipc_sys::timespec { tv_sec: 0, tv_nsec: 400_000_000 }),
        parts(spec_sum)
    );
    assert_eq!(parts(spec + Duration::from_millis(400)), parts(spec_sum));
    assert_eq!(parts(spec_sum - Duration::from_millis(400)), parts(spec));
    assert_eq!(parts(TimeSpec::MIN + Duration::MAX), parts(TimeSpec::MAX));
    Ok(())
}

#[test]
fn beyond_the_extremes_each_form_does_what_its_name_says() {
    assert!(TimeSpec::MAX.wrapping_add(1) < TimeSpec::ZERO);
    assert!(TimeVal::MAX.wrapping_add(1) < TimeVal::ZERO);
    assert!(TimeSpec::MIN.wrapping_sub(1) > TimeSpec::ZERO);
    assert!(TimeVal::MIN.wrapping_sub(1) > TimeVal::ZERO);
    assert_eq!(TimeSpec::MIN.wrapping_neg(), TimeSpec::MIN);
    assert_eq!(TimeSpec::MIN.checked_neg(), None);
    assert_eq!(TimeSpec::MIN.saturating_neg(), TimeSpec::MAX);
    assert_eq!(TimeSpec::MAX.checked_add(TimeSpec::new(0, 1)), None);
    assert_eq!(TimeVal::MAX.saturating_add(1), TimeVal::MAX);
    assert_eq!(TimeVal::MIN.saturating_sub(1), TimeVal::MIN);
    let operators: [fn() -> TimeSpec; 6] = [
        || TimeSpec::MAX + 1,
        || TimeSpec::MIN - 1,
        || -TimeSpec::MIN,
        || TimeSpec::ZERO + f64::NAN,
        || TimeSpec::MAX + Duration::from_nanos(1),
        || TimeVal::MIN - TimeSpec::new(0, 1),
    ];
    for (i, operator) in operators.into_iter().enumerate() {
        assert!(catch_unwind(operator).is_err(), "{i}");
    }
}

#[test]
fn a_real_number_that_does_not_fit_is_printed_briefly() {
    let err = TimeSpec::try_from_secs_f64(1e300).unwrap_err();
    assert!(err.is_invalid_argument() && err.object() == "1e300", "{err}");
}

/// Comparison with a real number is a method, as it cannot be transitive.
#[test]
fn a_real_number_is_rounded_before_it_is_compared() {
    assert_eq!(TimeVal::new(1, 0).cmp_secs_f64(1.000_000_4), Some(Ordering::Equal));
    assert_eq!(TimeSpec::new(1, 0).cmp_secs_f64(1.000_000_4), Some(Ordering::Less));
    assert_eq!(TimeSpec::new(0, -1).cmp_secs_f64(0.0), Some(Ordering::Less));
    assert_eq!(TimeSpec::MAX.cmp_secs_f64(f64::INFINITY), Some(Ordering::Less));
    assert_eq!(TimeSpec::MIN.cmp_secs_f64(-1e300), Some(Ordering::Greater));
    assert_eq!(TimeSpec::ZERO.cmp_secs_f64(f64::NAN), None);
}

#[test]
fn times_within_the_tolerance_are_approximately_equal() {
    let (t, five) = (TimeSpec::new(1, 2), TimeSpec::new(1, 7));
    assert!(t.approx_eq(five, TimeSpec::TOLERANCE) && five.approx_eq(t, TimeSpec::TOLERANCE));
    assert!(!t.approx_eq(five + 1e-9, TimeSpec::TOLERANCE));
    let val = TimeVal::new(1, 0);
    assert!(val.approx_eq(TimeVal::new(0, 1_000_001), TimeVal::TOLERANCE));
    assert!(!val.approx_eq(TimeVal::new(1, 2), TimeVal::TOLERANCE));
    assert!(val.approx_eq(t, TimeSpec::TOLERANCE) && !t.approx_eq(val + five, TimeSpec::TOLERANCE));
    assert_eq!(TimeSpec::MAX.abs_diff(TimeSpec::MIN), Duration::MAX);
    assert_eq!(TimeSpec::new(i64::MAX, i64::MAX).abs_diff(TimeSpec::MIN), Duration::MAX);
}

#[test]
fn the_standard_librarys_times_convert_in_both_directions() -> Result<()> {
    let duration = Duration::new(5, 999_999_999);
    assert_eq!(Duration::try_from(TimeSpec::try_from(duration)?)?, duration);
    assert!(TimeSpec::try_from(Duration::MAX).is_err_and(|err| err.is_invalid_argument()));
    assert!(
        Duration::try_from(TimeVal::new(1, -1_000_001)).is_err_and(|err| err.is_invalid_argument())
    );

    for since in [duration, Duration::ZERO] {
        for moment in [SystemTime::UNIX_EPOCH + since, SystemTime::UNIX_EPOCH - since] {
            assert_eq!(SystemTime::try_from(TimeSpec::try_from(moment)?)?, moment);
        }
    }
    assert_eq!(parts(TimeSpec::try_from(SystemTime::UNIX_EPOCH - duration)?), (-6, 1));
    assert!(
        SystemTime::try_from(TimeSpec::new(i64::MAX, i64::MAX))
            .is_err_and(|err| err.is_invalid_argument())
    );
    Ok(())
}

#[test]
fn a_time_is_shown_in_decimal_seconds() {
    for (time, shown) in [
        (TimeSpec::new(1, 5), "1.000000005"),
        (TimeSpec::new(-2, 600_000_000), "-1.400000000"),
        (TimeSpec::new(0, -1), "-0.000000001"),
        (TimeSpec::MIN, "-9223372036854775808.000000000"),
    ] {
        assert_eq!(time.to_string(), shown);
    }
    assert_eq!(format!("{:>+11}", TimeVal::new(3, -500_000)), "  +2.500000");
    assert_eq!(format!("{:?}", TimeSpec::new(-2, 7)), "TimeSpec { sec: -2, nsec: 7 }");
    assert_eq!(format!("{:?}", TimeVal::new(-2, 7)), "TimeVal { sec: -2, usec: 7 }");
}

/// A number whose sums often overflow, and whose fractions are seldom normalised.
fn number(rng: &mut Rng) -> i64 {
    let edge = *rng.pick(&[0, 1000, 1_000_000, 1_000_000_000, i64::MIN, i64::MAX]);
    let near = rng.below(5).cast_signed() - 2;
    let any = rng.next_u64().cast_signed() >> rng.below(64);
    *rng.pick(&[edge.wrapping_add(near), near - edge / 2, any])
}

fn hash(value: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

/// The value of a time in nanoseconds.
fn nanos<const UNIT: i64>(time: Time<UNIT>) -> i128 {
    let (sec, frac, unit) = (i128::from(time.sec()), i128::from(time.frac()), i128::from(UNIT));
    (sec * unit + frac) * (1_000_000_000 / unit)
}

/// In IPC.jl, equal times had different hashes. Each law also holds between two units.
fn laws<const A: i64, const B: i64>(rng: &mut Rng) {
    let a: Time<A> = Time::new(number(rng), number(rng));
    let b: Time<B> = Time::new(number(rng), number(rng));
    let c: Time<A> = Time::new(number(rng), number(rng));
    let about = || format!("{a:?} {b:?} {c:?}");

    assert_eq!(a.partial_cmp(&b), Some(nanos(a).cmp(&nanos(b))), "{}", about());
    assert_eq!(a == b, nanos(a) == nanos(b), "{}", about());
    let apart = nanos(a).abs_diff(nanos(b)).min(Duration::MAX.as_nanos());
    assert_eq!(a.abs_diff(b).as_nanos(), apart, "{}", about());
    if let Some(normal) = a.checked_normalize() {
        assert_eq!((normal, hash(normal)), (a, hash(a)), "{}", about());
        assert_eq!(a.checked_same_sign(), Some(a), "{}", about());
    }

    let second = 1_000_000_000;
    let check = |exact: i128, checked: Option<Time<A>>, saturating: Time<A>, wrapping: Time<A>| {
        let frac = i64::try_from(exact.rem_euclid(second)).unwrap() / (1_000_000_000 / A);
        let sec = exact.div_euclid(second);
        let fits = i64::try_from(sec).ok();
        assert_eq!(checked.map(parts), fits.map(|sec| (sec, frac)), "{}", about());
        let limit: Time<A> = if exact < 0 { Time::MIN } else { Time::MAX };
        assert_eq!(parts(saturating), fits.map_or(parts(limit), |sec| (sec, frac)), "{}", about());
        let low = i64::try_from((sec + (1 << 63)).rem_euclid(1 << 64) - (1 << 63)).unwrap();
        assert_eq!(parts(wrapping), (low, frac), "{}", about());
    };
    check(nanos(a) + nanos(c), a.checked_add(c), a.saturating_add(c), a.wrapping_add(c));
    check(nanos(a) - nanos(c), a.checked_sub(c), a.saturating_sub(c), a.wrapping_sub(c));
    check(-nanos(a), a.checked_neg(), a.saturating_neg(), a.wrapping_neg());
    let seconds = i128::from(c.sec()) * second;
    check(
        nanos(a) + seconds,
        a.checked_add(c.sec()),
        a.saturating_add(c.sec()),
        a.wrapping_add(c.sec()),
    );
}

#[test]
fn arithmetic_and_order_are_those_of_the_exact_nanoseconds() {
    let mut rng = Rng::from_seed(2);
    for _ in 0..5_000 {
        laws::<1_000_000_000, 1_000_000>(&mut rng);
        laws::<1_000_000, 1_000_000_000>(&mut rng);
        laws::<1_000, 1_000>(&mut rng);
        laws::<1_000_000_000, 1_000_000_000>(&mut rng);
    }
}

/// For arbitrary numbers.
#[test]
fn rounding_to_microseconds_is_that_of_the_exact_nanoseconds() {
    let mut rng = Rng::from_seed(6);
    for _ in 0..20_000 {
        let time = TimeSpec::new(number(&mut rng), number(&mut rng));
        let nsec = i128::from(time.nsec());
        let usec = (nsec.abs() + 500) / 1000 * nsec.signum();
        let exact = i128::from(time.sec()) * 1_000_000 + usec;
        let wanted = i64::try_from(exact.div_euclid(1_000_000)).ok();
        let wanted = wanted.map(|sec| (sec, i64::try_from(exact.rem_euclid(1_000_000)).unwrap()));
        assert_eq!(TimeVal::try_from(time).ok().map(parts), wanted, "{time:?}");
    }
}
