//! The C and NumPy code in the folder `interop`, tested against this crate and against each other.

use std::fmt::Debug;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs};

use ipc_core::Removal;
use ipc_mem::{Kind, Memory, Plain, Tag};
use ipc_shm::SharedMemory;
use ipc_shmarray::{AnyArray, ArrayOptions, Shape, ShmArray};
use ipc_testkit::{Child, ChildOptions, Rng, c_program, fixture, skip, watchdog};
use num_complex::Complex;

use crate::path;
use ipc_hostile::memory::Pages;

const INTEROP: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../interop");

/// The first n of these are the shape of an array of n dimensions.
const DIMS: [usize; 7] = [2, 3, 2, 1, 2, 1, 2];

/// The steps for each of the twelve element types; element k, from 1 on, is `element(k)`.
pub(crate) trait ForType {
    fn run<T: Plain + PartialEq + Debug>(&self, kind: Kind, element: fn(u8) -> T);
}

pub(crate) fn for_all_types(what: &impl ForType) {
    what.run(Kind::I8, u8::cast_signed);
    what.run(Kind::U8, |k| k);
    what.run(Kind::I16, i16::from);
    what.run(Kind::U16, u16::from);
    what.run(Kind::I32, i32::from);
    what.run(Kind::U32, u32::from);
    what.run(Kind::I64, i64::from);
    what.run(Kind::U64, u64::from);
    what.run(Kind::F32, |k| f32::from(k) * 1.25);
    what.run(Kind::F64, |k| f64::from(k) * 1.25);
    what.run(Kind::C32, |k| Complex::new(f32::from(k) * 1.25, -f32::from(k)));
    what.run(Kind::C64, |k| Complex::new(f64::from(k) * 1.25, -f64::from(k)));
}

/// The elements of an array of n dimensions, each multiplied by `times`.
pub(crate) fn elements<T>(n: usize, times: u8, element: fn(u8) -> T) -> Vec<T> {
    let len = u8::try_from(DIMS[..n].iter().product::<usize>()).unwrap();
    (1..=len).map(|k| element(k * times)).collect()
}

pub(crate) fn shape(n: usize) -> Shape {
    Shape::new(&DIMS[..n]).unwrap()
}

/// The Python interpreter that has NumPy.
pub(crate) fn numpy() -> Option<PathBuf> {
    ipc_testkit::python(env!("CARGO_TARGET_TMPDIR"), &[("numpy", "numpy==2.2.6")])
}

/// The first lines of a Python program that uses the module.
pub(crate) const PYTHON: &str = r#"
import sys
sys.path.insert(0, sys.argv[1])
import numpy, ipc_array

NAMES = "int8 uint8 int16 uint16 int32 uint32 int64 uint64 float32 float64 complex64 complex128".split()
DIMS = (2, 3, 2, 1, 2, 1, 2)

def each():
    for element, dtype in enumerate(NAMES, 1):
        for n in range(1, 8):
            dims = DIMS[:n]
            k = numpy.arange(1, 1 + numpy.prod(dims)).reshape(dims, order="F")
            if dtype.startswith("float"):
                k = k * 1.25
            if dtype.startswith("complex"):
                k = k * (1.25 - 1j)
            yield element, dtype, n, k.astype(dtype)
"#;

pub(crate) fn run_python(python: &Path, program: &str, args: &[&str]) -> Child {
    let options = ChildOptions::program(python).env("PYTHONDONTWRITEBYTECODE", "1");
    let program = format!("{PYTHON}\n{program}");
    Child::run(options, &[&["-c", &program, &format!("{INTEROP}/python")], args].concat())
}

/// Creates the arrays that the other side reads, then checks what it has written into them, and the
/// arrays it created.
struct Ours<'a>(&'a str);
struct Doubled<'a>(&'a str);
struct Theirs<'a>(&'a str, Tag);

fn name(base: &str, kind: Kind, n: usize) -> String {
    format!("{base}-{}-{n}", kind.code())
}

