//! What stands in front of a shared value, so that who opens it knows what it is.
//!
//! ```text
//!  0.. 8   magic, "IPCSHARE" read big-endian
//!  8..12   version, 1
//! 12..14   bits of a pointer where it was made
//! 14..16   libc: 1 glibc, 2 musl
//! 16..18   its version, before the dot
//! 18..20   and after
//! 20..24   offset of the value: the length of all this, 4096 at most
//! 24..32   size of the value
//! 32..64   zero
//! 64..     the fingerprint of its layout
//! ```
//!
//! All integers are in the byte order of the machine.

use ipc_core::{Error, Result};
use ipc_mem::{Fingerprint, Kind, Resident, Schema};

use crate::sys;

const MAGIC: u64 = u64::from_be_bytes(*b"IPCSHARE");
const VERSION: u32 = 1;
const FINGERPRINT_AT: usize = 64;

/// The most bytes that may stand in front of a value.
pub(crate) const MAX_LEN: usize = 4096;

/// The C library that a program runs with: its locks are understood by the same one only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Libc {
    pub(crate) kind: u16,
    pub(crate) version: (u16, u16),
}

/// The versions of glibc in which the bytes of a lock began to mean something else: semaphores in
/// the first, condition variables and read/write locks in the second, condition variables in the third.
const GLIBC_CHANGES: [(u16, u16); 3] = [(2, 21), (2, 25), (2, 41)];

impl Libc {
    /// Whether locks made with one may be used with the other.
    fn understands(self, other: Self) -> bool {
        let era = |libc: Self| GLIBC_CHANGES.iter().filter(|change| libc.version >= **change).count();
        self.kind == other.kind && (self.kind != sys::GLIBC || era(self) == era(other))
    }

    fn name(self) -> String {
        let (major, minor) = self.version;
        match self.kind {
            sys::GLIBC => format!("glibc {major}.{minor}"),
            sys::MUSL => String::from("musl"),
            kind => format!("libc {kind}"),
        }
    }
}

/// The bytes in front of a value of type `T`, to be called `object`; as many as its offset.
#[expect(clippy::cast_possible_truncation, reason = "the bits of a pointer, and an offset of 4096 at most")]
pub(crate) fn encode<T: Resident>(object: &str) -> Result<Vec<u8>> {
    let fingerprint = Fingerprint::of(T::SCHEMA)?.encode();
    let (described, align) = (FINGERPRINT_AT + fingerprint.len(), align_of::<T>().max(64));
    let offset = described.next_multiple_of(align);
    if offset > MAX_LEN {
        let why = format!("a value behind {described} bytes on a boundary of {align}: {MAX_LEN} are possible");
        return Err(Error::invalid("create", object, why));
    }
    let libc = sys::libc();
    let mut bytes = Vec::with_capacity(offset);
    bytes.extend(MAGIC.to_ne_bytes());
    bytes.extend(VERSION.to_ne_bytes());
    bytes.extend((usize::BITS as u16).to_ne_bytes());
    bytes.extend(libc.kind.to_ne_bytes());
    bytes.extend(libc.version.0.to_ne_bytes());
    bytes.extend(libc.version.1.to_ne_bytes());
    bytes.extend((offset as u32).to_ne_bytes());
    bytes.extend((size_of::<T>() as u64).to_ne_bytes());
    bytes.resize(FINGERPRINT_AT, 0);
    bytes.extend(fingerprint);
    bytes.resize(offset, 0);
    Ok(bytes)
}

/// Where the value is, if `head` stands in front of one of type `T`. It may be anything.
pub(crate) fn check<T: Resident>(head: &[u8], object: &str) -> Result<usize> {
    let wrong = |why: String| Error::mismatch("open", object, why);
    let Some((fixed, described)) = head.split_at_checked(FINGERPRINT_AT) else {
        return Err(wrong(format!("found {} bytes, a shared value has more", head.len())));
    };
    let word = |at: usize| u64::from_ne_bytes(std::array::from_fn(|i| fixed[at + i]));
    let half = |at: usize| u32::from_ne_bytes(std::array::from_fn(|i| fixed[at + i]));
    let short = |at: usize| u16::from_ne_bytes([fixed[at], fixed[at + 1]]);
    if word(0) != MAGIC {
        return Err(wrong(String::from("found something that is no shared value")));
    }
    if half(8) != VERSION {
        return Err(wrong(format!("found version {} of the format, wanted {VERSION}", half(8))));
    }
    if u32::from(short(12)) != usize::BITS {
        return Err(wrong(format!("found one made with pointers of {} bits, wanted {}", short(12), usize::BITS)));
    }
    let (found, here) = (Libc { kind: short(14), version: (short(16), short(18)) }, sys::libc());
    if has_locks(T::SCHEMA) && !here.understands(found) {
        return Err(wrong(format!("found locks of {}, which {} does not understand", found.name(), here.name())));
    }
    let wanted = Fingerprint::of(T::SCHEMA)?;
    if let Some(difference) = Fingerprint::decode(described, object)?.difference(&wanted) {
        return Err(wrong(format!("the layout is another: {difference}")));
    }
    let offset = half(20) as usize;
    if offset < FINGERPRINT_AT + wanted.encoded_len() || offset > MAX_LEN {
        return Err(wrong(format!("found the value at offset {offset}, where it cannot be")));
    }
    Ok(offset)
}

/// Whether any part of a type is an object of the C library.
fn has_locks(schema: &Schema) -> bool {
    let libc = [Kind::SEMAPHORE, Kind::MUTEX, Kind::CONDVAR, Kind::RWLOCK, Kind::BARRIER, Kind::SPIN_LOCK];
    libc.contains(&schema.kind) || schema.fields.iter().any(|field| has_locks(field.schema))
}
