//! The layout of a heap.
//!
//! ```text
//!   0..128   the header
//! 128..384   the control block
//!            participants of 128 bytes
//!            buckets of 8 bytes, one for each object
//!            objects of 256 bytes, at a multiple of 64 bytes
//!            page words of 8 bytes
//!            slabs of 1600 bytes, one for each page, at a multiple of 64 bytes
//!            pages of 64 KiB, at a multiple of 64 KiB
//! ```
//!
//! | header | meaning |
//! |---|---|
//! | 0..8 | "IPCHEAP1", read big-endian |
//! | 8..12 | version, 1 |
//! | 12..16 | the number of participants |
//! | 16..20 | the number of objects |
//! | 20..24 | zero |
//! | 24..32 | the maximum number of pages; those behind the end of the memory object can be used when it has grown |
//! | 32..56 | what created it (`ipc_mem::Maker`), for the words that name processes |
//! | 56..128 | zero |
//!
//! | page word | meaning |
//! |---|---|
//! | bits 0..8 | 0 free, 1 claimed, 2 a slab, 3 the first page of an extent |
//! | bit 8 | the extent is kept |
//! | bits 16..32 | its owner: the number of a participant, plus 1; 0 for a slab without an owner |
//! | bits 32..64 | the size class of a slab, or the number of pages of an extent |
//!
//! | participant | meaning |
//! |---|---|
//! | 0..8 | 0, or the process (`ipc_core::owner`), with a flag while that process recovers what another left |
//! | 8..16 | its intent: the operation that it carries out, or 0 |
//! | 16..120 | the operands of the intent |
//! | 120..128 | the offset of the first block that lists its counted values (`shares.rs`), or 0 |
//!
//! | object | meaning |
//! |---|---|
//! | 0..8 | its kind in bits 0..8, 0 if the object is free; its generation in the others |
//! | 8..16 | the number plus 1 of the next object in the same bucket, or of the next free one; 0 at the end of the list |
//! | 16..40 | its native mutex |
//! | 40..48 | the offset of its content, a block; 0 without content |
//! | 48..56 | its length, in elements or bytes; for a double-ended queue, the number of its last element plus 1 |
//! | 56..64 | a number whose meaning depends on the kind (below: *third number*); for a double-ended queue, the number of its first element |
//! | 64..72 | the hash of its type |
//! | 72..80 | the offset of the description of its type, a block |
//! | 80..88 | its family in bits 0..8: 0 anonymous, 1 named, 2 unique, 3 owned by another object; the length of its name in bits 32..64 |
//! | 88..96 | its version (`version.rs`), odd while it is locked |
//! | 96..256 | its name, or the identity of its owner |
//!
//! All integers are in the byte order of the machine. An offset counts bytes from the beginning of
//! the memory object. All processes access everything but the mutexes as atomic integers of 8
//! bytes, including the content of blocks. The mutexes never move as long as the heap exists. So no
//! byte is accessed with different widths, whatever stale offsets or handles a program uses.

#![expect(unsafe_code, reason = "reaches memory that other processes write")]

use std::ptr::NonNull;
use std::slice;
use std::sync::atomic::{AtomicU64, Ordering};

use ipc_core::{Refusal, Result};
use ipc_mem::{Kind, Maker, Plan, ReadOnly, Resident, Schema, Structure, Tag};
use ipc_sync::futex::RawMutex;

use crate::HeapOptions;
use crate::place::{CONTROL_AT, PARTICIPANTS_AT, Place};
use crate::version::Version;

/// The size of a page.
pub(crate) const PAGE: u64 = 1 << 16;

const MAGIC: u64 = u64::from_be_bytes(*b"IPCHEAP1");
const VERSION: u32 = 1;
pub(crate) const FIXED: usize = 128;
const MAKER_AT: usize = 32;

/// The alignment of a heap. Memory objects of one process (`LocalMemory`) have it as well.
const ALIGN: usize = 64;

