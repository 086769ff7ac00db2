//! A worker: a process that finds the shared objects by name, and takes tile after tile.

use std::io::{self, Read};
use std::{process, thread};

use clap::{Args, ValueEnum};
use signal_hook::consts::SIGSTOP;
use signal_hook::low_level;

use super::board::{self, Board};
use crate::failure::Failure;

/// The options that a worker is started with.
#[derive(Args, Debug)]
pub(crate) struct Worker {
    /// What the names of the shared objects begin with
    #[arg(long)]
    base: String,

    /// Its number, from 0
    #[arg(long)]
    number: usize,

    /// Where it stops itself
    #[arg(long)]
    hold_at: Option<Hold>,
}

/// Options of the parent: which workers stop themselves, for tests that wait for that moment.
#[derive(Args, Debug)]
pub(super) struct Held {
    /// Their numbers, from 1
    #[arg(long, value_name = "K", hide = true)]
    pub(super) hold_worker: Vec<usize>,

    /// Where
    #[arg(long, hide = true, default_value = "tile")]
    pub(super) hold_at: String,
}

/// Where a worker stops itself, by SIGSTOP, after saying so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Hold {
    /// Before it looks for the shared objects.
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
        let board = Board::open(&self.base)?;
        board.report_ready(self.number)?;
        while let Some(tile) = board.take(self.number)? {
            self.hold(Hold::Tile)?;
            board.filter(tile, self.number)?;
        }
        Ok(())
    }

    fn hold(&mut self, here: Hold) -> Result<(), Failure> {
        if self.hold_at.take_if(|at| *at == here).is_none() {
            return Ok(());
        }
        println!("held: {}", process::id());
        low_level::raise(SIGSTOP).map_err(|why| Failure::new("raise SIGSTOP", why))
    }
}

/// Waits for the parent's one word, on a pipe that only the parent writes; the next time, for ever.
///
/// The pipe's end is the parent's end, however that came. Then nobody needs the result; and if the parent was killed
/// early, the names are still there.
fn wait_for_parent(base: &str) {
    // Unlike `read`, it begins again after a signal.
    if io::stdin().read_exact(&mut [0]).is_err() {
        board::unlink_all(base);
        process::exit(1);
    }
}
