//! Arrays written by IPC.jl itself, opened here and written again byte by byte.

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::fs::{self, File};
use std::os::unix::fs::{FileExt, OpenOptionsExt};

use ipc_mem::{Kind, Plain};
use ipc_shmarray::{AnyArray, Shape, ShmArray};
use ipc_testkit::fixture;
use num_complex::Complex;

use crate::path;
use ipc_hostile::memory::{Pages, Views, bytes};

/// The content of a golden file, by its name and the rule of its elements.
struct Golden {
    dims: Vec<usize>,
    bytes: Vec<u8>,
    offset: usize,
}

impl Golden {
    fn check<T: Plain + PartialEq + Debug>(&self, kind: Kind, element: fn(u16) -> T) {
        let shape = Shape::new(&self.dims).unwrap();
        let count = u16::try_from(shape.checked_len().unwrap()).unwrap();
        let values: Vec<T> = (1..=count).map(element).collect();
        assert_eq!(self.bytes.len(), self.offset + size_of_val(&*values));
        self.is_opened(&shape, kind, &values);
        self.is_written(shape, &values);
    }

    fn is_opened<T: Plain + PartialEq + Debug>(&self, shape: &Shape, kind: Kind, values: &[T]) {
        let name = fixture::name();
        let file =
            File::options().write(true).create_new(true).mode(0o600).open(path(&name)).unwrap();
        file.write_all_at(&self.bytes, 0).unwrap();
        let array = ShmArray::<T>::open(&*name).unwrap();
        assert_eq!((array.shape(), array.to_vec()), (shape, values.to_vec()));
        let view = ShmArray::<T>::open_read_only(&*name).unwrap();
        assert_eq!((view.shape(), view.to_vec()), (shape, values.to_vec()));
        let any = AnyArray::open(&*name).unwrap();
        assert_eq!((any.kind(), any.element_size(), any.shape()), (kind, size_of::<T>(), shape));
        assert!(any.description().is_none());
        assert_eq!(any.to_bytes(), self.bytes[self.offset..]);
        assert_eq!(any.downcast::<T>().unwrap().to_vec(), values);

        let pages = Pages::new(self.bytes.len());
        let placed = ShmArray::<T, _>::open_in(pages.with(&self.bytes)).unwrap();
        assert_eq!((placed.shape(), placed.to_vec()), (shape, values.to_vec()));

        let err = ShmArray::<[T; 1]>::open_read_only(&*name).unwrap_err();
        assert!(err.is_mismatch());
        assert!(
            err.to_string().ends_with(&format!("found elements of type {kind}, wanted array")),
            "{err}"
        );
    }

    fn is_written<T: Plain + PartialEq + Debug>(&self, shape: Shape, values: &[T]) {
        let name = fixture::name();
        let array = ShmArray::<T>::create(&*name, shape).unwrap();
        array.write_from(values).unwrap();
        assert_eq!(fs::read(path(&name)).unwrap()[..self.bytes.len()], self.bytes);
        assert_eq!(bytes(array.memory()), self.bytes, "no byte more");

        let local = Views::new(self.bytes.len());
        ShmArray::<T, _>::create_in(local.fresh(), shape).unwrap().write_from(values).unwrap();
        assert_eq!(bytes(&local), self.bytes);
    }
}

#[test]
fn every_golden_array_is_opened_and_written_byte_by_byte() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/wa1");
    let mut seen = BTreeSet::new();
    let mut files = 0;
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let name = entry.file_name().into_string().unwrap();
        let Some(stem) = name.strip_prefix("gold-").and_then(|name| name.strip_suffix(".wa1"))
        else {
            continue;
        };
        let (element, dims) = stem.split_once('-').unwrap();
        let dims: Vec<usize> = dims.split('x').map(|dim| dim.parse().unwrap()).collect();
        let offset = [64, 128, 192][(dims.len() + 1) / 8];
        let golden = Golden { dims, bytes: fs::read(entry.path()).unwrap(), offset };
        match element {
            "Int8" => golden.check(Kind::I8, |k| i8::try_from(k).unwrap()),
            "UInt8" => golden.check(Kind::U8, |k| u8::try_from(k).unwrap()),
            "Int16" => golden.check(Kind::I16, |k| i16::try_from(k).unwrap()),
            "UInt16" => golden.check(Kind::U16, |k| k),
            "Int32" => golden.check(Kind::I32, i32::from),
            "UInt32" => golden.check(Kind::U32, u32::from),
            "Int64" => golden.check(Kind::I64, i64::from),
            "UInt64" => golden.check(Kind::U64, u64::from),
            "Float32" => golden.check(Kind::F32, |k| f32::from(k) + 0.5),
            "Float64" => golden.check(Kind::F64, |k| f64::from(k) + 0.5),
            "ComplexF32" => golden.check(Kind::C32, |k| Complex::new(f32::from(k), -f32::from(k))),
            "ComplexF64" => golden.check(Kind::C64, |k| Complex::new(f64::from(k), -f64::from(k))),
            other => panic!("{name}: no element type is called {other}"),
        }
        seen.insert(element.to_owned());
        files += 1;
    }
    assert_eq!((files, seen.len()), (38, 12));
}

#[test]
fn the_first_index_is_the_fastest() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/wa1");
    let pages = Pages::new(4096);
    let open = |name: &str| pages.with(&fs::read(format!("{folder}/{name}")).unwrap());
    let plane = ShmArray::<i64, _>::open_in(open("gold-Int64-3x4.wa1")).unwrap();
    assert_eq!(
        [[0, 0], [1, 0], [2, 0], [0, 1], [2, 3]].map(|at| plane.get(at).unwrap()),
        [1, 2, 3, 4, 12]
    );
    drop(plane);
    let cube = ShmArray::<f64, _>::open_in(open("gold-Float64-2x3x4.wa1")).unwrap();
    let found = [[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 2, 3]].map(|at| cube.get(at).unwrap());
    assert_eq!(found, [2.5, 3.5, 7.5, 24.5]);
}
