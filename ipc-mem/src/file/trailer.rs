//! The record behind the data of a memory object that this toolkit created: its size, and when its
//! name is removed.
//!
//! ```text
//! 0 .. size                 the data
//!      .. a multiple of 64  nothing
//!      .. end of file       the trailer: eight u64 in the byte order of the machine
//! ```
//!
//! | word | content |
//! |---|---|
//! | 0 | magic, "IPC-TAIL" read big-endian |
//! | 1 | lower half, one byte each: version (2); removal (1 last detach, 2 on drop, 3 never); space (1 reserved, 2 sparse); 0. Upper half: the [`Tag`] |
//! | 2 | size of the data |
//! | 3 | maximum size of the data, 0 if the data may not grow |
//! | 4 | lower half: id of the process that created the memory object. Upper half: the nanoseconds of the birth of the file plus 1; 0 if the birth is not recorded |
//! | 5 | time of creation, in seconds since 1970: of the birth of the file if that is recorded, otherwise by the clock of the creator |
//! | 6 | inode of the file |
//! | 7 | device of the file |
//!
//! The *birth* of a file is the time at which the file system created it (`statx`, `STATX_BTIME`).
//! A file whose inode, device or birth differs from the recorded one is a copy: its data is valid,
//! and its name is never removed by this toolkit.
//!
//! Inode and device alone do not identify a file for ever: after a restart of the machine or of a
//! container, `tmpfs` counts both from the beginning. A backup that is copied back then can have both numbers of the
//! original, but was born later. Where the birth is not recorded (by C libraries other than glibc,
//! by file systems that do not keep it, by programs outside of this toolkit) or cannot be read, only
//! inode and device are compared.
//!
//! Only a file that may grow can be longer than its data requires: see `body.rs`.
//!
//! Programs that do not know the trailer, such as IPC.jl, map its bytes and ignore them. A file
//! whose end is not such a trailer was created by another program: all of it is data, and its name
//! is never removed by this toolkit.

use std::fs::{File, Metadata};
use std::io;
use std::os::unix::fs::FileExt;
use std::time::UNIX_EPOCH;

use crate::Tag;
use crate::named::Identity;
use ipc_core::{Clock, Removal, switched_on};

const MAGIC: u64 = u64::from_be_bytes(*b"IPC-TAIL");
const VERSION: u8 = 2;
const REMOVALS: [Removal; 3] = [Removal::LastDetach, Removal::OnDrop, Removal::Never];
/// Reserved, or sparse.
const SPACES: [bool; 2] = [false, true];
/// The maximum number of nanoseconds that a time adds to its seconds.
const NANOSECONDS: u32 = 999_999_999;

/// The record at the end of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trailer {
    /// The number of bytes of data.
    pub size: usize,
    /// When the name is removed.
    pub removal: Removal,
    /// The tag of the data.
    pub content: Tag,
    /// `true` if space is allocated only when pages are touched, also after growth.
    pub sparse: bool,
    /// The id of the process that created the memory object.
    pub creator: u32,
    /// The time of creation, in seconds since 1970.
    pub created: i64,
    /// The nanoseconds of the time at which the file system created the file, whose seconds are in
    /// `created`; `None` if that time is not recorded.
    pub nanoseconds: Option<u32>,
    /// The maximum number of bytes of data; `None` if the data may not grow.
    pub max_size: Option<usize>,
    /// The identity of the file into which the trailer was written; [`Identity::none`] for memory
    /// that is not a file.
    pub identity: Identity,
}

/// The number of attempts to read a file that keeps changing, before giving up.
const LOOKS: u32 = 1000;

impl Trailer {
    /// The length of a trailer in bytes.
    pub const LEN: usize = 64;

    /// Creates the trailer of data that the process `creator` creates now, in memory that is not a
    /// file. The space of the data is reserved, and the data may not grow.
    #[must_use]
    pub fn new(size: usize, removal: Removal, content: Tag, creator: u32) -> Self {
        let created = Clock::REALTIME.now().map_or(0, |now| now.sec());
        let identity = Identity::none();
        let (sparse, nanoseconds, max_size) = (false, None, None);
        Self { size, removal, content, sparse, creator, created, nanoseconds, max_size, identity }
    }

