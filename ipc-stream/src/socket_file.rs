//! The file of a socket: how a name is bound, and how a stale one is replaced.
//!
//! A file is stale when no process has its socket open any more, and a stale one never lives again:
//! a socket is bound once. The kernel answers exactly. Connecting a *datagram* socket finds any
//! socket that is bound to the file, fails with `EPROTOTYPE` if that is of another type, and with
//! `ECONNREFUSED` only if no process has it; it takes no place in a backlog. A server that has
//! bound and does not listen yet is there as well.
//!
//! - *Bind.* If the name is free, the mode is set before it is bound, so it is never wider than
//!   asked for. The directory is locked meanwhile: the kernel creates the file before it connects
//!   the socket with it, and in between the file looks stale.
//! - *Replace.* Lock the directory, so that of many processes that replace one does it at a time.
//!   Open the file by descriptor, and make sure that it is a socket of this user, and stale. Rename
//!   it, and remove it if it is still the same file; a file that another program has put there
//!   meanwhile gets its name back. Bind again: others may be faster.
//! - *Remove.* While the socket is open no process replaces its file, so the name is removed if it
//!   is still the name of this file.
//!
//! The lock is on a description that is closed at once: a process that is killed leaves no lock and
//! no lock file.

use std::fs::{self, File, Metadata};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf, absolute};
use std::time::Duration;

use ipc_core::{Errno, Error, Origin, Refusal, Removal, Result};

use crate::kind::Kind;
use crate::sys::file::{self, Identity};
use crate::sys::socket::{self as sys, SocketType};
use crate::wait::{Wait, with_pauses};
use crate::{BindOptions, SocketName, Stale, socket};

/// How long others may hold the lock of a directory: it takes them microseconds, unless they are
/// stopped.
const PATIENCE: Duration = Duration::from_secs(2);

/// How often others may be faster.
const TRIES: usize = 100;

/// The file of a socket of ours, which is removed with this value.
#[derive(Debug)]
pub(crate) struct SocketFile {
    path: PathBuf,
    identity: Identity,
    removal: Removal,
    origin: Origin,
}

impl SocketFile {
    pub(crate) fn keep(mut self) {
        self.removal = Removal::Never;
    }

