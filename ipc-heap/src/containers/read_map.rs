//! Ordered maps that are read without a lock.

use std::fmt;
use std::marker::PhantomData;
use std::ops::RangeBounds;
use std::sync::atomic::{Ordering, fence};
use std::time::Duration;

use ipc_core::{Refusal, Result, switched_on};
use ipc_mem::Plain;

use crate::allocator::local::Local;
use crate::containers::map::{HeapMapGuard, lock};
use crate::containers::nodes::KEPT;
use crate::containers::tree::Tree;
use crate::containers::value::late;
use crate::objects::description::{Description, ObjectKind};
use crate::objects::directory::Content;
use crate::objects::object::Handle;
use crate::objects::sealed::Sealed;

/// How often a read is repeated without the lock.
const ATTEMPTS: u32 = 8;

/// An ordered map in a heap that any number of threads and processes read without a lock, while one
/// thread at a time writes.
///
/// Each change publishes a new version of the map by one store. A read uses one version, without
/// the lock, and writes nothing to the heap. If more than 14 versions are published during a read,
/// it is repeated. Only after 8 such attempts does it wait for the lock.
///
/// A change copies the nodes on the path from the root to the entry, so it takes longer than a
/// change of a [`HeapMap`](crate::HeapMap).
///
/// # Examples
///
/// ```
/// use ipc_heap::{Heap, HeapReadMap};
///
/// # let name = format!("/heap-read-map-{}", std::process::id());
/// let heap = Heap::create(&name, 1 << 20)?;
/// let routes = heap.create_object::<HeapReadMap<u32, [u8; 4]>>("routes", ())?;
/// let mut changes = routes.lock()?;
/// changes.insert(1, [10, 0, 0, 1])?;
/// changes.insert(2, [10, 0, 0, 2])?;
/// assert_eq!(routes.get(&1)?, Some([10, 0, 0, 1])); // while the lock is held
/// changes.remove(&1)?;
/// assert_eq!((routes.get(&1)?, routes.len()?), (None, 1));
/// assert_eq!(routes.range(..)?, [(2, [10, 0, 0, 2])]);
/// # Ok::<(), ipc_core::Error>(())
/// ```
pub struct HeapReadMap<'h, K, V> {
    handle: Handle<'h>,
    of: PhantomData<fn() -> (K, V)>,
}

/// A version of a map, while it is read.
struct View<'h, K, V> {
    tree: Tree<'h, K, V>,
    root: u64,
    len: u64,
}

