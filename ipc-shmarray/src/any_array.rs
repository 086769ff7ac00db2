//! Arrays whose element type and shape are known at run time only.

#![expect(unsafe_code, reason = "reaches elements in memory that other processes write")]

use std::alloc::Layout;
use std::convert::Infallible;
use std::ptr::NonNull;

use ipc_core::{Error, Name, Refusal, Result};
use ipc_mem::{
    Fingerprint, Kind, Memory, Object, OpenOptions, Plain, Plan, ReadOnly, SharedMemory, Structure,
    Tag, bytes,
};

use crate::elements::{Elements, Place};
use crate::{Shape, ShmArray, page};
use ipc_mem::array::{ArrayHeader, FIXED, is_numbered, numbered_layout};
use ipc_mem::memory::at_offset;

/// A read-only array whose element type and shape are known at run time only.
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
pub struct AnyArray<M: Memory = SharedMemory<ReadOnly>>(Object<AnyElements, M>);

/// The contents of the header of an array, decoded from its bytes alone. No object is opened or
/// mapped.
///
/// # Examples
///
/// ```
/// use ipc_mem::Kind;
/// use ipc_shmarray::{ArrayInfo, ShmArray};
///
/// # let name = format!("/array-info-{}", std::process::id());
/// let ours = ShmArray::<f32>::create(&name, [3, 2])?;
/// let file = std::fs::read(format!("/dev/shm{name}"))?;
/// let info = ArrayInfo::of_bytes(&file, file.len()).map_err(|refusal| refusal.on(&name))?;
/// assert_eq!((info.kind, info.shape.dims()), (Kind::F32, &[3, 2][..]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ArrayInfo {
    /// The kind of the elements.
    pub kind: Kind,
    /// The size of one element, in bytes.
    pub element_size: usize,
    /// The number of elements in each direction.
    pub shape: Shape,
    /// The offset of the first element, in bytes from the beginning of the object.
    pub offset: usize,
    /// The fingerprint, which describes the layout of the element type; `None` for the [numbered
    /// types](crate#format).
    pub description: Option<Fingerprint>,
}

impl ArrayInfo {
    /// Decodes the header of an array from the first bytes of a memory object of `size` bytes. The
    /// bytes may be arbitrary.
    ///
    /// If the element type has a fingerprint, `bytes` must contain all of it: its maximum length is
    /// [`Fingerprint::MAX_LEN`] bytes.
    ///
    /// # Errors
    ///
    /// `is_mismatch` if the bytes are not the header of an array, or are too few. The `Refusal`
    /// does not name the object; the caller adds the name.
    pub fn of_bytes(bytes: &[u8], size: usize) -> Result<Self, Refusal> {
        let short = || {
            Refusal::mismatch(
                "open",
                format_args!("found {} bytes, too few for an array", bytes.len()),
            )
        };
        let len = ArrayHeader::len(bytes.get(..FIXED).ok_or_else(short)?)?;
        let what = AnyElements::check(bytes.get(..len).ok_or_else(short)?, size)?;
        let Element { kind, size: element_size, .. } = what.element;
        let (shape, offset) = (what.header.shape, what.header.offset);
        Ok(Self { kind, element_size, shape, offset, description: what.description })
    }
}

/// The elements of an array, of any type.
#[derive(Debug)]
struct AnyElements {
    data: NonNull<u8>,
    what: What,
}

/// The contents of the header of an array.
#[derive(Debug)]
struct What {
    header: ArrayHeader,
    description: Option<Fingerprint>,
    element: Element,
    len: usize,
}

/// Kind, size and alignment of the elements.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Element {
    pub(crate) kind: Kind,
    pub(crate) size: usize,
    align: usize,
}

impl AnyArray {
    /// Opens an array by name, whatever its element type.
    ///
    /// # Errors
    ///
    /// Those of [`ShmArray::open`](crate::ShmArray::open); `is_mismatch` if the object is not an
    /// array.
    pub fn open(name: impl TryInto<Name, Error: Into<Error>>) -> Result<Self> {
        Self::open_with(name, OpenOptions::new())
    }

    /// Opens an array by name with options, such as which owners to trust.
    ///
    /// # Errors
    ///
    /// Those of [`open`](Self::open).
    pub fn open_with(
        name: impl TryInto<Name, Error: Into<Error>>,
        options: OpenOptions,
    ) -> Result<Self> {
        Object::<AnyElements>::open_read_only(name, options).map(Self)
    }
}

impl<M: Memory> AnyArray<M> {
    /// Opens the array at the beginning of a memory object.
    ///
    /// # Errors
    ///
    /// `is_mismatch` if the memory object does not contain an array, was created by this toolkit
    /// with a [tag](ipc_mem::Tag) other than `ARRAY` (so the default tag, `BARE`, is an error,
    /// too), or is not aligned for the elements.
    pub fn open_in(memory: M) -> Result<Self> {
        Object::open_in(memory).map(Self)
    }

