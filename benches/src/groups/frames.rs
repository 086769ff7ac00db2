//! Frames: writing one beside copying it, and a round trip through two rings.

#![expect(unsafe_code, reason = "calls `memcpy` on the elements of an array")]

use std::hint::black_box;

use ipc_core::Result;
use ipc_ring::frames::{FrameReader, FrameWriter};
use ipc_shmarray::ShmArray;
use ipc_testkit::fixture;

use super::bytes;
use crate::partners::{Cores, Other, Stage, Work, visit};
use crate::sys::shared as c;
use crate::{Group, Pair, Ratio, Side};

/// The group.
pub const GROUP: Group = Group {
    name: "frames",
    about: "A frame written into a ring with 8 readers of which none sleeps, beside `memcpy` into an ordinary array: what\n\
            is above the copy is the time of the clock and the announcement. A frame of 64 bytes to another process and one\n\
            back, waiting, beside a post of `sem_t` and a wait for another.",
    ratio: Ratio::Time,
    pairs,
};

const READERS: usize = 8;

fn pairs(found: &mut dyn FnMut(Pair) -> Result<()>) -> Result<()> {
    for size in [64, 4 << 10, 64 << 10, 1 << 20] {
        found(write(size)?)?;
    }
    for (cores, on) in [(Cores::Two, "two cores"), (Cores::One, "one core")] {
        let name = format!("round trip, {on}");
        visit(found, &name, ("frames", 0), (Other::Process, cores), None)?;
    }
    Ok(())
}

fn write(size: usize) -> Result<Pair> {
    let (name, len) = (fixture::name(), size / size_of::<f32>());
    let mut ours = FrameWriter::<f32>::create(&*name, [len])?;
    let readers: Result<Vec<_>> = (0..READERS).map(|_| FrameReader::<f32>::open(&*name)).collect();
    let readers = readers?;
    let mut plain = ShmArray::<f32>::create(&*fixture::name(), len)?;
    let from = vec![2.0; len];
    Ok(Pair::new(format!("write, {}", bytes(size)), move |side, times| {
        black_box(&readers);
        for _ in 0..times {
            match side {
                Side::Ours => _ = ours.write(black_box(&from))?,
                Side::Reference => {
                    // SAFETY: no other code uses the array: its name is unlinked.
                    unsafe { plain.as_mut_slice() }.copy_from_slice(black_box(&from));
                }
            }
        }
        Ok(())
    }))
}

pub(crate) fn scene(stage: &mut Stage, _row: usize) -> Result<Work> {
    let [mine, theirs] =
        stage.mine_and_theirs([format!("{}-there", stage.name), format!("{}-back", stage.name)]);
    let semaphores = [stage.semaphore(0)?, stage.semaphore(0)?];
    let [there, back] = stage.mine_and_theirs(semaphores);
    let mut writer = FrameWriter::<u64>::create(mine, [8])?;
    let mut send = move |side| match side {
        Side::Ours => writer.write(&[7; 8]).map(|_| ()),
        Side::Reference => c::post(&there),
    };
    // The other one creates its frames after this one has prepared.
    let mut reader = None;
    let mut receive = move |side| {
        if side == Side::Reference {
            return c::wait(&back);
        }
        if reader.is_none() {
            reader = Some(FrameReader::<u64>::open(&*theirs)?);
        }
        reader.as_mut().map_or(Ok(()), |reader: &mut FrameReader<u64>| {
            reader
                .wait_next()
                .map(|frame| assert_eq!((frame.missed(), frame.as_slice()[7]), (0, 7)))
        })
    };
    let leads = stage.leads;
    Ok(Box::new(move |side, times| {
        for _ in 0..times {
            if leads {
                send(side)?;
            }
            receive(side)?;
            if !leads {
                send(side)?;
            }
        }
        Ok(None)
    }))
}
