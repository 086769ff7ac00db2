//! Headers that are damaged or malicious: opening returns an error, or a view inside the memory.

use std::fs::{self, File};
use std::os::unix::fs::FileExt;

use ipc_core::Result;
use ipc_mem::{Memory, Plain};
use ipc_shmarray::{AnyArray, ArrayOptions, Shape, ShmArray};
use ipc_testkit::{Rng, fixture};

use crate::path;
use ipc_hostile::array::{look, look_at_any};
use ipc_hostile::memory::{Guarded, Pages, Unreadable, Views, bytes};

#[derive(Clone, Copy, Plain)]
#[repr(C)]
struct Reading {
    time: f64,
    channel: [u16; 3],
    gain: u16,
}

/// The bytes of an array, the length of its header, and the function that opens the changed bytes.
struct Case {
    image: Vec<u8>,
    header: usize,
    open: fn(&dyn Fn() -> Guarded),
}

impl Case {
    fn new<T: Plain>(shape: impl Into<Shape>) -> Self {
        let shape = shape.into();
        let data = shape.checked_len().unwrap() * size_of::<T>();
        let room = Views::new(4096 + data);
        let array = ShmArray::<T, _>::create_in(room.fresh(), shape).unwrap();
        let header = array.as_ptr().addr() - room.base().addr().get();
        let image = bytes(&room)[..header + data].to_vec();
        Self { image, header, open: open::<T> }
    }

    /// The header with the fields that its format defines, each with values that cause trouble.
    fn with_extremes(&self, mut run: impl FnMut(&[u8])) {
        let len = self.image.len() as u64;
        let extremes = [
            0,
            1,
            2,
            15,
            16,
            17,
            63,
            64,
            65,
            127,
            128,
            192,
            0x100,
            0x7FFF,
            0x8000,
            0xFFFF,
            1 << 20,
        ];
        let large = [
            1 << 31,
            u32::MAX.into(),
            1 << 32,
            1 << 61,
            1 << 62,
            i64::MAX.cast_unsigned(),
            1 << 63,
            u64::MAX,
        ];
        let lengths =
            [len - 1, len, len + 1, len - 64, len + 64, self.header as u64, u64::MAX - 63];
        for width in [2, 4, 8] {
            for at in (0..self.header).step_by(width) {
                for value in [&extremes[..], &large, &lengths].concat() {
                    let mut damaged = self.image.clone();
                    damaged[at..at + width].copy_from_slice(&value.to_le_bytes()[..width]);
                    run(&damaged);
                }
            }
        }
    }

    fn with_flipped_bits(&self, mut run: impl FnMut(&[u8])) {
        for bit in 0..self.header * 8 {
            let mut damaged = self.image.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            run(&damaged);
        }
    }

    fn truncated(&self, mut run: impl FnMut(&[u8])) {
        (0..=self.image.len()).for_each(|len| run(&self.image[..len]));
    }

    /// Several fields at once, and a different length.
    fn at_random(&self, rng: &mut Rng, count: usize, mut run: impl FnMut(&[u8])) {
        let index = |rng: &mut Rng, end: usize| usize::try_from(rng.below(end as u64)).unwrap();
        for _ in 0..count {
            let mut damaged = self.image.clone();
            for _ in 0..=rng.below(4) {
                let width = *rng.pick(&[1, 2, 4, 8]);
                let at = index(rng, self.header / width) * width;
                let value = rng.next_u64() >> rng.below(64);
                damaged[at..at + width].copy_from_slice(&value.to_ne_bytes()[..width]);
            }
            let len = if rng.below(4) == 0 { index(rng, damaged.len()) } else { damaged.len() };
            run(&damaged[..len]);
        }
    }
}

/// Opens the bytes with every function that opens an array.
fn open<T: Plain>(memory: &dyn Fn() -> Guarded) {
    look(ShmArray::<T, _>::open_in(memory()).as_ref());
    look(ShmArray::<u8, _>::open_in(memory()).as_ref());
    look_at_any(AnyArray::open_in(memory()));
}

/// Tries all changes to the bytes, and returns the number of changes tried.
fn damage(pages: &Pages, cases: &[Case]) -> usize {
    let mut rng = Rng::new();
    let mut count = 0;
    for case in cases {
        let mut run = |bytes: &[u8]| {
            (case.open)(&|| pages.with(bytes));
            count += 1;
        };
        case.with_flipped_bits(&mut run);
        case.with_extremes(&mut run);
        case.truncated(&mut run);
        case.at_random(&mut rng, 3_000, &mut run);
    }
    count
}

