//! The safe methods that access elements.

use std::fmt::Debug;
use std::iter;
use std::sync::atomic::Ordering;

use ipc_mem::{LocalMemory, Plain};
use ipc_shmarray::{AnyArray, Shape, ShmArray};
use ipc_testkit::Rng;
use num_complex::Complex;

use ipc_hostile::memory::Views;

/// The maximum size of a chunk of `chunks`, in bytes, unless one element is larger.
const CHUNK: usize = 4096;

fn array<T: Plain>(shape: impl Into<Shape>) -> ShmArray<T, LocalMemory> {
    let shape = shape.into();
    let room = 4096 + shape.checked_len().unwrap() * size_of::<T>();
    ShmArray::create_in(LocalMemory::new(room).unwrap(), shape).unwrap()
}

/// Tests all access methods on arrays of `lens` elements, each created by `element` from a random
/// number.
fn all_doors<T: Plain + PartialEq + Debug>(lens: &[usize], element: impl Fn(u64) -> T) {
    let mut rng = Rng::new();
    for &len in lens {
        let values: Vec<T> = (0..len).map(|_| element(rng.next_u64())).collect();
        let one = element(rng.next_u64());
        let other =
            iter::repeat_with(|| element(rng.next_u64())).find(|other| *other != one).unwrap();
        let ours = array::<T>(len);
        assert_eq!(ours.len(), len);

        // All at once.
        ours.write_from(&values).unwrap();
        let mut copy = vec![one; len];
        ours.read_into(&mut copy).unwrap();
        assert!(copy == values && ours.to_vec() == values);

        // One by one, from both ends.
        assert!(ours.iter().eq(values.iter().copied()));
        assert!(ours.iter().rev().eq(values.iter().rev().copied()));
        assert_eq!((ours.iter().len(), ours.iter().nth(len / 2)), (len, Some(values[len / 2])));
        for i in [0, len / 3, len - 1] {
            assert_eq!(ours.get([i]).unwrap(), values[i]);
        }

        // Copies of one page each.
        let mut seen = Vec::new();
        ours.chunks(|chunk| {
            assert!(chunk.len() == 1 || size_of_val(chunk) <= CHUNK);
            assert!(chunk.as_ptr().is_aligned());
            seen.extend_from_slice(chunk);
        });
        assert!(seen == values);

        // Some of them, or none.
        for _ in 0..20 {
            let start = usize::try_from(rng.below(len as u64 + 1)).unwrap();
            let count = usize::try_from(rng.below((len - start) as u64 + 1)).unwrap();
            let mut some = vec![one; count];
            ours.read_at(start, &mut some).unwrap();
            assert!(some == values[start..start + count]);
            ours.write_at(start, &vec![other; count]).unwrap();
            let written = ours.to_vec();
            assert!(written[start..start + count].iter().all(|value| *value == other));
            assert!(
                written[..start] == values[..start]
                    && written[start + count..] == values[start + count..]
            );
            ours.write_at(start, &some).unwrap();
        }

        // From one array to another, within one array, and the same value to all.
        let theirs = array::<T>(len);
        theirs.copy_from(&ours).unwrap();
        assert!(theirs.to_vec() == values);
        theirs.copy_from(&theirs).unwrap();
        assert!(theirs.to_vec() == values);
        ours.fill(one);
        assert!(ours.iter().all(|value| value == one));
        ours.set([len / 2], other).unwrap();
        assert_eq!(ours.get([len / 2]).unwrap(), other);
        assert_eq!(ours.iter().filter(|value| *value != other).count(), len - 1);
        assert!(theirs.to_vec() == values);
    }
}

#[test]
fn numbers_of_every_width_go_in_and_come_out() {
    const LENS: &[usize] =
        &[1, 2, 3, 7, 8, 9, 31, 33, 63, 64, 65, 127, 511, 513, 4095, 4096, 4097, 10_001];
    all_doors(LENS, |x| x.to_ne_bytes()[0]);
    all_doors(LENS, |x| x.to_ne_bytes()[0].cast_signed());
    all_doors(LENS, |x| u16::from_ne_bytes([x.to_ne_bytes()[0], x.to_ne_bytes()[1]]));
    all_doors(LENS, |x| u32::try_from(x >> 32).unwrap().cast_signed());
    all_doors(LENS, |x| u32::try_from(x >> 32).unwrap());
    all_doors(LENS, |x| x);
    all_doors(LENS, |x| f32::from_bits(u32::try_from(x >> 34).unwrap())); // no NaN, which is not equal to itself
    all_doors(LENS, |x| f64::from_bits(x >> 2));
    all_doors(LENS, |x| Complex::new(f64::from_bits(x >> 2), f64::from_bits(x >> 3)));
}