impl ForType for Ours<'_> {
    fn run<T: Plain + PartialEq + Debug>(&self, kind: Kind, element: fn(u8) -> T) {
        for n in 1..=7 {
            let options = ArrayOptions::new(shape(n)).removal(Removal::Never);
            let array = ShmArray::create(&*name(self.0, kind, n), options).unwrap();
            array.write_from(&elements(n, 1, element)).unwrap();
        }
    }
}

impl ForType for Doubled<'_> {
    fn run<T: Plain + PartialEq + Debug>(&self, kind: Kind, element: fn(u8) -> T) {
        for n in 1..=7 {
            let array = ShmArray::<T>::open(&*name(self.0, kind, n)).unwrap();
            assert_eq!(array.to_vec(), elements(n, 2, element), "{kind}, {n} dimensions");
        }
    }
}

impl ForType for Theirs<'_> {
    fn run<T: Plain + PartialEq + Debug>(&self, kind: Kind, element: fn(u8) -> T) {
        for n in 1..=7 {
            let name = name(self.0, kind, n);
            let array = ShmArray::<T>::open(&*name).unwrap();
            assert_eq!(
                (*array.shape(), array.to_vec()),
                (shape(n), elements(n, 1, element)),
                "{kind}"
            );
            assert_eq!(
                (AnyArray::open(&*name).unwrap().kind(), array.memory().tag()),
                (kind, self.1)
            );
        }
    }
}

const C: &str = r#"
    union value { int8_t i8; uint8_t u8; int16_t i16; uint16_t u16; int32_t i32; uint32_t u32; int64_t i64;
                  uint64_t u64; float f32[2]; double f64[2]; char bytes[16]; };

    static union value value_of(unsigned element, unsigned k) {
        union value v = { .bytes = { 0 } };
        switch (element) {
        case IPC_I8: v.i8 = (int8_t)k; break;
        case IPC_U8: v.u8 = (uint8_t)k; break;
        case IPC_I16: v.i16 = (int16_t)k; break;
        case IPC_U16: v.u16 = (uint16_t)k; break;
        case IPC_I32: v.i32 = (int32_t)k; break;
        case IPC_U32: v.u32 = k; break;
        case IPC_I64: v.i64 = k; break;
        case IPC_U64: v.u64 = k; break;
        case IPC_C32: v.f32[1] = -(float)k; /* fall through */
        case IPC_F32: v.f32[0] = (float)k * 1.25f; break;
        case IPC_C64: v.f64[1] = -(double)k; /* fall through */
        case IPC_F64: v.f64[0] = k * 1.25; break;
        default: must(0);
        }
        return v;
    }

    int main(int argc, char **argv) {
        static const size_t dims[] = { 2, 3, 2, 1, 2, 1, 2 };
        must(argc == 3);
        for (unsigned element = IPC_I8; element <= IPC_C64; element++)
            for (unsigned n = 1; n <= 7; n++) {
                struct ipc_array ours, view, theirs, none;
                char name[256];
                snprintf(name, sizeof name, "%s-%u-%u", argv[1], element, n);
                must(ipc_array_open(name, 1, &ours) == 0 && ipc_array_open(name, 0, &view) == 0);
                must(ours.element == element && ours.ndims == n && memcmp(ours.dims, dims, n * sizeof *dims) == 0);
                snprintf(name, sizeof name, "%s-%u-%u", argv[2], element, n);
                must(ipc_array_create(name, (enum ipc_element)element, n, dims, &theirs) == 0);
                memset(&none, 1, sizeof none);
                must(ipc_array_create(name, (enum ipc_element)element, n, dims, &none) == EEXIST);
                must(none.base == NULL && ipc_array_open("/", 0, &none) != 0);
                ipc_array_close(&none);
                must(theirs.len == ours.len && theirs.element_size == ours.element_size);
                size_t index[16] = { 0 };
                for (unsigned k = 1; k <= ours.len; k++) {
                    union value one = value_of(element, k), two = value_of(element, 2 * k);
                    char *place = ipc_array_at(&ours, index);
                    must(place == (char *)ours.data + (k - 1) * ours.element_size);
                    must(memcmp(place, &one, ours.element_size) == 0);
                    memcpy(place, &two, ours.element_size);
                    must(memcmp(ipc_array_at(&view, index), &two, ours.element_size) == 0);
                    memcpy(ipc_array_at(&theirs, index), &one, theirs.element_size);
                    for (unsigned i = 0; i < n && ++index[i] == dims[i]; i++)
                        index[i] = 0;
                }
                index[n - 1] = dims[n - 1];
                must(ipc_array_at(&ours, index) == NULL && ipc_array_position(&ours, index) == SIZE_MAX);
                ipc_array_close(&ours);
                ipc_array_close(&view);
                ipc_array_close(&theirs);
                must(ours.data == NULL);
            }
        return 0;
    }
