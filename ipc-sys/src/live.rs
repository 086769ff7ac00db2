//! Objects of C that several threads and processes use at the same time.

#![expect(unsafe_code, reason = "states when a function of C may be called with an object")]

use core::{cell::UnsafeCell, fmt, ptr::NonNull};

/// An object that a function of C has initialised, such as a [`pthread_mutex_t`](crate::pthread_mutex_t).
///
/// Its address may be passed to C's functions as long as it is borrowed. So the functions that are
/// sound for every initialised object take a reference to a `Live`, and are safe.
///
/// The `unsafe` code that creates a `Live` ensures this of a lock, condition variable, barrier or
/// semaphore: from the first use until no thread holds it or waits for it, it is not moved, freed,
/// overwritten, destroyed or initialised again. Attributes may be moved: both C libraries store
/// integers in them, and refer to them during a call only.
#[repr(transparent)]
pub struct Live<T>(UnsafeCell<T>);

// SAFETY: POSIX lets all threads use one lock, condition variable, barrier or semaphore at the same
// time, by its functions. The safe functions that change attributes need a `&mut Live`.
unsafe impl<T> Sync for Live<T> {}

impl<T> Live<T> {
    /// Returns the object at `place`.
    ///
    /// # Safety
    ///
    /// `place` is aligned for `T`, and a function of C has initialised the object there, for the
    /// kind of threads that use it. For the lifetime `'a`, and from the first use until no thread
    /// holds it or waits for it, the object is not moved, freed, overwritten, destroyed or
    /// initialised again, and no code accesses its bytes but by C's functions and atomic
    /// operations.
    #[must_use]
    pub const unsafe fn at<'a>(place: NonNull<T>) -> &'a Self {
        // SAFETY: the same layout (`repr(transparent)`), aligned and initialised for the lifetime
        // `'a` (contract), and accessed by reference through an `UnsafeCell` only.
        unsafe { place.cast::<Self>().as_ref() }
    }

    /// The address of the object, for functions of C that are not safe.
    #[must_use]
    #[inline]
    pub const fn as_ptr(&self) -> *mut T {
        self.0.get()
    }
}

impl<T> fmt::Debug for Live<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Live").finish_non_exhaustive()
    }
}
