//! Reproducible random numbers, and numbers of rounds.

use std::fmt::Display;
use std::ops::Range;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use std::{env, process, thread};

use crate::role::LINE;

/// Returns the number of rounds that a test should run: `quick`, or `full` if `IPC_TEST_FULL` is
/// set. A value of 2 or more is the maximum number of rounds, unless `quick` is greater.
#[must_use]
pub fn rounds(quick: u64, full: u64) -> u64 {
    let Some(most) = env::var_os("IPC_TEST_FULL") else { return quick };
    match most.to_str().and_then(|most| most.parse::<u64>().ok()) {
        Some(most @ 2..) => full.min(most).max(quick),
        _ => full,
    }
}

/// Prints the counts of a test, which `cargo xtask torture` collects.
pub fn figures(figures: impl Display) {
    println!("figures: {figures}");
}

/// A small generator of pseudo-random numbers (SplitMix64).
///
/// If a test panics while it holds the generator, the generator prints its seed. `IPC_TEST_SEED`
/// sets the seed, to replay the failure.
///
/// # Examples
///
/// ```
/// let mut rng = ipc_testkit::Rng::from_seed(7);
/// assert!(rng.below(6) < 6);
/// ```
#[derive(Debug)]
pub struct Rng {
    seed: u64,
    state: u64,
}

impl Rng {
    /// Starts from `IPC_TEST_SEED`, or from a seed derived from the time and the process id. In a
    /// child, the initial state also depends on its position among the children.
    ///
    /// # Panics
    ///
    /// If `IPC_TEST_SEED` is not a number.
    #[must_use]
    #[expect(clippy::new_without_default, reason = "no two are alike, so none is the default")]
    pub fn new() -> Self {
        let seed = match env::var("IPC_TEST_SEED") {
            Ok(text) => text.parse().expect("IPC_TEST_SEED is a number"),
            Err(_) => {
                let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                u64::from(now.subsec_nanos()) << 32 | u64::from(process::id())
            }
        };
        let line = env::var(LINE).unwrap_or_default();
        let state = line
            .bytes()
            .fold(seed, |state, byte| Self::from_seed(state ^ u64::from(byte)).next_u64());
        Self { seed, state }
    }

    /// Starts from the given seed.
    #[must_use]
    pub fn from_seed(seed: u64) -> Self {
        Self { seed, state: seed }
    }

    /// Returns the initial seed.
    #[must_use]
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// Returns the next number, uniform over all of `u64`.
    pub fn next_u64(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.state;
        z = (z ^ z >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ z >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ z >> 31
    }

    /// Returns a number below `end`.
    ///
    /// # Panics
    ///
    /// If `end` is zero.
    pub fn below(&mut self, end: u64) -> u64 {
        let high = (u128::from(self.next_u64()) * u128::from(end)) >> 64;
        assert!(end > 0, "nothing is below zero");
        u64::try_from(high).expect("below `end`")
    }

    /// Returns a random element of `things`.
    ///
    /// # Panics
    ///
    /// If `things` is empty.
    pub fn pick<'a, T>(&mut self, things: &'a [T]) -> &'a T {
        &things[self.index(things.len())]
    }

    /// Returns a duration in the range, to the nanosecond.
    ///
    /// # Panics
    ///
    /// If the range is empty or centuries long.
    pub fn duration(&mut self, range: Range<Duration>) -> Duration {
        let width = (range.end - range.start).as_nanos();
        range.start + Duration::from_nanos(self.below(u64::try_from(width).expect("a short time")))
    }

    /// Fills `bytes` with random values.
    pub fn fill(&mut self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            chunk.copy_from_slice(&self.next_u64().to_le_bytes()[..chunk.len()]);
        }
    }
}

impl Drop for Rng {
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!("to replay: IPC_TEST_SEED={}", self.seed);
        }
    }
}
