//! The data of a file in this process, which may grow where it is.
//!
//! So much of the address space as the file may ever need is mapped at once. What lies behind the end of the file comes
//! alive when the file becomes longer: no pointer moves, nothing is copied, in this process and in all others.
//!
//! Growing, under a lock on one byte of the file (`BYTE`), on a description that nobody else has:
//!
//! 1. take the room behind the end, which stays the end;
//! 2. write a trailer at the new end, which still tells the old size: from here on the file is longer;
//! 3. clear the trailer at the old end, which becomes data, and data is zero at first;
//! 4. write the trailer at the new end again, with the new size.
//!
//! Whoever dies between any two steps leaves a file whose last bytes are a trailer that tells the old size or the new
//! one. Whatever is between the data and the trailer, the next one clears.

#![expect(unsafe_code, reason = "counts addresses within a mapping")]

use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::fd::AsRawFd;
use std::os::unix::fs::FileExt;
use std::process;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::{Access, Content, Mapping};
use ipc_core::{Errno, Error, Removal, Result, crash_point};

use crate::file::Trailer;
use crate::sys::file;
use crate::sys::lock::{self, Lock};
use crate::{Achieved, Placement};
use crate::{MemoryOptions, OpenOptions};

/// Who grows a file has this byte of it locked.
const BYTE: Range<i64> = (1 << 61) - 1..1 << 61;

/// How much of a file is data, and of what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    pub size: usize,
    pub max_size: Option<usize>,
    pub content: Content,
    pub removal: Removal,
    /// Whether its end says so; otherwise all of it is data.
    pub is_ours: bool,
}

impl Extent {
    /// Reads it off a file; `call` and `label` are named in errors.
    pub fn of(file: &File, call: &'static str, label: &str) -> Result<Self> {
        let len = file.metadata().map_err(|err| refused("fstat", label, &err))?.len();
        Self::of_len(file, len, call, label)
    }

    /// As [`of`](Self::of), for who knows the length of a moment ago.
    pub fn of_len(file: &File, len: u64, call: &'static str, label: &str) -> Result<Self> {
        if len == 0 {
            return Err(Error::mismatch(call, label, "it is empty"));
        }
        Ok(match Trailer::read(file, len).map_err(|err| unread(label, &err))? {
            (_, Some(trailer)) => Self::told(&trailer),
            (size, None) => {
                let (content, removal) = (Content::Foreign, Removal::Never);
                Self { size, max_size: None, content, removal, is_ours: false }
            }
        })
    }

    /// As a trailer tells it.
    pub fn told(trailer: &Trailer) -> Self {
        let Trailer { size, max_size, content, removal, .. } = *trailer;
        Self { size, max_size, content, removal, is_ours: true }
    }

    /// Gives an empty file the room and the trailer that the options ask for.
    ///
    /// It becomes longer by the trailer: so nobody ever finds it without.
    pub fn make(file: &File, options: &MemoryOptions, label: &str) -> Result<Self> {
        let (trailer, len) = trailer(options, label)?;
        if !options.sparse {
            file::reserve(file, 0..len as u64).map_err(|errno| Error::os("fallocate", label, errno))?;
        }
        let at = (len - Trailer::LEN) as u64;
        file.write_all_at(&trailer.encode(), at).map_err(|err| refused("pwrite", label, &err))?;
        Ok(Self::told(&trailer))
    }
}

/// The trailer of a new memory, and the length of its file; or why there can be none.
pub fn trailer(options: &MemoryOptions, label: &str) -> Result<(Trailer, usize)> {
    let MemoryOptions { size, max_size, content, removal, .. } = *options;
    let refuse = |why: String| Err(Error::invalid("create", label, why));
    if size == 0 {
        return refuse(String::from("a size of 0 bytes"));
    }
    if content == Content::Foreign {
        return refuse(String::from("foreign memory is made by programs outside of this toolkit"));
    }
    let largest = max_size.unwrap_or(size);
    let (Some(len), Some(_)) = (Trailer::file_len(size), Trailer::file_len(largest)) else {
        return refuse(format!("{} bytes are more than an address space has", size.max(largest)));
    };
    if largest < size {
        return refuse(format!("{size} bytes are over the {largest} it may grow to"));
    }
    Ok((Trailer::new(size, removal, content, process::id()).growing_to(max_size), len))
}

