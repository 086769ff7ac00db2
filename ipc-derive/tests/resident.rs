//! The results of `#[derive(Resident)]`.

#![expect(unsafe_code, reason = "has a resident that records its life")]

use std::cell::{Cell, RefCell};
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU8, AtomicU16, AtomicU64, Ordering};

use ipc_core::{Error, Result};
use ipc_mem::{Kind, LocalMemory, Placed, Resident, Schema};

thread_local! {
    /// The life of the parts in this thread, which runs one test: the verb, the part and its
    /// address.
    static DONE: RefCell<Vec<(&'static str, u8, usize)>> = const { RefCell::new(Vec::new()) };
    /// The part whose creation fails; no part has the number 0.
    static REFUSED: Cell<u8> = const { Cell::new(0) };
}

/// A resident that records where it is created and destroyed, and can fail or stay mapped.
#[repr(transparent)]
struct Part<const ID: u8>(AtomicU8);

// SAFETY: an atomic, whose zero is a value; the rest are counts in this process.
unsafe impl<const ID: u8> Resident for Part<ID> {
    const SCHEMA: &'static Schema = &Schema::of::<Self>(Kind::OPAQUE);

    type Options = u8;

    unsafe fn init(place: NonNull<Self>, first: u8) -> Result<()> {
        if REFUSED.get() == ID {
            return Err(Error::invalid("part", "", "refused"));
        }
        DONE.with_borrow_mut(|done| done.push(("made", ID, place.addr().get())));
        // SAFETY: the caller guarantees that zeros, which are an atomic, are there (contract of
        // `init`).
        unsafe { place.as_ref() }.0.store(first, Ordering::Relaxed);
        Ok(())
    }

    unsafe fn destroy(place: NonNull<Self>) {
        DONE.with_borrow_mut(|done| done.push(("ended", ID, place.addr().get())));
    }

    fn may_unmap(&self) -> bool {
        self.0.load(Ordering::Relaxed) == 0
    }
}

#[derive(Resident)]
#[repr(C)]
struct Three {
    one: Part<1>,
    two: Part<2>,
    wide: AtomicU64,
    three: Part<3>,
}

fn place<T: Resident<Options: Default>>() -> Result<Placed<T, LocalMemory>> {
    Placed::create_in(LocalMemory::new(4096)?)
}

fn done() -> Vec<(&'static str, u8)> {
    DONE.take().into_iter().map(|(verb, id, _)| (verb, id)).collect()
}

#[test]
fn fields_are_created_in_order_and_end_in_reverse() {
    let three = place::<Three>().unwrap();
    assert_eq!(done(), [("made", 1), ("made", 2), ("made", 3)]);
    drop(three);
    assert_eq!(done(), [("ended", 3), ("ended", 2), ("ended", 1)]);
}

#[test]
fn each_field_is_created_and_ended_in_place() {
    let three = place::<Three>().unwrap();
    let at = [&raw const three.one.0, &raw const three.two.0, &raw const three.three.0]
        .map(|part| part.addr());
    assert_eq!(DONE.take(), [("made", 1, at[0]), ("made", 2, at[1]), ("made", 3, at[2])]);
    drop(three);
    assert_eq!(DONE.take(), [("ended", 3, at[2]), ("ended", 2, at[1]), ("ended", 1, at[0])]);
}

#[test]
fn if_a_field_fails_those_before_it_are_ended_in_reverse() {
    for (refused, left) in [
        (1, &[] as &[_]),
        (2, &[("made", 1), ("ended", 1)]),
        (3, &[("made", 1), ("made", 2), ("ended", 2), ("ended", 1)]),
    ] {
        REFUSED.set(refused);
        assert!(place::<Three>().is_err_and(|err| err.to_string().contains("refused")));
        assert_eq!(done(), left);
    }
}

#[test]
fn a_struct_in_a_struct_is_undone_as_a_whole() {
    #[derive(Resident)]
    #[repr(C)]
    struct Outer {
        inner: [Inner; 2],
        last: Part<9>,
    }
    #[derive(Resident)]
    #[repr(transparent)]
    struct Inner(Part<1>);

    REFUSED.set(9);
    assert!(place::<Outer>().is_err());
    assert_eq!(done(), [("made", 1), ("made", 1), ("ended", 1), ("ended", 1)]);
}

#[test]
fn one_field_that_must_stay_mapped_keeps_the_whole_mapped() {
    let three = place::<Three>().unwrap();
    assert!(three.may_unmap());
    for held in [&three.one.0, &three.two.0, &three.three.0] {
        held.store(1, Ordering::Relaxed);
        assert!(!three.may_unmap());
        held.store(0, Ordering::Relaxed);
    }
    assert!(three.may_unmap());
}

#[test]
fn a_field_gets_its_options_from_its_attribute_or_those_of_the_struct() {
    #[derive(Resident)]
    #[repr(C)]
    #[ipc(options = [u8; 2])]
    struct Some {
        plain: Part<1>,
        #[ipc(options = 7)]
        seven: Part<2>,
        #[ipc(options = options[1])]
        chosen: [Part<3>; 2],
    }

    let some = Placed::<Some, _>::create_in_with(LocalMemory::new(64).unwrap(), [3, 4]).unwrap();
    let parts = [&some.plain.0, &some.seven.0, &some.chosen[0].0, &some.chosen[1].0];
    assert_eq!(parts.map(|part| part.swap(0, Ordering::Relaxed)), [0, 7, 4, 4]);
}

fn fields(schema: &Schema) -> Vec<(&str, usize, Kind)> {
    schema.fields.iter().map(|field| (field.name, field.offset, field.schema.kind)).collect()
}

#[test]
fn the_schema_has_the_fields_and_skips_padding() {
    #[derive(Resident)]
    #[repr(C, align(32))]
    struct Raw {
        r#type: AtomicU16,
        r#fn: AtomicU64,
    }
    let schema = Three::SCHEMA;
    assert_eq!((schema.kind, schema.size, schema.align), (Kind::STRUCT, 24, 8));
    assert_eq!(
        fields(schema),
        [
            ("one", 0, Kind::OPAQUE),
            ("two", 1, Kind::OPAQUE),
            ("wide", 8, Kind::ATOMIC),
            ("three", 16, Kind::OPAQUE)
        ]
    );
    assert_eq!(fields(Raw::SCHEMA), [("type", 0, Kind::ATOMIC), ("fn", 8, Kind::ATOMIC)]);
    assert_eq!((Raw::SCHEMA.size, Raw::SCHEMA.align), (32, 32));
}

#[test]
fn a_generic_struct_is_a_resident_where_its_fields_are() {
    #[derive(Resident)]
    #[repr(C)]
    struct Pair<T, const N: usize>(T, [T; N]);

    let pair = place::<Pair<Part<4>, 2>>().unwrap();
    assert_eq!(done(), [("made", 4); 3]);
    pair.1[1].0.store(1, Ordering::Relaxed);
    assert!(!pair.may_unmap());
    pair.1[1].0.store(0, Ordering::Relaxed);
    drop(pair);
    assert_eq!(done(), [("ended", 4); 3]);
    assert_eq!(
        fields(Pair::<AtomicU16, 3>::SCHEMA),
        [("0", 0, Kind::ATOMIC), ("1", 2, Kind::ARRAY)]
    );
}

/// Names of the user's own that the generated code would fall over if it did not use whole paths.
#[expect(
    dead_code,
    non_camel_case_types,
    non_upper_case_globals,
    reason = "they are here to be in the way"
)]
mod crowded {
    mod core {}
    mod ipc_core {}
    struct Drop;
    struct Err;
    struct ManuallyDrop;
    struct NonNull;
    struct Ok;
    struct Result;
    struct T;
    trait Resident {}
    type bool = ();
    type usize = ();
    const place: () = ();
    const init: () = ();

    #[derive(ipc_derive::Resident)]
    #[repr(C)]
    pub(super) struct Two(super::Part<1>, super::Part<2>);
}

#[test]
fn names_of_the_users_own_do_not_disturb_the_macro() {
    REFUSED.set(2);
    assert!(place::<crowded::Two>().is_err());
    assert_eq!(done(), [("made", 1), ("ended", 1)]);
}
