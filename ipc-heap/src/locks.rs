//! Locking several objects.
//!
//! Programs lock several objects in any order. So a thread waits for a lock only while it holds no
//! other: it waits for the one that it could not acquire, and then tries to acquire all the others.

use std::collections::HashSet;
use std::time::Duration;

use ipc_core::{Refusal, Result};
use ipc_sync::futex::RawMutexGuard;

use crate::allocator::local::Local;
use crate::objects::object::{Handle, Held};

/// All objects of a heap, and its directory, while this thread holds all their locks.
pub(crate) struct AllHeld<'h> {
    _objects: Vec<Held<'h>>,
    _directory: RawMutexGuard<'h>,
}

impl Local {
    /// Locks these objects, except those that have been destroyed.
    pub(crate) fn lock_each<'h>(&'h self, objects: &[Handle<'h>]) -> Result<Vec<Held<'h>>> {
        let mut first = None;
        loop {
            match self.try_lock_each(first, objects)? {
                Ok(held) => return Ok(held),
                Err(contended) => first = Some(contended),
            }
        }
    }

    /// Waits for one lock, and tries to acquire the others. Returns the object that another thread
    /// has locked.
    fn try_lock_each<'h>(
        &'h self,
        first: Option<Handle<'h>>,
        objects: &[Handle<'h>],
    ) -> Result<Result<Vec<Held<'h>>, Handle<'h>>> {
        let mut all = Vec::with_capacity(objects.len());
        let rest = objects.iter().filter(|object| first.is_none_or(|first| first.id != object.id));
        let rest = rest.map(|object| (*object, Some(Duration::ZERO)));
        for (object, timeout) in first.map(|first| (first, None)).into_iter().chain(rest) {
            match object.lock(timeout) {
                Ok(Some(held)) => all.push(held),
                Ok(None) => return Ok(Err(object)),
                Err(err) if err.is_removed() => {}
                Err(err) => return Err(err),
            }
        }
        Ok(Ok(all))
    }

    /// Locks all objects and the directory.
    pub(crate) fn lock_all(&self) -> Result<AllHeld<'_>> {
        let name = |refusal: Refusal| self.name(refusal);
        loop {
            let directory = self.directory().map_err(name)?;
            let listed: Vec<_> = self.objects().collect();
            drop(directory);
            let held = self.lock_each(&listed)?;
            let directory = self.directory().map_err(name)?;
            // Another process may have created an object meanwhile.
            let locked: HashSet<_> = held.iter().map(|held| held.number).collect();
            if self.objects().all(|object| locked.contains(&object.id.number())) {
                return Ok(AllHeld { _objects: held, _directory: directory });
            }
        }
    }
}
