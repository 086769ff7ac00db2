//! Limits of this process, and of the file system that contains a file.

use std::fs::File;
use std::os::fd::AsFd;

use ipc_core::{Errno, ret};

use super::c;

/// A limit of a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Limit {
    FileSize,
    Descriptors,
    AddressSpace,
    LockedMemory,
}

impl Limit {
    /// Returns the number of bytes or descriptors that this process may have; `None` if there is no
    /// such limit.
    pub(crate) fn get(self) -> Option<u64> {
        let resource = match self {
            Self::FileSize => c::RLIMIT_FSIZE,
            Self::Descriptors => c::RLIMIT_NOFILE,
            Self::AddressSpace => c::RLIMIT_AS,
            Self::LockedMemory => c::RLIMIT_MEMLOCK,
        };
        let mut limit = c::rlimit { rlim_cur: 0, rlim_max: 0 };
        ret::check(c::getrlimit(resource, &mut limit)).ok()?;
        let unlimited = limit.rlim_cur == u64::MAX;
        (!unlimited).then_some(limit.rlim_cur)
    }
}

/// The kind of the file system that contains a file, and its free space.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FileSystem {
    /// `true` if its pages are in RAM: `tmpfs`, or a memfd.
    pub(crate) is_memory: bool,
    /// The size of its pages, if they are huge pages.
    pub(crate) huge_page: Option<usize>,
    /// The total number of bytes, or 0 if it has no limit.
    pub(crate) total: u64,
    pub(crate) free: u64,
}

impl FileSystem {
    pub(crate) fn of(file: &File) -> Result<Self, Errno> {
        let mut found: c::statfs = c::zeroed();
        ret::check(c::fstatfs(file.as_fd(), &mut found))?;
        let block = u64::try_from(found.f_bsize).unwrap_or(0);
        let is = |magic| i128::from(found.f_type) == i128::from(magic);
        Ok(Self {
            is_memory: is(c::TMPFS_MAGIC),
            huge_page: is(c::HUGETLBFS_MAGIC).then(|| usize::try_from(block).ok()).flatten(),
            total: block.saturating_mul(found.f_blocks),
            free: block.saturating_mul(found.f_bavail),
        })
    }
}