    /// Returns the trailer for the file with this `metadata`.
    #[must_use]
    pub fn of_file(self, metadata: &Metadata) -> Self {
        let identity = Identity::of(metadata);
        match birth(metadata) {
            Some((created, nanoseconds)) => {
                Self { created, nanoseconds: Some(nanoseconds), identity, ..self }
            }
            None => Self { nanoseconds: None, identity, ..self },
        }
    }

    /// Returns when the name of the file with this `metadata` is removed. The name of a copy is
    /// never removed, because the kernel counts only the processes that are attached to the
    /// original.
    #[must_use]
    pub fn removal_of(&self, metadata: &Metadata) -> Removal {
        let is_copy =
            self.removal == Removal::LastDetach && !self.is_of(metadata) && switched_on("identity");
        if is_copy { Removal::Never } else { self.removal }
    }

    /// Returns `true` if the trailer was written into the file with this `metadata`, as far as
    /// their births are known.
    fn is_of(&self, metadata: &Metadata) -> bool {
        let recorded = self.nanoseconds.map(|nanoseconds| (self.created, nanoseconds));
        let is_born_then =
            recorded.zip(birth(metadata)).is_none_or(|(recorded, found)| recorded == found);
        self.identity == Identity::of(metadata) && is_born_then
    }

    /// Returns the length of a file for `size` bytes of data; `None` if no file can be that long.
    #[must_use]
    pub fn file_len(size: usize) -> Option<usize> {
        let len = size.checked_next_multiple_of(Self::LEN)?.checked_add(Self::LEN)?;
        isize::try_from(len).is_ok().then_some(len)
    }

    /// Returns `true` if a trailer begins with these eight bytes.
    #[must_use]
    pub fn begins_with(word: u64) -> bool {
        word == MAGIC
    }

    /// Returns the bytes of the trailer.
    #[must_use]
    pub fn encode(&self) -> [u8; Self::LEN] {
        let kinds = [VERSION, code(self.removal, &REMOVALS), code(self.sparse, &SPACES), 0];
        let words = [
            MAGIC,
            u64::from(u32::from_ne_bytes(kinds)) | u64::from(self.content.code()) << 32,
            self.size as u64,
            self.max_size.map_or(0, |max_size| max_size as u64),
            u64::from(self.creator)
                | u64::from(self.nanoseconds.map_or(0, |nanoseconds| nanoseconds + 1)) << 32,
            self.created.cast_unsigned(),
            self.identity.inode,
            self.identity.device,
        ];
        let mut bytes = [0; Self::LEN];
        for (word, at) in words.iter().zip(bytes.chunks_exact_mut(8)) {
            at.copy_from_slice(&word.to_ne_bytes());
        }
        bytes
    }

    /// Decodes the last bytes of a file of `file_len` bytes, which may have any values; `None` if
    /// they are not a trailer.
    #[must_use]
    pub fn decode(bytes: &[u8; Self::LEN], file_len: usize) -> Option<Self> {
        let mut words = [0u64; 8];
        for (word, at) in words.iter_mut().zip(bytes.chunks_exact(8)) {
            *word = u64::from_ne_bytes(at.try_into().ok()?);
        }
        let [MAGIC, kinds, size, max_size, creator, created, inode, device] = words else {
            return None;
        };
        let (kinds, tag) = halves(kinds);
        let (creator, nanoseconds) = halves(creator);
        let [VERSION, removal, sparse, 0] = kinds.to_ne_bytes() else {
            return None;
        };
        let size = usize::try_from(size).ok().filter(|size| *size > 0)?;
        let len = Self::file_len(size)?;
        let max_size = usize::try_from(max_size).ok()?;
        if max_size == 0 {
            (len == file_len).then_some(())?;
        } else {
            let possible = len..=Self::file_len(max_size)?;
            (max_size >= size
                && possible.contains(&file_len)
                && file_len.is_multiple_of(Self::LEN))
            .then_some(())?;
        }
        Some(Self {
            size,
            removal: from_code(removal, &REMOVALS)?,
            content: Some(Tag::new(tag)).filter(|tag| *tag != Tag::FOREIGN)?,
            sparse: from_code(sparse, &SPACES)?,
            creator,
            created: created.cast_signed(),
            nanoseconds: match nanoseconds.checked_sub(1) {
                Some(nanoseconds) if nanoseconds > NANOSECONDS => return None,
                nanoseconds => nanoseconds,
            },
            max_size: Some(max_size).filter(|max_size| *max_size > 0),
            identity: Identity { device, inode },
        })
    }

