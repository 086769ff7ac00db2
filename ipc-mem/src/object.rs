//! A structure in memory, and the functions through which every structure is created and opened.

#![expect(unsafe_code, reason = "ties the life of a structure to that of its bytes")]

use std::alloc::Layout;
use std::fmt;
use std::mem::ManuallyDrop;
use std::ops::Deref;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use ipc_core::{Error, Name, Result, open_or_create};

use crate::file::Body;
use crate::memory::{Fresh, expect_tag, locate};
use crate::named::{Found, UNFINISHED};
use crate::retained::{self, Retained};
use crate::{
    AccessMode, AtLeast, Draft, Memory, MemoryOptions, OpenOptions, Plan, ReadOnly, ReadWrite,
    Region, SharedMemory, Structure, publish,
};

/// A structure in a memory object. It is created or opened by name, or in a given memory object.
///
/// It dereferences to the structure. Types such as `ShmArray` and `Shared` wrap an `Object` and add
/// methods.
///
/// Dropping it does not destroy the structure. The [`Removal`](ipc_core::Removal) that was chosen
/// at creation determines when its name is removed.
pub struct Object<S: Structure, M: Memory = SharedMemory> {
    /// The region keeps the bytes mapped, independently of the memory object.
    rest: ManuallyDrop<Remains<S, M::Access>>,
    /// Boxed, because the memory object may have interior mutability: if it lay beside the
    /// structure, the compiler would reload the structure for each access.
    memory: Box<M>,
}

impl<S: Structure> Object<S> {
    /// Creates an object under a new name.
    ///
    /// No process sees it before it is complete, and a process that is killed during creation
    /// leaves nothing, or a complete object. `fill` initialises the object before any other process
    /// sees it.
    ///
    /// The size and the tag in the options are ignored: the structure determines them.
    ///
    /// # Errors
    ///
    /// Those of [`SharedMemory::create`] and [`Structure::plan`], and the error that `fill`
    /// returns. If the call fails, nothing is created.
    pub fn create(
        name: impl TryInto<Name, Error: Into<Error>>,
        options: S::Options,
        memory: MemoryOptions,
        fill: impl FnOnce(&S) -> Result<()>,
    ) -> Result<Self> {
        let name = name.try_into().map_err(Into::into)?;
        let plan = S::plan(&options).map_err(|refusal| refusal.on(&name))?;
        let draft = Draft::new(name, memory.size(plan.size).content(S::TAG))?;
        // SAFETY: it describes what is initialised behind it before the draft is published.
        unsafe { draft.write_at(0, &plan.head) }?;
        let (publisher, memory) = draft.into_parts();
        // From here on a failure drops this handle, which knows when the bytes may not be unmapped.
        // SAFETY: the bytes are zero behind the header; before the draft has a name no other code
        // can reach them.
        let mut this = unsafe { Self::init(memory, plan, options) }?;
        fill(&this)?;
        publisher.publish(&mut this.memory)?;
        Ok(this)
    }

    /// Opens an existing object by name.
    ///
    /// # Errors
    ///
    /// Those of [`SharedMemory::open_with`]; [`is_mismatch`](Error::is_mismatch) if it is not this
    /// structure: the message says what was found and what was wanted.
    pub fn open(name: impl TryInto<Name, Error: Into<Error>>, options: OpenOptions) -> Result<Self>
    where
        ReadWrite: AtLeast<S::Access>,
    {
        Self::open_as(name.try_into().map_err(Into::into)?, options)
    }

    /// Opens an existing object by name, read-only.
    ///
    /// # Errors
    ///
    /// Those of [`open`](Self::open); only permission to read is needed.
    pub fn open_read_only(
        name: impl TryInto<Name, Error: Into<Error>>,
        options: OpenOptions,
    ) -> Result<Object<S, SharedMemory<ReadOnly>>>
    where
        ReadOnly: AtLeast<S::Access>,
    {
        Object::open_as(name.try_into().map_err(Into::into)?, options)
    }

