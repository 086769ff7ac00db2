//! An array in shared memory, as far as one looks at it.

#![expect(unsafe_code, reason = "reaches elements in memory that other processes write")]

use std::alloc::Layout;
use std::convert::Infallible;
use std::fmt;
use std::marker::PhantomData;
use std::ptr::NonNull;
use std::sync::atomic::{self, Ordering};

use ipc_core::{Error, Name, Result};
use ipc_mem::{Content, Fingerprint, Memory, Plain, granule, memory};
use ipc_shm::{OpenOptions, ReadOnlyMemory};

use crate::array_header::{ArrayHeader, MAX_LEN, element_type};
use crate::{Shape, page};

/// An array of which this handle cannot change an element.
///
/// A [`ShmArray`](crate::ShmArray) can be used as one, and gets all these methods from it.
///
/// # Examples
///
/// ```
/// use ipc_shmarray::{ReadOnlyShmArray, ShmArray};
///
/// # let name = format!("/look-{}", std::process::id());
/// let ours = ShmArray::<f32>::create(&name, [3, 2])?;
/// let view = ReadOnlyShmArray::<f32>::open(&name)?; // usually in another process
/// ours.set([2, 1], 1.5)?;
/// assert_eq!(view.get([2, 1])?, 1.5);
/// assert_eq!(view.iter().sum::<f32>(), 1.5);
/// # Ok::<(), ipc_core::Error>(())
/// ```
///
/// ```compile_fail,E0599
/// # use ipc_shmarray::ReadOnlyShmArray;
/// ReadOnlyShmArray::<f32>::open("/look")?.set([2, 1], 1.5); // no such method
/// # Ok::<(), ipc_core::Error>(())
/// ```
pub struct ReadOnlyShmArray<T: Plain, M: Memory = ReadOnlyMemory> {
    data: NonNull<T>,
    len: usize,
    shape: Shape,
    /// Not within, as it may hold what changes behind a `&`: then the compiler reads the fields above anew for each element.
    memory: Box<M>,
    elements: PhantomData<T>,
}

impl<T: Plain> ReadOnlyShmArray<T> {
    /// Finds an array by name, to look at it.
    ///
    /// # Errors
    ///
    /// `is_not_found` if nobody has the name; `is_permission_denied` and `is_untrusted` as
    /// [`SharedMemory::open`](ipc_shm::SharedMemory::open); `is_mismatch` if it is no array of `T`.
    pub fn open(name: impl TryInto<Name, Error: Into<Error>>) -> Result<Self> {
        Self::open_with(name, OpenOptions::new())
    }

    /// As [`open`](Self::open), with a say in whose array is acceptable.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open).
    pub fn open_with(name: impl TryInto<Name, Error: Into<Error>>, options: OpenOptions) -> Result<Self> {
        let mut head = [0; MAX_LEN];
        let (memory, read) = ReadOnlyMemory::open_and_read(name, options, &mut head)?;
        Self::from_head(memory, &head[..read])
    }
}

impl<T: Plain, M: Memory> ReadOnlyShmArray<T, M> {
    /// Finds the array that was made in a memory.
    ///
    /// # Errors
    ///
    /// `is_mismatch` if there is no array of `T` at its beginning, or the memory was not made for one;
    /// `is_invalid_argument` if the memory begins where no `T` can.
    pub fn open_in(memory: M) -> Result<Self> {
        // Before its bytes are touched: what is no array has no granule of a byte.
        memory::expect_content("open", &memory, Content::Array)?;
        let mut head = [0; MAX_LEN];
        let read = head.len().min(memory.size());
        copy_head(&memory, &mut head[..read]);
        Self::from_head(memory, &head[..read])
    }

    /// Takes bytes that have no header for the elements of an array to look at.
    ///
    /// # Errors
    ///
    /// `is_invalid_argument` if the elements do not fit into the memory from `offset` on, are not aligned there,
    /// or the shape is impossible.
    ///
    /// # Safety
    ///
    /// As for [`ShmArray::wrap`](crate::ShmArray::wrap).
    pub unsafe fn wrap(memory: M, offset: usize, shape: impl Into<Shape>) -> Result<Self> {
        Self::at(memory, offset, shape.into())
    }

