//! Objects that live in shared memory and are used in place.

#![expect(unsafe_code, reason = "declares and implements the contract of objects in shared memory")]

use std::ptr::NonNull;
use std::sync::atomic::{
    AtomicI8, AtomicI16, AtomicI32, AtomicI64, AtomicU8, AtomicU16, AtomicU32, AtomicU64, Ordering,
};

use crate::memory::at_offset;
use crate::{Field, Kind, Schema};
use ipc_core::{Refusal, Result};

/// A value that lives *in* a memory object, is used through `&` by several processes at the same
/// time, and never moves.
///
/// Semaphores, locks and atomic integers are residents. Structs of residents become residents with
/// [`#[derive(Resident)]`](macro@crate::Resident). A resident is never moved or returned by value:
/// it is initialised in place, with [options](Self::Options) such as an initial value.
///
/// # Safety
///
/// 1. The type has a fixed layout (`repr(C)` or `repr(transparent)`), described by
///    [`SCHEMA`](Self::SCHEMA); it has at least one byte, contains no pointer that is valid in one
///    process only, and needs no drop.
/// 2. Any number of threads and processes may use it through `&` at the same time, even if they map
///    it at different addresses.
/// 3. After [`init`](Self::init) has returned `Ok`, a `&Self` to its bytes is valid as long as only
///    the methods of the type write them.
/// 4. While [`may_unmap`](Self::may_unmap) returns `true`, unmapping the bytes is sound if this
///    process does not use `&self` afterwards.
/// 5. If the type has no [`init`](Self::init) of its own, zeros are a valid `&Self`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be shared in place",
    label = "nothing keeps one process from writing this while another process reads it",
    note = "put plain data inside a lock of `ipc-sync`, such as `Mutex<u64>`; an integer may be an atomic, such as `AtomicU64`",
    note = "a struct of locks, semaphores and atomics can be shared in place with `#[derive(Resident)]`"
)]
pub unsafe trait Resident: Sync + Sized + 'static {
    /// The layout of the type, in a form that other programs understand.
    const SCHEMA: &'static Schema;

    /// The options at creation, such as an initial value or a number of parties; `()` for a type
    /// without options.
    ///
    /// If the type has default options, they stand for a lock that is not locked, a count of 0, or
    /// data of zeros.
    type Options: Clone;

    /// Refuses options that restrict the resident to one process. It is called before a resident is
    /// created in memory that other processes can reach.
    ///
    /// # Errors
    ///
    /// An invalid argument, which names the option.
    fn check_sharing(options: &Self::Options) -> Result<(), Refusal> {
        let _ = options;
        Ok(())
    }

    /// Initialises a resident at `place`. The default implementation calls [`set_up`](Self::set_up)
    /// on the zero bytes.
    ///
    /// # Errors
    ///
    /// The error if the options are not valid, or the system refuses. The implementation has then
    /// undone its work.
    ///
    /// # Safety
    ///
    /// `place` is aligned for `Self`, and its bytes are zero and writable. Until the call returns,
    /// no other thread or process reads or writes them.
    unsafe fn init(place: NonNull<Self>, options: Self::Options) -> Result<()> {
        // SAFETY: aligned, and zeros (contract), which are a resident of this type (contract of the
        // trait, 5).
        let zeros = unsafe { place.as_ref() };
        // SAFETY: zeros, and until this returns no other thread or process accesses them
        // (contract).
        unsafe { zeros.set_up(options) }
    }

    /// Gives a resident that consists of zeros its initial value.
    ///
    /// # Errors
    ///
    /// The error if the options are not valid.
    ///
    /// # Safety
    ///
    /// All bytes of the resident are zero. Until the call returns, no other thread or process reads
    /// or writes them.
    unsafe fn set_up(&self, options: Self::Options) -> Result<()> {
        let _ = options;
        Ok(())
    }

    /// Destroys the resident at `place`, for all processes.
    ///
    /// # Safety
    ///
    /// [`init`](Self::init) initialised the resident at `place`, and no process uses it during or
    /// after the call.
    unsafe fn destroy(place: NonNull<Self>) {
        let _ = place;
    }

    /// Returns `true` if the bytes may be unmapped in this process now.
    ///
    /// It returns `false` while a thread of this process holds a robust mutex, because the kernel
    /// refers to that mutex by its address. The bytes then stay mapped until a later call returns
    /// `true`.
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

    type Options = i8;

    unsafe fn set_up(&self, first: i8) -> Result<()> {
        self.store(first, Ordering::Relaxed);
        Ok(())
    }
}

// SAFETY: an integer changed by atomic operations only, with the layout of `i16`; zero is a value.
unsafe impl Resident for AtomicI16 {
    const SCHEMA: &'static Schema = &Schema::with_fields::<Self>(
        Kind::ATOMIC,
        &[Field { name: "", offset: 0, schema: &Schema::of::<i16>(Kind::I16) }],
    );

    type Options = i16;

    unsafe fn set_up(&self, first: i16) -> Result<()> {
        self.store(first, Ordering::Relaxed);
        Ok(())
    }
}

