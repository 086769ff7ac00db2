//! A resident in a memory.

#![expect(unsafe_code, reason = "ties the life of an object to that of its memory")]

use std::alloc::Layout;
use std::fmt;
use std::mem::ManuallyDrop;
use std::ops::Deref;
use std::ptr::NonNull;

use crate::{Content, Memory, Resident, memory};
use ipc_core::{Origin, Result};

/// One resident at the beginning of a memory, which it owns.
///
/// What may not be unmapped when this is dropped, a robust mutex whose guard was leaked, stays mapped; what dropping
/// its memory does besides is [done](Memory::leave), unless it is a [`Part`](crate::Part) of one.
///
/// To have several in one memory, or one at an offset, cut the memory up with a [`Carver`](crate::Carver).
///
/// # Examples
///
/// ```
/// use std::sync::atomic::{AtomicU32, Ordering};
///
/// use ipc_mem::{LocalMemory, Placed};
///
/// let hits = Placed::<AtomicU32, _>::create_in(LocalMemory::new(64)?)?;
/// hits.fetch_add(1, Ordering::Relaxed);
/// assert_eq!(hits.load(Ordering::Relaxed), 1);
/// # Ok::<(), ipc_core::Error>(())
/// ```
pub struct Placed<T: Resident, M: Memory> {
    place: NonNull<T>,
    memory: ManuallyDrop<M>,
    /// The process that made the resident through this handle, and so ends it.
    maker: Option<Origin>,
}

impl<T: Resident, M: Memory> Placed<T, M> {
    /// Makes one in a fresh memory: a lock free, a count 0, data zero.
    ///
    /// Dropping it ends the resident for everybody, unless a child of `fork` drops its copy.
    ///
    /// # Errors
    ///
    /// `is_invalid_argument` if this handle did not make the memory or may not write it, or if
    /// the memory is too small or not aligned; `is_mismatch` if it was made for something else; otherwise what the
    /// system refuses.
    pub fn create_in(memory: M) -> Result<Self> {
        // SAFETY: called below, with a place as `create_with` promises it, which is what `init` wants.
        let init = |place| unsafe { T::init(place) };
        // SAFETY: `init` makes a `T` at its place, or fails.
        unsafe { Self::create_with(memory, init) }
    }

    /// As [`create_in`](Self::create_in), where `init` makes another than the default.
    ///
    /// # Errors
    ///
    /// As [`create_in`](Self::create_in), and what `init` fails with.
    ///
    /// # Safety
    ///
    /// `init` gets a place with room and alignment for a `T`, of zero bytes that are nobody else's. If it
    /// succeeds, it has made a `T` there that may be used and ended like one of [`Resident::init`].
    pub unsafe fn create_with(memory: M, init: impl FnOnce(NonNull<T>) -> Result<()>) -> Result<Self> {
        memory::expect_fresh("create", &memory, Content::Bare)?;
        // `locate` gives room and alignment; the bytes are zero and ours alone, since the memory is
        // fresh, held by value and given to nobody (`Memory`, 3 and 4).
        let place = memory::locate("create", &memory, 0, Layout::new::<T>())?.cast::<T>();
        init(place)?;
        Ok(Self { place, memory: ManuallyDrop::new(memory), maker: Some(Origin::here()) })
    }

    /// Finds the one that somebody made at the beginning of a memory, and never ends it.
    ///
    /// # Errors
    ///
    /// `is_invalid_argument` if the memory is too small, not aligned or read-only.
    ///
    /// # Safety
    ///
    /// 1. A `T` has been made there, by [`create_in`](Self::create_in) or by a C program, for the
    ///    use of several processes if there are several.
    /// 2. Whoever made it does not end it while this handle lives.
    /// 3. Its bytes are written by its own functions only.
    pub unsafe fn open_in(memory: M) -> Result<Self> {
        memory::expect_writable("open", &memory)?;
        let place = memory::locate("open", &memory, 0, Layout::new::<T>())?.cast::<T>();
        Ok(Self { place, memory: ManuallyDrop::new(memory), maker: None })
    }

    /// The memory it lives in.
    #[must_use]
    pub fn memory(&self) -> &M {
        &self.memory
    }
}

impl<T: Resident, M: Memory> Deref for Placed<T, M> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: a `T` was made at `place` (`create_in`, or vouched for in `open_in`), which lies in
        // the memory that lives as long as `self`; whoever shares it uses it through `&` too (`Resident`).
        unsafe { self.place.as_ref() }
    }
}

impl<T: Resident, M: Memory> Drop for Placed<T, M> {
    fn drop(&mut self) {
        // A forked child may have something else there.
        if self.memory.is_mapped() && !self.may_unmap() {
            return self.memory.leave();
        }
        if self.maker.is_some_and(Origin::is_here) {
            // SAFETY: made in `create_in`, by this process; `&mut self` says that nobody here uses it, and
            // who opened it elsewhere vouched not to outlive it.
            unsafe { T::destroy(self.place) };
        }
        // SAFETY: dropped here only, and not used after.
        unsafe { ManuallyDrop::drop(&mut self.memory) };
    }
}

impl<T: Resident + fmt::Debug, M: Memory> fmt::Debug for Placed<T, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Placed").field(&**self).finish()
    }
}

// SAFETY: `Resident: Sync`, so a `&T` may be used from any thread; dropping it may be done by any
// thread too, since the resident belongs to none; the memory is `Send` itself (`Memory`).
unsafe impl<T: Resident, M: Memory> Send for Placed<T, M> {}

// SAFETY: `&Placed` gives out `&T` and `&M`, both of which are `Sync` (`Resident`, `Memory`).
unsafe impl<T: Resident, M: Memory> Sync for Placed<T, M> {}
