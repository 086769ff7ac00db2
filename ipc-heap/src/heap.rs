//! Heaps.

use std::alloc::Layout;
use std::fmt;
use std::sync::Arc;

use ipc_core::{Error, Name, Refusal, Result};
use ipc_mem::{Fresh, Memory, Object, OpenOptions, Plain, ReadOnly, ReadWrite, SharedMemory};

use crate::allocator::block::Block;
use crate::allocator::class::Class;
use crate::allocator::local::{Local, Store};
use crate::layout::{Parts, sizes};
use crate::words::{self, bytes_of};
use crate::{HeapBlock, HeapOptions, Offset};

/// A heap in shared memory: blocks, values and containers, which have the same offsets in all
/// processes. The heap survives the death of any process at any instruction; only the blocks that
/// still belong to a handle of that process are freed.
///
/// A handle that may write is one *participant* of the heap: it has pages of its own, from which it
/// allocates without any atomic read-modify-write operation. So one thread at a time uses a handle;
/// it may be sent to another thread. [`try_clone`](Self::try_clone) returns a handle for another
/// thread. A handle belongs to the process that opened it. A forked child must open the heap
/// itself, or call `try_clone`: a handle of its parent cannot allocate, free or lock there.
///
/// The [crate](crate) describes how to use a heap, and what happens if a process dies.
///
/// ```compile_fail,E0277
/// use ipc_heap::Heap;
///
/// let heap = Heap::create("/never", 1 << 20).unwrap();
/// std::thread::scope(|scope| {
///     scope.spawn(|| heap.recover()); // E0277: two threads cannot use one handle
/// });
/// ```
pub struct Heap<M: Memory = SharedMemory> {
    pub(crate) local: Local,
    kept: Arc<Kept<M>>,
}

/// The memory object of all handles that were cloned from one.
struct Kept<M: Memory> {
    object: Object<Parts, M>,
    grow: fn(&M, usize) -> Result<()>,
    refresh: fn(&M),
}

impl<M: Memory> Store for Kept<M> {
    fn parts(&self) -> &Parts {
        &self.object
    }

    fn label(&self) -> String {
        self.object.memory().label()
    }

    fn size(&self) -> usize {
        self.object.memory().region().size()
    }

    fn grow(&self, size: usize) -> Result<()> {
        (self.grow)(self.object.memory(), size)
    }

    fn refresh(&self) {
        (self.refresh)(self.object.memory());
    }
}

impl Heap {
    /// Creates a heap under a new name.
    ///
    /// # Errors
    ///
    /// Those of [`SharedMemory::create`]; [`is_invalid_argument`](Error::is_invalid_argument) if
    /// the options are out of range.
    pub fn create(
        name: impl TryInto<Name, Error: Into<Error>>,
        options: impl Into<HeapOptions>,
    ) -> Result<Self> {
        let options = options.into();
        let name = name.try_into().map_err(Into::into)?;
        let memory = memory_of(&options).map_err(|refusal| refusal.on(&name))?;
        Self::with_name(Object::create(name, options, memory, |_| Ok(()))?)
    }

    /// Opens an existing heap by name.
    ///
    /// # Errors
    ///
    /// Those of [`SharedMemory::open`]; [`is_mismatch`](Error::is_mismatch) if it is not a heap;
    /// [`is_no_space`](Error::is_no_space) if the maximum number of handles that may write is open,
    /// all of them in living processes.
    pub fn open(name: impl TryInto<Name, Error: Into<Error>>) -> Result<Self> {
        Self::open_with(name, OpenOptions::new())
    }

    /// Opens an existing heap by name, with options such as which owners to trust.
    ///
    /// # Errors
    ///
    /// Those of [`open`](Self::open).
    pub fn open_with(
        name: impl TryInto<Name, Error: Into<Error>>,
        options: OpenOptions,
    ) -> Result<Self> {
        Self::with_name(Object::open(name, options)?)
    }

