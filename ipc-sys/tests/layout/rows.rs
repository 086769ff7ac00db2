//! The rows of a table, and the macros that make them of what `cargo xtask bindgen` writes.

use std::any::TypeId;

/// A constant.
pub(crate) struct Constant {
    pub(crate) name: &'static str,
    /// What C calls it.
    pub(crate) c: &'static str,
    pub(crate) value: i128,
    /// Its value in the crate `libc`, if it is there.
    pub(crate) libc: Option<i128>,
}

/// Whether two numbers are one: some call a flag unsigned that others call an `int`, with the same
/// bits.
pub(crate) fn same(one: i128, other: i128) -> bool {
    one == other || (one - other).abs() == 1 << 32
}

/// A struct, union or typedef.
pub(crate) struct Type {
    /// What C calls it.
    pub(crate) c: &'static str,
    pub(crate) size: usize,
    pub(crate) align: usize,
    pub(crate) sign: Option<Sign>,
    /// Size and alignment in the crate `libc`, if it is there.
    pub(crate) libc: Option<(usize, usize)>,
}

/// A member of a struct or union.
pub(crate) struct Member {
    /// The named type in which it lies, and the way to it, as C calls them.
    pub(crate) c: &'static str,
    pub(crate) path: String,
    pub(crate) offset: usize,
    pub(crate) size: usize,
    pub(crate) sign: Option<Sign>,
}

/// What a name means that `libc` does not have.
pub(crate) struct Absent;

/// A constant's value: none for one that is not there.
pub(crate) trait Value {
    fn value(self) -> Option<i128>;
}

impl Value for Absent {
    fn value(self) -> Option<i128> {
        None
    }
}

/// What an integer, or an array of integers, has beside its layout.
pub(crate) struct Sign {
    /// Whether it has negative values.
    pub(crate) signed: bool,
    /// How many indices an integer of it needs.
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

/// Size and sign of what the table calls `int`: that to which `place` leads.
pub(crate) fn int<T, M: Integer>(_place: fn(*const T) -> *const M) -> (usize, Option<Sign>) {
    (size_of::<M>(), Some(M::SIGN))
}

/// The same of what the table calls `other`: a struct, a pointer and the like.
pub(crate) fn other<T, M>(_place: fn(*const T) -> *const M) -> (usize, Option<Sign>) {
    (size_of::<M>(), None)
}

/// Size and alignment, unless the type is not there.
pub(crate) fn layout<T: 'static>() -> Option<(usize, usize)> {
    (TypeId::of::<T>() != TypeId::of::<Absent>()).then_some((size_of::<T>(), align_of::<T>()))
}

/// Makes `constants()` of their names, and C's expressions where those differ.
///
/// In the function, a name means what the crate `libc` says, which hides what the module around
/// it says: [`Absent`].
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

/// Makes `types()` of their names in Rust and in C.
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

/// Makes `members()` of the types in which they lie and the way to them.
macro_rules! members {
    ($($name:ident $c:literal { $($kind:ident $($rust:ident).+ $(= $path:literal)?;)* })*) => {
        #[expect(unsafe_code, reason = "the way to a member begins at a pointer, which nobody follows")]
        mod members {
            use ipc_sys::*;
            use $crate::rows::{Member, int, other};

            pub(crate) fn members() -> Vec<Member> {
                vec![$($({
                    let path = None$(.or(Some($path.into())))?.unwrap_or_else(|| [$(stringify!($rust)),+].join("."));
                    let offset = core::mem::offset_of!($name, $($rust).+);
                    // SAFETY: never called; it tells the compiler of which type the member is.
                    let (size, sign) = $kind(|it: *const $name| unsafe { &raw const (*it).$($rust).+ });
                    Member { c: $c, path, offset, size, sign }
                },)*)*]
            }
        }
        pub(crate) use members::members;
    };
}

/// Makes `functions()` of their names.
macro_rules! functions {
    ($($name:ident)*) => {
        pub(crate) fn functions() -> Vec<(&'static str, *const ())> {
            vec![$((stringify!($name), ipc_sys::$name as *const ()),)*]
        }
    };
}
