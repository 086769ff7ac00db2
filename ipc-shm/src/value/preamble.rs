//! The preamble of a shared value, which describes its type.
//!
//! ```text
//!  0.. 8   magic, "IPCSHARE" read big-endian
//!  8..12   version, 2
//! 12..16   bits of a pointer of the program that created it
//! 16..20   offset of the value: the length of all this, 4096 at most
//! 20..24   length of the fingerprint
//! 24..32   size of the value
//! 32..56   what created it: C library (1 glibc, 2 musl), its version before and after the dot, the processor (ELF), the
//!          layout of condition variables, three numbers that are 0, each of two bytes; the PID namespace
//! 56..64   zero
//! 64..     the fingerprint of its layout
//! ```
//!
//! All integers are in the byte order of the machine.

use ipc_core::Refusal;
use ipc_mem::{Fingerprint, Maker, Resident};

const MAGIC: u64 = u64::from_be_bytes(*b"IPCSHARE");
const VERSION: u32 = 2;
const MAKER_AT: usize = 32;

/// The length of a preamble without the fingerprint.
pub(crate) const FIXED: usize = 64;

/// The maximum length of a preamble.
pub(crate) const MAX_LEN: usize = 4096;

/// The preamble of a value of type `T`; its length is the offset of the value.
#[expect(clippy::cast_possible_truncation, reason = "lengths of 4096 at most")]
pub(crate) fn encode<T: Resident>() -> Result<Vec<u8>, Refusal> {
    let fingerprint = Fingerprint::of(T::SCHEMA)?.encode();
    let (described, align) = (FIXED + fingerprint.len(), align_of::<T>().max(64));
    let offset = described.next_multiple_of(align);
    if offset > MAX_LEN {
        let why = format!(
            "the preamble needs {offset} bytes ({described}, aligned to {align}), and at \
             most {MAX_LEN} are possible"
        );
        return Err(Refusal::invalid("create", why));
    }
    let mut bytes = Vec::with_capacity(offset);
    bytes.extend(MAGIC.to_ne_bytes());
    bytes.extend(VERSION.to_ne_bytes());
    bytes.extend(usize::BITS.to_ne_bytes());
    bytes.extend((offset as u32).to_ne_bytes());
    bytes.extend((fingerprint.len() as u32).to_ne_bytes());
    bytes.extend((size_of::<T>() as u64).to_ne_bytes());
    bytes.extend(Maker::here().encode());
    bytes.resize(FIXED, 0);
    bytes.extend(fingerprint);
    bytes.resize(offset, 0);
    Ok(bytes)
}

fn half(head: &[u8], at: usize) -> u32 {
    u32::from_ne_bytes(std::array::from_fn(|i| head[at + i]))
}

/// The length of the preamble without padding, from its fixed part `fixed`, which may hold any
/// bytes.
pub(crate) fn len(fixed: &[u8]) -> Result<usize, Refusal> {
    if fixed[..8] != MAGIC.to_ne_bytes() {
        return Err(Refusal::mismatch("open", "found something that is not a shared value"));
    }
    if half(fixed, 8) != VERSION {
        let why = format!("found version {} of the format, wanted {VERSION}", half(fixed, 8));
        return Err(Refusal::mismatch("open", why));
    }
    if half(fixed, 12) != usize::BITS {
        let why = format!(
            "found one created with pointers of {} bits, wanted {}",
            half(fixed, 12),
            usize::BITS
        );
        return Err(Refusal::mismatch("open", why));
    }
    let described = half(fixed, 20) as usize;
    if described > MAX_LEN - FIXED {
        let why =
            format!("found a description of {described} bytes, {} are possible", MAX_LEN - FIXED);
        return Err(Refusal::mismatch("open", why));
    }
    Ok(FIXED + described)
}

/// The offset of the value, if `head` is the preamble of a `T` in `size` bytes. `head` may hold any
/// bytes.
pub(crate) fn check<T: Resident>(head: &[u8], size: usize) -> Result<usize, Refusal> {
    let wrong = |why: String| Refusal::mismatch("open", why);
    let found = Maker::decode(std::array::from_fn(|i| head[MAKER_AT + i]));
    if let Some(why) = Maker::here().refusal(found, T::SCHEMA) {
        return Err(wrong(why));
    }
    let wanted = Fingerprint::of(T::SCHEMA)?;
    if let Some(difference) = Fingerprint::decode(&head[FIXED..])?.difference(&wanted) {
        return Err(wrong(format!("the layout is another: {difference}")));
    }
    let offset = half(head, 16) as usize;
    if offset < head.len() || offset > MAX_LEN {
        return Err(wrong(format!("found the value at offset {offset}, where it cannot be")));
    }
    if offset + size_of::<T>() > size {
        let why = format!("found {size} bytes, too few for {} at offset {offset}", size_of::<T>());
        return Err(wrong(why));
    }
    Ok(offset)
}
