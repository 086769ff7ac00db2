//! Copies in and out of memory that others write: whole, complete, and nothing beyond.

#![expect(unsafe_code, reason = "the functions under test are unsafe to call")]

mod sys;

use std::fmt::Debug;
use std::ptr::NonNull;
use std::thread;

use ipc_mem::{LocalMemory, Memory, Plain, granule};
use ipc_testkit::watchdog;

use crate::sys::Fenced;

/// Distances in bytes from an address that is a multiple of 16.
const OFFSETS: [usize; 14] = [0, 1, 2, 3, 4, 6, 7, 8, 12, 15, 16, 24, 33, 63];

/// Sizes at which another way of copying may begin.
const TURNS: [usize; 14] =
    [504, 512, 520, 1000, 1528, 1536, 1544, 4096, 8192, 8216, 8224, 8320, 8384, 16_384 + 24];

fn sizes() -> impl Iterator<Item = usize> {
    (0..=300).chain(TURNS)
}

/// The elements of `place` as what others share.
fn shared<T>(place: &mut [T]) -> NonNull<T> {
    NonNull::from(place).cast()
}

/// Copies `len` elements from one offset to another by all three ways, and looks for any difference
/// to `copy_from_slice`.
fn compare<T: Plain + PartialEq + Debug>(
    source: &mut [T],
    before: &[T],
    len: usize,
    from: usize,
    to: usize,
) {
    let mut expected = before.to_vec();
    expected[to..to + len].copy_from_slice(&source[from..from + len]);
    let check = |got: &[T], way: &str| {
        assert!(
            got == expected,
            "{way}: {len} elements of {} bytes from {from} to {to}",
            size_of::<T>()
        );
    };

    let mut got = before.to_vec();
    // SAFETY: `len` elements of a slice that only this thread uses.
    unsafe { granule::copy_in(&source[from..from + len], shared(&mut got[to..to + len])) };
    check(&got, "in");

    got.copy_from_slice(before);
    // SAFETY: `len` elements of a slice that only this thread uses.
    unsafe { granule::copy_out(shared(&mut source[from..from + len]), &mut got[to..to + len]) };
    check(&got, "out");

    got.copy_from_slice(before);
    // SAFETY: `len` elements each of two slices that only this thread uses.
    unsafe {
        granule::copy_across(
            shared(&mut source[from..from + len]),
            shared(&mut got[to..to + len]),
            len,
        );
    };
    check(&got, "across");
}

/// At all sizes and offsets that are a whole number of elements.
fn compare_all<T: Plain + PartialEq + Debug>(element: fn(usize) -> T) {
    let elements =
        |bytes: usize| bytes.is_multiple_of(size_of::<T>()).then_some(bytes / size_of::<T>());
    let offsets = || OFFSETS.into_iter().filter_map(elements);
    for len in sizes().filter_map(elements) {
        let room = len + 2 * 64;
        let mut source: Vec<T> = (0..room).map(element).collect();
        let before: Vec<T> = (0..room).map(|i| element(i + 7)).collect();
        for from in offsets() {
            for to in offsets().filter(|to| len < 1000 || (from + to) % 5 == 0) {
                compare(&mut source, &before, len, from, to);
            }
        }
    }
}

/// A different value for every index, as far as a byte goes.
fn byte(i: usize) -> u8 {
    i.wrapping_mul(0x9e37_79b9).to_le_bytes()[1]
}

#[test]
fn bytes_arrive_and_nothing_else_changes() {
    compare_all(byte);
}

#[test]
fn elements_of_two_bytes_arrive_and_nothing_else_changes() {
    compare_all(|i| u16::from_le_bytes([byte(i), byte(i + 1)]));
}

#[test]
fn elements_of_four_bytes_arrive_and_nothing_else_changes() {
    compare_all(|i| f32::from(byte(i)));
}

#[test]
fn elements_of_eight_bytes_arrive_and_nothing_else_changes() {
    compare_all(|i| f64::from(byte(i)));
}

