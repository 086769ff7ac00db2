//! Removal of names, and the cases in which a name stays.

use std::fs::{self, File, Permissions as Mode};
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::time::Duration;

use ipc_core::{Errno, Refusal, UserId, crash_point, switched_on};

use crate::Access;
use crate::named::Identity;
use crate::named::attach::{ALL, NAME, is_name_of, open_it};
use crate::named::hold::{Turn, patiently, try_lock};
use crate::sys::lock::{self, Holder, Lock};

/// The maximum time that another process may take to remove a name. After that its lock is ignored,
/// because a stopped or malicious process must not block the removal.
const PATIENCE: Duration = Duration::from_secs(1);

/// The state of a name that should be removed at the last detach.
#[derive(Debug)]
pub(crate) enum Unattached {
    /// No process was attached, and the name is removed.
    Removed,
    /// The name belongs to another file, or does not exist.
    Gone,
    /// Processes are attached, or a program has a lock on the file.
    Attached,
    /// No process is attached, but this process may not remove the name.
    Kept(Refusal),
}

/// Removes a name if it refers to the file `wanted`; with `None`, if it still refers to the file to
/// which it referred at the beginning of the call.
pub(crate) fn unlink(
    path: &Path,
    wanted: Option<Identity>,
    call: &'static str,
) -> Result<(), Refusal> {
    let remove = |identity: Option<Identity>| {
        if identity.is_some_and(|identity| !is_name_of(path, identity)) && switched_on("identity") {
            return Ok(()); // another process has removed it meanwhile, and what has the name now came later
        }
        crash_point("entry.unlink.before");
        match fs::remove_file(path) {
            Err(err) if err.kind() != io::ErrorKind::NotFound => Err(Refusal::io(call, &err)),
            _ => {
                crash_point("entry.unlink.after");
                Ok(())
            }
        }
    };
    let found = || fs::symlink_metadata(path).ok().map(|metadata| Identity::of(&metadata));
    let Some(identity) = wanted.or_else(found) else { return remove(None) };
    let claimed = patiently(|_| {
        // A file that cannot be opened cannot be locked, by this process or any other without the
        // privilege.
        let Ok(Some(file)) = open_to_remove(path, identity) else { return Ok(Turn::Done(None)) };
        if let Some(holder) = try_lock(&file, Lock::Exclusive, &NAME)? {
            return Ok(Turn::Busy(holder, PATIENCE));
        }
        let removed = remove(Some(identity));
        let _ = lock::set(&file, Lock::None, NAME);
        Ok(Turn::Done(Some(removed)))
    });
    // Without the lock, the name is removed all the same.
    claimed.ok().flatten().unwrap_or_else(|| remove(Some(identity)))
}

/// Removes the name of a file if no process is attached to it. The caller is inside the fork gate.
pub(crate) fn remove_unattached(path: &Path, identity: Identity) -> Result<Unattached, Refusal> {
    let file = match open_to_remove(path, identity) {
        Ok(Some(file)) => file,
        Ok(None) => return Ok(Unattached::Gone),
        Err(refusal)
            if matches!(refusal.errno(), Some(Errno::EACCES | Errno::EPERM | Errno::EROFS)) =>
        {
            return Ok(Unattached::Kept(refusal));
        }
        Err(refusal) => return Err(refusal),
    };
    match unlink_unattached(path, identity, &file) {
        Ok(Some(_)) => Ok(Unattached::Attached),
        Ok(None) if is_name_of(path, identity) => {
            Ok(Unattached::Kept(Refusal::os("unlink", Errno::EPERM)))
        }
        Ok(None) => Ok(Unattached::Removed),
        Err(refusal) => Ok(Unattached::Kept(refusal)),
    }
}

/// Locks all bytes of a file, removes its name, and unlocks the bytes. If another process has a
/// lock, returns the holder instead.
///
/// `file` was opened for writing. The caller is inside the fork gate.
pub(crate) fn unlink_unattached(
    path: &Path,
    identity: Identity,
    file: &File,
) -> Result<Option<Option<Holder>>, Refusal> {
    let busy = try_lock(file, Lock::Exclusive, &ALL)?;
    if busy.is_some() && switched_on("attach") {
        return Ok(busy);
    }
    crash_point("detach.locked");
    let removed = if is_name_of(path, identity) { fs::remove_file(path) } else { Ok(()) };
    crash_point("detach.removed");
    let _ = lock::set(file, Lock::None, ALL);
    match removed {
        Err(err) if err.kind() != io::ErrorKind::NotFound => Err(Refusal::io("unlink", &err)),
        _ => Ok(None),
    }
}

/// Opens the file that has this name so that it can be locked exclusively, which requires write
/// permission; `None` if the name belongs to another file or does not exist.
///
/// If the owner has made the file read-only, and is the caller, this adds write permission during
/// `open`.
pub(crate) fn open_to_remove(path: &Path, identity: Identity) -> Result<Option<File>, Refusal> {
    let denied = match open_it(path, identity, Access::ReadWrite) {
        Err(refusal) if refusal.errno() == Some(Errno::EACCES) => refusal,
        opened => return opened,
    };
    let Some(metadata) =
        fs::symlink_metadata(path).ok().filter(|metadata| Identity::of(metadata) == identity)
    else {
        return Ok(None);
    };
    let mode = metadata.mode() & 0o7777;
    if UserId::new(metadata.uid()) != UserId::effective() || mode & 0o600 == 0o600 {
        return Err(denied);
    }
    let set_mode = |mode| fs::set_permissions(path, Mode::from_mode(mode));
    set_mode(mode | 0o600).map_err(|err| Refusal::io("chmod", &err))?;
    let opened = open_it(path, identity, Access::ReadWrite);
    let _ = set_mode(mode);
    opened
}
