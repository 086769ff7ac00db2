//! Reading and writing one element.

use std::hint::black_box;

use ipc_core::Result;
use ipc_mem::Plain;
use ipc_shmarray::ShmArray;
use ipc_testkit::{Rng, fixture};

use crate::{Group, Pair, Ratio, Side};

/// The group.
pub const GROUP: Group = Group {
    name: "element",
    about: "One element of a `ShmArray` beside one of a `Vec`, both in the first-level cache and\n\
            accessed in random order, so that the compiler can vectorise neither; the time is\n\
            for one element. The elements read are added up. *Checked* compares each index with\n\
            its dimension, as `get` and `set` do; *bare* is `vec[i + n * j]`.",
    ratio: Ratio::Time,
    pairs,
};

/// The number of elements, and the number of visits.
const LEN: u32 = 1024;

fn pairs(visit: &mut dyn FnMut(Pair) -> Result<()>) -> Result<()> {
    let integers = u64::wrapping_add;
    visit(
        read("1-D get of `f64`, `vec[i]`", [1024], |a: f64, b| a + b, |vec, _, [i]| vec[i])?
            .target(1.1),
    )?;
    visit(read("1-D get of `u64`, `vec[i]`", [1024], integers, |vec, _, [i]| vec[i])?.target(1.1))?;
    visit(
        read("2-D get of `u64`, checked", [32, 32], integers, |vec, n, at| vec[checked(n, at)])?
            .target(1.1),
    )?;
    visit(
        read("3-D get of `u64`, checked", [16, 8, 8], integers, |vec, n, at| vec[checked(n, at)])?
            .target(1.1),
    )?;
    visit(read("2-D get of `u64`, bare", [32, 32], integers, |vec, [n, _], [i, j]| {
        vec[i + n * j]
    })?)?;
    visit(write("1-D set of `u64`, `vec[i] = v`", [1024], |vec, _, [i], value| vec[i] = value)?)?;
    visit(write("2-D set of `u64`, checked", [32, 32], |vec, n, at, value| {
        vec[checked(n, at)] = value;
    })?)
}

/// Returns the index of an element in memory order, if it exists.
#[inline(always)]
fn checked<const N: usize>(dims: [usize; N], index: [usize; N]) -> usize {
    let mut position = 0;
    for i in (0..N).rev() {
        assert!(index[i] < dims[i]);
        position = position * dims[i] + index[i];
    }
    position
}

fn read<T: Plain + Default, const N: usize>(
    name: &str,
    dims: [usize; N],
    sum: impl Fn(T, T) -> T + 'static,
    element: impl Fn(&[T], [usize; N], [usize; N]) -> T + 'static,
) -> Result<Pair> {
    let array = ShmArray::<T>::create(&*fixture::name(), dims)?;
    let (vec, order) = (array.to_vec(), order(dims));
    let work = move |side, times| {
        for _ in 0..times {
            let mut total = T::default();
            match side {
                Side::Ours => {
                    for index in black_box(&order) {
                        total = sum(total, array.get(*index)?);
                    }
                }
                Side::Reference => {
                    let dims = black_box(dims);
                    for index in black_box(&order) {
                        total = sum(total, element(&vec, dims, *index));
                    }
                }
            }
            black_box(total);
        }
        Ok(())
    };
    Ok(Pair::new(name, work).count(LEN))
}

fn write<const N: usize>(
    name: &str,
    dims: [usize; N],
    element: impl Fn(&mut [u64], [usize; N], [usize; N], u64) + 'static,
) -> Result<Pair> {
    let array = ShmArray::<u64>::create(&*fixture::name(), dims)?;
    let (mut vec, order) = (array.to_vec(), order(dims));
    let work = move |side, times| {
        for value in 0..times {
            match side {
                Side::Ours => {
                    for index in black_box(&order) {
                        array.set(*index, value)?;
                    }
                }
                Side::Reference => {
                    let dims = black_box(dims);
                    for index in black_box(&order) {
                        element(&mut vec, dims, *index, value);
                    }
                    black_box(&mut vec);
                }
            }
        }
        Ok(())
    };
    Ok(Pair::new(name, work).count(LEN))
}

/// Returns indices in random order.
fn order<const N: usize>(dims: [usize; N]) -> Vec<[usize; N]> {
    let mut rng = Rng::from_seed(1);
    (0..LEN).map(|_| dims.map(|dim| *rng.pick(&(0..dim).collect::<Vec<_>>()))).collect()
}
