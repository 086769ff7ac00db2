//! Arrays in shared memory: creating and opening them.

#![expect(unsafe_code, reason = "takes bytes without a header for elements")]

use std::fmt;
use std::ptr::NonNull;

use ipc_core::{Error, Key, Name, Result, open_or_create};
use ipc_mem::{
    AccessMode, Fresh, Memory, Object, OpenOptions, Plain, ReadOnly, ReadWrite, SharedMemory,
    Structure, Tag, memory,
};
use ipc_shm::SysvMemory;

use crate::elements::{Elements, Place};
use crate::{ArrayOptions, Shape};

/// An array in shared memory that several processes read and write.
///
/// [`open_read_only`](Self::open_read_only) returns a `ShmArray<T, SharedMemory<ReadOnly>>`, which
/// has no methods that write.
///
/// # Examples
///
/// ```
/// use ipc_shmarray::ShmArray;
///
/// # let name = format!("/image-{}", std::process::id());
/// let image = ShmArray::<f32>::create(&name, [640, 480])?;
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
/// Elements are [`Plain`]: any bytes that another process writes are a valid value, and this value
/// means the same in every process.
///
/// ```compile_fail,E0277
/// # use ipc_shmarray::ShmArray;
/// let flags = ShmArray::<bool>::open("/flags")?; // a byte of 2 is no `bool`
/// # Ok::<(), ipc_core::Error>(())
/// ```
/// ```compile_fail,E0277
/// # use ipc_shmarray::ShmArray;
/// let bytes = ShmArray::<&u8>::open("/bytes")?; // an address is valid in its own process only
/// # Ok::<(), ipc_core::Error>(())
/// ```
/// ```compile_fail,E0277
/// # use ipc_shmarray::ShmArray;
/// let sizes = ShmArray::<usize>::open("/sizes")?; // not as large in a 32-bit C program
/// # Ok::<(), ipc_core::Error>(())
/// ```
#[doc(alias = "WrappedArray")]
#[doc(alias = "ShmVector")]
#[doc(alias = "ShmMatrix")]
pub struct ShmArray<T: Plain, M: Memory = SharedMemory>(pub(crate) Object<Elements<T>, M>);

impl<T: Plain> ShmArray<T> {
    /// Creates an array of zeros under a new name.
    ///
    /// No process can open the array before it is complete. A process that is killed during the
    /// call leaves nothing, or a complete array.
    ///
    /// # Errors
    ///
    /// [`is_exists`](Error::is_exists) if the name exists and its object is not
    /// [stale](ipc_core::Removal::LastDetach); [`is_no_space`](Error::is_no_space) if the memory
    /// cannot be reserved; [`is_invalid_argument`](Error::is_invalid_argument) if the name or the
    /// shape is not valid; other errors of the system.
    pub fn create(
        name: impl TryInto<Name, Error: Into<Error>>,
        options: impl Into<ArrayOptions>,
    ) -> Result<Self> {
        let ArrayOptions { shape, memory } = options.into();
        Object::create(name, shape, memory, |_| Ok(())).map(Self)
    }

    /// Opens an array by name, to read and write.
    ///
    /// # Errors
    ///
    /// [`is_not_found`](Error::is_not_found) if the name does not exist;
    /// [`is_permission_denied`](Error::is_permission_denied) and
    /// [`is_untrusted`](Error::is_untrusted) in the cases of [`SharedMemory::open`];
    /// [`is_mismatch`](Error::is_mismatch) if the object is not an array of `T`. The message
    /// contains what was found.
    pub fn open(name: impl TryInto<Name, Error: Into<Error>>) -> Result<Self> {
        Self::open_with(name, OpenOptions::new())
    }

    /// Opens an array by name with options, such as which owners to trust.
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
    /// ```
    /// use ipc_shmarray::ShmArray;
    ///
    /// # let name = format!("/look-{}", std::process::id());
    /// let ours = ShmArray::<f32>::create(&name, [3, 2])?;
    /// let view = ShmArray::<f32>::open_read_only(&name)?; // usually in another process
    /// ours.set([2, 1], 1.5)?;
    /// assert_eq!(view.get([2, 1])?, 1.5);
    /// assert_eq!(view.iter().sum::<f32>(), 1.5);
    /// # Ok::<(), ipc_core::Error>(())
    /// ```
    ///
    /// ```compile_fail,E0271
    /// # use ipc_shmarray::ShmArray;
    /// // A read-only array has no `set`.
    /// ShmArray::<f32>::open_read_only("/look")?.set([2, 1], 1.5);
    /// # Ok::<(), ipc_core::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`open`](Self::open). Permission to read is enough.
    pub fn open_read_only(
        name: impl TryInto<Name, Error: Into<Error>>,
    ) -> Result<ShmArray<T, SharedMemory<ReadOnly>>> {
        Self::open_read_only_with(name, OpenOptions::new())
    }

