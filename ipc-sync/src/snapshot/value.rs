//! A value that is always read complete, even if a writer is killed in the middle of a write.

#![expect(unsafe_code, reason = "copies values that another process may be writing")]

use std::cell::UnsafeCell;
use std::fmt;
use std::mem::{MaybeUninit, offset_of};
use std::ptr::NonNull;
use std::slice;
use std::time::{Duration, Instant};

use ipc_core::{Deadline, Result};
use ipc_mem::bytes::zeros;
use ipc_mem::{Field, Kind, Plain, Resident, Schema, granule};

use crate::SnapshotLatch;

const COPIES: usize = 3;

/// A value that other threads may write while it is read: a reader gets a value that one writer
/// wrote, never parts of two.
///
/// Readers copy the value and wait for no other thread. While a writer is stopped, or after it was
/// killed in the middle of a write, readers get the previous value. Writers exclude each other. Use
/// it for values that are written as a whole and read by many threads: positions, states, settings,
/// statistics. It takes the memory of three values.
///
/// # Examples
///
/// ```
/// use ipc_mem::Plain;
/// use ipc_mem::{LocalMemory, Placed};
/// use ipc_sync::Snapshot;
///
/// #[derive(Clone, Copy, Debug, PartialEq, Plain)]
/// #[repr(C)]
/// struct Pose {
///     position: [f64; 3],
///     angles: [f64; 3],
/// }
///
/// // In a `Shared` of `ipc-shm`, other processes open it by name.
/// let pose = Placed::<Snapshot<Pose>, _>::create_in(LocalMemory::new(1024)?)?;
/// pose.write(&Pose { position: [1.0, 2.0, 3.0], angles: [0.0; 3] })?;
/// pose.update(|pose| pose.angles[2] += 0.5)?;
/// assert_eq!(pose.read(), Pose { position: [1.0, 2.0, 3.0], angles: [0.0, 0.0, 0.5] });
/// # Ok::<(), ipc_core::Error>(())
/// ```
#[repr(C)]
pub struct Snapshot<T> {
    latch: SnapshotLatch,
    copies: [Line<T>; COPIES],
}

/// A copy that shares no cache line with another.
#[repr(C, align(64))]
struct Line<T>(UnsafeCell<T>);

impl<T: Plain> Snapshot<T> {
    /// Returns a copy of the value, which is zeros until the first write.
    ///
    /// The call starts again if two new values are written while it copies. For a large value, use
    /// [`read_into`](Self::read_into), which copies once less.
    #[must_use]
    #[inline]
    pub fn read(&self) -> T {
        let mut value = MaybeUninit::<T>::uninit();
        let to = NonNull::from(&mut value).cast();
        // SAFETY: one of the copies, which all code moves by granules of `T`; `value` is a local with
        // room for a `T`.
        let load = |copy| unsafe { granule::copy_across(self.place(copy), to, 1) };
        self.latch.read(COPIES, load);
        // SAFETY: written above, all of it, and any bytes are a value (`Plain`, 2).
        unsafe { value.assume_init() }
    }

    /// Copies the value, and returns its [`version`](Self::version).
    #[inline]
    pub fn read_into(&self, value: &mut T) -> u64 {
        self.latch.read(COPIES, |copy| self.load(copy, value))
    }

    /// Copies the value in one attempt, and returns its [`version`](Self::version). Returns `None`
    /// if writers were too fast: `value` may then hold parts of several versions.
    #[inline]
    pub fn try_read_into(&self, value: &mut T) -> Option<u64> {
        self.latch.try_read(COPIES, |copy| self.load(copy, value))
    }

    /// Copies the value, and returns its [`version`](Self::version). Returns `None` if no attempt
    /// succeeds within `timeout`: `value` may then hold parts of several versions.
    pub fn read_into_timeout(&self, value: &mut T, timeout: Duration) -> Option<u64> {
        self.read_until(value, Deadline::after(timeout))
    }

    /// Copies the value, and returns its [`version`](Self::version). Returns `None` if no attempt
    /// succeeds before `deadline`: `value` may then hold parts of several versions.
    pub fn read_into_deadline(&self, value: &mut T, deadline: Instant) -> Option<u64> {
        self.read_until(value, Deadline::at(deadline))
    }

    fn read_until(&self, value: &mut T, deadline: Deadline) -> Option<u64> {
        self.latch.read_until(COPIES, deadline, |copy| self.load(copy, value))
    }

    /// Returns the number of writes so far. If it is greater than the version that a reader has
    /// read, there is a newer value.
    #[must_use]
    #[inline]
    pub fn version(&self) -> u64 {
        self.latch.version()
    }

