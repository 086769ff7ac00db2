//! The parent's side: it starts the workers, watches over them, and does itself what the killed ones left.

use std::io::{self, Write};
use std::os::unix::process::CommandExt;
use std::process::{self, Child, Command, Stdio};
use std::sync::Arc;
use std::{env, thread};

use indicatif::{ProgressBar, ProgressStyle};
use signal_hook::iterator::Signals;

use super::attention::Attention;
use super::board::{Board, Names, State};
use super::picture::Picture;
use super::worker::Held;
use crate::failure::Failure;

/// The workers, and what they share. When it is dropped, neither processes nor names are left.
#[derive(Debug)]
pub(super) struct Crew {
    workers: Workers,
    /// None once every worker has found the objects.
    names: Option<Names>,
    board: Arc<Board>,
}

impl Crew {
    /// Starts so many workers, and makes the shared objects. From now on a signal is news to this process.
    ///
    /// The workers are there first: if this process is killed, they remove the names it has made so far.
    ///
    /// # Errors
    ///
    /// Something could not be made or started.
    pub(super) fn start(picture: &Picture, workers: usize, held: &Held, mut signals: Signals) -> Result<Crew, Failure> {
        let base = format!("/ipc-demo-{}", process::id());
        let mut workers = Workers::start(&base, workers, held)?;
        let names = Names::create(&base, picture, workers.0.len())?;
        let board = Arc::new(Board::open(&base)?);
        workers.let_look();
        let to_wake = Arc::clone(&board);
        thread::Builder::new()
            .spawn(move || signals.forever().try_for_each(|_| to_wake.tell_news()))
            .map_err(|why| Failure::new("a thread for signals", why))?;
        Ok(Crew { workers, names: Some(names), board })
    }

    /// Watches until all tiles are done, and shows how far they are.
    ///
    /// # Errors
    ///
    /// The user has interrupted, or a call failed.
    pub(super) fn finish(mut self, attention: &Attention) -> Result<Arc<Board>, Failure> {
        let bar = progress_bar(self.board.grid.count());
        let is_done = |state| matches!(state, State::Done(_));
        while self.workers.0.iter().any(Option::is_some) {
            self.board.wait_for_news()?;
            attention.check()?;
            for number in 0..self.workers.0.len() {
                self.look_after(number, &bar)?;
            }
            if self.names.is_some() && self.are_ready()? {
                // From here on nothing has a name: whoever is killed now, even this process, leaves nothing behind.
                self.names = None;
                self.board.admit(self.board.grid.count() + self.workers.0.len())?;
            }
            bar.set_position(self.tiles(is_done)?.len() as u64);
        }
        let left = self.tiles(|state| !is_done(state))?;
        if !left.is_empty() {
            say(&bar, &format!("no worker is left: the parent does the other {} tiles", left.len()));
        }
        for tile in left {
            attention.check()?;
            self.board.filter(tile, self.workers.0.len())?;
            bar.inc(1);
        }
        bar.finish();
        Ok(Arc::clone(&self.board))
    }

    /// Notices that a worker has ended; if it ended before its time, does what it was doing.
    fn look_after(&mut self, number: usize, bar: &ProgressBar) -> Result<(), Failure> {
        let Some(worker) = &mut self.workers.0[number] else { return Ok(()) };
        let Some(status) = worker.try_wait().map_err(|why| Failure::new("waiting for a worker", why))? else {
            return Ok(());
        };
        let pid = worker.id();
        self.workers.0[number] = None;
        if status.success() {
            return Ok(());
        }
        let who = format!("worker {} (pid {pid}) ended early, {status}", number + 1);
        // Killed between being woken and taking a tile, it has kept that from another one.
        self.board.admit(1)?;
        let held = self.tiles(|state| state == State::Taken(number))?;
        if held.is_empty() {
            say(bar, &format!("{who}: it had no tile"));
        }
        for tile in held {
            say(bar, &format!("{who}: the parent finishes its tile {tile}"));
            self.board.filter(tile, self.workers.0.len())?;
        }
        Ok(())
    }

    /// Has every worker that lives found the objects?
    fn are_ready(&self) -> Result<bool, Failure> {
        for (number, worker) in self.workers.0.iter().enumerate() {
            if worker.is_some() && !self.board.is_ready(number)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The tiles of which that is true.
    fn tiles(&self, which: impl Fn(State) -> bool) -> Result<Vec<usize>, Failure> {
        let states = self.board.states()?;
        Ok((0..states.len()).filter(|tile| which(states[*tile])).collect())
    }
}

/// The worker processes by number; None once one has ended. When it is dropped, all have.
#[derive(Debug)]
struct Workers(Vec<Option<Child>>);

impl Workers {
    /// Starts this program as a worker, so many times.
    ///
    /// Each gets a pipe that it will find closed when this process ends, and a process group of its own, so that Ctrl-C
    /// reaches this process alone.
    fn start(base: &str, count: usize, held: &Held) -> Result<Workers, Failure> {
        let program = env::current_exe().map_err(|why| Failure::new("finding this program", why))?;
        let mut workers = Workers(Vec::new());
        for number in 0..count {
            let mut command = Command::new(&program);
            command.args(["demo-worker", "--base", base, "--number", &number.to_string()]);
            if held.hold_worker.contains(&(number + 1)) {
                command.args(["--hold-at", &held.hold_at]);
            }
            let child = command.stdin(Stdio::piped()).process_group(0).spawn();
            workers.0.push(Some(child.map_err(|why| Failure::new(format_args!("worker {}", number + 1), why))?));
        }
        Ok(workers)
    }

    /// Tells them that the objects are there.
    fn let_look(&mut self) {
        for pipe in self.0.iter_mut().flatten().filter_map(|child| child.stdin.as_mut()) {
            // That fails if the worker has ended already, which will be noticed.
            let _ = pipe.write_all(b"\n");
        }
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        for child in self.0.iter_mut().flatten() {
            // Both fail only if it has ended.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn progress_bar(tiles: usize) -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:40.cyan} {pos} of {len} tiles");
    ProgressBar::new(tiles as u64).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

/// Tells the user something, above the bar.
fn say(bar: &ProgressBar, what: &str) {
    // Nobody reads it if this fails, and the work goes on.
    let _ = bar.suspend(|| writeln!(io::stderr(), "ipc: {what}"));
}
