//! Arrays whose readers always copy a consistent version.

#![expect(unsafe_code, reason = "copies elements that another process may be writing")]

use std::fmt;
use std::time::{Duration, Instant};

use ipc_core::{Deadline, Error, Name, Result};
use ipc_mem::{
    AtLeast, Fresh, Memory, Object, OpenOptions, Plain, ReadOnly, ReadWrite, SharedMemory, granule,
};

use crate::copies::{Copies, CopiesOptions};
use crate::{ArrayOptions, Shape};

/// An array whose readers always copy a consistent version: all elements that a reader copies come
/// from one write, even if other processes write at the same time.
///
/// It works like [`Snapshot`](ipc_sync::Snapshot), for a number of elements that is known only at
/// run time. It holds several copies of all elements, three by default, so a reader that is as fast
/// as a writer never has to retry. Readers can map it read-only, and wait for no other process. If
/// a writer is killed, the current version stays valid.
///
/// # Examples
///
/// ```
/// use ipc_shmarray::SnapshotArray;
///
/// # let name = format!("/frame-{}", std::process::id());
/// let frame = SnapshotArray::<f32>::create(&name, [64, 48])?;
/// frame.write_from(&[1.5; 64 * 48])?;
///
/// let theirs = SnapshotArray::<f32>::open_read_only(&name)?; // usually in another process
/// let mut copy = vec![0.0; theirs.len()];
/// assert_eq!(theirs.read_into(&mut copy)?, 1); // the first version that was written
/// assert_eq!(copy[64 * 48 - 1], 1.5);
/// # Ok::<(), ipc_core::Error>(())
/// ```
pub struct SnapshotArray<T: Plain, M: Memory = SharedMemory>(Object<Copies<T>, M>);

impl<T: Plain> SnapshotArray<T> {
    /// The default number of copies.
    pub const COPIES: usize = 3;

    /// Creates an array of zeros under a new name. The shape is that of one version.
    ///
    /// No process can open the array before it is complete. A process that is killed during the
    /// call leaves nothing, or a complete array.
    ///
    /// # Errors
    ///
    /// Those of [`ShmArray::create`](crate::ShmArray::create).
    pub fn create(
        name: impl TryInto<Name, Error: Into<Error>>,
        options: impl Into<ArrayOptions>,
    ) -> Result<Self> {
        Self::create_with(name, options, Self::COPIES)
    }

    /// Creates an array of zeros under a new name, with `copies` copies of the elements: at least
    /// 2.
    ///
    /// A reader of an array with *n* copies retries if *n* - 1 or more new versions were written
    /// during the read. More copies give a slow reader more time.
    ///
    /// # Errors
    ///
    /// Those of [`create`](Self::create); [`is_invalid_argument`](Error::is_invalid_argument) for
    /// fewer than 2 or more than 1024 copies.
    pub fn create_with(
        name: impl TryInto<Name, Error: Into<Error>>,
        options: impl Into<ArrayOptions>,
        copies: usize,
    ) -> Result<Self> {
        let ArrayOptions { shape, memory } = options.into();
        Object::create(name, CopiesOptions { shape, copies }, memory, |_| Ok(())).map(Self)
    }

    /// Opens an array by name, to read and write.
    ///
    /// # Errors
    ///
    /// Those of [`ShmArray::open`](crate::ShmArray::open).
    pub fn open(name: impl TryInto<Name, Error: Into<Error>>) -> Result<Self> {
        Self::open_with(name, OpenOptions::new())
    }

    /// Opens an array by name, to read and write, with options such as which owners to trust.
    ///
    /// # Errors
    ///
    /// Those of [`open`](Self::open).
    pub fn open_with(
        name: impl TryInto<Name, Error: Into<Error>>,
        options: OpenOptions,
    ) -> Result<Self> {
        Object::open(name, options).map(Self)
    }

