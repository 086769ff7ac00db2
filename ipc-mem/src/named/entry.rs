//! The file behind a name: how shared memory and named semaphores are created, opened and unlinked.

use std::fs::{self, File, Metadata, Permissions as Mode};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use crate::file::{limits, room};
use crate::named::removal::{self, Unattached};
use crate::named::{Identity, attach};
use crate::{Access, sys};
use ipc_core::{
    Errno, Error, Name, Permissions, Refusal, Result, Trust, UserId, crash_point, switched_on,
};

/// The directory in which the names of objects are files.
const DIRECTORY: &str = "/dev/shm";

/// The maximum length of a file's name.
const LONGEST: usize = 255;

/// The file names and C functions of one kind of object.
#[derive(Debug)]
pub struct Convention {
    /// The noun for such an object in error messages.
    pub noun: &'static str,
    /// The prefix of the file's name.
    pub prefix: &'static str,
    /// The prefix of another kind of object: a name must not begin with it.
    pub reserved: Option<&'static str>,
    /// The C function that creates or opens such an object.
    pub open: &'static str,
    /// The C function that removes a name.
    pub unlink: &'static str,
}

impl Convention {
    /// Returns the names of all existing objects of this kind, sorted. Files whose names do not
    /// follow the convention are left out.
    ///
    /// # Errors
    ///
    /// The error of the system.
    pub fn names(&self) -> Result<Vec<Name>> {
        let refused = |err: io::Error| Error::io("readdir", DIRECTORY, &err);
        let mut names = Vec::new();
        for entry in fs::read_dir(DIRECTORY).map_err(refused)? {
            let file = entry.map_err(refused)?.file_name();
            let rest = file.to_str().and_then(|file| file.strip_prefix(self.prefix));
            let name = rest.and_then(|rest| Name::new(&format!("/{rest}")).ok());
            names.extend(name.filter(|name| self.check(name).is_ok()));
        }
        names.sort();
        Ok(names)
    }

    /// Refuses a name that no object of this kind can have.
    fn check(&self, name: &Name) -> Result<()> {
        let (len, longest) = (name.file_name().len(), LONGEST - self.prefix.len());
        if len > longest {
            let why = format!("{len} bytes after the slash, {} has {longest} at most", self.noun);
            return Err(Error::invalid(self.open, name, why));
        }
        match self.reserved.filter(|reserved| name.file_name().starts_with(reserved)) {
            Some(reserved) => {
                let why = format!(
                    "names that begin with `/{reserved}` are those of other objects, not of {}",
                    self.noun
                );
                Err(Error::invalid(self.open, name, why))
            }
            None => Ok(()),
        }
    }
}

/// A name by which processes find a file, whether or not that file exists.
///
/// A file is created without a name, filled, and then linked: no other process sees it incomplete,
/// and a process that dies before the link leaves nothing behind.
#[derive(Debug)]
pub struct Entry {
    convention: &'static Convention,
    name: Name,
    path: PathBuf,
}

impl Entry {
    /// Creates the entry for an object of this kind with this name. The object need not exist.
    ///
    /// # Errors
    ///
    /// `is_invalid_argument` if the name is too long for this kind of object, or has the prefix of
    /// another kind.
    pub fn new(convention: &'static Convention, name: Name) -> Result<Self> {
        convention.check(&name)?;
        let path = [DIRECTORY, "/", convention.prefix, name.file_name()].concat().into();
        Ok(Self { convention, name, path })
    }

