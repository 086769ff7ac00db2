//! An array in shared memory.

#![expect(unsafe_code, reason = "writes elements in memory that other processes read")]

use std::alloc::Layout;
use std::fmt;
use std::ops::Deref;
use std::sync::atomic::{AtomicU32, Ordering};

use ipc_core::{Error, Name, Result, crash_point, open_or_create};
use ipc_mem::{Content, Memory, Plain, granule, memory};
use ipc_shm::{Draft, OpenOptions, SharedMemory};

use crate::array_header::{ArrayHeader, MAX_LEN};
use crate::{ArrayOptions, Integer, ReadOnlyShmArray, Shape};

/// An array that several processes read and write.
///
/// Methods that only look are those of [`ReadOnlyShmArray`].
///
/// # Examples
///
/// ```
/// use ipc_shmarray::ShmArray;
///
/// # let name = format!("/image-{}", std::process::id());
/// let image = ShmArray::<f32>::create(&name, [480, 640])?;
/// image.set([10, 20], 1.5)?;
///
/// let theirs = ShmArray::<f32>::open(&name)?; // usually in another process
/// assert_eq!(theirs.get([10, 20])?, 1.5);
/// theirs.fill(0.0);
/// assert_eq!(image.get([10, 20])?, 0.0);
///
/// let err = ShmArray::<f64>::open(&name).unwrap_err();
/// assert!(err.to_string().ends_with("found elements of type f32, wanted f64"));
/// # Ok::<(), ipc_core::Error>(())
/// ```
///
/// Elements are [`Plain`]: whatever another process writes is a value, and means the same to all.
///
/// ```compile_fail,E0277
/// # use ipc_shmarray::ShmArray;
/// let flags = ShmArray::<bool>::open("/flags")?; // a byte of 2 is no `bool`
/// # Ok::<(), ipc_core::Error>(())
/// ```
/// ```compile_fail,E0277
/// # use ipc_shmarray::ShmArray;
/// let bytes = ShmArray::<&u8>::open("/bytes")?; // an address is one in its own process only
/// # Ok::<(), ipc_core::Error>(())
/// ```
/// ```compile_fail,E0277
/// # use ipc_shmarray::ShmArray;
/// let sizes = ShmArray::<usize>::open("/sizes")?; // not as large in every program
/// # Ok::<(), ipc_core::Error>(())
/// ```
#[doc(alias = "WrappedArray")]
#[doc(alias = "ShmVector")]
#[doc(alias = "ShmMatrix")]
pub struct ShmArray<T: Plain, M: Memory = SharedMemory>(pub(crate) ReadOnlyShmArray<T, M>);

impl<T: Plain> ShmArray<T> {
    /// Makes an array of zeros under a name that nobody has yet.
    ///
    /// Nobody sees it before it is whole, and a process that dies on the way leaves nothing.
    ///
    /// # Errors
    ///
    /// `is_exists` if the name is taken; `is_no_space` if there is no room for all of it;
    /// `is_invalid_argument` if the name or the shape is impossible; what else the system refuses.
    pub fn create(name: impl TryInto<Name, Error: Into<Error>>, options: impl Into<ArrayOptions>) -> Result<Self> {
        let (name, ArrayOptions { shape, memory }) = (name.try_into().map_err(Into::into)?, options.into());
        let (bytes, header, total) = ArrayHeader::for_new::<T>(shape, name.as_str())?;
        let draft = Draft::new(name, memory.size(total).content(Content::Array))?;
        // SAFETY: the header of an array of zeros, which is behind it already.
        unsafe { draft.write_at(0, &bytes) }?;
        ReadOnlyShmArray::at(draft.publish()?, header.offset, shape).map(Self)
    }

    /// Finds an array by name, to read and write.
    ///
    /// # Errors
    ///
    /// `is_not_found` if nobody has the name; `is_permission_denied` and `is_untrusted` as
    /// [`SharedMemory::open`]; `is_mismatch` if it is no array of `T`, telling what was found.
    pub fn open(name: impl TryInto<Name, Error: Into<Error>>) -> Result<Self> {
        Self::open_with(name, OpenOptions::new())
    }

    /// As [`open`](Self::open), with a say in whose array is acceptable.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open).
    pub fn open_with(name: impl TryInto<Name, Error: Into<Error>>, options: OpenOptions) -> Result<Self> {
        let mut head = [0; MAX_LEN];
        let (memory, read) = SharedMemory::open_and_read(name, options, &mut head)?;
        ReadOnlyShmArray::from_head(memory, &head[..read]).map(Self)
    }

