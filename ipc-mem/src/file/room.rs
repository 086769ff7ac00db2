//! Reserving space for files. A refusal names the requested size, the free space, and the limit
//! that was reached.

use std::fs::File;
use std::ops::Range;

use ipc_core::{Errno, Refusal};

use crate::file::capacity::Capacity;
use crate::sys::file;
use crate::sys::limit::{FileSystem, Limit};

/// A reservation of at least this size is compared with the capacity of the machine. A smaller one
/// takes less time than reading the capacity.
const LARGE: u64 = 16 << 20;

/// Reserves space for a range of a file, without making the file longer.
pub(crate) fn reserve(file: &File, range: Range<u64>) -> Result<(), Refusal> {
    expect_possible(file, &range)?;
    file::reserve(file, range.clone()).map_err(|errno| not_reserved(file, &range, errno))
}

/// Reserves space for a range of a file, and extends the file to the end of the range if it is
/// shorter.
pub(crate) fn lengthen(file: &File, range: Range<u64>) -> Result<(), Refusal> {
    expect_possible(file, &range)?;
    file::lengthen(file, range.clone()).map_err(|errno| not_reserved(file, &range, errno))
}

/// Writes bytes, which may make the file longer.
pub(crate) fn write(file: &File, bytes: &[u8], at: u64) -> Result<(), Refusal> {
    file::write_at(file, bytes, at).map_err(|err| {
        let range = at..at + bytes.len() as u64;
        match err.raw_os_error() {
            Some(number) => explained("pwrite", file, &range, Errno::new(number)),
            None => Refusal::io("pwrite", &err),
        }
    })
}

/// Extends a file to that length, without reserving space.
pub(crate) fn set_len(file: &File, len: u64) -> Result<(), Refusal> {
    file::set_len(file, len).map_err(|err| match err.raw_os_error() {
        Some(number) => explained("ftruncate", file, &(0..len), Errno::new(number)),
        None => Refusal::io("ftruncate", &err),
    })
}

fn not_reserved(file: &File, range: &Range<u64>, errno: Errno) -> Refusal {
    match errno {
        Errno::EOPNOTSUPP | Errno::ENOSYS => {
            let why = "the file system cannot reserve space: a memory object made with `sparse` does without, and \
                       grows by what is touched";
            Refusal::unsupported("fallocate", why)
        }
        _ => explained("fallocate", file, range, errno),
    }
}

/// Returns a refusal with the error number of the system, and the limit that was reached.
fn explained(call: &'static str, file: &File, range: &Range<u64>, errno: Errno) -> Refusal {
    let refusal = Refusal::os(call, errno);
    let wanted = range.end - range.start;
    match errno {
        Errno::EFBIG => match Limit::FileSize.get() {
            Some(limit) => refusal.because(format_args!(
                "wanted a file of {} bytes, the limit RLIMIT_FSIZE (`ulimit -f`) is {limit}",
                range.end
            )),
            None => refusal.because(format_args!("wanted a file of {} bytes", range.end)),
        },
        Errno::ENOSPC => match FileSystem::of(file) {
            Ok(FileSystem { free, total, .. }) => refusal.because(format_args!(
                "wanted {wanted} bytes, {free} of the file system's {total} are free"
            )),
            Err(_) => refusal.because(format_args!("wanted {wanted} bytes")),
        },
        Errno::EDQUOT | Errno::ENOMEM => refusal.because(format_args!("wanted {wanted} bytes")),
        Errno::EINVAL if FileSystem::of(file).is_ok_and(|system| system.huge_page.is_some()) => {
            Refusal::unsupported(
                call,
                "files of huge pages (hugetlbfs) can be mapped, but not written or created here",
            )
        }
        _ => refusal,
    }
}

/// Refuses a size beyond the capacity of the machine. A file in memory often has no limit of its
/// own, and the system would kill other programs to get the space.
fn expect_possible(file: &File, range: &Range<u64>) -> Result<(), Refusal> {
    if range.end - range.start < LARGE || !FileSystem::of(file).is_ok_and(|system| system.is_memory)
    {
        return Ok(());
    }
    Capacity::of_this_process().expect_room(range.end)
}
