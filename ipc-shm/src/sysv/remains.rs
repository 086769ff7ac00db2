//! The remains of a segment whose creator died.

#![expect(unsafe_code, reason = "looks at the bytes of a segment that others may write")]

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use ipc_core::{ProcessId, Result};
use ipc_mem::file::Trailer;
use ipc_mem::memory::at_offset;
use ipc_mem::{AccessMode, Memory, Tag, granule};

use super::SysvMemory;

/// The state of a segment whose creator may have died before it was complete.
pub(super) enum Remains {
    /// The segment is complete, or its creator lives.
    None,
    /// The creator died, and no other process is attached to the segment or can find it by the key.
    Alone,
    /// The creator died, and other processes are attached: they may be checking the segment, too.
    Seen,
}

/// How long processes that look at the same remains get out of each other's way.
pub(super) const REPLACING: Duration = Duration::from_secs(1);

impl<A: AccessMode> SysvMemory<A> {
    /// The state of this segment, whose creator wanted `size` bytes of data. If the creator died,
    /// no other process has laid anything out here.
    pub(super) fn remains(&self, size: usize) -> Result<Remains> {
        let info = self.info()?;
        if info.is_removed {
            return Ok(Remains::Alone);
        }
        if info.creator_process.is_none_or(ProcessId::exists)
            || Some(info.size) != Trailer::file_len(size)
        {
            return Ok(Remains::None);
        }
        let is_without_trailer = self.size() == info.size;
        let is_incomplete = match self.tag() {
            Tag::FOREIGN => false,
            Tag::BARE => is_without_trailer && self.is_all_zeros(),
            _ => self.has_no_header(),
        };
        Ok(match info.attached {
            _ if !is_incomplete => Remains::None,
            1 => Remains::Alone,
            _ => Remains::Seen,
        })
    }

    /// Returns `true` if the first eight bytes, which a header has published last, are zero.
    fn has_no_header(&self) -> bool {
        let size = self.size();
        if size < size_of::<u64>() {
            return self.is_all_zeros(); // there is no room for a header
        }
        // SAFETY: the first eight bytes of the data, which begins on a page. They are loaded
        // atomically here, and stored atomically where a header is published.
        unsafe { AtomicU64::from_ptr(self.base().cast().as_ptr()) }.load(Ordering::Acquire) == 0
    }

    /// Returns `true` if all bytes are zero. Only the creator lays anything out in such data.
    fn is_all_zeros(&self) -> bool {
        let mut bytes = [0u8; 4096];
        let len = self.size();
        (0..len).step_by(bytes.len()).all(|at| {
            let part = &mut bytes[..len.min(at + 4096) - at];
            let from = at_offset(self.base(), at);
            // SAFETY: the bytes lie within the data, which is mapped and readable. No safe code of
            // this process writes them: it gets access only to what the creator, which has ended,
            // has laid out.
            unsafe { granule::copy_out(from, part) };
            part.iter().all(|byte| *byte == 0)
        })
    }
}
