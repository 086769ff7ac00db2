//! NumPy files: those that NumPy writes and reads, and invalid ones.

use std::fmt::Debug;
use std::io::{self, Cursor, Read};
use std::path::Path;
use std::{fs, iter};

use ipc_core::{Errno, Removal};
use ipc_mem::{Kind, Plain};
use ipc_shm::MemoryOptions;
use ipc_shmarray::{AnyArray, ShmArray};
use ipc_testkit::{LeakCheck, Rng, fixture, watchdog};
use num_complex::Complex;

use crate::interop::{ForType, elements, for_all_types, numpy, run_python, shape};

fn file(version: u8, text: &str, elements: &[u8]) -> Vec<u8> {
    let len = u32::try_from(text.len()).unwrap().to_le_bytes();
    let len = if version == 1 { &len[..2] } else { &len };
    [&b"\x93NUMPY"[..], &[version, 0], len, text.as_bytes(), elements].concat()
}

fn read<T: Plain>(npy: &[u8]) -> ipc_core::Result<(Vec<usize>, Vec<T>)> {
    let name = fixture::name();
    let array = ShmArray::create_from_npy(&*name, npy);
    assert_eq!(
        fs::exists(crate::path(&name)).unwrap(),
        array.is_ok(),
        "nothing is left of what was refused"
    );
    array.map(|array| (array.shape().dims().to_vec(), array.to_vec()))
}

#[test]
fn indices_are_the_same_whatever_the_order_of_the_file() {
    let text =
        |order: &str| format!("{{'descr': '<u2', 'fortran_order': {order}, 'shape': (2, 3, 2), }}");
    let bytes: Vec<u8> = (0..12u16).flat_map(u16::to_le_bytes).collect();
    for version in 1..=3 {
        let (dims, found) = read::<u16>(&file(version, &text("True"), &bytes)).unwrap();
        assert_eq!((dims, found), (vec![2, 3, 2], (0..12).collect()));
        let name = fixture::name();
        let array =
            ShmArray::<u16>::create_from_npy(&*name, &*file(version, &text("False"), &bytes))
                .unwrap();
        // In C order, element [i, j, k] is k + 2 * (j + 3 * i).
        for (index, wanted) in
            [([0, 0, 0], 0), ([0, 0, 1], 1), ([0, 1, 0], 2), ([1, 0, 0], 6), ([1, 2, 1], 11)]
        {
            assert_eq!(array.get(index).unwrap(), wanted, "{index:?}");
        }
    }
    let plane =
        file(1, "{'descr': '|u1', 'fortran_order': False, 'shape': (300, 200), }", &[7; 60_000]);
    assert_eq!(read::<u8>(&plane).unwrap(), (vec![300, 200], vec![7; 60_000]));
}

#[test]
fn numbers_of_the_other_byte_order_are_converted() {
    let text =
        |descr: &str| format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': (2,), }}");
    let bytes = [1.5f32, -2.0].map(f32::to_be_bytes).concat();
    assert_eq!(read::<f32>(&file(1, &text(">f4"), &bytes)).unwrap().1, [1.5, -2.0]);
    let bytes = [1.5f64, -2.0, 3.0, 4.0].map(f64::to_be_bytes).concat();
    let found = read::<Complex<f64>>(&file(1, &text(">c16"), &bytes)).unwrap().1;
    assert_eq!(found, [Complex::new(1.5, -2.0), Complex::new(3.0, 4.0)]);
    assert_eq!(read::<u8>(&file(1, &text(">u1"), &[1, 2])).unwrap().1, [1, 2]);
}

/// Writes each array to a file and reads it back.
struct RoundTrip;

impl ForType for RoundTrip {
    fn run<T: Plain + PartialEq + Debug>(&self, kind: Kind, element: fn(u8) -> T) {
        for n in 1..=7 {
            let name = fixture::name();
            let array = ShmArray::create(&*name, shape(n)).unwrap();
            array.write_from(&elements(n, 1, element)).unwrap();
            let (mut typed, mut any) = (Vec::new(), Vec::new());
            array.write_npy(&mut typed).unwrap();
            AnyArray::open(&*name).unwrap().write_npy(&mut any).unwrap();
            assert_eq!(typed, any);
            assert_eq!(
                read::<T>(&typed).unwrap(),
                (shape(n).dims().to_vec(), elements(n, 1, element)),
                "{kind}"
            );
            let err = read::<[T; 2]>(&typed).unwrap_err();
            assert!(
                err.to_string().ends_with(&format!("found elements of type {kind}, wanted array")),
                "{err}"
            );
            for len in (0..typed.len()).step_by(7).chain([typed.len() - 1]) {
                assert!(read::<T>(&typed[..len]).unwrap_err().is_mismatch());
            }
        }
    }
}

