//! Objects that live in memory and are used where they are.

#![expect(unsafe_code, reason = "states what an object in shared memory vouches for")]

use std::ptr::NonNull;
use std::sync::atomic::{AtomicI8, AtomicI16, AtomicI32, AtomicI64, AtomicU8, AtomicU16, AtomicU32, AtomicU64};

use crate::{Field, Kind, Schema};
use ipc_core::Result;

/// A value that lives *in* a memory, is reached by `&` from several processes at
/// once, and never moves.
///
/// Semaphores, locks and atomic integers are residents, and structs of them by
/// [`#[derive(Resident)]`](macro@crate::Resident). There is no way to have one by value: it is made in place.
///
/// # Safety
///
/// 1. The type has a fixed layout (`repr(C)` or `repr(transparent)`), described by [`SCHEMA`](Self::SCHEMA);
///    it has at least one byte, holds no pointer of one process and nothing to drop.
/// 2. Any number of threads and processes may use it through `&` at once, each at another address.
/// 3. After [`init`](Self::init) has returned `Ok`, and as long as nothing but its own methods has
///    written its bytes, `&Self` is valid there.
/// 4. While [`may_unmap`](Self::may_unmap) is true, taking its bytes away harms nothing but uses through `&self`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be shared in place",
    label = "nothing keeps one process from writing this while another reads it",
    note = "put plain data inside a lock, such as `Mutex<{Self}>`; an integer may be an atomic, such as `AtomicU64`",
    note = "a struct of residents becomes one with `#[derive(Resident)]`"
)]
pub unsafe trait Resident: Sync + Sized + 'static {
    /// Its layout, in words that another program understands.
    const SCHEMA: &'static Schema;

    /// Makes one at `place`: a lock free, a count 0, data zero.
    ///
    /// # Errors
    ///
    /// If the system refuses; then nothing is left there that needs undoing.
    ///
    /// # Safety
    ///
    /// `place` is aligned for `Self`, its bytes are zero, may be written, and are nobody else's until this returns.
    unsafe fn init(place: NonNull<Self>) -> Result<()>;

    /// Ends the one at `place`, for all processes.
    ///
    /// # Safety
    ///
    /// `init` made it there, and nobody uses it any more, nor will.
    unsafe fn destroy(place: NonNull<Self>) {
        let _ = place;
    }

    /// Whether the bytes may be taken out of this process now.
    ///
    /// A robust mutex that a thread of this process holds is known to the kernel by its
    /// address: its memory is then leaked rather than unmapped.
    fn may_unmap(&self) -> bool {
        true
    }
}

// SAFETY: an integer changed by atomic operations only, with the layout of `i8`; zero is a value.
unsafe impl Resident for AtomicI8 {
    const SCHEMA: &'static Schema = &Schema::with_fields::<Self>(
        Kind::ATOMIC,
        &[Field { name: "", offset: 0, schema: &Schema::of::<i8>(Kind::I8) }],
    );

    unsafe fn init(_zeroed: NonNull<Self>) -> Result<()> {
        Ok(())
    }
}

// SAFETY: an integer changed by atomic operations only, with the layout of `i16`; zero is a value.
unsafe impl Resident for AtomicI16 {
    const SCHEMA: &'static Schema = &Schema::with_fields::<Self>(
        Kind::ATOMIC,
        &[Field { name: "", offset: 0, schema: &Schema::of::<i16>(Kind::I16) }],
    );

    unsafe fn init(_zeroed: NonNull<Self>) -> Result<()> {
        Ok(())
    }
}

// SAFETY: an integer changed by atomic operations only, with the layout of `i32`; zero is a value.
unsafe impl Resident for AtomicI32 {
    const SCHEMA: &'static Schema = &Schema::with_fields::<Self>(
        Kind::ATOMIC,
        &[Field { name: "", offset: 0, schema: &Schema::of::<i32>(Kind::I32) }],
    );

    unsafe fn init(_zeroed: NonNull<Self>) -> Result<()> {
        Ok(())
    }
}