    /// The array whose header begins with `head`.
    pub(crate) fn from_head(memory: M, head: &[u8]) -> Result<Self> {
        memory::expect_content("open", &memory, Content::Array)?;
        let label = memory.label();
        let header = ArrayHeader::decode(head, memory.size(), &label)?;
        check_element::<T>(&header, &memory, &label)?;
        header.check_room(size_of::<T>(), memory.size(), &label)?;
        Self::at(memory, header.offset, header.shape)
    }

    /// The array of `shape` whose elements begin at `offset`.
    pub(crate) fn at(memory: M, offset: usize, shape: Shape) -> Result<Self> {
        const { assert!(T::SCHEMA.size > 0, "an element has at least one byte") };
        shape.check()?;
        let layout = shape.checked_len().and_then(|len| Some((len, Layout::array::<T>(len).ok()?)));
        let Some((len, layout)) = layout else {
            let why = format!("no memory holds {shape} elements of {} bytes", size_of::<T>());
            return Err(Error::invalid("array", memory.label(), why));
        };
        let data = memory::locate("array", &memory, offset, layout)?.cast();
        Ok(Self { data, len, shape, memory: Box::new(memory), elements: PhantomData })
    }

    /// To be called with a shape of as many elements.
    pub(crate) fn set_shape(&mut self, shape: Shape) {
        debug_assert_eq!(shape.checked_len(), Some(self.len));
        self.shape = shape;
    }

    /// The same bytes as elements of `U`. To be called with a shape of as many bytes, if they are aligned for a `U` and
    /// both have the same granule.
    pub(crate) fn with_elements<U: Plain>(self, shape: Shape) -> ReadOnlyShmArray<U, M> {
        let len = self.len * size_of::<T>() / size_of::<U>();
        debug_assert_eq!(shape.checked_len(), Some(len));
        ReadOnlyShmArray { data: self.data.cast(), len, shape, memory: self.memory, elements: PhantomData }
    }

    /// Refuses an array of another shape.
    ///
    /// # Errors
    ///
    /// `is_mismatch`, telling the shape it has and the one that was wanted.
    pub fn expect_shape(&self, wanted: impl Into<Shape>) -> Result<()> {
        let wanted = wanted.into();
        if self.shape == wanted {
            return Ok(());
        }
        let why = format!("found {} elements, wanted {wanted}", self.shape);
        Err(Error::mismatch("shape", self.memory.label(), why))
    }

