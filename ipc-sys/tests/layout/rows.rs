//! The rows of a table, and the macros that turn the output of `cargo xtask bindgen` into rows.

use std::any::TypeId;

/// A constant.
pub(crate) struct Constant {
    pub(crate) name: &'static str,
    /// The C expression.
    pub(crate) c: &'static str,
    pub(crate) value: i128,
    /// The value in the crate `libc`, if it has the constant.
    pub(crate) libc: Option<i128>,
}

/// Returns `true` if two numbers have the same bits: a flag may be unsigned in one place and an
/// `int` in the other.
pub(crate) fn same(one: i128, other: i128) -> bool {
    one == other || (one - other).abs() == 1 << 32
}

/// A struct, union or typedef.
pub(crate) struct Type {
    /// The name in C.
    pub(crate) c: &'static str,
    pub(crate) size: usize,
    pub(crate) align: usize,
    pub(crate) sign: Option<Sign>,
    /// Size and alignment in the crate `libc`, if it has the type.
    pub(crate) libc: Option<(usize, usize)>,
}

/// A member of a struct or union.
pub(crate) struct Member {
    /// The named type that contains the member, and its path in that type, in C.
    pub(crate) c: &'static str,
    pub(crate) path: String,
    pub(crate) offset: usize,
    pub(crate) size: usize,
    pub(crate) sign: Option<Sign>,
}

/// The meaning of a name that `libc` does not have.
pub(crate) struct Absent;

/// The value of a constant; `None` for an absent one.
pub(crate) trait Value {
    fn value(self) -> Option<i128>;
}

impl Value for Absent {
    fn value(self) -> Option<i128> {
        None
    }
}

/// The properties of an integer, or of an array of integers, besides its layout.
pub(crate) struct Sign {
    /// `true` if the integer can be negative.
    pub(crate) signed: bool,
    /// The number of indices that lead to one integer.
    pub(crate) dimensions: usize,
}

/// Integers, and arrays of them.
pub(crate) trait Integer {
    const SIGN: Sign;
}

impl<T: Integer, const N: usize> Integer for [T; N] {
    const SIGN: Sign = Sign { dimensions: T::SIGN.dimensions + 1, ..T::SIGN };
}

macro_rules! integers {
    ($($int:ident)*) => {$(
        impl Value for $int {
            fn value(self) -> Option<i128> {
                i128::try_from(self).ok()
            }
        }

        impl Integer for $int {
            const SIGN: Sign = Sign { signed: $int::MIN != 0, dimensions: 0 };
        }
    )*};
}

integers! { i8 i16 i32 i64 u8 u16 u32 u64 usize }

/// Size and sign of a row `int` of the table: the member that `place` points to.
pub(crate) fn int<T, M: Integer>(_place: fn(*const T) -> *const M) -> (usize, Option<Sign>) {
    (size_of::<M>(), Some(M::SIGN))
}

/// The size of a row `other` of the table: a struct, a pointer and the like.
pub(crate) fn other<T, M>(_place: fn(*const T) -> *const M) -> (usize, Option<Sign>) {
    (size_of::<M>(), None)
}

/// Size and alignment of a type, or `None` if it is absent.
pub(crate) fn layout<T: 'static>() -> Option<(usize, usize)> {
    (TypeId::of::<T>() != TypeId::of::<Absent>()).then_some((size_of::<T>(), align_of::<T>()))
}

/// Defines `constants()` from their names, and from C's expressions where those differ.
///
/// In the function, a name is that of the crate `libc`, which shadows the [`Absent`] of the module
/// around it.
macro_rules! constants {
    ($($name:ident $(= $c:literal)?;)*) => {
        mod absent_constants {
            $(pub(crate) const $name: $crate::rows::Absent = $crate::rows::Absent;)*
        }

        mod constants {
            use super::absent_constants::*;
            use $crate::rows::{Constant, Value};

            pub(crate) fn constants() -> Vec<Constant> {
                use libc::*;
                vec![$(Constant {
                    name: stringify!($name),
                    c: [$($c,)? stringify!($name)][0],
                    value: ipc_sys::$name.value().unwrap(),
                    libc: $name.value(),
                },)*]
            }
        }
        pub(crate) use constants::constants;
    };
}

/// Defines `types()` from their names in Rust and in C.
macro_rules! types {
    ($($kind:ident $name:ident $c:literal;)*) => {
        mod absent_types {
            $(pub(crate) type $name = $crate::rows::Absent;)*
        }

        mod types {
            use super::absent_types::*;
            use $crate::rows::{Type, int, layout, other};

            pub(crate) fn types() -> Vec<Type> {
                use libc::*;
                vec![$({
                    let (size, sign) = $kind(|it: *const ipc_sys::$name| it);
                    let align = align_of::<ipc_sys::$name>();
                    Type { c: $c, size, align, sign, libc: layout::<$name>() }
                },)*]
            }
        }
        pub(crate) use types::types;
    };
}

/// Defines `members()` from the types that contain them and their paths in those types.
macro_rules! members {
    ($($name:ident $c:literal { $($kind:ident $($rust:ident).+ $(= $path:literal)?;)* })*) => {
        #[expect(unsafe_code, reason = "the path of a member starts at a pointer that is never dereferenced")]
        mod members {
            use ipc_sys::*;
            use $crate::rows::{Member, int, other};

            pub(crate) fn members() -> Vec<Member> {
                vec![$($({
                    let path = None$(.or(Some($path.into())))?.unwrap_or_else(|| [$(stringify!($rust)),+].join("."));
                    let offset = core::mem::offset_of!($name, $($rust).+);
                    // SAFETY: never called; its type gives the compiler the type of the member.
                    let (size, sign) = $kind(|it: *const $name| unsafe { &raw const (*it).$($rust).+ });
                    Member { c: $c, path, offset, size, sign }
                },)*)*]
            }
        }
        pub(crate) use members::members;
    };
}

/// Defines `functions()` from their names.
macro_rules! functions {
    ($($name:ident)*) => {
        pub(crate) fn functions() -> Vec<(&'static str, *const ())> {
            vec![$((stringify!($name), ipc_sys::$name as *const ()),)*]
        }
    };
}
