//! A value that several processes share.

#![expect(unsafe_code, reason = "makes values in mapped memory and finds them there")]

use std::alloc::Layout;
use std::fmt;
use std::mem::ManuallyDrop;
use std::ops::Deref;
use std::ptr::NonNull;
use std::sync::atomic::{self, AtomicU64, Ordering};

use ipc_core::{Error, Name, Result, open_or_create};
use ipc_mem::{Content, Memory, Resident, granule, memory};

use crate::{Draft, MemoryOptions, OpenOptions, SharedMemory, preamble};

/// A value in shared memory that every process finds by name, or in any other memory: a lock, an atomic
/// integer, or a struct of such.
///
/// It is used through `&`, by all at once. Before it, the memory says what it is, so that a program with
/// another idea of the type is refused, and told field by field where the two differ.
///
/// Dropping it leaves the value to the others. What ends the name is the [`Removal`](ipc_core::Removal) of
/// [`MemoryOptions`]. The objects of the C library in it are never destroyed: on the
/// systems supported here they hold nothing outside of their own bytes.
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
/// Data that can change behind a `&` without a lock is refused:
///
/// ```compile_fail,E0277
/// # use ipc_shm::Shared;
/// let plain = Shared::<u64>::open("/hits")?;
/// # Ok::<(), ipc_core::Error>(())
/// ```
///
/// In [anonymous memory](crate::AnonymousMemory), for who is handed the descriptor:
///
/// ```
/// use std::sync::atomic::{AtomicU64, Ordering};
///
/// use ipc_mem::Content;
/// use ipc_shm::{AnonymousMemory, MemoryOptions, Shared};
///
/// let memory = AnonymousMemory::create("hits", MemoryOptions::new(4096).content(Content::Value))?;
/// let hits = Shared::<AtomicU64, _>::create_in(memory)?;
/// hits.fetch_add(1, Ordering::Relaxed);
///
/// let memory = AnonymousMemory::from_fd(hits.memory().try_clone_fd()?)?; // usually in another process
/// assert_eq!(Shared::<AtomicU64, _>::open_in(memory)?.load(Ordering::Relaxed), 1);
/// # Ok::<(), ipc_core::Error>(())
/// ```
pub struct Shared<T: Resident, M: Memory = SharedMemory> {
    place: NonNull<T>,
    memory: ManuallyDrop<M>,
}

impl<T: Resident> Shared<T> {
    /// Makes one under a name that nobody has yet: locks free, counts 0, data zero.
    ///
    /// Nobody sees it before it is whole, and a process that dies on the way leaves nothing.
    ///
    /// # Errors
    ///
    /// As [`SharedMemory::create`]; `is_invalid_argument` if the type is too large to be described, or
    /// begins on a boundary of more than 4096 bytes.
    pub fn create(name: impl TryInto<Name, Error: Into<Error>>) -> Result<Self> {
        Self::create_with(name, MemoryOptions::new(0), |_| Ok(()))
    }

    /// As [`create`](Self::create), with other options and `fill` to change the value before anybody sees it.
    ///
    /// Size and content in the options do not matter: they are those of the value.
    ///
    /// # Errors
    ///
    /// As [`create`](Self::create), and what `fill` returns; nothing is made then.
    pub fn create_with(
        name: impl TryInto<Name, Error: Into<Error>>,
        options: MemoryOptions,
        fill: impl FnOnce(&T) -> Result<()>,
    ) -> Result<Self> {
        // SAFETY: called below, with a place as `make` promises it, which is what `init` wants.
        let init = |place| unsafe { T::init(place) };
        // SAFETY: `init` makes a `T` at its place, or fails.
        unsafe { Self::make(name.try_into().map_err(Into::into)?, options, init, fill) }
    }

    /// As [`create_with`](Self::create_with), where `init` makes another than the default: a barrier for so many
    /// parties, a mutex of another kind.
    ///
    /// # Errors
    ///
    /// As [`create`](Self::create), and what `init` returns; nothing is made then.
    ///
    /// # Safety
    ///
    /// `init` gets a place with room and alignment for a `T`, of zero bytes that are nobody else's. If it succeeds, it
    /// has made a `T` there, for several processes, that may be used like one of [`Resident::init`].
    pub unsafe fn create_from(
        name: impl TryInto<Name, Error: Into<Error>>,
        options: MemoryOptions,
        init: impl FnOnce(NonNull<T>) -> Result<()>,
    ) -> Result<Self> {
        // SAFETY: as the caller vouches.
        unsafe { Self::make(name.try_into().map_err(Into::into)?, options, init, |_| Ok(())) }
    }