    /// The number of elements in each direction.
    #[must_use]
    pub fn shape(&self) -> &Shape {
        &self.shape
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

    #[inline]
    pub(crate) fn data(&self) -> NonNull<T> {
        self.data
    }

    /// The address of the first element, for C.
    #[must_use]
    pub fn as_ptr(&self) -> *const T {
        self.data.as_ptr()
    }

    /// The address of an element.
    #[inline]
    pub(crate) fn place<const N: usize>(&self, index: [usize; N]) -> Result<NonNull<T>> {
        match self.shape.position(index) {
            // SAFETY: the shape's positions are below its length, and so many elements are there (`at`).
            Some(position) => Ok(unsafe { self.data.add(position) }),
            None => Err(self.no_element(index)),
        }
    }

    /// Takes the index itself: a reference would have it written to the stack before it is needed.
    #[cold]
    fn no_element<const N: usize>(&self, index: [usize; N]) -> Error {
        Error::invalid("index", self.memory.label(), format_args!("no element {index:?} in {}", self.shape))
    }

    /// The address of `count` elements from the one at `start` in memory order.
    #[inline]
    pub(crate) fn run(&self, start: usize, count: usize) -> Result<NonNull<T>> {
        if start.checked_add(count).is_none_or(|end| end > self.len) {
            return Err(self.no_run(start, count));
        }
        // SAFETY: `start` is at most the length, and so many elements are there (`at`).
        Ok(unsafe { self.data.add(start) })
    }

    #[cold]
    fn no_run(&self, start: usize, count: usize) -> Error {
        let len = self.len;
        Error::invalid("index", self.memory.label(), format_args!("no {count} elements from {start} on in {len}"))
    }

    /// Copies one element out.
    ///
    /// # Errors
    ///
    /// `is_invalid_argument` if there is no such element.
    #[inline]
    pub fn get<const N: usize>(&self, index: [usize; N]) -> Result<T> {
        let place = self.place(index)?;
        // SAFETY: an element of ours; whoever else has this array, in this process, has one of `T`.
        Ok(unsafe { granule::load(place) })
    }

    /// Copies as many elements out as `into` has room for, in memory order from the one at `start` on.
    ///
    /// # Errors
    ///
    /// `is_invalid_argument` if there are not so many.
    #[inline]
    pub fn read_at(&self, start: usize, into: &mut [T]) -> Result<()> {
        let from = self.run(start, into.len())?;
        // SAFETY: `run` found as many elements there; for others see `get`.
        unsafe { granule::copy_out(from, into) };
        Ok(())
    }

    /// Copies all elements out, in memory order.
    ///
    /// # Errors
    ///
    /// `is_invalid_argument` if `into` has not room for exactly all of them.
    #[inline]
    pub fn read_into(&self, into: &mut [T]) -> Result<()> {
        self.expect_all(into.len())?;
        self.read_at(0, into)
    }

    /// Refuses a slice that has not as many elements as the array.
    #[inline]
    pub(crate) fn expect_all(&self, len: usize) -> Result<()> {
        if len == self.len { Ok(()) } else { Err(self.not_all(len)) }
    }

    #[cold]
    fn not_all(&self, len: usize) -> Error {
        let own = self.len;
        Error::invalid("copy", self.memory.label(), format_args!("a slice of {len} elements beside an array of {own}"))
    }

    /// A copy of all elements, in memory order.
    #[must_use]
    pub fn to_vec(&self) -> Vec<T> {
        let mut all = Vec::with_capacity(self.len);
        self.chunks(|chunk| all.extend_from_slice(chunk));
        all
    }

    /// Copies of the elements, one by one in memory order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = T> + ExactSizeIterator + '_ {
        (0..self.len).map(|position| {
            // SAFETY: below the length, and so many elements are there (`at`).
            let place = unsafe { self.data.add(position) };
            // SAFETY: as in `get`.
            unsafe { granule::load(place) }
        })
    }

    /// Calls `look` with a copy of a few kilobytes at a time, in memory order, until all elements were seen.
    ///
    /// On each copy, the compiler's vector code runs at full speed: this takes two to three times as long as
    /// a slice that nobody vouches for would, and a fifth of the time of going element by element.
    pub fn chunks(&self, mut look: impl FnMut(&[T])) {
        let Ok(()) = self.try_chunks(|chunk| {
            look(chunk);
            Ok::<_, Infallible>(())
        });
    }

    /// As [`chunks`](Self::chunks), until `look` fails.
    pub(crate) fn try_chunks<E>(&self, look: impl FnMut(&[T]) -> Result<(), E>) -> Result<(), E> {
        // SAFETY: as many elements are there (`at`); for others see `get`.
        unsafe { page::copies(self.data, self.len, look) }
    }

    /// All elements in memory order, where they are.
    ///
    /// They are there as long as the array is:
    ///
    /// ```compile_fail,E0505
    /// # use ipc_shmarray::ReadOnlyShmArray;
    /// # fn last(array: ReadOnlyShmArray<f32>) -> Option<f32> {
    /// // SAFETY: all who write have ended.
    /// let elements = unsafe { array.as_slice() };
    /// drop(array);
    /// elements.last().copied()
    /// # }
    /// ```
    ///
    /// # Safety
    ///
    /// While the slice lives, nobody writes to any of the elements, in any process.
    #[must_use]
    #[inline]
    pub unsafe fn as_slice(&self) -> &[T] {
        // SAFETY: as many elements are there as long as `self` lives (`at`), any bytes are elements (`Plain`, 2),
        // and the caller vouches that they do not change.
        unsafe { std::slice::from_raw_parts(self.data.as_ptr(), self.len) }
    }

