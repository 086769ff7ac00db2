//! Offsets of values.

#![expect(unsafe_code, reason = "states that an offset is plain")]

use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;

use ipc_mem::{Kind, Plain, Schema};

/// The offset of a value in a heap, which is the same in all processes. It may be stored, or sent
/// to other processes.
///
/// It is checked whenever it is used: [`Heap::read`](crate::Heap::read) and
/// [`Heap::write`](crate::Heap::write) refuse an offset at which no allocated block of at least the
/// size of `T` begins. There are two cases in which they accept an offset although the value is
/// gone: the block was allocated again, or the handle of a dropped [`HeapBox`](crate::HeapBox)
/// keeps the block for a later allocation.
#[repr(transparent)]
pub struct Offset<T> {
    raw: u64,
    of: PhantomData<fn() -> T>,
}

impl<T> Offset<T> {
    /// Creates an offset from a number of bytes from the beginning of the memory object.
    #[must_use]
    pub fn from_raw(raw: u64) -> Self {
        Self { raw, of: PhantomData }
    }

    /// Returns the number of bytes from the beginning of the memory object.
    #[must_use]
    pub fn raw(self) -> u64 {
        self.raw
    }
}

// SAFETY: 1. `repr(transparent)` around an integer of fixed width. 2. Every bit pattern is a value,
// which is checked when it is used. 3. It counts from the beginning of a memory object, so it means
// the same in all processes. 4. The schema is that of the integer.
unsafe impl<T: 'static> Plain for Offset<T> {
    const SCHEMA: &'static Schema = &Schema::of::<u64>(Kind::U64);
}

impl<T> Clone for Offset<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Offset<T> {}

impl<T> PartialEq for Offset<T> {
    fn eq(&self, other: &Self) -> bool {
        self.raw == other.raw
    }
}

impl<T> Eq for Offset<T> {}

impl<T> Hash for Offset<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.raw.hash(state);
    }
}

impl<T> fmt::Debug for Offset<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Offset({:#x})", self.raw)
    }
}