#[test]
fn what_is_written_is_read_and_what_ends_early_is_refused() {
    for_all_types(&RoundTrip);
}

#[test]
fn an_array_of_many_pages_and_sixteen_dimensions_comes_back() {
    let name = fixture::name();
    let array =
        ShmArray::create(&*name, [3, 1, 5, 1, 2, 1, 1, 7, 1, 1, 1, 11, 1, 1, 1, 13]).unwrap();
    let all: Vec<u32> = (0..30_030).collect();
    array.write_from(&all).unwrap();
    let mut npy = Vec::new();
    array.write_npy(&mut npy).unwrap();
    assert_eq!(read::<u32>(&npy).unwrap(), (array.shape().dims().to_vec(), all));
}

#[test]
fn structs_have_no_name_in_the_format() {
    let name = fixture::name();
    let array = ShmArray::<[f32; 3]>::create(&*name, 2).unwrap();
    let mut npy = Vec::new();
    let errs = [array.write_npy(&mut npy), AnyArray::open(&*name).unwrap().write_npy(&mut npy)];
    for err in errs.map(Result::unwrap_err) {
        assert!(err.is_invalid_argument() && err.object() == &*name, "{err}");
    }
    assert!(npy.is_empty());
}

/// A header that claims data that is not there does not cause an allocation, whatever it claims.
#[test]
fn a_file_that_claims_to_be_large_allocates_nothing() {
    let file = |dims: &str, order: &str| {
        file(
            1,
            &format!("{{'descr': '<f8', 'fortran_order': {order}, 'shape': {dims}, }}"),
            &[0; 100],
        )
    };
    for order in ["True", "False"] {
        for dims in ["(1152921504606846975,)", "(4294967296, 4294967296)"] {
            assert!(
                read::<f64>(&file(dims, order))
                    .unwrap_err()
                    .to_string()
                    .contains("no memory holds")
            );
        }
        for dims in ["(68719476736,)", "(65536, 65536)"] {
            let err = read::<f64>(&file(dims, order)).unwrap_err();
            assert!(err.is_mismatch() && err.to_string().contains("it ends before all"), "{err}");
        }
    }
}

#[test]
fn damaged_files_give_an_array_or_a_refusal() {
    let mut rng = Rng::new();
    let text = "{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3), }\n";
    let whole = file(1, text, &[0; 24]);
    let name = fixture::name();
    let check = LeakCheck::of(&name);
    for _ in 0..2_000 {
        let mut damaged = whole.clone();
        for _ in 0..=rng.below(2) {
            let at = usize::try_from(rng.below(damaged.len() as u64)).unwrap();
            damaged[at] = if rng.below(2) == 0 {
                rng.next_u64().to_le_bytes()[0]
            } else {
                *rng.pick(b"0'(){},: \"9")
            };
        }
        match ShmArray::<f32>::create_from_npy(&*name, &*damaged) {
            Ok(array) => assert_eq!(array.shape().checked_len(), Some(array.len())),
            Err(err) => assert!(err.is_mismatch() && err.to_string().len() < 700, "{err}"),
        }
    }
    check.finish();
}

/// Fails when the rest has been used up.
struct Broken<R>(R);

impl<R: Read> Read for Broken<R> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        match self.0.read(bytes)? {
            0 => Err(io::Error::from_raw_os_error(Errno::EIO.raw())),
            count => Ok(count),
        }
    }
}

/// Fails with an error that has no OS error number.
struct Refusing;

impl Read for Refusing {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(io::Error::new(io::ErrorKind::ConnectionReset, "the plug is out"))
    }
}

