//! A value that several processes share.

#![expect(unsafe_code, reason = "creates values in mapped memory and reaches them there")]

use std::fmt;
use std::ops::Deref;
use std::ptr::NonNull;

use ipc_core::{Error, Name, Refusal, Result, SignalSafe};
use ipc_mem::memory::at_offset;
use ipc_mem::{Fresh, Memory, Object, Plan, ReadWrite, Resident, SharedMemory, Structure, Tag};

use super::preamble;
use crate::{MemoryOptions, OpenOptions};

/// A value that several processes share: a lock, an atomic integer, or a struct of these. Processes
/// open it by name (in a [`SharedMemory`]), or in another kind of memory object.
///
/// All processes use it through `&`, at the same time. A preamble in front of the value describes
/// its type. If a program opens it with another definition of the type, this fails, and the error
/// names the field that differs.
///
/// Dropping a handle does not destroy the value. The [`Removal`](ipc_core::Removal) of
/// [`MemoryOptions`] determines when the name is removed. The C library objects in the value are
/// never destroyed: on the supported systems, they use no resources outside of their own bytes.
///
/// # Examples
///
/// ```
/// use std::sync::atomic::{AtomicU64, Ordering};
///
/// use ipc_shm::Shared;
///
/// # let name = format!("/hits-{}", std::process::id());
/// let hits = Shared::<AtomicU64>::open_or_create(&name)?;
/// hits.fetch_add(1, Ordering::Relaxed);
///
/// let theirs = Shared::<AtomicU64>::open(&name)?; // usually in another process
/// assert_eq!(theirs.load(Ordering::Relaxed), 1);
///
/// let err = Shared::<[AtomicU64; 2]>::open(&name).unwrap_err();
/// assert!(err.is_mismatch(), "{err}");
/// # Ok::<(), ipc_core::Error>(())
/// ```
///
/// Other processes can change the value while this process has a `&` to it. `u64` does not permit
/// that, so this does not compile:
///
/// ```compile_fail,E0277
/// # use ipc_shm::Shared;
/// let plain = Shared::<u64>::open("/hits")?;
/// # Ok::<(), ipc_core::Error>(())
/// ```
///
/// In [anonymous memory](crate::AnonymousMemory), for a process that receives the descriptor:
///
/// ```
/// use std::sync::atomic::{AtomicU64, Ordering};
///
/// use ipc_mem::Tag;
/// use ipc_shm::{AnonymousMemory, MemoryOptions, Shared};
///
/// let memory = AnonymousMemory::create("hits", MemoryOptions::new(4096).content(Tag::VALUE))?;
/// let hits = Shared::<AtomicU64, _>::create_in(memory)?;
/// hits.fetch_add(1, Ordering::Relaxed);
///
/// // Usually in another process.
/// let memory = AnonymousMemory::from_fd(hits.memory().try_clone_fd()?)?;
/// assert_eq!(Shared::<AtomicU64, _>::open_in(memory)?.load(Ordering::Relaxed), 1);
/// # Ok::<(), ipc_core::Error>(())
/// ```
pub struct Shared<T: Resident, M: Memory = SharedMemory>(Object<Value<T>, M>);

impl<T: Resident> Shared<T> {
    /// Creates a value under a new name, with the default options of its type: a lock that is free,
    /// a count of 0, data of zeros.
    ///
    /// No process sees it before it is complete, and a process that is killed during creation
    /// leaves nothing, or a complete value.
    ///
    /// # Errors
    ///
    /// Those of [`SharedMemory::create`]; [`is_invalid_argument`](Error::is_invalid_argument) if
    /// the description of the type is too long for the preamble (4096 bytes), or the alignment of
    /// the type is over 4096 bytes.
    pub fn create(name: impl TryInto<Name, Error: Into<Error>>) -> Result<Self>
    where
        T: Resident<Options: Default>,
    {
        Self::create_with(name, T::Options::default())
    }

    /// Creates a value under a new name, with options of its type: an initial value, a number of
    /// parties, a kind of lock.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::atomic::{AtomicU32, Ordering};
    ///
    /// use ipc_shm::Shared;
    ///
    /// # let name = format!("/left-{}", std::process::id());
    /// let left = Shared::<AtomicU32>::create_with(&name, 100_u32)?;
    /// assert_eq!(left.load(Ordering::Relaxed), 100);
    /// # Ok::<(), ipc_core::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`create`](Self::create), and those of the type for these options.
    pub fn create_with(
        name: impl TryInto<Name, Error: Into<Error>>,
        value: impl Into<T::Options>,
    ) -> Result<Self> {
        Self::create_filled(name, MemoryOptions::new(0), value, |_| Ok(()))
    }