    /// Opens an existing heap by name, to read it only: objects through [views](Self::view), and
    /// values by their [offsets](Self::read).
    ///
    /// The handle is not a participant of the heap: any number of such handles can exist, and they
    /// delay no writer.
    ///
    /// ```compile_fail,E0599
    /// use ipc_heap::{Heap, HeapString};
    ///
    /// let heap = Heap::open_read_only("/never").unwrap();
    /// heap.create_object::<HeapString>("status", ""); // E0599: the memory is read-only
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`SharedMemory::open_read_only`]: only permission to read is needed;
    /// [`is_mismatch`](Error::is_mismatch) if it is not a heap.
    pub fn open_read_only(
        name: impl TryInto<Name, Error: Into<Error>>,
    ) -> Result<Heap<SharedMemory<ReadOnly>>> {
        Self::open_read_only_with(name, OpenOptions::new())
    }

    /// Opens an existing heap by name, to read it only, with options such as which owners to trust.
    ///
    /// # Errors
    ///
    /// Those of [`open_read_only`](Self::open_read_only).
    pub fn open_read_only_with(
        name: impl TryInto<Name, Error: Into<Error>>,
        options: OpenOptions,
    ) -> Result<Heap<SharedMemory<ReadOnly>>> {
        let object = Object::<Parts>::open_read_only(name, options)?;
        Ok(Heap::reader(object, |memory| {
            // If the size cannot be read, the size that is known stays in use.
            let _ = memory.refresh();
        }))
    }

    /// Opens a heap by name, or creates it. The options apply to a new heap: an existing one is
    /// opened as it is. A stale heap (all processes left it without closing it, for example because
    /// they were killed) is replaced by a new one. [`open`](Self::open) opens a stale heap with its
    /// content. A heap that was created with [`Removal::Never`](ipc_core::Removal::Never) is never
    /// stale.
    ///
    /// # Errors
    ///
    /// Those of [`open`](Self::open) and [`create`](Self::create).
    pub fn open_or_create(
        name: impl TryInto<Name, Error: Into<Error>>,
        options: impl Into<HeapOptions>,
    ) -> Result<Self> {
        let options = options.into();
        let name = name.try_into().map_err(Into::into)?;
        let memory = memory_of(&options).map_err(|refusal| refusal.on(&name))?;
        Self::with_name(Object::open_or_create(name, options, memory, |_| Ok(()))?)
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

    /// Returns the names of all existing heaps that this process may read.
    ///
    /// # Errors
    ///
    /// Those of [`SharedMemory::names`].
    pub fn names() -> Result<Vec<Name>> {
        Object::<Parts>::names()
    }

    fn with_name(object: Object<Parts>) -> Result<Self> {
        let refresh = |memory: &SharedMemory| {
            // If the size cannot be read, the size that is known stays in use.
            let _ = memory.refresh();
        };
        Self::attach(Kept { object, grow: SharedMemory::grow, refresh })
    }

    /// Returns `true` if this handle, or the one that it was cloned from, created the heap.
    #[must_use]
    pub fn was_created(&self) -> bool {
        self.kept.object.was_created()
    }
}

/// The options of the memory object of a new heap.
fn memory_of(options: &HeapOptions) -> Result<ipc_mem::MemoryOptions, Refusal> {
    let (size, max_size) = sizes(options)?;
    let memory = options.memory;
    Ok(if max_size > size { memory.max_size(max_size) } else { memory })
}

