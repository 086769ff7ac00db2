//! A value that is computed once for all processes.

#![expect(unsafe_code, reason = "hands out a value that is written once")]

use std::cell::UnsafeCell;
use std::fmt;
use std::mem::offset_of;
use std::ptr::NonNull;
use std::time::{Duration, Instant};

use ipc_core::Result;
use ipc_mem::{Field, Kind, Plain, Resident, Schema};

use super::once::Once;

/// A value that one thread computes once for all processes, while the other threads wait. After
/// that, it never changes.
///
/// If the process of that thread is killed, the next caller computes the value. The bytes that the
/// killed process wrote are still there: the next caller can continue with them, or start again.
///
/// # Examples
///
/// ```
/// use ipc_mem::{LocalMemory, Placed};
/// use ipc_sync::futex::OnceValue;
///
/// let table = Placed::<OnceValue<[u64; 4]>, _>::create_in(LocalMemory::new(64)?)?;
/// assert!(table.get().is_none());
/// let squares = table.get_or_init(|table| (0..).zip(table).for_each(|(i, square)| *square = i * i));
/// assert_eq!(squares, &[0, 1, 4, 9]);
/// # Ok::<(), ipc_core::Error>(())
/// ```
#[repr(C)]
pub struct OnceValue<T> {
    once: Once,
    value: UnsafeCell<T>,
}

impl<T: Plain> OnceValue<T> {
    /// Returns the value if it has been computed.
    #[inline]
    pub fn get(&self) -> Option<&T> {
        // SAFETY: the value is written before `is_done`, which acquires what was written, and never
        // again.
        self.once.is_done().then(|| unsafe { &*self.value.get() })
    }

    /// Returns the value. Computes it first if no thread has done so; waits while another thread
    /// computes it.
    ///
    /// `init` gets zeros, or the bytes that an earlier initialiser wrote before it died or
    /// panicked. If `init` itself calls this method on the same object, that call never returns.
    #[inline]
    pub fn get_or_init(&self, init: impl FnOnce(&mut T)) -> &T {
        if !self.once.is_done() {
            self.once.call(|_| self.run(init));
        }
        // SAFETY: the value is written before `call` returns or `is_done`, both of which acquire
        // what was written, and never again.
        unsafe { &*self.value.get() }
    }

    /// Returns the value. Computes it first if no thread has done so. Returns `None` if another
    /// thread is computing it.
    #[inline]
    pub fn try_get_or_init(&self, init: impl FnOnce(&mut T)) -> Option<&T> {
        let is_done = self.once.try_call(|_| self.run(init));
        is_done.then(|| self.get()).flatten()
    }

    /// Returns the value. Computes it first if no thread has done so. Returns `None` if another
    /// thread is still computing it after `timeout`.
    #[inline]
    pub fn get_or_init_timeout(&self, timeout: Duration, init: impl FnOnce(&mut T)) -> Option<&T> {
        let is_done = self.once.call_timeout(timeout, |_| self.run(init));
        is_done.then(|| self.get()).flatten()
    }

    /// Returns the value. Computes it first if no thread has done so. Returns `None` if another
    /// thread is still computing it at `deadline`.
    #[inline]
    pub fn get_or_init_deadline(&self, deadline: Instant, init: impl FnOnce(&mut T)) -> Option<&T> {
        let is_done = self.once.call_deadline(deadline, |_| self.run(init));
        is_done.then(|| self.get()).flatten()
    }

    /// To be called in the one call of `once` that initialises.
    fn run(&self, init: impl FnOnce(&mut T)) {
        // SAFETY: `once` lets one thread at a time come here, and no thread reads before it is
        // done. A process that came here before is proved to write no more, and its bytes
        // are a value (`Plain`).
        init(unsafe { &mut *self.value.get() });
    }
}

impl<T: Plain + fmt::Debug> fmt::Debug for OnceValue<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("OnceValue").field(&self.get()).finish()
    }
}

// SAFETY: the value is written by one thread before any other reads it, and may be read by all
// (`Plain: Sync`).
unsafe impl<T: Plain> Sync for OnceValue<T> {}

// SAFETY: 1. `repr(C)`, a resident and plain data. 2. `Sync` says how the data is reached. 3. Every
// bit pattern of the data is a value (`Plain`). 4. As for `Once`.
unsafe impl<T: Plain> Resident for OnceValue<T> {
    const SCHEMA: &'static Schema = const {
        &Schema::with_fields::<Self>(
            Kind::FUTEX_ONCE,
            &[
                Field { name: "once", offset: 0, schema: Once::SCHEMA },
                Field { name: "value", offset: offset_of!(Self, value), schema: T::SCHEMA },
            ],
        )
    };

    type Options = ();

    unsafe fn init(place: NonNull<Self>, (): ()) -> Result<()> {
        // SAFETY: the caller guarantees what `init` requires; a `Once` is the first field
        // (`repr(C)`).
        unsafe { Once::init(place.cast(), ()) }
    }
}
