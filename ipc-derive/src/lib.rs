//! Derive macros for types that live in shared memory.
//!
//! | to share | derive |
//! |---|---|
//! | data: elements of arrays, messages, contents of locks | [`Plain`](macro@Plain) |
//! | objects that synchronise themselves: locks, semaphores, atomics | [`Resident`](macro@Resident) |
//!
//! The traits themselves are in `ipc-mem`. Each trait has the same name as its macro, and
//! `use ipc_mem::Plain` imports both. The macros find `ipc-mem` if the user's crate depends on it,
//! or on a crate of this toolkit that re-exports it as `mem`, such as `ipc` or `ipc-shm`. Otherwise
//! the struct must specify its path: `#[ipc(crate = "path::of::ipc_mem")]`.
//!
//! The macros generate the `unsafe impl` and prove its contract at compile time, so the user's
//! crate needs no `unsafe`. They work under `#![forbid(unsafe_code)]`, because this lint does not
//! apply to code that macros of other crates generate.

mod plain;
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
mod resident;
mod shape;

use proc_macro::TokenStream;
use syn::DeriveInput;

/// Implements `ipc_mem::Plain` for a struct of plain fields, with a schema that describes the
/// fields.
///
/// The struct must be `Copy`, and `#[repr(C)]` or `#[repr(transparent)]`.
///
/// ```
/// use ipc_mem::Plain;
///
/// #[derive(Clone, Copy, Plain)]
/// #[repr(C)]
/// struct Sample {
///     time: f64,
///     channel: u16,
///     gain: [u8; 3],
///     _pad: [u8; 3],
/// }
///
/// assert_eq!(Sample::SCHEMA.fields[1].name, "channel");
/// assert_eq!(Sample::SCHEMA.fields[1].offset, 8);
/// ```
///
/// # Generic structs
///
/// All fields of a generic struct must be of one type, or arrays of that type, so that the struct
/// has no padding whatever its parameters are. The struct is plain if its fields are.
///
/// ```
/// # use ipc_mem::Plain;
/// #[derive(Clone, Copy, Plain)]
/// #[repr(C)]
/// struct Curve<T, const N: usize> {
///     begin: [T; 2],
///     weights: [T; N],
/// }
///
/// assert_eq!(<Curve<f32, 6>>::SCHEMA.size, 32);
/// ```
///
/// # What does not compile
///
/// A field that is not plain: `bool`, `char` or an enum (store an integer instead), `usize` (its
/// size differs between programs), a pointer or reference (it is not valid in another process), an
/// array without elements.
///
/// ```compile_fail,E0277
/// # use ipc_derive::Plain;
/// #[derive(Clone, Copy, Plain)]
/// #[repr(C)]
/// struct Switch {
///     on: bool,
/// }
/// ```
///
/// ```compile_fail,E0277
/// # use ipc_derive::Plain;
/// #[derive(Clone, Copy, Plain)]
/// #[repr(C)]
/// struct Named {
///     name: &'static str,
/// }
/// ```
///
/// ```compile_fail,E0277
/// # use ipc_derive::Plain;
/// #[derive(Clone, Copy, Plain)]
/// #[repr(C)]
/// struct Slice {
///     len: usize,
/// }
/// ```
///
/// ```compile_fail,E0080
/// # use ipc_derive::Plain;
/// #[derive(Clone, Copy, Plain)]
/// #[repr(C)]
/// struct Nothing {
///     none: [u8; 0],
/// }
/// ```
///
/// Padding between fields or at the end of the struct: declare fields in its place.
///
/// ```compile_fail,E0080
/// # use ipc_derive::Plain;
/// #[derive(Clone, Copy, Plain)]
/// #[repr(C)]
/// struct Gap {
///     flag: u8,
///     count: u32,
/// }
/// ```
///
/// ```compile_fail,E0080
/// # use ipc_derive::Plain;
/// #[derive(Clone, Copy, Plain)]
/// #[repr(C)]
/// struct Tail {
///     count: u32,
///     flag: u8,
/// }
/// ```
///
/// ```compile_fail
/// # use ipc_derive::Plain;
/// #[derive(Clone, Copy, Plain)]
/// #[repr(C)]
/// struct Tagged<T> {
///     tag: u8,
///     value: T, // padding before it, if it is not a `u8`
/// }
/// ```
///
/// Padding is also refused in a crate that replaces `core`, because the proof does not use the
/// `core` of the user's crate.
///
/// ```compile_fail,E0080
/// extern crate self as core;
/// pub use std::*;
///
/// #[macro_export]
/// macro_rules! silent {
///     ($($anything:tt)*) => {};
/// }
/// pub use silent as assert;
///
/// #[derive(Clone, Copy, ipc_derive::Plain)]
/// #[repr(C)]
/// struct Gap {
///     flag: u8,
///     count: u32,
/// }
/// # fn main() {}
/// ```
///
/// A field that implements only another trait with the name `Plain`:
///
/// ```compile_fail,E0277
/// extern crate self as other;
///
/// pub use ipc_mem::{Field, Schema, derived};
///
/// pub trait Plain {
///     const SCHEMA: &'static Schema;
/// }
/// impl Plain for bool {
///     const SCHEMA: &'static Schema = <u8 as ipc_mem::Plain>::SCHEMA;
/// }
/// impl Plain for Switch {
///     const SCHEMA: &'static Schema = <u8 as ipc_mem::Plain>::SCHEMA;
/// }
///
/// #[derive(Clone, Copy, ipc_derive::Plain)]
/// #[repr(C)]
/// #[ipc(crate = "::other")]
/// pub struct Switch {
///     on: bool,
/// }
/// # fn main() {}
/// ```
///
/// A struct that is not `Copy`, is neither `repr(C)` nor `repr(transparent)`, is packed, has no
/// fields, or has a lifetime parameter; an enum; a union.
///
/// ```compile_fail,E0277
/// # use ipc_derive::Plain;
/// #[derive(Plain)] // without `Clone` and `Copy`
/// #[repr(C)]
/// struct Moved(u32);
/// ```
///
/// ```compile_fail
/// # use ipc_derive::Plain;
/// #[derive(Clone, Copy, Plain)] // without `#[repr(C)]`
/// struct Loose(u32, u32);
/// ```
///
/// ```compile_fail
/// # use ipc_derive::Plain;
/// #[derive(Clone, Copy, Plain)]
/// #[repr(C)]
/// struct Empty {}
/// ```
///
/// ```compile_fail
/// # use ipc_derive::Plain;
/// #[derive(Clone, Copy, Plain)]
/// #[repr(C)]
/// struct Borrowed<'a> {
///     of: core::marker::PhantomData<&'a ()>,
/// }
/// ```
///
/// ```compile_fail
/// # use ipc_derive::Plain;
/// #[derive(Clone, Copy, Plain)]
/// #[repr(C, packed)]
/// struct Tight(u8, u32);
/// ```
///
/// ```compile_fail
/// # use ipc_derive::Plain;
/// #[derive(Clone, Copy, Plain)]
/// #[repr(u8)]
/// enum Light {
///     Red,
///     Green,
/// }
/// ```
///
/// ```compile_fail
/// # use ipc_derive::Plain;
/// #[derive(Clone, Copy, Plain)]
/// #[repr(C)]
/// union Bits {
///     int: u32,
///     float: f32,
/// }
/// ```
#[proc_macro_derive(Plain, attributes(ipc))]
pub fn plain(input: TokenStream) -> TokenStream {
    expand(input, plain::derive)
}