pub(crate) const MAX_PARTICIPANTS: u64 = 4096;
pub(crate) const MAX_OBJECTS: u64 = 1 << 24;
pub(crate) const MAX_PAGES: u64 = 1 << 26;

/// The number of operands of an intent.
pub(crate) const OPERANDS: usize = 13;

/// The number of words of a name.
pub(crate) const NAME_WORDS: usize = 20;

/// Words that name a process depend on the PID namespace, as those of native locks do.
const OWNED: &Schema = &Schema::of::<u64>(Kind::FUTEX_MUTEX);

/// An entry of a table of a heap.
///
/// # Safety
///
/// The type is `repr(C)`, on a boundary of at most 64 bytes, and consists of atomic integers and
/// native mutexes: any bytes are a value, and any number of processes use it through `&`.
unsafe trait Entry {}

// SAFETY: an atomic integer.
unsafe impl Entry for AtomicU64 {}

/// The control block.
#[repr(C, align(64))]
pub(crate) struct Control {
    /// Held while objects are created, found or destroyed.
    pub(crate) directory: RawMutex,
    /// The number plus 1 of the first object that is free.
    pub(crate) free_object: AtomicU64,
    /// The highest number of a participant that ever existed, plus 1.
    pub(crate) participants: AtomicU64,
    /// Not 0 if there may be slabs without an owner.
    pub(crate) orphans: AtomicU64,
    /// The number of the page at which a search for a free page begins.
    pub(crate) free_page: AtomicU64,
    /// Held while the counts of a counted value change.
    pub(crate) counts: RawMutex,
    /// Not 0 if there may be objects whose owner was destroyed.
    pub(crate) ownerless: AtomicU64,
    /// The version of the directory.
    pub(crate) version: Version,
    rest: [AtomicU64; 20],
}

// SAFETY: `repr(C)` on a boundary of 64 bytes, native mutexes and atomic integers.
unsafe impl Entry for Control {}

/// A participant: a handle of a process, which one thread at a time uses.
#[repr(C, align(64))]
pub(crate) struct Participant {
    pub(crate) word: AtomicU64,
    pub(crate) intent: AtomicU64,
    pub(crate) operands: [AtomicU64; OPERANDS],
    pub(crate) shares: AtomicU64,
}

// SAFETY: `repr(C)` on a boundary of 64 bytes, atomic integers.
unsafe impl Entry for Participant {}

/// An object.
#[repr(C, align(64))]
pub(crate) struct Record {
    pub(crate) state: AtomicU64,
    pub(crate) next: AtomicU64,
    pub(crate) mutex: RawMutex,
    pub(crate) content: AtomicU64,
    pub(crate) len: AtomicU64,
    pub(crate) third: AtomicU64,
    pub(crate) type_hash: AtomicU64,
    pub(crate) description: AtomicU64,
    pub(crate) key: AtomicU64,
    pub(crate) version: Version,
    pub(crate) name: [AtomicU64; NAME_WORDS],
}

// SAFETY: `repr(C)` on a boundary of 64 bytes, a native mutex and atomic integers.
unsafe impl Entry for Record {}

/// The bitmaps of a slab. Only the owner of the slab, or the process that recovers the owner,
/// writes `free`, `kept` and `summary`.
///
/// | free | kept | block |
/// |---|---|---|
/// | 1 | 0 | is free |
/// | 0 | 0 | belongs to the owner of the slab, and is free when the owner dies |
/// | 0 | 1 | belongs to the heap |
#[repr(C, align(64))]
pub(crate) struct Slab {
    /// A bit for each word of `free` that is not 0. It is a hint, and can be computed again.
    pub(crate) summary: AtomicU64,
    /// Not 0 if there may be bits in `remote`.
    pub(crate) pending: AtomicU64,
    rest: [AtomicU64; 6],
    pub(crate) free: [AtomicU64; 64],
    pub(crate) kept: [AtomicU64; 64],
    /// The blocks that other participants freed, until the owner collects them.
    pub(crate) remote: [AtomicU64; 64],
}