"#;

fn with_header(program: &str) -> String {
    format!(
        "{}\n#line 1 \"program.c\"\n{program}",
        fs::read_to_string(format!("{INTEROP}/c/ipc_array.h")).unwrap()
    )
}

#[test]
fn c_and_we_use_each_others_arrays_of_all_types_and_dimensions() {
    watchdog(|| {
        let (ours, theirs) = (fixture::name(), fixture::name());
        for_all_types(&Ours(&ours));
        Child::run(&c_program("interop", &with_header(C)), &[&ours, &theirs]).finish();
        for_all_types(&Doubled(&ours));
        for_all_types(&Theirs(&theirs, Tag::FOREIGN));
    });
}

const NUMPY: &str = r#"
for element, dtype, n, values in each():
    ours, theirs, saved = (f"{base}-{element}-{n}" for base in sys.argv[2:5])
    view = ipc_array.open(ours)
    assert view.dtype == dtype and view.shape == DIMS[:n] and (view == values).all(), ours
    assert view.flags.f_contiguous and not view.flags.writeable
    array = ipc_array.open(ours, writable=True)
    array *= 2
    assert (view == values * 2).all() and array.flags.f_contiguous
    array = ipc_array.create(theirs, DIMS[:n], dtype)
    assert array.dtype == dtype and array.shape == DIMS[:n] and not array.any()
    array[...] = values
    for order in "CF":
        for bytes in "<>":
            array = ipc_array.save(saved, numpy.array(values, dtype=numpy.dtype(dtype).newbyteorder(bytes), order=order))
            assert array.dtype == dtype and (array == values).all()
            if (order, bytes) != ("F", ">"):
                ipc_array.unlink(saved)
"#;

#[test]
fn numpy_and_we_use_each_others_arrays_of_all_types() {
    let Some(python) = numpy() else { return };
    watchdog(|| {
        let (ours, theirs, saved) = (fixture::name(), fixture::name(), fixture::name());
        for_all_types(&Ours(&ours));
        run_python(&python, NUMPY, &[&ours, &theirs, &saved]).finish();
        for_all_types(&Doubled(&ours));
        for_all_types(&Theirs(&theirs, Tag::ARRAY));
        for_all_types(&Theirs(&saved, Tag::ARRAY));
    });
}

const MISTAKES: &str = r#"
import os
name, bare = sys.argv[2:4]

def refused(kind, words, call, *args, **more):
    try:
        call(*args, **more)
    except kind as error:
        assert words in str(error), f"{words!r} is not in {error}"
        return
    raise AssertionError(f"{words!r} was not raised")

refused(FileNotFoundError, name, ipc_array.open, name)
ipc_array.unlink(name)
array = ipc_array.create(name, (3, 4), "int16", mode=0o660)
assert os.stat("/dev/shm" + name).st_mode & 0o777 == 0o660
refused(FileExistsError, name, ipc_array.create, name, 3)
refused(FileExistsError, name, ipc_array.save, name, array)
refused(PermissionError, "mode 660, wanted one of this user or root", ipc_array.open, name)
assert ipc_array.open(name, anyone=True).shape == (3, 4)
refused(ValueError, "read-only", ipc_array.open(name, anyone=True).__setitem__, (0, 0), 1)
refused(ValueError, "found magic 0x00000000", ipc_array.open, bare)
for wrong in "no-slash", "/", "/a/b", "/" + 256 * "x", "/..":
    refused(ValueError, "a name is a slash and 1 to 255 bytes", ipc_array.open, wrong)
    refused(ValueError, "a name is a slash", ipc_array.create, wrong, 3)