    /// Returns the length of a file, and the trailer at its end if it has one. `len` is a recent
    /// length of the file, which another process may be growing.
    ///
    /// # Errors
    ///
    /// `UnexpectedEof` if the file shrinks; `ResourceBusy` if it changes during each of many
    /// attempts.
    pub fn read(file: &File, len: u64) -> io::Result<(usize, Option<Self>)> {
        Self::look(file, len, None)
    }

    /// Reads the trailer of a file as [`read`](Self::read) does. If the file is shorter than `all`,
    /// this also copies the whole file into `all`, and returns the number of its bytes; otherwise
    /// that number is zero.
    ///
    /// # Errors
    ///
    /// Those of [`read`](Self::read).
    pub fn read_all(
        file: &File,
        len: u64,
        all: &mut [u8],
    ) -> io::Result<(usize, Option<Self>, usize)> {
        let wanted = usize::try_from(len).unwrap_or(usize::MAX).saturating_add(1);
        // One more byte is requested, so that the read shows where the file ends.
        let read = match all.get_mut(..wanted) {
            Some(all) => Some(read_at(file, all, 0)?).filter(|read| *read < wanted).unwrap_or(0),
            None => 0,
        };
        let all = Some(&all[..read]).filter(|all| !all.is_empty());
        Self::look(file, len, all).map(|(len, trailer)| (len, trailer, read))
    }

    /// The same as [`read`](Self::read), where `all` may have all bytes of the file.
    fn look(file: &File, len: u64, mut all: Option<&[u8]>) -> io::Result<(usize, Option<Self>)> {
        let (mut len, mut before) = (len, None);
        for _ in 0..LOOKS {
            let in_memory = usize::try_from(len).unwrap_or(usize::MAX);
            let (trailer, is_end) = match in_memory.checked_sub(Self::LEN) {
                Some(at) => {
                    let all = all.take().filter(|all| all.len() == in_memory);
                    let (bytes, is_end) = match all.and_then(<[u8]>::last_chunk) {
                        Some(bytes) => (*bytes, true),
                        None => last_bytes(file, at as u64)?,
                    };
                    (Self::decode(&bytes, in_memory), is_end)
                }
                None => (None, false),
            };
            let found = (in_memory, trailer);
            // One that never grows never changes; but where the end is no more, data may look like
            // it. For the rest, two looks with the same result did not see the middle of a change:
            // the file becomes longer before the trailer goes from its old place.
            if is_end && trailer.is_some_and(|trailer| trailer.max_size.is_none())
                || before == Some(found)
            {
                return Ok(found);
            }
            before = Some(found);
            // Where the file ends, the next look sees by itself if it has become longer.
            if !is_end {
                len = file.metadata()?.len();
            }
        }
        Err(io::ErrorKind::ResourceBusy.into())
    }
}

