//! Reading clocks, setting them, and sleeping by them.

use std::fs;
use std::time::{Duration, SystemTime};

use ipc_core::{Clock, Result, TimeSpec, TimeVal, UserId};
use ipc_testkit::{Child, ChildOptions, Role, Root, Storm, watchdog};

#[test]
fn roles() {
    ipc_testkit::play(&[("setter", setter)]);
}

#[test]
fn now_is_the_time_of_day() -> Result<()> {
    let before = TimeSpec::try_from(SystemTime::now())?;
    let (spec, val, clock) = (TimeSpec::now(), TimeVal::now(), Clock::REALTIME.now()?);
    let after = TimeSpec::try_from(SystemTime::now())?;
    assert!(before <= spec && spec <= clock && clock <= after);
    // The microseconds are cut off, as gettimeofday does.
    assert!(val > before - TimeVal::new(0, 1) && val <= after);
    assert!((0..1_000_000).contains(&val.usec()));
    Ok(())
}

/// In IPC.jl, every clock read the time of day.
#[test]
fn each_clock_reads_its_own_time() -> Result<()> {
    let uptime = fs::read_to_string("/proc/uptime").unwrap();
    let uptime: f64 = uptime.split(' ').next().unwrap().parse().unwrap();
    let (monotonic, boot) = (Clock::MONOTONIC.now()?, Clock::BOOTTIME.now()?);
    assert!(boot.cmp_secs_f64(uptime).unwrap().is_ge() && monotonic <= boot);
    // The kernel adds up the time of a process at other moments than that of a thread.
    for used in [Clock::THREAD_CPU.now()?, Clock::PROCESS_CPU.now()?] {
        assert!(TimeSpec::ZERO < used && used < monotonic, "{used}");
    }
    for clock in [Clock::MONOTONIC_RAW, Clock::REALTIME_COARSE, Clock::MONOTONIC_COARSE, Clock::TAI]
    {
        assert!(clock.now()? > TimeSpec::ZERO);
    }
    Ok(())
}

#[test]
fn the_monotonic_clock_never_goes_back() {
    let mut last = TimeSpec::ZERO;
    for _ in 0..10_000 {
        let now = Clock::MONOTONIC.now().unwrap();
        assert!(now >= last);
        last = now;
    }
}

#[test]
fn clocks_have_at_least_a_resolution_of_milliseconds() {
    for clock in [Clock::REALTIME, Clock::MONOTONIC] {
        let resolution = clock.resolution().unwrap();
        assert!(
            TimeSpec::ZERO < resolution && resolution <= TimeSpec::new(0, 1_000_000),
            "{resolution}"
        );
    }
}

#[test]
fn a_clock_that_does_not_exist_is_an_error_that_names_it() {
    let clock = Clock::new(12_345);
    let errors =
        [clock.now().unwrap_err(), clock.resolution().unwrap_err(), clock.sleep(0).unwrap_err()];
    for (err, call) in errors.iter().zip(["clock_gettime", "clock_getres", "clock_nanosleep"]) {
        assert!(err.is_invalid_argument());
        assert_eq!(err.call(), call);
        assert!(
            err.object().contains("clock 12345")
                && err.to_string().ends_with(": there is no such clock"),
            "{err}"
        );
    }
    assert_eq!(clock.raw(), 12_345);
}

/// Privileged, this would set the clock of the machine.
fn setter(_: &mut Role) {
    assert_ne!(UserId::effective(), UserId::new(0));
    let now = TimeSpec::now();
    let err = Clock::REALTIME.set(now).unwrap_err();
    assert!(err.is_permission_denied());
    assert_eq!((err.call(), err.object()), ("clock_settime", "clock 0"));
    assert!(Clock::REALTIME.set(TimeVal::now()).is_err_and(|err| err.is_permission_denied()));
    assert!(Clock::REALTIME.set(now.as_secs_f64()).is_err_and(|err| err.is_permission_denied()));
    assert!(Clock::REALTIME.set(f64::NAN).is_err_and(|err| err.is_invalid_argument()));
}

#[test]
fn an_unprivileged_user_may_not_set_the_clock() {
    let mut role = ChildOptions::role("setter");
    if UserId::effective() == UserId::new(0) {
        let Some(root) = Root::or_skip("must not be root") else { return };
        role = role.as_user(root, Root::NOBODY);
    }
    Child::run(role, &[]).finish();
}

#[test]
fn no_process_may_set_the_monotonic_clock() {
    assert!(Clock::MONOTONIC.set(0).is_err_and(|err| err.is_invalid_argument()));
}

#[test]
fn a_sleep_lasts_as_long_as_asked_and_leaves_nothing() -> Result<()> {
    fn timed(sleep: impl FnOnce() -> Result<TimeSpec>) -> Result<TimeSpec> {
        let start = Clock::MONOTONIC.now()?;
        assert_eq!(sleep()?, TimeSpec::ZERO);
        Ok(Clock::MONOTONIC.now()? - start)
    }
    let ten = TimeSpec::new(0, 10_000_000);
    assert!(timed(|| Clock::MONOTONIC.sleep(ten))? >= ten);
    assert!(timed(|| Clock::MONOTONIC.sleep(TimeVal::new(0, 10_000)))? >= ten);
    assert!(timed(|| Clock::REALTIME.sleep(0.01))? >= ten);
    assert!(timed(|| Clock::BOOTTIME.sleep(Duration::from_millis(10)))? >= ten);
    // Not normalised, but it means ten milliseconds.
    assert!(timed(|| Clock::MONOTONIC.sleep(TimeSpec::new(1, -990_000_000)))? >= ten);
    Clock::MONOTONIC.sleep(0).map(drop)
}

/// In IPC.jl, these calls succeeded.
#[test]
fn a_sleep_of_an_invalid_duration_is_an_error() {
    let err = Clock::MONOTONIC.sleep(-0.5).unwrap_err();
    assert!(err.is_invalid_argument());
    assert!(
        err.to_string().starts_with("clock_nanosleep clock 1: a time of -0.500000000 seconds"),
        "{err}"
    );
    assert!(Clock::MONOTONIC.sleep(f64::NAN).is_err_and(|err| err.is_invalid_argument()));
    assert!(Clock::MONOTONIC.sleep(Duration::MAX).is_err_and(|err| err.is_invalid_argument()));
    assert!(
        Clock::MONOTONIC
            .sleep(TimeSpec::new(i64::MAX, i64::MAX))
            .is_err_and(|err| err.is_invalid_argument())
    );
    assert!(Clock::THREAD_CPU.sleep(0).is_err_and(|err| err.is_invalid_argument()));
    assert!(Clock::MONOTONIC_RAW.sleep(0).is_err_and(|err| err.is_unsupported()));
}

#[test]
fn a_signal_ends_a_sleep_and_the_rest_is_returned() {
    watchdog(|| {
        let _storm = Storm::start(100);
        let hour = TimeSpec::from(3600);
        let remaining = Clock::MONOTONIC.sleep(hour).unwrap();
        assert!(TimeSpec::ZERO < remaining && remaining < hour, "{remaining}");
    });
}

#[test]
fn no_signal_ends_a_sleep_until_a_deadline() {
    watchdog(|| {
        let storm = Storm::start(1000);
        while storm.deliveries() < 10 {
            let moment = Clock::MONOTONIC.now().unwrap() + 0.02;
            Clock::MONOTONIC.sleep_until(moment).unwrap();
            assert!(Clock::MONOTONIC.now().unwrap() >= moment);
        }
        Clock::MONOTONIC.sleep_until(TimeSpec::ZERO).unwrap();
    });
}