/// Implements `ipc_mem::Resident` for a struct of residents, with a schema that describes its
/// fields.
///
/// The struct must be `#[repr(C)]` or `#[repr(transparent)]`, and may have padding. Its fields are
/// initialised in place, in their order. If the initialisation of a field fails, the fields before
/// it are destroyed. When the struct is destroyed, its fields are destroyed in reverse order. It
/// stays mapped as long as one of its fields requires it. A generic struct is a resident if its
/// fields are.
///
/// ```
/// use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
///
/// use ipc_mem::{LocalMemory, Placed, Resident};
///
/// #[derive(Resident)]
/// #[repr(C)]
/// struct Traffic {
///     packets: AtomicU32,
///     bytes: AtomicU64,
/// }
///
/// let traffic = Placed::<Traffic, _>::create_in(LocalMemory::new(4096)?)?;
/// traffic.packets.fetch_add(1, Ordering::Relaxed);
/// traffic.bytes.fetch_add(1500, Ordering::Relaxed);
/// assert_eq!(traffic.bytes.load(Ordering::Relaxed), 1500);
/// # Ok::<(), ipc_core::Error>(())
/// ```
///
/// # Options
///
/// Each field is initialised with its default options, or with the value of the expression in its
/// `#[ipc(options = …)]`. The `Options` type of the struct is `()`, or the type in the
/// `#[ipc(options = …)]` of the struct; the expressions of the fields can use its value by the name
/// `options`.
///
/// ```
/// use std::sync::atomic::{AtomicU32, Ordering};
///
/// use ipc_mem::{LocalMemory, Placed, Resident};
///
/// #[derive(Resident)]
/// #[repr(C)]
/// #[ipc(options = u32)]
/// struct Budget {
///     #[ipc(options = options)]
///     left: AtomicU32,
///     #[ipc(options = 1)]
///     generation: AtomicU32,
///     spent: AtomicU32,
/// }
///
/// let budget = Placed::<Budget, _>::create_in_with(LocalMemory::new(64)?, 500)?;
/// let words = [&budget.left, &budget.generation, &budget.spent];
/// assert_eq!(words.map(|word| word.load(Ordering::Relaxed)), [500, 1, 0]);
/// # Ok::<(), ipc_core::Error>(())
/// ```
///
/// # What does not compile
///
/// A field that is plain data, because one process could write it while another one reads it. Put
/// the data inside a lock, or use an atomic integer.
///
/// ```compile_fail,E0277
/// # use ipc_derive::Resident;
/// #[derive(Resident)]
/// #[repr(C)]
/// struct Traffic {
///     packets: u32, // `AtomicU32`
/// }
/// ```
///
/// A struct that implements `Drop`, because it may outlive the process that created it.
///
/// ```compile_fail,E0080
/// # use core::sync::atomic::AtomicU32;
/// # use ipc_derive::Resident;
/// #[derive(Resident)]
/// #[repr(C)]
/// struct Hits(AtomicU32);
///
/// impl Drop for Hits {
///     fn drop(&mut self) {}
/// }
/// ```
///
/// ```compile_fail,E0509
/// # use ipc_derive::Resident;
/// #[derive(Resident)]
/// #[repr(C)]
/// struct Pair<T>(T, T);
///
/// impl<T> Drop for Pair<T> {
///     fn drop(&mut self) {}
/// }
/// ```
///
/// A struct that is neither `repr(C)` nor `repr(transparent)`, is packed, has no fields, or has a
/// lifetime parameter; an enum; a union.
///
/// ```compile_fail
/// # use core::sync::atomic::AtomicU32;
/// # use ipc_derive::Resident;
/// #[derive(Resident)] // without `#[repr(C)]`
/// struct Loose(AtomicU32, AtomicU32);
/// ```
///
/// ```compile_fail
/// # use ipc_derive::Resident;
/// #[derive(Resident)]
/// #[repr(C)]
/// struct Empty {}
/// ```
///
/// ```compile_fail
/// # use core::sync::atomic::AtomicU32;
/// # use ipc_derive::Resident;
/// #[derive(Resident)]
/// #[repr(C)]
/// struct Borrowed<'a>(&'a AtomicU32);
/// ```
///
/// ```compile_fail
/// # use core::sync::atomic::AtomicU32;
/// # use ipc_derive::Resident;
/// #[derive(Resident)]
/// #[repr(C)]
/// enum Either {
///     One(AtomicU32),
///     Other,
/// }
/// ```
///
/// ```compile_fail
/// # use core::mem::ManuallyDrop;
/// # use core::sync::atomic::AtomicU32;
/// # use ipc_derive::Resident;
/// #[derive(Resident)]
/// #[repr(C)]
/// union Either {
///     hits: ManuallyDrop<AtomicU32>,
/// }
/// ```
#[proc_macro_derive(Resident, attributes(ipc))]
pub fn resident(input: TokenStream) -> TokenStream {
    expand(input, resident::derive)
}

fn expand(
    input: TokenStream,
    derive: fn(&DeriveInput) -> syn::Result<proc_macro2::TokenStream>,
) -> TokenStream {
    syn::parse(input)
        .and_then(|input| derive(&input))
        .unwrap_or_else(|err| err.into_compile_error())
        .into()
}
