//! The shape of an array: the number of elements in each dimension.

use std::fmt;

use ipc_core::{Error, Refusal, Result};

/// The dimensions of an array, at least 1 and at most 16 of them, starting with the dimension of
/// the first index.
///
/// ```
/// use ipc_mem::Shape;
///
/// let shape = Shape::from([640, 480]);
/// assert_eq!(shape.dims(), [640, 480]);
/// assert_eq!(shape.to_string(), "640×480");
/// assert!(Shape::new(&[1; 17]).is_err_and(|err| err.is_invalid_argument()));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Shape {
    ndims: usize,
    /// Entries from `ndims` on are 1.
    dims: [usize; Self::MAX_DIMS],
}

impl Shape {
    /// The maximum number of dimensions.
    pub const MAX_DIMS: usize = 16;

    /// Creates a shape with these dimensions.
    ///
    /// # Errors
    ///
    /// `is_invalid_argument` if the number of dimensions is 0 or above 16, or if a dimension is 0.
    pub fn new(dims: &[usize]) -> Result<Self> {
        if dims.is_empty() || dims.len() > Self::MAX_DIMS {
            let why = format!("{} dimensions, 1 to {} are possible", dims.len(), Self::MAX_DIMS);
            return Err(Error::invalid("shape", "", why));
        }
        let shape = Self::filled(dims);
        shape.check().map_err(|refusal| refusal.on(""))?;
        Ok(shape)
    }

    fn filled(dims: &[usize]) -> Self {
        let mut all = [1; Self::MAX_DIMS];
        all[..dims.len()].copy_from_slice(dims);
        Self { ndims: dims.len(), dims: all }
    }

    /// Refuses a dimension of 0, which a shape created by `From` may have.
    ///
    /// # Errors
    ///
    /// An invalid argument that names the dimension.
    pub fn check(&self) -> Result<(), Refusal> {
        match self.dims().iter().position(|dim| *dim == 0) {
            None => Ok(()),
            Some(i) => Err(Refusal::invalid("shape", format_args!("dimension {i} is 0 in {self}"))),
        }
    }

    /// Returns the dimensions, starting with the dimension of the first index.
    #[must_use]
    #[inline]
    pub fn dims(&self) -> &[usize] {
        &self.dims[..self.ndims]
    }

    /// Returns the number of elements, or `None` if it overflows.
    #[must_use]
    pub fn checked_len(&self) -> Option<usize> {
        self.dims().iter().try_fold(1usize, |len, dim| len.checked_mul(*dim))
    }

    /// Returns the strides: for each dimension, the distance in memory between neighbours, counted
    /// in elements. The first stride is 1.
    ///
    /// ```
    /// use ipc_mem::Shape;
    ///
    /// assert!(Shape::from([3, 4, 5]).strides().eq([1, 3, 12]));
    /// ```
    pub fn strides(&self) -> impl Iterator<Item = usize> + '_ {
        self.dims()
            .iter()
            .scan(1usize, |next, dim| Some(std::mem::replace(next, next.saturating_mul(*dim))))
    }

    /// Returns the shape with another first dimension.
    #[must_use]
    pub fn with_first(mut self, dim: usize) -> Self {
        self.dims[0] = dim;
        self
    }

    /// Returns the position of an element in memory order, or `None` if the index is out of bounds.
    #[inline]
    #[must_use]
    pub fn position<const N: usize>(&self, index: [usize; N]) -> Option<usize> {
        if N != self.ndims || N > Self::MAX_DIMS {
            return None;
        }
        // The product of all dimensions is the length, so none of these overflows.
        let mut position = 0;
        for i in (0..N).rev() {
            if index[i] >= self.dims[i] {
                return None;
            }
            position = position * self.dims[i] + index[i];
        }
        Some(position)
    }
}

impl<const N: usize> From<[usize; N]> for Shape {
    fn from(dims: [usize; N]) -> Self {
        const { assert!(N >= 1 && N <= Self::MAX_DIMS, "an array has 1 to 16 dimensions") };
        Self::filled(&dims)
    }
}

/// Creates a shape of one dimension.
impl From<usize> for Shape {
    fn from(len: usize) -> Self {
        Self::from([len])
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, dim) in self.dims().iter().enumerate() {
            write!(f, "{}{dim}", if i == 0 { "" } else { "×" })?;
        }
        Ok(())
    }
}

impl fmt::Debug for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.dims()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_index_runs_fastest() {
        let shape = Shape::from([3, 4, 5]);
        assert_eq!(shape.position([1, 0, 0]), Some(1));
        assert_eq!(shape.position([0, 1, 0]), Some(3));
        assert_eq!(shape.position([2, 3, 4]), Some(59));
        assert_eq!(shape.checked_len(), Some(60));
    }

    #[test]
    fn an_index_outside_or_of_another_number_of_dimensions_has_no_position() {
        let shape = Shape::from([3, 4]);
        for index in [[3, 0], [0, 4], [usize::MAX, 0], [0, usize::MAX]] {
            assert_eq!(shape.position(index), None);
        }
        assert_eq!(shape.position([0]), None);
        assert_eq!(shape.position([0, 0, 0]), None);
        assert_eq!(shape.position([0; 17]), None);
    }

    #[test]
    fn impossible_shapes_are_refused() {
        for dims in [&[][..], &[1; 17], &[3, 0]] {
            assert!(Shape::new(dims).unwrap_err().is_invalid_argument());
        }
        assert!(Shape::from([0]).check().is_err());
        assert_eq!(Shape::from([usize::MAX, 2]).checked_len(), None);
    }
}
