//! Counted values.

#![expect(unsafe_code, reason = "states that an offset is plain")]

use std::fmt;
use std::marker::PhantomData;
use std::rc::Rc;
use std::slice;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use ipc_core::{Errno, Refusal, Result};
use ipc_mem::{Fingerprint, Kind, Memory, Plain, ReadWrite, Schema};

use crate::Heap;
use crate::allocator::local::Local;
use crate::containers::shares::{Change, HEAD};
use crate::objects::description::hash;
use crate::words::{self, bytes_of};

/// A value in a heap that is freed when its last reference is dropped, in whatever process, or when
/// another process recovers the dead processes that held the last references.
///
/// Each call of [`new`](Self::new), [`open`](Self::open) or [`upgrade`](HeapWeak::upgrade) adds one
/// to the reference count of the value. A clone adds nothing: it shares the reference of its
/// original, and `clone` does not access the heap. If the process dies, its references are dropped
/// when another process [recovers](Heap::recover) it.
///
/// The value cannot be changed. Its type is recorded as a hash of 64 bits, and an offset of a value
/// with another hash is refused; the types are not compared field by field. For a value that changes, use a [`HeapValue`](crate::HeapValue)
/// instead.
///
/// # Sending a reference
///
/// [`into_offset`](Self::into_offset) makes the heap the holder of the reference, and returns an
/// [`ArcOffset`], which is plain data: send it through a ring, or store it in a container.
/// [`from_offset`](Self::from_offset) takes the reference from the heap, in any process. No death
/// drops a reference of the heap: if a process dies after it received the offset and before it
/// called `from_offset`, the value stays allocated. To lose no value, send the offset through a
/// `JobQueue`, which delivers it to another process if the receiver dies before it has finished the
/// job; or keep it in a container, and open the value with [`open`](Self::open).
///
/// # Examples
///
/// ```
/// use ipc_heap::{ArcOffset, Heap, HeapArc, HeapValue};
///
/// # let name = format!("/heap-arc-{}", std::process::id());
/// let heap = Heap::create(&name, 1 << 20)?;
/// let config = HeapArc::new(&heap, [1u64, 2, 3])?;
/// let again = config.clone();
/// let sent: ArcOffset<[u64; 3]> = config.into_offset()?;
///
/// let other = Heap::open(&name)?; // in another process
/// let received = HeapArc::from_offset(&other, sent)?;
/// assert_eq!(received.get(), [1, 2, 3]);
/// assert_eq!(again.strong_count(), 2);
///
/// let weak = received.downgrade()?; drop((received, again)); // the last strong references
/// assert!(weak.upgrade()?.is_none());
/// # Ok::<(), ipc_core::Error>(())
/// ```
pub struct HeapArc<'h, T> {
    share: Rc<Share<'h>>,
    of: PhantomData<fn() -> T>,
}

/// A weak reference to the value of a [`HeapArc`]. The value cannot be read after its last strong
/// reference is dropped; its block is freed when no weak reference is left either.
pub struct HeapWeak<'h, T> {
    share: Rc<Share<'h>>,
    of: PhantomData<fn() -> T>,
}

/// A count of this participant.
struct Share<'h> {
    local: &'h Local,
    block: u64,
    slot: u64,
    drop: Change,
}

impl Drop for Share<'_> {
    fn drop(&mut self) {
        // In a forked child, the count is that of the parent. If the count cannot be dropped here,
        // because the lock cannot be used, it is dropped with the handle.
        if self.slot != 0
            && self.local.check("drop").is_ok()
            && self
                .local
                .change_counts(self.block, self.slot, self.drop, || true)
                .is_ok_and(|is_dropped| is_dropped)
        {
            self.local.slots.borrow_mut().push(self.slot);
        }
    }
}

/// The offset of a counted value, and with it a reference, which the heap holds until
/// [`HeapArc::from_offset`] takes it over. It is plain data, which may be stored, or sent to other
/// processes.
#[repr(transparent)]
pub struct ArcOffset<T> {
    raw: u64,
    of: PhantomData<fn() -> T>,
}

impl<T> ArcOffset<T> {
    /// Creates an offset from a number that [`raw`](Self::raw) returned.
    #[must_use]
    pub fn from_raw(raw: u64) -> Self {
        Self { raw, of: PhantomData }
    }

    /// Returns the number of bytes from the beginning of the memory object.
    #[must_use]
    pub fn raw(self) -> u64 {
        self.raw
    }
}

// SAFETY: 1. `repr(transparent)` around an integer of fixed width. 2. Every bit pattern is a value,
// which is checked when it is used. 3. It counts from the beginning of a memory object, so it means
// the same in all processes. 4. The schema is that of the integer.
unsafe impl<T: 'static> Plain for ArcOffset<T> {
    const SCHEMA: &'static Schema = &Schema::of::<u64>(Kind::U64);
}

impl<T> Clone for ArcOffset<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for ArcOffset<T> {}