    /// Opens an array by name, read-only.
    ///
    /// # Errors
    ///
    /// Those of [`open`](Self::open). Permission to read is enough.
    pub fn open_read_only(
        name: impl TryInto<Name, Error: Into<Error>>,
    ) -> Result<SnapshotArray<T, SharedMemory<ReadOnly>>> {
        Self::open_read_only_with(name, OpenOptions::new())
    }

    /// Opens an array by name, read-only, with options such as which owners to trust.
    ///
    /// # Errors
    ///
    /// Those of [`open_read_only`](Self::open_read_only).
    pub fn open_read_only_with(
        name: impl TryInto<Name, Error: Into<Error>>,
        options: OpenOptions,
    ) -> Result<SnapshotArray<T, SharedMemory<ReadOnly>>> {
        Object::<Copies<T>>::open_read_only(name, options).map(SnapshotArray)
    }

    /// Opens an array by name, or creates it. [`was_created`](Self::was_created) reports which.
    ///
    /// # Errors
    ///
    /// Those of [`open`](Self::open) and [`create`](Self::create);
    /// [`is_mismatch`](Error::is_mismatch) if an existing array has another shape.
    pub fn open_or_create(
        name: impl TryInto<Name, Error: Into<Error>>,
        options: impl Into<ArrayOptions>,
    ) -> Result<Self> {
        let ArrayOptions { shape, memory } = options.into();
        let options = CopiesOptions { shape, copies: Self::COPIES };
        let found = Self(Object::open_or_create(name, options, memory, |_| Ok(()))?);
        if *found.shape() != shape {
            let why = format!("found {} elements, wanted {shape}", found.shape());
            return Err(Error::mismatch("shape", found.memory().label(), why));
        }
        Ok(found)
    }

    /// Unlinks a name. Open handles stay valid. Unlinking a name that does not exist is not an
    /// error.
    ///
    /// # Errors
    ///
    /// Those of [`SharedMemory::unlink`].
    pub fn unlink(name: impl TryInto<Name, Error: Into<Error>>) -> Result<()> {
        SharedMemory::unlink(name)
    }

    /// Lists the names of all snapshot arrays that this process has permission to read.
    ///
    /// # Errors
    ///
    /// Those of [`SharedMemory::names`].
    pub fn names() -> Result<Vec<Name>> {
        Object::<Copies<T>>::names()
    }

    /// Returns `true` if this handle created the array.
    #[must_use]
    pub fn was_created(&self) -> bool {
        self.0.was_created()
    }
}

impl<T: Plain, M: Memory<Access = ReadWrite>> SnapshotArray<T, M> {
    /// Creates an array of zeros in a memory object that has just been created ([`Fresh`]).
    ///
    /// # Errors
    ///
    /// Those of [`ShmArray::create_in`](crate::ShmArray::create_in); the tag must be `SNAPSHOT` or
    /// `BARE`. With `BARE`, the default, this call succeeds, but [`open_in`](Self::open_in) fails.
    pub fn create_in(memory: Fresh<M>, shape: impl Into<Shape>) -> Result<Self> {
        let options = CopiesOptions { shape: shape.into(), copies: SnapshotArray::<T>::COPIES };
        Object::create_in(memory, options, |_| Ok(())).map(Self)
    }

    /// Writes a new version: all elements, in memory order. Waits while another thread writes.
    ///
    /// Each write makes a system call that wakes [waiting](Self::wait_newer) readers, even if none
    /// waits, because a reader that maps the array read-only cannot announce that it waits.
    ///
    /// If this process is killed during the call, the current version stays valid, and other
    /// processes can write.
    ///
    /// # Errors
    ///
    /// [`is_invalid_argument`](Error::is_invalid_argument) if the lengths of `from` and of the
    /// array differ; [`is_mismatch`](Error::is_mismatch) if the array can only be read in this
    /// process, because it was created with another C library, or in another PID namespace or time
    /// namespace; those of [`Snapshot::write`](ipc_sync::Snapshot::write).
    pub fn write_from(&self, from: &[T]) -> Result<()> {
        self.expect_all(from.len())?;
        let latch = self.0.writable().map_err(|err| err.on(self.memory().label()))?;
        latch.write(self.0.copies(), |_, next| {
            // SAFETY: `next` is a copy of `from.len()` elements, in writable memory; all code of
            // this process that accesses them moves granules of `T`.
            unsafe { granule::copy_in(from, self.0.place(next)) };
        })?;
        latch.wake_watchers();
        Ok(())
    }
}

