//! The results of `#[derive(Plain)]`, in a crate that forbids unsafe code.

#![forbid(unsafe_code)]

use ipc_mem::{Fingerprint, Kind, Plain, Schema};

fn fields(schema: &Schema) -> Vec<(&str, usize, Kind)> {
    schema.fields.iter().map(|field| (field.name, field.offset, field.schema.kind)).collect()
}

#[derive(Clone, Copy, Plain)]
#[repr(C)]
struct Pixel {
    id: u32,
    rgba: [u8; 4],
}

#[test]
fn the_schema_has_name_offset_and_kind_of_each_field() {
    let schema = Pixel::SCHEMA;
    assert_eq!((schema.kind, schema.size, schema.align), (Kind::STRUCT, 8, 4));
    assert_eq!(fields(schema), [("id", 0, Kind::U32), ("rgba", 4, Kind::ARRAY)]);
}

#[test]
fn fields_of_a_tuple_are_numbered_and_raw_names_lose_their_prefix() {
    #[derive(Clone, Copy, Plain)]
    #[repr(C)]
    struct Pair(u16, i16);
    #[derive(Clone, Copy, Plain)]
    #[repr(C)]
    struct Raw {
        r#type: u8,
        r#fn: [i8; 2],
    }
    assert_eq!(fields(Pair::SCHEMA), [("0", 0, Kind::U16), ("1", 2, Kind::I16)]);
    assert_eq!(fields(Raw::SCHEMA), [("type", 0, Kind::U8), ("fn", 1, Kind::ARRAY)]);
}

#[test]
fn a_struct_of_structs_differs_from_another_in_the_innermost_field() {
    #[derive(Clone, Copy, Plain)]
    #[repr(C)]
    struct Image {
        width: u64,
        pixels: [Pixel; 2],
    }
    mod other {
        use super::*;

        #[derive(Clone, Copy, Plain)]
        #[repr(C)]
        pub(super) struct Pixel {
            id: f32,
            rgba: [u8; 4],
        }

        #[derive(Clone, Copy, Plain)]
        #[repr(C)]
        pub(super) struct Image {
            width: u64,
            pixels: [Pixel; 2],
        }
    }
    let (one, other) =
        (Fingerprint::of(Image::SCHEMA).unwrap(), Fingerprint::of(other::Image::SCHEMA).unwrap());
    let difference = one.difference(&other).unwrap();
    assert!(difference.starts_with("field `pixels[].id`: found u32, wanted f32"), "{difference}");
    assert!(!difference.contains("rgba") && !difference.contains("width"), "{difference}");
}

#[test]
fn an_aligned_struct_is_accepted_if_its_fields_fill_it() {
    #[derive(Clone, Copy, Plain)]
    #[repr(C, align(16))]
    struct Line {
        words: [u32; 4],
    }
    #[derive(Clone, Copy, Plain)]
    #[cfg_attr(all(), repr(C))]
    #[cfg_attr(all(), repr(align(8)))]
    struct Split {
        low: u32,
        high: u32,
    }
    assert_eq!((Line::SCHEMA.size, Line::SCHEMA.align), (16, 16));
    assert_eq!((Split::SCHEMA.size, Split::SCHEMA.align), (8, 8));
}

#[test]
fn a_generic_struct_is_plain_where_its_fields_are() {
    #[derive(Clone, Copy, Plain)]
    #[repr(C)]
    struct Point<T>
    where
        T: Copy,
    {
        x: T,
        yz: [T; 2],
    }
    #[derive(Clone, Copy, Plain)]
    #[repr(C)]
    struct Grid<const ROWS: usize, const COLUMNS: usize = 2> {
        cells: [[f64; COLUMNS]; ROWS],
        sum: f64,
    }
    #[derive(Clone, Copy, Plain)]
    #[repr(transparent)]
    struct Metres<T: Copy>(T);

    assert_eq!(
        fields(Point::<Metres<i16>>::SCHEMA),
        [("x", 0, Kind::STRUCT), ("yz", 2, Kind::ARRAY)]
    );
    assert_eq!(fields(Grid::<3>::SCHEMA), [("cells", 0, Kind::ARRAY), ("sum", 48, Kind::F64)]);
    assert_eq!(Metres::<Pixel>::SCHEMA.size, 8);
}

/// Names of the user's own that the generated code would fall over if it did not use whole paths.
#[expect(dead_code, unused_macros, non_camel_case_types, reason = "they are here to be in the way")]
mod crowded {
    mod core {}
    mod ipc_core {}
    struct Field;
    struct Kind;
    struct Option;
    struct Result;
    struct Schema;
    trait Plain {}
    type bool = ();
    type str = ();
    type usize = ();
    macro_rules! assert {
        () => {};
    }

    #[derive(Clone, Copy, ipc_derive::Plain)]
    #[repr(C)]
    pub(super) struct Pixel {
        id: u32,
        rgba: [u8; 4],
    }
}

#[test]
fn names_of_the_users_own_do_not_disturb_the_macro() {
    assert_eq!(crowded::Pixel::SCHEMA, Pixel::SCHEMA);
}