    fn remove(mut self) {
        self.removal = Removal::OnDrop;
    }
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        if self.removal != Removal::Never
            && self.origin.is_here()
            && self.identity.is_at(&self.path)
        {
            // A destructor cannot report; a file that stays is stale, and the next one that binds
            // its name replaces it.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Creates a socket with a name.
pub(crate) fn bind<K: Kind>(
    name: &SocketName,
    options: &BindOptions,
) -> Result<(OwnedFd, Option<SocketFile>)> {
    let refused = |call: &'static str| move |errno| Error::os(call, name, errno);
    name.need_policy("bind", options.policy.as_ref())?;
    let fd = sys::create(K::TYPE).map_err(refused("socket"))?;
    let address = name.address()?;
    if options.refuse_descriptors {
        socket::refuse_descriptors(fd.as_fd(), name)?;
    }
    if options.pass_credentials || !K::ENDS && options.policy.is_some() {
        // Before anything can be sent here: a message says who sent it only if this is set by then.
        socket::set_pass_credentials(fd.as_fd(), true).map_err(refused("setsockopt"))?;
    }
    let Some(path) = name.as_path() else {
        sys::bind(fd.as_fd(), &address).map_err(refused("bind"))?;
        return Ok((fd, None));
    };
    // The name is removed where it was bound, also after a change of the working directory.
    let path = absolute(path).map_err(|err| Error::os("bind", name, file::code(&err)))?;
    options.permissions.check("bind").map_err(|refusal| refusal.on(name))?;
    sys::set_mode(fd.as_fd(), options.permissions).map_err(refused("fchmod"))?;
    let mut tries = 0;
    let bind = || {
        // If it cannot be locked, because other programs lock it or it is not readable, the name is
        // bound all the same.
        let _lock = path.parent().map(DirectoryLock::take);
        sys::bind(fd.as_fd(), &address)
    };
    while let Err(errno) = bind() {
        tries += 1;
        if errno != Errno::EADDRINUSE || options.stale == Stale::Refuse || tries > TRIES {
            return Err(Error::os("bind", name, errno));
        }
        replace(name, &path)?;
    }
    let file = settle(name, &path, options)?;
    Ok((fd, Some(file)))
}

/// Finds out which file was bound, and makes its mode exact where the umask has made it narrower.
fn settle(name: &SocketName, path: &Path, options: &BindOptions) -> Result<SocketFile> {
    let refused = |call: &'static str| move |errno| Error::os(call, name, errno);
    // Without a descriptor, which may be one too many: from here on the file is removed.
    let metadata = fs::symlink_metadata(path).map_err(|err| refused("lstat")(file::code(&err)))?;
    if !is_socket_of_ours(&metadata) {
        return Err(in_use(name, format_args!("another program has replaced the file at once")));
    }
    let (identity, removal) = (Identity::of(&metadata), options.removal);
    let file = SocketFile { path: path.to_owned(), identity, removal, origin: Origin::here() };
    if let Err(errno) = file::set_mode(path, &metadata, options.permissions) {
        file.remove(); // whatever its removal is to be: it was never there
        return Err(refused("chmod")(errno));
    }
    Ok(file)
}

fn is_socket_of_ours(metadata: &Metadata) -> bool {
    metadata.file_type().is_socket() && file::is_ours(metadata)
}

/// Removes a stale file, or says why it is in use. Another process may be faster to bind the name.
fn replace(name: &SocketName, path: &Path) -> Result<()> {
    let refused = |call: &'static str| move |errno| Error::os(call, name, errno);
    let (Some(directory), Some(file_name)) = (path.parent(), path.file_name()) else {
        return Err(in_use(name, format_args!("it is a directory")));
    };
    let _lock = DirectoryLock::take(directory)?;
    let found = match file::open_path(path) {
        Err(Errno::ENOENT) => return Ok(()), // another process has removed it
        found => found.map_err(refused("open"))?,
    };
    let metadata = found.metadata().map_err(|err| Error::os("fstat", name, file::code(&err)))?;
    if !metadata.file_type().is_socket() {
        return Err(in_use(name, format_args!("there is a file that is no socket")));
    }
    if !file::is_ours(&metadata) {
        return Err(in_use(name, format_args!("there is a socket of user {}", metadata.uid())));
    }
    if is_open(&found).map_err(|errno| unknown(name, errno))? {
        return Err(in_use(name, format_args!("a process has the socket open")));
    }
    let mut aside = std::ffi::OsString::from(".");
    aside.push(file_name);
    aside.push(".stale");
    let aside = directory.join(aside);
    clear(&aside).map_err(|errno| Error::os("unlink", aside.display(), errno))?;
    match file::rename(path, &aside) {
        Err(Errno::ENOENT) => return Ok(()),
        done => done.map_err(refused("rename"))?,
    }
    if Identity::of(&metadata).is_at(&aside) {
        // A stale file that is in the way here is cleared the next time.
        let _ = fs::remove_file(&aside);
        return Ok(());
    }
    // Another program has put its own there in the meantime, and gets the name back.
    file::rename(&aside, path).map_err(refused("rename"))?;
    Err(in_use(name, format_args!("another program has just bound it")))
}

/// Removes what a process that was killed at this left behind.
fn clear(aside: &Path) -> Result<(), Errno> {
    let found = match file::open_path(aside) {
        Err(Errno::ENOENT) => return Ok(()),
        found => found?,
    };
    let metadata = found.metadata().map_err(|err| file::code(&err))?;
    if !is_socket_of_ours(&metadata) || is_open(&found)? {
        return Err(Errno::EEXIST);
    }
    fs::remove_file(aside).map_err(|err| file::code(&err))
}

/// `true` if any process has the socket of a file open; `ENOENT` without `/proc`.
fn is_open(file: &File) -> Result<bool, Errno> {
    let probe = sys::create(SocketType::DGRAM)?;
    let address = sys::SocketAddrUnix::new(file::by_descriptor(file)).map_err(crate::sys::errno)?;
    match sys::connect(probe.as_fd(), &address) {
        Err(Errno::ECONNREFUSED) => Ok(false),
        Err(Errno::ENOENT) => Err(Errno::ENOENT),
        _ => Ok(true), // anything else may be a socket that is there
    }
}

/// The error if `is_open` has failed.
fn unknown(name: &SocketName, errno: Errno) -> Error {
    let why = "there is no `/proc`, through which to find out whether a process has it open";
    match errno {
        Errno::ENOENT => Error::unsupported("connect", name, why),
        _ => Error::os("connect", name, errno),
    }
}

fn in_use(name: &SocketName, why: std::fmt::Arguments<'_>) -> Error {
    Refusal::os("bind", Errno::EADDRINUSE).because(why).on(name)
}

/// While it lives, no other process replaces files of sockets in the directory.
struct DirectoryLock(File);

impl DirectoryLock {
    fn take(directory: &Path) -> Result<Self> {
        let refused = |errno| Error::os("flock", directory.display(), errno);
        let opened = file::open_directory(directory).map_err(refused)?;
        let lock = || file::try_lock(&opened).map(|locked| locked.then_some(())).map_err(refused);
        match with_pauses(Wait::timeout(PATIENCE), lock)? {
            Some(()) => Ok(Self(opened)),
            None => Err(refused(Errno::EBUSY)),
        }
    }
}

impl Drop for DirectoryLock {
    fn drop(&mut self) {
        file::unlock(&self.0);
    }
}
