//! What is recorded behind the data of a memory we made: its size, and what ends it.
//!
//! ```text
//! 0 .. size                 the data
//!      .. a multiple of 64  nothing
//!      .. end of file       the trailer: eight u64 in the byte order of the machine
//! ```
//!
//! Programs that know nothing of it, such as IPC.jl, map a few bytes more than they use.
//! A file whose end is not such a trailer was made by somebody else: all of it is data,
//! and it is never removed on our own account.

use ipc_core::{Clock, Content, Removal};

const MAGIC: u64 = u64::from_be_bytes(*b"IPC-TAIL");
const VERSION: u64 = 1;
const REMOVALS: [Removal; 3] = [Removal::LastUser, Removal::OnDrop, Removal::Never];
const CONTENTS: [Content; 3] = [Content::Bare, Content::Array, Content::Value];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Trailer {
    pub(crate) size: usize,
    pub(crate) removal: Removal,
    pub(crate) content: Content,
    pub(crate) creator: u32,
    pub(crate) created: i64,
}

impl Trailer {
    pub(crate) const LEN: usize = 64;

    pub(crate) fn new(size: usize, removal: Removal, content: Content, creator: u32) -> Self {
        Self { size, removal, content, creator, created: Clock::REALTIME.now().map_or(0, |now| now.sec()) }
    }

    /// The length of a file for `size` bytes of data, if any file can be so long.
    pub(crate) fn file_len(size: usize) -> Option<usize> {
        let len = size.checked_next_multiple_of(Self::LEN)?.checked_add(Self::LEN)?;
        isize::try_from(len).is_ok().then_some(len)
    }

    pub(crate) fn encode(&self) -> [u8; Self::LEN] {
        let words = [
            MAGIC,
            VERSION,
            self.size as u64,
            code(self.removal, &REMOVALS),
            code(self.content, &CONTENTS),
            u64::from(self.creator),
            self.created.cast_unsigned(),
            0,
        ];
        let mut bytes = [0; Self::LEN];
        for (word, at) in words.iter().zip(bytes.chunks_exact_mut(8)) {
            at.copy_from_slice(&word.to_ne_bytes());
        }
        bytes
    }

    /// Reads the last bytes of a file of `file_len` bytes. They may be anything.
    pub(crate) fn decode(bytes: &[u8; Self::LEN], file_len: usize) -> Option<Self> {
        let mut words = [0u64; 8];
        for (word, at) in words.iter_mut().zip(bytes.chunks_exact(8)) {
            *word = u64::from_ne_bytes(at.try_into().ok()?);
        }
        let [MAGIC, VERSION, size, removal, content, creator, created, 0] = words else {
            return None;
        };
        let size = usize::try_from(size).ok().filter(|size| *size > 0)?;
        if Self::file_len(size) != Some(file_len) {
            return None;
        }
        Some(Self {
            size,
            removal: from_code(removal, &REMOVALS)?,
            content: from_code(content, &CONTENTS)?,
            creator: u32::try_from(creator).ok()?,
            created: created.cast_signed(),
        })
    }
}

/// Stored as its place in a list, counted from 1.
fn code<T: PartialEq>(of: T, list: &[T]) -> u64 {
    list.iter().zip(1..).find(|(one, _)| **one == of).map_or(0, |(_, code)| code)
}

fn from_code<T: Copy>(code: u64, list: &[T]) -> Option<T> {
    list.get(usize::try_from(code).ok()?.checked_sub(1)?).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trailer_is_read_back_only_from_the_end_of_a_file_of_its_length() {
        for size in [1, 63, 64, 65, 4096] {
            for (removal, content) in REMOVALS.into_iter().zip(CONTENTS) {
                let trailer = Trailer::new(size, removal, content, 7);
                let len = Trailer::file_len(size).unwrap();
                assert_eq!(Trailer::decode(&trailer.encode(), len), Some(trailer));
                assert_eq!(Trailer::decode(&trailer.encode(), len + 64), None);
            }
        }
    }

    #[test]
    fn a_damaged_trailer_never_gives_a_size_beyond_its_file() {
        let len = Trailer::file_len(4096).unwrap();
        let bytes = Trailer::new(4096, Removal::Never, Content::Bare, 7).encode();
        for bit in 0..Trailer::LEN * 8 {
            let mut damaged = bytes;
            damaged[bit / 8] ^= 1 << (bit % 8);
            if let Some(trailer) = Trailer::decode(&damaged, len) {
                assert!(trailer.size <= len - Trailer::LEN);
            }
        }
        assert_eq!(Trailer::decode(&[0; Trailer::LEN], len), None);
    }

    #[test]
    fn sizes_without_a_file_have_no_length() {
        assert_eq!(Trailer::file_len(usize::MAX), None);
        assert_eq!(Trailer::file_len(isize::MAX as usize), None);
    }
}
