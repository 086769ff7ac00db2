//! Views of the ndarray crate.

#![expect(unsafe_code, reason = "guarantees that no other thread writes")]

use ipc_shmarray::ShmArray;
use ipc_testkit::fixture;
use ndarray::Axis;

#[test]
fn a_view_has_the_elements_of_the_array_in_either_order() {
    let name = fixture::name();
    let array = ShmArray::<i32>::create(&*name, [3, 4, 5]).unwrap();
    array.write_from(&(0..60).collect::<Vec<_>>()).unwrap();
    // SAFETY: no code writes to it while the view lives.
    let view = unsafe { array.as_view() };
    assert_eq!((view.shape(), view.strides()), (&[3, 4, 5][..], &[1, 3, 12][..]));
    let rows = view.view().reversed_axes();
    assert_eq!((rows.shape(), rows.strides()), (&[5, 4, 3][..], &[12, 3, 1][..]));
    assert!(rows.is_standard_layout());
    for index @ [i, j, k] in [[0, 0, 0], [1, 0, 0], [0, 1, 0], [2, 3, 4], [1, 2, 3]] {
        assert_eq!(view[index], array.get(index).unwrap());
        assert_eq!(rows[[k, j, i]], array.get(index).unwrap());
    }
    assert_eq!((view.sum(), rows.iter().copied().collect::<Vec<_>>()), (59 * 30, array.to_vec()));
}

#[test]
fn what_is_written_through_a_view_is_in_the_array() {
    let name = fixture::name();
    let mut array = ShmArray::<f64>::create(&*name, [2, 3]).unwrap();
    let theirs = ShmArray::<f64>::open_read_only(&*name).unwrap();
    // SAFETY: no other code reads or writes it while the view lives.
    let mut view = unsafe { array.as_view_mut() };
    view[[1, 2]] = 1.5;
    view.index_axis_mut(Axis(0), 0).fill(-1.0);
    assert_eq!(theirs.to_vec(), [-1.0, 0.0, -1.0, 0.0, -1.0, 1.5]);
    // SAFETY: as above.
    let slice = unsafe { array.as_mut_slice() };
    slice[1] = 7.0;
    // SAFETY: as above.
    assert_eq!(unsafe { theirs.as_slice() }, [-1.0, 7.0, -1.0, 0.0, -1.0, 1.5]);
}

#[test]
fn a_view_of_sixteen_dimensions_and_of_one_is_a_view() {
    let (many, one) = (fixture::name(), fixture::name());
    let many =
        ShmArray::<u8>::create(&*many, [1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2]).unwrap();
    many.write_from(&(0..=255).collect::<Vec<_>>()).unwrap();
    // SAFETY: no code writes to it while the view lives.
    let view = unsafe { many.as_view() };
    assert_eq!(
        (view.ndim(), view[&[0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1][..]]),
        (16, 129)
    );
    let one = ShmArray::<u8>::create(&*one, 1).unwrap();
    // SAFETY: no code writes to it while the view lives.
    assert_eq!(unsafe { one.as_view() }.len(), 1);
}
