//! The header of an array in memory: format WA-1.
//!
//! ```text
//! 0.. 4       magic 0x57412D31, "WA-1" read big-endian
//! 4.. 6       element type: 1 to 12 are the numbers of `Kind`; `DESCRIBED` is ours
//! 6.. 8       number of dimensions, N
//! 8..16       offset of the first element
//! 16..16+8N   dimensions, each at least 1
//!             anything, up to a multiple of 64
//! ```
//!
//! All in the byte order of the machine. An element type that WA-1 has no number for is
//! `DESCRIBED`: the fingerprint of its layout follows, again up to a multiple of 64, and `offset` covers both.
//!
//! Bytes that are read here may be anything. They are copied once, and only the copy is looked at.

use ipc_core::{Error, Result};
use ipc_mem::{Fingerprint, Kind, Plain, Schema};

use crate::Shape;

const MAGIC: u32 = u32::from_be_bytes(*b"WA-1");
const DESCRIBED: u16 = 0x100;
const UNIT: usize = 64;

/// The most bytes that the WA-1 part of a header has.
pub(crate) const MAX_LEN: usize = (16 + 8 * Shape::MAX_DIMS).next_multiple_of(UNIT);

/// What a header says, after it was checked against itself and the size of its memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ArrayHeader {
    element: u16,
    pub(crate) shape: Shape,
    /// Where the first element is.
    pub(crate) offset: usize,
}

/// Whether the format has a number for elements of this kind.
pub(crate) fn is_numbered(kind: Kind) -> bool {
    (Kind::I8.code()..=Kind::C64.code()).contains(&kind.code())
}

/// The element type of the format: a number, unless there is more to tell than that.
pub(crate) fn element_type(schema: &Schema) -> u16 {
    if is_numbered(schema.kind) && schema.fields.is_empty() { schema.kind.code() } else { DESCRIBED }
}

fn wa1_len(shape: &Shape) -> usize {
    (16 + 8 * shape.dims().len()).next_multiple_of(UNIT)
}

impl ArrayHeader {
    /// The bytes in front of the elements of a new array, and how long it is with them.
    ///
    /// # Errors
    ///
    /// `is_invalid_argument` if a dimension is 0, if no memory can be so large, or if the elements
    /// want a larger boundary than the format gives.
    #[expect(clippy::cast_possible_truncation, reason = "a shape has 16 dimensions at most")]
    pub(crate) fn for_new<T: Plain>(shape: Shape, object: &str) -> Result<(Vec<u8>, Self, usize)> {
        let schema = T::SCHEMA;
        let refuse = |why: String| Error::invalid("create", object, why);
        if shape.dims().contains(&0) {
            return Err(refuse(format!("a dimension of 0 in {shape}")));
        }
        if schema.align > UNIT {
            let why = format!("elements on a boundary of {} bytes, {UNIT} at most are possible", schema.align);
            return Err(refuse(why));
        }
        let mut bytes = Vec::with_capacity(MAX_LEN);
        let element = element_type(schema);
        let description = match element {
            DESCRIBED => Fingerprint::of(schema)?.encode(),
            _ => Vec::new(),
        };
        let offset = wa1_len(&shape) + description.len().next_multiple_of(UNIT);
        let this = Self { element, shape, offset };
        let total = this
            .checked_total(schema.size)
            .ok_or_else(|| refuse(format!("no memory holds {shape} elements of {} bytes", schema.size)))?;
        bytes.extend(MAGIC.to_ne_bytes());
        bytes.extend(element.to_ne_bytes());
        bytes.extend((shape.dims().len() as u16).to_ne_bytes());
        bytes.extend((offset as u64).to_ne_bytes());
        for dim in shape.dims() {
            bytes.extend((*dim as u64).to_ne_bytes());
        }
        bytes.resize(wa1_len(&shape), 0);
        bytes.extend(description);
        bytes.resize(offset, 0);
        Ok((bytes, this, total))
    }

