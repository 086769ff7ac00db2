//! Runs several contestants in turns.

use std::time::{Duration, Instant};

use crate::partner::Partner;
use crate::{Once, Res};

/// The minimum length of a turn.
const TURN: Duration = Duration::from_millis(20);

/// A contestant, which runs the operation a number of times and returns how long that took.
pub(crate) struct Contestant(Box<dyn FnMut(u64) -> Res<Duration>>);

impl Contestant {
    pub(crate) fn alone(mut work: Once) -> Self {
        Self(Box::new(move |times| {
            let start = Instant::now();
            work(times)?;
            Ok(start.elapsed())
        }))
    }

    pub(crate) fn together(mut partner: Partner) -> Self {
        Self(Box::new(move |times| partner.run(times)))
    }
}

/// Returns the median time of each in nanoseconds, and whether its quartiles are further apart than
/// a fifth of it.
pub(crate) fn median_times(contestants: Vec<Option<Contestant>>, rounds: usize) -> Res<Vec<Option<(f64, bool)>>> {
    let mut contestants: Vec<(Option<Contestant>, u64, Vec<f64>)> =
        contestants.into_iter().map(|contestant| (contestant, 1, Vec::new())).collect();
    for (contestant, times, _) in &mut contestants {
        let Some(Contestant(run)) = contestant else { continue };
        while run(*times)? < TURN {
            *times *= 2;
        }
    }
    for _ in 0..rounds {
        for (contestant, times, taken) in &mut contestants {
            let Some(Contestant(run)) = contestant else { continue };
            taken.push(run(*times)?.as_secs_f64() * 1e9 / *times as f64);
        }
    }
    let median = |mut taken: Vec<f64>| {
        taken.sort_by(f64::total_cmp);
        let [low, median, high] = [1, 2, 3].map(|quarter| taken.get(taken.len() * quarter / 4).copied());
        Some((median?, high? - low? > 0.2 * median?))
    };
    Ok(contestants.into_iter().map(|(_, _, taken)| median(taken)).collect())
}
