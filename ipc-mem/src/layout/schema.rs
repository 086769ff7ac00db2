//! How a type is laid out, in words that another program understands.

use std::fmt;

/// What a run of bytes is, as a number that is stored beside it.
///
/// The numbers 1 to 12 are the element types of the array format WA-1.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Kind(u16);

#[rustfmt::skip]
impl Kind {
    /// A signed byte.
    pub const I8: Self = Self(1);
    /// A byte.
    pub const U8: Self = Self(2);
    /// A signed integer of 2 bytes.
    pub const I16: Self = Self(3);
    /// An unsigned integer of 2 bytes.
    pub const U16: Self = Self(4);
    /// A signed integer of 4 bytes.
    pub const I32: Self = Self(5);
    /// An unsigned integer of 4 bytes.
    pub const U32: Self = Self(6);
    /// A signed integer of 8 bytes.
    pub const I64: Self = Self(7);
    /// An unsigned integer of 8 bytes.
    pub const U64: Self = Self(8);
    /// A floating-point number of 4 bytes.
    pub const F32: Self = Self(9);
    /// A floating-point number of 8 bytes.
    pub const F64: Self = Self(10);
    /// A complex number of two `f32`, the real part first.
    pub const C32: Self = Self(11);
    /// A complex number of two `f64`, the real part first.
    pub const C64: Self = Self(12);
    /// Several of one kind in a row.
    pub const ARRAY: Self = Self(32);
    /// Fields side by side.
    pub const STRUCT: Self = Self(33);
    /// Bytes of which only size and alignment are told.
    pub const OPAQUE: Self = Self(34);
    /// An integer that several processes change at once.
    pub const ATOMIC: Self = Self(48);
    /// A POSIX semaphore.
    pub const SEMAPHORE: Self = Self(49);
    /// A pthread mutex.
    pub const MUTEX: Self = Self(50);
    /// A pthread condition variable.
    pub const CONDVAR: Self = Self(51);
    /// A pthread read/write lock.
    pub const RWLOCK: Self = Self(52);
    /// A pthread barrier.
    pub const BARRIER: Self = Self(53);
    /// A pthread spin lock.
    pub const SPIN_LOCK: Self = Self(54);

    const NAMES: &'static [(Self, &'static str)] = &[
        (Self::I8, "i8"), (Self::U8, "u8"), (Self::I16, "i16"), (Self::U16, "u16"),
        (Self::I32, "i32"), (Self::U32, "u32"), (Self::I64, "i64"), (Self::U64, "u64"),
        (Self::F32, "f32"), (Self::F64, "f64"), (Self::C32, "complex f32"), (Self::C64, "complex f64"),
        (Self::ARRAY, "array"), (Self::STRUCT, "struct"), (Self::OPAQUE, "bytes"), (Self::ATOMIC, "atomic"),
        (Self::SEMAPHORE, "semaphore"), (Self::MUTEX, "mutex"), (Self::CONDVAR, "condition variable"),
        (Self::RWLOCK, "read/write lock"), (Self::BARRIER, "barrier"), (Self::SPIN_LOCK, "spin lock"),
    ];
}

impl Kind {
    /// The kind with this number, also if it is none of those known here.
    #[must_use]
    pub const fn new(code: u16) -> Self {
        Self(code)
    }

    /// The number that is stored.
    #[must_use]
    pub const fn code(self) -> u16 {
        self.0
    }
}

/// The kind in words, or its number if it has none here.
impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Self::NAMES.iter().find(|(kind, _)| kind == self) {
            Some((_, name)) => f.write_str(name),
            None => write!(f, "kind {}", self.0),
        }
    }
}

impl fmt::Debug for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The layout of a type: kind, size, alignment and what it is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Schema {
    /// What it is.
    pub kind: Kind,
    /// Its bytes.
    pub size: usize,
    /// The boundary it begins on, in bytes.
    pub align: usize,
    /// What it is made of, in the order of the offsets. For an array, its first element.
    pub fields: &'static [Field],
}

/// One field of a type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// Where it begins, in bytes from the beginning of the type.
    pub offset: usize,
    /// Its own layout.
    pub schema: &'static Schema,
}

impl Schema {
    /// The layout of `T`, of which no parts are told.
    #[must_use]
    pub const fn of<T>(kind: Kind) -> Self {
        Self { kind, size: size_of::<T>(), align: align_of::<T>(), fields: &[] }
    }

    /// The layout of `T`, made of `fields`.
    #[must_use]
    pub const fn with_fields<T>(kind: Kind, fields: &'static [Field]) -> Self {
        Self { kind, size: size_of::<T>(), align: align_of::<T>(), fields }
    }
}
