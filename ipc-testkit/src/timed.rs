//! Calls that wait for a time in vain.

use std::fmt;
use std::thread;
use std::time::{Duration, Instant};

use crate::Rng;

/// A call that waits for what does not come, in its two forms, each of which tells whether it came.
pub struct Timed<'a> {
    name: String,
    timeout: Box<dyn Fn(Duration) -> bool + Sync + 'a>,
    deadline: Box<dyn Fn(Instant) -> bool + Sync + 'a>,
}

impl<'a> Timed<'a> {
    /// A call of that name.
    pub fn new(
        name: impl fmt::Display,
        timeout: impl Fn(Duration) -> bool + Sync + 'a,
        deadline: impl Fn(Instant) -> bool + Sync + 'a,
    ) -> Self {
        Self { name: name.to_string(), timeout: Box::new(timeout), deadline: Box::new(deadline) }
    }

    /// Makes all calls at once, each so often in either form with random times from 1 to 50 milliseconds, and looks by
    /// the monotonic clock that none comes back early.
    ///
    /// # Panics
    ///
    /// If one does, or says that what it waited for came.
    pub fn never_early(calls: &[Self], each: u64) {
        let repeat = &|name: &str, wait: &dyn Fn(Duration) -> bool| {
            let mut rng = Rng::new();
            for _ in 0..each {
                let time = rng.duration(Duration::from_millis(1)..Duration::from_millis(50));
                let before = Instant::now();
                assert!(!wait(time), "{name}: what nobody gave came");
                assert!(before.elapsed() >= time, "{name}: came back after {:?} of {time:?}", before.elapsed());
            }
        };
        thread::scope(|scope| {
            for Self { name, timeout, deadline } in calls {
                scope.spawn(move || repeat(&format!("{name}_timeout"), timeout));
                scope.spawn(move || repeat(&format!("{name}_deadline"), &|time| deadline(Instant::now() + time)));
            }
        });
    }
}

impl fmt::Debug for Timed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Timed").field(&self.name).finish()
    }
}