impl<T: Plain, M: Memory<Access: AtLeast<ReadOnly>>> SnapshotArray<T, M> {
    /// Opens the array at the beginning of a memory object.
    ///
    /// # Errors
    ///
    /// [`is_mismatch`](Error::is_mismatch) if the memory object does not contain a snapshot array
    /// of `T`.
    pub fn open_in(memory: M) -> Result<Self> {
        Object::open_in(memory).map(Self)
    }
}

impl<T: Plain, M: Memory> SnapshotArray<T, M> {
    /// The number of elements of one version in each direction.
    #[must_use]
    pub fn shape(&self) -> &Shape {
        self.0.shape()
    }

    /// The number of elements of one version.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "an array has at least one element")]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The memory object that contains the array.
    #[must_use]
    pub fn memory(&self) -> &M {
        self.0.memory()
    }

    /// The current version: the number of completed writes.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.0.latch().version()
    }

    /// Waits for a version that is newer than `version`, and returns the number of the newer
    /// version. The array may be mapped read-only.
    ///
    /// The array can change again before you read it, so [`read_into`](Self::read_into) may return
    /// a newer version than this call did. Pass the version from `read_into` to the next call. If a
    /// writer is killed before it wakes the waiting readers, they are delayed by at most a second.
    ///
    /// ```
    /// use ipc_shmarray::SnapshotArray;
    ///
    /// # let name = format!("/newer-{}", std::process::id());
    /// let frame = SnapshotArray::<f32>::create(&name, [64, 48])?;
    /// let theirs = SnapshotArray::<f32>::open_read_only(&name)?;
    /// std::thread::scope(|scope| {
    ///     scope.spawn(|| frame.write_from(&[1.5; 64 * 48]).unwrap());
    ///     assert_eq!(theirs.wait_newer(0), 1);
    /// });
    /// # Ok::<(), ipc_core::Error>(())
    /// ```
    #[must_use = "the number of the version"]
    pub fn wait_newer(&self, version: u64) -> u64 {
        loop {
            // The deadline never comes, so this is the only end.
            if let Some(newer) = self.0.latch().watch_newer(version, || Deadline::NEVER) {
                return newer;
            }
        }
    }

    /// Waits, for at most `timeout`, for a version that is newer than `version`. Returns its
    /// number, or `None` if the time has run out.
    #[must_use = "there may be no newer version"]
    pub fn wait_newer_timeout(&self, version: u64, timeout: Duration) -> Option<u64> {
        self.0.latch().watch_newer(version, || Deadline::after(timeout))
    }

    /// Waits, until `deadline` at the latest, for a version that is newer than `version`. Returns
    /// its number, or `None` if the deadline has passed.
    #[must_use = "there may be no newer version"]
    pub fn wait_newer_deadline(&self, version: u64, deadline: Instant) -> Option<u64> {
        self.0.latch().watch_newer(version, || Deadline::at(deadline))
    }

    /// Copies all elements of the current version into `into`, in memory order, and returns the
    /// number of this version. The initial zeros are version 0.
    ///
    /// The call waits for no other process. If new versions were written during the read, they may
    /// have overwritten the version that was being read: with the default of three copies, two new
    /// versions suffice. Then the call tries again. So a reader that is much slower than the
    /// writers may take long. [`try_read_into`](Self::try_read_into) makes one attempt, and [more
    /// copies](SnapshotArray::create_with) give the reader more time.
    ///
    /// # Errors
    ///
    /// [`is_invalid_argument`](Error::is_invalid_argument) if the lengths of `into` and of the
    /// array differ.
    pub fn read_into(&self, into: &mut [T]) -> Result<u64> {
        self.expect_all(into.len())?;
        Ok(self.0.latch().read(self.0.copies(), |copy| self.copy(copy, into)))
    }

    /// Copies all elements of the current version in one attempt, in memory order, and returns the
    /// number of this version. Returns `None` if writers were too fast: `into` may then hold parts
    /// of several versions.
    ///
    /// # Errors
    ///
    /// Those of [`read_into`](Self::read_into).
    pub fn try_read_into(&self, into: &mut [T]) -> Result<Option<u64>> {
        self.expect_all(into.len())?;
        Ok(self.0.latch().try_read(self.0.copies(), |copy| self.copy(copy, into)))
    }

    /// Copies all elements of the current version, in memory order, and returns the number of this
    /// version. Returns `None` if no attempt succeeds within `timeout`: `into` may then hold parts
    /// of several versions.
    ///
    /// # Errors
    ///
    /// Those of [`read_into`](Self::read_into).
    pub fn read_into_timeout(&self, into: &mut [T], timeout: Duration) -> Result<Option<u64>> {
        self.read_until(into, Deadline::after(timeout))
    }

    /// Copies all elements of the current version, in memory order, and returns the number of this
    /// version. Returns `None` if no attempt succeeds before `deadline`: `into` may then hold parts
    /// of several versions.
    ///
    /// # Errors
    ///
    /// Those of [`read_into`](Self::read_into).
    pub fn read_into_deadline(&self, into: &mut [T], deadline: Instant) -> Result<Option<u64>> {
        self.read_until(into, Deadline::at(deadline))
    }

    fn read_until(&self, into: &mut [T], deadline: Deadline) -> Result<Option<u64>> {
        self.expect_all(into.len())?;
        let copies = self.0.copies();
        Ok(self.0.latch().read_until(copies, deadline, |copy| self.copy(copy, into)))
    }

    fn copy(&self, copy: usize, into: &mut [T]) {
        // SAFETY: `copy` is a copy of `into.len()` elements; all code of this process that accesses
        // them moves granules of `T`.
        unsafe { granule::copy_out(self.0.place(copy), into) };
    }

    fn expect_all(&self, len: usize) -> Result<()> {
        if len == self.len() {
            return Ok(());
        }
        let why = format!("a slice of {len} elements beside versions of {}", self.len());
        Err(Error::invalid("copy", self.memory().label(), why))
    }
}

