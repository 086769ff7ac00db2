//! What is recorded behind the data of a memory we made: its size, and what ends it.
//!
//! ```text
//! 0 .. size                 the data
//!      .. a multiple of 64  nothing
//!      .. end of file       the trailer: eight u64 in the byte order of the machine
//! ```
//!
//! | word | what |
//! |---|---|
//! | 0 | magic, "IPC-TAIL" read big-endian |
//! | 1 | version, 1 |
//! | 2 | size of the data |
//! | 3 | removal: 1 last user, 2 on drop, 3 never |
//! | 4 | content: 1 bare, 2 array, 3 value |
//! | 5 | process that made it |
//! | 6 | when, in seconds since 1970 |
//! | 7 | how large the data may become, 0 if it always has this size |
//!
//! Only of a memory that may grow the file can be longer than its data wants: see `growth.rs`.
//!
//! Programs that know nothing of it, such as IPC.jl, map a few bytes more than they use.
//! A file whose end is not such a trailer was made by somebody else: all of it is data,
//! and it is never removed on our own account.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

use crate::Content;
use ipc_core::{Clock, Removal};

const MAGIC: u64 = u64::from_be_bytes(*b"IPC-TAIL");
const VERSION: u64 = 1;
const REMOVALS: [Removal; 3] = [Removal::LastUser, Removal::OnDrop, Removal::Never];
const CONTENTS: [Content; 3] = [Content::Bare, Content::Array, Content::Value];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trailer {
    pub size: usize,
    pub removal: Removal,
    pub content: Content,
    pub creator: u32,
    pub created: i64,
    /// How large the data may become, if it may grow.
    pub max_size: Option<usize>,
}

/// How often a file is looked at that changes under our eyes, before it is given up.
const LOOKS: u32 = 1000;

impl Trailer {
    pub const LEN: usize = 64;

    pub fn new(size: usize, removal: Removal, content: Content, creator: u32) -> Self {
        let created = Clock::REALTIME.now().map_or(0, |now| now.sec());
        Self { size, removal, content, creator, created, max_size: None }
    }

    pub fn growing_to(self, max_size: Option<usize>) -> Self {
        Self { max_size, ..self }
    }

    /// The length of a file for `size` bytes of data, if any file can be so long.
    pub fn file_len(size: usize) -> Option<usize> {
        let len = size.checked_next_multiple_of(Self::LEN)?.checked_add(Self::LEN)?;
        isize::try_from(len).is_ok().then_some(len)
    }

    pub fn encode(&self) -> [u8; Self::LEN] {
        let words = [
            MAGIC,
            VERSION,
            self.size as u64,
            code(self.removal, &REMOVALS),
            code(self.content, &CONTENTS),
            u64::from(self.creator),
            self.created.cast_unsigned(),
            self.max_size.map_or(0, |max_size| max_size as u64),
        ];
        let mut bytes = [0; Self::LEN];
        for (word, at) in words.iter().zip(bytes.chunks_exact_mut(8)) {
            at.copy_from_slice(&word.to_ne_bytes());
        }
        bytes
    }

    /// Reads the last bytes of a file of `file_len` bytes. They may be anything.
    pub fn decode(bytes: &[u8; Self::LEN], file_len: usize) -> Option<Self> {
        let mut words = [0u64; 8];
        for (word, at) in words.iter_mut().zip(bytes.chunks_exact(8)) {
            *word = u64::from_ne_bytes(at.try_into().ok()?);
        }
        let [MAGIC, VERSION, size, removal, content, creator, created, max_size] = words else {
            return None;
        };
        let size = usize::try_from(size).ok().filter(|size| *size > 0)?;
        let len = Self::file_len(size)?;
        let max_size = usize::try_from(max_size).ok()?;
        if max_size == 0 {
            (len == file_len).then_some(())?;
        } else {
            let possible = len..=Self::file_len(max_size)?;
            (max_size >= size && possible.contains(&file_len) && file_len.is_multiple_of(Self::LEN)).then_some(())?;
        }
        Some(Self {
            size,
            removal: from_code(removal, &REMOVALS)?,
            content: from_code(content, &CONTENTS)?,
            creator: u32::try_from(creator).ok()?,
            created: created.cast_signed(),
            max_size: Some(max_size).filter(|max_size| *max_size > 0),
        })
    }