#[test]
fn elements_of_several_granules_arrive_and_nothing_else_changes() {
    compare_all(|i| [byte(i), 1, byte(i + 2)]);
    compare_all(|i| [f32::from(byte(i)), 1.5]);
    compare_all(|i| [u64::from(byte(i)), 3, 5]);
}

/// Fills `len` elements from each offset, and looks for any difference to `slice::fill`.
fn fill_all<T: Plain + PartialEq + Debug>(before: T, value: T) {
    for len in (0..=300).chain(TURNS).map(|bytes| bytes / size_of::<T>()) {
        for from in 0..9 {
            let mut expected = vec![before; len + 16];
            let mut got = expected.clone();
            expected[from..from + len].fill(value);
            // SAFETY: `len` elements of a slice that no other code has.
            unsafe { granule::fill(shared(&mut got[from..from + len]), value, len) };
            assert!(got == expected, "{len} elements of {} bytes from {from}", size_of::<T>());
        }
    }
}

#[test]
fn a_fill_writes_each_element_and_nothing_else() {
    fill_all(1u8, 7);
    fill_all(1u16, 0x1234);
    fill_all(1.0f32, 2.5);
    fill_all(1u64, 0x0123_4567_89ab_cdef);
    fill_all([1u8; 2], [7, 8]);
    fill_all([1u16; 2], [7, 8]);
    fill_all([1u8; 3], [7, 8, 9]);
    fill_all([1.0f64; 2], [2.5, 3.5]);
    fill_all([1u64; 3], [7, 8, 9]);
    fill_all([1u8; 200], std::array::from_fn(byte));
}

#[test]
fn a_fill_of_elements_that_begin_anywhere_writes_each() {
    fn check<T: Plain + PartialEq + Debug>(of: impl Fn(u8) -> T, step: usize) {
        for at in 0..32 {
            let mut bytes = vec![0u64; 100];
            let first =
                shared(&mut bytes).cast::<u8>().map_addr(|first| first.saturating_add(at * step));
            let (first, len) = (first.cast::<T>(), 500 / size_of::<T>());
            // SAFETY: `len` aligned elements of a slice that no other code has.
            unsafe { granule::fill(first, of(7), len) };
            for index in 0..len {
                let place = first.map_addr(|first| first.saturating_add(index * size_of::<T>()));
                // SAFETY: one of these elements.
                let found = unsafe { granule::load(place) };
                assert_eq!(found, of(7), "{index}, {} from the start", at * step);
            }
        }
    }
    check(|i| [i, i + 1], 1);
    check(|i| std::array::from_fn::<_, 8, _>(|at| i + u8::try_from(at).unwrap()), 1);
    check(|i| [u16::from(i), 8], 2);
    check(|i| [f32::from(i), 1.5], 4);
}

#[test]
fn more_than_the_caches_hold_arrives_and_nothing_else_changes() {
    let elements = |count: u32| (0..count).map(u64::from).collect::<Vec<_>>();
    let (mut source, mut before) = (elements(1_100_000), elements(1_100_000));
    before.reverse();
    compare(&mut source, &before, 1_050_000, 1, 2);
}

#[test]
fn one_element_is_read_as_it_was_written() {
    fn there_and_back<T: Plain + PartialEq + Debug>(value: T, zero: T) {
        let mut place = [zero];
        // SAFETY: an element that only this thread uses.
        unsafe { granule::store(shared(&mut place), value) };
        // SAFETY: an element that only this thread uses, initialised above.
        let back = unsafe { granule::load(shared(&mut place)) };
        assert_eq!((place[0], back), (value, value));
    }
    there_and_back(200u8, 0);
    there_and_back(-300i16, 0);
    there_and_back(1.5f32, 0.0);
    there_and_back(u64::MAX, 0);
    there_and_back([1u16, 2, 3], [0; 3]);
    there_and_back([0.5f64; 33], [0.0; 33]);
}

