//! Blocks and values that belong to a handle until they pass to the heap.

use std::fmt;
use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::slice;

use ipc_core::{Refusal, Result};
use ipc_mem::{Memory, Plain, ReadWrite};

use crate::Offset;
use crate::allocator::class::Class;
use crate::allocator::local::Local;
use crate::words::{self, bytes_of};

/// A block that belongs to the handle that allocated it. Dropping it frees the block, and so does
/// the death of the process.
///
/// [`Heap::allocate`](crate::Heap::allocate) returns it.
#[must_use = "the block is freed when it is dropped"]
pub struct HeapBlock<'h> {
    local: &'h Local,
    /// The offset, and in the upper 8 bits the class for which the block was allocated, or
    /// `NO_CLASS` for an extent. A block of two words is returned in registers.
    packed: u64,
}

const CLASS_SHIFT: u32 = 56;
const NO_CLASS: u64 = 0xff;

impl<'h> HeapBlock<'h> {
    #[inline]
    pub(crate) fn new(local: &'h Local, offset: u64, class: Option<Class>) -> Self {
        let class = class.map_or(NO_CLASS, |class| class.number() as u64);
        Self { local, packed: offset | class << CLASS_SHIFT }
    }

    /// The offset of the first byte of the block, in bytes from the beginning of the memory object.
    #[inline]
    #[must_use]
    pub fn offset(&self) -> u64 {
        self.packed & ((1 << CLASS_SHIFT) - 1)
    }

    /// The size of the block in bytes, which may be more than was requested.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.local.block(self.offset()).map_or(0, |block| block.size)
    }

    /// Copies bytes of the block from position `at` on. Bytes that were never written are
    /// arbitrary.
    ///
    /// # Errors
    ///
    /// [`is_invalid_argument`](ipc_core::Error::is_invalid_argument) if the block is shorter.
    pub fn read(&self, at: usize, into: &mut [u8]) -> Result<()> {
        let words = self.local.words(self.offset(), self.size() / 8).unwrap_or_default();
        let len = into.len();
        words::copy_out(words, at, into).ok_or_else(|| self.too_short("read", at, len))
    }

    /// Writes bytes to the block from position `at` on.
    ///
    /// # Errors
    ///
    /// [`is_invalid_argument`](ipc_core::Error::is_invalid_argument) if the block is shorter.
    pub fn write(&mut self, at: usize, from: &[u8]) -> Result<()> {
        let words = self.local.words(self.offset(), self.size() / 8).unwrap_or_default();
        words::copy_in(words, at, from).ok_or_else(|| self.too_short("write", at, from.len()))
    }

    #[cold]
    fn too_short(&self, call: &'static str, at: usize, len: usize) -> ipc_core::Error {
        let size = self.size();
        let why = format_args!("{len} bytes from {at} on, of a block of {size} bytes");
        self.local.name(Refusal::invalid(call, why))
    }

    /// Passes the block to the heap: it stays allocated until [`Heap::free`](crate::Heap::free)
    /// frees it. Returns its offset.
    ///
    /// # Errors
    ///
    /// [`is_invalid_argument`](ipc_core::Error::is_invalid_argument) in a forked child of the
    /// process that allocated it.
    pub fn into_offset(self) -> Result<Offset<u8>> {
        self.local.check("into_offset").map_err(|refusal| self.local.name(refusal))?;
        let this = ManuallyDrop::new(self);
        this.local.keep(this.offset(), this.local.tag());
        Ok(Offset::from_raw(this.offset()))
    }
}

impl Drop for HeapBlock<'_> {
    #[inline(always)]
    fn drop(&mut self) {
        let class = Class::new(self.packed >> CLASS_SHIFT);
        if !(self.local.is_here()
            && class.is_some_and(|class| self.local.push(class, self.offset())))
        {
            self.free(class);
        }
    }
}

impl HeapBlock<'_> {
    #[cold]
    fn free(&self, class: Option<Class>) {
        // The block belongs to the parent of a forked child.
        if self.local.check("drop").is_ok() {
            match class {
                Some(class) => self.local.free_of(class, self.offset()),
                None => self.local.free_loose(self.offset()),
            }
        }
    }
}

impl fmt::Debug for HeapBlock<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HeapBlock({:#x})", self.offset())
    }
}

/// A value in a heap. It belongs to the handle that allocated it. Dropping it frees its block, and
/// so does the death of the process.
///
/// # Examples
///
/// ```
/// use ipc_heap::{Heap, HeapBox};
///
/// # let name = format!("/heap-box-{}", std::process::id());
/// let heap = Heap::create(&name, 1 << 20)?;
/// let mut pair = HeapBox::new(&heap, [1u64, 2])?;
/// pair.set([3, 4])?;
/// assert_eq!(pair.get(), [3, 4]);
///
/// // Passed to the heap, the value outlives the process. Other processes use its offset.
/// let offset = pair.into_offset()?;
/// assert_eq!(heap.read(offset)?, [3, 4]);
/// heap.free(offset)?;
/// assert!(heap.read(offset).is_err_and(|err| err.is_invalid_argument()));
/// # Ok::<(), ipc_core::Error>(())
/// ```
#[must_use = "the value is freed when it is dropped"]
pub struct HeapBox<'h, T> {
    block: HeapBlock<'h>,
    of: PhantomData<T>,
}

impl<'h, T: Plain> HeapBox<'h, T> {
    /// Allocates a value.
    ///
    /// # Errors
    ///
    /// Those of [`Heap::allocate`](crate::Heap::allocate).
    pub fn new<M: Memory<Access = ReadWrite>>(heap: &'h crate::Heap<M>, value: T) -> Result<Self> {
        let block = heap.allocate(std::alloc::Layout::new::<T>())?;
        let mut this = Self { block, of: PhantomData };
        this.set(value)?;
        Ok(this)
    }

    /// Returns a copy of the value.
    #[must_use]
    pub fn get(&self) -> T {
        let words = self.block.local.words(self.block.offset(), size_of::<T>().div_ceil(8) as u64);
        // A block of its size was allocated.
        words::read(words.unwrap_or_default(), 0).unwrap_or_else(words::zeroed)
    }

    /// Replaces the value.
    ///
    /// # Errors
    ///
    /// [`is_invalid_argument`](ipc_core::Error::is_invalid_argument) in a forked child of the
    /// process that allocated it.
    pub fn set(&mut self, value: T) -> Result<()> {
        let local = self.block.local;
        local.check("set").map_err(|refusal| local.name(refusal))?;
        let words = local.words(self.block.offset(), size_of::<T>().div_ceil(8) as u64);
        // A block of its size was allocated.
        let _ = words::copy_in(words.unwrap_or_default(), 0, bytes_of(slice::from_ref(&value)));
        Ok(())
    }

    /// The offset of the value, which is valid as long as the box exists.
    #[must_use]
    pub fn offset(&self) -> Offset<T> {
        Offset::from_raw(self.block.offset())
    }

    /// Passes the value to the heap: it stays allocated until [`Heap::free`](crate::Heap::free)
    /// frees it. Returns its offset.
    ///
    /// # Errors
    ///
    /// [`is_invalid_argument`](ipc_core::Error::is_invalid_argument) in a forked child of the
    /// process that allocated it.
    pub fn into_offset(self) -> Result<Offset<T>> {
        Ok(Offset::from_raw(self.block.into_offset()?.raw()))
    }
}

impl<T: Plain + fmt::Debug> fmt::Debug for HeapBox<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.get().fmt(f)
    }
}
