//! The remains of a segment whose creator died.

#![expect(unsafe_code, reason = "looks at the bytes of a segment that others may write")]

use std::time::Duration;

use ipc_core::{ProcessId, Result};
use ipc_mem::file::Trailer;
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
            Tag::BARE => is_without_trailer && self.begins_with_zeros(self.size()),
            _ => self.begins_with_zeros(size_of::<u64>()),
        };
        Ok(match info.attached {
            _ if !is_incomplete => Remains::None,
            1 => Remains::Alone,
            _ => Remains::Seen,
        })
    }

    fn begins_with_zeros(&self, len: usize) -> bool {
        let mut bytes = [0u8; 4096];
        (0..len).step_by(bytes.len()).all(|at| {
            let part = &mut bytes[..len.min(at + 4096) - at];
            // SAFETY: within the data, of which there are at least so many bytes.
            let from = unsafe { self.base().add(at) };
            // SAFETY: the bytes lie within the data, which is mapped and readable; all code that
            // writes them, in any process, is assumed to do so byte by byte.
            unsafe { granule::copy_out(from, part) };
            part.iter().all(|byte| *byte == 0)
        })
    }
}