    /// All elements, where they are, as a column-major view of the ndarray crate.
    ///
    /// `view.reversed_axes()` is the same in row-major order.
    ///
    /// # Safety
    ///
    /// As for [`as_slice`](Self::as_slice).
    #[cfg(feature = "ndarray")]
    #[must_use]
    pub unsafe fn as_view(&self) -> ndarray::ArrayViewD<'_, T> {
        use ndarray::ShapeBuilder;

        let shape = ndarray::IxDyn(self.shape.dims()).f();
        // SAFETY: a slice of ours, under the same conditions, seen in a shape that has as many elements.
        unsafe { ndarray::ArrayViewD::from_shape_ptr(shape, self.data.as_ptr()) }
    }
}

/// Copies the first bytes of a memory.
pub(crate) fn copy_head(memory: &impl Memory, head: &mut [u8]) {
    debug_assert!(head.len() <= memory.size());
    let (magic, rest) = head.split_at_mut(head.len().min(size_of::<u32>()));
    // SAFETY: the bytes lie within the memory; no array writes to its own header after it was published.
    unsafe { granule::copy_out(memory.base(), magic) }
    // The magic was written last: what is read after it is whole.
    atomic::fence(Ordering::Acquire);
    // SAFETY: the bytes before lie within the memory.
    let after_magic = unsafe { memory.base().add(magic.len()) };
    // SAFETY: as for the magic.
    unsafe { granule::copy_out(after_magic, rest) }
}

/// The description of the elements that follows a header, if the element type has no number of the format.
pub(crate) fn description(header: &ArrayHeader, memory: &impl Memory, label: &str) -> Result<Option<Fingerprint>> {
    let Some(range) = header.description() else {
        return Ok(None);
    };
    if range.len() > Fingerprint::MAX_LEN.next_multiple_of(64) {
        let why =
            format!("found a description of {} bytes, at most {} are possible", range.len(), Fingerprint::MAX_LEN);
        return Err(Error::mismatch("open", label, why));
    }
    let mut bytes = vec![0; range.end];
    copy_head(memory, &mut bytes);
    Fingerprint::decode(&bytes[range], label).map(Some)
}

/// Refuses an array whose elements are not of type `T`.
fn check_element<T: Plain>(header: &ArrayHeader, memory: &impl Memory, label: &str) -> Result<()> {
    let wanted = T::SCHEMA;
    let why = match (header.kind(), description(header, memory, label)?) {
        (Some(found), _) if found.code() == element_type(wanted) => return Ok(()),
        (Some(found), _) => format!("found elements of type {found}, wanted {}", wanted.kind),
        (None, None) => String::from("found elements that nothing describes"),
        (None, Some(found)) => match found.difference(&Fingerprint::of(wanted)?) {
            None => return Ok(()),
            Some(difference) => format!("the elements have another layout: {difference}"),
        },
    };
    Err(Error::mismatch("open", label, why))
}

impl<T: Plain, M: Memory> fmt::Debug for ReadOnlyShmArray<T, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ShmArray({} of {} in {})", self.shape, T::SCHEMA.kind, self.memory.label())
    }
}

// SAFETY: the address belongs to `memory`, which may be sent to another thread (`Memory: Send`); no
// element belongs to a thread.
unsafe impl<T: Plain, M: Memory> Send for ReadOnlyShmArray<T, M> {}

// SAFETY: through `&self` elements are only copied, granule by granule, or reached by who vouches for it.
unsafe impl<T: Plain, M: Memory> Sync for ReadOnlyShmArray<T, M> {}