    /// Finds an array by name, to look at it: a [`ReadOnlyShmArray`], which has no methods that write.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open); it needs leave to read only.
    pub fn open_read_only(name: impl TryInto<Name, Error: Into<Error>>) -> Result<ReadOnlyShmArray<T>> {
        ReadOnlyShmArray::open(name)
    }

    /// Finds an array by name, or makes it; [`was_created`](Self::was_created) tells which.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open) and [`create`](Self::create); `is_mismatch` if one is found of another shape.
    pub fn open_or_create(
        name: impl TryInto<Name, Error: Into<Error>>,
        options: impl Into<ArrayOptions>,
    ) -> Result<Self> {
        let (name, options) = (name.try_into().map_err(Into::into)?, options.into());
        let found = open_or_create(|| Self::open_with(&name, options.memory.into()), || Self::create(&name, options))?;
        found.expect_shape(options.shape).map(|()| found)
    }

    /// Ends a name. Who has the array open keeps it; a name that nobody has is not an error.
    ///
    /// # Errors
    ///
    /// As [`SharedMemory::unlink`].
    pub fn unlink(name: impl TryInto<Name, Error: Into<Error>>) -> Result<()> {
        SharedMemory::unlink(name)
    }

    /// Whether this handle made the array.
    #[must_use]
    pub fn was_created(&self) -> bool {
        self.memory().was_created()
    }
}

impl<T: Plain, M: Memory> ShmArray<T, M> {
    /// Makes an array of zeros at the beginning of a fresh memory.
    ///
    /// # Errors
    ///
    /// `is_invalid_argument` if this handle did not make the memory or may not write it, if the memory is too
    /// small or not aligned, or the shape is impossible; `is_mismatch` if the memory was made for something else.
    pub fn create_in(memory: M, shape: impl Into<Shape>) -> Result<Self> {
        memory::expect_fresh("create", &memory, Content::Array)?;
        let shape = shape.into();
        let (bytes, header, total) = ArrayHeader::for_new::<T>(shape, &memory.label())?;
        let align = align_of::<T>().max(align_of::<u64>());
        let layout =
            Layout::from_size_align(total, align).map_err(|err| Error::invalid("create", memory.label(), err))?;
        let base = memory::locate("create", &memory, 0, layout)?;
        let (magic, rest) = bytes.split_at(size_of::<u32>());
        // SAFETY: within the memory: `total` bytes are there, of which the header is the first part.
        let after_magic = unsafe { base.add(magic.len()) };
        // SAFETY: as many bytes are there and writable, and nobody else's: the memory is fresh.
        unsafe { granule::copy_in(rest, after_magic) };
        crash_point("array.create_in.rest");
        // SAFETY: the first four bytes of the memory, aligned (`locate`) and accessed atomically here only.
        let first = unsafe { AtomicU32::from_ptr(base.cast().as_ptr()) };
        // The magic last: who sees it sees the rest.
        first.store(u32::from_ne_bytes([magic[0], magic[1], magic[2], magic[3]]), Ordering::Release);
        ReadOnlyShmArray::at(memory, header.offset, shape).map(Self)
    }

    /// Finds the array that was made at the beginning of a memory.
    ///
    /// # Errors
    ///
    /// `is_mismatch` if there is no array of `T`, or the memory was not made for one; `is_invalid_argument` if
    /// it is read-only.
    pub fn open_in(memory: M) -> Result<Self> {
        memory::expect_writable("open", &memory)?;
        ReadOnlyShmArray::open_in(memory).map(Self)
    }

    /// Takes bytes that have no header for the elements of an array.
    ///
    /// # Errors
    ///
    /// `is_invalid_argument` if the elements do not fit into the memory from `offset` on, are not aligned there,
    /// the shape is impossible or the memory read-only.
    ///
    /// Elements have at least one byte:
    ///
    /// ```compile_fail,E0080
    /// # use ipc_mem::LocalMemory;
    /// # use ipc_shmarray::ShmArray;
    /// // SAFETY: nobody else has this memory.
    /// let nothing = unsafe { ShmArray::<[u8; 0], _>::wrap(LocalMemory::new(64)?, 0, 5) }?;
    /// # Ok::<(), ipc_core::Error>(())
    /// ```
    ///
    /// # Safety
    ///
    /// While the array lives, whoever else in this process accesses these bytes does so as elements of `T`.
    pub unsafe fn wrap(memory: M, offset: usize, shape: impl Into<Shape>) -> Result<Self> {
        memory::expect_writable("wrap", &memory)?;
        ReadOnlyShmArray::at(memory, offset, shape.into()).map(Self)
    }