// SAFETY: an integer changed by atomic operations only, with the layout of `i64`; zero is a value.
unsafe impl Resident for AtomicI64 {
    const SCHEMA: &'static Schema = &Schema::with_fields::<Self>(
        Kind::ATOMIC,
        &[Field { name: "", offset: 0, schema: &Schema::of::<i64>(Kind::I64) }],
    );

    unsafe fn init(_zeroed: NonNull<Self>) -> Result<()> {
        Ok(())
    }
}

// SAFETY: an integer changed by atomic operations only, with the layout of `u8`; zero is a value.
unsafe impl Resident for AtomicU8 {
    const SCHEMA: &'static Schema = &Schema::with_fields::<Self>(
        Kind::ATOMIC,
        &[Field { name: "", offset: 0, schema: &Schema::of::<u8>(Kind::U8) }],
    );

    unsafe fn init(_zeroed: NonNull<Self>) -> Result<()> {
        Ok(())
    }
}

// SAFETY: an integer changed by atomic operations only, with the layout of `u16`; zero is a value.
unsafe impl Resident for AtomicU16 {
    const SCHEMA: &'static Schema = &Schema::with_fields::<Self>(
        Kind::ATOMIC,
        &[Field { name: "", offset: 0, schema: &Schema::of::<u16>(Kind::U16) }],
    );

    unsafe fn init(_zeroed: NonNull<Self>) -> Result<()> {
        Ok(())
    }
}

// SAFETY: an integer changed by atomic operations only, with the layout of `u32`; zero is a value.
unsafe impl Resident for AtomicU32 {
    const SCHEMA: &'static Schema = &Schema::with_fields::<Self>(
        Kind::ATOMIC,
        &[Field { name: "", offset: 0, schema: &Schema::of::<u32>(Kind::U32) }],
    );

    unsafe fn init(_zeroed: NonNull<Self>) -> Result<()> {
        Ok(())
    }
}

// SAFETY: an integer changed by atomic operations only, with the layout of `u64`; zero is a value.
unsafe impl Resident for AtomicU64 {
    const SCHEMA: &'static Schema = &Schema::with_fields::<Self>(
        Kind::ATOMIC,
        &[Field { name: "", offset: 0, schema: &Schema::of::<u64>(Kind::U64) }],
    );

    unsafe fn init(_zeroed: NonNull<Self>) -> Result<()> {
        Ok(())
    }
}

// SAFETY: residents in a row, each with the promises of its own; there is at least one, or this does not compile.
unsafe impl<T: Resident, const N: usize> Resident for [T; N] {
    const SCHEMA: &'static Schema = {
        const { assert!(N > 0, "an array of no elements has no bytes to share") };
        const { &Schema::with_fields::<Self>(Kind::ARRAY, &[Field { name: "", offset: 0, schema: T::SCHEMA }]) }
    };

    unsafe fn init(place: NonNull<Self>) -> Result<()> {
        let first = place.cast::<T>();
        for i in 0..N {
            // SAFETY: `i < N`, so this is an element of the array at `place`.
            let element = unsafe { first.add(i) };
            // SAFETY: an element of an array that the caller owns, aligned and zeroed.
            if let Err(err) = unsafe { T::init(element) } {
                for made in 0..i {
                    // SAFETY: `made < N`, as above.
                    let element = unsafe { first.add(made) };
                    // SAFETY: made by the loop above, and the caller has not got it yet.
                    unsafe { T::destroy(element) };
                }
                return Err(err);
            }
        }
        Ok(())
    }

    unsafe fn destroy(place: NonNull<Self>) {
        for i in 0..N {
            // SAFETY: `i < N`, so this is an element of the array at `place`.
            let element = unsafe { place.cast::<T>().add(i) };
            // SAFETY: made with the array, and used no more, as the caller vouches.
            unsafe { T::destroy(element) };
        }
    }

    fn may_unmap(&self) -> bool {
        self.iter().all(T::may_unmap)
    }
}
