//! The layout of a snapshot array.
//!
//! ```text
//!  0.. 8   magic, "IPCSNAPS" read big-endian
//!  8..12   version, 2
//! 12..16   number of copies, N
//! 16..20   length of the header of the array
//! 20..24   offset of the latch
//! 24..32   offset of the first copy
//! 32..56   what created it (`ipc_mem::Maker`), for the lock in the latch
//! 56..64   zero
//! 64..     the header of an array of the shape of one version, as in the format WA-1
//!          the latch, on a boundary of 64 bytes
//!          N copies of the elements, each on a boundary of 64 bytes
//! ```
//!
//! All integers are in the byte order of the machine.

#![expect(
    unsafe_code,
    reason = "reaches a latch and elements in memory that other processes write"
)]

use std::alloc::Layout;
use std::ptr::NonNull;

use ipc_core::Refusal;
use ipc_mem::memory::at_offset;
use ipc_mem::{Maker, Plain, Plan, ReadOnly, Resident, Structure, Tag};
use ipc_sync::SnapshotLatch;

use crate::Shape;
use crate::elements::Elements;
use ipc_mem::array::{self, ArrayHeader};

const MAGIC: [u8; 8] = u64::from_be_bytes(*b"IPCSNAPS").to_ne_bytes();
/// Version 1 had no word in the latch for readers that wait.
const VERSION: u32 = 2;
const UNIT: usize = 64;
const ARRAY_AT: usize = 64;
const MAKER_AT: usize = 32;
const MAX_COPIES: usize = 1024;
/// The part of a header that every snapshot array has.
pub(crate) const FIXED: usize = ARRAY_AT + array::FIXED;

/// A latch and copies of elements behind a header.
#[derive(Debug)]
pub(crate) struct Copies<T> {
    latch: NonNull<SnapshotLatch>,
    data: NonNull<T>,
    place: Place,
}

/// The options of a new snapshot array.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CopiesOptions {
    pub(crate) shape: Shape,
    pub(crate) copies: usize,
}

/// The offsets and sizes of all parts.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) shape: Shape,
    len: usize,
    pub(crate) copies: usize,
    latch_at: usize,
    data_at: usize,
    /// The distance from one copy to the next, in bytes.
    stride: usize,
    /// The reason why this process cannot lock the latch, if it cannot.
    refusal: Option<String>,
}

impl Place {
    /// Computes the offsets of all parts behind a header of `head` bytes, and the total length. A
    /// version has so many elements, which have that layout.
    ///
    /// Returns `None` if no memory object can hold all parts.
    fn new(
        shape: Shape,
        (len, layout): (usize, Layout),
        copies: usize,
        head: usize,
    ) -> Option<(Self, usize)> {
        let latch_at = head.checked_next_multiple_of(UNIT)?;
        let data_at =
            latch_at.checked_add(size_of::<SnapshotLatch>())?.checked_next_multiple_of(UNIT)?;
        let stride = layout.size().checked_next_multiple_of(UNIT)?;
        let total = stride.checked_mul(copies)?.checked_add(data_at)?;
        isize::try_from(total).ok()?;
        Some((Self { shape, len, copies, latch_at, data_at, stride, refusal: None }, total))
    }

    /// Decodes the rest of a header, whose array header and elements in a version are these: their
    /// number and layout, or `None` if no memory object can hold them.
    pub(crate) fn decode(
        head: &[u8],
        size: usize,
        header: &ArrayHeader,
        elements: Option<(usize, Layout)>,
    ) -> Result<Self, Refusal> {
        let copies = half(head, 12) as usize;
        if !(2..=MAX_COPIES).contains(&copies) {
            return Err(Refusal::mismatch(
                "open",
                format_args!("found {copies} copies, 2 to {MAX_COPIES} are possible"),
            ));
        }
        let place = |elements| Self::new(header.shape, elements, copies, ARRAY_AT + header.offset);
        let fits = elements.and_then(place).filter(|(place, total)| {
            let data_at = u64::from_ne_bytes(std::array::from_fn(|i| head[24 + i]));
            let told = (half(head, 20) as usize, data_at) == (place.latch_at, place.data_at as u64);
            told && *total <= size
        });
        let (place, _) = fits.ok_or_else(|| {
            let why = format!(
                "found {size} bytes, in which {copies} copies of {} cannot be",
                header.shape
            );
            Refusal::mismatch("open", why)
        })?;
        Ok(place)
    }
}

/// Decodes the header of the array in a header of the length that [`head_len`] returned. The second
/// value is its bytes.
pub(crate) fn array_header(head: &[u8]) -> Result<(ArrayHeader, &[u8]), Refusal> {
    let array = &head[ARRAY_AT..];
    Ok((ArrayHeader::decode(array, array.len().next_multiple_of(UNIT))?, array))
}

/// The length of the header that begins with these [`FIXED`] bytes, which may have any values.
pub(crate) fn head_len(fixed: &[u8]) -> Result<usize, Refusal> {
    if fixed[..8] != MAGIC {
        return Err(Refusal::mismatch("open", "found something that is not a snapshot array"));
    }
    if half(fixed, 8) != VERSION {
        let why = format!("found version {} of the format, wanted {VERSION}", half(fixed, 8));
        return Err(Refusal::mismatch("open", why));
    }
    Ok(ARRAY_AT + ArrayHeader::len(&fixed[ARRAY_AT..])?)
}

impl<T: Plain> Copies<T> {
    pub(crate) fn shape(&self) -> &Shape {
        &self.place.shape
    }

