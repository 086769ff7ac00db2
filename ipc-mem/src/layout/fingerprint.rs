//! The stored form of a layout, and the differences of two layouts.
//!
//! ```text
//! bytes    what                            of the whole
//!  0.. 4   magic, "IPCF" read big-endian
//!  4.. 6   version, 1
//!  6.. 8   number of entries
//!  8..12   length in bytes, a multiple of 8
//! 12..16   zero
//!          the entries: the type itself, then its fields, depth first
//!  0.. 8   offset from the beginning of the type
//!  8..16   size
//! 16..20   alignment
//! 20..22   kind
//! 22..24   length of the path
//! 24..     the path, `outer.inner`, `[]` for an element; zeros up to a multiple of 8
//! ```
//!
//! All integers are in the byte order of the machine. A path consists of names of fields, not of
//! Rust types, so a program in another language can write an equal fingerprint.

use crate::{Kind, Schema};
use ipc_core::Refusal;

const MAGIC: u32 = u32::from_be_bytes(*b"IPCF");
const VERSION: u16 = 1;
const HEADER: usize = 16;
const ENTRY: usize = 24;

/// The layout of a type in the form in which it is stored beside the data. A program that opens the
/// data compares this layout with that of its own type.
///
/// # Examples
///
/// ```
/// use ipc_mem::{Fingerprint, Plain};
///
/// let here = Fingerprint::of(<[f32; 4]>::SCHEMA)?;
/// let there = Fingerprint::decode(&Fingerprint::of(<[f64; 4]>::SCHEMA)?.encode())?;
/// let difference = there.difference(&here).unwrap();
/// assert!(difference.contains("found f64"), "{difference}");
/// assert!(difference.contains("wanted f32"), "{difference}");
/// # Ok::<(), ipc_core::Refusal>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fingerprint {
    /// The type itself, then its fields; never empty.
    entries: Vec<Entry>,
}

/// A field of a type, as its fingerprint describes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DescribedField<'a> {
    /// The names of the fields that contain the field, followed by its own name, separated by dots.
    pub path: &'a str,
    /// The kind of the field.
    pub kind: Kind,
    /// The offset of the field, in bytes from the beginning of the whole type.
    pub offset: u64,
    /// The size of the field, in bytes.
    pub size: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry {
    path: String,
    kind: Kind,
    offset: u64,
    size: u64,
    align: u32,
}

impl Fingerprint {
    /// The maximum length of the stored form, in bytes.
    pub const MAX_LEN: usize = 1 << 20;

    /// The maximum number of differences that are reported, because the bytes that were found may
    /// have any values.
    const MAX_TOLD: usize = 16;

    /// Creates the fingerprint of a layout.
    ///
    /// # Errors
    ///
    /// An invalid argument if the type has so many fields, or such long names, that its
    /// stored form would be longer than [`MAX_LEN`](Self::MAX_LEN).
    pub fn of(schema: &Schema) -> Result<Self, Refusal> {
        let mut entries = Vec::new();
        describe(schema, String::new(), 0, &mut entries);
        let this = Self { entries };
        let longest = this.entries.iter().map(|entry| entry.path.len()).max();
        if this.entries.len().max(longest.unwrap_or(0)) > usize::from(u16::MAX)
            || this.encoded_len() > Self::MAX_LEN
        {
            let why =
                format!("a type of {} fields is too large to be described", this.entries.len());
            return Err(Refusal::invalid("fingerprint", why));
        }
        Ok(this)
    }

