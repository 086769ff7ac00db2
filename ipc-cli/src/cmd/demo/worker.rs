//! A worker: a process that opens the shared objects by name, and takes tile after tile.

use std::io::{self, Read};
use std::time::Duration;
use std::{process, thread};

use clap::{Args, ValueEnum};
use ipc::core::Signal;
use ipc::signal::raise;

use super::board::{self, Work};
use crate::failure::Failure;

/// How long a tile takes at least in a demo that is to be watched.
const SLOW: Duration = Duration::from_millis(400);

/// The options that a worker is started with.
#[derive(Args, Debug)]
pub(crate) struct Worker {
    /// The beginning of the names of the shared objects
    #[arg(long)]
    base: String,

    /// Its number, from 0
    #[arg(long)]
    number: usize,

    /// Work slowly enough to be watched
    #[arg(long)]
    slow: bool,

    /// Where it stops itself
    #[arg(long)]
    hold_at: Option<Hold>,
}

/// Options of the parent: how fast the workers are, and which of them stop themselves, for tests.
#[derive(Args, Debug)]
pub(super) struct Pace {
    /// Run slowly: you can watch, and kill workers to see that others finish their tiles
    #[arg(long)]
    pub(super) slow: bool,

    /// Their numbers, from 1
    #[arg(long, value_name = "K", hide = true)]
    hold_worker: Vec<usize>,

    /// Where
    #[arg(long, hide = true, default_value = "tile")]
    hold_at: String,
}

impl Pace {
    /// The options of a worker.
    pub(super) fn of_worker(&self, number: usize) -> Vec<&str> {
        let mut options = Vec::new();
        if self.slow {
            options.push("--slow");
        }
        if self.hold_worker.contains(&(number + 1)) {
            options.extend(["--hold-at", &self.hold_at]);
        }
        options
    }
}

/// Where a worker stops itself, by SIGSTOP, after saying so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Hold {
    /// Before it opens the shared objects.
    Start,
    /// When it has its first tile.
    Tile,
}

impl Worker {
    /// Works until no tile is left.
    pub(crate) fn run(mut self) -> Result<(), Failure> {
        wait_for_parent(&self.base);
        let base = self.base.clone();
        thread::spawn(move || wait_for_parent(&base));
        self.hold(Hold::Start)?;
        let work = Work::open(&self.base)?;
        work.report_ready(self.number)?;
        while let Some(tile) = work.take(self.number)? {
            self.hold(Hold::Tile)?;
            if self.slow {
                thread::sleep(SLOW);
            }
            work.filter(tile, self.number)?;
        }
        Ok(())
    }

    fn hold(&mut self, here: Hold) -> Result<(), Failure> {
        if self.hold_at.take_if(|at| *at == here).is_some() {
            println!("held: {}", process::id());
            raise(Signal::STOP)?;
        }
        Ok(())
    }
}

/// Waits for the parent's one word, on a pipe that only the parent writes; the next time, for ever.
///
/// The pipe's end is the parent's end, however that came. Then the result is wanted no more; and if
/// the parent was killed early, the names are still there.
fn wait_for_parent(base: &str) {
    // Unlike `read`, it begins again after a signal.
    if io::stdin().read_exact(&mut [0]).is_err() {
        board::unlink_all(base);
        process::exit(1);
    }
}