/// A file's data in this process.
#[derive(Debug)]
pub struct Body {
    mapping: Mapping,
    /// Where in the mapping it begins.
    start: usize,
    access: Access,
    size: AtomicUsize,
    content: Content,
    is_ours: bool,
    made_to: Option<usize>,
    placement: Placement,
    achieved: Achieved,
}

impl Body {
    /// Maps the data of a file, and the room in which it may grow.
    pub fn map(
        file: &File,
        extent: Extent,
        access: Access,
        options: impl Into<OpenOptions>,
        label: &str,
    ) -> Result<Self> {
        let options = options.into();
        // What we made says itself how large it may become.
        let max_size = if extent.is_ours { extent.max_size } else { options.max_size };
        let room = max_size.unwrap_or(0).max(extent.size);
        // Where the address space has no room to grow, the memory can be used as it is.
        let map = |size| options.placement.map(Some(file), size, access);
        let mapping = match map(room) {
            Err(Errno::ENOMEM) if room > extent.size => map(extent.size),
            mapping => mapping,
        };
        let mapping = mapping.map_err(|errno| Error::os("mmap", label, errno))?;
        let mut body = Self::fixed(mapping, 0..extent.size, access, extent.content, options.placement, label)?;
        (body.is_ours, body.made_to) = (extent.is_ours, extent.max_size);
        Ok(body)
    }

    /// The data is that range of the mapping, and always will be.
    pub fn fixed(
        mapping: Mapping,
        range: Range<usize>,
        access: Access,
        content: Content,
        placement: Placement,
        label: &str,
    ) -> Result<Self> {
        if isize::try_from(mapping.size()).is_err() {
            return Err(Error::os("mmap", label, Errno::ENOMEM));
        }
        let achieved = placement.apply(&mapping, range.end, access, label)?;
        let mapping = if achieved.inherited { mapping } else { mapping.not_inherited() };
        let (start, size) = (range.start, AtomicUsize::new(range.len()));
        Ok(Self { mapping, start, access, size, content, is_ours: false, made_to: None, placement, achieved })
    }

    pub fn base(&self) -> NonNull<u8> {
        // SAFETY: the data begins within the mapping, as both makers of `self` saw to.
        unsafe { self.mapping.base().add(self.start) }
    }

    /// The mapping, and the range of it that is `range` of the data; `None` if the data is shorter.
    pub fn mapped(&self, range: Range<usize>) -> Option<(&Mapping, Range<usize>)> {
        let within = range.start <= range.end && range.end <= self.size();
        within.then(|| (&self.mapping, self.start + range.start..self.start + range.end))
    }

    pub fn size(&self) -> usize {
        self.size.load(Ordering::Acquire)
    }

    pub fn can_grow(&self) -> bool {
        self.size() < self.max_size()
    }

    /// How large it can become here.
    pub fn max_size(&self) -> usize {
        self.mapping.size() - self.start
    }

    /// How large its maker lets it become, if it may grow, whatever there is room for here.
    pub fn made_to(&self) -> Option<usize> {
        self.made_to
    }

    pub fn is_mapped(&self) -> bool {
        self.mapping.is_here()
    }

    pub fn content(&self) -> Content {
        self.content
    }

    pub fn achieved(&self) -> Achieved {
        self.achieved
    }

    /// Makes it larger, for all; what is so large already stays as it is. Who may not grow needs no file.
    pub fn grow(&self, file: Option<&File>, wanted: usize, label: &str) -> Result<()> {
        if wanted <= self.size() {
            return Ok(());
        }
        let Some(file) = file.filter(|_| wanted <= self.max_size()) else {
            let why = format!("{wanted} bytes are over the {} there is room for", self.max_size());
            return Err(Error::invalid("grow", label, why));
        };
        // A description that no other process and no other call has: locks belong to descriptions.
        let own = File::options().read(true).write(true).open(format!("/proc/self/fd/{}", file.as_raw_fd()));
        let own = own.map_err(|err| match err.kind() {
            io::ErrorKind::NotFound => Error::unsupported("grow", label, "there is no /proc to open it anew"),
            _ => refused("open", label, &err),
        })?;
        lock::set(&own, Lock::Exclusive, BYTE, true).map_err(|errno| Error::os("fcntl", label, errno))?;
        let size = if self.is_ours { lengthen(&own, wanted, label) } else { lengthen_foreign(&own, wanted, label) };
        // Closing does not unlock it where a child that was forked meanwhile has the description, too.
        let _ = lock::set(&own, Lock::None, BYTE, false);
        self.take_up(size?, label)
    }

