//! Several things in one memory.

#![expect(unsafe_code, reason = "hands out disjoint parts of a memory")]

use std::alloc::Layout;
use std::ptr::NonNull;
use std::sync::Arc;

use crate::{Access, Content, Memory, memory};
use ipc_core::Result;

/// Cuts a memory into disjoint parts, from its beginning on.
///
/// Each [`Part`] is a memory itself and keeps the whole alive. What cuts in the
/// same order with the same sizes, in this process or another, finds the same parts.
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
pub struct Carver<M> {
    memory: Arc<M>,
    next: usize,
}

impl<M: Memory> Carver<M> {
    /// Begins with a memory that nothing is laid out in.
    ///
    /// # Errors
    ///
    /// `is_invalid_argument` if this handle did not make the memory or may not write it; `is_mismatch` if
    /// it made it for something else.
    pub fn new(memory: M) -> Result<Self> {
        memory::expect_fresh("carve", &memory, Content::Bare)?;
        Ok(Self { memory: Arc::new(memory), next: 0 })
    }

    /// Begins with a memory that somebody else made and cut up.
    ///
    /// # Safety
    ///
    /// 1. The memory was made for this: it is [bare](Content::Bare), or foreign.
    /// 2. Whoever laid something out in it cut it up in the same order, with the same sizes and
    ///    alignments, and a part is opened as what was laid out in it.
    pub unsafe fn attach(memory: M) -> Self {
        Self { memory: Arc::new(memory), next: 0 }
    }

    /// Cuts off the next `size` bytes that begin on a boundary of `align` bytes.
    ///
    /// # Errors
    ///
    /// `is_invalid_argument` if so much is not left, if `align` is not a power of two, or if the memory itself
    /// does not begin on such a boundary.
    pub fn carve(&mut self, size: usize, align: usize) -> Result<Part<M>> {
        let end_of_memory = self.memory.size();
        let offset = self.next.checked_next_multiple_of(align.max(1)).unwrap_or(end_of_memory);
        self.carve_at(offset, size, align)
    }

    /// Cuts off `size` bytes at `offset`, leaving out what lies before.
    ///
    /// # Errors
    ///
    /// `is_invalid_argument` if `offset` lies before the end of the last part or is not a multiple
    /// of `align`, if so much is not left, or `align` is not a power of two.
    pub fn carve_at(&mut self, offset: usize, size: usize, align: usize) -> Result<Part<M>> {
        let refuse = |why: String| Err(ipc_core::Error::invalid("carve", self.memory.label(), why));
        let Ok(layout) = Layout::from_size_align(size, align) else {
            return refuse(format!("{size} bytes on a boundary of {align} bytes are impossible"));
        };
        if offset < self.next {
            return refuse(format!("offset {offset} lies in a part that ends at {}", self.next));
        }
        let base = memory::locate("carve", &*self.memory, offset, layout)?;
        self.next = offset + size;
        Ok(Part { memory: Arc::clone(&self.memory), base, size })
    }
}

/// Some of the bytes of a memory, which it keeps alive.
#[derive(Debug)]
pub struct Part<M> {
    memory: Arc<M>,
    base: NonNull<u8>,
    size: usize,
}

// SAFETY: the bytes lie within the memory, which `self` keeps alive and which makes the same
// promises; `Carver` took it by value and gives no byte to two parts. What a part was made for is foreign, which lets
// anything be laid out in it, by its one fresh handle, and opened: no other handle reaches these bytes but in `unsafe`.
unsafe impl<M: Memory> Memory for Part<M> {
    fn base(&self) -> NonNull<u8> {
        self.base
    }

    fn size(&self) -> usize {
        self.size
    }

    fn access(&self) -> Access {
        self.memory.access()
    }

    fn is_fresh(&self) -> bool {
        self.memory.is_fresh()
    }

    fn is_mapped(&self) -> bool {
        self.memory.is_mapped()
    }

    fn label(&self) -> String {
        self.memory.label()
    }
}

// SAFETY: the address belongs to `memory`, which may be sent and shared itself (`Memory: Send + Sync`).
unsafe impl<M: Memory> Send for Part<M> {}

// SAFETY: as for `Send`: `&self` gives out an address and a size, which never change.
unsafe impl<M: Memory> Sync for Part<M> {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::LocalMemory;

    fn carver() -> Carver<LocalMemory> {
        Carver::new(LocalMemory::new(256).unwrap()).unwrap()
    }

    #[test]
    fn parts_never_overlap_and_keep_their_alignment() {
        let mut carver = carver();
        let (a, b) = (carver.carve(3, 1).unwrap(), carver.carve(8, 8).unwrap());
        assert_eq!(b.base().addr().get() - a.base().addr().get(), 8);
        assert!(carver.carve_at(15, 1, 1).unwrap_err().to_string().contains("ends at 16"));
        carver.carve_at(16, 240, 1).unwrap();
        assert!(carver.carve(1, 1).unwrap_err().is_invalid_argument());
    }

    #[test]
    fn places_that_cannot_be_are_refused() {
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
