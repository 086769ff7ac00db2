//! Creating and opening arrays by name.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::sync::atomic::{AtomicU64, Ordering};

use ipc_core::Removal;
use ipc_mem::{Kind, Memory, Placed, Plain};
use ipc_shm::{OpenOptions, SharedMemory, Trust};
use ipc_shmarray::{AnyArray, ArrayOptions, Shape, ShmArray};
use ipc_testkit::{Child, ChildOptions, LeakCheck, Part, Role, Root, fixture};

use crate::path;

pub(crate) const ROLES: &[(&str, Part)] = &[("filler", filler)];

#[test]
fn a_new_array_is_of_zeros_and_found_by_its_name() {
    let name = fixture::name();
    let ours = ShmArray::<f32>::create(&*name, [3, 4, 5]).unwrap();
    assert_eq!((ours.to_vec(), ours.memory().size()), (vec![0.0; 60], 64 + 240));
    ours.set([1, 2, 3], 1.5).unwrap();
    let (theirs, view) =
        (ShmArray::<f32>::open(&*name).unwrap(), ShmArray::<f32>::open_read_only(&*name).unwrap());
    assert_eq!((theirs.get([1, 2, 3]).unwrap(), view.get([1, 2, 3]).unwrap()), (1.5, 1.5));
    assert_eq!((theirs.shape(), view.shape(), theirs.len()), (ours.shape(), ours.shape(), 60));
    assert_eq!(theirs.memory().identity(), view.memory().identity());
    assert_eq!((ours.was_created(), theirs.was_created()), (true, false));
    assert_eq!(fs::metadata(path(&name)).unwrap().mode() & 0o777, 0o600);
    assert!(ShmArray::<f32>::create(&*name, [3, 4, 5]).unwrap_err().is_exists());

    drop(ours);
    drop(ShmArray::<f32>::open(&*name).unwrap()); // it has users
    ShmArray::<f32>::unlink(&*name).unwrap();
    let err = ShmArray::<f32>::open(&*name).unwrap_err();
    assert!(err.is_not_found());
    assert_eq!(err.to_string(), format!("shm_open {name}: No such file or directory (os error 2)"));
    assert_eq!(theirs.get([1, 2, 3]).unwrap(), 1.5); // its memory lives as long as it does
    ShmArray::<f32>::unlink(&*name).unwrap();
}

#[test]
fn options_set_permissions_trust_and_removal_of_an_array() {
    let name = fixture::name();
    let options = ArrayOptions::new([2, 2])
        .permissions(0o660)
        .removal(Removal::Never)
        .sparse()
        .trust(Trust::Anyone);
    drop(ShmArray::<u8>::create(&*name, options).unwrap());
    assert_eq!(fs::metadata(path(&name)).unwrap().mode() & 0o777, 0o660);
    let anyones = OpenOptions::new().trust(Trust::Anyone);
    for err in [
        ShmArray::<u8>::open(&*name).map(drop),
        ShmArray::<u8>::open_read_only(&*name).map(drop),
        AnyArray::open(&*name).map(drop),
        ShmArray::<u8>::open_or_create(&*name, [2, 2]).map(drop),
    ] {
        assert!(err.unwrap_err().is_untrusted());
    }
    ShmArray::<u8>::open_with(&*name, anyones).unwrap();
    ShmArray::<u8>::open_read_only_with(&*name, anyones).unwrap();
    AnyArray::open_with(&*name, anyones).unwrap();
    assert!(!ShmArray::<u8>::open_or_create(&*name, options).unwrap().was_created());
    assert!(fs::exists(path(&name)).unwrap());
    ShmArray::<u8>::unlink(&*name).unwrap();
}

#[test]
fn another_element_type_or_shape_is_an_error_that_names_both() {
    let name = fixture::name();
    let ours = ShmArray::<f32>::create(&*name, [3, 4]).unwrap();
    let told = |err: ipc_core::Error, end: &str| {
        assert!(err.is_mismatch());
        assert_eq!(err.to_string(), format!("{} {name}: {end}", err.call()));
    };
    told(ShmArray::<f64>::open(&*name).unwrap_err(), "found elements of type f32, wanted f64");
    told(
        ShmArray::<u32>::open_read_only(&*name).unwrap_err(),
        "found elements of type f32, wanted u32",
    );
    told(
        ShmArray::<[f32; 3]>::open(&*name).unwrap_err(),
        "found elements of type f32, wanted array",
    );
    told(
        AnyArray::open(&*name).unwrap().downcast::<i32>().unwrap_err(),
        "found elements of type f32, wanted i32",
    );
    told(
        ShmArray::<f64>::open_or_create(&*name, [3, 4]).unwrap_err(),
        "found elements of type f32, wanted f64",
    );
    for (shape, text) in [
        (Shape::from([4, 3]), "4×3"),
        (12.into(), "12"),
        ([3, 4, 1].into(), "3×4×1"),
        (0.into(), "0"),
    ] {
        let wanted = format!("found 3×4 elements, wanted {text}");
        told(ShmArray::<f32>::open_or_create(&*name, shape).unwrap_err(), &wanted);
        told(ours.expect_shape(shape).unwrap_err(), &wanted);
    }
    let found = ShmArray::<f32>::open_or_create(&*name, [3, 4]).unwrap();
    assert!(!found.was_created());
    found.expect_shape([3, 4]).unwrap();
    assert_eq!(AnyArray::open(&*name).unwrap().kind(), Kind::F32);

    let plain = fixture::name();
    let _memory = SharedMemory::create(&*plain, 4096).unwrap();
    let err = ShmArray::<f32>::open(&*plain).unwrap_err();
    assert!(err.is_mismatch());
    assert_eq!(err.to_string(), format!("open {plain}: found bare memory, wanted an array"));
    assert_eq!(AnyArray::open(&*plain).unwrap_err().to_string(), err.to_string());
}

