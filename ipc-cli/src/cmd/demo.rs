//! `ipc demo`: several processes find the edges in one picture in shared memory.

mod attention;
mod board;
mod crew;
mod filter;
mod grid;
mod picture;
mod screen;
mod terminal;
mod worker;

use std::num::NonZero;
use std::path::PathBuf;
use std::{process, thread};

use clap::Args;

use self::attention::Attention;
use self::board::{MAX_WORKERS, State, Work};
use self::crew::Crew;
use self::filter::Tile;
use self::picture::{Output, Picture};
use self::screen::tiles;
use self::terminal::Canvas;
use self::worker::Pace;
use crate::failure::Failure;
use crate::output::print;

pub(crate) use self::worker::Worker;

pub(super) const AFTER: &str = "\
Examples:
  ipc demo                      the picture that is part of the program
  ipc demo --slow               run slowly: you can kill workers";

/// How many rows one process alone filters at a time.
const STRIP: usize = 64;

/// The options of `ipc demo`.
#[derive(Args, Debug)]
pub(crate) struct Demo {
    /// A PNG or JPEG picture; by default a photograph that is part of the program
    #[arg(long, value_name = "PICTURE")]
    input: Option<PathBuf>,

    /// The number of processes; by default one for each core, but at least 2 and at most 8
    #[arg(long, value_name = "N", value_parser = super::number(1..=MAX_WORKERS))]
    workers: Option<usize>,

    /// The PNG file for the edges; an existing file is replaced
    #[arg(long, value_name = "OUT.png", default_value = "ipc-demo.png")]
    output: PathBuf,

    #[command(flatten)]
    pace: Pace,
}

impl Demo {
    /// Does the work twice, together and alone, compares, and shows the result.
    pub(crate) fn run(self) -> Result<(), Failure> {
        let output = Output::at(&self.output)?;
        let picture = Picture::load(self.input.as_deref())?;
        let workers = self.workers.unwrap_or_else(default_workers);

        let (attention, signals) = Attention::begin()?;
        let (work, pids) = Crew::start(&picture, workers, &self.pace, (&attention, signals))?
            .finish(&attention)?;
        let edges = work.edges();
        let alone = alone(&picture, &attention)?.checksum();
        if edges.checksum() != alone {
            let sums = format!(
                "checksum {:016x}, but one process alone has {alone:016x}",
                edges.checksum()
            );
            return Err(Failure::new("the edges are wrong", sums));
        }
        attention.check()?;
        output.save(&edges)?;
        show(
            &edges,
            &work,
            &pids,
            &format!("{output}, checksum {alone:016x}, the same as by one process alone"),
        )
    }
}

/// One for each core, but enough to see that there are several, and not too many for a list.
fn default_workers() -> usize {
    thread::available_parallelism().map_or(2, NonZero::get).clamp(2, 8)
}

/// The edges as one process finds them, in strips.
fn alone(picture: &Picture, attention: &Attention) -> Result<Picture, Failure> {
    let [width, height] = picture.size;
    let mut grey = Vec::with_capacity(width * height);
    for y in (0..height).step_by(STRIP) {
        attention.check()?;
        let strip = Tile { x: 0, y, width, height: STRIP.min(height - y) };
        grey.extend(filter::edges(picture.size, strip, |start, row| {
            row.copy_from_slice(&picture.grey[start..][..row.len()]);
            Ok::<(), Failure>(())
        })?);
    }
    Ok(Picture { size: picture.size, grey })
}

/// Draws the picture, and says which process did how much of it.
fn show(edges: &Picture, work: &Work, pids: &[u32], last_line: &str) -> Result<(), Failure> {
    let canvas = Canvas::of_stdout();
    let (states, parent) = (work.states(), pids.len());
    let worker_of = |tile: usize| match states[tile] {
        State::Done(worker) => worker,
        State::Open | State::Taken(_) => parent,
    };
    let mut text = canvas.draw(edges, |pixel| worker_of(work.grid.number_at(pixel)));
    let workers =
        pids.iter().enumerate().map(|(number, pid)| format!("worker {} (pid {pid})", number + 1));
    for (worker, title) in workers.chain([format!("parent (pid {})", process::id())]).enumerate() {
        let done = (0..states.len()).filter(|tile| worker_of(*tile) == worker).count();
        if worker < parent || done > 0 {
            text += &canvas.coloured(worker, &format!("{title}: {}\n", tiles(done)));
        }
    }
    print(&format!("{text}{last_line}\n"))
}