    /// Returns the kind of the type itself.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.entries[0].kind
    }

    /// Returns the size of the type itself, if this process can address that size.
    #[must_use]
    pub fn size(&self) -> Option<usize> {
        usize::try_from(self.entries[0].size).ok()
    }

    /// Returns the alignment of the type itself.
    #[must_use]
    pub fn align(&self) -> Option<usize> {
        usize::try_from(self.entries[0].align).ok()
    }

    /// Returns the fields of the type, in the order in which they are stored. The path of a field
    /// in another field has both names: `counters.requests`. If the fingerprint was decoded, all
    /// values may be arbitrary.
    pub fn fields(&self) -> impl Iterator<Item = DescribedField<'_>> {
        self.entries[1..].iter().map(|entry| DescribedField {
            path: &entry.path,
            kind: entry.kind,
            offset: entry.offset,
            size: entry.size,
        })
    }

    /// Returns the length of the stored form in bytes, a multiple of 8.
    #[must_use]
    pub fn encoded_len(&self) -> usize {
        HEADER
            + self
                .entries
                .iter()
                .map(|entry| ENTRY + entry.path.len().next_multiple_of(8))
                .sum::<usize>()
    }

    /// Returns the stored form.
    #[must_use]
    #[expect(
        clippy::cast_possible_truncation,
        reason = "`of` and `decode` let nothing through that is longer"
    )]
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.encoded_len());
        bytes.extend(MAGIC.to_ne_bytes());
        bytes.extend(VERSION.to_ne_bytes());
        bytes.extend((self.entries.len() as u16).to_ne_bytes());
        bytes.extend((self.encoded_len() as u32).to_ne_bytes());
        bytes.extend([0; 4]);
        for entry in &self.entries {
            bytes.extend(entry.offset.to_ne_bytes());
            bytes.extend(entry.size.to_ne_bytes());
            bytes.extend(entry.align.to_ne_bytes());
            bytes.extend(entry.kind.code().to_ne_bytes());
            bytes.extend((entry.path.len() as u16).to_ne_bytes());
            bytes.extend(entry.path.as_bytes());
            bytes.resize(bytes.len().next_multiple_of(8), 0);
        }
        bytes
    }

    /// Returns the length in bytes of the fingerprint at the beginning of `bytes`; `None` if there
    /// is no fingerprint.
    #[must_use]
    pub fn peek_len(bytes: &[u8]) -> Option<usize> {
        let mut reader = Reader(bytes);
        let (magic, version) = (reader.u32()?, reader.u16()?);
        let (_count, len) = (reader.u16()?, usize::try_from(reader.u32()?).ok()?);
        (magic == MAGIC && version == VERSION && len <= Self::MAX_LEN).then_some(len)
    }

    /// Decodes the stored form at the beginning of `bytes`. `bytes` may have any values, and may be
    /// longer than the stored form.
    ///
    /// # Errors
    ///
    /// A mismatch if the bytes are not a complete fingerprint of this version.
    pub fn decode(bytes: &[u8]) -> Result<Self, Refusal> {
        Self::parse(bytes).ok_or_else(|| {
            Refusal::mismatch("fingerprint", "the description of the layout is damaged")
        })
    }

    fn parse(bytes: &[u8]) -> Option<Self> {
        let bytes = bytes.get(..Self::peek_len(bytes)?)?;
        let mut reader = Reader(bytes.get(6..)?);
        let count = reader.u16()?;
        reader.take(8)?;
        let mut entries = Vec::new();
        for _ in 0..count {
            let (offset, size, align) = (reader.u64()?, reader.u64()?, reader.u32()?);
            let (kind, len) = (Kind::new(reader.u16()?), usize::from(reader.u16()?));
            let path = str::from_utf8(reader.take(len)?).ok()?.to_owned();
            reader.take(len.next_multiple_of(8) - len)?;
            entries.push(Entry { path, kind, offset, size, align });
        }
        (reader.0.is_empty() && !entries.is_empty()).then_some(Self { entries })
    }

    /// Describes how this layout, which was found, differs from the wanted one, field by field: the
    /// kind, offset, size and alignment that differ, on both sides. Returns `None` if the layouts are equal.
    #[must_use]
    pub fn difference(&self, wanted: &Self) -> Option<String> {
        if self == wanted {
            return None;
        }
        let other = wanted.entries.iter().filter_map(|entry| match self.at(&entry.path) {
            Some(found) if found == entry => None,
            Some(found) => {
                let (found, wanted) = found.differences(entry);
                Some(format!("{}found {found}, wanted {wanted}", entry.title()))
            }
            None => Some(format!("{}found nothing, wanted {}", entry.title(), entry.place())),
        });
        let unwanted = self.entries.iter().filter(|entry| wanted.at(&entry.path).is_none());
        let unwanted = unwanted
            .map(|entry| format!("{}found {}, wanted nothing", entry.title(), entry.place()));
        let mut differences = other.chain(unwanted);
        let mut told: Vec<_> = differences.by_ref().take(Self::MAX_TOLD).collect();
        match (told.len(), differences.count()) {
            (0, _) => told.push(String::from("the same fields in another order")),
            (_, 0) => {}
            (_, more) => told.push(format!("and {more} more")),
        }
        Some(told.join("; "))
    }

    fn at(&self, path: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.path == path)
    }
}

impl Entry {
    /// The maximum number of characters of a path that are reported, because the path that was
    /// found may be long.
    const MAX_TOLD: usize = 128;

