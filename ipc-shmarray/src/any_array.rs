//! An array of which it shows only at run time what it is.

#![expect(unsafe_code, reason = "reaches elements in memory that other processes write")]

use std::alloc::Layout;
use std::convert::Infallible;

use ipc_core::{Error, Name, Result};
use ipc_mem::{Content, Fingerprint, Kind, Memory, Plain, memory};
use ipc_shm::{OpenOptions, ReadOnlyMemory};

use crate::array_header::{ArrayHeader, MAX_LEN, is_numbered};
use crate::read_only_shm_array::{copy_head, description};
use crate::{ReadOnlyShmArray, Shape, page};

/// An array to be looked at by who does not know its element type and shape beforehand.
///
/// # Examples
///
/// ```
/// use ipc_mem::Kind;
/// use ipc_shmarray::{AnyArray, ShmArray};
///
/// # let name = format!("/any-{}", std::process::id());
/// let ours = ShmArray::<f32>::create(&name, [3, 2])?;
///
/// let array = AnyArray::open(&name)?;
/// assert_eq!((array.kind(), array.shape().dims()), (Kind::F32, &[3, 2][..]));
/// let floats = array.downcast::<f32>()?;
/// assert_eq!(floats.len(), 6);
/// # Ok::<(), ipc_core::Error>(())
/// ```
#[derive(Debug)]
pub struct AnyArray<M: Memory = ReadOnlyMemory> {
    memory: M,
    header: ArrayHeader,
    description: Option<Fingerprint>,
    element: Element,
    len: usize,
}

/// Kind, size and alignment of the elements.
#[derive(Clone, Copy, Debug)]
struct Element {
    kind: Kind,
    size: usize,
    align: usize,
}

impl AnyArray {
    /// Finds an array by name, whatever its elements are.
    ///
    /// # Errors
    ///
    /// As [`ReadOnlyShmArray::open`]; `is_mismatch` if it is no array at all.
    pub fn open(name: impl TryInto<Name, Error: Into<Error>>) -> Result<Self> {
        Self::open_with(name, OpenOptions::new())
    }

    /// As [`open`](Self::open), with a say in whose array is acceptable.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open).
    pub fn open_with(name: impl TryInto<Name, Error: Into<Error>>, options: OpenOptions) -> Result<Self> {
        ReadOnlyMemory::open_with(name, options).and_then(Self::open_in)
    }
}

impl<M: Memory> AnyArray<M> {
    /// Finds the array that was made at the beginning of a memory.
    ///
    /// # Errors
    ///
    /// `is_mismatch` if there is none, or the memory was not made for one; `is_invalid_argument` if the memory begins
    /// where no such element can.
    pub fn open_in(memory: M) -> Result<Self> {
        memory::expect_content("open", &memory, Content::Array)?;
        let label = memory.label();
        let mut head = [0; MAX_LEN];
        let head = &mut head[..MAX_LEN.min(memory.size())];
        copy_head(&memory, head);
        let header = ArrayHeader::decode(head, memory.size(), &label)?;
        let description = description(&header, &memory, &label)?;
        let element = match (&description, header.kind()) {
            (Some(description), _) => Element::described(description),
            (None, Some(kind)) => Element::numbered(kind),
            (None, None) => None,
        };
        let element =
            element.ok_or_else(|| Error::mismatch("open", &label, "found elements of an impossible layout"))?;
        header.check_room(element.size, memory.size(), &label)?;
        let len = header.shape.checked_len().unwrap_or(0);
        let layout = Layout::from_size_align(len * element.size, element.align);
        let layout = layout.map_err(|err| Error::mismatch("open", &label, err))?;
        memory::locate("open", &memory, header.offset, layout)?;
        Ok(Self { memory, header, description, element, len })
    }

    /// What its elements are.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.element.kind
    }

    /// The bytes of one element.
    #[must_use]
    pub fn element_size(&self) -> usize {
        self.element.size
    }

    /// The layout of its elements, if they are not of one of the format's own twelve types.
    #[must_use]
    pub fn description(&self) -> Option<&Fingerprint> {
        self.description.as_ref()
    }

    /// The number of elements in each direction.
    #[must_use]
    pub fn shape(&self) -> &Shape {
        &self.header.shape
    }

    /// The number of elements.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "an array has at least one element")]
    pub fn len(&self) -> usize {
        self.len
    }

    /// The memory it lives in.
    #[must_use]
    pub fn memory(&self) -> &M {
        &self.memory
    }

    /// A copy of the bytes of all elements, in memory order.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut all = Vec::with_capacity(self.len * self.element.size);
        let Ok(()) = self.chunks(|chunk| {
            all.extend_from_slice(chunk);
            Ok::<_, Infallible>(())
        });
        all
    }

    /// Calls `look` with a copy of some of the bytes at a time, in memory order, until all were seen or it fails.
    pub(crate) fn chunks<E>(&self, look: impl FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
        match self.element.align {
            1 => self.granules::<u8, E>(look),
            2 => self.granules::<u16, E>(look),
            4 => self.granules::<u32, E>(look),
            _ => self.granules::<u64, E>(look),
        }
    }

    fn granules<G: Plain, E>(&self, mut look: impl FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
        let len = self.len * self.element.size / size_of::<G>();
        // SAFETY: `open_in` found the elements within the memory, and at least this aligned.
        let from = unsafe { self.memory.base().add(self.header.offset) }.cast::<G>();
        // SAFETY: there are as many granules as elements have room for, and `G` is the granule of the elements,
        // so whoever else has this array moves it at once too.
        unsafe { page::copies(from, len, |chunk| look(page::bytes_of(chunk))) }
    }

    /// The same array, its elements being of type `T`.
    ///
    /// # Errors
    ///
    /// `is_mismatch` if they are not, telling what they are.
    pub fn downcast<T: Plain>(self) -> Result<ReadOnlyShmArray<T, M>> {
        ReadOnlyShmArray::open_in(self.memory)
    }
}

impl Element {
    fn numbered(kind: Kind) -> Option<Self> {
        let (size, align) = match kind {
            Kind::I8 | Kind::U8 => (1, 1),
            Kind::I16 | Kind::U16 => (2, 2),
            Kind::I32 | Kind::U32 | Kind::F32 => (4, 4),
            Kind::I64 | Kind::U64 | Kind::F64 => (8, 8),
            Kind::C32 => (8, 4),
            Kind::C64 => (16, 8),
            _ => return None,
        };
        Some(Self { kind, size, align })
    }

    fn described(description: &Fingerprint) -> Option<Self> {
        let (kind, size, align) = (description.kind(), description.size()?, description.align()?);
        let layout = Layout::from_size_align(size, align).ok()?;
        let possible = size > 0 && layout.pad_to_align().size() == size && align <= 64 && !is_numbered(kind);
        possible.then_some(Self { kind, size, align })
    }
}
