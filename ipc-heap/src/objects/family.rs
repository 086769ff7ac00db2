//! Objects of a heap: with a name, the only one of their type, or without a name.

use std::sync::Arc;

use ipc_core::{Error, Refusal, Result};
use ipc_mem::{Memory, ReadWrite};

use crate::objects::directory::{ANONYMOUS, Key, NAMED, OWNED};
use crate::objects::object::ObjectId;
use crate::objects::sealed::Sealed;
use crate::{Heap, ObjectKind};

/// A kind of object in a heap: [`HeapValue`](crate::HeapValue), [`HeapVec`](crate::HeapVec),
/// [`HeapString`](crate::HeapString), [`HeapDeque`](crate::HeapDeque),
/// [`HeapHashMap`](crate::HeapHashMap), [`HeapMap`](crate::HeapMap) and
/// [`HeapReadMap`](crate::HeapReadMap).
pub trait HeapObject<'h>: Sealed<'h> {}

impl<'h, T: Sealed<'h>> HeapObject<'h> for T {}

/// The family of an object, which determines how programs find it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// It has no name: programs use its [identity](ObjectId).
    Anonymous,
    /// It has a name.
    Named,
    /// It is the only object of its type in this family.
    Unique,
    /// It belongs to another object, and is destroyed with it.
    Owned,
}

impl Family {
    pub(crate) fn from_code(code: u64) -> Self {
        match code {
            ANONYMOUS => Self::Anonymous,
            NAMED => Self::Named,
            OWNED => Self::Owned,
            _ => Self::Unique,
        }
    }
}

/// The properties of an object, as [`Heap::objects`] returns them.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ObjectInfo {
    /// The name; empty unless the object has one.
    pub name: String,
    /// How programs find the object.
    pub family: Family,
    /// The kind of the object.
    pub kind: ObjectKind,
    /// The identity of the object.
    pub id: ObjectId,
    /// The object that owns it.
    pub owner: Option<ObjectId>,
    /// The length: a number of elements, entries or bytes.
    pub len: u64,
    /// The number of bytes of the blocks that the object has.
    pub bytes: u64,
}

impl<M: Memory<Access = ReadWrite>> Heap<M> {
    /// Creates an object under a name of 1 to 160 bytes.
    ///
    /// The object appears complete or not at all, even if the process is killed meanwhile.
    ///
    /// # Errors
    ///
    /// [`is_exists`](Error::is_exists) if an object with that name exists and has the same type;
    /// [`is_mismatch`](Error::is_mismatch) if it has another type;
    /// [`is_no_space`](Error::is_no_space) if the heap is full, or has the maximum number of
    /// objects; [`is_invalid_argument`](Error::is_invalid_argument) if the name is not valid, or in
    /// a forked child.
    pub fn create_object<'h, O: HeapObject<'h>>(
        &'h self,
        name: &str,
        first: O::First<'_>,
    ) -> Result<O> {
        self.named(name, |key| self.create_by::<O>(key?, first))
    }

    /// Finds an object by its name.
    ///
    /// # Errors
    ///
    /// [`is_not_found`](Error::is_not_found) if no object has that name;
    /// [`is_mismatch`](Error::is_mismatch) if it has another type: the message describes each
    /// difference; [`is_invalid_argument`](Error::is_invalid_argument) if the name is not valid, or
    /// in a forked child.
    pub fn find<'h, O: HeapObject<'h>>(&'h self, name: &str) -> Result<O> {
        self.named(name, |key| self.find_by::<O>(&key?))
    }

    /// Finds an object by its name, or creates it.
    ///
    /// ```
    /// use ipc_heap::{Heap, HeapVec};
    ///
    /// # let name = format!("/heap-find-{}", std::process::id());
    /// let heap = Heap::create(&name, 1 << 20)?;
    /// heap.find_or_create::<HeapVec<u64>>("users", &[])?.lock()?.push(7)?;
    /// let users = heap.find_or_create::<HeapVec<u64>>("users", &[])?;
    /// assert_eq!(users.lock()?.to_vec(), [7]);
    ///
    /// let err = heap.find::<HeapVec<f64>>("users").unwrap_err();
    /// assert!(err.is_mismatch() && err.to_string().contains("found u64"), "{err}");
    /// # Ok::<(), ipc_core::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`create_object`](Self::create_object), except `is_exists`.
    pub fn find_or_create<'h, O: HeapObject<'h>>(
        &'h self,
        name: &str,
        first: O::First<'_>,
    ) -> Result<O> {
        self.named(name, |key| self.find_or_create_by::<O>(&key?, first))
    }

    /// Finds the unique object of type `O`, or creates it: a heap has at most one for each type.
    /// Named, anonymous and owned objects of the type do not count, and are not found.
    ///
    /// # Errors
    ///
    /// Those of [`create_anonymous`](Self::create_anonymous).
    pub fn unique_object<'h, O: HeapObject<'h>>(&'h self, first: O::First<'_>) -> Result<O> {
        self.nameless(|| self.find_or_create_by::<O>(&Key::unique(&O::description()?), first))
    }