    fn title(&self) -> String {
        match self.path.as_str() {
            "" => String::new(),
            path => {
                format!(
                    "field `{}`: ",
                    path.escape_debug().take(Self::MAX_TOLD).collect::<String>()
                )
            }
        }
    }

    fn parts(&self) -> [String; 4] {
        let Self { kind, offset, size, align, .. } = self;
        [
            kind.to_string(),
            format!("offset {offset}"),
            format!("{size} bytes"),
            format!("alignment {align}"),
        ]
    }

    fn place(&self) -> String {
        self.parts().join(", ")
    }

    /// The parts of this entry and of another one with the same path that are not equal.
    fn differences(&self, other: &Self) -> (String, String) {
        let (ours, theirs): (Vec<_>, Vec<_>) =
            self.parts().into_iter().zip(other.parts()).filter(|(one, other)| one != other).unzip();
        (ours.join(", "), theirs.join(", "))
    }
}

fn describe(schema: &Schema, path: String, offset: usize, entries: &mut Vec<Entry>) {
    entries.push(Entry {
        path: path.clone(),
        kind: schema.kind,
        offset: offset as u64,
        size: schema.size as u64,
        align: u32::try_from(schema.align).unwrap_or(u32::MAX),
    });
    for field in schema.fields {
        let path = match (path.as_str(), field.name) {
            (outer, "") => format!("{outer}[]"),
            ("", name) => name.to_owned(),
            (outer, name) => format!("{outer}.{name}"),
        };
        describe(field.schema, path, offset + field.offset, entries);
    }
}

/// Reads values one after the other from bytes that may end anywhere.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, len: usize) -> Option<&'a [u8]> {
        let (head, rest) = self.0.split_at_checked(len)?;
        self.0 = rest;
        Some(head)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_ne_bytes)
    }

    fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_ne_bytes)
    }

    fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_ne_bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Field, Plain};

    const PIXEL: &Schema = &Schema {
        kind: Kind::STRUCT,
        size: 8,
        align: 4,
        fields: &[
            Field { name: "id", offset: 0, schema: u32::SCHEMA },
            Field { name: "rgba", offset: 4, schema: <[u8; 4]>::SCHEMA },
        ],
    };

    fn stored() -> Vec<u8> {
        Fingerprint::of(PIXEL).unwrap().encode()
    }

    #[test]
    fn a_stored_fingerprint_is_read_back() {
        let bytes = stored();
        assert_eq!(Fingerprint::peek_len(&bytes), Some(bytes.len()));
        let found = Fingerprint::decode(&bytes).unwrap();
        assert_eq!(found.difference(&Fingerprint::of(PIXEL).unwrap()), None);
    }

    #[test]
    fn a_difference_is_reported_field_by_field() {
        let other =
            Schema { fields: &[Field { name: "id", offset: 4, schema: u32::SCHEMA }], ..*PIXEL };
        let difference =
            Fingerprint::decode(&stored()).unwrap().difference(&Fingerprint::of(&other).unwrap());
        let difference = difference.unwrap();
        assert!(difference.contains("field `id`: found offset 0, wanted offset 4"), "{difference}");
        assert!(difference.contains("field `rgba[]`: found u8"), "{difference}");
    }

    #[test]
    fn the_report_of_a_difference_is_short_whatever_was_found() {
        let path = |i: u8| "\u{1}".repeat(60_000 + usize::from(i));
        let entries = (0..17)
            .map(|i| Entry { path: path(i), kind: Kind::U8, offset: 0, size: 1, align: 1 })
            .collect();
        let difference =
            Fingerprint { entries }.difference(&Fingerprint::of(PIXEL).unwrap()).unwrap();
        assert!(difference.len() < 10_000 && difference.ends_with("; and 5 more"), "{difference}");
    }

    #[test]
    fn damaged_bytes_are_refused_or_read_as_another_layout() {
        let (bytes, whole) = (stored(), Fingerprint::of(PIXEL).unwrap());
        for len in 0..bytes.len() {
            assert!(Fingerprint::decode(&bytes[..len]).unwrap_err().on("/x").is_mismatch());
        }
        let described = |bit: usize| !(96..128).contains(&bit); // the four zero bytes say nothing
        for bit in (0..bytes.len() * 8).filter(|bit| described(*bit)) {
            let mut damaged = bytes.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            let read = Fingerprint::decode(&damaged);
            let padding = read.as_ref().is_ok_and(|read| *read == whole);
            assert!(!padding || Fingerprint::of(PIXEL).unwrap().encode() != damaged, "bit {bit}");
        }
    }
}
