//! The base of all memory objects in files and System V segments: their options, their mapped data,
//! its placement, and the trailer behind it.

mod body;
mod capacity;
mod extent;
pub(crate) mod limits;
mod options;
mod placement;
pub(crate) mod room;
mod trailer;
mod usage;

pub use body::Body;
pub use extent::{Extent, trailer, unread};
pub use options::{MemoryOptions, OpenOptions};
pub use placement::{Achieved, Hint, Placement};
pub use trailer::Trailer;
pub use usage::Usage;

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::os::unix::fs::OpenOptionsExt;

    use crate::sys::file::UNNAMED;

    /// A new file without a name.
    pub(super) fn unnamed() -> File {
        File::options().read(true).write(true).custom_flags(UNNAMED).open("/dev/shm").unwrap()
    }
}
