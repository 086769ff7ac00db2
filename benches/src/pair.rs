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

/// One thing, done in two ways.
pub struct Pair {
    /// What is done, told from the others of its group.
    pub name: String,
    /// How many of what the group counts are done at each time.
    pub count: u32,
    /// The ratio that is to be reached, if one was promised.
    pub target: Option<f64>,
    work: Box<dyn FnMut(Side, u64) -> Result<()>>,
}

impl Pair {
    /// `work` does it, on one side, so many times.
    pub fn new(name: impl Into<String>, work: impl FnMut(Side, u64) -> Result<()> + 'static) -> Self {
        Self { name: name.into(), count: 1, target: None, work: Box::new(work) }
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

    /// How long it takes to do it so many times.
    ///
    /// # Errors
    ///
    /// What the work fails with.
    pub fn time(&mut self, side: Side, times: u64) -> Result<Duration> {
        let start = Instant::now();
        (self.work)(side, times)?;
        Ok(start.elapsed())
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
