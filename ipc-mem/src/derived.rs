//! The traits that the derive macros implement, and the proofs that the macros leave to this crate.
//!
//! A derive writes paths such as `::core` and `::ipc_mem` into the user's crate, which can define
//! its own items with these names. So a derive cannot prove anything with items that it finds by
//! such a path. Instead it implements a trait of this module, whose items need only syntax: the
//! types of the fields, a pattern that names all fields, and the offsets of the fields. This
//! module implements [`Plain`] or [`Resident`] for every type that implements the trait, and checks
//! these items. Implementing another trait with the same name does not make a type `Plain` or
//! `Resident`.

#![expect(unsafe_code, reason = "implements the traits for structs whose fields it has checked")]

use std::alloc::Layout;
use std::ptr::NonNull;

use crate::memory::at_offset;
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

    /// The options of each field, as pairs.
    type Options;

    /// Refuses options of which those of a field are refused.
    ///
    /// # Errors
    ///
    /// Those of [`Resident::check_sharing`].
    fn check_sharing(options: &Self::Options) -> Result<(), Refusal>;

    /// Initialises the fields of the struct at `base` in their order. If the initialisation of a
    /// field fails, the fields before it are destroyed in reverse order.
    ///
    /// # Safety
    ///
    /// `fields` have the offsets of these types in the struct (`check`). The contract of
    /// [`Resident::init`] for each of the fields.
    unsafe fn init(base: NonNull<u8>, fields: &[Field], options: Self::Options) -> Result<()>;

    /// Destroys the fields in reverse order.
    ///
    /// # Safety
    ///
    /// `fields` have the offsets of these types in the struct (`check`). The contract of
    /// [`Resident::destroy`] for each of the fields.
    unsafe fn destroy(base: NonNull<u8>, fields: &[Field]);

    /// Returns `true` if all fields may be unmapped now.
    ///
    /// # Safety
    ///
    /// `fields` have the offsets of these types in the struct (`check`), which is initialised, and
    /// stays initialised during the call.
    unsafe fn may_unmap(base: NonNull<u8>, fields: &[Field]) -> bool;
}

impl ResidentFields for () {
    const LIST: Option<&'static Link> = None;
    type Options = ();

    fn check_sharing((): &()) -> Result<(), Refusal> {
        Ok(())
    }

    unsafe fn init(_: NonNull<u8>, _: &[Field], (): ()) -> Result<()> {
        Ok(())
    }

    unsafe fn destroy(_: NonNull<u8>, _: &[Field]) {}

    unsafe fn may_unmap(_: NonNull<u8>, _: &[Field]) -> bool {
        true
    }
}

impl<A: Resident, Rest: ResidentFields> ResidentFields for (A, Rest) {
    const LIST: Option<&'static Link> =
        const { Some(&Link { schema: A::SCHEMA, rest: Rest::LIST }) };
    type Options = (A::Options, Rest::Options);

    fn check_sharing((options, others): &Self::Options) -> Result<(), Refusal> {
        A::check_sharing(options)?;
        Rest::check_sharing(others)
    }

    unsafe fn init(
        base: NonNull<u8>,
        fields: &[Field],
        (options, others): Self::Options,
    ) -> Result<()> {
        let first = at_offset(base, fields[0].offset).cast::<A>();
        // SAFETY: the caller guarantees the contract of `Resident::init` for the field, and that it
        // has this offset.
        unsafe { A::init(first, options) }?;
        // SAFETY: the caller guarantees the same for the other fields.
        let others = unsafe { Rest::init(base, &fields[1..], others) };
        if others.is_err() {
            // SAFETY: initialised above; the caller does not use it, since the struct is not
            // initialised.
            unsafe { A::destroy(first) };
        }
        others
    }

    unsafe fn destroy(base: NonNull<u8>, fields: &[Field]) {
        // SAFETY: the caller guarantees the contract of `Resident::destroy` for each field.
        unsafe { Rest::destroy(base, &fields[1..]) };
        // SAFETY: the caller guarantees the contract of `Resident::destroy` for the field, and that
        // it has this offset.
        unsafe { A::destroy(at_offset(base, fields[0].offset).cast()) };
    }

    unsafe fn may_unmap(base: NonNull<u8>, fields: &[Field]) -> bool {
        // SAFETY: a field of an initialised struct, which has this offset (contract), and is used
        // through `&` only.
        let first = unsafe { at_offset(base, fields[0].offset).cast::<A>().as_ref() };
        // SAFETY: the caller guarantees the same for the other fields.
        first.may_unmap() && unsafe { Rest::may_unmap(base, &fields[1..]) }
    }
}

/// A struct with `#[derive(Resident)]`.
///
/// # Safety
///
/// The struct is `repr(C)` or `repr(transparent)`, and not packed.
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
}

// SAFETY: a fixed layout (`ResidentStruct`); `into_fields` compiles, so that its fields are
// `Fields`, which are all `Resident` (`ResidentFields`): used by several processes through `&`,
// with bytes, without pointers and with nothing to drop. Nor does the struct itself implement
// `Drop`, since it can be taken apart. Nothing reads padding. `check` compared the schema with their
// schemas, and the offsets with those of the layout: each field is initialised, destroyed and asked
// at its offset.
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
        const { Self::SCHEMA };
        // SAFETY: `SCHEMA` has checked the offsets; the fields are parts of what the caller
        // guarantees to be aligned, zero and used by no other code.
        unsafe { T::Fields::init(place.cast(), T::FIELDS, T::options(options)) }
    }

    unsafe fn destroy(place: NonNull<Self>) {
        const { Self::SCHEMA };
        // SAFETY: `SCHEMA` has checked the offsets; the fields were initialised with the struct, and
        // are no longer used (contract of `destroy`).
        unsafe { T::Fields::destroy(place.cast(), T::FIELDS) }
    }

    fn may_unmap(&self) -> bool {
        const { Self::SCHEMA };
        // SAFETY: `SCHEMA` has checked the offsets; the fields of `self`, which are initialised as
        // long as it is borrowed.
        unsafe { T::Fields::may_unmap(NonNull::from(self).cast(), T::FIELDS) }
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
