//! Moving values between the words of a heap and the memory of this process.

#![expect(unsafe_code, reason = "sees plain values as bytes")]

use std::mem::MaybeUninit;
use std::slice;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use ipc_mem::Plain;

/// The bytes of values.
#[inline]
pub(crate) fn bytes_of<T: Plain>(values: &[T]) -> &[u8] {
    // SAFETY: values without padding (`Plain`, 2) are that many initialised bytes.
    unsafe { slice::from_raw_parts(values.as_ptr().cast(), size_of_val(values)) }
}

/// The bytes of values, for writing.
#[inline]
pub(crate) fn bytes_of_mut<T: Plain>(values: &mut [T]) -> &mut [u8] {
    // SAFETY: values without padding are that many bytes, and any bytes are values (`Plain`, 2).
    unsafe { slice::from_raw_parts_mut(values.as_mut_ptr().cast(), size_of_val(values)) }
}

/// A value of zeros.
#[inline]
pub(crate) fn zeroed<T: Plain>() -> T {
    // SAFETY: any bytes are a value (`Plain`, 2).
    unsafe { MaybeUninit::zeroed().assume_init() }
}

/// Reads a value that begins `skip` bytes behind the beginning of the words. Returns `None` if the
/// words end before it.
#[inline]
pub(crate) fn read<T: Plain>(words: &[AtomicU64], skip: usize) -> Option<T> {
    let mut value = zeroed::<T>();
    let bytes = bytes_of_mut(slice::from_mut(&mut value));
    if !size_of::<T>().is_multiple_of(8) || !skip.is_multiple_of(8) {
        copy_out(words, skip, bytes)?;
        return Some(value);
    }
    let words = words.get(skip / 8..)?.get(..size_of::<T>() / 8)?;
    for (word, bytes) in words.iter().zip(bytes.chunks_exact_mut(8)) {
        bytes.copy_from_slice(&word.load(Relaxed).to_ne_bytes());
    }
    Some(value)
}

/// Writes a value from `skip` bytes behind the beginning of the words on.
#[inline]
pub(crate) fn write<T: Plain>(words: &[AtomicU64], skip: usize, value: &T) -> Option<()> {
    let bytes = bytes_of(slice::from_ref(value));
    if !size_of::<T>().is_multiple_of(8) || !skip.is_multiple_of(8) {
        return copy_in(words, skip, bytes);
    }
    let words = words.get(skip / 8..)?.get(..size_of::<T>() / 8)?;
    for (word, bytes) in words.iter().zip(bytes.chunks_exact(8)) {
        word.store(u64::from_ne_bytes(bytes.try_into().unwrap_or_default()), Relaxed);
    }
    Some(())
}

/// Reads bytes from `skip` bytes behind the beginning of the words on. Returns `None` if there are
/// fewer.
#[inline]
pub(crate) fn copy_out(words: &[AtomicU64], skip: usize, into: &mut [u8]) -> Option<()> {
    let end = skip.checked_add(into.len())?;
    let words = words.get(skip / 8..end.div_ceil(8))?;
    let (mut skip, mut rest) = (skip % 8, into);
    for word in words {
        let bytes = word.load(Relaxed).to_ne_bytes();
        let here = &bytes[skip..];
        let len = here.len().min(rest.len());
        let (first, behind) = rest.split_at_mut(len);
        first.copy_from_slice(&here[..len]);
        (skip, rest) = (0, behind);
    }
    Some(())
}

/// Writes bytes from `skip` bytes behind the beginning of the words on. The other bytes of the
/// first and the last word are written as they were read.
#[inline]
pub(crate) fn copy_in(words: &[AtomicU64], skip: usize, from: &[u8]) -> Option<()> {
    let end = skip.checked_add(from.len())?;
    let words = words.get(skip / 8..end.div_ceil(8))?;
    let (mut skip, mut rest) = (skip % 8, from);
    for word in words {
        let len = (8 - skip).min(rest.len());
        let (first, behind) = rest.split_at(len);
        let mut bytes = if len == 8 { [0; 8] } else { word.load(Relaxed).to_ne_bytes() };
        bytes[skip..skip + len].copy_from_slice(first);
        word.store(u64::from_ne_bytes(bytes), Relaxed);
        (skip, rest) = (0, behind);
    }
    Some(())
}

/// Copies bytes between words that do not overlap.
pub(crate) fn copy_across(
    (from, mut from_at): (&[AtomicU64], usize),
    (to, mut to_at): (&[AtomicU64], usize),
    len: usize,
) -> Option<()> {
    let mut buffer = [0; 512];
    let mut left = len;
    while left > 0 {
        let some = left.min(buffer.len());
        copy_out(from, from_at, &mut buffer[..some])?;
        copy_in(to, to_at, &buffer[..some])?;
        (from_at, to_at, left) = (from_at + some, to_at + some, left - some);
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_at_any_place_are_read_as_they_were_written() {
        for skip in 0..20 {
            for len in 0..30 {
                let words: Vec<_> = (0..8).map(|_| AtomicU64::new(u64::MAX)).collect();
                let bytes: Vec<u8> = (1..).take(len).collect();
                copy_in(&words, skip, &bytes).unwrap();
                let mut all = [0; 64];
                copy_out(&words, 0, &mut all).unwrap();
                let mut wanted = [0xff; 64];
                wanted[skip..skip + len].copy_from_slice(&bytes);
                assert_eq!(all, wanted);
                let others: Vec<_> = (0..8).map(|_| AtomicU64::new(0)).collect();
                copy_across((&words, skip), (&others, 3), len).unwrap();
                let mut again = vec![0; len];
                copy_out(&others, 3, &mut again).unwrap();
                assert_eq!(again, bytes);
            }
        }
        assert_eq!(copy_in(&[AtomicU64::new(0)], 1, &[0; 8]), None);
        assert_eq!(read::<u16>(&[AtomicU64::new(0)], usize::MAX), None);
    }
}
