//! The parent's side: it starts the workers, watches over them, and does itself what the killed
//! ones left.

use std::env;
use std::io::Write;
use std::os::unix::process::CommandExt;
use std::process::{self, Child, Command, Stdio};
use std::sync::Arc;

use ipc::signal::{ChildSignals, Signals};

use super::attention::Attention;
use super::board::{Names, State, Work};
use super::picture::Picture;
use super::screen::{Screen, tiles};
use super::worker::Pace;
use crate::failure::Failure;

/// The workers, and what they share. When it is dropped, neither processes nor names are left.
#[derive(Debug)]
pub(super) struct Crew {
    workers: Workers,
    /// `None` once every worker has opened the objects.
    names: Option<Names>,
    work: Arc<Work>,
    screen: Screen,
}

impl Crew {
    /// Starts the workers, and creates the shared objects. From now on a signal is news to this
    /// process.
    ///
    /// The workers are there first: if this process is killed, they remove the names that it has
    /// created so far.
    ///
    /// # Errors
    ///
    /// Something could not be created or started.
    pub(super) fn start(
        picture: &Picture,
        workers: usize,
        pace: &Pace,
        (attention, signals): (&Attention, Signals),
    ) -> Result<Self, Failure> {
        let base = format!("/ipc-demo-{}", process::id());
        let mut workers = Workers::start(&base, workers, pace)?;
        let names = Names::create(&base, picture)?;
        let work = Arc::new(Work::open(&base)?);
        workers.let_look();
        attention.watch(signals, Arc::clone(&work))?;
        let screen = Screen::new(&workers.pids, work.grid.count());
        if pace.slow {
            let victim = workers.pids[workers.pids.len() / 2];
            screen.say(&format!("{} share {}", workers.title(), tiles(work.grid.count())));
            screen.say(&format!(
                "in another terminal, try `kill -9 {victim}`, and `ipc show {victim}` before that"
            ));
        }
        Ok(Self { workers, names: Some(names), work, screen })
    }

    /// Watches until all tiles are done, and shows how far they are. Returns the processes as well.
    ///
    /// # Errors
    ///
    /// The user has interrupted, or a call failed.
    pub(super) fn finish(
        mut self,
        attention: &Attention,
    ) -> Result<(Arc<Work>, Vec<u32>), Failure> {
        let is_done = |state| matches!(state, State::Done(_));
        while self.workers.children.iter().any(Option::is_some) {
            self.work.wait_for_news()?;
            attention.check()?;
            for number in 0..self.workers.children.len() {
                self.look_after(number)?;
            }
            if self.names.is_some() && self.are_ready() {
                // From here on nothing has a name: whichever process is killed now, even this one,
                // nothing is left behind.
                self.names = None;
                self.work.admit(self.work.grid.count() + self.workers.children.len())?;
            }
            self.screen.show(&self.work.states());
        }
        let left = self.tiles(|state| !is_done(state));
        if !left.is_empty() {
            self.screen.say(&format!(
                "no worker is left: the parent does the other {}",
                tiles(left.len())
            ));
        }
        for tile in left {
            attention.check()?;
            self.work.filter(tile, self.workers.children.len())?;
            self.screen.show(&self.work.states());
        }
        self.screen.finish();
        Ok((Arc::clone(&self.work), self.workers.pids.clone()))
    }

    /// Notices that a worker has ended; if it ended before its time, does what it was doing.
    fn look_after(&mut self, number: usize) -> Result<(), Failure> {
        let Some(worker) = &mut self.workers.children[number] else { return Ok(()) };
        let Some(status) =
            worker.try_wait().map_err(|why| Failure::new("waiting for a worker", why))?
        else {
            return Ok(());
        };
        let pid = worker.id();
        self.workers.children[number] = None;
        if status.success() {
            self.screen.end(number, "done");
            return Ok(());
        }
        let it = format!("worker {} (pid {pid}) ended early, {status}", number + 1);
        // Killed between being woken and taking a tile, it has kept that from another one.
        self.work.admit(1)?;
        let held = self.tiles(|state| state == State::Taken(number));
        if held.is_empty() {
            self.screen.say(&format!("{it}: it had no tile"));
        }
        self.screen.end(number, &format!("ended early, {status}"));
        for tile in held {
            self.screen.say(&format!("{it}: the parent finishes its tile {tile}"));
            self.work.filter(tile, self.workers.children.len())?;
            self.screen
                .end(number, &format!("ended early, {status}; the parent finished tile {tile}"));
        }
        Ok(())
    }

    /// Returns `true` if every living worker has opened the objects.
    fn are_ready(&self) -> bool {
        let workers = self.workers.children.iter().enumerate();
        workers.filter(|(_, worker)| worker.is_some()).all(|(number, _)| self.work.is_ready(number))
    }

    /// The tiles of which that is true.
    fn tiles(&self, which: impl Fn(State) -> bool) -> Vec<usize> {
        let states = self.work.states();
        (0..states.len()).filter(|tile| which(states[*tile])).collect()
    }
}

/// The worker processes. When it is dropped, all have ended.
#[derive(Debug)]
struct Workers {
    /// By number; `None` once one has ended.
    children: Vec<Option<Child>>,
    pids: Vec<u32>,
}

impl Workers {
    /// Starts this program as a worker, `count` times.
    ///
    /// Each gets a pipe that it will find closed when this process ends, and a process group of its
    /// own, so that Ctrl-C reaches this process alone.
    fn start(base: &str, count: usize, pace: &Pace) -> Result<Self, Failure> {
        let program =
            env::current_exe().map_err(|why| Failure::new("finding this program", why))?;
        let mut workers = Self { children: Vec::new(), pids: Vec::new() };
        for number in 0..count {
            let mut command = Command::new(&program);
            command.args(["demo-worker", "--base", base, "--number", &number.to_string()]);
            command.args(pace.of_worker(number));
            ChildSignals::new().set_up(&mut command); // this process has blocked some
            let child = command.stdin(Stdio::piped()).process_group(0).spawn();
            let child =
                child.map_err(|why| Failure::new(format_args!("worker {}", number + 1), why))?;
            workers.pids.push(child.id());
            workers.children.push(Some(child));
        }
        Ok(workers)
    }

    fn title(&self) -> String {
        crate::output::count(self.pids.len(), "process", "processes")
    }

    /// Lets the workers open the objects, which exist now.
    fn let_look(&mut self) {
        for pipe in self.children.iter_mut().flatten().filter_map(|child| child.stdin.as_mut()) {
            // That fails if the worker has ended already, which will be noticed.
            let _ = pipe.write_all(b"\n");
        }
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        for child in self.children.iter_mut().flatten() {
            // Both fail only if it has ended.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
