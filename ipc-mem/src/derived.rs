//! The traits that the derive macros implement, and the proofs that the macros leave to this crate.
//!
//! A derive writes paths such as `::core` and `::ipc_mem` into the user's crate, which can define
//! its own items with these names. So a derive cannot prove anything with items that it finds by
//! such a path. Instead it implements a trait of this module, whose items need only syntax: the
//! types of the fields, a pattern that names all fields, and the addresses of the fields. This
//! module implements [`Plain`] or [`Resident`] for every type that implements the trait, and checks
//! these items. Implementing another trait with the same name does not make a type `Plain` or
//! `Resident`.

#![expect(unsafe_code, reason = "implements the traits for structs whose fields it has checked")]

use std::alloc::Layout;
use std::ptr::NonNull;

use crate::{Field, Kind, Plain, Resident, Schema};
use ipc_core::{Refusal, Result};

/// The schemas of the fields of a struct, in their order.
#[derive(Debug)]
pub struct Link {
    schema: &'static Schema,
    rest: Option<&'static Self>,
}

/// The types of the fields of a struct, as pairs: `(A, (B, (C, ())))`.
pub trait PlainFields {
    /// Their schemas.
    const LIST: Option<&'static Link>;
}

impl PlainFields for () {
    const LIST: Option<&'static Link> = None;
}

impl<A: Plain, Rest: PlainFields> PlainFields for (A, Rest) {
    const LIST: Option<&'static Link> =
        const { Some(&Link { schema: A::SCHEMA, rest: Rest::LIST }) };
}

/// A struct with `#[derive(Plain)]`.
///
/// # Safety
///
/// The struct is `repr(C)` or `repr(transparent)`, and not packed.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not plain data",
    label = "another program could write bytes here that are not a valid `{Self}`, or that mean nothing to it",
    note = "integers and floating-point numbers of fixed width are plain data, so are arrays of them, and structs with `#[derive(Plain)]`",
    note = "store a `bool`, `char` or enum as an integer, a `usize` as `u64`, a reference as an index or offset"
)]
pub unsafe trait PlainStruct: Copy + Send + Sync + 'static {
    /// The types of all fields, in their order.
    type Fields: PlainFields;

    /// Names, offsets and schemas of all fields, in their order.
    const FIELDS: &'static [Field];

    /// Destructures the struct, which proves that [`Fields`](Self::Fields) are its fields. Never
    /// called.
    fn into_fields(self) -> Self::Fields;
}

// SAFETY: a fixed layout (`PlainStruct`); `into_fields` compiles, so that its fields are `Fields`,
// which are all `Plain` (`PlainFields`): any bytes of them are values and no pointers. There is at
// least one, and no padding: their sizes add up to that of the struct. The schema is what `check`
// compared with the schemas of the fields.
#[diagnostic::do_not_recommend]
unsafe impl<T: PlainStruct> Plain for T {
    const SCHEMA: &'static Schema = const {
        let mut bytes = 0;
        let mut next = T::Fields::LIST;
        while let Some(link) = next {
            bytes += link.schema.size;
            next = link.rest;
        }
        assert!(bytes > 0, "a struct of no bytes has nothing to share");
        assert!(
            bytes == size_of::<T>(),
            "a plain struct has no padding: put a field there, such as `_pad: [u8; N]`"
        );
        check(T::FIELDS, T::Fields::LIST, Layout::new::<T>());
        &Schema::with_fields::<T>(Kind::STRUCT, T::FIELDS)
    };
}

/// The types of the fields of a struct, as pairs, and the operations on fields at given addresses.
pub trait ResidentFields {
    /// Their schemas.
    const LIST: Option<&'static Link>;

    /// The address of each field, as pairs.
    type Places: Copy;

    /// The options of each field, as pairs.
    type Options;

