//! The header of an array in memory: format WA-1.
//!
//! ```text
//! 0.. 4       magic 0x57412D31, "WA-1" read big-endian
//! 4.. 6       element type: 1 to 12 are the numbers of `Kind`; `DESCRIBED` is 0x100
//! 6.. 8       number of dimensions, N
//! 8..16       offset of the first element
//! 16..16+8N   dimensions, each at least 1
//!             any bytes, up to a multiple of 64
//! ```
//!
//! All values are in the byte order of the machine. `DESCRIBED` is an extension of this toolkit,
//! for an element type that has no number in WA-1: the [`Fingerprint`] of its layout follows the
//! header, padded to a multiple of 64 bytes. `offset` then includes the header and the fingerprint.
//!
//! The header may contain any bytes. It is copied once, and only the copy is examined.

use std::alloc::Layout;

use ipc_core::Refusal;

use crate::{Fingerprint, Kind, Plain, Schema, Shape};

const MAGIC: u32 = u32::from_be_bytes(*b"WA-1");
const DESCRIBED: u16 = 0x100;
const UNIT: usize = 64;

/// The part of a header that every array has.
pub const FIXED: usize = 16;

/// The contents of a header that is consistent, and fits the size of its memory object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ArrayHeader {
    element: u16,
    /// The number of elements in each dimension.
    pub shape: Shape,
    /// The offset of the first element.
    pub offset: usize,
}

/// Returns `true` if the array format (WA-1) has a number for elements of this kind.
#[must_use]
pub fn is_numbered(kind: Kind) -> bool {
    (Kind::I8.code()..=Kind::C64.code()).contains(&kind.code())
}

/// Returns the size and alignment of elements of this kind, if the array format (WA-1) has a number
/// for the kind.
#[must_use]
pub fn numbered_layout(kind: Kind) -> Option<Layout> {
    match kind {
        Kind::I8 | Kind::U8 => Some(Layout::new::<u8>()),
        Kind::I16 | Kind::U16 => Some(Layout::new::<u16>()),
        Kind::I32 | Kind::U32 | Kind::F32 => Some(Layout::new::<u32>()),
        Kind::I64 | Kind::U64 | Kind::F64 => Some(Layout::new::<u64>()),
        Kind::C32 => Some(Layout::new::<[f32; 2]>()),
        Kind::C64 => Some(Layout::new::<[f64; 2]>()),
        _ => None,
    }
}

/// Returns the element type as the format records it: its number, or `DESCRIBED` (0x100) for a type
/// with fields or without a number.
#[must_use]
pub fn element_type(schema: &Schema) -> u16 {
    if is_numbered(schema.kind) && schema.fields.is_empty() {
        schema.kind.code()
    } else {
        DESCRIBED
    }
}

/// Returns `true` if these bytes begin as the header of an array does.
#[must_use]
pub fn has_magic(bytes: &[u8]) -> bool {
    bytes.starts_with(&MAGIC.to_ne_bytes())
}

fn offset(head: &[u8]) -> i64 {
    i64::from_ne_bytes(std::array::from_fn(|i| head[8 + i]))
}

fn wa1_len(shape: &Shape) -> usize {
    (16 + 8 * shape.dims().len()).next_multiple_of(UNIT)
}

