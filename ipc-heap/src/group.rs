//! Groups of operations on objects with names, of which all happen or none.

use std::fmt;
use std::sync::atomic::Ordering;

#[cfg(doc)]
use ipc_core::Error;
use ipc_core::{Errno, Refusal, Result};
use ipc_mem::{Memory, ReadWrite};

use crate::allocator::local::Local;
use crate::intent::Intent;
use crate::journal::{Draft, Slot, field};
use crate::layout::NAME_WORDS;
use crate::objects::description::Description;
use crate::objects::directory::{Content, Key};
use crate::objects::family::HeapObject;
use crate::objects::object::{Handle, ObjectId, generation_of, kind_of, state};
use crate::{Heap, ObjectKind};

/// The maximum number of operations of a group.
const MAX: usize = 64;

/// Operations on objects with names, which other processes see all at once or not at all, even if
/// this process is killed meanwhile.
///
/// [`Heap::group`] returns it. Up to 64 operations are added, in order, and
/// [`commit`](Self::commit) carries them out. Dropping a group without that has no effect on the
/// heap.
///
/// # Examples
///
/// ```
/// use ipc_heap::{Heap, HeapString, HeapVec};
///
/// # let name = format!("/heap-group-{}", std::process::id());
/// let heap = Heap::create(&name, 1 << 20)?;
/// heap.create_object::<HeapVec<u64>>("users", &[7])?;
///
/// // A new version of two objects, under the same names.
/// let mut group = heap.group();
/// group.create::<HeapVec<u64>>("new users", &[7, 8])?;
/// group.create::<HeapString>("version", "2")?;
/// group.destroy("users")?;
/// group.rename("new users", "users")?;
/// group.commit()?;
/// assert_eq!(heap.find::<HeapVec<u64>>("users")?.lock()?.to_vec(), [7, 8]);
/// # Ok::<(), ipc_core::Error>(())
/// ```
#[must_use = "a group has no effect before `commit`"]
pub struct HeapGroup<'h> {
    local: &'h Local,
    operations: Vec<Operation>,
}

enum Operation {
    Create { name: Key, wanted: Description, content: Content, description: u64 },
    Destroy { name: Key },
    Rename { from: Key, to: Key },
}

impl<M: Memory<Access = ReadWrite>> Heap<M> {
    /// Returns a group of operations, which is empty.
    pub fn group(&self) -> HeapGroup<'_> {
        HeapGroup { local: &self.local, operations: Vec::new() }
    }
}

