//! A handle's place among the users of an object.

use std::fs::File;
use std::sync::OnceLock;

use crate::named::{Entry, Identity, Life};
use ipc_core::{Errno, Error, Result};

/// The object that a handle stands for, and this process among its users, if they are counted.
///
/// Dropping it leaves the object, and takes its name along if nobody else uses it.
#[derive(Debug)]
pub(crate) struct Attachment {
    entry: Entry,
    identity: Identity,
    lives: Option<Lives>,
}

/// The life of the process that made the handle, then that of a child which got it by `fork` and had itself counted,
/// then that of a child of the child.
#[derive(Debug, Default)]
struct Lives(OnceLock<Box<(Life, Lives)>>);

impl Lives {
    fn of(life: Life) -> Self {
        Self(OnceLock::from(Box::new((life, Self::default()))))
    }

    /// The last life, and the place for the next.
    fn last(&self) -> (Option<&Life>, &Self) {
        let (mut last, mut rest) = (None, self);
        while let Some(life) = rest.0.get() {
            (last, rest) = (Some(&life.0), &life.1);
        }
        (last, rest)
    }

    fn into_last(self) -> Option<Life> {
        let (life, rest) = *self.0.into_inner()?;
        rest.into_last().or(Some(life))
    }

    fn is_here(&self) -> bool {
        self.last().0.is_some_and(Life::is_here)
    }
}

impl Attachment {
    /// Stands for an object whose users are not counted.
    pub(crate) fn uncounted(entry: Entry, identity: Identity) -> Self {
        Self { entry, identity, lives: None }
    }

    pub(crate) fn counted(entry: Entry, identity: Identity, life: Life) -> Self {
        Self { entry, identity, lives: Some(Lives::of(life)) }
    }

    pub(crate) fn entry(&self) -> &Entry {
        &self.entry
    }

    pub(crate) fn identity(&self) -> Identity {
        self.identity
    }

    /// Begins to count, for who has just given `file` its name, after [`Entry::hold`].
    pub(crate) fn count(&mut self, file: &File) -> Result<()> {
        match self.entry.settle(file, self.identity) {
            Ok(life) => self.lives = Some(life.map_or_else(Lives::default, Lives::of)),
            Err(err) => {
                self.entry.unlink_if(self.identity);
                return Err(err);
            }
        }
        Ok(())
    }

    pub(crate) fn reattach(&self) -> Result<()> {
        let Some((life, rest)) = self.lives.as_ref().map(Lives::last) else { return Ok(()) };
        if !life.is_some_and(Life::is_here) {
            let life = self.entry.enter(self.identity)?.ok_or_else(|| self.removed())?;
            // If another thread was faster, this process is counted, and need not be twice.
            let _ = rest.0.set(Box::new((life, Lives::default())));
        }
        Ok(())
    }

    pub(crate) fn users(&self) -> Result<usize> {
        if self.lives.is_none() {
            let why = "its users are not counted: it was not made to go with the last of them";
            return Err(Error::unsupported("fcntl", self.entry.name(), why));
        }
        self.entry.users(self.identity)?.ok_or_else(|| self.removed())
    }

    pub(crate) fn is_only_user(&self) -> Result<bool> {
        Ok(self.users()? == 1 && self.lives.as_ref().is_some_and(Lives::is_here))
    }

    /// Uses the object no more.
    pub(crate) fn leave(&mut self) {
        let lives = self.lives.take_if(|lives| lives.is_here());
        if let Some(life) = lives.and_then(Lives::into_last) {
            self.entry.leave(self.identity, life);
        }
    }

    fn removed(&self) -> Error {
        Error::os("shm_open", self.entry.name(), Errno::EIDRM)
    }
}

impl Drop for Attachment {
    fn drop(&mut self) {
        self.leave();
    }
}