// SAFETY: `repr(C)` on a boundary of 64 bytes, atomic integers.
unsafe impl Entry for Slab {}

/// The tables of a heap.
#[derive(Clone)]
pub(crate) struct Parts {
    base: NonNull<u8>,
    pub(crate) place: Place,
}

impl Parts {
    /// Entry `number` of the table that begins at `table`.
    ///
    /// # Safety
    ///
    /// `number` is below the number of entries of type `T` that the table has, according to
    /// `place`.
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "within the memory object")]
    unsafe fn entry<T: Entry>(&self, table: u64, number: u64) -> &T {
        let at = table as usize + number as usize * size_of::<T>();
        // SAFETY: within the memory object (contract; `Place` was planned or checked to fit).
        let entry = unsafe { self.base.add(at) }.cast::<T>();
        // SAFETY: aligned, because the base and the tables are; any bytes are a value that all
        // processes use through `&` (`Entry`), mapped while `self` is used (contract of `at`).
        unsafe { entry.as_ref() }
    }

    #[inline]
    pub(crate) fn control(&self) -> &Control {
        // SAFETY: there is one.
        unsafe { self.entry(CONTROL_AT, 0) }
    }

    #[inline]
    pub(crate) fn participant(&self, number: u64) -> Option<&Participant> {
        // SAFETY: the condition.
        (number < self.place.participants).then(|| unsafe { self.entry(PARTICIPANTS_AT, number) })
    }

    #[inline]
    pub(crate) fn bucket(&self, number: u64) -> Option<&AtomicU64> {
        let at = self.place.buckets_at;
        // SAFETY: the condition.
        (number < self.place.objects).then(|| unsafe { self.entry(at, number) })
    }

    #[inline]
    pub(crate) fn record(&self, number: u64) -> Option<&Record> {
        let at = self.place.records_at;
        // SAFETY: the condition.
        (number < self.place.objects).then(|| unsafe { self.entry(at, number) })
    }

    #[inline]
    pub(crate) fn page_word(&self, page: u64) -> Option<&AtomicU64> {
        let at = self.place.words_at;
        // SAFETY: the condition.
        (page < self.place.pages).then(|| unsafe { self.entry(at, page) })
    }

    #[inline]
    pub(crate) fn slab(&self, page: u64) -> Option<&Slab> {
        let at = self.place.slabs_at;
        // SAFETY: the condition.
        (page < self.place.pages).then(|| unsafe { self.entry(at, page) })
    }

    /// Returns `count` words of pages from `offset` on.
    ///
    /// # Safety
    ///
    /// The memory object has at least `size` bytes.
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "within the memory object")]
    pub(crate) unsafe fn words(&self, offset: u64, count: u64, size: u64) -> Option<&[AtomicU64]> {
        let end = count.checked_mul(8).and_then(|len| offset.checked_add(len));
        let is_within = offset.is_multiple_of(8)
            && offset >= self.place.pages_at
            && end.is_some_and(|end| end <= size);
        if !is_within {
            return None;
        }
        // SAFETY: within the memory object (contract).
        let first = unsafe { self.base.add(offset as usize) }.cast::<AtomicU64>();
        // SAFETY: that many words are in the memory object, aligned like its base; all processes
        // access pages as such words, and they stay mapped while `self` is used (contract of `at`).
        Some(unsafe { slice::from_raw_parts(first.as_ptr(), count as usize) })
    }
}

