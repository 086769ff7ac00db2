//! Derive macros for types that live in shared memory.
//!
//! | to share | derive |
//! |---|---|
//! | data: elements of arrays, messages, contents of locks | [`Plain`](macro@Plain) |
//! | objects that synchronise themselves: locks, semaphores, atomics | [`Resident`](macro@Resident) |
//!
//! The traits themselves are in `ipc-mem`. Each has the name of its macro, and `use
//! ipc_mem::Plain` brings in both. A crate that uses `ipc-mem` through another crate specifies its
//! path: `#[ipc(crate = "path::of::ipc_mem")]`.
//!
//! The macros generate the `unsafe impl` and prove its contract, so that the struct needs no
//! `unsafe`: they work under `#![deny(unsafe_code)]` and `#![forbid(unsafe_code)]`, which do not
//! look into macros of other crates.

mod plain;
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
mod resident;
mod shape;

use proc_macro::TokenStream;
use syn::DeriveInput;

/// Implements `ipc_mem::Plain` for a struct of plain fields, with a schema that describes them.
///
/// The struct is `#[repr(C)]` or `#[repr(transparent)]`, and `Copy`.
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
/// The fields of a generic struct are of one type, or arrays of it. Then the struct has no padding
/// for any parameters. It is plain if its fields are.
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
/// A field that is not plain: `bool`, `char`, an enum (store an integer instead), `usize` (its size differs between
/// programs), a pointer or reference (it means nothing to another program), an array of no elements.
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
/// Padding, between fields or at the end: add fields in its place.
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
/// Neither is padding accepted in a crate that has another `core`: the proof does not rely on the
/// assertions there.
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
/// A field that implements only a different `Plain` is not accepted either:
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
/// A struct that is not `Copy`, or has no layout of its own, no fields, a lifetime, or is packed; an enum; a union.
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
/// The struct is `#[repr(C)]` or `#[repr(transparent)]`. Its fields are initialised in place in
/// their order; if one fails, those before it are destroyed. Its fields are destroyed with it, the
/// last first, and it stays mapped as long as one of them requires it. There may be padding. A
/// generic struct is a resident if its fields are.
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
/// Each field is initialised with its default options, or with those in `#[ipc(options = …)]`. The struct has no options
/// of its own, or those of the type in its `#[ipc(options = …)]`, which its fields may use by the name `options`.
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
/// A field that is plain data: put it inside a lock, or make an integer an atomic. Nothing would keep one process
/// from writing it while another one reads.
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
/// A struct that implements `Drop`: it may outlive the process that created it.
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
/// A struct that has no layout of its own, no fields, a lifetime, or is packed; an enum; a union.
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