impl ArrayHeader {
    /// Returns three parts of a new array: the bytes in front of its elements, the contents of its
    /// header, and its total length including the elements.
    ///
    /// # Errors
    ///
    /// An invalid argument if a dimension is 0, if no memory object can be that large, or if the
    /// elements need a larger alignment than the format guarantees.
    #[expect(clippy::cast_possible_truncation, reason = "a shape has 16 dimensions at most")]
    pub fn for_new<T: Plain>(shape: Shape) -> Result<(Vec<u8>, Self, usize), Refusal> {
        let schema = T::SCHEMA;
        let refuse = |why: String| Refusal::invalid("create", why);
        if shape.dims().contains(&0) {
            return Err(refuse(format!("a dimension of 0 in {shape}")));
        }
        if schema.align > UNIT {
            let why = format!(
                "elements on a boundary of {} bytes, {UNIT} at most are possible",
                schema.align
            );
            return Err(refuse(why));
        }
        let mut bytes = Vec::with_capacity(wa1_len(&shape));
        let element = element_type(schema);
        let description = match element {
            DESCRIBED => Fingerprint::of(schema)?.encode(),
            _ => Vec::new(),
        };
        let offset = wa1_len(&shape) + description.len().next_multiple_of(UNIT);
        let this = Self { element, shape, offset };
        let total = this.checked_total(schema.size).ok_or_else(|| {
            refuse(format!("no memory holds {shape} elements of {} bytes", schema.size))
        })?;
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

    /// Returns the length of the header that begins with these [`FIXED`] bytes, which may have any
    /// values.
    ///
    /// # Errors
    ///
    /// A mismatch if the bytes are not a header.
    pub fn len(fixed: &[u8]) -> Result<usize, Refusal> {
        let wrong = |why: String| Refusal::mismatch("open", why);
        let magic = u32::from_ne_bytes(std::array::from_fn(|i| fixed[i]));
        let short = |at: usize| u16::from_ne_bytes([fixed[at], fixed[at + 1]]);
        if magic != MAGIC {
            return Err(wrong(format!(
                "found magic {magic:#010x}, wanted {MAGIC:#010x}: this is not an array"
            )));
        }
        let (element, dims) = (short(4), usize::from(short(6)));
        if !is_numbered(Kind::new(element)) && element != DESCRIBED {
            return Err(wrong(format!(
                "found element type {element}, wanted 1 to 12 or {DESCRIBED}"
            )));
        }
        if dims == 0 || dims > Shape::MAX_DIMS {
            return Err(wrong(format!("found {dims} dimensions, wanted 1 to {}", Shape::MAX_DIMS)));
        }
        if element != DESCRIBED {
            return Ok(FIXED + 8 * dims);
        }
        let offset = offset(fixed);
        let most = FIXED + 8 * Shape::MAX_DIMS + UNIT + Fingerprint::MAX_LEN.next_multiple_of(UNIT);
        usize::try_from(offset).ok().filter(|offset| *offset <= most).ok_or_else(|| {
            wrong(format!("found a header of {offset} bytes, at most {most} are possible"))
        })
    }

    /// Decodes and checks a header of the length that [`len`](Self::len) returned, at the beginning
    /// of `size` bytes.
    ///
    /// # Errors
    ///
    /// A mismatch if no array can have this header.
    pub fn decode(head: &[u8], size: usize) -> Result<Self, Refusal> {
        let wrong = |why: String| Refusal::mismatch("open", why);
        let short = |at: usize| u16::from_ne_bytes([head[at], head[at + 1]]);
        let (element, ndims, offset) = (short(4), usize::from(short(6)), offset(head));
        let mut dims = [0; Shape::MAX_DIMS];
        for (i, dim) in dims[..ndims].iter_mut().enumerate() {
            let bytes = head
                .get(FIXED + 8 * i..FIXED + 8 * (i + 1))
                .and_then(|bytes| bytes.try_into().ok());
            let found = bytes
                .map(i64::from_ne_bytes)
                .ok_or_else(|| wrong(String::from("found a header cut short")))?;
            *dim = usize::try_from(found)
                .map_err(|_| wrong(format!("found {found} as dimension {i}")))?;
        }
        let shape = Shape::new(&dims[..ndims])
            .map_err(|err| wrong(format!("found an impossible shape: {err}")))?;
        let at_least = wa1_len(&shape);
        let this = Self { element, shape, offset: usize::try_from(offset).unwrap_or(0) };
        let possible = match element {
            DESCRIBED => {
                this.offset > at_least && this.offset.is_multiple_of(UNIT) && this.offset <= size
            }
            _ => this.offset == at_least,
        };
        if !possible {
            return Err(wrong(format!(
                "found offset {offset}, which no array of {ndims} dimensions has in {size} bytes"
            )));
        }
        Ok(this)
    }

    /// Returns the description of the elements, if their type has no number in the format. `head`
    /// is the header.
    ///
    /// # Errors
    ///
    /// A mismatch if the description is damaged.
    pub fn description(&self, head: &[u8]) -> Result<Option<Fingerprint>, Refusal> {
        let described =
            (self.element == DESCRIBED).then(|| &head[wa1_len(&self.shape)..self.offset]);
        described.map(Fingerprint::decode).transpose()
    }

    /// Refuses an array whose elements are not of type `T`. `head` is the header.
    ///
    /// # Errors
    ///
    /// A mismatch, with what was found and what was wanted.
    pub fn expect_element<T: Plain>(&self, head: &[u8]) -> Result<(), Refusal> {
        self.expect_described::<T>(self.description(head)?.as_ref())
    }

    /// Refuses an array whose elements are not of type `T`, given the description in its header.
    ///
    /// # Errors
    ///
    /// A mismatch, with what was found and what was wanted.
    pub fn expect_described<T: Plain>(
        &self,
        description: Option<&Fingerprint>,
    ) -> Result<(), Refusal> {
        let wanted = T::SCHEMA;
        let why = match (self.kind(), description) {
            (Some(found), _) if found.code() == element_type(wanted) => return Ok(()),
            (Some(found), _) => format!("found elements of type {found}, wanted {}", wanted.kind),
            (None, None) => String::from("found elements without a description"),
            (None, Some(found)) => match found.difference(&Fingerprint::of(wanted)?) {
                None => return Ok(()),
                Some(difference) => format!("the elements have another layout: {difference}"),
            },
        };
        Err(Refusal::mismatch("open", why))
    }

    /// Returns the kind of the elements, if it has a number in the format.
    #[must_use]
    pub fn kind(&self) -> Option<Kind> {
        (self.element != DESCRIBED).then(|| Kind::new(self.element))
    }

    /// Refuses elements of `element_size` bytes that do not all lie within a memory object of
    /// `size` bytes.
    ///
    /// # Errors
    ///
    /// A mismatch, with what was found and what was wanted.
    pub fn check_room(&self, element_size: usize, size: usize) -> Result<(), Refusal> {
        if self.checked_total(element_size).is_some_and(|total| total <= size) {
            return Ok(());
        }
        let Self { shape, offset, .. } = self;
        let why = format!(
            "found {size} bytes, too few for {shape} elements of {element_size} bytes from {offset} on"
        );
        Err(Refusal::mismatch("open", why))
    }

    /// Returns the length of the header and the elements, or `None` if no memory object can be that
    /// long.
    fn checked_total(&self, element_size: usize) -> Option<usize> {
        let total =
            self.shape.checked_len()?.checked_mul(element_size)?.checked_add(self.offset)?;
        isize::try_from(total).is_ok().then_some(total)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_has_the_bytes_that_the_format_says() {
        let (bytes, _, total) = ArrayHeader::for_new::<f32>(Shape::from([3, 4, 5])).unwrap();
        let mut wanted = vec![0x31, 0x2D, 0x41, 0x57, 9, 0, 3, 0, 0x40, 0, 0, 0, 0, 0, 0, 0];
        for dim in [3, 4, 5] {
            wanted.extend([dim, 0, 0, 0, 0, 0, 0, 0]);
        }
        wanted.resize(64, 0);
        assert_eq!((bytes, total), (wanted, 304));
        for (dims, len) in [(1, 64), (6, 64), (7, 128), (14, 128), (15, 192), (16, 192)] {
            let (bytes, ..) =
                ArrayHeader::for_new::<u8>(Shape::new(&vec![1; dims]).unwrap()).unwrap();
            assert_eq!(bytes.len(), len);
        }
    }

    #[test]
    fn a_header_whose_product_wraps_around_is_refused() {
        let wrapping = Shape::from([1 << 32, 1 << 32]);
        assert!(ArrayHeader::for_new::<u8>(wrapping).unwrap_err().on("/x").is_invalid_argument());
        let (mut bytes, ..) = ArrayHeader::for_new::<u8>(Shape::from([1, 1])).unwrap();
        for at in [16, 24] {
            bytes[at..at + 8].copy_from_slice(&(1u64 << 32).to_ne_bytes());
        }
        let header = ArrayHeader::decode(&bytes, 4096).unwrap();
        assert!(header.check_room(1, 4096).unwrap_err().on("/x").is_mismatch());
    }

    #[test]
    fn a_header_that_says_more_dimensions_than_there_are_bytes_is_refused() {
        let (bytes, ..) = ArrayHeader::for_new::<u8>(Shape::from([1; 16])).unwrap();
        assert_eq!(ArrayHeader::len(&bytes[..FIXED]).unwrap(), 144);
        for len in FIXED..144 {
            assert!(
                ArrayHeader::decode(&bytes[..len], len).unwrap_err().on("/x").is_mismatch(),
                "{len}"
            );
        }
        assert!(ArrayHeader::decode(&bytes[..144], 144).is_ok());
    }
}
