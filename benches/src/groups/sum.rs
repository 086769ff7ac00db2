//! Computing with all elements.

#![expect(unsafe_code, reason = "guarantees that no other process writes to a slice")]

use std::hint::black_box;

use ipc_core::Result;
use ipc_shmarray::ShmArray;
use ipc_testkit::fixture;

use super::bytes;
use crate::{Group, Pair, Ratio, Side};

/// The group.
pub const GROUP: Group = Group {
    name: "sum",
    about: "The sum of all elements of a `ShmArray<f32>` by each way to read them, beside the\n\
            same loop over a `Vec<f32>`, which the compiler vectorises; the last rows compare\n\
            `chunks` with `get`. Beyond 1 MiB, a `Vec` may get huge pages; shared memory does\n\
            not.",
    ratio: Ratio::Speed,
    pairs,
};

const SIZES: [usize; 4] = [16 << 10, 256 << 10, 1 << 20, 16 << 20];

/// The number of partial sums. Each can stay in a register, because the compiler must not change
/// the order of additions.
const LANES: usize = 32;

fn pairs(visit: &mut dyn FnMut(Pair) -> Result<()>) -> Result<()> {
    for size in SIZES {
        visit(beside_vec("`as_slice`", size, by_slice)?.target((size <= 1 << 20).then_some(0.97)))?;
    }
    for size in SIZES {
        visit(beside_vec("`chunks`", size, by_chunks)?.target(0.4))?;
    }
    for size in SIZES {
        visit(beside_vec("`get`", size, by_element)?)?;
    }
    for size in SIZES {
        let array = array(size)?;
        let pair =
            Pair::new(format!("`chunks` beside `get`, {}", bytes(size)), move |side, times| {
                for _ in 0..times {
                    black_box(match side {
                        Side::Ours => by_chunks(black_box(&array))?,
                        Side::Reference => by_element(black_box(&array))?,
                    });
                }
                Ok(())
            });
        visit(pair.target(1.4))?;
    }
    Ok(())
}

fn array(size: usize) -> Result<ShmArray<f32>> {
    let array = ShmArray::create(&*fixture::name(), size / size_of::<f32>())?;
    array.fill(1.0);
    Ok(array)
}

fn beside_vec(door: &str, size: usize, sum: fn(&ShmArray<f32>) -> Result<f32>) -> Result<Pair> {
    let array = array(size)?;
    let vec = array.to_vec();
    Ok(Pair::new(format!("{door}, {}", bytes(size)), move |side, times| {
        for _ in 0..times {
            black_box(match side {
                Side::Ours => sum(black_box(&array))?,
                Side::Reference => of_slice(black_box(&vec)),
            });
        }
        Ok(())
    }))
}

#[inline(never)]
fn of_slice(slice: &[f32]) -> f32 {
    let mut lanes = [0.0; LANES];
    let rows = slice.chunks_exact(LANES);
    let rest: f32 = rows.remainder().iter().sum();
    for row in rows {
        for (lane, element) in lanes.iter_mut().zip(row) {
            *lane += element;
        }
    }
    rest + lanes.iter().sum::<f32>()
}

fn by_slice(array: &ShmArray<f32>) -> Result<f32> {
    // SAFETY: no other code uses the array: its name is unlinked.
    Ok(of_slice(unsafe { array.as_slice() }))
}

fn by_chunks(array: &ShmArray<f32>) -> Result<f32> {
    let mut sum = 0.0;
    array.chunks(|chunk| sum += of_slice(chunk));
    Ok(sum)
}

fn by_element(array: &ShmArray<f32>) -> Result<f32> {
    let mut lanes = [0.0; LANES];
    for start in (0..array.len()).step_by(LANES) {
        for (i, lane) in lanes.iter_mut().enumerate() {
            *lane += array.get([start + i])?;
        }
    }
    Ok(lanes.iter().sum())
}
