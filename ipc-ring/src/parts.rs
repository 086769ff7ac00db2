//! The common parts of rings and queues: a header, a control block, words and elements.
//!
//! ```text
//!   0..   the header (`header.rs`)
//!   C..   the control block, at a multiple of 128 bytes, and the words behind it
//!   D..   capacity elements, at a multiple of 128 bytes; number n is at n modulo capacity
//! ```

#![expect(unsafe_code, reason = "reaches memory that other processes write")]

use std::alloc::Layout;
use std::ptr::NonNull;
use std::slice;
use std::sync::atomic::AtomicU64;

use ipc_core::{Refusal, Result};
use ipc_mem::{MemoryOptions, Plain, Plan, ReadWrite, Structure, Tag};

use crate::header::{self, ALIGN, Header};

/// The contents of a ring or queue behind its header.
///
/// # Safety
///
/// 1. `Control` consists of atomic integers, on a boundary of at most 64 bytes; zeros are a new one.
/// 2. Safe code reaches an element through [`Parts::element`] only, as atomic integers or by granules of
///    `Message`, whatever bytes are there.
pub(crate) unsafe trait Contents: Sized + 'static {
    const MAGIC: [u8; 8];
    /// Its name in error messages, with an article.
    const WHAT: &'static str;
    const TAG: Tag;

    type Message: Plain;
    type Control;
    type Element;
    type Options: Copy;

    /// The numbers of a new object in its header.
    fn numbers(options: Self::Options) -> Result<(usize, u64), Refusal>;

    /// The options of its memory object.
    fn memory(options: Self::Options) -> MemoryOptions;

    /// Checks the numbers of a header, and returns the number of words behind the control block.
    fn words(capacity: usize, second: u64) -> Result<usize, String>;

    /// The number of lanes that the words were checked for, each of which has as many elements as
    /// the capacity.
    fn lanes(_second: u64) -> usize {
        1
    }

    /// Describes the numbers of a header, for error messages.
    fn describe(capacity: usize, second: u64) -> String;

    /// Initialises a control block of zeros.
    fn begin(control: &Self::Control);
}

/// A position or number that one side writes often, in cache lines of its own.
#[repr(C, align(64))]
pub(crate) struct Line {
    pub(crate) number: AtomicU64,
    /// How many messages this side has passed on, where the number counts other units.
    pub(crate) messages: AtomicU64,
    rest: [AtomicU64; 14],
}

/// The parts of a ring or queue behind its header.
pub(crate) struct Parts<C: Contents> {
    control: NonNull<C::Control>,
    elements: NonNull<C::Element>,
    mask: u64,
    /// The logarithm of the capacity.
    shift: u32,
    second: u64,
    words: usize,
    lanes: usize,
}

/// The positions of the parts, and the numbers of the header.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    header: Header,
    words: usize,
    lanes: usize,
    elements_at: usize,
}

impl<C: Contents> Parts<C> {
    fn place(header: Header, words: usize, size: Option<usize>) -> Result<(Place, usize), Refusal> {
        let before = size_of::<C::Control>() + words * size_of::<AtomicU64>();
        let lanes = C::lanes(header.second);
        let (elements_at, total) = header.fit(lanes, before, Layout::new::<C::Element>(), size)?;
        Ok((Place { header, words, lanes, elements_at }, total))
    }

    #[inline]
    pub(crate) fn control(&self) -> &C::Control {
        // SAFETY: a control block lies there (contract of `at`), of which any bytes are a value
        // (`Contents`, 1), and which all processes use through `&`; it stays mapped while `self` lives.
        unsafe { self.control.as_ref() }
    }

    /// The words behind the control block.
    #[inline]
    pub(crate) fn words(&self) -> &[AtomicU64] {
        // SAFETY: the words begin where the control block ends.
        let first = unsafe { self.control.add(1) }.cast();
        // SAFETY: that number of words lies there (contract of `at`), of which any bytes are a
        // value, and which all processes use through `&`; they stay mapped while `self` lives.
        unsafe { slice::from_raw_parts(first.as_ptr(), self.words) }
    }

    /// The number of elements: a power of two.
    #[inline]
    pub(crate) fn capacity(&self) -> u64 {
        self.mask + 1
    }

    /// The second number of the header.
    #[inline]
    pub(crate) fn second(&self) -> u64 {
        self.second
    }

    /// The logarithm of the capacity.
    #[inline]
    pub(crate) fn shift(&self) -> u32 {
        self.shift
    }

    /// The index of the element with this number.
    #[inline]
    pub(crate) fn index(&self, number: u64) -> u64 {
        number & self.mask
    }

