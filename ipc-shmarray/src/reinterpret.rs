//! The same elements in another shape, or as another type.

use std::{error, fmt};

use ipc_core::{Error, Result};
use ipc_mem::{Memory, Plain, granule};

use crate::{ReadOnlyShmArray, Shape, ShmArray};

/// Why the elements of an array cannot be seen as those of another type; the array is still there.
pub struct ReinterpretError<A> {
    array: Box<A>,
    error: Error,
}

impl<A> ReinterpretError<A> {
    fn new(array: A, error: Error) -> Self {
        Self { array: Box::new(array), error }
    }

    /// The array as it was.
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

impl<A> fmt::Debug for ReinterpretError<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ReinterpretError").field(&self.error).finish()
    }
}

impl<A> error::Error for ReinterpretError<A> {}

impl<T: Plain, M: Memory> ReadOnlyShmArray<T, M> {
    /// Gives this handle another shape of as many elements, in the same memory order.
    ///
    /// The array stays what it is: others, and who opens it later, see the shape it was made with.
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
    /// `is_invalid_argument` if the shape has not as many elements; it stays as it was then.
    pub fn reshape(&mut self, shape: impl Into<Shape>) -> Result<()> {
        let shape = shape.into();
        if shape.checked_len() != Some(self.len()) {
            let why = format!("{} elements cannot be {shape}", self.shape());
            return Err(Error::invalid("reshape", self.memory().label(), why));
        }
        self.set_shape(shape);
        Ok(())
    }

    /// The same bytes as elements of another type that is moved in pieces of the same size: numbers as the integers
    /// of their bits, complex numbers as pairs of numbers.
    ///
    /// If an element of `U` is larger or smaller, the first dimension shrinks or grows as much.
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
    /// All who share an array move it in pieces of one size, so no array of 4-byte numbers becomes one of bytes:
    ///
    /// ```compile_fail,E0080
    /// # use ipc_shmarray::ShmArray;
    /// let bytes = ShmArray::<f32>::open("/image")?.reinterpret::<u8>();
    /// # Ok::<(), ipc_core::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ReinterpretError`], which has the array, if the first dimension has not so many bytes that they
    /// are elements of `U`, or the array is not aligned for them.
    pub fn reinterpret<U: Plain>(self) -> Result<ReadOnlyShmArray<U, M>, ReinterpretError<Self>> {
        const { assert!(granule::size_of_granule::<T>() == granule::size_of_granule::<U>(), "moved in other pieces") };
        let refuse = |why: fmt::Arguments<'_>| Error::invalid("reinterpret", self.memory().label(), why);
        let first = self.shape().dims()[0] * size_of::<T>();
        if !first.is_multiple_of(size_of::<U>()) {
            let size = size_of::<U>();
            let error = refuse(format_args!("{first} bytes of the first dimension are no elements of {size} bytes"));
            return Err(ReinterpretError::new(self, error));
        }
        if !self.as_ptr().addr().is_multiple_of(align_of::<U>()) {
            let error = refuse(format_args!("the array is not on a boundary of {} bytes", align_of::<U>()));
            return Err(ReinterpretError::new(self, error));
        }
        let shape = self.shape().with_first(first / size_of::<U>());
        Ok(self.with_elements(shape))
    }
}

impl<T: Plain, M: Memory> ShmArray<T, M> {
    /// As [`ReadOnlyShmArray::reshape`].
    ///
    /// # Errors
    ///
    /// As [`ReadOnlyShmArray::reshape`].
    pub fn reshape(&mut self, shape: impl Into<Shape>) -> Result<()> {
        self.0.reshape(shape)
    }

    /// As [`ReadOnlyShmArray::reinterpret`].
    ///
    /// # Errors
    ///
    /// As [`ReadOnlyShmArray::reinterpret`].
    pub fn reinterpret<U: Plain>(self) -> Result<ShmArray<U, M>, ReinterpretError<Self>> {
        match self.0.reinterpret() {
            Ok(array) => Ok(ShmArray(array)),
            Err(err) => Err(ReinterpretError::new(ShmArray(*err.array), err.error)),
        }
    }
}