impl<M: Memory<Access = ReadWrite> + 'static> Heap<M> {
    /// Creates a heap in a fresh memory object. The heap has the size of the options, and does not
    /// grow. To open the heap with [`open_in`](Self::open_in) later, create the memory object with
    /// the tag [`HEAP`](ipc_mem::Tag::HEAP).
    ///
    /// ```
    /// use ipc_heap::{Heap, HeapOptions};
    /// use ipc_mem::LocalMemory;
    ///
    /// let options = HeapOptions::new(1 << 20).objects(100);
    /// let memory = LocalMemory::new(options.memory_size()?)?;
    /// let heap = Heap::create_in(memory, options)?;
    /// assert_eq!(heap.statistics().objects, 0);
    /// # Ok::<(), ipc_core::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`is_invalid_argument`](Error::is_invalid_argument) if the memory object is smaller than
    /// [`HeapOptions::memory_size`] or not aligned, or the options are out of range;
    /// [`is_mismatch`](Error::is_mismatch) if the memory object was created for another purpose.
    pub fn create_in(memory: Fresh<M>, options: impl Into<HeapOptions>) -> Result<Self> {
        let options = options.into();
        let options = HeapOptions { max_size: 0, ..options };
        Self::fixed(Object::create_in(memory, options, |_| Ok(()))?)
    }

    /// Opens the heap in a memory object.
    ///
    /// # Errors
    ///
    /// [`is_mismatch`](Error::is_mismatch) if it is not a heap, or the memory object was created
    /// for another purpose; [`is_no_space`](Error::is_no_space) if the maximum number of handles
    /// that may write is open, all of them in living processes.
    pub fn open_in(memory: M) -> Result<Self> {
        Self::fixed(Object::open_in(memory)?)
    }

    fn fixed(object: Object<Parts, M>) -> Result<Self> {
        let grow = |memory: &M, _size: usize| {
            Err(Error::unsupported("grow", memory.label(), "only a heap with a name grows"))
        };
        Self::attach(Kept { object, grow, refresh: |_| {} })
    }

    fn attach(kept: Kept<M>) -> Result<Self> {
        Self::attach_shared(Arc::new(kept))
    }

    /// Turns a handle that only reads into a participant.
    pub(crate) fn into_participant(self) -> Result<Self> {
        Self::attach_shared(self.kept)
    }

    fn attach_shared(kept: Arc<Kept<M>>) -> Result<Self> {
        let local = Local::attach(kept.clone())?;
        local.recover();
        local.destroy_ownerless();
        Ok(Self { local, kept })
    }

    /// Returns another handle of the same heap: another participant, for another thread or a forked
    /// child.
    ///
    /// # Errors
    ///
    /// [`is_no_space`](Error::is_no_space) if the maximum number of handles that may write is open,
    /// all of them in living processes.
    pub fn try_clone(&self) -> Result<Self> {
        Ok(Self { local: Local::attach(self.kept.clone())?, kept: Arc::clone(&self.kept) })
    }
}

impl<M: Memory<Access = ReadWrite>> Heap<M> {
    /// Allocates a block. Dropping the `HeapBlock` frees the block.
    /// [`into_offset`](HeapBlock::into_offset) passes it to the heap instead, where it stays until
    /// [`free`](Self::free). Its offset has the alignment of the layout. So has its address, if the
    /// memory object begins at a multiple of 4096, as mappings do.
    ///
    /// ```
    /// use std::alloc::Layout;
    ///
    /// use ipc_heap::Heap;
    ///
    /// # let name = format!("/heap-allocate-{}", std::process::id());
    /// let heap = Heap::create(&name, 1 << 20)?;
    /// let mut block = heap.allocate(Layout::from_size_align(100, 64).unwrap())?;
    /// block.write(0, b"hello")?;
    /// assert!(block.offset() % 64 == 0 && block.size() >= 100);
    /// # Ok::<(), ipc_core::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`is_no_space`](Error::is_no_space) if the heap is full, and cannot grow;
    /// [`is_invalid_argument`](Error::is_invalid_argument) if the alignment is above 4096, or in a
    /// forked child.
    #[inline(always)]
    pub fn allocate(&self, layout: Layout) -> Result<HeapBlock<'_>> {
        let local = &self.local;
        let class = local.class_of(layout.size() as u64, layout.align());
        let popped = if local.is_here() { class.and_then(|class| local.pop(class)) } else { None };
        match popped {
            Some(offset) => Ok(HeapBlock::new(local, offset, class)),
            None => self.allocate_again(class, layout),
        }
    }

    #[inline(never)]
    fn allocate_again(&self, class: Option<Class>, layout: Layout) -> Result<HeapBlock<'_>> {
        let local = &self.local;
        let allocate = || {
            local.check("allocate")?;
            local.allocate_of(class, layout.size() as u64, layout.align())
        };
        let offset = allocate().map_err(|refusal| local.name(refusal))?;
        Ok(HeapBlock::new(local, offset, class))
    }

    /// Frees a value or block that this or another process passed to the heap.
    ///
    /// # Errors
    ///
    /// [`is_invalid_argument`](Error::is_invalid_argument) if no block that belongs to the heap
    /// begins there, or in a forked child.
    pub fn free<T>(&self, offset: Offset<T>) -> Result<()> {
        let free = || {
            self.local.check("free")?;
            self.local.free_kept(offset.raw())
        };
        free().map_err(|refusal| self.local.name(refusal))
    }

    /// Replaces the value at an offset, 8 aligned bytes at a time.
    ///
    /// # Errors
    ///
    /// Those of [`read`](Self::read).
    pub fn write<T: Plain>(&self, offset: Offset<T>, value: T) -> Result<()> {
        let words = self.place("write", offset)?;
        // The block has the words that the value needs.
        let _ = words::copy_in(words, 0, bytes_of(&[value]));
        Ok(())
    }

    /// Recovers what dead processes left: completes their operations, and frees their blocks,
    /// except those that they passed to the heap. Returns the number of participants that were
    /// recovered.
    ///
    /// Programs need not call it. Opening the heap for writing does the same. So does an allocation
    /// that finds no space, with one exception: if a process died while it destroyed an object that
    /// owns others, the remaining owned objects stay until a process opens the heap for writing or
    /// calls `recover`. If a process died while it held the lock of an object, the next process
    /// that acquires the lock completes the operation on that object.
    pub fn recover(&self) -> u64 {
        if self.local.check("recover").is_err() {
            return 0;
        }
        let recovered = self.local.recover();
        self.local.destroy_ownerless();
        recovered
    }

    /// Releases the pages of this handle in which no block is allocated, so that other handles can
    /// use them.
    pub fn trim(&self) {
        if self.local.check("trim").is_ok() {
            self.local.trim();
        }
    }
}