#[test]
fn elements_of_odd_sizes_go_in_and_come_out() {
    const LENS: &[usize] = &[1, 2, 5, 63, 64, 1365, 1366, 1367, 3000];
    all_doors(LENS, |x| [x.to_ne_bytes()[0], x.to_ne_bytes()[1], x.to_ne_bytes()[2]]);
    all_doors(LENS, |x| [x.to_ne_bytes()[0].cast_signed(); 7]);
    all_doors(LENS, |x| [u16::try_from(x >> 48).unwrap(); 5]);
    all_doors(LENS, |x| [[u32::try_from(x >> 32).unwrap(), 2, 3]; 3]);
}

/// An element that is larger than any chunk.
#[test]
fn elements_larger_than_a_chunk_go_in_and_come_out() {
    all_doors(&[1, 2, 5], |x| [f64::from_bits(x >> 2); 1000]);
    all_doors(&[1, 3], |x| [x.to_ne_bytes()[0]; CHUNK + 1]);
    all_doors(&[1, 3], |x| [x.to_ne_bytes()[0]; CHUNK]);
    all_doors(&[1, 3, 4], |x| [x.to_ne_bytes()[0]; CHUNK / 2 + 1]);
}

/// An index out of bounds is an error that contains the index.
#[test]
fn an_index_outside_or_with_other_dimensions_is_refused() {
    let cube = array::<i32>([3, 4, 5]);
    cube.write_from(&(0..60).collect::<Vec<_>>()).unwrap();
    for (index, value) in
        [([0, 0, 0], 0), ([1, 0, 0], 1), ([0, 1, 0], 3), ([0, 0, 1], 12), ([2, 3, 4], 59)]
    {
        assert_eq!(cube.get(index).unwrap(), value);
        cube.set(index, -value).unwrap();
        assert_eq!(cube.get(index).unwrap(), -value);
        cube.set(index, value).unwrap();
    }
    for index in [[3, 0, 0], [0, 4, 0], [0, 0, 5], [usize::MAX, 0, 0], [0, usize::MAX, usize::MAX]]
    {
        for err in [cube.get(index).map(drop), cube.set(index, 7), cube.atomic(index).map(drop)]
            .map(Result::unwrap_err)
        {
            assert!(err.is_invalid_argument());
            assert_eq!(
                err.to_string(),
                format!("index local memory: no element {index:?} in 3×4×5")
            );
        }
    }
    assert!(cube.get([0]).unwrap_err().to_string().contains("no element [0] in 3×4×5"));
    assert!(
        cube.get([0, 0, 0, 0]).is_err() && cube.get([0; 17]).is_err() && cube.set([], 7).is_err()
    );
    assert_eq!(cube.to_vec(), (0..60).collect::<Vec<_>>());

    let deep = array::<u8>([2; 16]);
    deep.set([1; 16], 9).unwrap();
    assert_eq!(deep.iter().position(|value| value == 9), Some(65535));
}

#[test]
fn a_slice_of_another_length_is_refused_and_nothing_is_copied() {
    let numbers = array::<u16>(10);
    let refused = |err: ipc_core::Error, why: &str| {
        assert!(err.is_invalid_argument());
        assert!(err.to_string().contains(why), "{err}");
    };
    for len in [0, 9, 11] {
        refused(
            numbers.write_from(&vec![1; len]).unwrap_err(),
            &format!("found a slice of {len} elements, wanted 10"),
        );
        refused(
            numbers.read_into(&mut vec![1; len]).unwrap_err(),
            &format!("a slice of {len} elements"),
        );
    }
    for (start, len) in [(0, 11), (10, 1), (11, 0), (usize::MAX, 1), (1, 10)] {
        refused(numbers.write_at(start, &vec![1; len]).unwrap_err(), "no ");
        refused(
            numbers.read_at(start, &mut vec![1; len]).unwrap_err(),
            &format!("{len} elements from {start} on in 10"),
        );
    }
    numbers.write_at(10, &[]).unwrap();
    let err = numbers.copy_from(&array::<u16>([5, 2])).unwrap_err();
    assert!(err.is_mismatch());
    assert_eq!(err.to_string(), "shape local memory: found 5×2 elements, wanted 10");
    assert_eq!(numbers.to_vec(), [0; 10]);
}

