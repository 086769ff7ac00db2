//! Changes the shape or the element type of an open array.

#![expect(unsafe_code, reason = "sees elements as those of another type")]

use std::{error, fmt};

use ipc_core::{Error, Result};
use ipc_mem::{Memory, Plain, granule};

use crate::{Shape, ShmArray};

/// The error of [`ShmArray::reinterpret`]. It contains the unchanged array.
pub struct ReinterpretError<A> {
    array: Box<A>,
    error: Error,
}

impl<A> ReinterpretError<A> {
    fn new(array: A, error: Error) -> Self {
        Self { array: Box::new(array), error }
    }

    /// Returns the unchanged array.
    #[must_use]
    pub fn into_array(self) -> A {
        *self.array
    }
}

/// Drops the array.
impl<A> From<ReinterpretError<A>> for Error {
    fn from(err: ReinterpretError<A>) -> Self {
        err.error
    }
}

impl<A> fmt::Display for ReinterpretError<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

/// Prints the same text as `Display`, because `main` and `unwrap` print errors with `Debug`.
impl<A> fmt::Debug for ReinterpretError<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl<A> error::Error for ReinterpretError<A> {}

impl<T: Plain, M: Memory> ShmArray<T, M> {
    /// Changes the shape of this handle to one with the same number of elements, in the same memory
    /// order.
    ///
    /// The array itself does not change. Other handles see the shape with which the array was
    /// created, and so do processes that open it later.
    ///
    /// ```
    /// use ipc_shmarray::ShmArray;
    ///
    /// # let name = format!("/reshape-{}", std::process::id());
    /// let mut image = ShmArray::<u8>::create(&name, [640, 480])?;
    /// image.set([3, 2], 7)?;
    /// image.reshape(640 * 480)?;
    /// assert_eq!(image.get([3 + 2 * 640])?, 7);
    /// # Ok::<(), ipc_core::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// `is_invalid_argument` if the number of elements differs. Then the shape does not change.
    pub fn reshape(&mut self, shape: impl Into<Shape>) -> Result<()> {
        let shape = shape.into();
        if shape.checked_len() != Some(self.len()) {
            let why = format!("{} elements cannot be {shape}", self.shape());
            return Err(Error::invalid("reshape", self.memory().label(), why));
        }
        // SAFETY: the elements stay those of this array.
        let elements = unsafe { self.0.structure_mut() };
        elements.reshape(shape);
        Ok(())
    }

    /// Converts the array into one of another element type over the same bytes. Elements are read
    /// and written in *granules*: a granule has as many bytes as the alignment of the element type, but
    /// at most 8. The granules of both types must have the same size: numbers can become integers of
    /// the same width, and complex numbers can become pairs of numbers.
    ///
    /// If the elements become larger, the first dimension shrinks by the same factor; if they
    /// become smaller, it grows.
    ///
    /// ```
    /// use ipc_shmarray::ShmArray;
    ///
    /// # let name = format!("/reinterpret-{}", std::process::id());
    /// let points = ShmArray::<[f32; 2]>::create(&name, [10, 3])?;
    /// points.set([9, 1], [1.0, 2.0])?;
    /// let numbers = points.reinterpret::<f32>()?;
    /// assert_eq!((numbers.shape().dims(), numbers.get([19, 1])?), (&[20, 3][..], 2.0));
    /// # Ok::<(), ipc_core::Error>(())
    /// ```
    ///
    /// All processes must read and write an array in units of the same size, so an array of 4-byte
    /// numbers cannot become an array of bytes:
    ///
    /// ```compile_fail,E0080
    /// # use ipc_shmarray::ShmArray;
    /// let bytes = ShmArray::<f32>::open("/image")?.reinterpret::<u8>();
    /// # Ok::<(), ipc_core::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ReinterpretError`], which contains the array, if
    /// `shape().dims()[0] * size_of::<T>()` is not a multiple of the size of `U`, or if the array
    /// is not aligned for `U`.
    pub fn reinterpret<U: Plain>(self) -> Result<ShmArray<U, M>, ReinterpretError<Self>> {
        const {
            assert!(
                granule::size_of_granule::<T>() == granule::size_of_granule::<U>(),
                "moved in other pieces"
            );
        };
        let refuse =
            |why: fmt::Arguments<'_>| Error::invalid("reinterpret", self.memory().label(), why);
        let first = self.shape().dims()[0] * size_of::<T>();
        if !first.is_multiple_of(size_of::<U>()) {
            let size = size_of::<U>();
            let error = refuse(format_args!(
                "{first} bytes of the first dimension are no elements of {size} bytes"
            ));
            return Err(ReinterpretError::new(self, error));
        }
        if !self.as_ptr().addr().is_multiple_of(align_of::<U>()) {
            let error =
                refuse(format_args!("the array is not on a boundary of {} bytes", align_of::<U>()));
            return Err(ReinterpretError::new(self, error));
        }
        let shape = self.shape().with_first(first / size_of::<U>());
        // SAFETY: the same bytes, which are aligned for `U`; the shape has exactly the elements
        // that fit into them, and they are moved in the same granules.
        Ok(ShmArray(unsafe { self.0.map(|elements| elements.cast(shape)) }))
    }
}
