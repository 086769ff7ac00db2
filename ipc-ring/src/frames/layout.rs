//! The layout of frames in memory.
//!
//! ```text
//!  0.. 8   magic, "IPCFRAME" read big-endian
//!  8..12   version, 1
//! 12..16   number of slots, K, at least 2
//! 16..20   which readers the writer wakes: 1 those that announce themselves, 2 all, for each frame
//! 20..24   zero
//! 24..32   offset of the page of the readers
//! 32..40   offset of the part of the writer, on a page of its own
//! 40..48   offset of the first slot
//! 48..56   distance between two slots
//! 56..64   the PID namespace and the time namespace of the writer
//! 64..     the header of an array of the shape of one frame, as in the format WA-1
//!
//!          the page of the readers, on a boundary of 64 bytes:
//!  0.. 4     1 if readers may sleep
//! 64..       64 entries of 64 bytes, one for each reader:
//!  0.. 8       its process, 0 if the entry is free
//!  8..16       the number of the frame that it read last
//! 16..24       how many frames it has missed
//! 24..32       how many frames it has read
//! 32..40       how many of its calls slept
//!
//!          the part of the writer:
//!  0.. 8     its process: id << 37 | start, in ticks since the machine was started
//!  8..12     0 while it writes, 1 if it has closed the frames, 2 if other frames have their place
//! 64..72     the number of the newest frame, 0 before the first
//! 72..76     the bell, on which readers sleep: it changes with each frame
//! 76..80     -1
//!
//!          K slots; frame n is in slot n mod K:
//!  0.. 8     the number of its frame, 0 while it is written
//!  8..16     when that was published, in nanoseconds of CLOCK_MONOTONIC
//! 64..       its elements
//! ```
//!
//! All integers are in the byte order of the machine. Readers need write permission for the page of
//! the readers only, which ends before the page on which the part of the writer begins.

#![expect(unsafe_code, reason = "reaches words and elements in memory that others write")]

use std::ptr::NonNull;

use ipc_core::{Namespaces, Refusal, Result, owner};
use ipc_mem::array::{ArrayHeader, FIXED as ARRAY_FIXED, numbered_layout};
use ipc_mem::{Kind, Plain, Plan, ReadOnly, Shape, Structure, Tag, page_size};

use super::parts::{ReadersPart, WriterPart};
use super::slot::SlotHead;
use super::{FrameOptions, FramesLayout, Wake};

const MAGIC: [u8; 8] = u64::from_be_bytes(*b"IPCFRAME").to_ne_bytes();
const VERSION: u32 = 1;
const UNIT: usize = 64;
const ARRAY_AT: usize = 64;
const MIN_SLOTS: usize = 2;
const MAX_SLOTS: usize = 1 << 20;

/// Frames of any element type behind their header.
#[derive(Debug)]
pub(crate) struct Frames {
    base: NonNull<u8>,
    place: Place,
}

/// The specification of new frames.
#[derive(Clone, Debug)]
pub(crate) struct Spec {
    /// The header of the array that each frame is.
    array: Vec<u8>,
    /// The bytes of the elements of a frame.
    bytes: usize,
    slots: usize,
    wake: Wake,
}

impl Spec {
    /// # Errors
    ///
    /// An invalid argument if there can be no such array.
    pub(super) fn new<T: Plain>(options: &FrameOptions) -> Result<Self, Refusal> {
        let (array, header, total) = ArrayHeader::for_new::<T>(options.shape)?;
        let bytes = total - header.offset;
        Ok(Self { array, bytes, slots: options.slots, wake: options.wake })
    }
}

/// The offsets and sizes of all parts.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    /// The header of the array that each frame is.
    array: Vec<u8>,
    header: ArrayHeader,
    slots: usize,
    wake: Wake,
    readers_at: usize,
    writer_at: usize,
    slots_at: usize,
    /// The distance from one slot to the next, in bytes.
    stride: usize,
    /// Its ids of processes mean the same here.
    is_our_namespace: bool,
}

/// The offset of the page of the readers behind a header of that length.
fn readers_at(head: usize) -> usize {
    head.next_multiple_of(UNIT)
}

fn half(head: &[u8], at: usize) -> u32 {
    u32::from_ne_bytes(std::array::from_fn(|i| head[at + i]))
}

/// A number that does not fit here is too large for anything.
fn word(head: &[u8], at: usize) -> usize {
    let word = u64::from_ne_bytes(std::array::from_fn(|i| head[at + i]));
    usize::try_from(word).unwrap_or(usize::MAX)
}

impl Place {
    /// The part that programs show.
    ///
    /// # Errors
    ///
    /// A mismatch if the description of the elements is damaged.
    pub(super) fn layout(&self) -> Result<FramesLayout, Refusal> {
        let described = self.header.description(&self.array)?;
        let described = described.map_or(Kind::OPAQUE, |description| description.kind());
        let (kind, shape) = (self.header.kind().unwrap_or(described), self.header.shape);
        Ok(FramesLayout { kind, shape, slots: self.slots, wake: self.wake })
    }

