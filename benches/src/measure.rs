//! Compares the two sides of a pair, in turns.

use std::time::{Duration, Instant};

use ipc_core::Result;

use crate::{Pair, Ratio, Side};

/// The time a comparison takes.
#[derive(Clone, Copy, Debug)]
pub struct Effort {
    warm_up: Duration,
    batch: Duration,
    rounds: usize,
    limit: Duration,
}

impl Effort {
    /// For published figures.
    pub const FULL: Self = Self {
        warm_up: Duration::from_millis(200),
        batch: Duration::from_micros(400),
        rounds: 501,
        limit: Duration::from_secs(3),
    };
    /// For a first look.
    pub const QUICK: Self = Self {
        warm_up: Duration::from_millis(20),
        batch: Duration::from_micros(200),
        rounds: 51,
        limit: Duration::from_millis(150),
    };
    /// Runs everything once, to check that it runs.
    pub const ONCE: Self =
        Self { warm_up: Duration::ZERO, batch: Duration::ZERO, rounds: 1, limit: Duration::MAX };
}

/// The median of many values, and the quartiles.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    /// The first quartile: a quarter of the values is less.
    pub low: f64,
    /// The median: half of the values are less.
    pub median: f64,
    /// The third quartile: three quarters of the values are less.
    pub high: f64,
}

impl Spread {
    fn of(mut values: Vec<f64>) -> Self {
        values.sort_by(f64::total_cmp);
        let last = values.len() - 1;
        Self { low: values[last / 4], median: values[last / 2], high: values[last - last / 4] }
    }
}

/// The result of a comparison.
#[derive(Clone, Copy, Debug)]
pub struct Outcome {
    /// Nanoseconds for one operation of ours.
    pub ours: f64,
    /// Nanoseconds for one operation of the reference.
    pub reference: f64,
    /// The ratio of ours to the reference.
    pub ratio: Spread,
    /// The ratio of the reference to itself.
    pub itself: Spread,
    /// If two compete: the smaller of their shares, for ours and for the reference.
    pub shares: Option<[f64; 2]>,
}

impl Outcome {
    /// Returns `true` if the machine was too noisy: the quartiles of a ratio are further apart than
    /// a fifth of its median, or the reference differs from itself by more than three hundredths.
    #[must_use]
    pub fn is_noisy(&self) -> bool {
        let wide = |spread: Spread| spread.high - spread.low > 0.2 * spread.median;
        wide(self.ratio) || wide(self.itself) || (self.itself.median - 1.0).abs() > 0.03
    }
}

/// Runs both sides in turns, and the reference twice in each.
///
/// # Errors
///
/// Returns the error of the work.
pub fn compare(pair: &mut Pair, ratio: Ratio, effort: Effort) -> Result<Outcome> {
    let times = [Side::Ours, Side::Reference].map(|side| warm_up(pair, side, effort));
    let [ours, reference] = times;
    let times = ours?.min(reference?);

    // Runs ours once and the reference twice, starting with another one each time: the first of
    // three may be slower.
    let mut taken: [Vec<f64>; 3] = Default::default();
    let mut shares: [Vec<f64>; 3] = Default::default();
    let start = Instant::now();
    for round in 0..effort.rounds {
        for turn in 0..3 {
            let who = (round + turn) % 3;
            let side = if who == 0 { Side::Ours } else { Side::Reference };
            // One run brings back what the other side has evicted from the caches.
            pair.run(side, 1)?;
            let turn = pair.run(side, times)?;
            taken[who].push(turn.time.as_secs_f64());
            shares[who].extend(turn.share);
        }
        if start.elapsed() > effort.limit {
            break;
        }
    }
    let [ours, reference, again] = taken;
    let divided = |by_us: &[f64], by_it: &[f64]| {
        let pairs = by_us.iter().zip(by_it);
        Spread::of(match ratio {
            Ratio::Speed => pairs.map(|(ours, reference)| reference / ours).collect(),
            Ratio::Time => pairs.map(|(ours, reference)| ours / reference).collect(),
        })
    };
    let (ratio, itself) = (divided(&ours, &reference), divided(&again, &reference));
    #[expect(clippy::cast_precision_loss, reason = "to show")]
    let one = 1e-9 * times as f64 * f64::from(pair.count);
    let [ours, reference] = [ours, reference].map(|taken| Spread::of(taken).median / one);
    let [share, plain, _] = shares;
    let shares =
        (!share.is_empty()).then(|| [share, plain].map(|shares| Spread::of(shares).median));
    Ok(Outcome { ours, reference, ratio, itself, shares })
}

/// Runs one side until it is warm, and returns how many repetitions fill a batch.
fn warm_up(pair: &mut Pair, side: Side, effort: Effort) -> Result<u64> {
    let start = Instant::now();
    let mut times = 1;
    loop {
        let took = pair.run(side, times)?.time;
        if took < effort.batch * pair.stretch {
            times *= 2;
        } else if start.elapsed() >= effort.warm_up {
            return Ok(times);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::hint;
    use std::rc::Rc;

    use super::*;

    #[test]
    fn the_median_lies_between_the_quartiles() {
        let values = [9.0, 1.0, 5.0, 3.0, 7.0].to_vec();
        assert_eq!(Spread::of(values), Spread { low: 3.0, median: 5.0, high: 7.0 });
        assert_eq!(Spread::of(vec![2.0]), Spread { low: 2.0, median: 2.0, high: 2.0 });
    }

    #[test]
    fn the_reference_is_measured_twice_as_often_and_all_are_warmed_up() {
        let runs = Rc::new(Cell::new([0, 0]));
        let counted = Rc::clone(&runs);
        let mut pair = Pair::new("count", move |side, times| {
            let [ours, reference] = counted.get();
            counted.set(if side == Side::Ours {
                [ours + times, reference]
            } else {
                [ours, reference + times]
            });
            Ok(())
        });
        compare(&mut pair, Ratio::Time, Effort { rounds: 10, ..Effort::ONCE }).unwrap();
        assert_eq!(runs.get(), [1 + 2 * 10, 1 + 4 * 10]);
    }

    #[test]
    fn a_slower_side_is_seen_in_both_ratios() {
        let work = |side, times| {
            let turns = if side == Side::Ours { 20_000 } else { 1_000 };
            (0..times * turns).for_each(|i| _ = hint::black_box(i));
            Ok(())
        };
        let effort = Effort { rounds: 25, ..Effort::ONCE };
        let time = compare(&mut Pair::new("slow", work), Ratio::Time, effort).unwrap();
        assert!(time.ratio.median > 2.0 * time.itself.median, "{time:?}");
        let speed = compare(&mut Pair::new("slow", work), Ratio::Speed, effort).unwrap();
        assert!(speed.ratio.median < 0.5 * speed.itself.median, "{speed:?}");
    }
}