#[test]
fn an_atomic_element_is_the_element() {
    fn counts<T>(one: T, add: impl Fn(&T::Atomic) -> bool)
    where
        T: ipc_shmarray::Integer + PartialEq + Debug,
    {
        let numbers = array::<T>([2, 2]);
        assert!(add(numbers.atomic([1, 1]).unwrap()));
        assert_eq!(numbers.get([1, 1]).unwrap(), one);
        assert_eq!(numbers.iter().filter(|number| *number == one).count(), 1);
    }
    counts(1i8, |x| x.fetch_add(1, Ordering::Relaxed) == 0);
    counts(1u8, |x| x.fetch_add(1, Ordering::Relaxed) == 0);
    counts(1i16, |x| x.fetch_add(1, Ordering::Relaxed) == 0);
    counts(1u16, |x| x.fetch_add(1, Ordering::Relaxed) == 0);
    counts(1i32, |x| x.fetch_add(1, Ordering::Relaxed) == 0);
    counts(1u32, |x| x.fetch_add(1, Ordering::Relaxed) == 0);
    counts(1i64, |x| x.fetch_add(1, Ordering::Relaxed) == 0);
    counts(1u64, |x| x.fetch_add(1, Ordering::Relaxed) == 0);
}

#[test]
fn any_array_gives_the_bytes_of_elements_of_every_alignment() {
    fn check<T: Plain>(to_bytes: impl Fn(T) -> Vec<u8>, elements: &[T]) {
        let memory = Views::new(4096);
        let array = ShmArray::<T, _>::create_in(memory.fresh(), elements.len()).unwrap();
        array.write_from(elements).unwrap();
        let any = AnyArray::open_in(memory.read_only()).unwrap();
        assert_eq!((any.len(), any.element_size()), (elements.len(), size_of::<T>()));
        assert_eq!(
            any.to_bytes(),
            elements.iter().flat_map(|element| to_bytes(*element)).collect::<Vec<_>>()
        );
        assert!(any.downcast::<[T; 2]>().unwrap_err().is_mismatch());
    }
    check(|x: [u8; 3]| x.to_vec(), &[[1, 2, 3], [4, 5, 6]]);
    check(|x: i16| x.to_ne_bytes().to_vec(), &[1, -2, 300]);
    check(
        |x: [u16; 3]| x.into_iter().flat_map(u16::to_ne_bytes).collect(),
        &[[1, 2, 3], [400, 500, 600]],
    );
    check(|x: f32| x.to_ne_bytes().to_vec(), &[1.5, -0.0]);
    check(|x: [f32; 2]| x.into_iter().flat_map(f32::to_ne_bytes).collect(), &[[1.5, -0.0]]);
    check(|x: u64| x.to_ne_bytes().to_vec(), &[u64::MAX, 7]);
    check(|x: [f64; 3]| x.into_iter().flat_map(f64::to_ne_bytes).collect(), &[[1.5, -0.0, 2.5]]);
}

#[test]
fn a_read_only_array_has_the_same_reading_methods() {
    let memory = Views::new(4096);
    let ours = ShmArray::<f32, _>::create_in(memory.fresh(), [2, 3]).unwrap();
    ours.write_from(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]).unwrap();
    let view = ShmArray::<f32, _>::open_in(memory.read_only()).unwrap();
    let mut copy = [0.0; 6];
    view.read_into(&mut copy).unwrap();
    assert_eq!(
        (copy.to_vec(), view.get([1, 2]).unwrap(), view.iter().sum::<f32>()),
        (ours.to_vec(), 6.0, 21.0)
    );
    let theirs = array::<f32>([2, 3]);
    theirs.copy_from(&view).unwrap();
    assert_eq!(theirs.to_vec(), ours.to_vec());
}
