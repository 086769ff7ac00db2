//! Shared memory before another process can see it.

#![expect(unsafe_code, reason = "lets its user write what others will believe")]

use std::fs::File;

use crate::{Access, Memory};
use ipc_core::{Error, Name, Refusal, Removal, Result, Trust, crash_point};

use crate::file::{Body, Extent, Trailer, room, trailer};
use crate::named::attach::Attach;
use crate::named::found::{Found, Stale, entry};
use crate::named::{Identity, KeptFile};
use crate::{MemoryOptions, SharedMemory};

/// Shared memory that has no name yet.
///
/// Fill it, then [`publish`](Self::publish) it. No other process ever sees it incomplete. If this
/// process dies before it is published, nothing remains.
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

/// Gives the memory of a [`Draft`] its name.
#[derive(Debug)]
pub struct Publisher {
    file: File,
    removal: Removal,
    /// The owners whose stale object may be replaced.
    trust: Trust,
}

impl Draft {
    /// Creates zeroed shared memory, to be published as `name`.
    ///
    /// # Errors
    ///
    /// Those of [`SharedMemory::create`], except that only `publish` reports that the name is
    /// taken; `is_unsupported` if the system cannot create a file without a name in `/dev/shm`.
    pub fn new(
        name: impl TryInto<Name, Error: Into<Error>>,
        options: impl Into<MemoryOptions>,
    ) -> Result<Self> {
        let (name, options) = (name.try_into().map_err(Into::into)?, options.into());
        let entry = entry(name)?;
        let refuse = |refusal: Refusal| refusal.on(entry.name());
        // Checked before the file is created: options that are not valid.
        let (trailer, len) = trailer(&options).map_err(refuse)?;
        let room = if options.sparse { 0 } else { len };
        let (file, metadata) = entry.create_empty(options.permissions, room)?;
        let (trailer, identity) = (trailer.of_file(&metadata), Identity::of(&metadata));
        // It is long by that: it is never found without.
        room::write(&file, &trailer.encode(), (len - Trailer::LEN) as u64).map_err(refuse)?;
        crash_point("shm.create.trailer");
        let extent = Extent::told(&trailer, &metadata);
        let body = Body::map(&file, extent, Access::ReadWrite, options).map_err(refuse)?;
        let kept = body
            .can_grow()
            .then(|| file.try_clone())
            .transpose()
            .map_err(|err| entry.refused("fcntl", &err))?;
        let memory = SharedMemory::from_draft(
            entry,
            body,
            kept.map(|file| KeptFile::new(file, identity)),
            identity,
        );
        let trust = options.trust.for_permissions(options.permissions);
        Ok(Self { memory, publisher: Publisher { file, removal: options.removal, trust } })
    }

    /// Writes bytes into the data at `offset`.
    ///
    /// # Errors
    ///
    /// `is_invalid_argument` if the bytes do not lie within the data; otherwise the error of the
    /// system.
    ///
    /// # Safety
    ///
    /// Processes that open the memory trust its content. The caller must ensure that:
    ///
    /// 1. If the bytes form the header of an object, that object is initialised behind them before
    ///    the memory is published.
    /// 2. After the write, no `create_in` function lays out an object in the memory, because these
    ///    functions rely on zeros.
    #[doc(alias = "pwrite")]
    pub unsafe fn write_at(&self, offset: usize, bytes: &[u8]) -> Result<()> {
        let size = self.memory.size();
        if offset.checked_add(bytes.len()).is_none_or(|end| end > size) {
            let why =
                format!("{} bytes at offset {offset} do not fit into {size} bytes", bytes.len());
            return Err(Error::invalid("pwrite", self.memory.name(), why));
        }
        let written = room::write(&self.publisher.file, bytes, offset as u64);
        written.map_err(|refusal| refusal.on(self.memory.name()))
    }

    /// Returns the memory, to initialise an object in place instead of writing its bytes.
    #[must_use]
    pub fn memory(&self) -> &SharedMemory {
        &self.memory
    }

    /// Gives the memory its name, so that all processes can open it from now on.
    ///
    /// # Errors
    ///
    /// `is_exists` if the name is taken; otherwise the error of the system. If the call fails, the
    /// draft is dropped.
    pub fn publish(mut self) -> Result<SharedMemory> {
        self.publisher.publish(&mut self.memory)?;
        Ok(self.memory)
    }

    /// Splits the draft into a publisher and the memory.
    #[must_use]
    pub fn into_parts(self) -> (Publisher, SharedMemory) {
        (self.publisher, self.memory)
    }
}

impl Publisher {
    /// Gives the memory its name.
    ///
    /// # Errors
    ///
    /// Those of [`Draft::publish`].
    pub fn publish(self, memory: &mut SharedMemory) -> Result<()> {
        let entry = memory.entry();
        let counted = self.removal == Removal::LastDetach;
        let attach = counted.then(|| Attach::before_name(&self.file)).transpose();
        let attach = attach.map_err(|refusal| entry.refuse(refusal))?;
        while let Err(err) = entry.link(&self.file) {
            // It may have been made read-only by its owner, which may remove it.
            let look = || Found::look(entry, self.trust, Access::ReadOnly);
            let gone = |stale| matches!(stale, Stale::Removed | Stale::Absent);
            if !err.is_exists()
                || !look().and_then(|found| found.remove_stale(entry)).is_ok_and(gone)
            {
                return Err(err);
            }
        }
        memory.published(self.removal, attach, self.file);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::os::fd::AsRawFd;
    use std::os::unix::fs::{FileExt, MetadataExt};

    use super::*;

    #[test]
    fn a_file_without_its_trailer_is_empty_to_a_process_that_finds_it() {
        let options = MemoryOptions::new(10_000);
        let (trailer, len) = trailer(&options).unwrap();
        let entry = entry(Name::new("/none").unwrap()).unwrap();
        let (file, metadata) = entry.create_empty(options.permissions, len).unwrap();
        assert!(metadata.len() == 0 && metadata.blocks() * 512 >= len as u64);
        let path = format!("/proc/self/fd/{}", file.as_raw_fd());
        let find = || {
            let file = File::open(&path).unwrap();
            Extent::of(&file, &file.metadata().unwrap(), "open")
                .map_err(|refusal| refusal.on("/none"))
        };
        assert!(find().unwrap_err().is_mismatch());
        let trailer = trailer.of_file(&metadata);
        file.write_all_at(&trailer.encode(), (len - Trailer::LEN) as u64).unwrap();
        assert_eq!((find().unwrap().size, find().unwrap().content), (10_000, options.content));
    }
}
