//! The header of rings and queues.
//!
//! ```text
//!  0.. 8   magic of the structure, read big-endian
//!  8..12   version, 1
//! 12..16   length of the fingerprint
//! 16..24   capacity: a power of two
//! 24..32   a second number of the structure
//! 32..56   what created it (`ipc_mem::Maker`), for the words that name processes
//! 56..64   zero
//! 64..     the fingerprint of one element
//!          the structure, at the next multiple of 128 bytes
//! ```
//!
//! All integers are in the byte order of the machine.

use std::alloc::Layout;

use ipc_core::Refusal;
use ipc_mem::{Fingerprint, Kind, Maker, Plain, Schema};

const VERSION: u32 = 1;
const MAKER_AT: usize = 32;

/// The length of a header without the fingerprint.
pub(crate) const FIXED: usize = 64;

/// The distance between parts that different processes write: two cache lines, since processors
/// fetch them in pairs.
pub(crate) const UNIT: usize = 128;

/// The boundary on which an object begins: that of memory objects of one process.
pub(crate) const ALIGN: usize = 64;

/// The maximum length of a fingerprint.
const MAX_DESCRIBED: usize = 1 << 16;

/// The maximum capacity, which leaves room for laps in a word.
pub(crate) const MAX_CAPACITY: usize = 1 << 32;

/// Words of a process depend on the PID namespace, as those of native locks do.
const OWNED: &Schema = &Schema::of::<u64>(Kind::FUTEX_MUTEX);

/// The numbers of a header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    /// A power of two.
    pub(crate) capacity: usize,
    pub(crate) second: u64,
    /// The length of the header: where the structure begins.
    pub(crate) len: usize,
}

/// The capacity of a new object, rounded up to a power of two.
pub(crate) fn capacity(wanted: usize, least: usize) -> Result<usize, Refusal> {
    let why = || format!("a capacity of {wanted}: 1 to {MAX_CAPACITY} are possible");
    let fits = (1..=MAX_CAPACITY).contains(&wanted);
    let rounded = wanted.max(least).checked_next_power_of_two().filter(|_| fits);
    rounded.ok_or_else(|| Refusal::invalid("create", why()))
}

/// The header of a new object with elements of `T`, padded to where the structure begins.
#[expect(clippy::cast_possible_truncation, reason = "a length of 65536 at most")]
pub(crate) fn encode<T: Plain>(
    magic: [u8; 8],
    capacity: usize,
    second: u64,
) -> Result<(Header, Vec<u8>), Refusal> {
    let fingerprint = Fingerprint::of(T::SCHEMA)?.encode();
    if fingerprint.len() > MAX_DESCRIBED || align_of::<T>() > ALIGN {
        let (align, len) = (align_of::<T>(), fingerprint.len());
        let why = format!(
            "an element on a boundary of {align} bytes with a description of {len}: {ALIGN} and \
             {MAX_DESCRIBED} are possible"
        );
        return Err(Refusal::invalid("create", why));
    }
    let len = (FIXED + fingerprint.len()).next_multiple_of(UNIT);
    let mut bytes = Vec::with_capacity(len);
    bytes.extend(u64::from_be_bytes(magic).to_ne_bytes());
    bytes.extend(VERSION.to_ne_bytes());
    bytes.extend((fingerprint.len() as u32).to_ne_bytes());
    bytes.extend((capacity as u64).to_ne_bytes());
    bytes.extend(second.to_ne_bytes());
    bytes.extend(Maker::here().encode());
    bytes.resize(FIXED, 0);
    bytes.extend(fingerprint);
    bytes.resize(len, 0);
    Ok((Header { capacity, second, len }, bytes))
}

fn half(head: &[u8], at: usize) -> u32 {
    u32::from_ne_bytes(std::array::from_fn(|i| head[at + i]))
}

fn word(head: &[u8], at: usize) -> u64 {
    u64::from_ne_bytes(std::array::from_fn(|i| head[at + i]))
}