/// Copies between both starts and both ends of memory that is fenced.
fn copy_along_fences<T: Plain>() {
    let (mut one, mut other) = (Fenced::new(6), Fenced::new(6));
    one.bytes().iter_mut().enumerate().for_each(|(i, place)| *place = byte(i));
    for bytes in sizes().filter(|bytes| bytes.is_multiple_of(size_of::<T>())) {
        let end = other.bytes().len() - bytes;
        for (from, to) in
            [(0, 0), (end, end), (0, end), (end, 0), (0, 64.min(end)), (64.min(end), 0)]
        {
            other.bytes().fill(0);
            let (source, target) =
                (&mut one.bytes()[from..][..bytes], &mut other.bytes()[to..][..bytes]);
            // SAFETY: this many bytes of slices that only this thread uses; each offset (0, 64, or
            // to the end) is aligned.
            unsafe {
                granule::copy_across::<T>(
                    shared(source).cast(),
                    shared(target).cast(),
                    bytes / size_of::<T>(),
                );
            };
            assert!(source == target, "{bytes} bytes from {from} to {to}");
        }
    }
}

#[test]
fn no_byte_beyond_either_end_is_touched() {
    copy_along_fences::<u8>();
    copy_along_fences::<u16>();
    copy_along_fences::<u32>();
    copy_along_fences::<u64>();
    copy_along_fences::<[u64; 3]>();
}

/// How one side moves a row of elements.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Way {
    OneByOne,
    AtOnce,
}

/// While a thread writes rows of the one value and the other, every element that is read is one of
/// the two.
fn write_while_reading<T: Plain + PartialEq + Debug>(one: T, other: T) {
    let memory = LocalMemory::new(64 * 1024).unwrap();
    // SAFETY: one element after the start, which is a cache line's: vector moves then cross its
    // border.
    let place = || unsafe { memory.base().add(size_of::<T>()) }.cast::<T>();
    for len in [1, 2, 3, 15, 100, 400, 3000] {
        for (write, read) in
            [(Way::AtOnce, Way::OneByOne), (Way::OneByOne, Way::AtOnce), (Way::AtOnce, Way::AtOnce)]
        {
            let rows = [vec![one; len], vec![other; len]];
            write_row(write, &rows[0], place());
            thread::scope(|scope| {
                let writer = scope.spawn(|| {
                    for row in rows.iter().cycle().take(500_000 / (len + 10)) {
                        write_row(write, row, place());
                    }
                });
                let mut row = vec![one; len];
                while !writer.is_finished() {
                    read_row(read, place(), &mut row);
                    let torn = row.iter().find(|element| **element != one && **element != other);
                    assert_eq!(torn, None, "{len} elements written {write:?}, read {read:?}");
                }
            });
        }
    }
}

fn write_row<T: Plain>(way: Way, row: &[T], place: NonNull<T>) {
    if way == Way::AtOnce {
        // SAFETY: the caller has room for the row, and all move granules of `T` there.
        return unsafe { granule::copy_in(row, place) };
    }
    for (i, element) in row.iter().enumerate() {
        // SAFETY: as above.
        let at = unsafe { place.add(i) };
        // SAFETY: as above.
        unsafe { granule::store(at, *element) };
    }
}

fn read_row<T: Plain>(way: Way, place: NonNull<T>, row: &mut [T]) {
    if way == Way::AtOnce {
        // SAFETY: the caller has a row there, and all move granules of `T`.
        return unsafe { granule::copy_out(place, row) };
    }
    for (i, element) in row.iter_mut().enumerate() {
        // SAFETY: as above.
        let at = unsafe { place.add(i) };
        // SAFETY: as above.
        *element = unsafe { granule::load(at) };
    }
}

#[test]
fn elements_are_never_torn_while_another_thread_writes_them() {
    watchdog(|| {
        write_while_reading(0u16, u16::MAX);
        write_while_reading(0u32, u32::MAX);
        write_while_reading(0u64, u64::MAX);
    });
}