#[test]
fn a_damaged_header_gives_an_error_or_an_array_inside_the_memory() {
    let cases = [
        Case::new::<u8>(5),
        Case::new::<f32>([3, 4, 5]),
        Case::new::<f64>([2, 1, 1, 1, 2, 2]),
        Case::new::<i16>([1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 1, 1, 1]),
    ];
    let pages = Pages::new(65536);
    let mut count = damage(&pages, &cases);
    // All element type codes, most of which are invalid.
    let mut image = cases[1].image.clone();
    for value in 0..=u16::MAX {
        image[4..6].copy_from_slice(&value.to_ne_bytes());
        (cases[1].open)(&|| pages.with(&image));
        count += 1;
    }
    assert!(count >= 90_000, "{count} mutations are too few");
}

#[test]
fn a_damaged_header_of_structs_gives_an_error_or_an_array_inside() {
    let cases = [
        Case::new::<[u8; 3]>(7),
        Case::new::<[f64; 2]>([2, 3]),
        Case::new::<Reading>([2, 2]),
        Case::new::<[Reading; 2]>(2),
    ];
    let count = damage(&Pages::new(65536), &cases);
    assert!(count >= 45_000, "{count} mutations are too few");
}

/// The same through real files, where the header is read with `pread` and the trailer gives the
/// size.
#[test]
fn a_damaged_file_gives_an_error_or_an_array_inside_its_mapping() {
    fn check<T: Plain>(rng: &mut Rng, shape: impl Into<Shape>) -> usize {
        let (name, case) = (fixture::name(), Case::new::<T>(shape));
        let dims = ShmArray::<T, _>::open_in(Pages::new(4096).with(&case.image)).unwrap();
        let options = ArrayOptions::new(*dims.shape()).removal(ipc_core::Removal::Never);
        drop(ShmArray::<T>::create(&*name, options).unwrap());
        let whole = fs::read(path(&name)).unwrap();
        let file = File::options().write(true).open(path(&name)).unwrap();
        let mut count = 0;
        let mut run = |bytes: &[u8]| {
            file.write_all_at(bytes, 0).unwrap();
            look(ShmArray::<T>::open_read_only(&*name).as_ref());
            look(ShmArray::<T>::open(&*name).as_ref());
            look(ShmArray::<i8>::open(&*name).as_ref());
            look_at_any(AnyArray::open(&*name));
            count += 1;
        };
        case.with_flipped_bits(&mut run);
        case.at_random(rng, 1_000, &mut run);
        for len in 0..whole.len() {
            file.set_len(0).unwrap();
            run(&whole[..len]);
        }
        run(&whole);
        count
    }

    let mut rng = Rng::new();
    let counts = [
        check::<f32>(&mut rng, [3, 4, 5]),
        check::<Reading>(&mut rng, [2, 2]),
        check::<[u8; 3]>(&mut rng, 7),
    ];
    assert!(counts.iter().sum::<usize>() >= 5_000, "{counts:?} mutations are too few");
}

/// Text that the author of a file wrote into it must not control the reader's terminal.
#[test]
fn an_error_message_quotes_what_was_found_and_keeps_it_short() {
    #[derive(Clone, Copy, Plain)]
    #[repr(C)]
    struct Named {
        zzzzzz: u32,
        other: [[[u32; 2]; 2]; 2],
    }

    let mut image = Case::new::<Named>(3).image;
    let named: Vec<usize> =
        (0..image.len() - 6).filter(|at| image[*at..].starts_with(b"zzzzzz")).collect();
    assert_eq!(named.len(), 1);
    image[named[0]..named[0] + 6].copy_from_slice(b"\x1b[31m\n");
    let pages = Pages::new(4096);
    let err = ShmArray::<Named, _>::open_in(pages.with(&image)).unwrap_err();
    assert!(err.to_string().contains(r"field `\u{1b}[31m\n`: found u32, offset 0"), "{err}");
    assert!(!err.to_string().contains('\x1b'));
    assert_eq!(Named { zzzzzz: 1, other: [[[0; 2]; 2]; 2] }.zzzzzz, 1);
}

/// A process that uses it as intended may access its bytes in granules of another size.
#[test]
fn an_object_with_another_tag_is_refused_before_it_is_read() {
    let bare = Unreadable::create;
    let errs = [
        ShmArray::<u8, _>::open_in(bare()).map(drop),
        ShmArray::<u8, _>::open_in(bare()).map(drop),
        AnyArray::open_in(bare()).map(drop),
    ];
    for err in errs.map(Result::unwrap_err) {
        assert!(err.is_mismatch());
        assert_eq!(err.to_string(), "open /bare: found bare memory, wanted an array");
    }
}
