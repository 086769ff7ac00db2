//! The layout of a type, in a form that other programs understand.

use std::fmt;

/// The kind of a type, as a number that is stored beside the data.
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
    /// An array.
    pub const ARRAY: Self = Self(32);
    /// A struct.
    pub const STRUCT: Self = Self(33);
    /// Bytes of which only size and alignment are described.
    pub const OPAQUE: Self = Self(34);
    /// An integer that several processes change at the same time.
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
    /// A `futex::Mutex` of `ipc-sync`.
    pub const FUTEX_MUTEX: Self = Self(64);
    /// A `futex::Condvar` of `ipc-sync`.
    pub const FUTEX_CONDVAR: Self = Self(65);
    /// A `futex::RwLock` of `ipc-sync`.
    pub const FUTEX_RWLOCK: Self = Self(66);
    /// A `futex::Semaphore` of `ipc-sync`.
    pub const FUTEX_SEMAPHORE: Self = Self(67);
    /// A `futex::Permits` of `ipc-sync`.
    pub const FUTEX_PERMITS: Self = Self(68);
    /// A `futex::Event` of `ipc-sync`.
    pub const FUTEX_EVENT: Self = Self(69);
    /// A `futex::Once` of `ipc-sync`.
    pub const FUTEX_ONCE: Self = Self(70);
    /// A `futex::Barrier` of `ipc-sync`.
    pub const FUTEX_BARRIER: Self = Self(71);
    /// A `futex::Latch` of `ipc-sync`.
    pub const FUTEX_LATCH: Self = Self(72);

    const NAMES: &'static [(Self, &'static str)] = &[
        (Self::I8, "i8"), (Self::U8, "u8"), (Self::I16, "i16"), (Self::U16, "u16"),
        (Self::I32, "i32"), (Self::U32, "u32"), (Self::I64, "i64"), (Self::U64, "u64"),
        (Self::F32, "f32"), (Self::F64, "f64"), (Self::C32, "complex f32"), (Self::C64, "complex f64"),
        (Self::ARRAY, "array"), (Self::STRUCT, "struct"), (Self::OPAQUE, "bytes"), (Self::ATOMIC, "atomic"),
        (Self::SEMAPHORE, "semaphore"), (Self::MUTEX, "mutex"), (Self::CONDVAR, "condition variable"),
        (Self::RWLOCK, "read/write lock"), (Self::BARRIER, "barrier"), (Self::SPIN_LOCK, "spin lock"),
        (Self::FUTEX_MUTEX, "native mutex"), (Self::FUTEX_CONDVAR, "native condition variable"),
        (Self::FUTEX_RWLOCK, "native read/write lock"), (Self::FUTEX_SEMAPHORE, "native semaphore"),
        (Self::FUTEX_PERMITS, "native permits"), (Self::FUTEX_EVENT, "native event"),
        (Self::FUTEX_ONCE, "native once"), (Self::FUTEX_BARRIER, "native barrier"),
        (Self::FUTEX_LATCH, "native latch"),
    ];
}

impl Kind {
    /// Returns the kind with this number. It need not be one of the kinds above.
    #[must_use]
    pub const fn new(code: u16) -> Self {
        Self(code)
    }

    /// Returns the number that is stored.
    #[must_use]
    pub const fn code(self) -> u16 {
        self.0
    }
}

/// Properties of objects that depend on the C library or on namespaces.
impl Kind {
    /// Returns `true` for an object of the C library.
    #[must_use]
    pub fn is_of_libc(self) -> bool {
        (Self::SEMAPHORE.0..=Self::SPIN_LOCK.0).contains(&self.0)
    }

    /// Returns the versions of glibc (major and minor) that changed the layout of objects of this
    /// kind. The change of condition variables in 2.41 is not in the list: distributions have
    /// backported it, so the version does not show it. [`Maker::here`](super::Maker::here) detects
    /// it by creating a condition variable.
    #[must_use]
    pub fn glibc_changes(self) -> &'static [(u16, u16)] {
        match self {
            Self::SEMAPHORE => &[(2, 21)],
            Self::BARRIER => &[(2, 23)],
            Self::RWLOCK | Self::CONDVAR => &[(2, 25)],
            _ => &[],
        }
    }

    /// Returns `true` for an object that records its owner by the id of a thread or a process. Such
    /// an id is valid in one PID namespace only.
    #[must_use]
    pub fn has_owner(self) -> bool {
        let stateless = matches!(self, Self::FUTEX_CONDVAR | Self::FUTEX_SEMAPHORE);
        let native = (Self::FUTEX_MUTEX.0..=Self::FUTEX_LATCH.0).contains(&self.0);
        matches!(self, Self::MUTEX | Self::RWLOCK) || native && !stateless
    }
}

/// Prints the kind in words, or its number if it has no name here.
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

/// The layout of a type: its kind, size, alignment and fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Schema {
    /// Its kind.
    pub kind: Kind,
    /// Its size, in bytes.
    pub size: usize,
    /// Its alignment, in bytes.
    pub align: usize,
    /// Its fields, in the order of their offsets. The only field of an array is its first element.
    pub fields: &'static [Field],
}

/// One field of a type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// The offset of the field, in bytes from the beginning of the type.
    pub offset: usize,
    /// Its own layout.
    pub schema: &'static Schema,
}

impl Schema {
    /// Returns `true` if `is` returns `true` for the kind of the type or of any field in it.
    #[must_use]
    pub fn any(&self, is: &dyn Fn(Kind) -> bool) -> bool {
        is(self.kind) || self.fields.iter().any(|field| field.schema.any(is))
    }

    /// The layout of `T`, without a description of its parts.
    #[must_use]
    pub const fn of<T>(kind: Kind) -> Self {
        Self { kind, size: size_of::<T>(), align: align_of::<T>(), fields: &[] }
    }

    /// Creates the layout of `T`, with these fields.
    #[must_use]
    pub const fn with_fields<T>(kind: Kind, fields: &'static [Field]) -> Self {
        Self { kind, size: size_of::<T>(), align: align_of::<T>(), fields }
    }

    /// Returns `true` if both schemas describe the same layout, including the names of the fields.
    pub(crate) const fn is(&self, other: &Self) -> bool {
        if self.kind.0 != other.kind.0 || self.size != other.size || self.align != other.align {
            return false;
        }
        let (mut index, len) = (0, self.fields.len());
        if len != other.fields.len() {
            return false;
        }
        while index < len {
            let (one, two) = (&self.fields[index], &other.fields[index]);
            if one.offset != two.offset
                || !same(one.name.as_bytes(), two.name.as_bytes())
                || !one.schema.is(two.schema)
            {
                return false;
            }
            index += 1;
        }
        true
    }
}

const fn same(one: &[u8], two: &[u8]) -> bool {
    let mut index = 0;
    while index < one.len() && index < two.len() && one[index] == two[index] {
        index += 1;
    }
    index == one.len() && index == two.len()
}
