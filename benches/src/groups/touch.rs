//! The first touch of each page of shared memory.

#![expect(
    unsafe_code,
    reason = "writes to the pages of a memory object that only this thread uses"
)]

use std::time::{Duration, Instant};

use ipc_core::{Name, Result};
use ipc_mem::Memory;
use ipc_shm::{MemoryOptions, SharedMemory};
use ipc_testkit::fixture;

use crate::sys::{self, Making, failed};
use crate::{Group, Pair, Ratio, Side, Turn};

/// The group.
pub const GROUP: Group = Group {
    name: "touch",
    about: "4 MiB of new shared memory, with one byte written to each page of 4 KiB for the\n\
            first time. The time is for one page: *all* includes creation and unlinking, *touch*\n\
            is the writes alone. *Reserved* memory has its pages from the start\n\
            (`posix_fallocate`), so that a full system is an error at creation; *sparse* memory\n\
            gets each page at its first access.",
    ratio: Ratio::Time,
    pairs,
};

const PAGE: usize = 4096;
const PAGES: u32 = 1024;
const SIZE: usize = PAGE * PAGES as usize;

fn pairs(visit: &mut dyn FnMut(Pair) -> Result<()>) -> Result<()> {
    for (what, sparse) in [("reserved", false), ("sparse", true)] {
        visit(pair(format!("{what}, all"), sparse, true)?)?;
        visit(pair(format!("{what}, touch"), sparse, false)?)?;
    }
    Ok(())
}

fn pair(what: String, sparse: bool, all: bool) -> Result<Pair> {
    let fixture = fixture::name();
    let name = Name::new(&fixture)?;
    let making = if sparse { Making::Bare } else { Making::Behind };
    let work = move |side, times| {
        let _alive = &fixture;
        let mut turn = Turn { time: Duration::ZERO, share: None };
        let start = Instant::now();
        for _ in 0..times {
            match side {
                Side::Ours => {
                    let memory = SharedMemory::create(&name, options(sparse))?;
                    turn.time += touch(memory.base().as_ptr());
                    SharedMemory::unlink(&name)?;
                }
                Side::Reference => {
                    let touched = |map: *mut u8| turn.time += touch(map);
                    sys::make_with(making, name.as_c_str(), SIZE, touched).map_err(failed)?;
                }
            }
        }
        if all {
            turn.time = start.elapsed();
        }
        Ok(turn)
    };
    Ok(Pair::timed(what, work).count(PAGES))
}

fn options(sparse: bool) -> MemoryOptions {
    let options = MemoryOptions::new(SIZE);
    if sparse { options.sparse() } else { options }
}

/// Writes one byte to each page, and returns how long that took.
fn touch(base: *mut u8) -> Duration {
    let start = Instant::now();
    for page in 0..PAGES as usize {
        // SAFETY: both callers have mapped all of these pages, writable, and no other code uses
        // them.
        let place = unsafe { base.add(page * PAGE) };
        // SAFETY: as above.
        unsafe { place.write_volatile(1) };
    }
    start.elapsed()
}
