//! Views: reading objects without their locks, also through a handle that is read-only.
//!
//! A view reads the words of an object while other processes may change them, and then checks the
//! version of the object. If it changed meanwhile, what was read is dropped, and read again.

use std::fmt;
use std::marker::PhantomData;
use std::sync::atomic::Ordering;

#[cfg(doc)]
use ipc_core::Error;
use ipc_core::{Errno, Refusal, Result};
use ipc_mem::{Memory, Plain};
use ipc_sync::futex::RawMutexGuard;

use crate::allocator::local::{Local, NO_PAGE};
use crate::containers::deque::HeapDequeGuard;
use crate::containers::hash_map::HeapHashMapGuard;
use crate::containers::string::HeapStringGuard;
use crate::containers::vec::HeapVecGuard;
use crate::objects::directory::Key;
use crate::objects::family::{Family, HeapObject, ObjectInfo};
use crate::objects::object::{Held, ObjectId, generation_of, kind_of};
use crate::{Heap, HeapDeque, HeapHashMap, HeapString, HeapValue, HeapVec, ObjectKind};

/// An object that is read without its lock, so that a process needs only permission to read the
/// heap, and delays no writer.
///
/// Each method returns what the object contained at one time, at which no thread held its lock: a
/// sequence of operations under one lock is seen completely or not at all, unless its process was
/// killed in the middle. While a thread holds the lock, a method tries again, for at most a second.
/// Then it fails with [`is_busy`](Error::is_busy): the thread is slow or stopped, or it was killed,
/// and no process has acquired the lock since.
///
/// [`Heap::view`] returns it.
///
/// # Examples
///
/// ```
/// use ipc_heap::{Heap, HeapHashMap};
///
/// # let name = format!("/heap-view-{}", std::process::id());
/// let heap = Heap::create(&name, 1 << 20)?;
/// heap.create_object::<HeapHashMap<u64, u32>>("ages", ())?.lock()?.insert(7, 36)?;
///
/// let viewer = Heap::open_read_only(&name)?; // in another process
/// let ages = viewer.view::<HeapHashMap<u64, u32>>("ages")?;
/// assert_eq!(ages.get(&7)?, Some(36));
/// # Ok::<(), ipc_core::Error>(())
/// ```
pub struct HeapView<'h, O> {
    local: &'h Local,
    id: ObjectId,
    kind: ObjectKind,
    of: PhantomData<fn() -> O>,
}

impl Local {
    /// Locks the directory for a participant, which completes what a dead process began. A handle
    /// that is read-only cannot lock.
    fn directory_if_writer(&self) -> Result<Option<RawMutexGuard<'_>>, Refusal> {
        if self.number == NO_PAGE {
            return Ok(None);
        }
        self.check("view")?;
        self.directory().map(Some)
    }

    /// Calls `look`, which only reads, until the directory does not change meanwhile.
    fn look<R>(&self, look: impl Fn() -> Result<R, Refusal>) -> Result<R, Refusal> {
        let why = "a process that creates or destroys an object is stopped or dead";
        let seen = self.parts.control().version.read_patiently(look);
        seen.map_err(|refusal| refusal.because(why))?
    }

    fn info(&self, number: u64) -> Option<ObjectInfo> {
        let record = self.parts.record(number)?;
        let state = record.state.load(Ordering::Acquire);
        let (key, kind) = (Key::of(record), ObjectKind::from_code(kind_of(state))?);
        let family = Family::from_code(key.family);
        let name = if family == Family::Named { key.text() } else { String::new() };
        let len = record.len.load(Ordering::Acquire);
        let len = match kind {
            ObjectKind::Deque => len.wrapping_sub(record.third.load(Ordering::Acquire)),
            _ => len,
        };
        let bytes = [&record.content, &record.description]
            .map(|place| self.block(place.load(Ordering::Acquire)).map_or(0, |block| block.size));
        let id = ObjectId::new(number, generation_of(state));
        let (owner, bytes) = (key.owner(), bytes.iter().sum());
        Some(ObjectInfo { name, family, kind, id, owner, len, bytes })
    }
}