impl<'h> HeapGroup<'h> {
    /// Adds the creation of an object. Its blocks are allocated now.
    ///
    /// # Errors
    ///
    /// [`is_no_space`](Error::is_no_space) if the heap is full;
    /// [`is_invalid_argument`](Error::is_invalid_argument) if the name is not valid, if the group
    /// has 64 operations, or in a forked child.
    pub fn create<O: HeapObject<'h>>(&mut self, name: &str, first: O::First<'_>) -> Result<()> {
        let local = self.local;
        self.add(name, |name| {
            let wanted = O::description()?;
            let description = local.allocate_description(&wanted)?;
            let content = O::first(local, first);
            let content = content.inspect_err(|_| local.free_loose(description))?;
            Ok(Operation::Create { name, wanted, content, description })
        })
    }

    /// Adds the destruction of an object, whatever its type. The objects that it owns are destroyed
    /// right after the commit. If this process is killed during that, the next process that opens
    /// the heap for writing destroys the rest.
    ///
    /// # Errors
    ///
    /// [`is_invalid_argument`](Error::is_invalid_argument) if the name is not valid, if the group
    /// has 64 operations, or in a forked child.
    pub fn destroy(&mut self, name: &str) -> Result<()> {
        self.add(name, |name| Ok(Operation::Destroy { name }))
    }

    /// Adds a change of the name of an object. The object keeps its identity, and handles of it
    /// stay valid.
    ///
    /// # Errors
    ///
    /// [`is_invalid_argument`](Error::is_invalid_argument) if a name is not valid, if the group has
    /// 64 operations, or in a forked child.
    pub fn rename(&mut self, from: &str, to: &str) -> Result<()> {
        let to = Key::named(to);
        self.add(from, |from| Ok(Operation::Rename { from, to: to? }))
    }

    fn add(
        &mut self,
        name: &str,
        operation: impl FnOnce(Key) -> Result<Operation, Refusal>,
    ) -> Result<()> {
        let add = || {
            self.local.check("group")?;
            if self.operations.len() == MAX {
                let why = format_args!("a group has at most {MAX} operations");
                return Err(Refusal::invalid("group", why));
            }
            operation(Key::named(name)?)
        };
        let label = || format!("{} object {name:?}", self.local.store().label());
        self.operations.push(add().map_err(|refusal| refusal.on(label()))?);
        Ok(())
    }

    /// Carries out all operations, or none. Waits for the locks of the objects that are destroyed.
    /// A thread that holds the lock of such an object and calls this waits for ever.
    ///
    /// # Errors
    ///
    /// [`is_not_found`](Error::is_not_found) if an object to destroy or to rename does not exist
    /// when its turn comes; [`is_exists`](Error::is_exists) if the name of an object to create, or
    /// the new name of an object, is in use then; [`is_no_space`](Error::is_no_space) if the heap
    /// has the maximum number of objects, or no space for the list of changes;
    /// [`is_invalid_argument`] in a forked child. Then nothing has changed.
    ///
    /// [`is_invalid_argument`]: Error::is_invalid_argument
    pub fn commit(mut self) -> Result<()> {
        let local = self.local;
        let name = |refusal: Refusal| local.name(refusal);
        local.check("commit").map_err(name)?;
        let mut locked = Vec::new();
        loop {
            // A thread that waits for the lock of an object does not hold that of the directory.
            let held = local.lock_each(&locked)?;
            let directory = local.directory().map_err(name)?;
            let (draft, destroyed) = self.draft().map_err(name)?;
            let is_locked =
                |object: &Handle<'_>| held.iter().any(|held| held.number == object.id.number());
            if destroyed.iter().all(is_locked) {
                let journal = draft.write().map_err(name)?;
                let are_owners =
                    destroyed.iter().any(|owner| local.owned_by(owner.id).next().is_some());
                if are_owners {
                    local.announce_ownerless();
                }
                // From here on, the blocks belong to the journal.
                self.operations.clear();
                local.carry_out(Intent::Group { journal });
                local.free_loose(journal);
                drop((held, directory));
                if are_owners {
                    local.destroy_ownerless();
                }
                return Ok(());
            }
            locked = destroyed;
        }
    }

    /// The changes of the directory, which is locked, and the objects of which the lock is needed.
    fn draft(&self) -> Result<(Draft<'h>, Vec<Handle<'h>>), Refusal> {
        let local = self.local;
        let (mut draft, mut destroyed) = (Draft::new(local), Vec::new());
        for operation in &self.operations {
            match operation {
                Operation::Create { name, wanted, content, description } => {
                    draft.create(local, name, wanted, *content, *description)?;
                }
                Operation::Destroy { name } => {
                    let (number, state) = draft.destroy(local, name)?;
                    // An object that the same group creates cannot be locked by another thread.
                    let is_there = local
                        .parts
                        .record(number)
                        .is_some_and(|record| record.state.load(Ordering::Acquire) == state);
                    let kind = ObjectKind::from_code(kind_of(state)).filter(|_| is_there);
                    if let Some((kind, id)) = kind.zip(ObjectId::of(number, state)) {
                        destroyed.push(local.handle(id, kind));
                    }
                }
                Operation::Rename { from, to } => draft.rename(local, from, to)?,
            }
        }
        Ok((draft, destroyed))
    }
}

