//! Arrays over bytes without a header, and several arrays over the same bytes.

#![expect(unsafe_code, reason = "guarantees the content of the bytes")]

use ipc_mem::{Carver, LocalMemory, Memory, Plain};
use ipc_shmarray::{Shape, ShmArray};

use ipc_hostile::memory::{Views, bytes};

/// An array over the bytes from `offset` on.
fn wrap<T: Plain>(
    memory: &Views,
    offset: usize,
    shape: impl Into<Shape>,
) -> ipc_core::Result<ShmArray<T, Views>> {
    // SAFETY: local memory that this thread alone uses: no two accesses are at the same time.
    unsafe { ShmArray::wrap(memory.clone(), offset, shape) }
}

#[test]
fn views_of_the_same_bytes_see_what_is_written_through_any_of_them() {
    let memory = Views::new(5 * 6 * size_of::<f32>());
    let a = wrap::<f32>(&memory, 0, [5, 6]).unwrap();
    let b = wrap::<u8>(&memory, 0, memory.size()).unwrap();
    let c = wrap::<f32>(&memory, 0, memory.size() / size_of::<f32>()).unwrap();
    let decode = |memory: &Views| ([2, memory.size() / (2 * size_of::<f32>())], 0);
    let (shape, offset) = decode(&memory);
    let d = wrap::<f32>(&memory, offset, shape).unwrap();
    assert_eq!([b.as_ptr(), c.as_ptr().cast(), d.as_ptr().cast()], [a.as_ptr().cast(); 3]);
    assert_eq!(
        (a.shape().dims(), a.len(), b.len(), c.len(), d.len()),
        (&[5, 6][..], 30, 120, 30, 30)
    );

    for (i, value) in (0u8..30).enumerate() {
        c.set([i], f32::from(value)).unwrap();
    }
    assert_eq!(a.get([3, 4]).unwrap(), 23.0);
    assert_eq!(b.to_vec(), bytes(&memory));
    let e = a.to_vec(); // a copy of our own

    a.set([1, 2], -1.0).unwrap(); // IPC.jl counts from one: A[2,3]
    a.set([2, 1], -2.0).unwrap(); // A[3,2]
    assert_eq!((d.get([1, 5]).unwrap(), d.get([1, 3]).unwrap()), (-1.0, -2.0));
    assert_eq!(e[11], 11.0);
    b.fill(0);
    assert!([a.to_vec(), c.to_vec(), d.to_vec()].iter().flatten().all(|value| *value == 0.0));
    a.write_from(&e).unwrap();
    assert_eq!((c.to_vec(), d.to_vec()), (e.clone(), e));
}

/// Each is an error that states the reason.
#[test]
fn bytes_that_do_not_fit_the_array_are_refused_with_a_reason() {
    let memory = Views::new(120);
    let refused = |err: ipc_core::Error, why: &str| {
        assert!(err.is_invalid_argument());
        assert!(err.to_string().contains(why), "{err}");
    };
    refused(
        wrap::<f32>(&memory, 0, [5, 7]).unwrap_err(),
        "140 bytes at offset 0 do not fit into 120 bytes",
    );
    refused(wrap::<f32>(&memory, 4, [5, 6]).unwrap_err(), "120 bytes at offset 4 do not fit");
    refused(wrap::<u8>(&memory, 120, 1).unwrap_err(), "do not fit");
    refused(wrap::<u8>(&memory, usize::MAX, 1).unwrap_err(), "do not fit");
    refused(wrap::<f32>(&memory, 2, 1).unwrap_err(), "not on a boundary of 4 bytes");
    refused(wrap::<u64>(&memory, 4, 1).unwrap_err(), "not on a boundary of 8 bytes");
    refused(wrap::<u8>(&memory, 0, [5, 0]).unwrap_err(), "dimension 1 is 0");
    // Products that overflow to a small value.
    for shape in [[1 << 32, 1 << 32], [usize::MAX, 2], [1 << 62, 8], [isize::MAX as usize, 3]] {
        refused(wrap::<f32>(&memory, 0, shape).unwrap_err(), "no memory holds");
    }
    assert_eq!(wrap::<u8>(&memory, 119, 1).unwrap().len(), 1);
}

#[test]
fn an_array_laid_out_in_a_memory_is_found_there_again() {
    let memory = Views::new(64 + 24 + 40);
    let array = ShmArray::<u16, _>::create_in(memory.fresh(), [3, 4]).unwrap();
    assert_eq!(array.to_vec(), [0; 12]);
    array.set([2, 3], 7).unwrap();
    let (again, view) = (
        ShmArray::<u16, _>::open_in(memory.clone()).unwrap(),
        ShmArray::<u16, _>::open_in(memory.read_only()).unwrap(),
    );
    assert_eq!((again.get([2, 3]).unwrap(), view.get([2, 3]).unwrap()), (7, 7));
    assert_eq!((again.shape(), view.shape()), (array.shape(), array.shape()));
    assert!(format!("{again:?} {view:?}").starts_with("ShmArray(3×4 of u16 in the views)"));
}

/// Nothing is written before everything was checked.
#[test]
fn memory_that_cannot_hold_an_array_is_left_unchanged() {
    let small = Views::new(64 + 23);
    let refused = |err: ipc_core::Error, why: &str| {
        assert!(err.is_invalid_argument());
        assert!(err.to_string().contains(why), "{err}");
        assert_eq!(bytes(&small), [0; 87]);
    };
    refused(
        ShmArray::<u16, _>::create_in(small.fresh(), [3, 4]).unwrap_err(),
        "88 bytes at offset 0 do not fit into 87",
    );
    refused(
        ShmArray::<u8, _>::create_in(small.fresh(), [usize::MAX, 2]).unwrap_err(),
        "no memory holds",
    );
    refused(
        ShmArray::<u8, _>::create_in(small.fresh(), [3, 0]).unwrap_err(),
        "a dimension of 0 in 3×0",
    );
    assert!(ShmArray::<u16, _>::open_in(small.clone()).unwrap_err().is_mismatch());

    let mut carver = Carver::new(LocalMemory::new(1024).unwrap()).unwrap();
    drop(carver.carve(4, 1).unwrap());
    let crooked = carver.carve(200, 4).unwrap();
    let err = ShmArray::<u8, _>::create_in(crooked, 1).unwrap_err();
    assert!(err.to_string().contains("not on a boundary of 8 bytes"), "{err}");
    let straight = carver.carve(128, 64).unwrap();
    ShmArray::<u64, _>::create_in(straight, 8).unwrap();
}