impl<M: Memory> Heap<M> {
    /// Finds an object by its name, to read it without its lock.
    ///
    /// # Errors
    ///
    /// [`is_not_found`](Error::is_not_found) if no object has that name;
    /// [`is_mismatch`](Error::is_mismatch) if it has another type: the message describes each
    /// difference; [`is_invalid_argument`](Error::is_invalid_argument) if the name is not valid, or
    /// in a forked child, unless the handle is read-only. With a read-only handle, the call fails
    /// with [`is_busy`](Error::is_busy) while a process is stopped in the middle of creating or
    /// destroying an object. If that process was killed, the call fails until another process opens
    /// the heap for writing, or creates, finds or destroys an object. A handle that may write waits
    /// instead.
    pub fn view<'h, O: HeapObject<'h>>(&'h self, name: &str) -> Result<HeapView<'h, O>> {
        let key = Key::named(name);
        self.view_by::<O>(key).map_err(|refusal| {
            refusal.on(format_args!("{} object {name:?}", self.local.store().label()))
        })
    }

    /// Finds the unique object of type `O`, to read it without its lock.
    ///
    /// # Errors
    ///
    /// [`is_not_found`](Error::is_not_found) if there is none; [`is_busy`](Error::is_busy) as for
    /// [`view`](Self::view).
    pub fn view_unique<'h, O: HeapObject<'h>>(&'h self) -> Result<HeapView<'h, O>> {
        let key = O::description().map(|wanted| Key::unique(&wanted));
        self.view_by::<O>(key).map_err(|refusal| self.local.name(refusal))
    }

    /// Returns the object with that identity, to read it without its lock.
    ///
    /// # Errors
    ///
    /// [`is_removed`](Error::is_removed) if it was destroyed; [`is_mismatch`](Error::is_mismatch)
    /// if it has another type; [`is_busy`](Error::is_busy) as for [`view`](Self::view).
    pub fn view_id<'h, O: HeapObject<'h>>(&'h self, id: ObjectId) -> Result<HeapView<'h, O>> {
        let local = &self.local;
        let viewed = || {
            let wanted = O::description()?;
            let _directory = local.directory_if_writer()?;
            local.look(|| local.expect_type(local.record_of(id, wanted.kind)?, &wanted))?;
            Ok(HeapView { local, id, kind: wanted.kind, of: PhantomData })
        };
        viewed().map_err(|refusal| local.name(refusal))
    }

    fn view_by<'h, O: HeapObject<'h>>(
        &'h self,
        key: Result<Key, Refusal>,
    ) -> Result<HeapView<'h, O>, Refusal> {
        let (local, key, wanted) = (&self.local, key?, O::description()?);
        let _directory = local.directory_if_writer()?;
        let id = local.look(|| local.find(&key, &wanted))?;
        let id = id.ok_or_else(|| Refusal::os("view", Errno::ENOENT))?;
        Ok(HeapView { local, id, kind: wanted.kind, of: PhantomData })
    }

    /// Returns the properties of all objects. The description of each object is consistent, but
    /// those of two objects may be from different times.
    ///
    /// # Errors
    ///
    /// [`is_busy`](Error::is_busy) as for [`view`](Self::view).
    pub fn objects(&self) -> Result<Vec<ObjectInfo>> {
        let local = &self.local;
        let found = || -> Result<Vec<_>, Refusal> {
            let _directory = local.directory_if_writer()?;
            let infos = (0..local.parts.place.objects)
                .filter_map(|number| local.look(|| Ok(local.info(number))).transpose());
            infos.collect()
        };
        found().map_err(|refusal| local.name(refusal))
    }
}

impl<'h, O: HeapObject<'h>> HeapView<'h, O> {
    /// Returns the identity of the object.
    #[must_use]
    pub fn id(&self) -> ObjectId {
        self.id
    }

    /// Calls `look` until the object does not change meanwhile.
    fn read<R>(&self, look: impl Fn(Held<'h>) -> Result<R>) -> Result<R> {
        self.local.handle(self.id, self.kind).read(look)
    }
}

impl<'h, T: Plain> HeapView<'h, HeapValue<'h, T>> {
    /// Returns a copy of the value.
    ///
    /// # Errors
    ///
    /// [`is_removed`](Error::is_removed), [`is_mismatch`](Error::is_mismatch) if the object is
    /// damaged, or [`is_busy`](Error::is_busy) if its lock is held.
    pub fn get(&self) -> Result<T> {
        self.read(|held| HeapValue::of(held).map(|(_, value)| value))
    }
}

impl<'h, T: Plain> HeapView<'h, HeapVec<'h, T>> {
    /// Returns the number of elements.
    ///
    /// # Errors
    ///
    /// [`is_removed`](Error::is_removed), [`is_mismatch`](Error::is_mismatch) if the object is
    /// damaged, or [`is_busy`](Error::is_busy) if its lock is held.
    pub fn len(&self) -> Result<usize> {
        self.read(|held| HeapVecGuard::<T>::of(held).map(|vec| vec.len()))
    }

    /// Returns `true` if the vector is empty.
    ///
    /// # Errors
    ///
    /// [`is_removed`](Error::is_removed), [`is_mismatch`](Error::is_mismatch) if the object is
    /// damaged, or [`is_busy`](Error::is_busy) if its lock is held.
    pub fn is_empty(&self) -> Result<bool> {
        self.len().map(|len| len == 0)
    }

    /// Returns a copy of the element at `index`; `None` if the vector is shorter.
    ///
    /// # Errors
    ///
    /// [`is_removed`](Error::is_removed), [`is_mismatch`](Error::is_mismatch) if the object is
    /// damaged, or [`is_busy`](Error::is_busy) if its lock is held.
    pub fn get(&self, index: usize) -> Result<Option<T>> {
        self.read(|held| HeapVecGuard::of(held).map(|vec| vec.get(index)))
    }