    /// Reads a header. `head` is the beginning of a memory of `size` bytes, [`MAX_LEN`] of them if there are
    /// so many.
    ///
    /// # Errors
    ///
    /// `is_mismatch` if it is none, or none that can be true.
    pub(crate) fn decode(head: &[u8], size: usize, object: &str) -> Result<Self> {
        let wrong = |why: String| Error::mismatch("open", object, why);
        let word = |at: usize| head.get(at..at + 8).and_then(|bytes| bytes.try_into().ok()).map(i64::from_ne_bytes);
        let short = || wrong(format!("found {size} bytes, an array's header is longer"));
        let first = word(0).ok_or_else(short)?.to_ne_bytes();
        let [m0, m1, m2, m3, e0, e1, n0, n1] = first;
        let (magic, element) = (u32::from_ne_bytes([m0, m1, m2, m3]), u16::from_ne_bytes([e0, e1]));
        if magic != MAGIC {
            return Err(wrong(format!("found magic {magic:#010x}, wanted {MAGIC:#010x}: this is no array")));
        }
        if !is_numbered(Kind::new(element)) && element != DESCRIBED {
            return Err(wrong(format!("found element type {element}, wanted 1 to 12 or {DESCRIBED}")));
        }
        let ndims = usize::from(u16::from_ne_bytes([n0, n1]));
        if ndims == 0 || ndims > Shape::MAX_DIMS {
            return Err(wrong(format!("found {ndims} dimensions, wanted 1 to {}", Shape::MAX_DIMS)));
        }
        let offset = word(8).ok_or_else(short)?;
        let mut dims = [0; Shape::MAX_DIMS];
        for (i, dim) in dims[..ndims].iter_mut().enumerate() {
            let found = word(16 + 8 * i).ok_or_else(short)?;
            *dim = usize::try_from(found).map_err(|_| wrong(format!("found {found} as dimension {i}")))?;
        }
        let shape = Shape::new(&dims[..ndims]).map_err(|err| wrong(format!("found an impossible shape: {err}")))?;
        let at_least = wa1_len(&shape);
        let this = Self { element, shape, offset: usize::try_from(offset).unwrap_or(0) };
        let possible = match element {
            DESCRIBED => this.offset > at_least && this.offset.is_multiple_of(UNIT) && this.offset <= size,
            _ => this.offset == at_least,
        };
        if !possible {
            return Err(wrong(format!(
                "found offset {offset}, which no array of {ndims} dimensions has in {size} bytes"
            )));
        }
        Ok(this)
    }

    /// Where the description of the elements is, if they have one.
    pub(crate) fn description(&self) -> Option<std::ops::Range<usize>> {
        (self.element == DESCRIBED).then(|| wa1_len(&self.shape)..self.offset)
    }

    /// What the elements are, if that is a number of the format.
    pub(crate) fn kind(&self) -> Option<Kind> {
        (self.element != DESCRIBED).then(|| Kind::new(self.element))
    }

    /// Refuses elements of `element_size` bytes that do not all lie within a memory of `size` bytes.
    pub(crate) fn check_room(&self, element_size: usize, size: usize, object: &str) -> Result<()> {
        if self.checked_total(element_size).is_some_and(|total| total <= size) {
            return Ok(());
        }
        let Self { shape, offset, .. } = self;
        let why = format!("found {size} bytes, too few for {shape} elements of {element_size} bytes from {offset} on");
        Err(Error::mismatch("open", object, why))
    }

    /// The length of header and elements, if any memory can be so long.
    fn checked_total(&self, element_size: usize) -> Option<usize> {
        let total = self.shape.checked_len()?.checked_mul(element_size)?.checked_add(self.offset)?;
        isize::try_from(total).is_ok().then_some(total)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_has_the_bytes_that_the_format_says() {
        // J-ARR-13, and J-ARR-11 for the lengths.
        let (bytes, _, total) = ArrayHeader::for_new::<f32>(Shape::from([3, 4, 5]), "/x").unwrap();
        let mut wanted = vec![0x31, 0x2D, 0x41, 0x57, 9, 0, 3, 0, 0x40, 0, 0, 0, 0, 0, 0, 0];
        for dim in [3, 4, 5] {
            wanted.extend([dim, 0, 0, 0, 0, 0, 0, 0]);
        }
        wanted.resize(64, 0);
        assert_eq!((bytes, total), (wanted, 304));
        for (dims, len) in [(1, 64), (6, 64), (7, 128), (14, 128), (15, 192), (16, 192)] {
            let (bytes, ..) = ArrayHeader::for_new::<u8>(Shape::new(&vec![1; dims]).unwrap(), "/x").unwrap();
            assert_eq!(bytes.len(), len);
        }
    }

    #[test]
    fn a_header_whose_product_wraps_around_is_refused() {
        // Jb-18
        let wrapping = Shape::from([1 << 32, 1 << 32]);
        assert!(ArrayHeader::for_new::<u8>(wrapping, "/x").unwrap_err().is_invalid_argument());
        let (mut bytes, ..) = ArrayHeader::for_new::<u8>(Shape::from([1, 1]), "/x").unwrap();
        for at in [16, 24] {
            bytes[at..at + 8].copy_from_slice(&(1u64 << 32).to_ne_bytes());
        }
        let header = ArrayHeader::decode(&bytes, 4096, "/x").unwrap();
        assert!(header.check_room(1, 4096, "/x").unwrap_err().is_mismatch());
    }

    #[test]
    fn a_header_that_says_more_dimensions_than_there_are_bytes_is_refused() {
        // Jb-17
        let (bytes, ..) = ArrayHeader::for_new::<u8>(Shape::from([1; 16]), "/x").unwrap();
        for len in 0..144 {
            assert!(ArrayHeader::decode(&bytes[..len], len, "/x").unwrap_err().is_mismatch(), "{len}");
        }
        assert!(ArrayHeader::decode(&bytes[..144], 144, "/x").is_ok());
    }
}
