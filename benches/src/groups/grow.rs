//! Memory that grows in place.

use std::time::{Duration, Instant};

use ipc_core::{Name, Result};
use ipc_shm::{MemoryOptions, SharedMemory};
use ipc_testkit::fixture;

use crate::sys::{self, failed};
use crate::{Group, Pair, Ratio, Side, Turn};

/// The group.
pub const GROUP: Group = Group {
    name: "grow",
    about: "Shared memory that grows in steps of 4 KiB, up to 64 MiB, at the same address: the\n\
            time for one step. The reference is `posix_fallocate` (*reserved*) or `ftruncate`\n\
            (*sparse*) for one more page of a file that is mapped beyond its end. C keeps no\n\
            record of the size; ours moves along under a lock, in a crash-safe order.",
    ratio: Ratio::Time,
    pairs,
};

const PAGE: usize = 4096;
const STEPS: usize = 16_383;
const MAX: usize = PAGE * (STEPS + 1);

fn pairs(visit: &mut dyn FnMut(Pair) -> Result<()>) -> Result<()> {
    visit(pair("reserved", false)?)?;
    visit(pair("sparse", true)?)
}

fn pair(what: &str, sparse: bool) -> Result<Pair> {
    let fixture = fixture::name();
    let name = Name::new(&fixture)?;
    Ok(Pair::timed(what, move |side, times| {
        let _alive = &fixture;
        let mut turn = Turn { time: Duration::ZERO, share: None };
        let mut left = usize::try_from(times).unwrap_or(usize::MAX);
        while left > 0 {
            let steps = left.min(STEPS);
            turn.time += match side {
                Side::Ours => grow(&name, sparse, steps)?,
                Side::Reference => {
                    sys::grow(name.as_c_str(), sparse, PAGE, MAX, steps).map_err(failed)?
                }
            };
            left -= steps;
        }
        Ok(turn)
    }))
}

fn grow(name: &Name, sparse: bool, steps: usize) -> Result<Duration> {
    let options = MemoryOptions::new(PAGE).max_size(MAX);
    let memory = SharedMemory::create(name, if sparse { options.sparse() } else { options })?;
    let start = Instant::now();
    for step in 1..=steps {
        memory.grow(PAGE * (step + 1))?;
    }
    let time = start.elapsed();
    SharedMemory::unlink(name)?;
    Ok(time)
}