    /// The length of a file, and the trailer at its end if it has one. It may be growing meanwhile; `len` is how long
    /// it was a moment ago.
    ///
    /// `UnexpectedEof` if it shrinks, `ResourceBusy` if it never stands still.
    pub fn read(file: &File, len: u64) -> io::Result<(usize, Option<Self>)> {
        let (mut len, mut before) = (len, None);
        for _ in 0..LOOKS {
            let in_memory = usize::try_from(len).unwrap_or(usize::MAX);
            let (trailer, is_end) = match in_memory.checked_sub(Self::LEN) {
                Some(at) => {
                    let (bytes, is_end) = last_bytes(file, at as u64)?;
                    (Self::decode(&bytes, in_memory), is_end)
                }
                None => (None, true),
            };
            let found = (in_memory, trailer);
            // One that never grows never changes; but where the end is no more, data may look like it. For the rest, who
            // looks twice and sees the same has not seen the middle of a change: the file becomes longer before the trailer
            // goes from its old place.
            if is_end && trailer.is_some_and(|trailer| trailer.max_size.is_none()) || before == Some(found) {
                return Ok(found);
            }
            before = Some(found);
            len = file.metadata()?.len();
        }
        Err(io::ErrorKind::ResourceBusy.into())
    }
}

/// As many bytes as a trailer has, and whether the file ends there: one more is asked for, which costs nothing.
fn last_bytes(file: &File, at: u64) -> io::Result<([u8; Trailer::LEN], bool)> {
    let mut bytes = [0; Trailer::LEN + 1];
    let read = loop {
        match file.read_at(&mut bytes, at) {
            Err(err) if err.kind() == io::ErrorKind::Interrupted => {}
            read => break read?,
        }
    };
    let (last, _) = bytes.split_first_chunk().ok_or(io::ErrorKind::UnexpectedEof)?;
    if read < last.len() { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok((*last, read == last.len())) }
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
    use crate::file::tests::unnamed;

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
    fn the_file_of_one_that_may_grow_is_as_long_as_its_data_wants_or_longer_but_not_than_it_may() {
        let trailer = Trailer::new(100, Removal::Never, Content::Bare, 7).growing_to(Some(1000));
        let (least, most) = (Trailer::file_len(100).unwrap(), Trailer::file_len(1000).unwrap());
        for len in least - 64..most + 128 {
            let fits = (least..=most).contains(&len) && len.is_multiple_of(64);
            assert_eq!(Trailer::decode(&trailer.encode(), len), fits.then_some(trailer), "{len}");
        }
        for max_size in [1, 99, isize::MAX as usize, usize::MAX] {
            assert_eq!(Trailer::decode(&trailer.growing_to(Some(max_size)).encode(), least), None, "{max_size}");
        }
    }

    #[test]
    fn who_knew_the_length_before_it_grew_finds_the_trailer_where_it_is_now() {
        let file = unnamed();
        let trailer = Trailer::new(100, Removal::Never, Content::Value, 7).growing_to(Some(1000));
        let (old, new) = (Trailer::file_len(100).unwrap(), Trailer::file_len(1000).unwrap());
        file.write_all_at(&trailer.encode(), (new - Trailer::LEN) as u64).unwrap();
        for before in [old, new, new + 64] {
            let found = Trailer::read(&file, before as u64);
            // What was longer has shrunk, which nothing of ours does.
            assert_eq!(found.map_err(|err| err.kind()).ok(), (before <= new).then_some((new, Some(trailer))));
        }
    }

    #[test]
    fn data_that_looks_like_a_trailer_is_not_believed_where_the_end_of_a_file_has_been() {
        let file = unnamed();
        let forged = Trailer::new(100, Removal::Never, Content::Value, 7);
        let trailer = Trailer::new(500, Removal::Never, Content::Array, 7).growing_to(Some(1000));
        let (old, new) = (Trailer::file_len(100).unwrap(), Trailer::file_len(500).unwrap());
        for (written, len) in [(trailer, new), (forged, old)] {
            file.write_all_at(&written.encode(), (len - Trailer::LEN) as u64).unwrap();
        }
        assert_eq!(Trailer::read(&file, old as u64).unwrap(), (new, Some(trailer)));
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
