//! Consistent reads while another process may write.

#![expect(unsafe_code, reason = "calls `memcpy` on the elements of an array")]

use std::hint::black_box;

use ipc_core::Result;
use ipc_shmarray::{ShmArray, SnapshotArray};
use ipc_testkit::fixture;

use crate::{Group, Pair, Ratio, Side};

/// The group.
pub const GROUP: Group = Group {
    name: "snapshot",
    about: "A `SnapshotArray` of 4 KiB, in two copies, read without a concurrent writer and\n\
            written without a concurrent reader, beside `memcpy` out of and into an ordinary\n\
            array.",
    ratio: Ratio::Time,
    pairs,
};

const LEN: usize = 1024;

fn pairs(visit: &mut dyn FnMut(Pair) -> Result<()>) -> Result<()> {
    let ours = SnapshotArray::<f32>::create_with(&*fixture::name(), LEN, 2)?;
    ours.write_from(&[1.0; LEN])?;
    let plain = ShmArray::<f32>::create(&*fixture::name(), LEN)?;
    let mut into = vec![2.0; LEN];
    let read = Pair::new("read, 4 KiB", move |side, times| {
        for _ in 0..times {
            match side {
                Side::Ours => _ = ours.read_into(black_box(&mut into))?,
                Side::Reference => {
                    // SAFETY: no other code uses the array: its name is unlinked.
                    black_box(&mut into).copy_from_slice(unsafe { plain.as_slice() });
                }
            }
        }
        Ok(())
    });
    visit(read.target(2.0))?;

    let ours = SnapshotArray::<f32>::create_with(&*fixture::name(), LEN, 2)?;
    let mut plain = ShmArray::<f32>::create(&*fixture::name(), LEN)?;
    let from = vec![2.0; LEN];
    visit(Pair::new("write, 4 KiB", move |side, times| {
        for _ in 0..times {
            match side {
                Side::Ours => ours.write_from(black_box(&from))?,
                Side::Reference => {
                    // SAFETY: no other code uses the array: its name is unlinked.
                    unsafe { plain.as_mut_slice() }.copy_from_slice(black_box(&from));
                }
            }
        }
        Ok(())
    }))
}
