//! Who uses a file that has a name: counted by the system, so that the dead do not count.
//!
//! Each user locks one byte far behind the end of any file. The lock belongs to a description of the file that nothing
//! keeps open but one mapped page, the *life page*. A forked child does not get that page, and `munmap`, `exec` and
//! whatever ends the process take it away: so the lock lives exactly as long as the user, whatever becomes of it.
//!
//! ```text
//! 2^61 .. 2^62 - 1   users: each locks a byte of its own, shared
//! 2^62 - 1           the name: whoever removes it has it alone
//! ```
//!
//! - *Enter:* open the name, lock a byte, waiting. If the file has no name any more, begin again.
//! - *Leave:* unmap the life page, open the name, lock all bytes alone, not waiting. If that succeeds nobody else is
//!   there: remove the name, and only then let go.
//! - *Make:* lock a byte before the file gets its name, so that it never has a name and no user.
//!
//! Of several who leave at once, the last to ask finds nobody. Who enters while the name is being removed waits for the
//! lock, and then finds a file without a name. Who finds a name whose users were all killed can lock all bytes, too.

#![expect(unsafe_code, reason = "owns a mapped page, which any thread may have")]

use std::fs::{self, File};
use std::hash::{BuildHasher, RandomState};
use std::ops::Range;
use std::os::unix::fs::MetadataExt;
use std::ptr::NonNull;
use std::thread;

use crate::Access;
use crate::named::fork_gate;
use crate::named::{Entry, Identity};
use crate::sys::lock::{self, Lock};
use crate::sys::map;
use ipc_core::{Errno, Error, Origin, Result, crash_point, switched_on};

const USERS: Range<i64> = 1 << 61..(1 << 62) - 1;
pub(crate) const NAME: Range<i64> = USERS.end..1 << 62;
const ALL: Range<i64> = USERS.start..NAME.end;

/// A user of a file, from [`Entry::enter`] until it is dropped or its process ends or becomes another program.
///
/// A forked child's copy is nobody.
#[derive(Debug)]
pub struct Life {
    page: NonNull<u8>,
    byte: Range<i64>,
    origin: Origin,
}

impl Life {
    fn begin(file: &File) -> Result<Self, Errno> {
        let byte = byte();
        lock::set(file, Lock::Shared, byte.clone(), true)?;
        crash_point("life.enter.locked");
        Ok(Self { page: map::life_page(file)?, byte, origin: Origin::here() })
    }

    /// Whether it is this process that lives here, and not its parent.
    #[must_use]
    pub fn is_here(&self) -> bool {
        self.origin.is_here()
    }
}

impl Drop for Life {
    fn drop(&mut self) {
        // In a forked child something else may be at that address.
        if self.is_here() {
            // SAFETY: the page that `map_life_page` returned in this process, whose one owner is `self`.
            unsafe { map::unmap(self.page, 1) };
            crash_point("life.left");
        }
    }
}

// SAFETY: a page of the process, bound to no thread.
unsafe impl Send for Life {}

// SAFETY: `&Life` tells nothing but whose it is, which never changes.
unsafe impl Sync for Life {}

/// One of so many bytes that no two users ever have the same.
fn byte() -> Range<i64> {
    let (room, random) = (USERS.end.abs_diff(USERS.start), RandomState::new().hash_one(Origin::here()));
    let byte = USERS.start.saturating_add_unsigned(random % room);
    byte..byte + 1
}

/// Counting the users of the file that has this name.
impl Entry {
    /// Makes a file that has no name yet be used, so that nobody takes the name from it before
    /// [`settle`](Self::settle).
    ///
    /// # Errors
    ///
    /// `is_unsupported` if the system has no locks that belong to a description of a file.
    pub fn hold(&self, file: &File) -> Result<()> {
        lock::set(file, Lock::Shared, byte(), true).map_err(|errno| self.not_locked(errno))?;
        crash_point("life.hold.locked");
        Ok(())
    }

    /// Becomes a user of a file that has got its name, in place of what [`hold`](Self::hold) has done. `None` if somebody has
    /// taken the name away already.
    ///
    /// # Errors
    ///
    /// As [`enter`](Self::enter).
    pub fn settle(&self, file: &File, identity: Identity) -> Result<Option<Life>> {
        let _inside = fork_gate::enter();
        let begun = self.begin(identity)?;
        // Closing it would not do as long as it is mapped, and cannot be done in the children that have it. Who has
        // locked can unlock.
        let _ = lock::set(file, Lock::None, USERS, false);
        crash_point("life.hold.released");
        Ok(begun.map(|(_, life)| life))
    }