#[test]
fn errors_of_reading_and_writing_are_reported() {
    let name = fixture::name();
    let array = ShmArray::<u8>::create(&*name, 10_000).unwrap();
    let mut npy = Vec::new();
    array.write_npy(&mut npy).unwrap();
    for len in [3, 64, 5_000] {
        let copy = fixture::name();
        let err = ShmArray::<u8>::create_from_npy(&*copy, Broken(&npy[..len])).unwrap_err();
        assert_eq!((err.errno(), err.call(), err.object()), (Some(Errno::EIO), "npy", &*copy));
    }
    for room in [5, 5_000] {
        let err = array.write_npy(Cursor::new(&mut vec![0; room][..])).unwrap_err();
        assert!(
            err.is_no_space() && !err.is_mismatch() && err.to_string().contains("whole buffer"),
            "{err}"
        );
    }
    let copy = fixture::name();
    let err = ShmArray::<u8>::create_from_npy(&*copy, Refusing).unwrap_err();
    assert!(!err.is_mismatch() && err.to_string().ends_with("the plug is out"), "{err}");
    assert_eq!(io::Error::from(err).kind(), io::ErrorKind::ConnectionReset);
}

#[test]
fn options_apply_to_the_array_and_later_bytes_of_a_file_stay() {
    let name = fixture::name();
    let text = "{'descr': '|i1', 'fortran_order': False, 'shape': (3,), }";
    let bytes = [file(1, text, &[1, 2, 3]), b"more".to_vec()].concat();
    let mut npy = &*bytes;
    let options = MemoryOptions::new(7).removal(Removal::Never).permissions(0o640);
    drop(ShmArray::<i8>::create_from_npy_with(&*name, options, &mut npy).unwrap());
    assert_eq!(npy, b"more");
    assert_eq!(ShmArray::<i8>::open(&*name).unwrap().to_vec(), [1, 2, 3]);
    assert!(ShmArray::<i8>::create_from_npy(&*name, &*bytes).unwrap_err().is_exists());
    let wrong = iter::repeat_n(b'x', 100).collect::<Vec<_>>();
    assert!(
        ShmArray::<i8>::create_from_npy("no slash", &*wrong).unwrap_err().is_invalid_argument()
    );
}

/// Writes files for NumPy to read, and reads the files that NumPy wrote.
struct Written<'a>(&'a Path);
struct Saved<'a>(&'a Path);

impl ForType for Written<'_> {
    fn run<T: Plain + PartialEq + Debug>(&self, kind: Kind, element: fn(u8) -> T) {
        for n in 1..=7 {
            let name = fixture::name();
            let array = ShmArray::create(&*name, shape(n)).unwrap();
            array.write_from(&elements(n, 1, element)).unwrap();
            let path = self.0.join(format!("ours-{}-{n}.npy", kind.code()));
            array.write_npy(fs::File::create_new(path).unwrap()).unwrap();
        }
    }
}

impl ForType for Saved<'_> {
    fn run<T: Plain + PartialEq + Debug>(&self, kind: Kind, element: fn(u8) -> T) {
        for (n, order, bytes, version) in (1..=7)
            .flat_map(|n| ["C", "F"].map(|order| (n, order)))
            .flat_map(|(n, order)| ["little", "big"].map(|bytes| (n, order, bytes)))
            .flat_map(|(n, order, bytes)| [1, 2, 3].map(|version| (n, order, bytes, version)))
        {
            let file = format!("{}-{n}-{order}-{bytes}-{version}.npy", kind.code());
            let npy = fs::read(self.0.join(&file)).unwrap();
            let wanted = (shape(n).dims().to_vec(), elements(n, 1, element));
            assert_eq!(read::<T>(&npy).unwrap(), wanted, "{file}");
        }
    }
}

const NUMPY: &str = r#"
import pathlib
folder = pathlib.Path(sys.argv[2])
for element, dtype, n, values in each():
    ours = numpy.load(folder / f"ours-{element}-{n}.npy")
    assert ours.dtype == dtype and ours.shape == values.shape and (ours == values).all()
    assert ours.flags.f_contiguous
    for order in "CF":
        for name, mark in ("little", "<"), ("big", ">"):
            array = numpy.array(values, dtype=numpy.dtype(dtype).newbyteorder(mark), order=order)
            for version in 1, 2, 3:
                with open(folder / f"{element}-{n}-{order}-{name}-{version}.npy", "wb") as file:
                    numpy.lib.format.write_array(file, array, version=(version, 0))
"#;

#[test]
fn numpy_loads_what_we_write_and_we_what_it_saves() {
    let Some(python) = numpy() else { return };
    watchdog(|| {
        let dir = fixture::dir();
        for_all_types(&Written(&dir));
        run_python(&python, NUMPY, &[dir.to_str().unwrap()]).finish();
        for_all_types(&Saved(&dir));
    });
}