for shape in (), (0,), (3, -1), 17 * (1,):
    refused(ValueError, "1 to 16 dimensions of at least 1", ipc_array.create, name + "-new", shape)
refused(ValueError, "no memory holds", ipc_array.create, name + "-new", 16 * (2**30,))
refused(OSError, "", ipc_array.create, name + "-new", 2**58, "uint8")
for dtype in "bool", "float16", "<U3", "object", "i4,f8":
    refused(TypeError, "arrays have elements of int8, uint8,", ipc_array.create, name + "-new", 3, dtype)
refused(FileNotFoundError, "", ipc_array.open, name + "-new")
ipc_array.unlink(name)
array[2, 3] = 7  # the memory stays as long as it is used
part = array[1:]
del array
assert part[1, 3] == 7
"#;

#[test]
fn the_python_module_says_what_is_wrong_and_leaves_nothing() {
    let Some(python) = numpy() else { return };
    watchdog(|| {
        let (name, bare) = (fixture::name(), fixture::name());
        let _bare = SharedMemory::create(&*bare, 4096).unwrap();
        run_python(&python, MISTAKES, &[&name, &bare]).finish();
        assert!(
            !fs::exists(path(&name)).unwrap() && !fs::exists(path(&format!("{name}-new"))).unwrap()
        );
    });
}

/// Damaged copies of an array's bytes, each with whether Rust accepts it as an array.
fn damaged(rng: &mut Rng) -> Vec<(Vec<u8>, bool)> {
    let pages = Pages::new(4096);
    let (name, mut all) = (fixture::name(), Vec::new());
    let index = |rng: &mut Rng, end: usize| usize::try_from(rng.below(end as u64)).unwrap();
    for n in [1, 3, 7] {
        drop(
            ShmArray::<f32>::create(&*name, ArrayOptions::new(shape(n)).removal(Removal::Never))
                .unwrap(),
        );
        let image = fs::read(path(&name)).unwrap();
        ShmArray::<f32>::unlink(&*name).unwrap();
        for round in 0..2_000 {
            let mut bytes = image.clone();
            for _ in 0..rng.below(3) {
                let width = *rng.pick(&[1, 2, 4, 8]);
                let at = index(rng, 64 / width) * width;
                let value = *rng.pick(&[
                    0,
                    1,
                    2,
                    12,
                    13,
                    16,
                    17,
                    64,
                    128,
                    1 << 31,
                    1 << 61,
                    1 << 62,
                    1 << 63,
                    u64::MAX,
                ]);
                bytes[at..at + width].copy_from_slice(&value.to_ne_bytes()[..width]);
            }
            if round % 3 == 0 {
                bytes.truncate(index(rng, bytes.len() + 1));
            }
            // The others do not read the formats that only Rust has.
            if bytes.get(4..6) != Some(&[0, 1]) {
                let taken = AnyArray::open_in(pages.with(&bytes)).is_ok();
                all.push((bytes, taken));
            }
        }
    }
    all
}

const CHECK_IN_C: &str = r#"
    int main(int argc, char **argv) {
        static char bytes[4096] __attribute__((aligned(64)));
        uint32_t size;
        must(argc == 2);
        FILE *file = fopen(argv[1], "rb");
        must(file);
        while (fread(&size, sizeof size, 1, file) == 1) {
            struct ipc_array array;
            memset(&array, 1, sizeof array);
            must(size <= sizeof bytes && fread(bytes, 1, size, file) == size);
            int why = ipc_array_check(bytes, size, &array);
            must(why != 0 || ((char *)array.data + array.len * array.element_size <= bytes + size));
            must(why == 0 || (array.base == NULL && array.data == NULL));
            must(strlen(ipc_array_why(why)) > 10);
            putchar(why == 0 ? '1' : '0');
        }
        putchar('\n');
        return 0;
    }