    /// Looks whether somebody made it larger, and tells how large it is.
    pub fn refresh(&self, file: Option<&File>, label: &str) -> Result<usize> {
        if let Some(file) = file.filter(|_| self.can_grow()) {
            let extent = Extent::of(file, "refresh", label)?;
            if extent.is_ours != self.is_ours {
                return Err(Error::mismatch("refresh", label, "it lost the record of its size"));
            }
            self.take_up(extent.size, label)?;
        }
        Ok(self.size())
    }

    /// The file may say anything: more than was mapped is not there.
    fn take_up(&self, size: usize, label: &str) -> Result<()> {
        let (before, size) = (self.size(), size.min(self.max_size()));
        if size > before {
            self.placement.fill(&self.mapping, before..size, self.access, label)?;
            self.size.fetch_max(size, Ordering::AcqRel);
        }
        Ok(())
    }
}

/// Steps 1 to 4, for who has the lock; the size that it has then.
fn lengthen(file: &File, wanted: usize, label: &str) -> Result<usize> {
    let os = |call: &'static str| move |err: io::Error| refused(call, label, &err);
    let len = file.metadata().map_err(os("fstat"))?.len();
    let (len, Some(trailer)) = Trailer::read(file, len).map_err(|err| unread(label, &err))? else {
        return Err(Error::mismatch("grow", label, "it lost the record of its size"));
    };
    if wanted <= trailer.size {
        return Ok(trailer.size);
    }
    let Some(needed) = Trailer::file_len(wanted) else {
        return Err(Error::os("grow", label, Errno::EFBIG));
    };
    let end = needed.max(len);
    let (at, new_at) = (len - Trailer::LEN, end - Trailer::LEN);
    // What is there may be of who died on the way, or of a program outside of this toolkit.
    clear(file, trailer.size..at).map_err(os("pwrite"))?;
    let room = trailer.size as u64..end as u64;
    if let Err(errno) = file::reserve(file, room) {
        let _ = file.set_len(len as u64); // gives back what is behind the end
        return Err(Error::os("fallocate", label, errno));
    }
    crash_point("growth.reserved");
    if end > len {
        file.write_all_at(&trailer.encode(), new_at as u64).map_err(os("pwrite"))?;
        crash_point("growth.longer");
        clear(file, at..len).map_err(os("pwrite"))?;
        crash_point("growth.cleared");
    }
    let grown = Trailer { size: wanted, ..trailer };
    file.write_all_at(&grown.encode(), new_at as u64).map_err(os("pwrite"))?;
    crash_point("growth.done");
    Ok(wanted)
}

/// A file without a trailer is data to its end, which others may move meanwhile: nothing here makes it shorter.
fn lengthen_foreign(file: &File, wanted: usize, label: &str) -> Result<usize> {
    let len = file.metadata().map_err(|err| refused("fstat", label, &err))?.len();
    if (wanted as u64) > len {
        file::lengthen(file, len..wanted as u64).map_err(|errno| Error::os("fallocate", label, errno))?;
    }
    Ok(wanted)
}

/// Writes zeros.
fn clear(file: &File, range: Range<usize>) -> io::Result<()> {
    let zeros = [0; 4096];
    let mut at = range.start;
    while at < range.end {
        let len = zeros.len().min(range.end - at);
        file.write_all_at(&zeros[..len], at as u64)?;
        at += len;
    }
    Ok(())
}

/// Why the end of a file could not be read.
pub fn unread(label: &str, err: &io::Error) -> Error {
    match err.kind() {
        io::ErrorKind::UnexpectedEof => Error::mismatch("pread", label, "it shrank while it was read"),
        io::ErrorKind::ResourceBusy => Error::mismatch("pread", label, "it never stood still while it was read"),
        _ => refused("pread", label, err),
    }
}

/// What the system said no to.
pub fn refused(call: &'static str, label: &str, err: &io::Error) -> Error {
    Error::os(call, label, Errno::new(err.raw_os_error().unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_left_between_the_data_and_the_trailer_does_not_become_data() {
        for wanted in [101, 128, 129, 1000] {
            let file = crate::file::tests::unnamed();
            Extent::make(&file, &MemoryOptions::new(100).max_size(1000), "padding").unwrap();
            file.write_all_at(&[7; 28], 100).unwrap();
            assert_eq!(lengthen(&file, wanted, "padding").unwrap(), wanted);
            let mut data = vec![1; wanted];
            file.read_exact_at(&mut data, 0).unwrap();
            assert_eq!(data, vec![0; wanted]);
        }
    }
}
