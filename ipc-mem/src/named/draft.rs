//! Shared memory before anybody can see it.

#![expect(unsafe_code, reason = "lets its user write what others will believe")]

use std::fs::File;
use std::os::unix::fs::FileExt;

use crate::{Access, Memory};
use ipc_core::{Error, Name, Removal, Result, Trust, crash_point};

use crate::file::Trailer;
use crate::file::{Body, Extent, trailer};
use crate::named::found::{Found, entry};
use crate::{MemoryOptions, SharedMemory};

/// A shared memory that has no name yet.
///
/// Fill it, then [`publish`](Self::publish) it: no other process ever sees it half-made,
/// and if this one dies before, nothing remains.
///
/// # Examples
///
/// ```
/// use ipc_mem::{Draft, OpenOptions, SharedMemory};
///
/// # let name = format!("/draft-{}", std::process::id());
/// let draft = Draft::new(&name, 4096)?;
/// // SAFETY: text, which nobody opens as anything else.
/// unsafe { draft.write_at(0, b"whole") }?;
/// assert!(SharedMemory::open(&name).is_err_and(|err| err.is_not_found()));
///
/// let memory = draft.publish()?;
/// let mut head = [0; 5];
/// SharedMemory::open_and_read(&name, OpenOptions::new(), &mut head)?;
/// assert_eq!(&head, b"whole");
/// # Ok::<(), ipc_core::Error>(())
/// ```
#[derive(Debug)]
pub struct Draft {
    memory: SharedMemory,
    publisher: Publisher,
}

/// What it takes to give the memory its name.
#[derive(Debug)]
pub struct Publisher {
    file: File,
    removal: Removal,
    /// Whose object may be replaced if all its users were killed.
    trust: Trust,
}

impl Draft {
    /// Makes a shared memory of zeros, to be called `name`.
    ///
    /// # Errors
    ///
    /// As [`SharedMemory::create`], except that a name which is taken shows only when it is published;
    /// `is_unsupported` if the system cannot make a file without a name in `/dev/shm`.
    pub fn new(name: impl TryInto<Name, Error: Into<Error>>, options: impl Into<MemoryOptions>) -> Result<Self> {
        let (name, options) = (name.try_into().map_err(Into::into)?, options.into());
        let (trailer, len) = trailer(&options, name.as_str())?;
        let entry = entry(name);
        let room = if options.sparse { 0 } else { len };
        let (file, identity) = entry.create_empty(options.permissions, room)?;
        // It is long by that: nobody ever finds it without.
        let written = file.write_all_at(&trailer.encode(), (len - Trailer::LEN) as u64);
        written.map_err(|err| entry.refused("pwrite", &err))?;
        crash_point("shm.create.trailer");
        let body = Body::map(&file, Extent::told(&trailer), Access::ReadWrite, options, entry.name().as_str())?;
        let kept = body.can_grow().then(|| file.try_clone().map_err(|err| entry.refused("fcntl", &err)));
        let memory = SharedMemory::from_draft(entry, body, kept.transpose()?, identity);
        let trust = options.trust.for_permissions(options.permissions);
        Ok(Self { memory, publisher: Publisher { file, removal: options.removal, trust } })
    }

    /// Writes some of the data.
    ///
    /// # Errors
    ///
    /// `is_invalid_argument` if it does not fit there; otherwise what the system refuses.
    ///
    /// # Safety
    ///
    /// Whoever opens the memory believes what is written there:
    ///
    /// 1. If it reads as the header of an object, that object is behind it when the memory is published.
    /// 2. Nothing is laid out in the memory after that by a `create_in`, which relies on zeros.
    #[doc(alias = "pwrite")]
    pub unsafe fn write_at(&self, offset: usize, bytes: &[u8]) -> Result<()> {
        let size = self.memory.size();
        if offset.checked_add(bytes.len()).is_none_or(|end| end > size) {
            let why = format!("{} bytes at offset {offset} do not fit into {size} bytes", bytes.len());
            return Err(Error::invalid("pwrite", self.memory.name(), why));
        }
        let written = self.publisher.file.write_all_at(bytes, offset as u64);
        written.map_err(|err| self.memory.entry().refused("pwrite", &err))
    }

    /// The memory, to make something in it that is not written as bytes.
    #[must_use]
    pub fn memory(&self) -> &SharedMemory {
        &self.memory
    }

    /// Gives it its name, from which moment on everybody can find it.
    ///
    /// # Errors
    ///
    /// `is_exists` if the name is taken; otherwise what the system refuses. The draft is gone then.
    pub fn publish(mut self) -> Result<SharedMemory> {
        self.publisher.publish(&mut self.memory)?;
        Ok(self.memory)
    }

    pub fn into_parts(self) -> (Publisher, SharedMemory) {
        (self.publisher, self.memory)
    }
}

impl Publisher {
    pub fn publish(self, memory: &mut SharedMemory) -> Result<()> {
        let entry = memory.entry();
        if self.removal == Removal::LastUser {
            entry.hold(&self.file)?;
        }
        while let Err(err) = entry.link(&self.file) {
            let reclaim = || Found::look(entry, self.trust, Access::ReadWrite).is_ok_and(|found| found.reclaim(entry));
            if !err.is_exists() || !reclaim() {
                return Err(err);
            }
        }
        memory.published(self.removal, &self.file)
    }
}

#[cfg(test)]
mod tests {
    use std::os::fd::AsRawFd;
    use std::os::unix::fs::MetadataExt;

    use super::*;

    #[test]
    fn a_file_that_has_its_room_and_not_yet_its_trailer_is_empty_to_who_finds_it_by_way_of_proc() {
        let options = MemoryOptions::new(10_000);
        let (trailer, len) = trailer(&options, "/none").unwrap();
        let (file, _) = entry(Name::new("/none").unwrap()).create_empty(options.permissions, len).unwrap();
        let metadata = file.metadata().unwrap();
        assert!(metadata.len() == 0 && metadata.blocks() * 512 >= len as u64);
        let path = format!("/proc/self/fd/{}", file.as_raw_fd());
        let find = || Extent::of(&File::open(&path).unwrap(), "open", "/none");
        assert!(find().unwrap_err().is_mismatch());
        file.write_all_at(&trailer.encode(), (len - Trailer::LEN) as u64).unwrap();
        assert_eq!((find().unwrap().size, find().unwrap().content), (10_000, options.content));
    }
}