    /// # Safety
    ///
    /// As for [`create_from`](Self::create_from).
    unsafe fn make(
        name: Name,
        options: MemoryOptions,
        init: impl FnOnce(NonNull<T>) -> Result<()>,
        fill: impl FnOnce(&T) -> Result<()>,
    ) -> Result<Self> {
        let head = preamble::encode::<T>(name.as_str())?;
        let draft = Draft::new(name, options.size(head.len() + size_of::<T>()).content(Content::Value))?;
        // SAFETY: it describes a `T`, which is made behind it before the draft is published.
        unsafe { draft.write_at(0, &head) }?;
        let place = memory::locate("create", draft.memory(), head.len(), Layout::new::<T>())?.cast::<T>();
        // `locate` found room and alignment; the bytes are zero and, before the draft has a name, ours alone.
        init(place)?;
        let (publisher, memory) = draft.into_parts();
        // From here on a failure drops this handle, which knows when the bytes may not go.
        let mut this = Self::at(place, memory);
        fill(&this)?;
        publisher.publish(&mut this.memory)?;
        Ok(this)
    }

    /// Finds one by name.
    ///
    /// # Errors
    ///
    /// As [`SharedMemory::open`]; `is_mismatch` if it is no `T`, telling field by field what it is, or if its locks
    /// were made by a C library whose locks this one does not understand.
    pub fn open(name: impl TryInto<Name, Error: Into<Error>>) -> Result<Self> {
        Self::open_with(name, OpenOptions::new())
    }

    /// As [`open`](Self::open), with a say in whose value is acceptable.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open).
    pub fn open_with(name: impl TryInto<Name, Error: Into<Error>>, options: OpenOptions) -> Result<Self> {
        let mut head = [0; preamble::MAX_LEN];
        let (memory, read) = SharedMemory::open_and_read(name, options, &mut head)?;
        memory::expect_content("open", &memory, Content::Value)?;
        Ok(Self::at(Self::find(&memory, &head[..read])?, memory))
    }

    /// Finds one by name, or makes it; [`was_created`](Self::was_created) tells which.
    ///
    /// However many processes do this at once, one makes it.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open) and [`create`](Self::create).
    pub fn open_or_create(name: impl TryInto<Name, Error: Into<Error>>) -> Result<Self> {
        Self::open_or_create_with(name, MemoryOptions::new(0), |_| Ok(()))
    }

    /// As [`open_or_create`](Self::open_or_create), with options and a `fill` for the one that makes it.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open) and [`create_with`](Self::create_with).
    pub fn open_or_create_with(
        name: impl TryInto<Name, Error: Into<Error>>,
        options: MemoryOptions,
        mut fill: impl FnMut(&T) -> Result<()>,
    ) -> Result<Self> {
        let name = name.try_into().map_err(Into::into)?;
        open_or_create(|| Self::open_with(&name, options.into()), || Self::create_with(&name, options, &mut fill))
    }

    /// Ends a name. Who has the value open keeps it; a name that nobody has is not an error.
    ///
    /// # Errors
    ///
    /// As [`SharedMemory::unlink`].
    pub fn unlink(name: impl TryInto<Name, Error: Into<Error>>) -> Result<()> {
        SharedMemory::unlink(name)
    }

    /// Whether this handle made the value.
    #[must_use]
    pub fn was_created(&self) -> bool {
        self.memory.was_created()
    }

    fn at(place: NonNull<T>, memory: SharedMemory) -> Self {
        Self { place, memory: ManuallyDrop::new(memory) }
    }
}

impl<T: Resident, M: Memory> Shared<T, M> {
    /// Makes one in a fresh memory: locks free, counts 0, data zero.
    ///
    /// Others [open](Self::open_in) it where the memory was made for a [value](Content::Value). Who opens it before it is
    /// whole finds nothing.
    ///
    /// # Errors
    ///
    /// `is_invalid_argument` if this handle did not make the memory or may not write it, if the memory is too small or not
    /// aligned, or the type too large to be described; `is_mismatch` if the memory was made for something else.
    pub fn create_in(memory: M) -> Result<Self> {
        Self::create_in_with(memory, |_| Ok(()))
    }

    /// As [`create_in`](Self::create_in), with `fill` to change the value before anybody finds it.
    ///
    /// # Errors
    ///
    /// As [`create_in`](Self::create_in), and what `fill` returns.
    pub fn create_in_with(memory: M, fill: impl FnOnce(&T) -> Result<()>) -> Result<Self> {
        // SAFETY: called below, with a place as `make_in` promises it, which is what `init` wants.
        let init = |place| unsafe { T::init(place) };
        // SAFETY: `init` makes a `T` at its place, or fails.
        unsafe { Self::make_in(memory, init, fill) }
    }

    /// As [`create_in`](Self::create_in), where `init` makes another than the default.
    ///
    /// # Errors
    ///
    /// As [`create_in`](Self::create_in), and what `init` returns.
    ///
    /// # Safety
    ///
    /// As for [`create_from`](Shared::create_from).
    pub unsafe fn create_in_from(memory: M, init: impl FnOnce(NonNull<T>) -> Result<()>) -> Result<Self> {
        // SAFETY: as the caller vouches.
        unsafe { Self::make_in(memory, init, |_| Ok(())) }
    }

