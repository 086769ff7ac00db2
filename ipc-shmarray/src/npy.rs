//! Conversion of arrays to and from NumPy files, `.npy`.

#![expect(unsafe_code, reason = "writes an array before it is published")]

use std::io::{self, Read, Write};

use ipc_core::{Error, Name, Result};
use ipc_mem::{Draft, Kind, Memory, MemoryOptions, Object, Plain, Tag, bytes, granule};

use crate::elements::Place;
use crate::npy_header::NpyHeader;
use crate::page::Page;
use crate::{AnyArray, Shape, ShmArray};
use ipc_mem::array::{ArrayHeader, element_type};

impl<T: Plain, M: Memory> ShmArray<T, M> {
    /// Writes a copy of the array as a NumPy file, `.npy`. `numpy.load` returns an array of
    /// the same shape, in which each element has the same indices.
    ///
    /// ```
    /// use ipc_shmarray::ShmArray;
    ///
    /// # let (name, copy) = (format!("/npy-{}", std::process::id()), format!("/npy-copy-{}", std::process::id()));
    /// let image = ShmArray::<f32>::create(&name, [64, 48])?;
    /// image.set([10, 20], 1.5)?;
    /// let mut file = Vec::new(); // or a `File`
    /// image.write_npy(&mut file)?;
    ///
    /// let copy = ShmArray::<f32>::create_from_npy(&copy, &*file)?;
    /// assert_eq!(copy.get([10, 20])?, 1.5);
    /// # Ok::<(), ipc_core::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// `is_invalid_argument` if the element type is not one of the [numbered types](crate#format);
    /// `is_no_space` if the disk is full; other errors of the writer.
    pub fn write_npy(&self, to: impl Write) -> Result<()> {
        let kind = Kind::new(element_type(T::SCHEMA));
        write(to, kind, self.shape(), &self.memory().label(), |look| {
            self.try_chunks(|chunk| look(bytes::of(chunk)))
        })
    }
}

impl<M: Memory> AnyArray<M> {
    /// Writes a copy of the array as a NumPy file, `.npy`: see [`ShmArray::write_npy`].
    ///
    /// # Errors
    ///
    /// Those of [`ShmArray::write_npy`].
    pub fn write_npy(&self, to: impl Write) -> Result<()> {
        write(to, self.kind(), self.shape(), &self.memory().label(), |look| self.chunks(look))
    }
}

/// Writes a header, and the bytes that `chunks` passes on.
fn write(
    mut to: impl Write,
    kind: Kind,
    shape: &Shape,
    object: &str,
    chunks: impl FnOnce(&mut dyn FnMut(&[u8]) -> io::Result<()>) -> io::Result<()>,
) -> Result<()> {
    let header = NpyHeader::encode(kind, shape, object)?;
    to.write_all(&header)
        .and_then(|()| chunks(&mut |chunk| to.write_all(chunk)))
        .and_then(|()| to.flush())
        .map_err(|err| Error::io("npy", object, &err))
}

impl<T: Plain> ShmArray<T> {
    /// Creates an array under a new name from a NumPy file, `.npy`. The array has the same shape
    /// and indices as in NumPy, whether the file is in C or Fortran order.
    ///
    /// No process can open the array before all elements are written. Memory is allocated as the
    /// elements arrive, so a file whose header merely claims a large array does not cause a large
    /// allocation. If the file is in C order, this process first collects all elements in its own
    /// memory, unless the array has one dimension.
    ///
    /// # Errors
    ///
    /// Those of [`create`](Self::create); `is_mismatch` if the input is not a NumPy file, ends
    /// early, or has elements of another type; other errors of the reader.
    pub fn create_from_npy(
        name: impl TryInto<Name, Error: Into<Error>>,
        npy: impl Read,
    ) -> Result<Self> {
        Self::create_from_npy_with(name, MemoryOptions::new(0), npy)
    }