    /// The number of lanes.
    #[inline]
    pub(crate) fn lanes(&self) -> usize {
        self.lanes
    }

    /// The first element of a lane, which as many as the capacity follow, itself included; of the
    /// last lane if there are not so many.
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "the capacity is a `usize`")]
    pub(crate) fn lane(&self, lane: usize) -> NonNull<C::Element> {
        let first = lane.min(self.lanes - 1) * self.capacity() as usize;
        // SAFETY: all elements of all lanes lie there (contract of `at` of the structure).
        unsafe { self.elements.add(first) }
    }

    /// The element with this number, in the first lane.
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "below the capacity, which is a `usize`")]
    pub(crate) fn element(&self, number: u64) -> NonNull<C::Element> {
        // SAFETY: the mask keeps it below the number of elements that lie there (contract of `at`
        // of the structure).
        unsafe { self.elements.add(self.index(number) as usize) }
    }

    /// Refuses an object that has other numbers than a new one with these options would have.
    pub(crate) fn expect_numbers(&self, options: C::Options) -> Result<(), Refusal> {
        let (wanted, second) = C::numbers(options)?;
        if (self.capacity(), self.second) == (wanted as u64, second) {
            return Ok(());
        }
        let found = usize::try_from(self.capacity()).unwrap_or(usize::MAX);
        let (found, wanted) = (C::describe(found, self.second), C::describe(wanted, second));
        Err(Refusal::mismatch("open", format_args!("found {found}, wanted {wanted}")))
    }
}

// SAFETY: 1. `check` computes the positions of all parts itself, and accepts them only within
// `size` bytes. 2. Safe code gets atomic integers, and messages by granules (`Contents`, 2), at numbers
// that a mask keeps inside. 3. The kernel refers to the bytes only while a thread sleeps on a word,
// which borrows the structure. 4. It is opened with write access only.
unsafe impl<C: Contents> Structure for Parts<C> {
    const TAG: Tag = C::TAG;
    const FIXED: usize = header::FIXED;

    type Access = ReadWrite;
    type Options = C::Options;
    type Layout = Place;

    fn plan(&options: &C::Options) -> Result<Plan<Place>, Refusal> {
        let (capacity, second) = C::numbers(options)?;
        let words = C::words(capacity, second).map_err(|why| Refusal::invalid("create", why))?;
        let (header, head) = header::encode::<C::Message>(C::MAGIC, capacity, second)?;
        let (layout, size) = Self::place(header, words, None)?;
        Ok(Plan { head, size, align: ALIGN, layout })
    }

    fn head_len(fixed: &[u8]) -> Result<usize, Refusal> {
        header::len(C::MAGIC, C::WHAT, fixed)
    }

    fn check(head: &[u8], size: usize) -> Result<Place, Refusal> {
        let header = header::check::<C::Message>(head)?;
        let words = C::words(header.capacity, header.second)
            .map_err(|why| Refusal::mismatch("open", format_args!("found {why}")))?;
        Ok(Self::place(header, words, Some(size))?.0)
    }

    unsafe fn init(base: NonNull<u8>, place: &Place, _options: C::Options) -> Result<()> {
        // SAFETY: the same bytes as in the contract, which holds for `at` as well: zeros are a
        // control block (`Contents`, 1), words and elements.
        let parts = unsafe { Self::at(base, *place) }.map_err(|refusal| refusal.on(""))?;
        C::begin(parts.control());
        Ok(())
    }

    unsafe fn at(base: NonNull<u8>, place: Place) -> Result<Self, Refusal> {
        if !base.addr().get().is_multiple_of(ALIGN) {
            let why = format!("it does not begin on a boundary of {ALIGN} bytes");
            return Err(Refusal::mismatch("open", why));
        }
        let Place { header, words, lanes, elements_at } = place;
        // SAFETY: planned or checked to lie within the bytes, which are mapped (contract).
        let control = unsafe { base.add(header.len) }.cast();
        // SAFETY: planned or checked to lie within the bytes, which are mapped (contract).
        let elements = unsafe { base.add(elements_at) }.cast();
        let (mask, shift) = (header.capacity as u64 - 1, header.capacity.trailing_zeros());
        Ok(Self { control, elements, mask, shift, second: header.second, words, lanes })
    }
}

// SAFETY: addresses and numbers, bound to no thread; other threads and processes use what is there
// at the same time anyway (`Contents`).
unsafe impl<C: Contents> Send for Parts<C> {}

// SAFETY: addresses and numbers, bound to no thread; other threads and processes use what is there
// at the same time anyway (`Contents`).
unsafe impl<C: Contents> Sync for Parts<C> {}