    /// Waits for a version that is newer than `version`, and returns the number of the newer
    /// version.
    ///
    /// The value can change again before you read it, so [`read_into`](Self::read_into) may return
    /// a newer version than this call did. Pass the version from `read_into` to the next call. If a
    /// writer is killed before it wakes the waiting threads, they are delayed by at most a second.
    ///
    /// ```
    /// use ipc_mem::{LocalMemory, Placed};
    /// use ipc_sync::Snapshot;
    ///
    /// let setting = Placed::<Snapshot<u64>, _>::create_in(LocalMemory::new(1024)?)?;
    /// std::thread::scope(|scope| {
    ///     scope.spawn(|| setting.write(&7).unwrap());
    ///     let mut value = 0;
    ///     let version = setting.wait_newer(0);
    ///     assert_eq!(setting.read_into(&mut value), version);
    ///     assert_eq!(value, 7);
    /// });
    /// # Ok::<(), ipc_core::Error>(())
    /// ```
    #[must_use = "the number of the version"]
    pub fn wait_newer(&self, version: u64) -> u64 {
        loop {
            // The deadline never comes, so this is the only end.
            if let Some(newer) = self.latch.wait_newer(version, || Deadline::NEVER) {
                return newer;
            }
        }
    }

    /// Waits, for at most `timeout`, for a version that is newer than `version`. Returns its
    /// number, or `None` if the time has run out.
    #[must_use = "there may be no newer version"]
    pub fn wait_newer_timeout(&self, version: u64, timeout: Duration) -> Option<u64> {
        self.latch.wait_newer(version, || Deadline::after(timeout))
    }

    /// Waits, until `deadline` at the latest, for a version that is newer than `version`. Returns
    /// its number, or `None` if the deadline has passed.
    #[must_use = "there may be no newer version"]
    pub fn wait_newer_deadline(&self, version: u64, deadline: Instant) -> Option<u64> {
        self.latch.wait_newer(version, || Deadline::at(deadline))
    }

    /// Writes the value. Waits while another thread is writing.
    ///
    /// If this process dies in the middle of the write, readers get the previous value, and other
    /// processes can write.
    ///
    /// # Errors
    ///
    /// The error of the lock that writers hold, if another process has damaged it.
    pub fn write(&self, value: &T) -> Result<()> {
        self.latch.write(COPIES, |_, next| self.store(next, value))
    }

    /// Changes the value, and lets no other thread write it meanwhile.
    ///
    /// If `change` panics, the value stays as it was.
    ///
    /// # Errors
    ///
    /// Those of [`write`](Self::write); `is_deadlock` if `change` itself writes to this snapshot.
    pub fn update(&self, change: impl FnOnce(&mut T)) -> Result<()> {
        self.latch.write(COPIES, |current, next| {
            let mut value = zeros();
            self.load(current, &mut value);
            change(&mut value);
            self.store(next, &value);
        })
    }

    #[inline]
    fn load(&self, copy: usize, value: &mut T) {
        // SAFETY: one of the copies, which all code moves by granules of `T`.
        unsafe { granule::copy_out(self.place(copy), slice::from_mut(value)) };
    }

    #[inline]
    fn store(&self, copy: usize, value: &T) {
        // SAFETY: one of the copies, which all code moves by granules of `T`.
        unsafe { granule::copy_in(slice::from_ref(value), self.place(copy)) };
    }

    #[inline]
    fn place(&self, copy: usize) -> NonNull<T> {
        NonNull::from(&self.copies[copy].0).cast()
    }
}

impl<T> fmt::Debug for Snapshot<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Snapshot").field("latch", &self.latch).finish_non_exhaustive()
    }
}

// SAFETY: through `&self` the copies are only moved, granule by granule, by values that may be sent
// (`Plain: Send`).
unsafe impl<T: Plain> Sync for Snapshot<T> {}

// SAFETY: fixed layout; a `SnapshotLatch` is a resident; the copies are moved by granules only,
// hold no pointer, and any bytes of them are a value (`Plain`), zeros as well. What is held of it
// while it may not be unmapped is the latch's.
unsafe impl<T: Plain> Resident for Snapshot<T> {
    const SCHEMA: &'static Schema = const {
        &Schema::with_fields::<Self>(
            Kind::STRUCT,
            &[
                Field { name: "latch", offset: 0, schema: SnapshotLatch::SCHEMA },
                Field { name: "copies", offset: offset_of!(Self, copies), schema: T::SCHEMA },
            ],
        )
    };

    type Options = ();

    unsafe fn init(place: NonNull<Self>, (): ()) -> Result<()> {
        // SAFETY: the caller guarantees the contract of `init` for all fields; the latch is the
        // first one (`repr(C)`), and the others may be zero.
        unsafe { SnapshotLatch::init(place.cast(), ()) }
    }

    unsafe fn destroy(place: NonNull<Self>) {
        // SAFETY: the caller guarantees the contract of `destroy`; the latch is the first field
        // (`repr(C)`).
        unsafe { SnapshotLatch::destroy(place.cast()) }
    }

    fn may_unmap(&self) -> bool {
        self.latch.may_unmap()
    }
}