/// The initial number of pages of a new heap, and its tables, which determine the maximum number.
fn planned(options: &HeapOptions) -> Result<(u64, Place), Refusal> {
    let HeapOptions { size, max_size, participants, objects, .. } = *options;
    let refuse = |why: String| Refusal::invalid("create", why);
    for (found, what, most) in
        [(participants, "participants", MAX_PARTICIPANTS), (objects, "objects", MAX_OBJECTS)]
    {
        if found == 0 || found > most {
            return Err(refuse(format!("{found} {what}; 1 to {most} are possible")));
        }
    }
    // 0 is the default: the heap does not grow.
    if (1..size).contains(&max_size) {
        let why = format!(
            "the maximum size of {max_size} bytes is below the initial size of {size} bytes"
        );
        return Err(refuse(why));
    }
    let pages = |size: usize| (size as u64).div_ceil(PAGE).max(1);
    let most = size.max(max_size);
    let place = Place::new(participants, objects, pages(most)).ok_or_else(|| {
        refuse(format!("a size of {most} bytes, at most {} are possible", MAX_PAGES * PAGE))
    })?;
    Ok((pages(size), place))
}

/// The size of a memory object with that number of pages.
fn size_of_all(place: &Place, pages: u64) -> Result<usize, Refusal> {
    let size = usize::try_from(place.size(pages)).ok();
    size.filter(|size| isize::try_from(*size).is_ok()).ok_or_else(|| {
        let why = format_args!("no memory object holds {pages} pages of {PAGE} bytes");
        Refusal::invalid("create", why)
    })
}

/// The initial and the maximum size of the memory object of a new heap.
pub(crate) fn sizes(options: &HeapOptions) -> Result<(usize, usize), Refusal> {
    let (first, place) = planned(options)?;
    Ok((size_of_all(&place, first)?, size_of_all(&place, place.pages)?))
}

fn number(head: &[u8], at: usize) -> u64 {
    u32::from_ne_bytes(std::array::from_fn(|i| head[at + i])).into()
}

fn word(head: &[u8], at: usize) -> u64 {
    u64::from_ne_bytes(std::array::from_fn(|i| head[at + i]))
}

/// The positions of the tables of a heap of `size` bytes that begins with these bytes, which may be
/// arbitrary.
pub(crate) fn place_of(head: &[u8], size: usize) -> Result<Place, Refusal> {
    let wrong = |why: String| Err(Refusal::mismatch("open", why));
    if head.len() < FIXED {
        return wrong(format!("found {} bytes, a header has {FIXED}", head.len()));
    }
    if word(head, 0) != MAGIC {
        return wrong(String::from("found something that is not a heap"));
    }
    if number(head, 8) != u64::from(VERSION) {
        let why = format!("found version {} of the format, wanted {VERSION}", number(head, 8));
        return wrong(why);
    }
    let (participants, objects, pages) = (number(head, 12), number(head, 16), word(head, 24));
    let place = Place::new(participants, objects, pages);
    match place.filter(|place| place.size(1) <= size as u64) {
        Some(place) => Ok(place),
        None => wrong(format!(
            "found {size} bytes, in which a heap of {participants} participants, {objects} objects \
             and {pages} pages cannot be"
        )),
    }
}

// SAFETY: 1. `check` computes the positions of all tables itself, and accepts them only within
// `size` bytes. 2. Safe code gets atomic integers and native mutexes at numbers that are compared
// with those of the header; bytes of pages as atomic integers only. 3. The kernel refers to the
// bytes only while a thread sleeps on a mutex, which borrows the structure. 4. A handle that is a
// participant exists only for a memory object with write access (`Heap::attach`), and the methods of
// `Heap` that write exist only for such memory; views load words only (`view.rs`).
unsafe impl Structure for Parts {
    const TAG: Tag = Tag::HEAP;
    const FIXED: usize = FIXED;

    type Access = ReadOnly;
    type Options = HeapOptions;
    type Layout = Place;

    fn plan(options: &HeapOptions) -> Result<Plan<Place>, Refusal> {
        let (first, place) = planned(options)?;
        let size = size_of_all(&place, first)?;
        let mut head = Vec::with_capacity(FIXED);
        head.extend(MAGIC.to_ne_bytes());
        head.extend(VERSION.to_ne_bytes());
        for number in [place.participants, place.objects, 0] {
            // Within the limits above.
            head.extend(u32::try_from(number).unwrap_or(0).to_ne_bytes());
        }
        head.extend(place.pages.to_ne_bytes());
        head.extend(Maker::here().encode());
        head.resize(FIXED, 0);
        Ok(Plan { head, size, align: ALIGN, layout: place })
    }

