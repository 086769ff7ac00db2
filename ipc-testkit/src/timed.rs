//! Calls that wait until their timeout expires.

use std::fmt;
use std::thread;
use std::time::{Duration, Instant};

use crate::Rng;

/// A call that waits for an event that never happens, in two forms: with a timeout and with a
/// deadline. Each form returns `true` if the event happened.
pub struct Timed<'a> {
    name: String,
    timeout: Box<dyn Fn(Duration) -> bool + Sync + 'a>,
    deadline: Box<dyn Fn(Instant) -> bool + Sync + 'a>,
}

impl<'a> Timed<'a> {
    /// Creates a call with this name.
    pub fn new(
        name: impl fmt::Display,
        timeout: impl Fn(Duration) -> bool + Sync + 'a,
        deadline: impl Fn(Instant) -> bool + Sync + 'a,
    ) -> Self {
        Self { name: name.to_string(), timeout: Box::new(timeout), deadline: Box::new(deadline) }
    }

    /// Runs all calls concurrently, each `each` times in each of its two forms, with random
    /// timeouts from 1 to 50 milliseconds. Checks with the monotonic clock that no call returns
    /// early.
    ///
    /// # Panics
    ///
    /// If a call returns early, or reports that the event happened.
    pub fn never_early(calls: &[Self], each: u64) {
        let repeat = &|name: &str, wait: &dyn Fn(Duration) -> bool| {
            let mut rng = Rng::new();
            for _ in 0..each {
                let time = rng.duration(Duration::from_millis(1)..Duration::from_millis(50));
                let before = Instant::now();
                assert!(!wait(time), "{name}: it succeeded although nothing was posted");
                assert!(
                    before.elapsed() >= time,
                    "{name}: came back after {:?} of {time:?}",
                    before.elapsed()
                );
            }
        };
        thread::scope(|scope| {
            for Self { name, timeout, deadline } in calls {
                scope.spawn(move || repeat(&format!("{name}_timeout"), timeout));
                scope.spawn(move || {
                    repeat(&format!("{name}_deadline"), &|time| deadline(Instant::now() + time));
                });
            }
        });
    }

    /// Runs each call 20 times in each of its two forms, with a timeout of 5 milliseconds, and
    /// asserts that the fastest run took less than 50 milliseconds. A call that is late in every
    /// run is wrong, however busy the machine is.
    ///
    /// # Panics
    ///
    /// If every run of a call is late.
    pub fn not_always_late(calls: &[Self]) {
        const TIME: Duration = Duration::from_millis(5);
        let fastest = |wait: &dyn Fn() -> bool| {
            let tries = (0..20).map(|_| {
                let before = Instant::now();
                assert!(!wait());
                before.elapsed()
            });
            tries.min().unwrap_or_default()
        };
        for Self { name, timeout, deadline } in calls {
            let forms = [fastest(&|| timeout(TIME)), fastest(&|| deadline(Instant::now() + TIME))];
            assert!(
                forms.iter().all(|took| *took < TIME * 10),
                "{name}: at best {forms:?} instead of {TIME:?}"
            );
        }
    }
}

impl fmt::Debug for Timed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Timed").field(&self.name).finish()
    }
}
