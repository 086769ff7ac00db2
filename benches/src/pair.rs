//! The operations that are measured.

use std::fmt;
use std::time::{Duration, Instant};

use ipc_core::Result;

/// The side that does the work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// This project.
    Ours,
    /// The plain way.
    Reference,
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ours => "ours",
            Self::Reference => "reference",
        })
    }
}

/// The direction of a ratio.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ratio {
    /// Our speed divided by the reference's: more is better.
    Speed,
    /// Our time divided by the reference's: less is better.
    Time,
}

/// The result of one turn.
#[derive(Clone, Copy, Debug)]
pub struct Turn {
    /// The time the turn took.
    pub time: Duration,
    /// If two compete: the smaller of their shares, at best one half.
    pub share: Option<f64>,
}

/// One operation, done in two ways.
pub struct Pair {
    /// The name of the operation, unique in its group.
    pub name: String,
    /// The number of counted operations in each repetition.
    pub count: u32,
    /// The target ratio, if one was promised.
    pub target: Option<f64>,
    /// The factor by which its turns are longer than others'.
    pub stretch: u32,
    work: Box<dyn FnMut(Side, u64) -> Result<Turn>>,
}

impl Pair {
    /// Creates a pair; `work` runs one side the given number of times.
    pub fn new(
        name: impl Into<String>,
        mut work: impl FnMut(Side, u64) -> Result<()> + 'static,
    ) -> Self {
        Self::timed(name, move |side, times| {
            let start = Instant::now();
            work(side, times)?;
            Ok(Turn { time: start.elapsed(), share: None })
        })
    }

    /// Creates a pair whose `work` measures its own time, without its preparation.
    pub fn timed(
        name: impl Into<String>,
        work: impl FnMut(Side, u64) -> Result<Turn> + 'static,
    ) -> Self {
        Self { name: name.into(), count: 1, target: None, stretch: 1, work: Box::new(work) }
    }

    /// Sets the target.
    #[must_use]
    pub fn target(self, target: impl Into<Option<f64>>) -> Self {
        Self { target: target.into(), ..self }
    }

    /// Sets the number of counted operations in each repetition.
    #[must_use]
    pub fn count(self, count: u32) -> Self {
        Self { count, ..self }
    }

    /// Makes the turns longer.
    #[must_use]
    pub fn stretch(self, stretch: u32) -> Self {
        Self { stretch, ..self }
    }

    /// Runs one side `times` times.
    ///
    /// # Errors
    ///
    /// Returns the error of the work.
    pub fn run(&mut self, side: Side, times: u64) -> Result<Turn> {
        (self.work)(side, times)
    }
}

impl fmt::Debug for Pair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pair").field("name", &self.name).finish_non_exhaustive()
    }
}

/// Pairs that are presented together.
#[derive(Debug)]
pub struct Group {
    /// The name on the command line.
    pub name: &'static str,
    /// A description for the reader, of ours and of the reference, in Markdown.
    pub about: &'static str,
    /// The ratio in which its results are reported.
    pub ratio: Ratio,
    /// Creates one pair after the other and passes each on, so that only one is alive at a time.
    pub pairs: fn(&mut dyn FnMut(Pair) -> Result<()>) -> Result<()>,
}