    /// Creates an array from a NumPy file as [`create_from_npy`](Self::create_from_npy) does, with
    /// options.
    ///
    /// `size`, `content` and `sparse` of the options are ignored.
    ///
    /// # Errors
    ///
    /// Those of [`create_from_npy`](Self::create_from_npy).
    pub fn create_from_npy_with(
        name: impl TryInto<Name, Error: Into<Error>>,
        options: MemoryOptions,
        mut npy: impl Read,
    ) -> Result<Self> {
        let name = name.try_into().map_err(Into::into)?;
        let file = NpyHeader::read(&mut npy, name.as_str())?;
        if file.kind.code() != element_type(T::SCHEMA) {
            let why = format!("found elements of type {}, wanted {}", file.kind, T::SCHEMA.kind);
            return Err(Error::mismatch("npy", name, why));
        }
        let (bytes, header, total) =
            ArrayHeader::for_new::<T>(file.shape).map_err(|err| err.on(&name))?;
        let draft = Draft::new(&name, options.size(total).content(Tag::ARRAY).sparse())?;
        // SAFETY: these bytes are the header of an array, whose elements are written behind it
        // before it is published.
        unsafe { draft.write_at(0, &bytes) }?;
        let mut end = header.offset;
        let mut append = |elements: &[T]| {
            let bytes = bytes::of(elements);
            // SAFETY: these bytes are elements, which lie behind the header.
            unsafe { draft.write_at(end, bytes) }?;
            end += bytes.len();
            Ok(())
        };
        let len = file.shape.checked_len().unwrap_or(0);
        if file.column_major || file.shape.dims().len() == 1 {
            elements(npy, len, file.swapped, name.as_str(), append)?;
        } else {
            let mut all = Vec::new();
            elements(npy, len, file.swapped, name.as_str(), |elements| {
                all.extend_from_slice(elements);
                Ok(())
            })?;
            transposed(&all, &file.shape, &mut append)?;
        }
        let place = Place { offset: header.offset, shape: file.shape };
        // SAFETY: the header and all elements were written above.
        unsafe { Object::wrap(draft.publish()?, place) }.map(Self)
    }
}

/// Calls `look` with the next `len` elements of a file, a page at a time.
fn elements<T: Plain>(
    mut npy: impl Read,
    len: usize,
    swapped: bool,
    object: &str,
    mut look: impl FnMut(&[T]) -> Result<()>,
) -> Result<()> {
    let mut page = Page::new();
    let page = page.elements::<T>();
    let mut left = len;
    while left > 0 {
        let room = page.len().min(left);
        let chunk = &mut page[..room];
        let bytes = bytes::of_mut(chunk);
        npy.read_exact(bytes).map_err(|err| match err.kind() {
            io::ErrorKind::UnexpectedEof => Error::mismatch(
                "npy",
                object,
                format_args!("it ends before all {len} elements are there"),
            ),
            _ => Error::io("npy", object, &err),
        })?;
        if swapped {
            // Each number is one granule; a complex number consists of two.
            bytes.chunks_exact_mut(granule::size_of_granule::<T>()).for_each(<[u8]>::reverse);
        }
        look(chunk)?;
        left -= room;
    }
    Ok(())
}

/// Converts elements from C order to column-major order, and calls `look` with a page of them at a
/// time.
fn transposed<T: Plain>(
    all: &[T],
    shape: &Shape,
    look: &mut dyn FnMut(&[T]) -> Result<()>,
) -> Result<()> {
    let dims = shape.dims();
    let mut strides = [1; Shape::MAX_DIMS];
    for i in (1..dims.len()).rev() {
        strides[i - 1] = strides[i] * dims[i];
    }
    let (mut index, mut from) = ([0; Shape::MAX_DIMS], 0);
    let mut page = Page::new();
    let page = page.elements::<T>();
    let mut left = all.len();
    while left > 0 {
        let room = page.len().min(left);
        for place in &mut page[..room] {
            *place = all[from];
            for i in 0..dims.len() {
                (index[i], from) = (index[i] + 1, from + strides[i]);
                if index[i] < dims[i] {
                    break;
                }
                (index[i], from) = (0, from - dims[i] * strides[i]);
            }
        }
        look(&page[..room])?;
        left -= room;
    }
    Ok(())
}
