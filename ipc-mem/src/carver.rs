//! Several objects in one memory object.

#![expect(unsafe_code, reason = "hands out disjoint parts of a memory")]

use std::alloc::Layout;
use std::sync::Arc;

use ipc_core::{Error, Result};

use crate::{Fresh, Memory, ReadWrite, Region, Tag, memory};

/// Cuts a memory object into disjoint parts, starting at its beginning.
///
/// Each [`Part`] is itself a memory object, and keeps the memory object from which it was cut
/// alive. Two carvers of the same memory get the same parts if they cut the same sizes and
/// alignments in the same order, even in two processes.
///
/// # Examples
///
/// ```
/// use ipc_mem::{Carver, LocalMemory, Memory};
///
/// let mut carver = Carver::new(LocalMemory::new(4096)?)?;
/// let gate = carver.carve(32, 8)?;
/// let table = carver.carve(1024, 64)?;
/// assert_eq!(table.base().addr().get() - gate.base().addr().get(), 64);
/// assert!(carver.carve(4096, 8).is_err_and(|err| err.is_invalid_argument()));
/// # Ok::<(), ipc_core::Error>(())
/// ```
#[derive(Debug)]
pub struct Carver<F: Carved> {
    cut: Cut<F::Memory>,
}

/// A source of parts for a [`Carver`]: a memory object, [`Fresh`] or not.
pub trait Carved {
    /// The memory object.
    type Memory: Memory;
}

impl<M: Memory> Carved for M {
    type Memory = M;
}

impl<M: Memory> Carved for Fresh<M> {
    type Memory = M;
}

impl<M: Memory<Access = ReadWrite>> Carver<Fresh<M>> {
    /// Creates a carver for a memory object in which nothing is laid out.
    ///
    /// # Errors
    ///
    /// [`is_invalid_argument`](Error::is_invalid_argument) in a forked child;
    /// [`is_mismatch`](Error::is_mismatch) if the memory object was created with a
    /// [tag](crate::Tag) other than `BARE` (the default).
    pub fn new(memory: Fresh<M>) -> Result<Self> {
        let memory = memory.claim("carve", Tag::BARE)?;
        Ok(Self { cut: Cut::new(memory) })
    }

    /// Cuts off the next `size` bytes that begin on a boundary of `align` bytes.
    ///
    /// # Errors
    ///
    /// [`is_invalid_argument`](Error::is_invalid_argument) if fewer bytes are left, if `align` is
    /// not a power of two, or if the memory object itself does not begin on such a boundary.
    pub fn carve(&mut self, size: usize, align: usize) -> Result<Fresh<Part<M>>> {
        let part = self.cut.carve(size, align)?;
        // SAFETY: the memory object was fresh, and no byte is in two parts.
        Ok(unsafe { Fresh::new(part) })
    }

    /// Cuts off `size` bytes at `offset` and skips the bytes before it.
    ///
    /// # Errors
    ///
    /// [`is_invalid_argument`](Error::is_invalid_argument) if `offset` lies before the end of the
    /// last part or is not a multiple of `align`, if fewer bytes are left, or if `align` is not a
    /// power of two.
    pub fn carve_at(&mut self, offset: usize, size: usize, align: usize) -> Result<Fresh<Part<M>>> {
        let part = self.cut.carve_at(offset, size, align)?;
        // SAFETY: the memory object was fresh, and no byte is in two parts.
        Ok(unsafe { Fresh::new(part) })
    }
}

impl<M: Memory> Carver<M> {
    /// Creates a carver for a memory object that another handle created and cut up.
    ///
    /// # Safety
    ///
    /// 1. The memory object was created to be cut up: its tag is [`Tag::BARE`] or [`Tag::FOREIGN`].
    /// 2. The creator cut it up in the same order, with the same sizes and alignments, and each
    ///    part is opened as the type that was laid out in it.
    pub unsafe fn attach(memory: M) -> Self {
        Self { cut: Cut::new(memory) }
    }

    /// Cuts off the next `size` bytes that begin on a boundary of `align` bytes.
    ///
    /// # Errors
    ///
    /// Those of `Carver<Fresh<M>>::carve`.
    pub fn carve(&mut self, size: usize, align: usize) -> Result<Part<M>> {
        self.cut.carve(size, align)
    }

    /// Cuts off `size` bytes at `offset` and skips the bytes before it.
    ///
    /// # Errors
    ///
    /// Those of `Carver<Fresh<M>>::carve_at`.
    pub fn carve_at(&mut self, offset: usize, size: usize, align: usize) -> Result<Part<M>> {
        self.cut.carve_at(offset, size, align)
    }
}

/// A memory object, and the number of bytes that are cut off.
#[derive(Debug)]
struct Cut<M> {
    memory: Arc<M>,
    next: usize,
}

impl<M: Memory> Cut<M> {
    fn new(memory: M) -> Self {
        Self { memory: Arc::new(memory), next: 0 }
    }

    fn carve(&mut self, size: usize, align: usize) -> Result<Part<M>> {
        let end_of_memory = self.memory.size();
        let offset = self.next.checked_next_multiple_of(align.max(1)).unwrap_or(end_of_memory);
        self.carve_at(offset, size, align)
    }

    fn carve_at(&mut self, offset: usize, size: usize, align: usize) -> Result<Part<M>> {
        let refuse = |why: String| Err(Error::invalid("carve", self.memory.label(), why));
        let Ok(layout) = Layout::from_size_align(size, align) else {
            return refuse(format!("{size} bytes on a boundary of {align} bytes are impossible"));
        };
        if offset < self.next {
            return refuse(format!("offset {offset} lies in a part that ends at {}", self.next));
        }
        memory::locate("carve", &*self.memory, offset, layout)?;
        self.next = offset + size;
        Ok(Part {
            region: self.memory.region().part(offset..self.next),
            memory: Arc::clone(&self.memory),
        })
    }
}

/// A range of bytes of a memory object. It keeps the memory object alive.
#[derive(Debug)]
pub struct Part<M: Memory> {
    region: Region<M::Access>,
    memory: Arc<M>,
}

impl<M: Memory> Memory for Part<M> {
    type Access = M::Access;

    fn region(&self) -> &Region<M::Access> {
        &self.region
    }

    fn label(&self) -> String {
        self.memory.label()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::LocalMemory;

    fn carver() -> Carver<Fresh<LocalMemory>> {
        Carver::new(LocalMemory::new(256).unwrap()).unwrap()
    }

    #[test]
    fn parts_never_overlap_and_keep_their_alignment() {
        let mut carver = carver();
        let (a, b) = (carver.carve(3, 1).unwrap(), carver.carve(8, 8).unwrap());
        assert_eq!(b.base().addr().get() - a.base().addr().get(), 8);
        assert!(carver.carve_at(15, 1, 1).unwrap_err().to_string().contains("ends at 16"));
        let _rest = carver.carve_at(16, 240, 1).unwrap();
        assert!(carver.carve(1, 1).unwrap_err().is_invalid_argument());
    }

    #[test]
    fn places_outside_the_bytes_are_refused() {
        for (offset, size, align) in
            [(0, 257, 1), (usize::MAX, 1, 1), (8, usize::MAX, 8), (4, 8, 8), (0, 8, 3), (0, 8, 0)]
        {
            let err = carver().carve_at(offset, size, align).unwrap_err();
            assert!(err.is_invalid_argument(), "{err}");
        }
    }

    #[test]
    fn a_part_outlives_its_carver() {
        let part = carver().carve(256, 64).unwrap();
        assert!(part.base().as_ptr().addr().is_multiple_of(64));
    }
}
