//! What the processes share: a picture, its edges, who has which tile, and two semaphores.
//!
//! A worker that is killed leaves behind which tile it had; if that happens just before it notes it, the tile is
//! nobody's in the end. Either way another process filters it, and it does not matter how far the first one came: what
//! both write is the same.

use std::sync::atomic::{AtomicI32, Ordering};

use ipc_core::{Error, Removal, Result};
use ipc_shmarray::{ArrayOptions, ReadOnlyShmArray, Shape, ShmArray};
use ipc_sync::NamedSemaphore;
use ipc_sync::posix::SemaphoreOptions;

use super::filter;
use super::grid::Grid;
use super::picture::Picture;

/// What the names end in.
const ARRAYS: [&str; 3] = ["picture", "edges", "states"];
const SEMAPHORES: [&str; 2] = ["todo", "news"];

/// The shared objects as their creator holds them: while it does, others find them by name.
#[derive(Debug)]
pub(super) struct Names {
    _pictures: [ShmArray<u8>; 2],
    _states: ShmArray<i32>,
    _semaphores: [NamedSemaphore; 2],
}

impl Names {
    /// Makes the shared objects, for so many workers.
    pub(super) fn create(base: &str, picture: &Picture, workers: usize) -> Result<Names> {
        let array = |shape| ArrayOptions::new(shape).removal(Removal::OnDrop);
        let semaphore = SemaphoreOptions::new(0).removal(Removal::OnDrop);
        let [pixels, edges, states] = ARRAYS.map(|part| format!("{base}-{part}"));
        let [todo, news] = SEMAPHORES.map(|part| format!("{base}-{part}"));
        let pixels = ShmArray::create(&pixels, array(Shape::from(picture.size)))?;
        pixels.write_from(&picture.grey)?;
        Ok(Names {
            _pictures: [pixels, ShmArray::create(&edges, array(Shape::from(picture.size)))?],
            _states: ShmArray::create(&states, array(Shape::from(1 + Grid::of(picture.size).count() + workers)))?,
            _semaphores: [NamedSemaphore::create(&todo, semaphore)?, NamedSemaphore::create(&news, semaphore)?],
        })
    }
}

/// Removes all the names, for a creator that was killed.
pub(super) fn unlink_all(base: &str) {
    // An error cannot be mended here, and must not keep the other names.
    for part in ARRAYS {
        let _ = ShmArray::<u8>::unlink(format!("{base}-{part}"));
    }
    for part in SEMAPHORES {
        let _ = NamedSemaphore::unlink(format!("{base}-{part}"));
    }
}

/// What became of a tile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// Nobody has noted that it has it.
    Open,
    /// This worker has it.
    Taken(usize),
    /// This worker has finished it.
    Done(usize),
}

/// The shared objects as every process uses them.
#[derive(Debug)]
pub(super) struct Board {
    pub(super) grid: Grid,
    picture: ReadOnlyShmArray<u8>,
    edges: ShmArray<u8>,
    /// The number of the next tile; what became of each tile; whether each worker is ready.
    states: ShmArray<i32>,
    /// Counts the tiles that may be taken.
    todo: NamedSemaphore,
    /// Counts what the parent has not looked at yet.
    news: NamedSemaphore,
}

impl Board {
    /// Finds what [`Names::create`] made.
    pub(super) fn open(base: &str) -> Result<Board> {
        let [picture, edges, states] = ARRAYS.map(|part| format!("{base}-{part}"));
        let [todo, news] = SEMAPHORES.map(|part| format!("{base}-{part}"));
        let picture = ShmArray::open_read_only(&picture)?;
        let &[width, height] = picture.shape().dims() else {
            return Err(Error::mismatch(
                "open",
                base,
                format_args!("found the shape {}, wanted a picture", picture.shape()),
            ));
        };
        Ok(Board {
            grid: Grid::of([width, height]),
            picture,
            edges: ShmArray::open(&edges)?,
            states: ShmArray::open(&states)?,
            todo: NamedSemaphore::open(&todo)?,
            news: NamedSemaphore::open(&news)?,
        })
    }

    /// Says that a worker has found everything.
    pub(super) fn report_ready(&self, worker: usize) -> Result<()> {
        self.ready_flag(worker)?.store(1, Ordering::Release);
        self.tell_news()
    }

    /// Has it?
    pub(super) fn is_ready(&self, worker: usize) -> Result<bool> {
        Ok(self.ready_flag(worker)?.load(Ordering::Acquire) == 1)
    }

    fn ready_flag(&self, worker: usize) -> Result<&AtomicI32> {
        self.states.atomic([1 + self.grid.count() + worker])
    }

    /// Lets so many more look for a tile.
    pub(super) fn admit(&self, many: usize) -> Result<()> {
        (0..many).try_for_each(|_| self.todo.post())
    }

    /// Waits to be admitted, and takes the next tile, if there is one left.
    pub(super) fn take(&self, worker: usize) -> Result<Option<usize>> {
        self.todo.wait()?;
        let number = usize::try_from(self.states.atomic([0])?.fetch_add(1, Ordering::AcqRel)).unwrap_or(usize::MAX);
        if number >= self.grid.count() {
            return Ok(None);
        }
        self.set_state(number, State::Taken(worker))?;
        Ok(Some(number))
    }

    /// Filters a tile, and tells it.
    pub(super) fn filter(&self, number: usize, worker: usize) -> Result<()> {
        let tile = self.grid.tile(number);
        let edges = filter::edges(self.grid.size, tile, |start, row| self.picture.read_at(start, row))?;
        for (y, row) in (tile.y..).zip(edges.chunks(tile.width)) {
            self.edges.write_at(y * self.grid.size[0] + tile.x, row)?;
        }
        self.set_state(number, State::Done(worker))?;
        self.tell_news()
    }

    fn set_state(&self, number: usize, state: State) -> Result<()> {
        // There are never as many workers as an i32 can count.
        let sign = |worker: usize| i32::try_from(worker + 1).unwrap_or(i32::MAX);
        let state = match state {
            State::Open => 0,
            State::Taken(worker) => sign(worker),
            State::Done(worker) => -sign(worker),
        };
        self.states.atomic([1 + number])?.store(state, Ordering::Release);
        Ok(())
    }

    /// What became of each tile, by number.
    pub(super) fn states(&self) -> Result<Vec<State>> {
        let state = |number| {
            let state = self.states.atomic([1 + number])?.load(Ordering::Acquire);
            let worker = (state.unsigned_abs() as usize).wrapping_sub(1);
            Ok(match state {
                0 => State::Open,
                1.. => State::Taken(worker),
                _ => State::Done(worker),
            })
        };
        (0..self.grid.count()).map(state).collect()
    }

    /// There is something for the parent to look at.
    pub(super) fn tell_news(&self) -> Result<()> {
        self.news.post()
    }

    /// Waits until there is.
    pub(super) fn wait_for_news(&self) -> Result<()> {
        self.news.wait()
    }

    /// The edges, as far as they are found.
    pub(super) fn edges(&self) -> Picture {
        Picture { size: self.grid.size, grey: self.edges.to_vec() }
    }
}