    /// Opens an object by name, or creates it; [`was_created`](Self::was_created) reports which. If
    /// many processes call this at the same time, exactly one creates the object. If a program that
    /// does not use this toolkit is creating the object, the call waits up to a second for its
    /// header.
    ///
    /// # Errors
    ///
    /// Those of [`open`](Self::open) and [`create`](Self::create).
    pub fn open_or_create(
        name: impl TryInto<Name, Error: Into<Error>>,
        options: S::Options,
        memory: MemoryOptions,
        mut fill: impl FnMut(&S) -> Result<()>,
    ) -> Result<Self>
    where
        ReadWrite: AtLeast<S::Access>,
    {
        let name = name.try_into().map_err(Into::into)?;
        let create = || Self::create(&name, options.clone(), memory, &mut fill);
        open_or_create(|| Self::open_complete(&name, memory.into()), create)
    }

    /// Opens an object by name, and waits for a program outside of this toolkit that is creating
    /// it.
    fn open_complete(name: &Name, options: OpenOptions) -> Result<Self>
    where
        ReadWrite: AtLeast<S::Access>,
    {
        let begun = Instant::now();
        loop {
            match Self::open(name, options) {
                Err(err)
                    if err.is_mismatch()
                        && begun.elapsed() < UNFINISHED
                        && Found::may_be_incomplete(name) =>
                {
                    thread::sleep(Duration::from_millis(1)); // the system has nothing to wait for
                }
                done => return done,
            }
        }
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

    /// Returns the names of all existing objects of this structure that this process may read.
    ///
    /// # Errors
    ///
    /// Those of [`SharedMemory::names`].
    pub fn names() -> Result<Vec<Name>> {
        let mut names = SharedMemory::names()?;
        names.retain(|name| Found::tag_of(name).is_ok_and(|tag| tag == S::TAG));
        Ok(names)
    }
}

impl<S: Structure, A: AtLeast<S::Access>> Object<S, SharedMemory<A>> {
    fn open_as(name: Name, options: OpenOptions) -> Result<Self> {
        let (memory, layout) = SharedMemory::find(name, options, |found| {
            found.expect_tag(S::TAG)?;
            let head = publish::stepwise::<S>(found.size(), |at, into| found.read_at(at, into))?;
            S::check(&head, found.size())
        })?;
        // SAFETY: the header says so of an object that got its name when it was complete.
        unsafe { Self::wrap(memory, layout) }
    }
}

impl<S: Structure, A: AccessMode> Object<S, SharedMemory<A>> {
    /// Returns `true` if this handle created the object.
    #[must_use]
    pub fn was_created(&self) -> bool {
        self.memory.was_created()
    }
}

impl<S: Structure, M: Memory<Access = ReadWrite>> Object<S, M> {
    /// Creates an object at the beginning of a new memory object ([`Fresh`](crate::Fresh)). `fill`
    /// initialises the object before any other process can open it.
    ///
    /// # Errors
    ///
    /// [`is_invalid_argument`](Error::is_invalid_argument) if the memory object is too small or not
    /// aligned, or the options do not describe a valid structure;
    /// [`is_mismatch`](Error::is_mismatch) if the memory object was created with a
    /// [tag](crate::Tag) other than that of the structure or `BARE` (the default); the error that
    /// `fill` returns.
    pub fn create_in(
        memory: Fresh<M>,
        options: S::Options,
        fill: impl FnOnce(&S) -> Result<()>,
    ) -> Result<Self> {
        let memory = memory.claim("create", S::TAG)?;
        let plan = S::plan(&options).map_err(|refusal| refusal.on(memory.label()))?;
        let head = plan.head.clone();
        // SAFETY: the memory object was fresh, so its bytes are zero and no other code accesses
        // them.
        let this = unsafe { Self::init(memory, plan, options) }?;
        fill(&this)?;
        // SAFETY: `init` found the place aligned and long enough, and no other process writes there
        // before the header says that there is something.
        unsafe { publish::publish(this.rest.region.base(), &head) };
        Ok(this)
    }