    /// # Safety
    ///
    /// As for [`create_from`](Shared::create_from).
    unsafe fn make_in(
        memory: M,
        init: impl FnOnce(NonNull<T>) -> Result<()>,
        fill: impl FnOnce(&T) -> Result<()>,
    ) -> Result<Self> {
        memory::expect_fresh("create", &memory, Content::Value)?;
        let head = preamble::encode::<T>(&memory.label())?;
        let place = memory::locate("create", &memory, head.len(), Layout::new::<T>())?.cast::<T>();
        let front = memory::locate("create", &memory, 0, Layout::new::<u64>())?;
        // `locate` found room and alignment; the bytes are zero and, since the memory is fresh, ours alone.
        init(place)?;
        let this = Self { place, memory: ManuallyDrop::new(memory) };
        fill(&this)?;
        let (magic, rest) = head.split_at(size_of::<u64>());
        // SAFETY: within the memory: the value lies behind it.
        let after_magic = unsafe { front.add(magic.len()) };
        // SAFETY: as many bytes are there, writable, and nobody else's.
        unsafe { granule::copy_in(rest, after_magic) };
        // SAFETY: the first eight bytes of the memory, aligned (`locate`) and accessed atomically here only.
        let first = unsafe { AtomicU64::from_ptr(front.cast().as_ptr()) };
        // The magic last: who sees it sees the rest.
        first.store(u64::from_ne_bytes(std::array::from_fn(|i| magic[i])), Ordering::Release);
        Ok(this)
    }

    /// Finds the one that was made in a memory.
    ///
    /// # Errors
    ///
    /// As [`open`](Shared::open) if there is no `T`; `is_mismatch` also if the memory was made for something else;
    /// `is_invalid_argument` if it is read-only.
    pub fn open_in(memory: M) -> Result<Self> {
        memory::expect_writable("open", &memory)?;
        memory::expect_content("open", &memory, Content::Value)?;
        let mut head = [0; preamble::MAX_LEN];
        let read = head.len().min(memory.size());
        let (magic, rest) = head[..read].split_at_mut(read.min(size_of::<u64>()));
        // SAFETY: the bytes lie within the memory; who makes a value writes them once.
        unsafe { granule::copy_out(memory.base(), magic) };
        // The magic was written last: what is read after it is whole.
        atomic::fence(Ordering::Acquire);
        // SAFETY: the bytes before lie within the memory.
        let after_magic = unsafe { memory.base().add(magic.len()) };
        // SAFETY: as for the magic.
        unsafe { granule::copy_out(after_magic, rest) };
        let place = Self::find(&memory, &head[..read])?;
        Ok(Self { place, memory: ManuallyDrop::new(memory) })
    }

    /// Where the value is, as the first bytes of the memory tell.
    fn find(memory: &M, head: &[u8]) -> Result<NonNull<T>> {
        let offset = preamble::check::<T>(head, &memory.label())?;
        let place = memory::locate("open", memory, offset, Layout::new::<T>());
        place
            .map(NonNull::cast)
            .map_err(|err| Error::mismatch("open", memory.label(), format_args!("found no room for the value: {err}")))
    }

    /// The memory it lives in.
    #[must_use]
    pub fn memory(&self) -> &M {
        &self.memory
    }
}

impl<T: Resident, M: Memory> Deref for Shared<T, M> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: a `T` was made at `place`, here or, as the preamble says, by somebody else before the
        // memory got its name or its magic; all of them use it through `&` (`Resident`), and the memory lives as long as `self`.
        unsafe { self.place.as_ref() }
    }
}

impl<T: Resident, M: Memory> Drop for Shared<T, M> {
    fn drop(&mut self) {
        // A forked child may have something else there.
        if !self.memory.is_mapped() || self.may_unmap() {
            // SAFETY: dropped here only, and not used after.
            unsafe { ManuallyDrop::drop(&mut self.memory) };
        } else {
            self.memory.leave();
        }
    }
}

impl<T: Resident + fmt::Debug, M: Memory> fmt::Debug for Shared<T, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Shared({}, {:?})", self.memory.label(), **self)
    }
}

// SAFETY: `Resident: Sync`, so `&T` may be used from any thread, and dropping the handle touches nothing of `T`'s
// but what `may_unmap` reads; the memory is `Send` itself (`Memory`).
unsafe impl<T: Resident, M: Memory> Send for Shared<T, M> {}

// SAFETY: `&Shared` gives out `&T` and `&M`, both of which are `Sync` (`Resident`, `Memory`).
unsafe impl<T: Resident, M: Memory> Sync for Shared<T, M> {}