impl<T: Plain, M: Memory> fmt::Debug for SnapshotArray<T, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (shape, kind, label) = (self.shape(), T::SCHEMA.kind, self.memory().label());
        write!(f, "SnapshotArray({shape} of {kind}, version {} in {label})", self.version())
    }
}

/// The addresses of the copies, for tests.
#[cfg(test)]
impl<T: Plain, M: Memory> SnapshotArray<T, M> {
    fn addresses(&self) -> Vec<std::ptr::NonNull<T>> {
        (0..self.0.copies()).map(|copy| self.0.place(copy)).collect()
    }
}

#[cfg(test)]
mod tests {
    use ipc_mem::LocalMemory;

    use super::*;

    #[test]
    fn copies_lie_within_the_memory_and_apart() {
        let array =
            SnapshotArray::<u32, _>::create_in(LocalMemory::new(4096).unwrap(), [5, 7]).unwrap();
        let (base, addresses) = (array.memory().base().addr().get(), array.addresses());
        for (copy, address) in addresses.iter().enumerate() {
            let at = address.addr().get() - base;
            assert!(at >= 128 && at + 35 * 4 <= 4096, "copy {copy} at {at}");
        }
        assert!(
            addresses.windows(2).all(|pair| pair[1].addr().get() - pair[0].addr().get() >= 35 * 4)
        );
    }
}