    /// Returns a copy of all elements.
    ///
    /// # Errors
    ///
    /// [`is_removed`](Error::is_removed), [`is_mismatch`](Error::is_mismatch) if the object is
    /// damaged, or [`is_busy`](Error::is_busy) if its lock is held.
    pub fn to_vec(&self) -> Result<Vec<T>> {
        self.read(|held| HeapVecGuard::of(held).map(|vec| vec.to_vec()))
    }
}

impl<'h> HeapView<'h, HeapString<'h>> {
    /// Returns a copy of the text.
    ///
    /// # Errors
    ///
    /// [`is_removed`](Error::is_removed), [`is_mismatch`](Error::is_mismatch) if the object is
    /// damaged, or [`is_busy`](Error::is_busy) if its lock is held.
    pub fn get(&self) -> Result<String> {
        self.read(|held| HeapStringGuard::of(held)?.get())
    }
}

impl<'h, K: Plain, V: Plain> HeapView<'h, HeapHashMap<'h, K, V>> {
    /// Returns the number of entries.
    ///
    /// # Errors
    ///
    /// [`is_removed`](Error::is_removed), [`is_mismatch`](Error::is_mismatch) if the object is
    /// damaged, or [`is_busy`](Error::is_busy) if its lock is held.
    pub fn len(&self) -> Result<usize> {
        self.read(|held| HeapHashMapGuard::<K, V>::of(held).map(|map| map.len()))
    }

    /// Returns `true` if the map is empty.
    ///
    /// # Errors
    ///
    /// [`is_removed`](Error::is_removed), [`is_mismatch`](Error::is_mismatch) if the object is
    /// damaged, or [`is_busy`](Error::is_busy) if its lock is held.
    pub fn is_empty(&self) -> Result<bool> {
        self.len().map(|len| len == 0)
    }

    /// Returns a copy of the value of a key; `None` if there is no entry with that key.
    ///
    /// # Errors
    ///
    /// [`is_removed`](Error::is_removed), [`is_mismatch`](Error::is_mismatch) if the object is
    /// damaged, or [`is_busy`](Error::is_busy) if its lock is held.
    pub fn get(&self, key: &K) -> Result<Option<V>> {
        self.read(|held| HeapHashMapGuard::of(held).map(|map| map.get(key)))
    }

    /// Returns a copy of all entries, in any order.
    ///
    /// # Errors
    ///
    /// [`is_removed`](Error::is_removed), [`is_mismatch`](Error::is_mismatch) if the object is
    /// damaged, or [`is_busy`](Error::is_busy) if its lock is held.
    pub fn to_vec(&self) -> Result<Vec<(K, V)>> {
        self.read(|held| HeapHashMapGuard::of(held).map(|map| map.iter().collect()))
    }
}

impl<'h, T: Plain> HeapView<'h, HeapDeque<'h, T>> {
    /// Returns the number of elements.
    ///
    /// # Errors
    ///
    /// [`is_removed`](Error::is_removed), [`is_mismatch`](Error::is_mismatch) if the object is
    /// damaged, or [`is_busy`](Error::is_busy) if its lock is held.
    pub fn len(&self) -> Result<usize> {
        self.read(|held| HeapDequeGuard::<T>::of(held).map(|deque| deque.len()))
    }

    /// Returns `true` if the queue is empty.
    ///
    /// # Errors
    ///
    /// [`is_removed`](Error::is_removed), [`is_mismatch`](Error::is_mismatch) if the object is
    /// damaged, or [`is_busy`](Error::is_busy) if its lock is held.
    pub fn is_empty(&self) -> Result<bool> {
        self.len().map(|len| len == 0)
    }

    /// Returns a copy of the element at `index`, counted from the front; `None` if the queue is
    /// shorter.
    ///
    /// # Errors
    ///
    /// [`is_removed`](Error::is_removed), [`is_mismatch`](Error::is_mismatch) if the object is
    /// damaged, or [`is_busy`](Error::is_busy) if its lock is held.
    pub fn get(&self, index: usize) -> Result<Option<T>> {
        self.read(|held| HeapDequeGuard::of(held).map(|deque| deque.get(index)))
    }

    /// Returns a copy of all elements, from the front to the back.
    ///
    /// # Errors
    ///
    /// [`is_removed`](Error::is_removed), [`is_mismatch`](Error::is_mismatch) if the object is
    /// damaged, or [`is_busy`](Error::is_busy) if its lock is held.
    pub fn to_vec(&self) -> Result<Vec<T>> {
        self.read(|held| HeapDequeGuard::of(held).map(|deque| deque.iter().collect()))
    }
}

impl<O> Clone for HeapView<'_, O> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<O> Copy for HeapView<'_, O> {}

impl<O> fmt::Debug for HeapView<'_, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HeapView").field("kind", &self.kind).field("id", &self.id).finish()
    }
}