    /// Writes one element.
    ///
    /// # Errors
    ///
    /// `is_invalid_argument` if there is no such element.
    #[inline]
    pub fn set<const N: usize>(&self, index: [usize; N], value: T) -> Result<()> {
        let place = self.place(index)?;
        // SAFETY: an element of ours in a writable memory; whoever else has this array in this process has one of `T`.
        unsafe { granule::store(place, value) };
        Ok(())
    }

    /// Writes elements in memory order, from the one at `start` on.
    ///
    /// # Errors
    ///
    /// `is_invalid_argument` if there are not so many.
    #[inline]
    pub fn write_at(&self, start: usize, from: &[T]) -> Result<()> {
        let to = self.run(start, from.len())?;
        // SAFETY: `run` found as many elements there; for others see `set`.
        unsafe { granule::copy_in(from, to) };
        Ok(())
    }

    /// Writes all elements, in memory order.
    ///
    /// # Errors
    ///
    /// `is_invalid_argument` if `from` has not exactly as many.
    #[inline]
    pub fn write_from(&self, from: &[T]) -> Result<()> {
        self.expect_all(from.len())?;
        self.write_at(0, from)
    }

    /// Writes the same value to all elements.
    pub fn fill(&self, value: T) {
        for position in 0..self.len() {
            // SAFETY: below the length, and so many elements are there.
            let place = unsafe { self.data().add(position) };
            // SAFETY: as in `set`.
            unsafe { granule::store(place, value) };
        }
    }

    /// Copies all elements of another array of the same shape.
    ///
    /// # Errors
    ///
    /// `is_mismatch` if its shape is another.
    pub fn copy_from<N: Memory>(&self, other: &ReadOnlyShmArray<T, N>) -> Result<()> {
        other.expect_shape(*self.shape())?;
        let mut to = self.data();
        other.chunks(|chunk| {
            // SAFETY: both have as many elements, so those of this chunk are there; for others see `set`.
            unsafe { granule::copy_in(chunk, to) };
            // SAFETY: at most the end of the array.
            to = unsafe { to.add(chunk.len()) };
        });
        Ok(())
    }

    /// One element, to be changed in one step that no other process comes between.
    ///
    /// ```
    /// use std::sync::atomic::Ordering;
    ///
    /// use ipc_shmarray::ShmArray;
    ///
    /// # let name = format!("/counters-{}", std::process::id());
    /// let counters = ShmArray::<u64>::create(&name, 8)?;
    /// let ticket = counters.atomic([0])?.fetch_add(1, Ordering::AcqRel);
    /// assert_eq!((ticket, counters.get([0])?), (0, 1));
    /// # Ok::<(), ipc_core::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// `is_invalid_argument` if there is no such element.
    #[inline]
    pub fn atomic<const N: usize>(&self, index: [usize; N]) -> Result<&T::Atomic>
    where
        T: Integer,
    {
        const { assert!(size_of::<T>() == size_of::<T::Atomic>() && align_of::<T>() == align_of::<T::Atomic>()) };
        let place = self.place(index)?.cast::<T::Atomic>();
        // SAFETY: an integer of that size and alignment, there as long as `self`, which all who have this
        // array access atomically in this width: it is one granule of `T`.
        Ok(unsafe { place.as_ref() })
    }

    /// All elements in memory order, where they are, to be changed.
    ///
    /// # Safety
    ///
    /// While the slice lives, nobody else reads or writes any of the elements, in any process.
    #[must_use]
    #[inline]
    pub unsafe fn as_mut_slice(&mut self) -> &mut [T] {
        // SAFETY: as many elements are there and writable as long as `self` lives, any bytes are elements
        // (`Plain`, 2), and the caller vouches that nobody else uses them.
        unsafe { std::slice::from_raw_parts_mut(self.data().as_ptr(), self.len()) }
    }

    /// All elements, where they are, as a column-major view of the ndarray crate, to be changed.
    ///
    /// # Safety
    ///
    /// As for [`as_mut_slice`](Self::as_mut_slice).
    #[cfg(feature = "ndarray")]
    #[must_use]
    pub unsafe fn as_view_mut(&mut self) -> ndarray::ArrayViewMutD<'_, T> {
        use ndarray::ShapeBuilder;

        let shape = ndarray::IxDyn(self.shape().dims()).f();
        // SAFETY: a slice of ours, under the same conditions, seen in a shape that has as many elements.
        unsafe { ndarray::ArrayViewMutD::from_shape_ptr(shape, self.data().as_ptr()) }
    }
}

impl<T: Plain, M: Memory> Deref for ShmArray<T, M> {
    type Target = ReadOnlyShmArray<T, M>;

    #[inline]
    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl<T: Plain, M: Memory> fmt::Debug for ShmArray<T, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
