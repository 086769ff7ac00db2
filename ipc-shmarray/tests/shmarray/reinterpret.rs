//! The same elements with another shape, as another type, or read-only.

#![expect(unsafe_code, reason = "guarantees the content of the bytes")]

use ipc_core::Error;
use ipc_mem::{Memory, Plain};
use ipc_shmarray::{AnyArray, ShmArray};
use ipc_testkit::fixture;
use num_complex::Complex;

use ipc_hostile::memory::Views;

#[test]
fn another_shape_of_as_many_elements_is_the_same_array() {
    let name = fixture::name();
    let mut array = ShmArray::<u16>::create(&*name, [3, 4]).unwrap();
    array.write_from(&[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]).unwrap();
    array.reshape([2, 3, 2]).unwrap();
    assert_eq!((array.get([1, 2, 1]).unwrap(), array.get([0, 1, 1]).unwrap()), (11, 8));
    array.set([0, 0, 1], 60).unwrap();
    for shape in [&[5][..], &[3, 5], &[12, 2], &[0, 12], &[usize::MAX, 2]] {
        let err = array.reshape(shape.len().max(1) * 100).unwrap_err();
        assert!(err.is_invalid_argument());
        let Ok(shape) = ipc_shmarray::Shape::new(shape) else { continue };
        let err = array.reshape(shape).unwrap_err();
        assert_eq!(err.to_string(), format!("reshape {name}: 2×3×2 elements cannot be {shape}"));
    }
    assert_eq!((array.shape().dims(), array.len()), (&[2, 3, 2][..], 12));
    array.reshape(12).unwrap();
    assert_eq!(array.get([6]).unwrap(), 60);
    // Other handles see the original array.
    let mut view = ShmArray::<u16>::open_read_only(&*name).unwrap();
    assert_eq!((view.shape().dims(), view.get([0, 2]).unwrap()), (&[3, 4][..], 60));
    view.reshape([4, 3]).unwrap();
    assert_eq!(view.get([2, 1]).unwrap(), 60);
    assert!(view.reshape([0, 5]).is_err() && view.reshape([4, 4]).is_err());
}

#[test]
fn elements_are_reinterpreted_as_others_of_the_same_granule() {
    let name = fixture::name();
    let array = ShmArray::<Complex<f32>>::create(&*name, [3, 4]).unwrap();
    array.set([2, 1], Complex::new(1.5, -2.5)).unwrap();
    let identity = array.memory().identity();
    let parts = array.reinterpret::<f32>().unwrap();
    assert_eq!(
        (parts.shape().dims(), parts.len(), parts.memory().identity()),
        (&[6, 4][..], 24, identity)
    );
    assert_eq!((parts.get([4, 1]).unwrap(), parts.get([5, 1]).unwrap()), (1.5, -2.5));
    let bits = parts.reinterpret::<u32>().unwrap();
    assert_eq!(bits.get([4, 1]).unwrap(), 1.5f32.to_bits());
    let whole = bits.reinterpret::<[i32; 6]>().unwrap();
    assert_eq!(
        (whole.shape().dims(), whole.get([0, 1]).unwrap()[5]),
        (&[1, 4][..], (-2.5f32).to_bits().cast_signed())
    );
    // Its first dimension does not have that number of bytes.
    let err = whole.reinterpret::<[u32; 4]>().unwrap_err();
    assert!(
        err.to_string().ends_with("24 bytes of the first dimension are no elements of 16 bytes"),
        "{err}"
    );
    let whole = err.into_array();
    assert_eq!((whole.len(), whole.was_created()), (4, true));
    let err: Error = whole.reinterpret::<[u32; 5]>().unwrap_err().into();
    assert!(err.is_invalid_argument());
    assert!(
        ShmArray::<f32>::open(&*name).unwrap_err().is_not_found(),
        "the array was dropped with its error"
    );
}

#[test]
fn elements_of_a_larger_alignment_need_an_aligned_array() {
    #[derive(Clone, Copy, Plain)]
    #[repr(C, align(16))]
    struct Pair([u64; 2]);

    let memory = Views::new(64);
    // SAFETY: local memory that this thread alone uses.
    let wrap = |offset: usize| unsafe { ShmArray::<u64, _>::wrap(memory.read_only(), offset, 2) };
    assert_eq!(wrap(16).unwrap().reinterpret::<Pair>().unwrap().get([0]).unwrap().0, [0, 0]);
    let err = wrap(8).unwrap().reinterpret::<Pair>().unwrap_err();
    assert!(err.to_string().contains("not on a boundary of 16 bytes"), "{err:?}");
    assert_eq!(err.into_array().len(), 2);
}

/// Read-only arrays too.
#[test]
fn bytes_without_a_header_can_be_looked_at_as_an_array() {
    let memory = Views::new(64);
    // SAFETY: local memory that this thread alone uses.
    let array = unsafe { ShmArray::<u32, _>::wrap(memory.clone(), 0, 16) }.unwrap();
    array.set([5], 7).unwrap();
    // SAFETY: as above.
    let wrap = |offset, shape: [usize; 2]| unsafe {
        ShmArray::<u32, _>::wrap(memory.read_only(), offset, shape)
    };
    let view = wrap(4, [3, 5]).unwrap();
    assert_eq!((view.get([1, 1]).unwrap(), view.len()), (7, 15));
    for (offset, shape) in
        [(4, [4, 4]), (2, [1, 1]), (0, [0, 4]), (64, [1, 1]), (usize::MAX, [1, 1])]
    {
        assert!(wrap(offset, shape).unwrap_err().is_invalid_argument());
    }
    assert_eq!(memory.size(), 64);
}

/// More than a page, for every granule size.
#[test]
fn the_bytes_of_an_array_of_any_type_are_those_of_its_elements() {
    fn check<T: Plain>(element: fn(u16) -> T, bytes: fn(u16) -> Vec<u8>) {
        let name = fixture::name();
        let array = ShmArray::create(&*name, 3001).unwrap();
        array.write_from(&(0..3001).map(element).collect::<Vec<T>>()).unwrap();
        let any = AnyArray::open(&*name).unwrap();
        assert_eq!(any.to_bytes(), (0..3001).flat_map(bytes).collect::<Vec<_>>());
    }

    check(|k| k.to_ne_bytes()[0], |k| vec![k.to_ne_bytes()[0]]);
    check(|k| [k.to_ne_bytes()[0]; 3], |k| vec![k.to_ne_bytes()[0]; 3]);
    check(|k| k, |k| k.to_ne_bytes().to_vec());
    check(u32::from, |k| u32::from(k).to_ne_bytes().to_vec());
    check(f64::from, |k| f64::from(k).to_ne_bytes().to_vec());
    check(
        |k| Complex::new(f64::from(k), -1.0),
        |k| [f64::from(k), -1.0].map(f64::to_ne_bytes).concat(),
    );
}