    /// Opens an array by name, read-only, with options such as which owners to trust.
    ///
    /// # Errors
    ///
    /// Those of [`open`](Self::open). Permission to read is enough.
    pub fn open_read_only_with(
        name: impl TryInto<Name, Error: Into<Error>>,
        options: OpenOptions,
    ) -> Result<ShmArray<T, SharedMemory<ReadOnly>>> {
        Object::<Elements<T>>::open_read_only(name, options).map(ShmArray)
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
        let found = Self(Object::open_or_create(name, shape, memory, |_| Ok(()))?);
        found.expect_shape(shape).map(|()| found)
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

    /// Lists the names of all arrays that this process has permission to read, of any element type.
    ///
    /// # Errors
    ///
    /// Those of [`SharedMemory::names`].
    pub fn names() -> Result<Vec<Name>> {
        Object::<Elements<T>>::names()
    }

    /// The number of bytes that an array of this shape needs, including the header.
    ///
    /// # Errors
    ///
    /// [`is_invalid_argument`](Error::is_invalid_argument) if no array can have this shape.
    pub fn size_for(shape: impl Into<Shape>) -> Result<usize> {
        let shape = shape.into();
        Elements::<T>::plan(&shape).map(|plan| plan.size).map_err(|refusal| refusal.on(shape))
    }
}

impl<T: Plain, A: AccessMode> ShmArray<T, SharedMemory<A>> {
    /// Returns `true` if this handle created the array.
    #[must_use]
    pub fn was_created(&self) -> bool {
        self.memory().was_created()
    }
}

/// Arrays in System V segments, identified by a key.
impl<T: Plain> ShmArray<T, SysvMemory> {
    /// Creates an array of zeros in a new System V segment with this key.
    ///
    /// ```
    /// use ipc_core::{Key, Removal};
    /// use ipc_shmarray::{ArrayOptions, ShmArray};
    ///
    /// let key = Key::new(0x1234_0000 + std::process::id() as i32);
    /// let ours = ShmArray::<f32, _>::create_by_key(key, ArrayOptions::new([3, 2]).removal(Removal::OnDrop))?;
    /// // Usually in another process, or as a `WrappedArray` of IPC.jl.
    /// let theirs = ShmArray::<f32, _>::open_by_key(key)?;
    /// assert_eq!(theirs.shape(), ours.shape());
    /// # Ok::<(), ipc_core::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`SysvMemory::create`]; [`is_invalid_argument`](Error::is_invalid_argument) if the
    /// shape is not valid.
    #[doc(alias = "shmget")]
    pub fn create_by_key(key: impl Into<Key>, options: impl Into<ArrayOptions>) -> Result<Self> {
        let (key, ArrayOptions { shape, memory }) = (key.into(), options.into());
        let size = Self::needed(shape).map_err(|err| err.on(key))?;
        Self::create_in(SysvMemory::create(key, memory.size(size).content(Tag::ARRAY))?, shape)
    }

    /// Opens the array in the System V segment with this key.
    ///
    /// # Errors
    ///
    /// Those of [`SysvMemory::open`]; [`is_mismatch`](Error::is_mismatch) if the segment does not
    /// contain an array of `T`.
    #[doc(alias = "shmat")]
    pub fn open_by_key(key: impl Into<Key>) -> Result<Self> {
        Self::open_by_key_with(key, OpenOptions::new())
    }

    /// Opens the array in the System V segment with this key, with options such as which owners to
    /// trust.
    ///
    /// # Errors
    ///
    /// Those of [`open_by_key`](Self::open_by_key).
    pub fn open_by_key_with(key: impl Into<Key>, options: OpenOptions) -> Result<Self> {
        Self::open_in(SysvMemory::open_with(key, options)?)
    }

    /// Opens the array in the System V segment with this key, or creates it.
    ///
    /// # Errors
    ///
    /// Those of [`open_by_key`](Self::open_by_key) and [`create_by_key`](Self::create_by_key);
    /// [`is_mismatch`](Error::is_mismatch) if an existing array has another shape.
    pub fn open_or_create_by_key(
        key: impl Into<Key>,
        options: impl Into<ArrayOptions>,
    ) -> Result<Self> {
        let (key, options) = (key.into(), options.into());
        let memory = options.memory.size(Self::needed(options.shape).map_err(|err| err.on(key))?);
        let open = || Self::open_by_key_with(key, memory.into());
        let found = open_or_create(open, || Self::create_by_key(key, options))?;
        found.expect_shape(options.shape).map(|()| found)
    }