    /// # Safety
    ///
    /// The bytes that the plan needs contain its header or zeros, and no other code accesses them.
    unsafe fn init(memory: M, plan: Plan<S::Layout>, options: S::Options) -> Result<Self> {
        let Plan { size, align, layout, .. } = plan;
        let place = Layout::from_size_align(size, align.max(align_of::<u64>()))
            .map_err(|err| Error::invalid("create", memory.label(), err))?;
        let base = locate("create", &memory, 0, place)?;
        // SAFETY: `locate` found the bytes and the alignment; for the rest see the contract.
        unsafe { S::init(base, &layout, options) }.map_err(|err| err.on(memory.label()))?;
        // SAFETY: laid out as planned, and initialised above.
        unsafe { Self::wrap(memory, layout) }
    }
}

impl<S: Structure, M: Memory<Access: AtLeast<S::Access>>> Object<S, M> {
    /// Opens the object at the beginning of a memory object.
    ///
    /// # Errors
    ///
    /// [`is_mismatch`](Error::is_mismatch) if it is not this structure, or the memory object was
    /// created with another [tag](crate::Tag): the message says what was found and what was wanted.
    pub fn open_in(memory: M) -> Result<Self> {
        // Before its bytes are touched: only this structure has a header there.
        expect_tag("open", &memory, S::TAG)?;
        let layout =
            publish::look::<S, M>(&memory).map_err(|refusal| refusal.on(memory.label()))?;
        // SAFETY: the header says so, of which the first bytes were written last.
        unsafe { Self::wrap(memory, layout) }
    }
}

impl<S: Structure, M: Memory> Object<S, M> {
    /// Returns the structure with this layout in a memory object, without reading its header.
    ///
    /// # Errors
    ///
    /// Those of [`Structure::at`].
    ///
    /// # Safety
    ///
    /// The caller must ensure that a structure with this layout was initialised at the beginning of
    /// the memory object, and lies within it.
    pub unsafe fn wrap(memory: M, layout: S::Layout) -> Result<Self> {
        let region = memory.region().clone();
        // SAFETY: initialised (contract), and mapped as long as `region`, which is dropped after
        // the structure.
        let structure = unsafe { S::at(region.base(), layout) }
            .map_err(|refusal| refusal.on(memory.label()))?;
        Ok(Self {
            rest: ManuallyDrop::new(Remains { structure, region }),
            memory: Box::new(memory),
        })
    }

    /// Returns the memory object that contains the structure.
    #[must_use]
    pub fn memory(&self) -> &M {
        &self.memory
    }

    /// Returns a mutable reference to the structure, to change state that belongs to this handle
    /// only.
    ///
    /// # Safety
    ///
    /// The caller must ensure that the structure still belongs to the same bytes when the borrow
    /// ends: it must not be swapped with the structure of another object.
    pub unsafe fn structure_mut(&mut self) -> &mut S {
        &mut self.rest.structure
    }

    /// Replaces the structure of this handle with the result of `change`, in this process only.
    ///
    /// # Safety
    ///
    /// The caller must ensure that `change` returns a structure that [`Structure::at`] of `T` could
    /// have returned for the same bytes.
    pub unsafe fn map<T: Structure>(self, change: impl FnOnce(S) -> T) -> Object<T, M> {
        let mut this = ManuallyDrop::new(self);
        // SAFETY: taken once: `this` is not dropped.
        let Remains { structure, region } = unsafe { ManuallyDrop::take(&mut this.rest) };
        // SAFETY: read once: `this` is not dropped.
        let memory = unsafe { std::ptr::read(&raw const this.memory) };
        let rest = Remains { structure: change(structure), region };
        Object { rest: ManuallyDrop::new(rest), memory }
    }
}

impl<S: Structure, M: Memory> Deref for Object<S, M> {
    type Target = S;

    #[inline]
    fn deref(&self) -> &S {
        &self.rest.structure
    }
}

impl<S: Structure, M: Memory> Drop for Object<S, M> {
    fn drop(&mut self) {
        // SAFETY: taken here only, and not used after.
        let rest = unsafe { ManuallyDrop::take(&mut self.rest) };
        retained::sweep();
        if !rest.may_go() {
            retained::keep(rest);
        }
    }
}

/// The remains of a dropped handle. The structure is dropped before its bytes are unmapped.
struct Remains<S, A: AccessMode> {
    structure: S,
    region: Region<A>,
}

impl<S: Structure, A: AccessMode> Retained for Remains<S, A> {
    fn may_go(&self) -> bool {
        // A forked child may have something else there.
        !self.region.is_mapped() || self.structure.may_unmap()
    }

    fn body(&self) -> &Arc<Body> {
        self.region.shared_body()
    }

    fn place(&self) -> usize {
        self.region.base().addr().get()
    }
}

impl<S: Structure + fmt::Debug, M: Memory> fmt::Debug for Object<S, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} in {}", **self, self.memory.label())
    }
}
