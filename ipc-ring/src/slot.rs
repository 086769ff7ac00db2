//! One message in shared memory.

#![expect(unsafe_code, reason = "moves messages that other processes write")]

use std::mem::MaybeUninit;
use std::ptr::NonNull;
use std::slice;

use ipc_mem::{Plain, granule};

/// A message of at most this number of granules is moved granule by granule: the program has often
/// just written it in such pieces, and the processor passes a store of a piece on to a load of the
/// same piece only.
const FEW: usize = 8;

const fn is_short<T: Plain>() -> bool {
    size_of::<T>() <= FEW * granule::size_of_granule::<T>()
}

/// Writes a message.
///
/// # Safety
///
/// `place` is aligned for `T`, its bytes are writable, and all other code that accesses them moves
/// granules of `T`.
#[inline]
pub(crate) unsafe fn write<T: Plain>(place: NonNull<T>, message: &T) {
    if is_short::<T>() {
        // SAFETY: the caller guarantees the contract, which is that of the callee.
        unsafe { granule::store(place, *message) };
    } else {
        // SAFETY: the caller guarantees the contract, which is that of the callee for one value.
        unsafe { granule::copy_in(slice::from_ref(message), place) };
    }
}

/// Reads a message.
///
/// # Safety
///
/// `place` is aligned for `T`, its bytes are readable, and all other code that accesses them moves
/// granules of `T`.
#[inline]
pub(crate) unsafe fn read<T: Plain>(place: NonNull<T>) -> T {
    if is_short::<T>() {
        // SAFETY: the caller guarantees the contract, which is that of the callee.
        return unsafe { granule::load(place) };
    }
    let mut value = MaybeUninit::<T>::uninit();
    let into = NonNull::from(&mut value).cast();
    // SAFETY: `into` is a local, aligned and writable; the caller guarantees the rest.
    unsafe { granule::copy_across(place, into, 1) };
    // SAFETY: all its bytes have just been written, and any bytes are a value (`Plain`, 2).
    unsafe { value.assume_init() }
}