    /// The length of all parts; `None` if they do not follow each other, or no memory holds them.
    fn end(&self, head: usize) -> Option<usize> {
        let readers_end = self.readers_at.checked_add(size_of::<ReadersPart>())?;
        let writer_end = self.writer_at.checked_add(size_of::<WriterPart>())?;
        let is_ordered = self.readers_at == readers_at(head)
            && self.writer_at >= readers_end
            && self.slots_at >= writer_end
            && self.stride > size_of::<SlotHead>();
        let is_aligned =
            [self.writer_at, self.slots_at, self.stride].iter().all(|at| at.is_multiple_of(UNIT));
        let end = self.stride.checked_mul(self.slots)?.checked_add(self.slots_at)?;
        (is_ordered && is_aligned && isize::try_from(end).is_ok()).then_some(end)
    }
}

impl Frames {
    pub(super) fn shape(&self) -> &Shape {
        &self.place.header.shape
    }

    pub(super) fn place(&self) -> &Place {
        &self.place
    }

    pub(super) fn slots(&self) -> usize {
        self.place.slots
    }

    pub(super) fn wake(&self) -> Wake {
        self.place.wake
    }

    pub(super) fn is_our_namespace(&self) -> bool {
        self.place.is_our_namespace
    }

    /// The offset of the page of the readers.
    pub(super) fn readers_at(&self) -> usize {
        self.place.readers_at
    }

    /// The number of elements of a frame, if they are of type `T`.
    ///
    /// # Errors
    ///
    /// A mismatch, with what was found and what was wanted.
    pub(super) fn expect<T: Plain>(&self) -> Result<usize, Refusal> {
        let Place { header, array, stride, .. } = &self.place;
        header.expect_element::<T>(array)?;
        if align_of::<T>() > UNIT {
            let why = format_args!("elements on a boundary of {} bytes", align_of::<T>());
            return Err(Refusal::mismatch("open", why));
        }
        let room = stride - size_of::<SlotHead>();
        let len = header.shape.checked_len();
        let len =
            len.filter(|len| len.checked_mul(size_of::<T>()).is_some_and(|size| size <= room));
        len.ok_or_else(|| {
            let why = format_args!("found {} elements in a slot of {room} bytes", header.shape);
            Refusal::mismatch("open", why)
        })
    }

    /// The words of the writer, for reading unless this process is the writer.
    pub(super) fn writer(&self) -> &WriterPart {
        // SAFETY: planned or checked to lie within the bytes, which are mapped (contract of `at`).
        let place = unsafe { self.base.add(self.place.writer_at) };
        // SAFETY: atomics, of which any bytes are a value, on a boundary of 64 (`at`, `end`); mapped
        // as long as `self`.
        unsafe { place.cast().as_ref() }
    }

    /// The words of the readers, for reading unless the memory is writable.
    pub(super) fn readers(&self) -> &ReadersPart {
        // SAFETY: planned or checked to lie within the bytes, which are mapped (contract of `at`).
        let place = unsafe { self.base.add(self.place.readers_at) };
        // SAFETY: atomics, of which any bytes are a value, on a boundary of 64 (`at`, `end`); mapped
        // as long as `self`.
        unsafe { place.cast().as_ref() }
    }

    /// The slot of a frame: its head, and the address of its first element.
    #[inline]
    pub(super) fn slot(&self, sequence: u64) -> (&SlotHead, NonNull<u8>) {
        #[expect(clippy::cast_possible_truncation, reason = "less than the number of slots")]
        let index = (sequence % self.place.slots as u64) as usize;
        // SAFETY: the index is below the number of slots, all of which lie within the bytes, which
        // are mapped (contract of `at`).
        let place = unsafe { self.base.add(self.place.slots_at + index * self.place.stride) };
        // SAFETY: atomics, of which any bytes are a value, on a boundary of 64 (`at`, `end`); mapped
        // as long as `self`.
        let head = unsafe { place.cast::<SlotHead>().as_ref() };
        // SAFETY: a slot is longer than its head (`end`).
        (head, unsafe { place.add(size_of::<SlotHead>()) })
    }
}

// SAFETY: 1. `check` accepts offsets only if all parts follow each other within `size` bytes (`end`).
// 2. Safe code gets atomics; only this crate reaches elements, and it moves granules. 3. The kernel
// refers to no byte after a wait has returned. 4. Writers require a memory object with
// `ReadWrite`; readers only load, and write to the page of the readers through a mapping of their own.
unsafe impl Structure for Frames {
    const TAG: Tag = Tag::FRAMES;
    const FIXED: usize = ARRAY_AT + ARRAY_FIXED;

    type Access = ReadOnly;
    type Options = Spec;
    type Layout = Place;