    /// Creates a value under a new name, with options of its type and of its memory. `fill` can
    /// change the value before any other process sees it.
    ///
    /// The size and the tag in the options are ignored: the type determines them.
    ///
    /// # Errors
    ///
    /// Those of [`create_with`](Self::create_with), and the error that `fill` returns. If the call
    /// fails, nothing is created.
    pub fn create_filled(
        name: impl TryInto<Name, Error: Into<Error>>,
        memory: MemoryOptions,
        value: impl Into<T::Options>,
        fill: impl FnOnce(&T) -> Result<()>,
    ) -> Result<Self> {
        Object::create(name, value.into(), memory, |value: &Value<T>| fill(value)).map(Self)
    }

    /// Opens a value by name.
    ///
    /// # Errors
    ///
    /// Those of [`SharedMemory::open`]; [`is_mismatch`](Error::is_mismatch) if the object is not a
    /// `T`, or if it contains locks that the calling process cannot use: locks of another C
    /// library, or locks that record their owner and were created in another PID namespace or time
    /// namespace. The message says which of these, and names the field that differs.
    pub fn open(name: impl TryInto<Name, Error: Into<Error>>) -> Result<Self> {
        Self::open_with(name, OpenOptions::new())
    }

    /// Opens a value by name with options, such as which owners to trust.
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

    /// Opens a value by name, or creates it; [`was_created`](Self::was_created) reports which.
    ///
    /// If several processes call this at the same time, one of them creates the value, and the
    /// others open it. A stale object is replaced.
    ///
    /// # Errors
    ///
    /// Those of [`open`](Self::open) and [`create`](Self::create).
    pub fn open_or_create(name: impl TryInto<Name, Error: Into<Error>>) -> Result<Self>
    where
        T: Resident<Options: Default>,
    {
        Self::open_or_create_with(name, T::Options::default())
    }

    /// Opens a value by name, or creates it with options of its type.
    ///
    /// # Errors
    ///
    /// Those of [`open`](Self::open) and [`create_with`](Self::create_with).
    pub fn open_or_create_with(
        name: impl TryInto<Name, Error: Into<Error>>,
        value: impl Into<T::Options>,
    ) -> Result<Self> {
        Self::open_or_create_filled(name, MemoryOptions::new(0), value, |_| Ok(()))
    }

    /// Opens a value by name, or creates it with options of its type and of its memory. `fill` can
    /// change a new value before any other process sees it.
    ///
    /// # Errors
    ///
    /// Those of [`open`](Self::open) and [`create_filled`](Self::create_filled).
    pub fn open_or_create_filled(
        name: impl TryInto<Name, Error: Into<Error>>,
        memory: MemoryOptions,
        value: impl Into<T::Options>,
        mut fill: impl FnMut(&T) -> Result<()>,
    ) -> Result<Self> {
        Object::open_or_create(name, value.into(), memory, |value: &Value<T>| fill(value)).map(Self)
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

    /// Returns `true` if this handle created the value.
    #[must_use]
    pub fn was_created(&self) -> bool {
        self.0.was_created()
    }
}

impl<T: Resident, M: Memory<Access = ReadWrite>> Shared<T, M> {
    /// Creates a value in a new memory object ([`Fresh`](ipc_mem::Fresh)), with the default options
    /// of its type.
    ///
    /// If other processes will [open](Self::open_in) the value, create the memory object with the
    /// tag [`Tag::VALUE`]. With `BARE`, the default tag, this call succeeds, but `open_in` fails.
    /// Opening fails until the value is complete.
    ///
    /// # Errors
    ///
    /// [`is_invalid_argument`](Error::is_invalid_argument) if the memory object is too small or not
    /// aligned, or if the description of the type is too long for the preamble;
    /// [`is_mismatch`](Error::is_mismatch) if the memory object was created with a
    /// [tag](ipc_mem::Tag) other than `VALUE` or `BARE` (the default).
    pub fn create_in(memory: Fresh<M>) -> Result<Self>
    where
        T: Resident<Options: Default>,
    {
        Self::create_in_with(memory, T::Options::default())
    }

    /// Creates a value in a new memory object ([`Fresh`](ipc_mem::Fresh)), with options of its
    /// type.
    ///
    /// # Errors
    ///
    /// Those of [`create_in`](Self::create_in), and those of the type for these options.
    pub fn create_in_with(memory: Fresh<M>, value: impl Into<T::Options>) -> Result<Self> {
        Self::create_in_filled(memory, value, |_| Ok(()))
    }

