//! Data that any process may read and write at any time.

#![expect(unsafe_code, reason = "states which types are plain, and why")]

use crate::{Field, Kind, Schema};

/// A type for which every bit pattern is a value.
///
/// Elements of arrays, contents of locks and messages are of such types: whatever
/// another process writes there, also a program that is wrong, reads as some value.
/// Integers, floating-point numbers and arrays of them are plain. A struct of them
/// is made so by [`#[derive(Plain)]`](macro@crate::Plain), which refuses what is not:
/// padding, pointers, `bool`, `char`, enums, `usize`.
///
/// # Examples
///
/// ```
/// use ipc_mem::Plain;
///
/// #[derive(Clone, Copy, Plain)]
/// #[repr(C)]
/// struct Sample {
///     time: f64,
///     channel: u32,
///     gain: f32,
/// }
///
/// assert_eq!(Sample::SCHEMA.fields[1].name, "channel");
/// ```
///
/// # Safety
///
/// 1. The type has a fixed layout (a primitive, `repr(C)` or `repr(transparent)`), the same in every program.
/// 2. It has at least one byte, every bit pattern of them is a valid value, and none of them is padding.
/// 3. It holds no pointer, handle or other thing that has a meaning in one process only.
/// 4. [`SCHEMA`](Self::SCHEMA) describes that layout. Code that relies on these promises evaluates it: for arrays and
///    wrappers, that is where a type of no bytes is refused.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not plain data",
    label = "another program could write bytes here that are no `{Self}`, or mean nothing to it",
    note = "plain are integers and floating-point numbers of fixed width, arrays of them, and structs with `#[derive(Plain)]`",
    note = "store a `bool`, `char` or enum as an integer, a `usize` as `u64`, a reference as an index or offset"
)]
pub unsafe trait Plain: Copy + Send + Sync + 'static {
    /// Its layout, in words that another program understands.
    const SCHEMA: &'static Schema;
}

// SAFETY: an integer of fixed width: every bit pattern is a value, no padding, no pointer.
unsafe impl Plain for i8 {
    const SCHEMA: &'static Schema = &Schema::of::<Self>(Kind::I8);
}

// SAFETY: an integer of fixed width: every bit pattern is a value, no padding, no pointer.
unsafe impl Plain for u8 {
    const SCHEMA: &'static Schema = &Schema::of::<Self>(Kind::U8);
}

// SAFETY: an integer of fixed width: every bit pattern is a value, no padding, no pointer.
unsafe impl Plain for i16 {
    const SCHEMA: &'static Schema = &Schema::of::<Self>(Kind::I16);
}

// SAFETY: an integer of fixed width: every bit pattern is a value, no padding, no pointer.
unsafe impl Plain for u16 {
    const SCHEMA: &'static Schema = &Schema::of::<Self>(Kind::U16);
}

// SAFETY: an integer of fixed width: every bit pattern is a value, no padding, no pointer.
unsafe impl Plain for i32 {
    const SCHEMA: &'static Schema = &Schema::of::<Self>(Kind::I32);
}

// SAFETY: an integer of fixed width: every bit pattern is a value, no padding, no pointer.
unsafe impl Plain for u32 {
    const SCHEMA: &'static Schema = &Schema::of::<Self>(Kind::U32);
}

// SAFETY: an integer of fixed width: every bit pattern is a value, no padding, no pointer.
unsafe impl Plain for i64 {
    const SCHEMA: &'static Schema = &Schema::of::<Self>(Kind::I64);
}

// SAFETY: an integer of fixed width: every bit pattern is a value, no padding, no pointer.
unsafe impl Plain for u64 {
    const SCHEMA: &'static Schema = &Schema::of::<Self>(Kind::U64);
}

// SAFETY: a floating-point number of fixed width: every bit pattern is a value, no padding, no pointer.
unsafe impl Plain for f32 {
    const SCHEMA: &'static Schema = &Schema::of::<Self>(Kind::F32);
}

// SAFETY: a floating-point number of fixed width: every bit pattern is a value, no padding, no pointer.
unsafe impl Plain for f64 {
    const SCHEMA: &'static Schema = &Schema::of::<Self>(Kind::F64);
}

// SAFETY: elements in a row, without a gap between them; there is at least one, or this does not compile.
unsafe impl<T: Plain, const N: usize> Plain for [T; N] {
    const SCHEMA: &'static Schema = {
        const { assert!(N > 0, "an array of no elements has no bytes to share") };
        const { &Schema::with_fields::<Self>(Kind::ARRAY, &[Field { name: "", offset: 0, schema: T::SCHEMA }]) }
    };
}

// SAFETY: `repr(C)`, two `f32` one after the other: no padding, no pointer.
#[cfg(feature = "num-complex")]
unsafe impl Plain for num_complex::Complex<f32> {
    const SCHEMA: &'static Schema = &Schema::of::<Self>(Kind::C32);
}

// SAFETY: `repr(C)`, two `f64` one after the other: no padding, no pointer.
#[cfg(feature = "num-complex")]
unsafe impl Plain for num_complex::Complex<f64> {
    const SCHEMA: &'static Schema = &Schema::of::<Self>(Kind::C64);
}

/// Any `bytemuck::Pod` type, as plain data of which only size and alignment are compared.
///
/// ```
/// use ipc_mem::{Plain, Pod};
///
/// assert_eq!(<Pod<[u16; 3]>>::SCHEMA.size, 6);
/// ```
#[cfg(feature = "bytemuck")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(transparent)]
pub struct Pod<T>(pub T);

// SAFETY: `Pod` promises that any bit pattern is a value, that there is no padding and no
// pointer; a type of no bytes does not compile.
#[cfg(feature = "bytemuck")]
unsafe impl<T: bytemuck::Pod + Send + Sync> Plain for Pod<T> {
    const SCHEMA: &'static Schema = {
        const { assert!(size_of::<T>() > 0, "a type of no bytes has nothing to share") };
        &Schema::of::<Self>(Kind::OPAQUE)
    };
}

/// Any `zerocopy` type that is both readable from and writable as bytes, as plain data of which
/// only size and alignment are compared.
///
/// ```
/// use ipc_mem::{Bytes, Plain};
///
/// assert_eq!(<Bytes<zerocopy::big_endian::U32>>::SCHEMA.size, 4);
/// ```
#[cfg(feature = "zerocopy")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(transparent)]
pub struct Bytes<T>(pub T);

// SAFETY: `FromBytes` promises that any bit pattern is a value, `IntoBytes` that there is no padding,
// `Immutable` that nothing in it changes behind `&`; a type of no bytes does not compile.
#[cfg(feature = "zerocopy")]
unsafe impl<T> Plain for Bytes<T>
where
    T: zerocopy::FromBytes + zerocopy::IntoBytes + zerocopy::Immutable + Copy + Send + Sync + 'static,
{
    const SCHEMA: &'static Schema = {
        const { assert!(size_of::<T>() > 0, "a type of no bytes has nothing to share") };
        &Schema::of::<Self>(Kind::OPAQUE)
    };
}