impl<M: Memory + 'static> Heap<M> {
    /// Opens the heap in a memory object, to read it only: the handle is not a participant, and
    /// never writes.
    ///
    /// # Errors
    ///
    /// [`is_mismatch`](Error::is_mismatch) if it is not a heap, or the memory object was created
    /// for another purpose.
    pub fn open_read_only_in(memory: M) -> Result<Self> {
        Ok(Self::reader(Object::open_in(memory)?, |_| {}))
    }

    pub(crate) fn reader(object: Object<Parts, M>, refresh: fn(&M)) -> Self {
        let grow = |memory: &M, _size: usize| {
            Err(Error::unsupported("grow", memory.label(), "the handle is read-only"))
        };
        let kept = Arc::new(Kept { object, grow, refresh });
        Self { local: Local::reader(kept.clone()), kept }
    }
}

impl<M: Memory> Heap<M> {
    /// Returns a copy of the value at an offset. If another process writes the value meanwhile,
    /// each 8 aligned bytes of the copy are from before or after the write.
    ///
    /// # Errors
    ///
    /// [`is_invalid_argument`](Error::is_invalid_argument) if no allocated block of at least the
    /// size of `T` begins there.
    pub fn read<T: Plain>(&self, offset: Offset<T>) -> Result<T> {
        let words = self.place("read", offset)?;
        Ok(words::read(words, 0).unwrap_or_else(words::zeroed))
    }

    fn place<T: Plain>(
        &self,
        call: &'static str,
        offset: Offset<T>,
    ) -> Result<&[std::sync::atomic::AtomicU64]> {
        let (local, size) = (&self.local, size_of::<T>() as u64);
        let fits = |block: &Block| block.size >= size && local.is_allocated(block);
        let words = local
            .block(offset.raw())
            .filter(fits)
            .and_then(|_| local.words(offset.raw(), size.div_ceil(8)));
        words.ok_or_else(|| {
            let raw = offset.raw();
            let why = format_args!("no block of {size} bytes is allocated at offset {raw:#x}");
            local.name(Refusal::invalid(call, why))
        })
    }

    /// The memory object that contains the heap.
    #[must_use]
    pub fn memory(&self) -> &M {
        self.kept.object.memory()
    }
}

impl<M: Memory> fmt::Debug for Heap<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Heap")
            .field("memory", &self.memory().label())
            .field("statistics", &self.statistics())
            .finish_non_exhaustive()
    }
}
