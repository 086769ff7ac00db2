//! Headers of every kind that were damaged or forged: `open` fails, or returns a view inside the
//! bytes.
//!
//! This is a program of its own, because its allocator records the largest allocation: the author
//! of a header must not control it.

#![expect(unsafe_code, reason = "measures allocations")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::fs;
use std::ops::Range;

use ipc_core::Removal;
use ipc_hostile::memory::{self, Views, memory};
use ipc_hostile::{array as arrays, file as memory_file, fingerprint, frames, heap, value};
use ipc_mem::{Fingerprint, LocalMemory, Memory, Plain, Tag};
use ipc_ring::frames::{FrameOptions, FrameWriter};
use ipc_shm::{MemoryOptions, Shared, SharedMemory};
use ipc_shmarray::{ArrayOptions, Shape, ShmArray, SnapshotArray, SnapshotArrayInfo};
use ipc_testkit::{Rng, Watchdog, figures, fixture, rounds};

struct Measuring;

thread_local! {
    static LARGEST: Cell<usize> = const { Cell::new(0) };
}

// SAFETY: forwards every call to the system's allocator.
unsafe impl GlobalAlloc for Measuring {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        LARGEST.set(LARGEST.get().max(layout.size()));
        // SAFETY: the caller guarantees a layout of non-zero size (contract of
        // `GlobalAlloc::alloc`).
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        // SAFETY: the caller guarantees that `place` was allocated here with `layout` (contract of
        // `GlobalAlloc::dealloc`).
        unsafe { System.dealloc(place, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Measuring = Measuring;

/// The allocation that any input may cause, however short: the text of an error, the longest header
/// that NumPy allows.
const ANYWAY: usize = 10_240;

/// The element type that the fuzz targets use.
#[derive(Clone, Copy, Plain)]
#[repr(C)]
struct Reading {
    time: f64,
    channel: [u16; 3],
    gain: u16,
}

/// Valid bytes, and the range of the header in them.
struct Whole {
    bytes: Vec<u8>,
    header: Range<usize>,
}

/// Damages one after the other, and passes it to `open`, which must accept some and refuse others.
fn damage(rounds: u64, wholes: &[Whole], open: impl Fn(&[u8]) -> bool) {
    vary(rounds, wholes, |rng, whole| rng.damage(&whole.bytes, whole.header.clone()), open);
}

fn vary(
    rounds: u64,
    wholes: &[Whole],
    lie: impl Fn(&mut Rng, &Whole) -> Vec<u8>,
    open: impl Fn(&[u8]) -> bool,
) {
    let (mut rng, mut opened, mut most) = (Rng::new(), 0, 0);
    for whole in wholes {
        assert!(open(&whole.bytes), "what is in order is refused");
    }
    let mut watchdog = Watchdog::new(); // stuck is what never gets on
    for round in 0..rounds {
        if round % 10_000 == 0 {
            watchdog = Watchdog::new();
        }
        // A run that is stopped after hours counts as well: each has other random numbers.
        if round % 1_000_000 == 0 && round > 0 {
            println!("{round} tried so far, {opened} opened");
        }
        let whole = rng.pick(wholes);
        let bytes = lie(&mut rng, whole);
        LARGEST.set(0);
        opened += u64::from(open(&bytes));
        let largest = LARGEST.get();
        assert!(
            largest <= ANYWAY.max(4 * bytes.len()),
            "room for {largest} bytes, for {}",
            bytes.len()
        );
        most = most.max(largest);
    }
    drop(watchdog);
    assert!(0 < opened && opened < rounds, "{opened} of {rounds} opened");
    figures(format_args!(
        "{rounds} tried, {opened} opened, at most {most} bytes allocated at once"
    ));
}

/// Returns an array as the bytes of a memory object.
fn array<T: Plain>(shape: impl Into<Shape>) -> Whole {
    let room = Views::new(65536);
    let array = ShmArray::<T, _>::create_in(room.fresh(), shape).unwrap();
    let data = array.as_ptr().addr() - room.base().addr().get();
    let size = data + array.len() * size_of::<T>();
    Whole { bytes: memory::bytes(&room)[..size].to_vec(), header: 0..data }
}

/// Returns the bytes of an object that was left behind.
fn file(make: impl FnOnce(&str)) -> Vec<u8> {
    let name = fixture::name();
    make(&name);
    fs::read(format!("/dev/shm{name}")).unwrap()
}

#[test]
fn damaged_headers_of_number_arrays_give_an_array_inside_or_an_error() {
    let wholes = [
        array::<f32>([3, 4, 5]),
        array::<u8>(5),
        array::<f64>([2, 1, 1, 1, 2, 2]),
        array::<f32>([1; 16]),
    ];
    damage(rounds(5_000, 1_000_000), &wholes, arrays::run);
}

#[test]
fn damaged_headers_of_struct_arrays_give_an_array_inside_or_an_error() {
    let wholes = [array::<[u8; 3]>(7), array::<Reading>([2, 2]), array::<[[Reading; 2]; 2]>(2)];
    damage(rounds(5_000, 1_000_000), &wholes, arrays::run);
}

#[test]
fn damaged_headers_of_snapshots_give_copies_inside_or_an_error() {
    let snapshot = |shape: Shape| {
        let room = Views::new(65536);
        let size =
            SnapshotArray::<f32, _>::create_in(room.fresh(), shape).unwrap().len() * 4 * 3 + 512;
        let bytes = memory::bytes(&room)[..size].to_vec();
        // The lock behind it is the C library's: an invalid value there makes it wait for ever, as
        // in any lock.
        let latch_at = u32::from_ne_bytes(bytes[20..24].try_into().unwrap()) as usize;
        Whole { bytes, header: 0..latch_at }
    };
    let wholes = [snapshot([3, 4].into()), snapshot(5.into())];
    damage(rounds(5_000, 1_000_000), &wholes, |bytes| {
        let info = SnapshotArrayInfo::of_bytes(bytes, bytes.len());
        let Ok(snapshot) = SnapshotArray::<f32, _>::open_in(memory(bytes)) else {
            return false;
        };
        // Without the element type, the header says the same.
        assert_eq!(info.map(|info| info.shape).ok(), Some(*snapshot.shape()));
        assert!(snapshot.len() * 2 * size_of::<f32>() <= bytes.len());
        if snapshot.write_from(&vec![1.5; snapshot.len()]).is_err() {
            return false; // made for another C library, processor or namespace
        }
        let mut copy = vec![0.0; snapshot.len()];
        snapshot.read_into(&mut copy).unwrap();
        copy.iter().all(|element| *element == 1.5)
    });
}

#[test]
fn damaged_frames_give_frames_inside_or_an_error() {
    // The numbers of the header, of a reader, of the writer, and of each of two slots.
    let frames = |shape: Shape| {
        let room = Views::new(65536);
        let options = FrameOptions::new(shape).slots(2);
        let mut writer = FrameWriter::<f32, _>::create_in(room.fresh(), options).unwrap();
        let frame = vec![1.5; shape.checked_len().unwrap()];
        for _ in 0..3 {
            writer.write(&frame).unwrap();
        }
        let size = FrameWriter::<f32, Views>::size_for(options).unwrap();
        let bytes = memory::bytes(&room)[..size].to_vec();
        let word = |at: usize| u64::from_ne_bytes(std::array::from_fn(|i| bytes[at + i]));
        let place = |at: usize| usize::try_from(word(at)).unwrap();
        let (readers, writer, slot, stride) = (place(24), place(32), place(40), place(48));
        let second = slot + stride;
        [
            0..readers,
            readers..readers + 192,
            writer..writer + 128,
            slot..slot + 16,
            second..second + 16,
        ]
        .map(|header| Whole { bytes: bytes.clone(), header })
    };
    let wholes = [frames([3, 4].into()), frames(500.into())].into_iter().flatten();
    damage(rounds(5_000, 1_000_000), &wholes.collect::<Vec<_>>(), frames::run);
}

#[test]
fn damaged_heaps_give_objects_inside_or_an_error() {
    let bytes = heap::image();
    let participants = 384;
    let objects = participants + 128 * heap::PARTICIPANTS;
    let words = (objects + 8 * heap::OBJECTS).next_multiple_of(64) + 256 * heap::OBJECTS;
    let slabs = (words + 8 * heap::PAGES).next_multiple_of(64);
    // The bitmaps of the blocks that are in use are at the beginning of each word.
    let bitmaps = (0..heap::PAGES).map(|page| slabs + 1600 * page..slabs + 1600 * page + 96);
    // The contents of objects.
    let pages = (1..=heap::PAGES).map(|page| page << 16..(page << 16) + 512);
    let headers = [0..128, 128..participants, participants..objects, objects..words, words..slabs];
    let wholes = headers.into_iter().chain(bitmaps).chain(pages);
    let wholes: Vec<_> = wholes.map(|header| Whole { bytes: bytes.clone(), header }).collect();
    damage(rounds(300, 10_000_000), &wholes, heap::run_image);
}

#[test]
fn a_dead_participant_whose_operation_is_damaged_is_recovered() {
    for (code, object) in (1..=5).flat_map(|code| [0, 1 << 20, u64::MAX].map(|at| (code, at))) {
        let mut bytes = heap::image();
        // A process that does not exist, its intent, and the operands.
        let words = [4_194_303 << 37 | 1, code, object, u64::MAX, 1, 65_600, 2, 65_536];
        for (at, word) in (384..).step_by(8).zip(words) {
            bytes[at..at + 8].copy_from_slice(&word.to_ne_bytes());
        }
        heap::run_image(&bytes);
    }
}

#[test]
fn damaged_descriptions_give_a_layout_or_an_error() {
    let whole = |schema| {
        let bytes = Fingerprint::of(schema).unwrap().encode();
        Whole { header: 0..bytes.len(), bytes }
    };
    let wholes = [<[f32; 2]>::SCHEMA, Reading::SCHEMA, <[Reading; 2]>::SCHEMA].map(whole);
    damage(rounds(5_000, 1_000_000), &wholes, |bytes| {
        fingerprint::run(bytes);
        Fingerprint::decode(bytes).is_ok()
    });
}

#[test]
fn damaged_preambles_give_a_value_inside_or_an_error() {
    let options = MemoryOptions::new(0).removal(Removal::Never);
    let bytes = file(|name| {
        drop(Shared::<value::Counts>::create_filled(name, options, (), |_| Ok(())).unwrap());
    });
    let header = 0..bytes.len() - size_of::<value::Counts>() - 64;
    damage(rounds(5_000, 1_000_000), &[Whole { bytes, header }], |bytes| {
        value::run_in_memory(bytes)
    });
}

/// The other ways to open are tested in memory: here each round needs a file, which is slow.
#[test]
fn damaged_trailers_give_bytes_inside_the_file_or_an_error() {
    let whole = |options: MemoryOptions| {
        let bytes =
            file(|name| drop(SharedMemory::create(name, options.removal(Removal::Never)).unwrap()));
        Whole { header: bytes.len() - 64..bytes.len(), bytes }
    };
    let fixed = MemoryOptions::new(100);
    let wholes =
        [fixed, fixed.content(Tag::ARRAY), fixed.max_size(1000), MemoryOptions::new(64)].map(whole);
    let name = fixture::name();
    damage(rounds(1_000, 100_000), &wholes, |bytes| memory_file::run(&name, bytes));
}

#[test]
fn damaged_array_files_give_an_array_inside_or_an_error() {
    let whole = |bytes: Vec<u8>| Whole { header: 0..192, bytes };
    let options = |shape: Shape| ArrayOptions::new(shape).removal(Removal::Never);
    let wholes = [
        whole(file(|name| drop(ShmArray::<f32>::create(name, options([3, 4, 5].into())).unwrap()))),
        whole(file(|name| {
            drop(ShmArray::<Reading>::create(name, options([2, 2].into())).unwrap());
        })),
    ];
    let name = fixture::name();
    damage(rounds(1_000, 100_000), &wholes, |bytes| arrays::run_file(&name, bytes));
}

/// The header is text: its numbers are replaced as well as its bytes.
#[test]
fn damaged_headers_of_numpy_files_give_an_array_or_an_error() {
    fn whole<T: Plain>(shape: impl Into<Shape>) -> Whole {
        let array = ShmArray::<T, _>::create_in(LocalMemory::new(4096).unwrap(), shape).unwrap();
        let mut bytes = Vec::new();
        array.write_npy(&mut bytes).unwrap();
        Whole { header: 0..bytes.len() - array.len() * size_of::<T>(), bytes }
    }
    let name = fixture::name();
    let lie = |rng: &mut Rng, whole: &Whole| {
        if rng.below(2) == 0 {
            return rng.damage(&whole.bytes, whole.header.clone());
        }
        let header = &whole.bytes[whole.header.clone()];
        let (fixed, text) = (&header[..10], String::from_utf8_lossy(&header[10..]));
        let numbers: Vec<_> =
            text.match_indices(|c: char| c.is_ascii_digit()).map(|(at, _)| at).collect();
        let at = *rng.pick(&numbers);
        let lies = [
            "",
            "0",
            "1",
            "2",
            "-1",
            "65536",
            "4294967296",
            "4611686018427387904",
            "9223372036854775807",
        ];
        let more = [
            "9223372036854775808",
            "18446744073709551615",
            "18446744073709551616",
            "1, 2, 2",
            ")",
            "(",
        ];
        let lie = rng.pick(&[&lies[..], &more].concat()).to_owned();
        let mut text = [&text[..at], lie, &text[at + 1..]].concat();
        text.truncate(text.trim_end().len());
        let room = header.len() - fixed.len();
        [fixed, format!("{text:room$}").as_bytes(), &whole.bytes[whole.header.end..]].concat()
    };
    let wholes = [whole::<u8>(5), whole::<f64>([3, 4]), whole::<u8>([1; 16])];
    vary(rounds(5_000, 500_000), &wholes, lie, |bytes| arrays::run_npy(&name, bytes));
}