    /// Creates a value in a new memory object ([`Fresh`](ipc_mem::Fresh)), with options of its
    /// type. `fill` can change the value before any other process can open it.
    ///
    /// # Errors
    ///
    /// Those of [`create_in_with`](Self::create_in_with), and the error that `fill` returns.
    pub fn create_in_filled(
        memory: Fresh<M>,
        value: impl Into<T::Options>,
        fill: impl FnOnce(&T) -> Result<()>,
    ) -> Result<Self> {
        Object::create_in(memory, value.into(), |value: &Value<T>| fill(value)).map(Self)
    }

    /// Opens the value at the beginning of a memory object.
    ///
    /// # Errors
    ///
    /// [`is_mismatch`](Error::is_mismatch) if the memory object does not contain a `T`, or was
    /// created with another [tag](ipc_mem::Tag).
    pub fn open_in(memory: M) -> Result<Self> {
        Object::open_in(memory).map(Self)
    }
}

impl<T: Resident, M: Memory> Shared<T, M> {
    /// The memory object that contains the value.
    #[must_use]
    pub fn memory(&self) -> &M {
        self.0.memory()
    }
}

impl<T: Resident, M: Memory> Deref for Shared<T, M> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        &self.0
    }
}

// SAFETY: it computes an address and calls the `notify` of the value, which meets this contract.
unsafe impl<T: Resident + SignalSafe, M: Memory> SignalSafe for Shared<T, M> {
    fn notify(&self) {
        (**self).notify();
    }
}

impl<T: Resident + fmt::Debug, M: Memory> fmt::Debug for Shared<T, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Shared({}, {:?})", self.memory().label(), **self)
    }
}

/// A value behind its preamble.
struct Value<T>(NonNull<T>);

// SAFETY: 1. `preamble::check` accepts only an offset with room for a `T` behind it. 2. Safe code
// gets a `&T`, which is used from many processes at once (`Resident`, 2 and 3), after
// `Resident::init` has succeeded there: the memory object says that it was created for a value. 3.
// `may_unmap` is that of the value (`Resident`, 4). 4. It is opened with write access only.
unsafe impl<T: Resident> Structure for Value<T> {
    const TAG: Tag = Tag::VALUE;
    const FIXED: usize = preamble::FIXED;

    type Access = ReadWrite;
    type Options = T::Options;
    /// The offset of the value.
    type Layout = usize;

    fn plan(options: &T::Options) -> Result<Plan<usize>, Refusal> {
        T::check_sharing(options)?;
        let head = preamble::encode::<T>()?;
        let layout = head.len();
        let align = align_of::<T>().min(preamble::MAX_LEN); // a larger one gives no offset
        Ok(Plan { head, size: layout + size_of::<T>(), align, layout })
    }

    fn head_len(fixed: &[u8]) -> Result<usize, Refusal> {
        preamble::len(fixed)
    }

    fn check(head: &[u8], size: usize) -> Result<usize, Refusal> {
        preamble::check::<T>(head, size)
    }

    unsafe fn init(base: NonNull<u8>, offset: &usize, options: T::Options) -> Result<()> {
        let place = at_offset(base, *offset);
        // SAFETY: within the bytes of the plan, which are mapped (contract); aligned, as the offset
        // is a multiple of the alignment and `base` is aligned as planned; the bytes behind the
        // header are zero and accessed by no other code (contract).
        unsafe { T::init(place.cast(), options) }
    }

    unsafe fn at(base: NonNull<u8>, offset: usize) -> Result<Self, Refusal> {
        let place = at_offset(base, offset).cast::<T>();
        if !place.is_aligned() {
            let why = format!(
                "found the value at offset {offset}, not on a boundary of {} bytes",
                align_of::<T>()
            );
            return Err(Refusal::mismatch("open", why));
        }
        Ok(Self(place))
    }

    fn may_unmap(&self) -> bool {
        T::may_unmap(self)
    }
}

impl<T: Resident> Deref for Value<T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: a `T` was initialised at this place (contract of `at`), which stays mapped as
        // long as `self` lives; all processes use it through `&` (`Resident`).
        unsafe { self.0.as_ref() }
    }
}

// SAFETY: `Resident: Sync`, so `&T` may be used from any thread; dropping it touches nothing.
unsafe impl<T: Resident> Send for Value<T> {}

// SAFETY: `&Value` gives out `&T`, which is `Sync` (`Resident`).
unsafe impl<T: Resident> Sync for Value<T> {}
