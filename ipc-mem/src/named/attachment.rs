//! The attachment of a process to an object, shared by its handles.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use ipc_core::{Errno, Origin, Refusal};

use crate::file::limits;
use crate::named::attach::{self, Attach};
use crate::named::{Identity, KeptFile};
use crate::{Access, OncePerProcess};

/// The objects that this process is attached to: one entry each, for any number of handles.
static ATTACHED: OncePerProcess<Identity, Seat> = OncePerProcess::new();

/// The state of a process for an object that it is attached to.
#[derive(Debug)]
struct Seat {
    attach: Attach,
    /// A descriptor of the object. With it, counting and detaching need neither a new descriptor,
    /// which may be unavailable, nor permission, which may be revoked.
    spare: KeptFile,
    is_writable: bool,
    /// `true` if a handle that may write the object was accepted: at the detach, the name is then
    /// removed if no other process is attached.
    removes: bool,
}

impl Seat {
    fn new(attach: Attach, file: File, identity: Identity, access: Access) -> Self {
        let is_writable = access == Access::ReadWrite;
        Self { attach, spare: KeptFile::new(file, identity), is_writable, removes: false }
    }

    fn end(self, path: &Path, identity: Identity) -> Result<(), Refusal> {
        if !self.removes {
            self.attach.end();
            return Ok(());
        }
        let spare = self.spare.get().ok().filter(|_| self.is_writable);
        self.attach.end_with_name(path, identity, spare)
    }
}

/// The attachment of this process to the object of a handle. For an object whose attached processes
/// are not counted, it records only the identity of the object.
///
/// Dropping it detaches. When a process drops its last handle, the name is removed if no other
/// process is attached and at least one handle of this process was writable and
/// [accepted](Self::accept).
#[derive(Debug)]
pub struct Attachment {
    path: PathBuf,
    identity: Identity,
    is_counted: bool,
    removes: AtomicBool,
    /// The process in which this handle is counted: in a forked child that inherited the handle,
    /// its parent.
    here: AtomicU64,
}

impl Attachment {
    /// Creates an attachment to an object whose attached processes are not counted.
    #[must_use]
    pub fn uncounted(path: &Path, identity: Identity) -> Self {
        let (removes, here) = (AtomicBool::new(false), AtomicU64::new(0));
        Self { path: path.to_owned(), identity, is_counted: false, removes, here }
    }

    /// Attaches this process to an object that was opened by its name; `None` if the name now
    /// belongs to another object or does not exist.
    ///
    /// # Errors
    ///
    /// `EBUSY` if another program holds a lock on the file; unsupported if the system does not
    /// support open file description locks.
    pub fn attach(
        path: &Path,
        identity: Identity,
        file: &File,
        access: Access,
    ) -> Result<Option<Self>, Refusal> {
        let own = || file.try_clone().map_err(|err| limits::explained("fcntl", &err));
        let attached = ATTACHED.acquire(identity, |seat| {
            let is_writer = access == Access::ReadWrite;
            match seat {
                Some(seat) if is_writer && !seat.is_writable => {
                    (seat.spare, seat.is_writable) = (KeptFile::new(own()?, identity), true);
                }
                Some(_) => {}
                None => {
                    let file = own()?;
                    let attach = Attach::by_name(path, identity)?.ok_or(None)?;
                    *seat = Some(Seat::new(attach, file, identity, access));
                }
            }
            Ok::<(), Option<Refusal>>(())
        });
        let mut this = Self::uncounted(path, identity);
        this.is_counted = true;
        match attached {
            Ok(()) => {
                this.here = AtomicU64::new(Origin::here().number());
                Ok(Some(this))
            }
            Err(None) => Ok(None),
            Err(Some(refusal)) => Err(refusal),
        }
    }

    /// Counts this process from now on. This process created the object: it called
    /// [`Attach::before_name`], and then gave `file` its name.
    pub(crate) fn count(&mut self, attach: Attach, file: File) {
        let attach = attach.alone(&self.path, self.identity, &file);
        let seat =
            Seat { removes: true, ..Seat::new(attach, file, self.identity, Access::ReadWrite) };
        let put = |place: &mut Option<Seat>| {
            *place = Some(seat); // no other file has this identity, so there was none
            Ok::<(), Refusal>(())
        };
        let _ = ATTACHED.acquire(self.identity, put);
        (self.is_counted, self.here) = (true, AtomicU64::new(Origin::here().number()));
        self.removes = AtomicBool::new(true);
    }

