//! Copying many elements in and out.

#![expect(unsafe_code, reason = "calls `memcpy` on the elements of an array")]

use std::hint::black_box;

use ipc_core::Result;
use ipc_shmarray::ShmArray;
use ipc_testkit::fixture;

use super::bytes;
use crate::{Group, Pair, Ratio, Side};

/// The group.
pub const GROUP: Group = Group {
    name: "copy",
    about: "`write_from` and `read_into` of a whole `ShmArray<f32>`, beside `memcpy` between the\n\
            same `Vec` and the same shared memory; and `fill`, beside `slice::fill`.",
    ratio: Ratio::Speed,
    pairs,
};

fn pairs(visit: &mut dyn FnMut(Pair) -> Result<()>) -> Result<()> {
    // From 64 bytes to 64 MiB.
    for size in (0..=10).map(|step| 64 << (2 * step)) {
        visit(copy_in(size)?.target(0.9))?;
        visit(copy_out(size)?.target(0.9))?;
    }
    for size in [64, 4 << 10, 1 << 20, 64 << 20] {
        visit(fill(size)?.target(0.95))?;
    }
    Ok(())
}

fn array(size: usize) -> Result<ShmArray<f32>> {
    let array = ShmArray::create(&*fixture::name(), size / size_of::<f32>())?;
    array.fill(1.0);
    Ok(array)
}

fn copy_in(size: usize) -> Result<Pair> {
    let mut array = array(size)?;
    let vec = vec![2.0; array.len()];
    Ok(Pair::new(format!("in, {}", bytes(size)), move |side, times| {
        for _ in 0..times {
            match side {
                Side::Ours => array.write_from(black_box(&vec))?,
                // SAFETY: no other code uses the array: its name is unlinked.
                Side::Reference => unsafe { array.as_mut_slice() }.copy_from_slice(black_box(&vec)),
            }
        }
        Ok(())
    }))
}

fn copy_out(size: usize) -> Result<Pair> {
    let array = array(size)?;
    let mut vec = vec![2.0; array.len()];
    Ok(Pair::new(format!("out, {}", bytes(size)), move |side, times| {
        for _ in 0..times {
            match side {
                Side::Ours => array.read_into(black_box(&mut vec))?,
                // SAFETY: no other code uses the array: its name is unlinked.
                Side::Reference => black_box(&mut vec).copy_from_slice(unsafe { array.as_slice() }),
            }
        }
        Ok(())
    }))
}

fn fill(size: usize) -> Result<Pair> {
    let mut array = array(size)?;
    Ok(Pair::new(format!("fill, {}", bytes(size)), move |side, times| {
        for turn in 0..times {
            #[expect(clippy::cast_precision_loss, reason = "any value will do")]
            let value = black_box(turn as f32);
            match side {
                Side::Ours => array.fill(value),
                // SAFETY: no other code uses the array: its name is unlinked.
                Side::Reference => black_box(unsafe { array.as_mut_slice() }).fill(value),
            }
        }
        Ok(())
    }))
}
