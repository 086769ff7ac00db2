//! A value that one of many processes computes.

#![expect(unsafe_code, reason = "hands out a value that is written once")]

use std::cell::UnsafeCell;
use std::fmt;
use std::mem::offset_of;
use std::ptr::NonNull;
use std::time::{Duration, Instant};

use ipc_core::Result;
use ipc_mem::{Field, Kind, Plain, Resident, Schema};

use super::once::Once;

/// A value that one thread of one process computes while all others wait, and that never changes
/// afterwards.
///
/// If the process that computes it is killed, the next caller computes it. The bytes that the dead
/// process has written are still there, so that work can be continued as well as started again.
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

    /// Returns the value, and computes it first if no process has done so. It waits while another
    /// thread computes it.
    ///
    /// `init` is given zeros, or what an initialiser has left there that died or panicked. Calling
    /// this from `init` for the same object never returns.
    #[inline]
    pub fn get_or_init(&self, init: impl FnOnce(&mut T)) -> &T {
        if !self.once.is_done() {
            self.once.call(|_| self.run(init));
        }
        // SAFETY: the value is written before `call` returns or `is_done`, both of which acquire
        // what was written, and never again.
        unsafe { &*self.value.get() }
    }

    /// Returns the value, and computes it first if no process has computed it or is computing it.
    /// Returns `None` if another thread is computing it.
    #[inline]
    pub fn try_get_or_init(&self, init: impl FnOnce(&mut T)) -> Option<&T> {
        let is_done = self.once.try_call(|_| self.run(init));
        is_done.then(|| self.get()).flatten()
    }

    /// Returns the value, and computes it first if no process has done so. It returns `None` if
    /// another thread is computing it for longer than that time.
    #[inline]
    pub fn get_or_init_timeout(&self, timeout: Duration, init: impl FnOnce(&mut T)) -> Option<&T> {
        let is_done = self.once.call_timeout(timeout, |_| self.run(init));
        is_done.then(|| self.get()).flatten()
    }

    /// Returns the value, and computes it first if no process has done so. It returns `None` if
    /// another thread is still computing it at the deadline.
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