    /// Creates an object without a name. Other processes find it by its [identity](Self::id_of).
    ///
    /// # Errors
    ///
    /// [`is_no_space`](Error::is_no_space) if the heap is full, or has the maximum number of
    /// objects; [`is_invalid_argument`](Error::is_invalid_argument) in a forked child.
    pub fn create_anonymous<'h, O: HeapObject<'h>>(&'h self, first: O::First<'_>) -> Result<O> {
        self.nameless(|| self.create_by::<O>(Key::ANONYMOUS, first))
    }

    /// Returns the identity of an object.
    pub fn id_of<'h>(&self, object: &impl HeapObject<'h>) -> ObjectId {
        object.handle().id
    }

    /// Returns the object with that identity.
    ///
    /// # Errors
    ///
    /// [`is_removed`](Error::is_removed) if it was destroyed; [`is_mismatch`](Error::is_mismatch)
    /// if it has another type; [`is_invalid_argument`](Error::is_invalid_argument) in a forked
    /// child.
    pub fn get<'h, O: HeapObject<'h>>(&'h self, id: ObjectId) -> Result<O> {
        self.nameless(|| {
            let wanted = O::description()?;
            let handle = self.local.handle(id, wanted.kind);
            let _directory = self.local.directory()?;
            self.local.expect_type(self.local.record_of(id, wanted.kind)?, &wanted)?;
            Ok(O::of(handle))
        })
    }

    /// Destroys an object: waits for its lock, and frees its blocks. From then on, all handles of
    /// the object fail with [`is_removed`](Error::is_removed). Then destroys the objects that it
    /// [owns](Self::create_owned), and those that they own, in the same way. If the process dies
    /// meanwhile, the next process that opens the heap for writing destroys the rest.
    ///
    /// # Errors
    ///
    /// [`is_removed`](Error::is_removed) if it was destroyed already;
    /// [`is_invalid_argument`](Error::is_invalid_argument) if the object does not come from this
    /// handle or a clone of it, or in a forked child.
    pub fn destroy<'h>(&self, object: &impl HeapObject<'h>) -> Result<()> {
        let handle = object.handle();
        if !Arc::ptr_eq(handle.local.store(), self.local.store()) {
            let why =
                "the object was opened through another handle: use that handle or a clone of it";
            return Err(self.local.name(Refusal::invalid("destroy", why)));
        }
        handle.local.destroy_with_owned(&handle, None).map(|_| ())
    }

    /// Destroys the object of that name, whatever its type. Returns `false` if no object has the
    /// name.
    ///
    /// # Errors
    ///
    /// [`is_invalid_argument`](Error::is_invalid_argument) if the name is not valid, or in a forked
    /// child.
    pub fn destroy_named(&self, name: &str) -> Result<bool> {
        let found = self
            .objects()?
            .into_iter()
            .find(|object| object.family == Family::Named && object.name == name);
        let key = self.named(name, |key| key)?;
        let Some(found) = found else { return Ok(false) };
        match self.local.destroy_with_owned(&self.local.handle(found.id, found.kind), Some(&key)) {
            Err(err) if err.is_removed() => Ok(false),
            destroyed => destroyed,
        }
    }

    fn find_by<'h, O: HeapObject<'h>>(&'h self, key: &Key) -> Result<O, Refusal> {
        let wanted = O::description()?;
        let _directory = self.local.directory()?;
        let found = self.local.find(key, &wanted)?;
        let id = found.ok_or_else(|| Refusal::os("find", ipc_core::Errno::ENOENT))?;
        Ok(O::of(self.local.handle(id, wanted.kind)))
    }

    fn create_by<'h, O: HeapObject<'h>>(
        &'h self,
        key: Key,
        first: O::First<'_>,
    ) -> Result<O, Refusal> {
        let wanted = O::description()?;
        let _directory = self.local.directory()?;
        if key.family != ANONYMOUS && self.local.find(&key, &wanted)?.is_some() {
            return Err(Refusal::os("create", ipc_core::Errno::EEXIST));
        }
        let id = self.local.create(&key, &wanted, |local| O::first(local, first))?;
        Ok(O::of(self.local.handle(id, wanted.kind)))
    }

    fn find_or_create_by<'h, O: HeapObject<'h>>(
        &'h self,
        key: &Key,
        first: O::First<'_>,
    ) -> Result<O, Refusal> {
        let wanted = O::description()?;
        let _directory = self.local.directory()?;
        let id = match self.local.find(key, &wanted)? {
            Some(found) => found,
            None => self.local.create(key, &wanted, |local| O::first(local, first))?,
        };
        Ok(O::of(self.local.handle(id, wanted.kind)))
    }

    /// Calls `act` with the key of a name. An error names the heap and the object.
    fn named<R>(
        &self,
        name: &str,
        act: impl FnOnce(Result<Key, Refusal>) -> Result<R, Refusal>,
    ) -> Result<R> {
        let acted = self.local.check("find").and_then(|()| act(Key::named(name)));
        acted.map_err(|refusal| -> Error {
            let label = self.local.store().label();
            refusal.on(format_args!("{label} object {name:?}"))
        })
    }

    pub(crate) fn nameless<R>(&self, act: impl FnOnce() -> Result<R, Refusal>) -> Result<R> {
        let acted = self.local.check("find").and_then(|()| act());
        acted.map_err(|refusal| self.local.name(refusal))
    }
}