    pub(crate) fn len(&self) -> usize {
        self.place.len
    }

    pub(crate) fn copies(&self) -> usize {
        self.place.copies
    }

    /// The latch, for reading.
    pub(crate) fn latch(&self) -> &SnapshotLatch {
        // SAFETY: a latch was initialised there (contract of `at`), and the bytes stay mapped while
        // `self` lives; all processes use it through `&`. Only methods that read are called, unless
        // `writable` allowed others.
        unsafe { self.latch.as_ref() }
    }

    /// The latch, for locking, in writable memory.
    pub(crate) fn writable(&self) -> Result<&SnapshotLatch, Refusal> {
        match &self.place.refusal {
            Some(why) => Err(Refusal::mismatch("write", why)),
            None => Ok(self.latch()),
        }
    }

    /// The first element of a copy.
    pub(crate) fn place(&self, copy: usize) -> NonNull<T> {
        assert!(copy < self.place.copies, "copy {copy} of {}", self.place.copies);
        at_offset(self.data, copy * self.place.stride)
    }
}

fn half(head: &[u8], at: usize) -> u32 {
    u32::from_ne_bytes(std::array::from_fn(|i| head[at + i]))
}

// SAFETY: 1. `check` computes the offsets of the latch and the copies itself, compares them with
// those in the header, and accepts them only within `size` bytes. 2. Safe code copies granules of
// `T` in and out, and uses the latch as a resident that its creator initialised. 3. Of the latch,
// only the lock of the writers may be known to the kernel, which `may_unmap` checks. 4. Methods of
// `SnapshotArray` that write require a memory object with `ReadWrite`; a reader only loads
// atomics of the latch, and sleeps on one.
unsafe impl<T: Plain> Structure for Copies<T> {
    const TAG: Tag = Tag::SNAPSHOT;
    const FIXED: usize = FIXED;

    type Access = ReadOnly;
    type Options = CopiesOptions;
    type Layout = Place;

    #[expect(
        clippy::cast_possible_truncation,
        reason = "lengths of headers, and 1024 copies at most"
    )]
    fn plan(&CopiesOptions { shape, copies }: &CopiesOptions) -> Result<Plan<Place>, Refusal> {
        if !(2..=MAX_COPIES).contains(&copies) {
            return Err(Refusal::invalid(
                "create",
                format_args!("{copies} copies, 2 to {MAX_COPIES} are possible"),
            ));
        }
        let (array, ..) = ArrayHeader::for_new::<T>(shape)?;
        let elements = Elements::<T>::layout(&shape).ok();
        let planned = elements
            .and_then(|elements| Place::new(shape, elements, copies, ARRAY_AT + array.len()));
        let (place, size) = planned.ok_or_else(|| {
            Refusal::invalid(
                "create",
                format_args!("no memory holds {copies} copies of {shape} elements"),
            )
        })?;
        let mut head = Vec::with_capacity(ARRAY_AT + array.len());
        head.extend(MAGIC);
        head.extend(VERSION.to_ne_bytes());
        head.extend((copies as u32).to_ne_bytes());
        head.extend((array.len() as u32).to_ne_bytes());
        head.extend((place.latch_at as u32).to_ne_bytes());
        head.extend((place.data_at as u64).to_ne_bytes());
        head.extend(Maker::here().encode());
        head.resize(ARRAY_AT, 0);
        head.extend(array);
        Ok(Plan { head, size, align: UNIT, layout: place })
    }

    fn head_len(fixed: &[u8]) -> Result<usize, Refusal> {
        head_len(fixed)
    }

    fn check(head: &[u8], size: usize) -> Result<Place, Refusal> {
        let (header, array) = array_header(head)?;
        header.expect_element::<T>(array)?;
        let elements = Elements::<T>::layout(&header.shape).ok();
        let mut place = Place::decode(head, size, &header, elements)?;
        let maker = Maker::decode(std::array::from_fn(|i| head[MAKER_AT + i]));
        place.refusal = Maker::here().refusal(maker, SnapshotLatch::SCHEMA);
        Ok(place)
    }

    unsafe fn init(
        base: NonNull<u8>,
        place: &Place,
        _options: CopiesOptions,
    ) -> ipc_core::Result<()> {
        let latch = at_offset(base, place.latch_at);
        // SAFETY: within the bytes of the plan (contract), and aligned, as the offset is a multiple
        // of 64 and `base` is on such a boundary; the bytes are zero and accessed by no other code
        // (contract).
        unsafe { SnapshotLatch::init(latch.cast(), ()) }
    }

    unsafe fn at(base: NonNull<u8>, place: Place) -> Result<Self, Refusal> {
        const { assert!(align_of::<SnapshotLatch>() <= UNIT) };
        if !base.addr().get().is_multiple_of(UNIT) {
            return Err(Refusal::mismatch(
                "open",
                format_args!("it does not begin on a boundary of {UNIT} bytes"),
            ));
        }
        // Both were planned or checked to lie within the bytes.
        let latch = at_offset(base, place.latch_at).cast();
        let data = at_offset(base, place.data_at).cast();
        Ok(Self { latch, data, place })
    }

    fn may_unmap(&self) -> bool {
        self.latch().may_unmap()
    }
}

// SAFETY: addresses and numbers, bound to no thread; the latch is `Sync` and elements are `Send`
// (`Plain`).
unsafe impl<T: Plain> Send for Copies<T> {}

// SAFETY: addresses and numbers, bound to no thread; the latch is `Sync`, and elements are moved by
// granules.
unsafe impl<T: Plain> Sync for Copies<T> {}
