//! The extent of the data in a file, as its trailer records it.

use std::fs::{File, Metadata};
use std::{io, process};

use ipc_core::{Refusal, Removal};

use crate::file::{Trailer, room};
use crate::named::Identity;
use crate::{MemoryOptions, Tag};

/// The extent of the data in a file, and its tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    /// The number of bytes of data.
    pub size: usize,
    /// The maximum number of bytes of data; `None` if the data may not grow.
    pub max_size: Option<usize>,
    /// The tag of the data.
    pub content: Tag,
    /// When the name of the file is removed. The name of a copy is never removed.
    pub removal: Removal,
    /// `true` if the file ends with a trailer; if `false`, all of it is data.
    pub is_ours: bool,
    /// The identity of the file.
    pub identity: Identity,
}

impl Extent {
    /// Reads the extent of a file, of which `metadata` is recent. Errors name `call`.
    ///
    /// # Errors
    ///
    /// A mismatch if the file is empty, or shrinks during the call.
    pub fn of(file: &File, metadata: &Metadata, call: &'static str) -> Result<Self, Refusal> {
        if metadata.len() == 0 {
            return Err(Refusal::mismatch(call, "found an empty file, wanted data"));
        }
        Ok(match Trailer::read(file, metadata.len()).map_err(|err| unread(&err))? {
            (_, Some(trailer)) => Self::told(&trailer, metadata),
            (size, None) => {
                let (content, removal) = (Tag::FOREIGN, Removal::Never);
                let identity = Identity::of(metadata);
                Self { size, max_size: None, content, removal, is_ours: false, identity }
            }
        })
    }

    /// Returns the extent that a trailer describes. The trailer was read from the file with this
    /// `metadata`.
    #[must_use]
    pub fn told(trailer: &Trailer, metadata: &Metadata) -> Self {
        let Trailer { size, max_size, content, .. } = *trailer;
        let (removal, identity) = (trailer.removal_of(metadata), Identity::of(metadata));
        Self { size, max_size, content, removal, is_ours: true, identity }
    }

    /// Gives an empty file the space and the trailer that the options request.
    ///
    /// The write of the trailer extends the file to its full length, so a file of that length
    /// always has a trailer.
    ///
    /// # Errors
    ///
    /// An invalid option, or the error of the system.
    pub fn make(file: &File, options: &MemoryOptions) -> Result<Self, Refusal> {
        let metadata = file.metadata().map_err(|err| Refusal::io("fstat", &err))?;
        let (trailer, len) = trailer(options)?;
        let trailer = trailer.of_file(&metadata);
        if !options.sparse {
            room::reserve(file, 0..len as u64)?;
        }
        room::write(file, &trailer.encode(), (len - Trailer::LEN) as u64)?;
        Ok(Self::told(&trailer, &metadata))
    }
}

/// Returns the trailer of a new memory object, and the length of the object with its trailer. A
/// caller that writes it into a file calls [`Trailer::of_file`] before.
///
/// # Errors
///
/// An invalid argument if the options do not describe a valid object.
pub fn trailer(options: &MemoryOptions) -> Result<(Trailer, usize), Refusal> {
    let MemoryOptions { size, max_size, content, removal, sparse, .. } = *options;
    let refuse = |why: String| Err(Refusal::invalid("create", why));
    options.permissions.check("create")?;
    if size == 0 {
        return refuse(String::from("a size of 0 bytes"));
    }
    if content == Tag::FOREIGN {
        return refuse(String::from("foreign memory is made by programs outside of this toolkit"));
    }
    let largest = max_size.unwrap_or(size);
    let (Some(len), Some(_)) = (Trailer::file_len(size), Trailer::file_len(largest)) else {
        return refuse(format!("{} bytes are more than an address space has", size.max(largest)));
    };
    if largest < size {
        return refuse(format!("{size} bytes are over the {largest} it may grow to"));
    }
    Ok((Trailer { sparse, max_size, ..Trailer::new(size, removal, content, process::id()) }, len))
}

/// Returns the refusal for a file whose end could not be read.
pub fn unread(err: &io::Error) -> Refusal {
    match err.kind() {
        io::ErrorKind::UnexpectedEof => Refusal::mismatch("pread", "it shrank while it was read"),
        io::ErrorKind::ResourceBusy => {
            Refusal::mismatch("pread", "it never stood still while it was read")
        }
        _ => Refusal::io("pread", err),
    }
}