    /// The identity of the object.
    #[must_use]
    pub fn identity(&self) -> Identity {
        self.identity
    }

    /// Declares that this handle may write the object, and that it is the object that the caller
    /// wanted. From now on, this process removes the name if it is the last to detach. A handle for
    /// which this was not called only inspects the object, and inspection never removes a name.
    pub fn accept(&self) {
        self.removes.store(true, Ordering::Relaxed);
        if self.is_here() {
            ATTACHED.with(self.identity, |seat| seat.removes |= seat.is_writable);
        }
    }

    fn is_here(&self) -> bool {
        self.here.load(Ordering::Acquire) == Origin::here().number()
    }

    /// Attaches this process if it inherited the handle through `fork`.
    ///
    /// # Errors
    ///
    /// `EIDRM` if the name now belongs to another object or does not exist; otherwise those of
    /// [`attach`](Self::attach).
    pub fn reattach(&self) -> Result<(), Refusal> {
        let (before, here) = (self.here.load(Ordering::Acquire), Origin::here().number());
        if !self.is_counted || before == here {
            return Ok(());
        }
        let removes = self.removes.load(Ordering::Relaxed);
        let access = if removes { Access::ReadWrite } else { Access::ReadOnly };
        ATTACHED.acquire(self.identity, |seat| {
            let there = match seat {
                Some(seat) => seat,
                None => {
                    let file =
                        attach::open_it(&self.path, self.identity, access)?.ok_or_else(removed)?;
                    let attach = Attach::by_name(&self.path, self.identity)?.ok_or_else(removed)?;
                    seat.insert(Seat::new(attach, file, self.identity, access))
                }
            };
            there.removes |= removes && there.is_writable;
            Ok::<(), Refusal>(())
        })?;
        if self.here.compare_exchange(before, here, Ordering::AcqRel, Ordering::Acquire).is_err() {
            // Another thread was faster, so this handle is counted already.
            ATTACHED.release(self.identity, |seat| seat.attach.end());
        }
        Ok(())
    }

    /// The number of attached processes.
    ///
    /// # Errors
    ///
    /// Unsupported if they are not counted; `EIDRM` if the name now belongs to another object or
    /// does not exist: processes are counted only while the name exists.
    pub fn attached(&self) -> Result<usize, Refusal> {
        if !self.is_counted {
            let why =
                "attached processes are not counted: it was not created to go with its last detach";
            return Err(Refusal::unsupported("fcntl", why));
        }
        let count = |file: &File| attach::attached(&self.path, self.identity, file);
        let kept = ATTACHED.with(self.identity, |seat| seat.spare.get().ok().map(&count)).flatten();
        let attached = match kept {
            Some(counted) => counted?,
            None => match attach::open_it(&self.path, self.identity, Access::ReadOnly)? {
                Some(file) => count(&file)?,
                None => None,
            },
        };
        attached.ok_or_else(removed)
    }

    /// Returns `true` if this process is the only one attached now.
    ///
    /// # Errors
    ///
    /// Those of [`attached`](Self::attached).
    pub fn is_only_attached(&self) -> Result<bool, Refusal> {
        Ok(self.attached()? == 1 && self.is_here())
    }

    /// Detaches, and reports if the name could not be removed.
    ///
    /// # Errors
    ///
    /// The reason why the name stays although no other process is attached.
    pub fn detach(&self) -> Result<(), Refusal> {
        let here = Origin::here().number();
        if self.here.compare_exchange(here, 0, Ordering::AcqRel, Ordering::Acquire).is_err() {
            return Ok(()); // not attached, or in a child that got the handle by `fork`
        }
        ATTACHED
            .release(self.identity, |seat| seat.end(&self.path, self.identity))
            .unwrap_or(Ok(()))
    }
}

fn removed() -> Refusal {
    Refusal::os("shm_open", Errno::EIDRM)
}

impl Drop for Attachment {
    fn drop(&mut self) {
        let _ = self.detach(); // whoever wants to know calls `close`
    }
}
