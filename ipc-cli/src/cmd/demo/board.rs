//! The shared objects: a picture, its edges, and a board that says which process has which tile.
//!
//! A worker that is killed leaves on the board which tile it had; if that happens just before it
//! notes it, the tile has no owner in the end. Either way another process filters it, and it does
//! not matter how far the first one came: what both write is the same.

use std::sync::atomic::{AtomicU32, Ordering};

use ipc::array::{ArrayOptions, Shape, ShmArray};
use ipc::core::{Error, Removal, Result};
use ipc::mem::{MemoryOptions, Resident};
use ipc::shm::{ReadOnly, Shared, SharedMemory};
use ipc::sync::posix::Semaphore;

use super::filter;
use super::grid::{Grid, MOST};
use super::picture::Picture;

/// The maximum of workers.
pub(super) const MAX_WORKERS: usize = 256;

/// The values of [`Board::tiles`] are 0 for a tile that no process has noted, else the number of
/// the worker, counted from 1, and this bit once the tile is finished.
const DONE: u32 = 1 << 31;

/// The state that the processes share.
#[derive(Debug, Resident)]
#[repr(C)]
pub(super) struct Board {
    /// Counts the tiles that may be taken.
    todo: Semaphore,
    /// Counts the events that the parent will look at.
    news: Semaphore,
    /// The number of the next tile.
    next: AtomicU32,
    /// 1 for each worker that has opened everything.
    ready: [AtomicU32; MAX_WORKERS],
    tiles: [AtomicU32; MOST * MOST],
}

/// The names of what is shared.
fn names(base: &str) -> [String; 3] {
    ["board", "picture", "edges"].map(|part| format!("{base}-{part}"))
}

/// The shared objects as their creator holds them: while it does, others open them by name.
#[derive(Debug)]
pub(super) struct Names {
    _board: Shared<Board>,
    _pictures: [ShmArray<u8>; 2],
}

impl Names {
    /// Creates the shared objects.
    pub(super) fn create(base: &str, picture: &Picture) -> Result<Self> {
        let [board, pixels, edges] = names(base);
        let array = || ArrayOptions::new(Shape::from(picture.size)).removal(Removal::OnDrop);
        let pixels = ShmArray::create(&pixels, array())?;
        pixels.write_from(&picture.grey)?;
        let edges = ShmArray::create(&edges, array())?;
        let options = MemoryOptions::new(0).removal(Removal::OnDrop);
        let board = Shared::create_filled(
            &board,
            options,
            <Board as Resident>::Options::default(),
            |_| Ok(()),
        )?;
        Ok(Self { _board: board, _pictures: [pixels, edges] })
    }
}

/// Removes all names, for a creator that was killed.
pub(super) fn unlink_all(base: &str) {
    for name in names(base) {
        // An error cannot be repaired here, and must not keep the other names.
        let _ = SharedMemory::unlink(name);
    }
}

/// The state of a tile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// No process has noted that it has it.
    Open,
    /// This worker has it.
    Taken(usize),
    /// This worker has finished it.
    Done(usize),
}

/// The shared objects as every process uses them.
#[derive(Debug)]
pub(super) struct Work {
    pub(super) grid: Grid,
    board: Shared<Board>,
    picture: ShmArray<u8, SharedMemory<ReadOnly>>,
    edges: ShmArray<u8>,
}

impl Work {
    /// Opens what [`Names::create`] created.
    pub(super) fn open(base: &str) -> Result<Self> {
        let [board, picture, edges] = names(base);
        let picture = ShmArray::open_read_only(&picture)?;
        let &[width, height] = picture.shape().dims() else {
            let why = format_args!("found the shape {}, wanted a picture", picture.shape());
            return Err(Error::mismatch("open", base, why));
        };
        let (board, edges) = (Shared::open(&board)?, ShmArray::open(&edges)?);
        Ok(Self { grid: Grid::of([width, height]), board, picture, edges })
    }

    /// Says that a worker has opened everything.
    pub(super) fn report_ready(&self, worker: usize) -> Result<()> {
        self.board.ready[worker].store(1, Ordering::Release);
        self.tell_news()
    }

    /// Returns `true` if it has.
    pub(super) fn is_ready(&self, worker: usize) -> bool {
        self.board.ready[worker].load(Ordering::Acquire) == 1
    }

    /// Lets this number of processes look for a tile.
    pub(super) fn admit(&self, many: usize) -> Result<()> {
        (0..many).try_for_each(|_| self.board.todo.post())
    }

    /// Waits to be admitted, and takes the next tile, if there is one left.
    pub(super) fn take(&self, worker: usize) -> Result<Option<usize>> {
        self.board.todo.wait()?;
        let number = self.board.next.fetch_add(1, Ordering::AcqRel) as usize;
        if number >= self.grid.count() {
            return Ok(None);
        }
        self.set(number, mark(worker));
        self.tell_news()?;
        Ok(Some(number))
    }

    /// Filters a tile, and says so.
    pub(super) fn filter(&self, number: usize, worker: usize) -> Result<()> {
        let tile = self.grid.tile(number);
        let edges =
            filter::edges(self.grid.size, tile, |start, row| self.picture.read_at(start, row))?;
        for (y, row) in (tile.y..).zip(edges.chunks(tile.width)) {
            self.edges.write_at(y * self.grid.size[0] + tile.x, row)?;
        }
        self.set(number, mark(worker) | DONE);
        self.tell_news()
    }

    fn set(&self, number: usize, value: u32) {
        self.board.tiles[number].store(value, Ordering::Release);
    }

    /// The state of each tile, by number.
    pub(super) fn states(&self) -> Vec<State> {
        let state = |tile: &AtomicU32| match tile.load(Ordering::Acquire) {
            0 => State::Open,
            mark if mark & DONE == 0 => State::Taken(mark as usize - 1),
            mark => State::Done(((mark & !DONE) as usize).saturating_sub(1)),
        };
        self.board.tiles[..self.grid.count()].iter().map(state).collect()
    }

    /// There is something for the parent to look at.
    pub(super) fn tell_news(&self) -> Result<()> {
        self.board.news.post()
    }

    /// Waits until there is.
    pub(super) fn wait_for_news(&self) -> Result<()> {
        self.board.news.wait()
    }

    /// The edges, as far as they are found.
    pub(super) fn edges(&self) -> Picture {
        Picture { size: self.grid.size, grey: self.edges.to_vec() }
    }
}

/// A worker on the board: there are never more of them than a `u32` can count.
fn mark(worker: usize) -> u32 {
    u32::try_from(worker + 1).unwrap_or(DONE - 1)
}