/// Reads the bytes at `at` that may be a trailer. Also returns whether the file ends after them:
/// the read requests one more byte, which costs nothing.
fn last_bytes(file: &File, at: u64) -> io::Result<([u8; Trailer::LEN], bool)> {
    let mut bytes = [0; Trailer::LEN + 1];
    let read = read_at(file, &mut bytes, at)?;
    let (last, _) = bytes.split_first_chunk().ok_or(io::ErrorKind::UnexpectedEof)?;
    if read < last.len() {
        Err(io::ErrorKind::UnexpectedEof.into())
    } else {
        Ok((*last, read == last.len()))
    }
}

fn read_at(file: &File, bytes: &mut [u8], at: u64) -> io::Result<usize> {
    loop {
        match file.read_at(bytes, at) {
            Err(err) if err.kind() == io::ErrorKind::Interrupted => {}
            read => return read,
        }
    }
}

/// Returns the time at which the file system created a file, in seconds since 1970 and nanoseconds;
/// `None` if the system does not report it, or reports a time before 1970.
fn birth(metadata: &Metadata) -> Option<(i64, u32)> {
    let birth = metadata.created().ok()?.duration_since(UNIX_EPOCH).ok()?;
    Some((i64::try_from(birth.as_secs()).ok()?, birth.subsec_nanos()))
}

/// Returns the lower and the upper half of a word.
fn halves(word: u64) -> (u32, u32) {
    let [a, b, c, d, e, f, g, h] = word.to_le_bytes();
    (u32::from_le_bytes([a, b, c, d]), u32::from_le_bytes([e, f, g, h]))
}

/// Returns the stored form of a value: its position in a list, counted from 1.
fn code<T: PartialEq>(of: T, list: &[T]) -> u8 {
    list.iter().zip(1..).find(|(one, _)| **one == of).map_or(0, |(_, code)| code)
}

