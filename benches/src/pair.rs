//! What is measured.

use std::fmt;
use std::time::{Duration, Instant};

use ipc_core::Result;

/// Whose way of doing it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// This project's.
    Ours,
    /// The plain one.
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

/// Which way round two times are divided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ratio {
    /// Our speed by the reference's: more is better.
    Speed,
    /// Our time by the reference's: less is better.
    Time,
}

/// How one turn of work went.
#[derive(Clone, Copy, Debug)]
pub struct Turn {
    /// How long it took.
    pub time: Duration,
    /// Where two compete: the share of who got less, one half at best.
    pub share: Option<f64>,
}

/// One thing, done in two ways.
pub struct Pair {
    /// What is done, told from the others of its group.
    pub name: String,
    /// How many of what the group counts are done at each time.
    pub count: u32,
    /// The ratio that is to be reached, if one was promised.
    pub target: Option<f64>,
    /// How many times as long as others it wants a turn to be.
    pub stretch: u32,
    work: Box<dyn FnMut(Side, u64) -> Result<Turn>>,
}

impl Pair {
    /// `work` does it, on one side, so many times.
    pub fn new(name: impl Into<String>, mut work: impl FnMut(Side, u64) -> Result<()> + 'static) -> Self {
        Self::timed(name, move |side, times| {
            let start = Instant::now();
            work(side, times)?;
            Ok(Turn { time: start.elapsed(), share: None })
        })
    }

    /// `work` has a clock of its own, which stands still while it prepares.
    pub fn timed(name: impl Into<String>, work: impl FnMut(Side, u64) -> Result<Turn> + 'static) -> Self {
        Self { name: name.into(), count: 1, target: None, stretch: 1, work: Box::new(work) }
    }

    /// With a target.
    #[must_use]
    pub fn target(self, target: impl Into<Option<f64>>) -> Self {
        Self { target: target.into(), ..self }
    }

    /// With so many at each time.
    #[must_use]
    pub fn count(self, count: u32) -> Self {
        Self { count, ..self }
    }

    /// With longer turns.
    #[must_use]
    pub fn stretch(self, stretch: u32) -> Self {
        Self { stretch, ..self }
    }

    /// Does it so many times.
    ///
    /// # Errors
    ///
    /// What the work fails with.
    pub fn run(&mut self, side: Side, times: u64) -> Result<Turn> {
        (self.work)(side, times)
    }
}

impl fmt::Debug for Pair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pair").field("name", &self.name).finish_non_exhaustive()
    }
}

/// Pairs that are read together.
#[derive(Debug)]
pub struct Group {
    /// As on the command line.
    pub name: &'static str,
    /// What the reader has to know, ours and the reference, in Markdown.
    pub about: &'static str,
    /// How its results are told.
    pub ratio: Ratio,
    /// Makes one pair after the other and hands each over, so that only one is alive at a time.
    pub pairs: fn(&mut dyn FnMut(Pair) -> Result<()>) -> Result<()>,
}
