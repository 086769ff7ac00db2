//! Integer elements that several processes change atomically.

use std::sync::atomic::{
    AtomicI8, AtomicI16, AtomicI32, AtomicI64, AtomicU8, AtomicU16, AtomicU32, AtomicU64,
};

use ipc_mem::Plain;

/// An integer that [`ShmArray::atomic`](crate::ShmArray::atomic) can change atomically.
pub trait Integer: Plain + private::Sealed {
    /// The atomic type of the same size, alignment and values.
    type Atomic: Sync + 'static;
}

impl Integer for i8 {
    type Atomic = AtomicI8;
}

impl Integer for i16 {
    type Atomic = AtomicI16;
}

impl Integer for i32 {
    type Atomic = AtomicI32;
}

impl Integer for i64 {
    type Atomic = AtomicI64;
}

impl Integer for u8 {
    type Atomic = AtomicU8;
}

impl Integer for u16 {
    type Atomic = AtomicU16;
}

impl Integer for u32 {
    type Atomic = AtomicU32;
}

impl Integer for u64 {
    type Atomic = AtomicU64;
}

/// Seals the trait, so that `Atomic` always has the same size, alignment and values.
mod private {
    pub trait Sealed {}

    impl Sealed for i8 {}
    impl Sealed for i16 {}
    impl Sealed for i32 {}
    impl Sealed for i64 {}
    impl Sealed for u8 {}
    impl Sealed for u16 {}
    impl Sealed for u32 {}
    impl Sealed for u64 {}
}