impl Draft<'_> {
    /// The number of an object and the slot of the word that leads to it.
    fn find(&self, local: &Local, key: &Key) -> Option<(u64, Slot)> {
        let objects = local.parts.place.objects;
        let mut slot = Slot::bucket(key.bucket(objects));
        // A damaged list may have a loop.
        for _ in 0..objects {
            let number = self.get(slot).checked_sub(1)?;
            if kind_of(self.get(Slot::record(number, field::STATE))) != 0
                && self.get(Slot::record(number, field::KEY)) == key.word()
                && (0..NAME_WORDS)
                    .all(|at| self.get(Slot::record(number, field::NAME + at)) == key.name()[at])
            {
                return Some((number, slot));
            }
            slot = Slot::record(number, field::NEXT);
        }
        None
    }

    fn existing(
        &self,
        local: &Local,
        key: &Key,
        call: &'static str,
    ) -> Result<(u64, Slot), Refusal> {
        self.find(local, key).ok_or_else(|| {
            Refusal::os(call, Errno::ENOENT).because(format_args!("object {:?}", key.text()))
        })
    }

    fn expect_none(&self, local: &Local, key: &Key, call: &'static str) -> Result<(), Refusal> {
        match self.find(local, key) {
            None => Ok(()),
            Some(_) => {
                Err(Refusal::os(call, Errno::EEXIST)
                    .because(format_args!("object {:?}", key.text())))
            }
        }
    }

    /// Puts an object into the bucket of a key.
    fn insert(&mut self, local: &Local, number: u64, key: &Key) {
        let bucket = Slot::bucket(key.bucket(local.parts.place.objects));
        self.set(Slot::record(number, field::NEXT), self.get(bucket));
        self.set(bucket, number + 1);
        self.set(Slot::record(number, field::KEY), key.word());
        for (at, word) in key.name().iter().enumerate() {
            self.set(Slot::record(number, field::NAME + at), *word);
        }
    }

    fn create(
        &mut self,
        local: &Local,
        key: &Key,
        wanted: &Description,
        content: Content,
        description: u64,
    ) -> Result<(), Refusal> {
        self.expect_none(local, key, "create")?;
        let number = local.free_object(self.get(Slot::FREE_OBJECT), |number| {
            self.get(Slot::record(number, field::STATE))
        })?;
        let before = self.get(Slot::record(number, field::STATE));
        self.set(Slot::FREE_OBJECT, self.get(Slot::record(number, field::NEXT)));
        self.insert(local, number, key);
        for (field, value) in [
            (field::STATE, state(wanted.kind.code(), generation_of(before))),
            (field::CONTENT, content.block),
            (field::LEN, content.len),
            (field::THIRD, content.third),
            (field::TYPE_HASH, wanted.hash),
            (field::DESCRIPTION, description),
        ] {
            self.set(Slot::record(number, field), value);
        }
        self.kept.extend([content.block, description]);
        Ok(())
    }

    /// Returns the number of the object, and the state that it had.
    fn destroy(&mut self, local: &Local, key: &Key) -> Result<(u64, u64), Refusal> {
        let (number, before) = self.existing(local, key, "destroy")?;
        let slot = |field| Slot::record(number, field);
        let old = self.get(slot(field::STATE));
        self.set(slot(field::STATE), state(0, generation_of(old).wrapping_add(1)));
        self.set(before, self.get(slot(field::NEXT)));
        self.set(slot(field::NEXT), self.get(Slot::FREE_OBJECT));
        self.set(Slot::FREE_OBJECT, number + 1);
        let blocks = [field::CONTENT, field::DESCRIPTION].map(|field| self.get(slot(field)));
        self.freed.extend(blocks.into_iter().filter(|block| *block != 0));
        Ok((number, old))
    }

    fn rename(&mut self, local: &Local, from: &Key, to: &Key) -> Result<(), Refusal> {
        let (number, before) = self.existing(local, from, "rename")?;
        self.expect_none(local, to, "rename")?;
        self.set(before, self.get(Slot::record(number, field::NEXT)));
        self.insert(local, number, to);
        Ok(())
    }
}

impl Drop for HeapGroup<'_> {
    fn drop(&mut self) {
        // The blocks belong to the parent of a forked child.
        if self.local.check("drop").is_err() {
            return;
        }
        for operation in self.operations.drain(..) {
            if let Operation::Create { content, description, .. } = operation {
                let blocks = [content.block, description];
                blocks.into_iter().filter(|block| *block != 0).for_each(|block| {
                    self.local.free_loose(block);
                });
            }
        }
    }
}

impl fmt::Debug for HeapGroup<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HeapGroup of {} operations", self.operations.len())
    }
}