impl<'h, K: Plain + Ord, V: Plain> HeapReadMap<'h, K, V> {
    /// Acquires the lock of the map, to change it. Waits while another thread holds it. Each change
    /// is a version of its own.
    ///
    /// # Errors
    ///
    /// [`is_removed`](ipc_core::Error::is_removed) if the object was destroyed;
    /// [`is_mismatch`](ipc_core::Error::is_mismatch) if it is damaged;
    /// [`is_invalid_argument`](ipc_core::Error::is_invalid_argument) in a forked child, which must
    /// open the heap itself or call [`Heap::try_clone`](crate::Heap::try_clone).
    pub fn lock(&self) -> Result<HeapMapGuard<'h, K, V>> {
        // Without a timeout there is a guard.
        lock(&self.handle, None, true)?.ok_or_else(|| self.handle.local.name(late()))
    }

    /// Acquires the lock of the map, and returns `None` if that is not possible within `timeout`.
    ///
    /// # Errors
    ///
    /// Those of [`lock`](Self::lock).
    pub fn lock_timeout(&self, timeout: Duration) -> Result<Option<HeapMapGuard<'h, K, V>>> {
        lock(&self.handle, Some(timeout), true)
    }

    /// Returns a copy of the value of a key; `None` if the map does not contain the key.
    ///
    /// # Errors
    ///
    /// Those of [`lock`](Self::lock).
    #[inline]
    pub fn get(&self, key: &K) -> Result<Option<V>> {
        self.read(|view, _| view.tree.get(view.root, key))
    }

    /// Returns `true` if there is an entry with that key.
    ///
    /// # Errors
    ///
    /// Those of [`lock`](Self::lock).
    pub fn contains_key(&self, key: &K) -> Result<bool> {
        Ok(self.get(key)?.is_some())
    }

    /// Returns a copy of the entry with the least key; `None` if the map is empty.
    ///
    /// # Errors
    ///
    /// Those of [`lock`](Self::lock).
    pub fn first(&self) -> Result<Option<(K, V)>> {
        self.first_in(..)
    }

    /// Returns a copy of the entry with the greatest key; `None` if the map is empty.
    ///
    /// # Errors
    ///
    /// Those of [`lock`](Self::lock).
    pub fn last(&self) -> Result<Option<(K, V)>> {
        self.last_in(..)
    }

    /// Returns a copy of the entry with the least key within bounds; `None` if the map has no such
    /// entry.
    ///
    /// # Errors
    ///
    /// Those of [`lock`](Self::lock).
    pub fn first_in(&self, range: impl RangeBounds<K>) -> Result<Option<(K, V)>> {
        let (lower, upper) = (range.start_bound(), range.end_bound());
        self.read(|view, _| view.tree.range(view.root, lower, upper).next())
    }

    /// Returns a copy of the entry with the greatest key within bounds; `None` if the map has no
    /// such entry.
    ///
    /// # Errors
    ///
    /// Those of [`lock`](Self::lock).
    pub fn last_in(&self, range: impl RangeBounds<K>) -> Result<Option<(K, V)>> {
        let (lower, upper) = (range.start_bound(), range.end_bound());
        self.read(|view, _| view.tree.range(view.root, lower, upper).next_back())
    }

    /// Returns copies of the entries within bounds, in the order of their keys. All are from the
    /// same version. If the lower bound is above the upper one, there are none.
    ///
    /// # Errors
    ///
    /// Those of [`lock`](Self::lock).
    pub fn range(&self, range: impl RangeBounds<K>) -> Result<Vec<(K, V)>> {
        self.read(|view, is_over| {
            let all = view.tree.range(view.root, range.start_bound(), range.end_bound());
            let mut entries = Vec::new();
            for (at, entry) in all.enumerate() {
                if at % 64 == 63 && is_over() {
                    break; // it is repeated
                }
                entries.push(entry);
            }
            entries
        })
    }

    /// The number of entries.
    ///
    /// # Errors
    ///
    /// Those of [`lock`](Self::lock).
    pub fn len(&self) -> Result<usize> {
        self.read(|view, _| usize::try_from(view.len).unwrap_or(usize::MAX))
    }

    /// Returns `true` if the map is empty.
    ///
    /// # Errors
    ///
    /// Those of [`lock`](Self::lock).
    pub fn is_empty(&self) -> Result<bool> {
        Ok(self.len()? == 0)
    }

    /// Calls `look` with a version that does not change meanwhile, and with a function that returns
    /// `true` if the version changes nevertheless: then the result is of no use.
    #[inline]
    fn read<R>(&self, look: impl Fn(&View<'h, K, V>, &dyn Fn() -> bool) -> R) -> Result<R> {
        for _ in 0..ATTEMPTS {
            if let Some(result) = self.attempt(&look).map_err(|why| self.handle.local.name(why))? {
                return Ok(result);
            }
        }
        let _guard = self.lock()?;
        // While the lock is held, no version is published.
        let result = self.attempt(&look).map_err(|why| self.handle.local.name(why))?;
        result.ok_or_else(|| self.handle.local.name(late()))
    }

    #[inline]
    fn attempt<R>(
        &self,
        look: impl Fn(&View<'h, K, V>, &dyn Fn() -> bool) -> R,
    ) -> Result<Option<R>, Refusal> {
        let (local, handle) = (self.handle.local, self.handle);
        local.check("get")?;
        let record = local.parts.record(handle.id.number()).ok_or_else(|| handle.removed())?;
        // The version before the content: a process that replaces the content stores it first.
        let version = record.third.load(Ordering::Acquire);
        let content = record.content.load(Ordering::Acquire);
        if !handle.is_state_of(record) {
            return Err(handle.removed());
        }
        let block = local.block(content);
        let words = block.and_then(|block| local.words(content, block.size / 8));
        let tree = Tree::new(words.unwrap_or_default(), true);
        let load = |word: &std::sync::atomic::AtomicU64| word.load(Ordering::Relaxed);
        let [root, len] = tree.version(version).map_or([0, 0], |words| words.map(load));
        let is_over = || {
            // What was read before is at least as old as what is read from here on.
            fence(Ordering::Acquire);
            let age = record.third.load(Ordering::Relaxed).wrapping_sub(version);
            (age > KEPT || record.content.load(Ordering::Relaxed) != content)
                && switched_on("versions")
        };
        let result = look(&View { tree, root, len }, &is_over);
        if is_over() {
            return Ok(None);
        }
        if handle.is_state_of(record) { Ok(Some(result)) } else { Err(handle.removed()) }
    }
}

impl<'h, K: Plain + Ord, V: Plain> Sealed<'h> for HeapReadMap<'h, K, V> {
    type First<'a> = ();
    type At<'a> = HeapReadMap<'a, K, V>;

    fn description() -> Result<Description, Refusal> {
        Description::of(ObjectKind::ReadMap, &[K::SCHEMA, V::SCHEMA])
    }

    fn first(_local: &Local, (): ()) -> Result<Content, Refusal> {
        Ok(Content::default())
    }

    fn of(handle: Handle<'h>) -> Self {
        Self { handle, of: PhantomData }
    }

    fn handle(&self) -> Handle<'h> {
        self.handle
    }
}

impl<K, V> Clone for HeapReadMap<'_, K, V> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K, V> Copy for HeapReadMap<'_, K, V> {}

impl<K, V> fmt::Debug for HeapReadMap<'_, K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("HeapReadMap").field(&self.handle).finish()
    }
}