// SAFETY: an integer changed by atomic operations only, with the layout of `i32`; zero is a value.
unsafe impl Resident for AtomicI32 {
    const SCHEMA: &'static Schema = &Schema::with_fields::<Self>(
        Kind::ATOMIC,
        &[Field { name: "", offset: 0, schema: &Schema::of::<i32>(Kind::I32) }],
    );

    type Options = i32;

    unsafe fn set_up(&self, first: i32) -> Result<()> {
        self.store(first, Ordering::Relaxed);
        Ok(())
    }
}

// SAFETY: an integer changed by atomic operations only, with the layout of `i64`; zero is a value.
unsafe impl Resident for AtomicI64 {
    const SCHEMA: &'static Schema = &Schema::with_fields::<Self>(
        Kind::ATOMIC,
        &[Field { name: "", offset: 0, schema: &Schema::of::<i64>(Kind::I64) }],
    );

    type Options = i64;

    unsafe fn set_up(&self, first: i64) -> Result<()> {
        self.store(first, Ordering::Relaxed);
        Ok(())
    }
}

// SAFETY: an integer changed by atomic operations only, with the layout of `u8`; zero is a value.
unsafe impl Resident for AtomicU8 {
    const SCHEMA: &'static Schema = &Schema::with_fields::<Self>(
        Kind::ATOMIC,
        &[Field { name: "", offset: 0, schema: &Schema::of::<u8>(Kind::U8) }],
    );

    type Options = u8;

    unsafe fn set_up(&self, first: u8) -> Result<()> {
        self.store(first, Ordering::Relaxed);
        Ok(())
    }
}

// SAFETY: an integer changed by atomic operations only, with the layout of `u16`; zero is a value.
unsafe impl Resident for AtomicU16 {
    const SCHEMA: &'static Schema = &Schema::with_fields::<Self>(
        Kind::ATOMIC,
        &[Field { name: "", offset: 0, schema: &Schema::of::<u16>(Kind::U16) }],
    );

    type Options = u16;

    unsafe fn set_up(&self, first: u16) -> Result<()> {
        self.store(first, Ordering::Relaxed);
        Ok(())
    }
}

// SAFETY: an integer changed by atomic operations only, with the layout of `u32`; zero is a value.
unsafe impl Resident for AtomicU32 {
    const SCHEMA: &'static Schema = &Schema::with_fields::<Self>(
        Kind::ATOMIC,
        &[Field { name: "", offset: 0, schema: &Schema::of::<u32>(Kind::U32) }],
    );

    type Options = u32;

    unsafe fn set_up(&self, first: u32) -> Result<()> {
        self.store(first, Ordering::Relaxed);
        Ok(())
    }
}

// SAFETY: an integer changed by atomic operations only, with the layout of `u64`; zero is a value.
unsafe impl Resident for AtomicU64 {
    const SCHEMA: &'static Schema = &Schema::with_fields::<Self>(
        Kind::ATOMIC,
        &[Field { name: "", offset: 0, schema: &Schema::of::<u64>(Kind::U64) }],
    );

    type Options = u64;

    unsafe fn set_up(&self, first: u64) -> Result<()> {
        self.store(first, Ordering::Relaxed);
        Ok(())
    }
}

// SAFETY: residents in a row, each of which keeps the contract of `Resident`; there is at least
// one, or this does not compile.
unsafe impl<T: Resident, const N: usize> Resident for [T; N] {
    const SCHEMA: &'static Schema = {
        const { assert!(N > 0, "an array of no elements has no bytes to share") };
        const {
            &Schema::with_fields::<Self>(
                Kind::ARRAY,
                &[Field { name: "", offset: 0, schema: T::SCHEMA }],
            )
        }
    };

    /// The options of each element.
    type Options = T::Options;

    fn check_sharing(options: &T::Options) -> Result<(), Refusal> {
        T::check_sharing(options)
    }

    unsafe fn init(place: NonNull<Self>, options: T::Options) -> Result<()> {
        let element = |i| at_offset(place.cast::<T>(), i * size_of::<T>());
        for i in 0..N {
            // SAFETY: `i < N`, so this is an element of an array that the caller owns, aligned and
            // zeroed.
            if let Err(err) = unsafe { T::init(element(i), options.clone()) } {
                for made in 0..i {
                    // SAFETY: an element that the loop above initialised, and to which the caller
                    // has no access yet.
                    unsafe { T::destroy(element(made)) };
                }
                return Err(err);
            }
        }
        Ok(())
    }

    unsafe fn destroy(place: NonNull<Self>) {
        for i in 0..N {
            let element = at_offset(place.cast::<T>(), i * size_of::<T>());
            // SAFETY: `i < N`, so this is an element, which was initialised with the array and is
            // no longer used (contract of `destroy`).
            unsafe { T::destroy(element) };
        }
    }

    fn may_unmap(&self) -> bool {
        self.iter().all(T::may_unmap)
    }
}
