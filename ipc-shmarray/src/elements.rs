//! The elements of an array in its memory object.

#![expect(unsafe_code, reason = "reaches elements in memory that other processes write")]

use std::alloc::Layout;
use std::ptr::NonNull;

use ipc_core::Refusal;
use ipc_mem::memory::at_offset;
use ipc_mem::{Plain, Plan, ReadOnly, Structure, Tag};

use crate::Shape;
use ipc_mem::array::{ArrayHeader, FIXED};

/// The elements of an array behind its header, in the format WA-1.
#[derive(Debug)]
pub(crate) struct Elements<T> {
    data: NonNull<T>,
    len: usize,
    shape: Shape,
}

/// The offset of the elements in bytes, and their shape.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    pub(crate) offset: usize,
    pub(crate) shape: Shape,
}

impl<T: Plain> Elements<T> {
    /// The number of elements of a shape, and their layout.
    ///
    /// # Errors
    ///
    /// An invalid argument if no memory can hold them.
    pub(crate) fn layout(shape: &Shape) -> Result<(usize, Layout), Refusal> {
        const { assert!(T::SCHEMA.size > 0, "an element has at least one byte") };
        shape.check()?;
        let layout = shape.checked_len().and_then(|len| Some((len, Layout::array::<T>(len).ok()?)));
        layout.ok_or_else(|| {
            let why = format!("no memory holds {shape} elements of {} bytes", size_of::<T>());
            Refusal::invalid("array", why)
        })
    }

    #[inline]
    pub(crate) fn data(&self) -> NonNull<T> {
        self.data
    }

    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    #[inline]
    pub(crate) fn shape(&self) -> &Shape {
        &self.shape
    }

    /// The address of an element, or `None` if the index is out of bounds.
    #[inline]
    pub(crate) fn place<const N: usize>(&self, index: [usize; N]) -> Option<NonNull<T>> {
        let position = self.shape.position(index)?;
        // SAFETY: the positions of a shape are below its length, and that many elements are there
        // (`at`).
        Some(unsafe { self.data.add(position) })
    }

    /// The address of `count` elements, starting at position `start` in memory order, or `None` if
    /// there are fewer.
    #[inline]
    pub(crate) fn run(&self, start: usize, count: usize) -> Option<NonNull<T>> {
        if start.checked_add(count).is_none_or(|end| end > self.len) {
            return None;
        }
        // SAFETY: `start` is at most the length, and that many elements are there (`at`).
        Some(unsafe { self.data.add(start) })
    }

    /// Changes the shape to one with the same number of elements.
    pub(crate) fn reshape(&mut self, shape: Shape) {
        debug_assert_eq!(shape.checked_len(), Some(self.len));
        self.shape = shape;
    }

    /// Converts to elements of `U` over the same bytes. The new shape must have the same number of
    /// bytes, the address must be aligned for `U`, and both types must have the same granule.
    pub(crate) fn cast<U: Plain>(self, shape: Shape) -> Elements<U> {
        let len = self.len * size_of::<T>() / size_of::<U>();
        debug_assert_eq!(shape.checked_len(), Some(len));
        Elements { data: self.data.cast(), len, shape }
    }
}

// SAFETY: 1. `check` accepts a header only if all elements lie within the memory object
// (`check_room`). 2. Safe code moves granules of `T` in and out, as all code that has this array
// does, and any bytes are elements (`Plain`, 2). 3. Nothing in the kernel refers to elements. 4.
// Methods of `ShmArray` that write require a memory object with `ReadWrite`.
unsafe impl<T: Plain> Structure for Elements<T> {
    const TAG: Tag = Tag::ARRAY;
    const FIXED: usize = FIXED;

    type Access = ReadOnly;
    type Options = Shape;
    type Layout = Place;

    fn plan(shape: &Shape) -> Result<Plan<Place>, Refusal> {
        let (head, header, size) = ArrayHeader::for_new::<T>(*shape)?;
        Ok(Plan {
            head,
            size,
            align: align_of::<T>(),
            layout: Place { offset: header.offset, shape: *shape },
        })
    }

    fn head_len(fixed: &[u8]) -> Result<usize, Refusal> {
        ArrayHeader::len(fixed)
    }

    fn check(head: &[u8], size: usize) -> Result<Place, Refusal> {
        let header = ArrayHeader::decode(head, size)?;
        header.expect_element::<T>(head)?;
        header.check_room(size_of::<T>(), size)?;
        Ok(Place { offset: header.offset, shape: header.shape })
    }

    unsafe fn at(base: NonNull<u8>, Place { offset, shape }: Place) -> Result<Self, Refusal> {
        let (len, layout) = Self::layout(&shape)?;
        let data = at_offset(base, offset);
        if !data.addr().get().is_multiple_of(layout.align()) {
            let why = format!("offset {offset} is not on a boundary of {} bytes", layout.align());
            return Err(Refusal::invalid("array", why));
        }
        Ok(Self { data: data.cast(), len, shape })
    }
}

// SAFETY: an address, a length and a shape, bound to no thread; elements are `Send` (`Plain`).
unsafe impl<T: Plain> Send for Elements<T> {}

// SAFETY: `&Elements` returns an address only; elements are moved by granules from any thread
// (`Plain: Sync`).
unsafe impl<T: Plain> Sync for Elements<T> {}