    /// Returns the name.
    #[must_use]
    pub fn name(&self) -> &Name {
        &self.name
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Creates a file of `len` zero bytes that has no name yet, with exactly these permissions.
    ///
    /// # Errors
    ///
    /// `is_no_space` if the space cannot be reserved; `is_invalid_argument` for permissions above
    /// 0777; `is_unsupported` if the system does not support files without a name.
    #[doc(alias = "O_TMPFILE")]
    pub fn create_unnamed(&self, permissions: Permissions, len: usize) -> Result<(File, Identity)> {
        let (file, metadata) =
            self.make_unnamed(permissions, |file| match switched_on("reserve") {
                true => room::lengthen(file, 0..len as u64),
                false => room::set_len(file, len as u64),
            })?;
        Ok((file, Identity::of(&metadata)))
    }

    /// Creates an empty file that has no name yet, and reserves space for `len` bytes.
    ///
    /// The caller extends the file to its full length when it writes the last bytes. So a process
    /// that opens the file through `/proc` before it has a name never sees the full length without
    /// those bytes.
    ///
    /// # Errors
    ///
    /// Those of [`create_unnamed`](Self::create_unnamed).
    pub fn create_empty(&self, permissions: Permissions, len: usize) -> Result<(File, Metadata)> {
        self.make_unnamed(permissions, |file| match len > 0 && switched_on("reserve") {
            true => room::reserve(file, 0..len as u64),
            false => Ok(()),
        })
    }

    fn make_unnamed(
        &self,
        permissions: Permissions,
        reserve: impl FnOnce(&File) -> Result<(), Refusal>,
    ) -> Result<(File, Metadata)> {
        let open = self.convention.open;
        let mode = permissions.check(open).map_err(|refusal| self.refuse(refusal))?;
        let made = File::options()
            .read(true)
            .write(true)
            .mode(mode)
            .custom_flags(sys::file::UNNAMED)
            .open(DIRECTORY);
        let file = made.and_then(sys::file::raised).map_err(|err| match err.kind() {
            // The directory does not exist: for a caller that creates an object, that is different
            // from a name that does not exist.
            io::ErrorKind::NotFound | io::ErrorKind::IsADirectory | io::ErrorKind::Unsupported => {
                let why = format!("{DIRECTORY} has no files without a name: {err}");
                Error::unsupported(open, &self.name, why)
            }
            _ => self.refuse(limits::explained(open, &err)),
        })?;
        crash_point("entry.create.unnamed");
        if !switched_on("whole first") {
            self.link(&file)?;
        }
        reserve(&file).map_err(|refusal| self.refuse(refusal))?;
        crash_point("entry.create.reserved");
        let metadata = file.metadata().map_err(|err| self.refused("fstat", &err))?;
        if metadata.mode() & 0o777 != mode {
            file.set_permissions(Mode::from_mode(mode))
                .map_err(|err| self.refused("fchmod", &err))?;
        }
        Ok((file, metadata))
    }

    /// Gives this name to a file without a name, so that all processes can open it from now on.
    ///
    /// # Errors
    ///
    /// `is_exists` if the name is taken; `is_unsupported` if the system can link a file neither by
    /// its descriptor nor through `/proc`; otherwise the error of the system.
    pub fn link(&self, file: &File) -> Result<()> {
        let identity = || file.metadata().map(|metadata| Identity::of(&metadata));
        if !switched_on("whole first")
            && identity().is_ok_and(|identity| attach::is_name_of(&self.path, identity))
        {
            return Ok(());
        }
        crash_point("entry.link.before");
        sys::file::link(file, &self.path).map_err(|errno| match errno {
            Errno::ENOENT => {
                let why =
                    "no way to link a file without a name: neither by descriptor nor through /proc";
                Error::unsupported(self.convention.open, &self.name, why)
            }
            _ => Error::os(self.convention.open, &self.name, errno),
        })?;
        crash_point("entry.link.after");
        Ok(())
    }

    /// Opens the file that has this name.
    ///
    /// # Errors
    ///
    /// `is_not_found` if the name does not exist; `is_permission_denied` if the mode of the file
    /// forbids it; `is_untrusted` if its owner is not trusted; `is_mismatch` if it is not a regular
    /// file.
    pub fn open(&self, trust: Trust, access: Access) -> Result<(File, Metadata)> {
        let opened = sys::file::open(&self.path, access);
        let file =
            opened.map_err(|err| self.refuse(limits::explained(self.convention.open, &err)))?;
        let metadata = file.metadata().map_err(|err| self.refused("fstat", &err))?;
        if !metadata.is_file() {
            let why = format!("found something that is no file, wanted {}", self.convention.noun);
            return Err(Error::mismatch(self.convention.open, &self.name, why));
        }
        let (owner, mode) = (UserId::new(metadata.uid()), Permissions::of_mode(metadata.mode()));
        trust.judge(self.convention.open, &self.name, owner, mode)?;
        Ok((file, metadata))
    }

    /// Removes the name. A name that does not exist is not an error.
    ///
    /// # Errors
    ///
    /// `is_permission_denied` if the file belongs to another user.
    pub fn unlink(&self) -> Result<()> {
        removal::unlink(&self.path, None, self.convention.unlink)
            .map_err(|refusal| self.refuse(refusal))
    }

    /// Removes the name if it still belongs to the file with this identity. The caller must have
    /// that file open or mapped, so that no other file can have the same identity.
    ///
    /// # Errors
    ///
    /// Those of [`unlink`](Self::unlink).
    pub fn unlink_if(&self, identity: Identity) -> Result<()> {
        removal::unlink(&self.path, Some(identity), self.convention.unlink)
            .map_err(|refusal| self.refuse(refusal))
    }

    /// Removes the name of a file that should have been removed at its last detach, if no process
    /// is attached to it.
    pub(crate) fn reclaim(&self, identity: Identity) -> Result<Unattached> {
        attach::remove_unattached(&self.path, identity).map_err(|refusal| self.refuse(refusal))
    }

    /// Returns the number of processes that are attached to the file with this identity; `None` if
    /// the name belongs to another file or does not exist. `file` is an open descriptor of that
    /// file.
    ///
    /// # Errors
    ///
    /// The error of the system.
    #[doc(alias = "F_OFD_GETLK")]
    pub fn attached(&self, identity: Identity, file: &File) -> Result<Option<usize>> {
        attach::attached(&self.path, identity, file).map_err(|refusal| self.refuse(refusal))
    }

    /// Returns the error of a call that failed on this name.
    #[must_use]
    pub fn refused(&self, call: &'static str, err: &io::Error) -> Error {
        Error::io(call, &self.name, err)
    }

    pub(crate) fn refuse(&self, refusal: Refusal) -> Error {
        refusal.on(&self.name)
    }
}