/// Safe code writes what looks like a header into an object without one: no array is found there.
#[test]
fn a_header_written_by_other_means_is_not_opened_as_an_array() {
    let (forged, real) = (fixture::name(), fixture::name());
    let array = ShmArray::<u8>::create(&*real, 4096).unwrap();
    let mut header = [0u8; 64];
    SharedMemory::open_and_read(&*real, OpenOptions::new(), &mut header).unwrap();
    let memory = SharedMemory::create(&*forged, array.memory().size()).unwrap();
    let words = Placed::<[AtomicU64; 64], _>::create_in(memory).unwrap();
    for (word, bytes) in words.iter().zip(header.chunks_exact(8)) {
        word.store(u64::from_ne_bytes(bytes.try_into().unwrap()), Ordering::Relaxed);
    }
    let err = ShmArray::<u8>::open(&*forged).unwrap_err();
    assert!(err.is_mismatch() && err.to_string().contains("found bare memory"), "{err}");
    assert!(AnyArray::open(&*forged).unwrap_err().is_mismatch());
    assert!(
        SharedMemory::open(&*forged)
            .and_then(ShmArray::<u8, _>::open_in)
            .unwrap_err()
            .is_mismatch()
    );
}

#[test]
fn impossible_arrays_are_refused_with_their_name_and_leave_nothing() {
    let name = fixture::name();
    let check = LeakCheck::of(&name);
    let refused = |shape: Shape, why: &str| {
        for options in [ArrayOptions::new(shape), ArrayOptions::new(shape).sparse()] {
            let err = ShmArray::<f64>::create(&*name, options).unwrap_err();
            assert!(err.is_invalid_argument() && err.to_string().contains(why), "{err}");
            assert_eq!(err.object(), &*name);
            assert_eq!(
                ShmArray::<f64>::open_or_create(&*name, options).unwrap_err().to_string(),
                err.to_string()
            );
        }
    };
    refused([3, 0].into(), "a dimension of 0 in 3×0");
    for shape in [[1 << 32, 1 << 32], [usize::MAX, 2], [1 << 61, 8], [isize::MAX as usize, 1]] {
        refused(shape.into(), "no memory holds");
    }
    refused(((isize::MAX as usize - 64) / 8).into(), "more than an address space has");
    assert!(ShmArray::<f64>::create("no slash", 3).unwrap_err().is_invalid_argument());
    for dims in [&[][..], &[1; 17]] {
        assert!(Shape::new(dims).unwrap_err().to_string().contains("1 to 16 are possible"));
    }
    for len in [1 << 50, (isize::MAX as usize - 4096) / 8] {
        let err = ShmArray::<f64>::create(&*name, ArrayOptions::new(len).sparse()).unwrap_err();
        assert!(err.is_no_space(), "{err}");
        assert_eq!(err.object(), &*name);
    }
    check.finish();
}

/// A header could not record where such elements are: it ends on a boundary of 64 bytes.
#[test]
fn elements_on_a_boundary_of_more_than_64_bytes_are_refused() {
    #[derive(Clone, Copy, Plain)]
    #[repr(C, align(64))]
    struct Line([u8; 64]);
    #[derive(Clone, Copy, Plain)]
    #[repr(C, align(128))]
    struct Wide([u8; 128]);

    let name = fixture::name();
    let line = ShmArray::<Line>::create(&*name, 3).unwrap();
    assert!(line.as_ptr().is_aligned());
    line.set([2], Line([7; 64])).unwrap();
    let theirs = ShmArray::<Line>::open(&*name).unwrap();
    assert!(theirs.get([2]).unwrap().0 == [7; 64] && theirs.get([1]).unwrap().0 == [0; 64]);
    assert_eq!(AnyArray::open(&*name).unwrap().to_bytes()[128..], [7; 64]);
    let other = fixture::name();
    let err = ShmArray::<Wide>::create(&*other, 3).unwrap_err();
    assert!(err.is_invalid_argument());
    assert!(
        err.to_string().ends_with("elements on a boundary of 128 bytes, 64 at most are possible"),
        "{err}"
    );
    assert_eq!(Wide::SCHEMA.align, 128);
    assert_eq!(Wide([0; 128]).0.len(), 128);
}

#[test]
fn a_full_file_system_is_an_error_that_leaves_nothing() {
    let Some(root) = Root::or_skip("mounts a small /dev/shm") else { return };
    Child::run(ChildOptions::role("filler").small_shm(root, 64 * 1024), &[]).finish();
}

fn filler(_: &mut Role) {
    let name = fixture::name();
    let check = LeakCheck::start();
    let err = ShmArray::<f32>::create(&*name, [100, 1000]).unwrap_err();
    assert!(err.is_no_space());
    assert_eq!((err.call(), err.object()), ("fallocate", &*name));
    check.finish();
    let sparse = ShmArray::<f32>::create(&*name, ArrayOptions::new([100, 1000]).sparse()).unwrap();
    sparse.set([99, 999], 1.5).unwrap();
    assert_eq!(ShmArray::<f32>::open(&*name).unwrap().get([99, 999]).unwrap(), 1.5);
}
