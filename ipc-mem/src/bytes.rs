//! The bytes of plain values of this process.

#![expect(unsafe_code, reason = "relies on the contract of plain types")]

use std::mem::MaybeUninit;
use std::slice;

use crate::Plain;

/// Returns the bytes of some values.
#[must_use]
#[inline]
pub const fn of<T: Plain>(values: &[T]) -> &[u8] {
    const { T::SCHEMA };
    // SAFETY: all bytes of the values, which are initialised, since no byte of a plain type is
    // padding (`Plain`, 2); they are borrowed for the same lifetime.
    unsafe { slice::from_raw_parts(values.as_ptr().cast(), size_of_val(values)) }
}

/// Returns the bytes of some values, to change them.
#[must_use]
#[inline]
pub const fn of_mut<T: Plain>(values: &mut [T]) -> &mut [u8] {
    const { T::SCHEMA };
    // SAFETY: all bytes of the values, none of which is padding, and whatever is written to them is
    // a value (`Plain`, 2); they are borrowed exclusively for the same lifetime.
    unsafe { slice::from_raw_parts_mut(values.as_mut_ptr().cast(), size_of_val(values)) }
}

/// Returns the value whose bytes are zero.
#[must_use]
#[inline]
pub const fn zeros<T: Plain>() -> T {
    const { T::SCHEMA };
    // SAFETY: every bit pattern is a value (`Plain`, 2).
    unsafe { MaybeUninit::zeroed().assume_init() }
}