    /// Becomes a user of that file, unless the name is another's, or nobody's, which is `None`.
    ///
    /// # Errors
    ///
    /// `is_unsupported` as for [`hold`](Self::hold); `is_permission_denied` if its mode forbids reading.
    #[doc(alias = "F_OFD_SETLKW")]
    pub fn enter(&self, identity: Identity) -> Result<Option<Life>> {
        let _inside = fork_gate::enter();
        let Some((file, life)) = self.begin(identity)? else { return Ok(None) };
        // Its last user may have been at the door.
        let metadata = file.metadata().map_err(|err| self.refused("fstat", &err))?;
        Ok((metadata.nlink() > 0).then_some(life))
    }

    fn begin(&self, identity: Identity) -> Result<Option<(File, Life)>> {
        let Some(file) = self.reopen(identity)? else { return Ok(None) };
        crash_point("life.enter.opened");
        let life = Life::begin(&file).map_err(|errno| self.not_locked(errno))?;
        crash_point("life.enter.mapped");
        Ok(Some((file, life)))
    }

    /// How many users that file has; `None` if the name is another's, or nobody's.
    ///
    /// # Errors
    ///
    /// As [`enter`](Self::enter).
    #[doc(alias = "F_OFD_GETLK")]
    pub fn users(&self, identity: Identity) -> Result<Option<usize>> {
        let Some(file) = self.reopen(identity)? else { return Ok(None) };
        let (mut users, mut unknown) = (0, vec![USERS]);
        while let Some(bytes) = unknown.pop() {
            let found = lock::query(&file, bytes.clone()).map_err(|errno| self.not_locked(errno))?;
            let Some((lock, locked)) = found else { continue };
            users += usize::from(lock == Lock::Shared);
            unknown
                .extend([bytes.start..locked.start, locked.end..bytes.end].into_iter().filter(|rest| !rest.is_empty()));
        }
        Ok(Some(users))
    }

    /// Ends the life of a user of that file, and removes the name if it is still the file's and nobody else uses it.
    pub fn leave(&self, identity: Identity, life: Life) {
        let byte = life.byte.clone();
        drop(life);
        let _inside = fork_gate::enter();
        let Some(file) = self.open_to_remove(None) else { return };
        if self.unlink_unused(&file, Some(identity)) {
            return;
        }
        // `posix_spawn` does not wait at the gate: what another thread is starting may have a copy of our description until
        // it is another program, and then our byte, which nobody else has, stays locked until then.
        let mut until = None;
        while matches!(lock::query(&file, byte.clone()), Ok(Some(_))) && !fork_gate::is_over(&mut until) {
            thread::yield_now();
        }
        self.unlink_unused(&file, Some(identity));
    }

    /// Removes the name if nobody uses the file that it was opened by, and it is still that file's; says whether it did.
    ///
    /// `file` was opened for writing, by a description that is nobody else's and not mapped.
    pub fn reclaim(&self, file: &File) -> bool {
        let removed = self.unlink_unused(file, None);
        // Closing it would not do in a child that was forked since it was opened, nor if it is to be used after all: who
        // wants to enter would wait for ever.
        let _ = lock::set(file, Lock::None, ALL, false);
        removed
    }

    fn unlink_unused(&self, file: &File, wanted: Option<Identity>) -> bool {
        if lock::set(file, Lock::Exclusive, ALL, false).is_err() && switched_on("life") {
            return false;
        }
        crash_point("life.unused.locked");
        let removed = self.names(file, wanted) && fs::remove_file(&self.path).is_ok();
        crash_point("life.unused.removed");
        removed
    }

    /// Opens that file once more, if it still has the name.
    fn reopen(&self, identity: Identity) -> Result<Option<File>> {
        match self.open_any(Access::ReadOnly) {
            Ok((file, metadata)) => Ok((Identity::of(&metadata) == identity).then_some(file)),
            Err(err) if err.is_not_found() => Ok(None),
            Err(err) => Err(err),
        }
    }

    fn not_locked(&self, errno: Errno) -> Error {
        match errno {
            Errno::EINVAL | Errno::ENOSYS | Errno::EOPNOTSUPP => {
                let why = "no locks that belong to a description of a file, so its users cannot be counted";
                Error::unsupported("fcntl", self.name(), why)
            }
            _ => Error::os("fcntl", self.name(), errno),
        }
    }
}