impl<T> PartialEq for ArcOffset<T> {
    fn eq(&self, other: &Self) -> bool {
        self.raw == other.raw
    }
}

impl<T> Eq for ArcOffset<T> {}

impl<T> fmt::Debug for ArcOffset<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ArcOffset({:#x})", self.raw)
    }
}

/// The word that marks the block of a counted value of a type: a hash of 64 bits of its
/// fingerprint.
///
/// Two given types with different fingerprints have the same hash with a probability of about 2⁻⁶⁴,
/// unless they were chosen for it. Then a value of the one opens as the other if its block is large
/// enough, and has the wrong value. That is no undefined behaviour: the type is plain, so all bytes
/// are a value of it.
fn type_of<T: Plain>(local: &Local) -> Result<u64, Refusal> {
    let at = std::ptr::from_ref(T::SCHEMA).addr();
    let known = local.types.borrow().iter().find(|known| known.0 == at).map(|known| known.1);
    if let Some(hash) = known {
        return Ok(hash);
    }
    let hash = hash(HEAD, &Fingerprint::of(T::SCHEMA)?.encode());
    local.types.borrow_mut().push((at, hash));
    Ok(hash)
}

impl<'h> Share<'h> {
    /// Changes the counts of a value of which this participant gets a count.
    fn new<T: Plain>(
        local: &'h Local,
        block: u64,
        change: Change,
        drop: Change,
    ) -> Result<Option<Rc<Self>>, Refusal> {
        let hash = type_of::<T>(local)?;
        let slot = local.slot()?;
        let is_valid = || {
            change == Change::Create || local.counted(block, hash, size_of::<T>() as u64).is_some()
        };
        if local.change_counts(block, slot, change, is_valid)? {
            return Ok(Some(Rc::new(Self { local, block, slot, drop })));
        }
        local.slots.borrow_mut().push(slot);
        Ok(None)
    }
}

impl<'h, T: Plain> HeapArc<'h, T> {
    fn of(share: Rc<Share<'h>>) -> Self {
        Self { share, of: PhantomData }
    }

    /// Allocates a value.
    ///
    /// # Errors
    ///
    /// Those of [`Heap::allocate`].
    pub fn new<M: Memory<Access = ReadWrite>>(heap: &'h Heap<M>, value: T) -> Result<Self> {
        let local = &heap.local;
        let new = || {
            local.check("new")?;
            let size = HEAD + size_of::<T>() as u64;
            let block = local.allocate(size, align_of::<T>().max(16))?;
            let words = local.words(block, size.div_ceil(8)).unwrap_or_default();
            let own = || {
                let head = [type_of::<T>(local)?, 0, 0];
                for (word, first) in words.iter().zip(head) {
                    word.store(first, Ordering::Relaxed);
                }
                // The block has the words that the value needs.
                let place = words.get(head.len()..).unwrap_or_default();
                let _ = words::copy_in(place, 0, bytes_of(slice::from_ref(&value)));
                Share::new::<T>(local, block, Change::Create, Change::Drop)
            };
            let share = own().inspect_err(|_| local.free_loose(block))?;
            share.ok_or_else(|| Refusal::os("new", Errno::EOVERFLOW))
        };
        new().map(Self::of).map_err(|refusal| local.name(refusal))
    }

    /// Takes over a reference that the heap holds.
    ///
    /// # Errors
    ///
    /// [`is_invalid_argument`](ipc_core::Error::is_invalid_argument) if there is no counted value
    /// of that type at the offset, or the heap holds no reference to it, or in a forked child;
    /// [`is_no_space`](ipc_core::Error::is_no_space) if the heap is full.
    pub fn from_offset<M: Memory<Access = ReadWrite>>(
        heap: &'h Heap<M>,
        offset: ArcOffset<T>,
    ) -> Result<Self> {
        Self::shared(heap, "from_offset", offset, Change::Take)
    }

    /// Returns another reference to a value. The heap keeps its own reference. So a container may
    /// keep the offset of a value that many processes open.
    ///
    /// # Errors
    ///
    /// Those of [`from_offset`](Self::from_offset), with one exception: the heap need not hold a
    /// reference if a handle holds one.
    pub fn open<M: Memory<Access = ReadWrite>>(
        heap: &'h Heap<M>,
        offset: ArcOffset<T>,
    ) -> Result<Self> {
        Self::shared(heap, "open", offset, Change::Open)
    }

    fn shared<M: Memory<Access = ReadWrite>>(
        heap: &'h Heap<M>,
        call: &'static str,
        offset: ArcOffset<T>,
        change: Change,
    ) -> Result<Self> {
        let local = &heap.local;
        let share = || {
            local.check(call)?;
            let share = Share::new::<T>(local, offset.raw, change, Change::Drop)?;
            share.ok_or_else(|| {
                let (raw, value) = (offset.raw, std::any::type_name::<T>());
                let why = format_args!(
                    "at offset {raw:#x} is no `HeapArc<{value}>` that was passed to the heap; it \
                     may have been taken already"
                );
                Refusal::invalid(call, why)
            })
        };
        share().map(Self::of).map_err(|refusal| local.name(refusal))
    }