    fn needed(shape: Shape) -> Result<usize> {
        ShmArray::<T>::size_for(shape)
    }
}

impl<T: Plain, M: Memory<Access = ReadWrite>> ShmArray<T, M> {
    /// Creates an array of zeros at the beginning of a memory object that has just been created
    /// ([`Fresh`]). If other processes will open the array, create the memory object with the
    /// [tag](ipc_mem::Tag) `ARRAY`. With `BARE`, the default tag, this call succeeds, but `open_in`
    /// fails.
    ///
    /// # Errors
    ///
    /// [`is_invalid_argument`](Error::is_invalid_argument) if the memory object is too small or not
    /// aligned, or the shape is not valid; [`is_mismatch`](Error::is_mismatch) if the memory object
    /// was created with a [tag](ipc_mem::Tag) other than `ARRAY` or `BARE` (the default).
    pub fn create_in(memory: Fresh<M>, shape: impl Into<Shape>) -> Result<Self> {
        Object::create_in(memory, shape.into(), |_| Ok(())).map(Self)
    }
}

impl<T: Plain, M: Memory> ShmArray<T, M> {
    /// Opens the array at the beginning of a memory object.
    ///
    /// # Errors
    ///
    /// [`is_mismatch`](Error::is_mismatch) if the memory object does not contain an array of `T`,
    /// was created by this toolkit with a [tag](ipc_mem::Tag) other than `ARRAY` (so the default
    /// tag, `BARE`, is an error, too), or does not begin at a multiple of 8 bytes;
    /// [`is_invalid_argument`](Error::is_invalid_argument) if its elements would not be aligned for
    /// `T`.
    pub fn open_in(memory: M) -> Result<Self>
    where
        M::Access: ipc_mem::AtLeast<ReadOnly>,
    {
        Object::open_in(memory).map(Self)
    }

    /// Creates an array over bytes that have no header. The first element is at `offset` in the
    /// memory object.
    ///
    /// # Errors
    ///
    /// [`is_invalid_argument`](Error::is_invalid_argument) if the shape is not valid, or if the
    /// elements do not fit into the memory object from `offset` on, or are not aligned there.
    ///
    /// Elements have at least one byte:
    ///
    /// ```compile_fail,E0080
    /// # use ipc_mem::LocalMemory;
    /// # use ipc_shmarray::ShmArray;
    /// // SAFETY: no other code has this memory object.
    /// let nothing = unsafe { ShmArray::<[u8; 0], _>::wrap(LocalMemory::new(64)?.into_inner(), 0, 5) }?;
    /// # Ok::<(), ipc_core::Error>(())
    /// ```
    ///
    /// # Safety
    ///
    /// While the array lives, all other code in this process, including code that uses another
    /// mapping of these bytes, must access them in one of two ways:
    ///
    /// - through a `ShmArray` of the same element type, if the distance between the offsets of the
    ///   two arrays is a multiple of the size of `T` (then each of its elements overlaps at most
    ///   one element of this array);
    /// - with atomic operations as wide as the alignment of `T`, but at most 8 bytes (the
    ///   [granule](ipc_mem::granule) of `T`).
    ///
    /// Other processes should do the same: otherwise this process can read torn elements.
    pub unsafe fn wrap(memory: M, offset: usize, shape: impl Into<Shape>) -> Result<Self> {
        let shape = shape.into();
        let (_, layout) = Elements::<T>::layout(&shape).map_err(|err| err.on(memory.label()))?;
        memory::locate("array", &memory, offset, layout)?;
        // SAFETY: `locate` found the elements within the memory object; any bytes are elements
        // (`Plain`, 2).
        unsafe { Object::wrap(memory, Place { offset, shape }) }.map(Self)
    }

    /// The memory object that contains the array.
    #[must_use]
    pub fn memory(&self) -> &M {
        self.0.memory()
    }

    #[inline]
    pub(crate) fn data(&self) -> NonNull<T> {
        self.0.data()
    }
}

impl<T: Plain, M: Memory> fmt::Debug for ShmArray<T, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ShmArray({} of {} in {})", self.shape(), T::SCHEMA.kind, self.memory().label())
    }
}