    #[expect(clippy::cast_possible_truncation, reason = "fewer slots than `MAX_SLOTS`")]
    fn plan(spec: &Spec) -> Result<Plan<Place>, Refusal> {
        let Spec { array, bytes, slots, wake } = spec;
        if !(MIN_SLOTS..=MAX_SLOTS).contains(slots) {
            let why = format_args!("{slots} slots, {MIN_SLOTS} to {MAX_SLOTS} are possible");
            return Err(Refusal::invalid("create", why));
        }
        let header = ArrayHeader::decode(array, array.len())?;
        let head_len = ARRAY_AT + array.len();
        let readers_at = readers_at(head_len);
        // A page for the words that readers may only read.
        let writer_at =
            (readers_at + size_of::<ReadersPart>()).next_multiple_of(page_size().max(4096));
        let stride = bytes.checked_next_multiple_of(UNIT);
        let place = Place {
            array: array.clone(),
            header,
            slots: *slots,
            wake: *wake,
            readers_at,
            writer_at,
            slots_at: writer_at + size_of::<WriterPart>(),
            stride: stride.and_then(|size| size.checked_add(size_of::<SlotHead>())).unwrap_or(0),
            is_our_namespace: true,
        };
        let size = place.end(head_len).ok_or_else(|| {
            let why = format!("no memory holds {slots} frames of {} elements", header.shape);
            Refusal::invalid("create", why)
        })?;
        let here = Namespaces::here();
        let mut head = Vec::with_capacity(head_len);
        head.extend(MAGIC);
        for half in [VERSION, *slots as u32, wake.code(), 0] {
            head.extend(half.to_ne_bytes());
        }
        for word in [readers_at, writer_at, place.slots_at, place.stride] {
            head.extend((word as u64).to_ne_bytes());
        }
        head.extend(here.pid().to_ne_bytes());
        head.extend(here.time().to_ne_bytes());
        head.extend(array);
        Ok(Plan { head, size, align: UNIT, layout: place })
    }

    fn head_len(fixed: &[u8]) -> Result<usize, Refusal> {
        if fixed[..8] != MAGIC {
            return Err(Refusal::mismatch("open", "found something that is not frames"));
        }
        if half(fixed, 8) != VERSION {
            let why = format!("found version {} of the format, wanted {VERSION}", half(fixed, 8));
            return Err(Refusal::mismatch("open", why));
        }
        Ok(ARRAY_AT + ArrayHeader::len(&fixed[ARRAY_AT..])?)
    }

    fn check(head: &[u8], size: usize) -> Result<Place, Refusal> {
        let array = &head[ARRAY_AT..];
        let header = ArrayHeader::decode(array, array.len().next_multiple_of(UNIT))?;
        let slots = half(head, 12) as usize;
        let refuse = |why: String| Err(Refusal::mismatch("open", why));
        if !(MIN_SLOTS..=MAX_SLOTS).contains(&slots) {
            return refuse(format!("found {slots} slots, {MIN_SLOTS} to {MAX_SLOTS} are possible"));
        }
        let Some(wake) = Wake::from_code(half(head, 16)) else {
            return refuse(format!(
                "found way {} of waking readers, wanted 1 or 2",
                half(head, 16)
            ));
        };
        let theirs = Namespaces::new(half(head, 56), half(head, 60));
        let ours = Namespaces::here();
        let place = Place {
            array: array.to_vec(),
            header,
            slots,
            wake,
            readers_at: word(head, 24),
            writer_at: word(head, 32),
            slots_at: word(head, 40),
            stride: word(head, 48),
            is_our_namespace: ours.pid() != 0 && ours.difference(theirs).is_none(),
        };
        // The size of described elements is compared when their type is known (`expect`).
        let element = header.kind().and_then(numbered_layout).map_or(1, |layout| layout.size());
        let room = place.stride.saturating_sub(size_of::<SlotHead>());
        let bytes = header.shape.checked_len().and_then(|len| len.checked_mul(element));
        let is_whole = bytes.is_some_and(|bytes| bytes <= room);
        match place.end(ARRAY_AT + header.offset) {
            Some(end) if end <= size && is_whole => Ok(place),
            _ => refuse(format!(
                "found {size} bytes, in which {slots} slots of {} bytes with frames of {} cannot be",
                place.stride, header.shape
            )),
        }
    }

    unsafe fn init(base: NonNull<u8>, place: &Place, _spec: Spec) -> Result<()> {
        // SAFETY: planned to lie within the bytes (contract).
        let writer = unsafe { base.add(place.writer_at) }.cast::<WriterPart>();
        // SAFETY: on a boundary of 64, as `base` is; the bytes are zero, which are atomics, mapped,
        // and accessed by no other code (contract).
        unsafe { writer.as_ref() }.begin(owner::here());
        Ok(())
    }

    unsafe fn at(base: NonNull<u8>, place: Place) -> Result<Self, Refusal> {
        const { assert!(align_of::<WriterPart>() == UNIT && align_of::<ReadersPart>() == UNIT) };
        const { assert!(size_of::<SlotHead>() == UNIT) };
        if !base.addr().get().is_multiple_of(UNIT) {
            let why = format_args!("it does not begin on a boundary of {UNIT} bytes");
            return Err(Refusal::mismatch("open", why));
        }
        Ok(Self { base, place })
    }
}

// SAFETY: an address and numbers, bound to no thread; what is there is atomics and plain data.
unsafe impl Send for Frames {}

// SAFETY: an address and numbers, bound to no thread; what is there is atomics, and plain data that
// is moved by granules.
unsafe impl Sync for Frames {}