fn from_code<T: Copy>(code: u8, list: &[T]) -> Option<T> {
    list.get(usize::from(code).checked_sub(1)?).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::file::tests::unnamed;

    fn never(size: usize, content: Tag) -> Trailer {
        Trailer::new(size, Removal::Never, content, 7)
    }

    #[test]
    fn a_trailer_is_read_back_only_from_the_end_of_a_file_of_its_length() {
        for size in [1, 63, 64, 65, 4096] {
            for (removal, content) in
                REMOVALS.into_iter().zip([Tag::BARE, Tag::ARRAY, Tag::new(4711)])
            {
                let len = Trailer::file_len(size).unwrap();
                for nanoseconds in [None, Some(0), Some(NANOSECONDS)] {
                    let trailer = Trailer {
                        sparse: size == 1,
                        nanoseconds,
                        identity: Identity { device: 26, inode: 77 },
                        ..Trailer::new(size, removal, content, u32::MAX)
                    };
                    assert_eq!(Trailer::decode(&trailer.encode(), len), Some(trailer));
                    assert_eq!(Trailer::decode(&trailer.encode(), len + 64), None);
                }
            }
        }
        let none = Trailer { nanoseconds: Some(NANOSECONDS + 1), ..never(64, Tag::BARE) };
        assert_eq!(Trailer::decode(&none.encode(), Trailer::file_len(64).unwrap()), None);
    }

    #[test]
    fn a_file_with_the_numbers_of_the_original_but_another_birth_is_a_copy() {
        let metadata = unnamed().metadata().unwrap();
        let new = Trailer::new(100, Removal::LastDetach, Tag::BARE, 7);
        let trailer = new.of_file(&metadata);
        assert_eq!(trailer.nanoseconds.is_some(), metadata.created().is_ok());
        assert_eq!(trailer.removal_of(&metadata), Removal::LastDetach);
        let nothing = Trailer { nanoseconds: None, ..trailer };
        assert_eq!(nothing.removal_of(&metadata), Removal::LastDetach, "no birth is recorded");
        let another_inode = Identity { inode: trailer.identity.inode + 1, ..trailer.identity };
        let another_device = Identity { device: trailer.identity.device + 1, ..trailer.identity };
        for identity in [another_inode, another_device, Identity::none()] {
            for nanoseconds in [None, trailer.nanoseconds] {
                let of_another = Trailer { identity, nanoseconds, ..trailer };
                assert_eq!(of_another.removal_of(&metadata), Removal::Never, "{of_another:?}");
            }
        }
        let Some(nanoseconds) = trailer.nanoseconds else { return };
        let other = Some((nanoseconds + 1) % NANOSECONDS);
        for older in [
            Trailer { created: trailer.created - 1, ..trailer },
            Trailer { nanoseconds: other, ..trailer },
        ] {
            assert_eq!(older.removal_of(&metadata), Removal::Never, "{older:?}");
        }
    }

    #[test]
    fn a_file_that_may_grow_is_between_its_data_and_its_maximum() {
        let trailer = Trailer { max_size: Some(1000), ..never(100, Tag::BARE) };
        let (least, most) = (Trailer::file_len(100).unwrap(), Trailer::file_len(1000).unwrap());
        for len in least - 64..most + 128 {
            let fits = (least..=most).contains(&len) && len.is_multiple_of(64);
            assert_eq!(Trailer::decode(&trailer.encode(), len), fits.then_some(trailer), "{len}");
        }
        for max_size in [1, 99, isize::MAX as usize, usize::MAX] {
            assert_eq!(
                Trailer::decode(&Trailer { max_size: Some(max_size), ..trailer }.encode(), least),
                None,
                "{max_size}"
            );
        }
    }

    #[test]
    fn an_old_length_leads_to_the_trailer_at_the_new_end() {
        let file = unnamed();
        let trailer = Trailer { max_size: Some(1000), ..never(100, Tag::VALUE) };
        let (old, new) = (Trailer::file_len(100).unwrap(), Trailer::file_len(1000).unwrap());
        file.write_all_at(&trailer.encode(), (new - Trailer::LEN) as u64).unwrap();
        for before in [old, new, new + 64] {
            let found = Trailer::read(&file, before as u64);
            // A file that was longer has shrunk, which this toolkit never does.
            assert_eq!(
                found.map_err(|err| err.kind()).ok(),
                (before <= new).then_some((new, Some(trailer)))
            );
        }
    }

    #[test]
    fn a_short_file_is_read_whole_whatever_its_length_was_before() {
        let file = unnamed();
        let trailer = Trailer { max_size: Some(1000), ..never(100, Tag::VALUE) };
        let (old, new) = (Trailer::file_len(100).unwrap(), Trailer::file_len(1000).unwrap());
        file.write_all_at(b"data", 0).unwrap();
        file.write_all_at(&trailer.encode(), (new - Trailer::LEN) as u64).unwrap();
        for (room, read) in [(0, 0), (new, 0), (new + 1, new), (8192, new)] {
            let mut all = vec![7; room];
            let found = Trailer::read_all(&file, new as u64, &mut all).unwrap();
            assert_eq!(found, (new, Some(trailer), read), "{room}");
            assert_eq!(all.starts_with(b"data"), read > 0, "{room}");
        }
        // Of a file that has become longer, no bytes count.
        let found = Trailer::read_all(&file, old as u64, &mut [0; 8192]).unwrap();
        assert_eq!(found, (new, Some(trailer), 0));
    }

    #[test]
    fn data_that_looks_like_a_trailer_is_not_believed_at_an_old_end() {
        let file = unnamed();
        let forged = never(100, Tag::VALUE);
        let trailer = Trailer { max_size: Some(1000), ..never(500, Tag::ARRAY) };
        let (old, new) = (Trailer::file_len(100).unwrap(), Trailer::file_len(500).unwrap());
        for (written, len) in [(trailer, new), (forged, old)] {
            file.write_all_at(&written.encode(), (len - Trailer::LEN) as u64).unwrap();
        }
        assert_eq!(Trailer::read(&file, old as u64).unwrap(), (new, Some(trailer)));
    }

    #[test]
    fn a_damaged_trailer_never_gives_a_size_beyond_its_file() {
        let len = Trailer::file_len(4096).unwrap();
        let bytes = never(4096, Tag::BARE).encode();
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