    /// Refuses options of which those of a field are refused.
    ///
    /// # Errors
    ///
    /// Those of [`Resident::check_sharing`].
    fn check_sharing(options: &Self::Options) -> Result<(), Refusal>;

    /// Initialises the fields in their order. If the initialisation of a field fails, the fields
    /// before it are destroyed in reverse order.
    ///
    /// # Safety
    ///
    /// The contract of [`Resident::init`] for each of the places.
    unsafe fn init(places: Self::Places, options: Self::Options) -> Result<()>;

    /// Destroys the fields in reverse order.
    ///
    /// # Safety
    ///
    /// The contract of [`Resident::destroy`] for each of the places.
    unsafe fn destroy(places: Self::Places);

    /// Returns `true` if all fields may be unmapped now.
    ///
    /// # Safety
    ///
    /// Each place is the address of a field of a struct that is initialised, and stays initialised
    /// during the call.
    unsafe fn may_unmap(places: Self::Places) -> bool;
}

impl ResidentFields for () {
    const LIST: Option<&'static Link> = None;
    type Places = ();
    type Options = ();

    fn check_sharing((): &()) -> Result<(), Refusal> {
        Ok(())
    }

    unsafe fn init((): (), (): ()) -> Result<()> {
        Ok(())
    }

    unsafe fn destroy((): ()) {}

    unsafe fn may_unmap((): ()) -> bool {
        true
    }
}

impl<A: Resident, Rest: ResidentFields> ResidentFields for (A, Rest) {
    const LIST: Option<&'static Link> =
        const { Some(&Link { schema: A::SCHEMA, rest: Rest::LIST }) };
    type Places = (*mut A, Rest::Places);
    type Options = (A::Options, Rest::Options);

    fn check_sharing((options, others): &Self::Options) -> Result<(), Refusal> {
        A::check_sharing(options)?;
        Rest::check_sharing(others)
    }

    unsafe fn init((first, rest): Self::Places, (options, others): Self::Options) -> Result<()> {
        // SAFETY: the place of a field of a struct, which is not null (contract of
        // `ResidentFields::init`).
        let first = unsafe { NonNull::new_unchecked(first) };
        // SAFETY: the caller guarantees what `Resident::init` requires, for this place too.
        unsafe { A::init(first, options) }?;
        // SAFETY: the caller guarantees it for the other places.
        let others = unsafe { Rest::init(rest, others) };
        if others.is_err() {
            // SAFETY: initialised above; the caller does not use it, since the whole is not
            // initialised.
            unsafe { A::destroy(first) };
        }
        others
    }

    unsafe fn destroy((first, rest): Self::Places) {
        // SAFETY: the caller guarantees what `Resident::destroy` requires, for each of the places.
        unsafe { Rest::destroy(rest) };
        // SAFETY: the place of a field of a struct, which is not null.
        let first = unsafe { NonNull::new_unchecked(first) };
        // SAFETY: the caller guarantees what `Resident::destroy` requires.
        unsafe { A::destroy(first) };
    }

    unsafe fn may_unmap((first, rest): Self::Places) -> bool {
        // SAFETY: a field of an initialised struct (contract of `may_unmap`), which is used through
        // `&` only.
        let first = unsafe { &*first };
        // SAFETY: the caller guarantees it for the other places.
        first.may_unmap() && unsafe { Rest::may_unmap(rest) }
    }
}

