//! Objects that belong to other objects.
//!
//! An object stores the identity of its owner as its name, so that all objects of an owner are in
//! one bucket. Its owner is destroyed first, by one intent (`intent.rs`), and then the objects that
//! it owned, one after the other. A process that dies meanwhile leaves objects without an owner, to
//! which no handle leads; the next process that opens the heap for writing, or calls `recover` or
//! `check`, destroys them. A word of the control block says that there may be some.

use std::sync::atomic::Ordering;
use std::time::Duration;

use ipc_core::{Refusal, Result, crash_point, switched_on};

use crate::allocator::local::Local;
use crate::intent::Intent;
use crate::layout::Record;
use crate::objects::description::ObjectKind;
use crate::objects::directory::Key;
use crate::objects::object::{Handle, ObjectId, generation_of, kind_of};

/// How long a process waits for each lock while it destroys what others left.
const PATIENCE: Duration = Duration::from_millis(10);

impl Local {
    /// The record of an object; `None` if it was destroyed. The directory is locked.
    pub(crate) fn existing(&self, id: ObjectId) -> Option<&Record> {
        self.parts.record(id.number()).filter(|record| {
            let state = record.state.load(Ordering::Acquire);
            kind_of(state) != 0 && generation_of(state) == id.generation()
        })
    }

    /// The handle of the object with that number; `None` if it is free.
    pub(crate) fn handle_of(&self, number: u64) -> Option<Handle<'_>> {
        let state = self.parts.record(number)?.state.load(Ordering::Acquire);
        let kind = ObjectKind::from_code(kind_of(state))?;
        Some(self.handle(ObjectId::of(number, state)?, kind))
    }

    /// Records that there will be objects whose owner was destroyed.
    pub(crate) fn announce_ownerless(&self) {
        self.parts.control().ownerless.store(1, Ordering::Release);
        crash_point("heap: objects will have no owner");
    }

    fn key_of(&self, handle: &Handle<'_>) -> Option<Key> {
        self.parts.record(handle.id.number()).map(Key::of)
    }

    /// The objects that an object owns. The directory is locked.
    pub(crate) fn owned_by(&self, owner: ObjectId) -> impl Iterator<Item = Handle<'_>> {
        let key = Key::owned_by(owner);
        let all = self.bucket_list(key.bucket(self.parts.place.objects));
        let handles = all.filter_map(|number| self.handle_of(number));
        handles.filter(move |handle| self.key_of(handle) == Some(key))
    }

    /// Waits for the lock of an object, and destroys it with all that it owns. Returns `false` if
    /// it has another name than the given one.
    pub(crate) fn destroy_with_owned(
        &self,
        handle: &Handle<'_>,
        name: Option<&Key>,
    ) -> Result<bool> {
        let mut owners = Vec::new();
        let mut next = Some(*handle);
        // Each object is destroyed, and then has no owned ones left. In a damaged heap, one may be
        // in its bucket again.
        for _ in 0..=2 * self.parts.place.objects {
            if let Some(handle) = next.take() {
                // Without a timeout there is a guard.
                let destroyed = match handle.lock(None) {
                    // Another process destroys the same objects.
                    Err(err) if err.is_removed() && !owners.is_empty() => Ok(Some(false)),
                    held => {
                        let name = name.filter(|_| owners.is_empty());
                        held?.map_or(Ok(Some(false)), |held| self.destroy(&held, name))
                    }
                };
                match destroyed.map_err(|why| self.name(why))? {
                    None => return Ok(false),
                    Some(true) => owners.push(handle.id),
                    Some(false) => {}
                }
            }
            let Some(owner) = owners.last() else { return Ok(true) };
            let _directory = self.directory().map_err(|why| self.name(why))?;
            next = self.owned_by(*owner).next();
            if next.is_none() {
                owners.pop();
            }
        }
        Err(self.name(Refusal::mismatch("destroy", "the objects that it owns are damaged")))
    }

    /// Destroys the objects whose owner was destroyed, except those whose locks are held.
    pub(crate) fn destroy_ownerless(&self) {
        let hint = &self.parts.control().ownerless;
        for _ in 0..self.parts.place.objects {
            if hint.load(Ordering::Acquire) == 0 || !switched_on("ownerless") {
                return;
            }
            let complete = |local: &Self| local.complete(Intent::is_of_directory);
            let directory = self.lock(&self.parts.control().directory, Some(PATIENCE), complete);
            let Ok(Some(directory)) = directory else { return };
            let ownerless = self.objects().filter(|handle| {
                let owner = self.key_of(handle).and_then(|key| key.owner());
                owner.is_some_and(|owner| self.existing(owner).is_none())
            });
            let ownerless: Vec<_> = ownerless.collect();
            if ownerless.is_empty() {
                hint.store(0, Ordering::Release);
                crash_point("heap: each object has its owner");
                return;
            }
            drop(directory);
            let destroy = |handle: &Handle<'_>| match handle.lock(Some(PATIENCE)) {
                Ok(Some(held)) => self.destroy(&held, None).is_ok(),
                Ok(None) => false,
                Err(err) => err.is_removed(),
            };
            // All are tried. What they own has no owner then.
            if ownerless.iter().filter(|handle| destroy(handle)).count() == 0 {
                return;
            }
        }
    }
}