    fn check(head: &[u8], size: usize) -> Result<Place, Refusal> {
        let place = place_of(head, size)?;
        let maker = Maker::decode(std::array::from_fn(|i| head[MAKER_AT + i]));
        match Maker::here().refusal(maker, OWNED) {
            Some(why) => Err(Refusal::mismatch("open", why)),
            None => Ok(place),
        }
    }

    unsafe fn init(base: NonNull<u8>, place: &Place, _options: HeapOptions) -> Result<()> {
        // SAFETY: the same bytes as in the contract, which holds for `at` as well: zeros are what
        // the tables consist of.
        let parts = unsafe { Self::at(base, *place) }.map_err(|refusal| refusal.on(""))?;
        let Control { directory, counts, free_object, .. } = parts.control();
        for mutex in [directory, counts] {
            // SAFETY: a mutex of zeros, which no other code accesses yet.
            unsafe { RawMutex::init(NonNull::from(mutex), ()) }?;
        }
        free_object.store(1, Ordering::Relaxed);
        for number in 0..place.objects {
            let Some(record) = parts.record(number) else { break };
            // SAFETY: a mutex of zeros, which no other code accesses yet.
            unsafe { RawMutex::init(NonNull::from(&record.mutex), ()) }?;
            let next = if number + 1 < place.objects { number + 2 } else { 0 };
            record.next.store(next, Ordering::Relaxed);
        }
        Ok(())
    }

    unsafe fn at(base: NonNull<u8>, place: Place) -> Result<Self, Refusal> {
        if !base.addr().get().is_multiple_of(ALIGN) {
            let why = format!("it does not begin on a boundary of {ALIGN} bytes");
            return Err(Refusal::mismatch("open", why));
        }
        Ok(Self { base, place })
    }
}

// SAFETY: an address and numbers, bound to no thread; other threads and processes use what is there
// at the same time anyway (`Entry`).
unsafe impl Send for Parts {}

// SAFETY: an address and numbers, bound to no thread; other threads and processes use what is there
// at the same time anyway (`Entry`).
unsafe impl Sync for Parts {}

#[cfg(test)]
mod tests {
    use super::*;
    use std::mem::offset_of;

    #[test]
    fn the_tables_are_as_documented() {
        assert_eq!([size_of::<Control>(), size_of::<Participant>()], [256, 128]);
        assert_eq!([offset_of!(Participant, operands), offset_of!(Participant, shares)], [16, 120]);
        assert_eq!([size_of::<Record>(), size_of::<Slab>()], [256, 1600]);
        assert_eq!([offset_of!(Record, mutex), size_of::<RawMutex>()], [16, 24]);
        assert_eq!([offset_of!(Record, content), offset_of!(Record, description)], [40, 72]);
        assert_eq!([offset_of!(Record, key), offset_of!(Record, name)], [80, 96]);
    }

    #[test]
    fn whatever_the_header_says_all_tables_lie_within() {
        let head = Parts::plan(&HeapOptions::new(1 << 20)).unwrap();
        assert_eq!(Parts::check(&head.head, head.size).unwrap(), head.layout);
        assert!(Parts::check(&head.head, usize::try_from(head.layout.pages_at).unwrap()).is_err());
        for (at, bytes) in [
            (0, [0; 8]),
            (8, [9, 0, 0, 0, 1, 0, 0, 0]),
            (12, [0; 8]),
            (16, [0xff; 8]),
            (24, [0; 8]),
            (24, [0xff; 8]),
            (32, [0x55; 8]),
        ] {
            let mut damaged = head.head.clone();
            damaged[at..at + 8].copy_from_slice(&bytes);
            assert!(Parts::check(&damaged, head.size).is_err(), "{at}");
        }
    }
}