/// A struct with `#[derive(Resident)]`.
///
/// # Safety
///
/// 1. The struct is `repr(C)` or `repr(transparent)`, and not packed.
/// 2. [`places`](Self::places) returns the address of each field, in their order.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be shared in place",
    label = "nothing keeps one process from writing this while another process reads it",
    note = "put plain data inside a lock of `ipc-sync`, such as `Mutex<u64>`; an integer may be an atomic, such as `AtomicU64`",
    note = "a struct of locks, semaphores and atomics can be shared in place with `#[derive(Resident)]`"
)]
pub unsafe trait ResidentStruct: Sync + Sized + 'static {
    /// The types of all fields, in their order.
    type Fields: ResidentFields;

    /// The options of the struct.
    type Options: Clone;

    /// Names, offsets and schemas of all fields, in their order.
    const FIELDS: &'static [Field];

    /// Destructures the struct, which proves that [`Fields`](Self::Fields) are its fields and that
    /// it does not implement `Drop`. Never called.
    fn into_fields(self) -> Self::Fields;

    /// Returns the options of the fields for these options of the struct.
    fn options(options: Self::Options) -> <Self::Fields as ResidentFields>::Options;

    /// The address of each field.
    ///
    /// # Safety
    ///
    /// `this` is the address of space for a `Self`.
    unsafe fn places(this: *mut Self) -> <Self::Fields as ResidentFields>::Places;
}

// SAFETY: a fixed layout (`ResidentStruct`, 1); `into_fields` compiles, so that its fields are
// `Fields`, which are all `Resident` (`ResidentFields`): used by several processes through `&`,
// with bytes, without pointers and with nothing to drop. Nor does the struct itself implement
// `Drop`, since it can be taken apart. Nothing reads padding. Each field is initialised, destroyed
// and asked at its place (`ResidentStruct`, 2); `check` compared the schema with their schemas.
#[diagnostic::do_not_recommend]
unsafe impl<T: ResidentStruct> Resident for T {
    const SCHEMA: &'static Schema = const {
        assert!(T::Fields::LIST.is_some(), "a struct of no bytes has nothing to share");
        check(T::FIELDS, T::Fields::LIST, Layout::new::<T>());
        &Schema::with_fields::<T>(Kind::STRUCT, T::FIELDS)
    };

    type Options = T::Options;

    fn check_sharing(options: &Self::Options) -> Result<(), Refusal> {
        T::Fields::check_sharing(&T::options(options.clone()))
    }

    unsafe fn init(place: NonNull<Self>, options: Self::Options) -> Result<()> {
        // SAFETY: the caller guarantees that there is room for a struct (contract of `init`).
        let places = unsafe { T::places(place.as_ptr()) };
        // SAFETY: parts of what the caller guarantees to be aligned, zero and used by no other
        // code.
        unsafe { T::Fields::init(places, T::options(options)) }
    }

    unsafe fn destroy(place: NonNull<Self>) {
        // SAFETY: the caller guarantees that there is a struct (contract of `destroy`).
        let places = unsafe { T::places(place.as_ptr()) };
        // SAFETY: initialised with the struct, and no longer used (contract of `destroy`).
        unsafe { T::Fields::destroy(places) }
    }

    fn may_unmap(&self) -> bool {
        // SAFETY: `self` is a struct. The addresses are used for `&` only.
        let places = unsafe { T::places((&raw const *self).cast_mut()) };
        // SAFETY: its fields, initialised as long as it is borrowed.
        unsafe { T::Fields::may_unmap(places) }
    }
}

/// Asserts that `fields` have the schemas in `list`, at the offsets that `repr(C)` gives them in a
/// struct of this layout, which is aligned for each of them.
const fn check(fields: &[Field], list: Option<&'static Link>, layout: Layout) {
    let (mut index, mut end, mut align, mut next) = (0, 0usize, 1, list);
    while let Some(link) = next {
        let (field, schema) = (&fields[index], link.schema);
        end = end.next_multiple_of(schema.align);
        assert!(field.offset == end, "a field is not at the offset that `repr(C)` gives it");
        assert!(schema.is(field.schema), "a field has another layout than its type");
        end += schema.size;
        if schema.align > align {
            align = schema.align;
        }
        index += 1;
        next = link.rest;
    }
    assert!(index == fields.len(), "there are more names than fields");
    assert!(align <= layout.align(), "the struct is packed: a field may not be aligned");
    assert!(end.next_multiple_of(align) <= layout.size(), "the fields do not fit into the struct");
}