    /// The kind of the elements.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.0.what.element.kind
    }

    /// The size of one element, in bytes.
    #[must_use]
    pub fn element_size(&self) -> usize {
        self.0.what.element.size
    }

    /// The fingerprint, which describes the layout of the element type; `None` for the [numbered
    /// types](crate#format).
    #[must_use]
    pub fn description(&self) -> Option<&Fingerprint> {
        self.0.what.description.as_ref()
    }

    /// The number of elements in each direction.
    #[must_use]
    pub fn shape(&self) -> &Shape {
        &self.0.what.header.shape
    }

    /// The number of elements.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "an array has at least one element")]
    pub fn len(&self) -> usize {
        self.0.what.len
    }

    /// The memory object that contains the array.
    #[must_use]
    pub fn memory(&self) -> &M {
        self.0.memory()
    }

    /// Returns a copy of the bytes of all elements, in memory order.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut all = Vec::with_capacity(self.0.what.len * self.0.what.element.size);
        let Ok(()) = self.chunks(|chunk| {
            all.extend_from_slice(chunk);
            Ok::<_, Infallible>(())
        });
        all
    }

    /// Calls `look` with a copy of some of the bytes at a time, in memory order, for all bytes or
    /// until it fails.
    pub(crate) fn chunks<E>(&self, look: impl FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
        match self.0.what.element.align {
            1 => self.granules::<u8, E>(look),
            2 => self.granules::<u16, E>(look),
            4 => self.granules::<u32, E>(look),
            _ => self.granules::<u64, E>(look),
        }
    }

    fn granules<G: Plain, E>(&self, mut look: impl FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
        let len = self.0.what.len * self.0.what.element.size / size_of::<G>();
        let from = self.0.data.cast::<G>();
        // SAFETY: the elements consist of `len` granules, and `G` is the granule of the elements,
        // so other code that has this array also moves each of them at once.
        unsafe { page::copies(from, len, |chunk| look(bytes::of(chunk))) }
    }

    /// Converts to an array with elements of type `T`.
    ///
    /// # Errors
    ///
    /// `is_mismatch` if the elements are not of type `T`. The message contains their type.
    pub fn downcast<T: Plain>(self) -> Result<ShmArray<T, M>> {
        let (size, shape) = (self.memory().size(), *self.shape());
        let refuse = |refusal: Refusal| refusal.on(self.memory().label());
        let offset = self.0.what.header.offset;
        self.0.what.expect::<T>().map_err(refuse)?;
        debug_assert!(offset <= size);
        // SAFETY: the elements are of type `T`, as the header says, and lie within the memory
        // object (`check`).
        let elements = unsafe { Elements::<T>::at(self.memory().base(), Place { offset, shape }) };
        let elements = elements.map_err(refuse)?;
        // SAFETY: the same elements of the same memory object.
        Ok(ShmArray(unsafe { self.0.map(|_| elements) }))
    }
}

impl What {
    fn expect<T: Plain>(&self) -> Result<(), Refusal> {
        self.header.expect_described::<T>(self.description.as_ref())
    }
}

// SAFETY: 1. `check` accepts a header only if all elements lie within the memory object
// (`check_room`). 2. Safe code copies the elements out by their granules, as all code that has this
// array does. 3. Nothing in the kernel refers to elements. 4. No method writes.
unsafe impl Structure for AnyElements {
    const TAG: Tag = Tag::ARRAY;
    const FIXED: usize = FIXED;

    type Access = ReadOnly;
    /// `Infallible`: an array cannot be created without an element type.
    type Options = Infallible;
    type Layout = What;

    fn plan(never: &Infallible) -> Result<Plan<What>, Refusal> {
        match *never {}
    }

    fn head_len(fixed: &[u8]) -> Result<usize, Refusal> {
        ArrayHeader::len(fixed)
    }

    fn check(head: &[u8], size: usize) -> Result<What, Refusal> {
        let header = ArrayHeader::decode(head, size)?;
        let (element, description) = Element::of(&header, head)?;
        header.check_room(element.size, size)?;
        let len = header.shape.checked_len().unwrap_or(0);
        Ok(What { header, description, element, len })
    }

    unsafe fn at(base: NonNull<u8>, what: What) -> Result<Self, Refusal> {
        let data = at_offset(base, what.header.offset);
        if !data.addr().get().is_multiple_of(what.element.align) {
            let why = format!(
                "found elements that do not begin on a boundary of {} bytes",
                what.element.align
            );
            return Err(Refusal::mismatch("open", why));
        }
        Ok(Self { data, what })
    }
}

// SAFETY: an address and numbers, bound to no thread; the bytes are only copied out.
unsafe impl Send for AnyElements {}

// SAFETY: an address and numbers, bound to no thread; the bytes are only copied out.
unsafe impl Sync for AnyElements {}

impl Element {
    /// The elements of an array with this header, and their description, if their type has no
    /// number. `head` is the header.
    pub(crate) fn of(
        header: &ArrayHeader,
        head: &[u8],
    ) -> Result<(Self, Option<Fingerprint>), Refusal> {
        let description = header.description(head)?;
        let element = match (&description, header.kind()) {
            (Some(description), _) => Self::described(description),
            (None, Some(kind)) => Self::numbered(kind),
            (None, None) => None,
        };
        let why = "found elements of an impossible layout";
        Ok((element.ok_or_else(|| Refusal::mismatch("open", why))?, description))
    }

    /// The layout of so many elements, or `None` if no memory object can hold them.
    pub(crate) fn layout(&self, len: usize) -> Option<Layout> {
        Layout::from_size_align(self.size.checked_mul(len)?, self.align).ok()
    }

    fn numbered(kind: Kind) -> Option<Self> {
        let layout = numbered_layout(kind)?;
        Some(Self { kind, size: layout.size(), align: layout.align() })
    }

    fn described(description: &Fingerprint) -> Option<Self> {
        let (kind, size, align) = (description.kind(), description.size()?, description.align()?);
        let layout = Layout::from_size_align(size, align).ok()?;
        let possible =
            size > 0 && layout.pad_to_align().size() == size && align <= 64 && !is_numbered(kind);
        possible.then_some(Self { kind, size, align })
    }
}