/// The length of a header without padding, from its fixed part, which may hold any bytes.
pub(crate) fn len(magic: [u8; 8], what: &str, fixed: &[u8]) -> Result<usize, Refusal> {
    if word(fixed, 0) != u64::from_be_bytes(magic) {
        return Err(Refusal::mismatch("open", format_args!("found something that is not {what}")));
    }
    if half(fixed, 8) != VERSION {
        let why = format!("found version {} of the format, wanted {VERSION}", half(fixed, 8));
        return Err(Refusal::mismatch("open", why));
    }
    match half(fixed, 12) as usize {
        described @ 0..=MAX_DESCRIBED => Ok(FIXED + described),
        described => {
            let why =
                format!("found a description of {described} bytes, wanted at most {MAX_DESCRIBED}");
            Err(Refusal::mismatch("open", why))
        }
    }
}

/// The reason why words of a process mean something else here than where the object was created,
/// if they do.
pub(crate) fn refusal(head: &[u8]) -> Option<String> {
    let found = Maker::decode(std::array::from_fn(|i| head[MAKER_AT + i]));
    Maker::here().refusal(found, OWNED)
}

/// Checks a header of elements of `T`, which may hold any bytes.
pub(crate) fn check<T: Plain>(head: &[u8]) -> Result<Header, Refusal> {
    let wrong = |why: String| Refusal::mismatch("open", why);
    if let Some(why) = refusal(head) {
        return Err(wrong(why));
    }
    if align_of::<T>() > ALIGN {
        let why = format!(
            "the elements are aligned to {} bytes, and at most {ALIGN} are possible",
            align_of::<T>()
        );
        return Err(wrong(why));
    }
    let wanted = Fingerprint::of(T::SCHEMA)?;
    if let Some(difference) = Fingerprint::decode(&head[FIXED..])?.difference(&wanted) {
        return Err(wrong(format!("the layout of a message is another: {difference}")));
    }
    let capacity = usize::try_from(word(head, 16)).unwrap_or(usize::MAX);
    if !capacity.is_power_of_two() || capacity > MAX_CAPACITY {
        return Err(wrong(format!("found a capacity of {capacity}, wanted a power of two")));
    }
    Ok(Header { capacity, second: word(head, 24), len: head.len().next_multiple_of(UNIT) })
}

impl Header {
    /// The offset of the elements behind a part of `before` bytes, and the total length, for a new
    /// object or for one of `size` bytes. Each of the lanes has as many elements as the capacity.
    pub(crate) fn fit(
        &self,
        lanes: usize,
        before: usize,
        element: Layout,
        size: Option<usize>,
    ) -> Result<(usize, usize), Refusal> {
        let each = element.pad_to_align().size();
        let capacity = self.capacity.saturating_mul(lanes);
        let parts = || {
            let at = self.len.checked_add(before)?.checked_next_multiple_of(UNIT)?;
            let total = each.checked_mul(capacity)?.checked_add(at)?;
            isize::try_from(total).ok().map(|_| (at, total))
        };
        parts().filter(|parts| size.is_none_or(|size| parts.1 <= size)).ok_or_else(|| match size {
            None => {
                let why = format_args!("no memory holds {capacity} elements of {each} bytes");
                Refusal::invalid("create", why)
            }
            Some(size) => Refusal::mismatch(
                "open",
                format_args!(
                    "found {size} bytes, in which {capacity} elements of {each} bytes cannot be"
                ),
            ),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Copy, Plain)]
    #[repr(C, align(128))]
    struct Wide([u64; 16]);

    /// A new object with such elements is refused, so this header was forged.
    #[test]
    fn elements_on_a_wider_boundary_than_that_of_an_object_are_refused() {
        assert!(encode::<Wide>(*b"IPCTEST1", 8, 0).is_err());
        let (_, mut head) = encode::<u64>(*b"IPCTEST1", 8, 0).unwrap();
        head.truncate(FIXED);
        head.extend(Fingerprint::of(Wide::SCHEMA).unwrap().encode());
        let why = check::<Wide>(&head).unwrap_err().on("/forged").to_string();
        assert!(why.contains("aligned to 128 bytes"), "{why}");
        assert_eq!(Wide([7; 16]).0[15], 7);
    }
}
