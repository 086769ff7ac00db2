//! A resident in a memory object.

#![expect(unsafe_code, reason = "ties the life of an object to that of its memory")]

use std::alloc::Layout;
use std::fmt;
use std::ops::Deref;
use std::ptr::NonNull;
use std::sync::Arc;

#[cfg(doc)]
use ipc_core::Error;
use ipc_core::{Origin, Result, SignalSafe};

use crate::file::Body;
use crate::retained::{self, Retained};
use crate::{AccessMode, Fresh, Memory, ReadWrite, Region, Resident, Tag, memory};

/// A resident at the beginning of a memory object. A `Placed` owns the memory object.
///
/// If the bytes [may not be unmapped](Resident::may_unmap) when it is dropped, for example because
/// the guard of a robust mutex was leaked, they stay mapped until they may be unmapped. The memory
/// object itself is dropped immediately, which may remove its name.
///
/// To place several residents in one memory object, or one at an offset, cut the memory object up
/// with a [`Carver`](crate::Carver).
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
    /// Keeps the bytes mapped, independently of the memory object.
    region: Region<M::Access>,
    memory: M,
    /// The process that created the resident through this handle, and so destroys it.
    creator: Option<Origin>,
}

impl<T: Resident, M: Memory<Access = ReadWrite>> Placed<T, M> {
    /// Creates a resident in a new memory object ([`Fresh`](crate::Fresh)), with the default
    /// options of its type: for example a lock that is not locked, or a count of 0.
    ///
    /// Dropping the returned value destroys the resident for all processes. If a forked child drops
    /// its copy of the value, nothing is destroyed.
    ///
    /// # Errors
    ///
    /// [`is_invalid_argument`](Error::is_invalid_argument) if the memory object is too small or not
    /// aligned; [`is_mismatch`](Error::is_mismatch) if it was created with a
    /// [tag](crate::Tag) other than `BARE` (the default); the errors of [`Resident::init`], and
    /// those of [`Resident::check_sharing`] if another process can reach the bytes.
    pub fn create_in(memory: Fresh<M>) -> Result<Self>
    where
        T: Resident<Options: Default>,
    {
        Self::create_in_with(memory, T::Options::default())
    }

    /// Creates a resident in a new memory object ([`Fresh`](crate::Fresh)), with options such as
    /// its initial value.
    ///
    /// ```
    /// use std::sync::atomic::{AtomicU32, Ordering};
    ///
    /// use ipc_mem::{LocalMemory, Placed};
    ///
    /// let left = Placed::<AtomicU32, _>::create_in_with(LocalMemory::new(64)?, 100)?;
    /// assert_eq!(left.load(Ordering::Relaxed), 100);
    /// # Ok::<(), ipc_core::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The errors of [`create_in`](Self::create_in).
    pub fn create_in_with(memory: Fresh<M>, options: T::Options) -> Result<Self> {
        let memory = memory.claim("create", Tag::BARE)?;
        if !memory.region().body().is_local() {
            T::check_sharing(&options).map_err(|refusal| refusal.on(memory.label()))?;
        }
        let place = memory::locate("create", &memory, 0, Layout::new::<T>())?.cast::<T>();
        // SAFETY: `locate` found room and alignment; the bytes are zero, and no other code accesses
        // them, since the memory object was fresh.
        unsafe { T::init(place, options) }.map_err(|err| err.on(memory.label()))?;
        Ok(Self { place, region: memory.region().clone(), memory, creator: Some(Origin::here()) })
    }

    /// Opens an existing resident at the beginning of a memory object. Dropping the handle does not
    /// destroy the resident.
    ///
    /// # Errors
    ///
    /// `is_invalid_argument` if the memory object is too small, not aligned or read-only.
    ///
    /// # Safety
    ///
    /// 1. A `T` was initialised there, by [`create_in`](Self::create_in) or by a C program; if
    ///    several processes use it, it was initialised as process-shared.
    /// 2. Its creator does not destroy it while this handle exists.
    /// 3. Only functions of its type write its bytes.
    pub unsafe fn open_in(memory: M) -> Result<Self> {
        let place = memory::locate("open", &memory, 0, Layout::new::<T>())?.cast::<T>();
        Ok(Self { place, region: memory.region().clone(), memory, creator: None })
    }
}

impl<T: Resident, M: Memory> Placed<T, M> {
    /// Returns the memory object that contains the resident.
    #[must_use]
    pub fn memory(&self) -> &M {
        &self.memory
    }
}

impl<T: Resident, M: Memory> Deref for Placed<T, M> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: a `T` was initialised at `place` (by `create_in`, or guaranteed by the caller of
        // `open_in`), within the memory object, which lives as long as `self`; all others that
        // share it use it through `&` too (`Resident`).
        unsafe { self.place.as_ref() }
    }
}

// SAFETY: it computes an address and calls the `notify` of the value, which meets this contract.
unsafe impl<T: Resident + SignalSafe, M: Memory> SignalSafe for Placed<T, M> {
    fn notify(&self) {
        (**self).notify();
    }
}

impl<T: Resident, M: Memory> Drop for Placed<T, M> {
    fn drop(&mut self) {
        retained::sweep();
        let rest = Remains { place: self.place, region: self.region.clone() };
        if !rest.may_go() {
            return retained::keep(rest);
        }
        if self.creator.is_some_and(Origin::is_here) {
            // SAFETY: created in `create_in`, by this process; `&mut self` says that no code here
            // uses it, and a caller that opened it elsewhere guarantees not to use it longer
            // (contract of `open_in`).
            unsafe { T::destroy(self.place) };
        }
    }
}

/// The remains of a dropped handle whose bytes may not be unmapped yet.
struct Remains<T, A: AccessMode> {
    place: NonNull<T>,
    region: Region<A>,
}

impl<T: Resident, A: AccessMode> Retained for Remains<T, A> {
    fn may_go(&self) -> bool {
        // A forked child may have something else there.
        !self.region.is_mapped() || {
            // SAFETY: a resident lives at `place`, which `region` keeps mapped in this process.
            let resident = unsafe { self.place.as_ref() };
            resident.may_unmap()
        }
    }

    fn body(&self) -> &Arc<Body> {
        self.region.shared_body()
    }

    fn place(&self) -> usize {
        self.place.addr().get()
    }
}

// SAFETY: `Resident: Sync`, so that any thread may ask it; the address belongs to `region`.
unsafe impl<T: Resident, A: AccessMode> Send for Remains<T, A> {}

impl<T: Resident + fmt::Debug, M: Memory> fmt::Debug for Placed<T, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Placed").field(&**self).finish()
    }
}

// SAFETY: `Resident: Sync`, so a `&T` may be used from any thread; dropping it may be done by any
// thread too, since the resident belongs to none; the memory is `Send` itself (`Memory`).
unsafe impl<T: Resident, M: Memory> Send for Placed<T, M> {}

// SAFETY: `&Placed` returns `&T` and `&M`, both of which are `Sync` (`Resident`, `Memory`).
unsafe impl<T: Resident, M: Memory> Sync for Placed<T, M> {}