"#;

const CHECK_IN_PYTHON: &str = r#"
import struct
with open(sys.argv[2], "rb") as file:
    verdicts = ""
    while size := file.read(4):
        size, = struct.unpack("I", size)
        try:
            ipc_array._header("/x", file.read(size)[:144], size)
            verdicts += "1"
        except ValueError as error:
            assert str(error).startswith("/x: found ")
            verdicts += "0"
print(verdicts)
"#;

#[test]
fn what_we_refuse_as_an_array_c_and_python_refuse_too() {
    let numpy = numpy(); // outside the watchdog: it may have to be installed
    watchdog(|| {
        let (all, dir) = (damaged(&mut Rng::new()), fixture::dir());
        let record = |(bytes, _): &(Vec<u8>, bool)| {
            [&u32::try_from(bytes.len()).unwrap().to_ne_bytes(), &bytes[..]].concat()
        };
        let file = dir.join("damaged");
        fs::write(&file, all.iter().flat_map(record).collect::<Vec<_>>()).unwrap();
        let file = file.to_str().unwrap();
        let wanted: String = all.iter().map(|(_, taken)| if *taken { '1' } else { '0' }).collect();
        assert!(wanted.matches('1').count() > 500 && wanted.matches('0').count() > 500);
        let mut children = vec![Child::run(&c_program("check", &with_header(CHECK_IN_C)), &[file])];
        children.extend(numpy.iter().map(|python| run_python(python, CHECK_IN_PYTHON, &[file])));
        for mut child in children {
            let found = child.hear();
            let first =
                wanted.bytes().zip(found.bytes()).position(|(wanted, found)| wanted != found);
            assert!(found == wanted, "another verdict on {:?}", first.map(|i| &all[i]));
            child.finish();
        }
    });
}

const DESCRIBED_IN_C: &str = r#"
    int main(void) {
        static _Alignas(64) struct { uint32_t magic; uint16_t element, ndims; int64_t offset, dim; char rest[232]; }
            bytes = { IPC_ARRAY_MAGIC, IPC_DESCRIBED, 1, 128, 3, { 0 } };
        struct ipc_array array;
        size_t index = 1;
        must(MAP_ANONYMOUS != 0); /* which is not POSIX of 2008, but what this compiler shows unasked */
        must(ipc_array_check(&bytes, sizeof bytes, &array) == 0 && array.len == 3);
        must(ipc_array_position(&array, &index) == 1 && ipc_array_at(&array, &index) == NULL);
        return 0;
    }
"#;

#[test]
fn elements_of_unknown_size_have_no_address_in_c() {
    watchdog(|| Child::run(&c_program("described", &with_header(DESCRIBED_IN_C)), &[]).finish());
}

#[test]
fn the_header_compiles_without_a_warning_as_c_and_as_cpp() {
    let compiler =
        |variable: &str, usual: &str| env::var(variable).unwrap_or_else(|_| usual.to_owned());
    for (program, standards) in
        [(compiler("CC", "cc"), ["c11", "gnu17"]), (compiler("CXX", "c++"), ["c++11", "gnu++17"])]
    {
        let language = if standards[0].starts_with("c++") { "c++" } else { "c" };
        if Command::new(&program).arg("--version").output().is_err() {
            skip(&format!("there is no {program}"));
            continue;
        }
        for standard in standards {
            let mut compile = Command::new(&program);
            compile.arg(format!("-std={standard}")).args(["-x", language, "-fsyntax-only", "-O2"]);
            compile.args(["-Wall", "-Wextra", "-Werror", "-pedantic", "-Wconversion"]);
            // In the main file of a compilation, its functions would appear to be unused.
            compile.args(["-include", &format!("{INTEROP}/c/ipc_array.h"), "-"]);
            let told = compile.stdin(Stdio::null()).output().unwrap();
            assert!(
                told.status.success(),
                "{program} {standard}: {}",
                String::from_utf8_lossy(&told.stderr)
            );
        }
    }
}
