//! Data that any process may read and write at any time.

#![expect(unsafe_code, reason = "states which types are plain, and why")]

use crate::{Field, Kind, Schema};

/// A type for which every bit pattern is a value.
///
/// Elements of arrays, contents of locks and messages are plain: whatever bytes another process
/// writes there, even by mistake, are a valid value. Integers of 8 to 64 bits, `f32`, `f64` and
/// arrays of them are plain. For a struct of them, use [`#[derive(Plain)]`](macro@crate::Plain),
/// which refuses everything that is not plain: padding, pointers, `bool`, `char`, enums, `usize`.
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
/// 1. The type has a fixed layout (a primitive, `repr(C)` or `repr(transparent)`), the same in
///    every program.
/// 2. It has at least one byte, none of its bytes is padding, and every bit pattern is a valid
///    value.
/// 3. It contains no pointer, handle or other value that is valid in one process only.
/// 4. [`SCHEMA`](Self::SCHEMA) describes that layout. Some types that break point 2 (arrays without
///    elements, wrappers of a zero-sized type) fail to compile only when `SCHEMA` is evaluated. So
///    code that relies on this contract must evaluate it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not plain data",
    label = "another program could write bytes here that are not a valid `{Self}`, or that mean nothing to it",
    note = "integers and floating-point numbers of fixed width are plain data, so are arrays of them, and structs with `#[derive(Plain)]`",
    note = "store a `bool`, `char` or enum as an integer, a `usize` as `u64`, a reference as an index or offset"
)]
pub unsafe trait Plain: Copy + Send + Sync + 'static {
    /// The layout of the type, in a form that other programs understand.
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

// SAFETY: a floating-point number of fixed width: every bit pattern is a value, no padding, no
// pointer.
unsafe impl Plain for f32 {
    const SCHEMA: &'static Schema = &Schema::of::<Self>(Kind::F32);
}

// SAFETY: a floating-point number of fixed width: every bit pattern is a value, no padding, no
// pointer.
unsafe impl Plain for f64 {
    const SCHEMA: &'static Schema = &Schema::of::<Self>(Kind::F64);
}

// SAFETY: elements in a row, without a gap between them; there is at least one, or this does not
// compile.
unsafe impl<T: Plain, const N: usize> Plain for [T; N] {
    const SCHEMA: &'static Schema = {
        const { assert!(N > 0, "an array of no elements has no bytes to share") };
        const {
            &Schema::with_fields::<Self>(
                Kind::ARRAY,
                &[Field { name: "", offset: 0, schema: T::SCHEMA }],
            )
        }
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

/// A wrapper that makes any `bytemuck::Pod` type plain. A program that opens the data compares only
/// its size and alignment.
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

// SAFETY: `Pod` guarantees that any bit pattern is a value, without padding or pointers; a
// zero-sized type does not compile.
#[cfg(feature = "bytemuck")]
unsafe impl<T: bytemuck::Pod + Send + Sync> Plain for Pod<T> {
    const SCHEMA: &'static Schema = {
        const { assert!(size_of::<T>() > 0, "a type of no bytes has nothing to share") };
        &Schema::of::<Self>(Kind::OPAQUE)
    };
}

/// A wrapper that makes a type plain if the type implements `FromBytes`, `IntoBytes` and
/// `Immutable` of `zerocopy`. A program that opens the data compares only its size and alignment.
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

// SAFETY: `FromBytes` guarantees that any bit pattern is a value, `IntoBytes` that there is no
// padding, `Immutable` that the type has no interior mutability; a zero-sized type does not
// compile.
#[cfg(feature = "zerocopy")]
unsafe impl<T> Plain for Bytes<T>
where
    T: zerocopy::FromBytes
        + zerocopy::IntoBytes
        + zerocopy::Immutable
        + Copy
        + Send
        + Sync
        + 'static,
{
    const SCHEMA: &'static Schema = {
        const { assert!(size_of::<T>() > 0, "a type of no bytes has nothing to share") };
        &Schema::of::<Self>(Kind::OPAQUE)
    };
}
