//! The screen while the processes work: a live line for each.

use std::io::{self, Write};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use super::board::State;
use crate::output::count;

/// A line for each worker, and one for all. They are shown only on a terminal.
#[derive(Debug)]
pub(super) struct Screen {
    lines: MultiProgress,
    workers: Vec<ProgressBar>,
    all: ProgressBar,
}

impl Screen {
    /// Lines for these processes, which share `tiles` tiles.
    pub(super) fn new(pids: &[u32], tiles: usize) -> Self {
        let style = |template| {
            ProgressStyle::with_template(template)
                .unwrap_or_else(|_| ProgressStyle::default_bar())
                .progress_chars("━━╌")
        };
        let lines = MultiProgress::new();
        let add = |template, prefix: String| {
            let line = lines
                .add(ProgressBar::new(tiles as u64))
                .with_style(style(template))
                .with_prefix(prefix);
            line.tick();
            line
        };
        let of_one = |(number, pid): (usize, &u32)| {
            add(
                "{prefix:24} {bar:24.cyan/dim} {pos:>3} {wide_msg}",
                format!("worker {} (pid {pid})", number + 1),
            )
        };
        let workers = pids.iter().enumerate().map(of_one).collect();
        let all =
            add("{prefix:24} {bar:24.green/dim} {pos:>3} of {len} tiles", String::from("all"));
        Self { lines, workers, all }
    }

    /// Shows how far everything is.
    pub(super) fn show(&self, states: &[State]) {
        for (worker, line) in self.workers.iter().enumerate() {
            let done = states.iter().filter(|state| **state == State::Done(worker)).count();
            line.set_position(done as u64);
            if line.is_finished() {
                continue;
            }
            match states.iter().position(|state| *state == State::Taken(worker)) {
                Some(tile) => line.set_message(format!("filters tile {tile}")),
                None => line.set_message("waits"),
            }
        }
        self.all.set_position(
            states.iter().filter(|state| matches!(state, State::Done(_))).count() as u64,
        );
    }

    /// The last words on a worker's line.
    pub(super) fn end(&self, worker: usize, words: &str) {
        if let Some(line) = self.workers.get(worker) {
            line.abandon_with_message(words.to_owned());
        }
    }

    /// All lines stay as they are.
    pub(super) fn finish(&self) {
        self.workers
            .iter()
            .filter(|line| !line.is_finished())
            .for_each(|line| line.abandon_with_message("done"));
        self.all.abandon();
    }

    /// Writes a sentence above the lines.
    pub(super) fn say(&self, what: &str) {
        // If this fails, no one reads the messages, and the work goes on.
        let _ = self.lines.suspend(|| writeln!(io::stderr(), "ipc: {what}"));
    }
}

/// Tiles, counted.
pub(super) fn tiles(number: usize) -> String {
    count(number, "tile", "tiles")
}
