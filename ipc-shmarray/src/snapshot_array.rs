//! An array of which readers always have a whole copy, whatever becomes of its writers.

#![expect(unsafe_code, reason = "copies elements that another process may be writing")]

use std::fmt;
use std::ops::Deref;

use ipc_core::{Error, Result};
use ipc_mem::{Memory, Plain, granule};
use ipc_shm::SharedMemory;

use crate::{Shape, ShmArray, SnapshotLatch};

/// An array that is read whole while others write it: a picture, a table, all its elements by one writer.
///
/// As [`Snapshot`](crate::Snapshot), for elements whose number shows at run time. The copies are the last dimension of an
/// ordinary array, two at least: who has three reads undisturbed as long as reading takes no longer than writing
/// does. Which of them is current tells a [`SnapshotLatch`], of which each array has one of its own.
///
/// # Examples
///
/// ```
/// use ipc_shm::Shared;
/// use ipc_shmarray::{ShmArray, SnapshotArray, SnapshotLatch};
///
/// # let (name, latch) = (format!("/frame-{}", std::process::id()), format!("/latch-{}", std::process::id()));
/// let array = ShmArray::<f32>::create(&name, [64, 48, 3])?; // three copies of 64×48
/// let frame = SnapshotArray::new(array, Shared::<SnapshotLatch>::create(&latch)?)?;
/// frame.write_from(&[1.5; 64 * 48])?;
///
/// // usually in another process
/// let theirs = SnapshotArray::new(ShmArray::<f32>::open(&name)?, Shared::<SnapshotLatch>::open(&latch)?)?;
/// let mut copy = vec![0.0; theirs.len()];
/// assert_eq!(theirs.read_into(&mut copy)?, 1); // the first that was written
/// assert_eq!(copy[64 * 48 - 1], 1.5);
/// # Ok::<(), ipc_core::Error>(())
/// ```
pub struct SnapshotArray<T: Plain, L, M: Memory = SharedMemory> {
    array: ShmArray<T, M>,
    shape: Shape,
    len: usize,
    copies: usize,
    latch: L,
}

impl<T: Plain, L: Deref<Target = SnapshotLatch>, M: Memory> SnapshotArray<T, L, M> {
    /// Takes an array whose last dimension counts copies, and the latch that all its users share.
    ///
    /// Who writes the elements by other means than this type makes nothing unsafe, but may be read in the middle of it.
    ///
    /// # Errors
    ///
    /// `is_invalid_argument` if the array has one dimension only, or the last of them is 1.
    pub fn new(array: ShmArray<T, M>, latch: L) -> Result<Self> {
        let (&copies, dims) = array.shape().dims().split_last().unwrap_or((&1, &[]));
        if dims.is_empty() || copies < 2 {
            let why = format!("{} has no two copies in its last dimension", array.shape());
            return Err(Error::invalid("snapshot", array.memory().label(), why));
        }
        let shape = Shape::new(dims)?;
        let len = array.len() / copies;
        Ok(Self { array, shape, len, copies, latch })
    }

    /// The number of elements in each direction, of one copy.
    #[must_use]
    pub fn shape(&self) -> &Shape {
        &self.shape
    }

    /// The number of elements of one copy.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "an array has at least one element")]
    pub fn len(&self) -> usize {
        self.len
    }

    /// The memory it lives in.
    #[must_use]
    pub fn memory(&self) -> &M {
        self.array.memory()
    }

    /// How often the elements were written.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.latch.version()
    }

    /// Copies all elements, in memory order, and tells their version: zeros are version 0.
    ///
    /// It waits for nobody, and begins again if so many are written meanwhile that its copy may be written over.
    ///
    /// # Errors
    ///
    /// `is_invalid_argument` if `into` has not room for exactly all of them.
    pub fn read_into(&self, into: &mut [T]) -> Result<u64> {
        self.expect_all(into.len())?;
        Ok(self.latch.read(self.copies, |copy| {
            // SAFETY: as many elements of the array; whoever else has it, in this process, has one of `T`.
            unsafe { granule::copy_out(self.place(copy), into) };
        }))
    }

    /// Writes all elements, in memory order, after whoever is writing now.
    ///
    /// If this process dies in the middle of it, the elements are still those of before, and others may write.
    ///
    /// # Errors
    ///
    /// `is_invalid_argument` if `from` has not exactly as many; or as [`Snapshot::write`](crate::Snapshot::write).
    pub fn write_from(&self, from: &[T]) -> Result<()> {
        self.expect_all(from.len())?;
        self.latch.write(self.copies, |_, next| {
            // SAFETY: as many elements of a writable array; whoever else has it, in this process, has one of `T`.
            unsafe { granule::copy_in(from, self.place(next)) };
        })
    }

    fn expect_all(&self, len: usize) -> Result<()> {
        if len == self.len {
            return Ok(());
        }
        let why = format!("a slice of {len} elements beside copies of {}", self.len);
        Err(Error::invalid("copy", self.memory().label(), why))
    }

    /// The first element of a copy.
    fn place(&self, copy: usize) -> std::ptr::NonNull<T> {
        debug_assert!(copy < self.copies);
        // SAFETY: `copy` is less than `copies` (`SnapshotLatch`), and so many times `len` elements are there.
        unsafe { self.array.data().add(copy * self.len) }
    }
}

impl<T: Plain, L, M: Memory> fmt::Debug for SnapshotArray<T, L, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SnapshotArray").field(&self.array).finish()
    }
}