    /// Returns a copy of the value.
    #[must_use]
    pub fn get(&self) -> T {
        let (local, block) = (self.share.local, self.share.block);
        let words = local.words(block + HEAD, (size_of::<T>() as u64).div_ceil(8));
        // A block of its size was allocated.
        words::read(words.unwrap_or_default(), 0).unwrap_or_else(words::zeroed)
    }

    /// Adds a reference that the heap holds, and returns its offset. `self` keeps its own
    /// reference.
    ///
    /// # Errors
    ///
    /// [`is_invalid_argument`](ipc_core::Error::is_invalid_argument) in a forked child.
    pub fn to_offset(&self) -> Result<ArcOffset<T>> {
        self.pass("to_offset", Change::Pass)
    }

    /// Passes this reference to the heap, if it has no clones. Otherwise, the clones keep it, and a
    /// new reference is added for the heap.
    ///
    /// # Errors
    ///
    /// Those of [`to_offset`](Self::to_offset).
    pub fn into_offset(mut self) -> Result<ArcOffset<T>> {
        if Rc::get_mut(&mut self.share).is_none() {
            return self.pass("into_offset", Change::Pass);
        }
        let offset = self.pass("into_offset", Change::PassOwn)?;
        if let Some(share) = Rc::get_mut(&mut self.share) {
            share.local.slots.borrow_mut().push(share.slot);
            share.slot = 0;
        }
        Ok(offset)
    }

    fn pass(&self, call: &'static str, change: Change) -> Result<ArcOffset<T>> {
        let Share { local, block, slot, .. } = *self.share;
        let pass = || {
            local.check(call)?;
            match local.change_counts(block, slot, change, || true)? {
                true => Ok(ArcOffset::from_raw(block)),
                false => Err(Refusal::os(call, Errno::EOVERFLOW)),
            }
        };
        pass().map_err(|refusal| local.name(refusal))
    }

    /// Returns a reference that does not keep the value.
    ///
    /// # Errors
    ///
    /// [`is_no_space`](ipc_core::Error::is_no_space) if the heap is full;
    /// [`is_invalid_argument`](ipc_core::Error::is_invalid_argument) in a forked child.
    pub fn downgrade(&self) -> Result<HeapWeak<'h, T>> {
        let Share { local, block, .. } = *self.share;
        let downgrade = || {
            local.check("downgrade")?;
            let share = Share::new::<T>(local, block, Change::Downgrade, Change::DropWeak)?;
            share.ok_or_else(|| Refusal::os("downgrade", Errno::EOVERFLOW))
        };
        let share = downgrade().map_err(|refusal| local.name(refusal))?;
        Ok(HeapWeak { share, of: PhantomData })
    }

    /// The number of strong references of the heap and of all handles. A reference and its clones
    /// count as one. References of a dead process are included until another process recovers it.
    #[must_use]
    pub fn strong_count(&self) -> u64 {
        let counts = self.share.local.counts(self.share.block);
        u64::from(counts.held) + u64::from(counts.passed)
    }

    /// The number of weak references of all handles.
    #[must_use]
    pub fn weak_count(&self) -> u64 {
        self.share.local.counts(self.share.block).weak.into()
    }

    /// Returns `true` if both references are to the same value, and both come from the same handle
    /// of the heap, or from handles that [`Heap::try_clone`](crate::Heap::try_clone) made of it.
    #[must_use]
    pub fn ptr_eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(self.share.local.store(), other.share.local.store())
            && self.share.block == other.share.block
    }
}

impl<'h, T: Plain> HeapWeak<'h, T> {
    /// Returns a reference that keeps the value; `None` if the value has no strong reference any
    /// more.
    ///
    /// # Errors
    ///
    /// Those of [`downgrade`](HeapArc::downgrade).
    pub fn upgrade(&self) -> Result<Option<HeapArc<'h, T>>> {
        let Share { local, block, .. } = *self.share;
        let upgrade = || {
            local.check("upgrade")?;
            Share::new::<T>(local, block, Change::Upgrade, Change::Drop)
        };
        Ok(upgrade().map_err(|refusal| local.name(refusal))?.map(HeapArc::of))
    }
}

impl<T> Clone for HeapArc<'_, T> {
    fn clone(&self) -> Self {
        Self { share: Rc::clone(&self.share), of: PhantomData }
    }
}

impl<T> Clone for HeapWeak<'_, T> {
    fn clone(&self) -> Self {
        Self { share: Rc::clone(&self.share), of: PhantomData }
    }
}

impl<T: Plain + fmt::Debug> fmt::Debug for HeapArc<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.get().fmt(f)
    }
}

impl<T> fmt::Debug for HeapWeak<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(Weak)")
    }
}
