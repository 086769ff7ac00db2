//! Ordered maps.

use std::fmt;
use std::marker::PhantomData;
use std::ops::RangeBounds;
use std::time::Duration;

use ipc_core::{Refusal, Result};
use ipc_mem::Plain;

use crate::allocator::local::Local;
use crate::containers::ordered::{Item, Ordered};
use crate::containers::value::late;
use crate::objects::description::{Description, ObjectKind};
use crate::objects::directory::Content;
use crate::objects::object::Handle;
use crate::objects::sealed::Sealed;

/// An ordered map in a heap, protected by a lock: only one thread of all processes uses it at a time.
///
/// [`lock`](Self::lock) returns a guard with methods like those of `BTreeMap`. The order is that of
/// `K: Ord`, which all programs must implement in the same way: otherwise a search may miss an
/// entry or find another one, but there is no undefined behaviour. If a process dies in the middle
/// of an operation, the next owner of the lock finds the map as it was before or after that
/// operation.
///
/// [`HeapReadMap`](crate::HeapReadMap) is an ordered map that is read without a lock.
///
/// # Examples
///
/// ```
/// use ipc_heap::{Heap, HeapMap};
///
/// # let name = format!("/heap-ordered-{}", std::process::id());
/// let heap = Heap::create(&name, 1 << 20)?;
/// let prices = heap.create_object::<HeapMap<u64, f64>>("prices", ())?;
/// let mut prices = prices.lock()?;
/// prices.insert(20, 0.5)?;
/// prices.insert(10, 1.5)?;
/// prices.insert(30, 2.5)?;
/// assert_eq!(prices.first(), Some((10, 1.5)));
/// assert!(prices.range(15..).map(|(key, _)| key).eq([20, 30]));
/// assert_eq!(prices.remove(&20)?, Some(0.5));
/// # Ok::<(), ipc_core::Error>(())
/// ```
pub struct HeapMap<'h, K, V> {
    handle: Handle<'h>,
    of: PhantomData<fn() -> (K, V)>,
}

/// A [`HeapMap`] or a [`HeapReadMap`](crate::HeapReadMap) while this thread holds its lock.
/// Dropping it releases the lock.
#[must_use = "the lock is released when the guard is dropped"]
pub struct HeapMapGuard<'h, K, V> {
    pub(crate) ordered: Ordered<'h, K, V>,
}

/// Acquires the lock of a map, with versions or without.
pub(crate) fn lock<'h, K: Plain, V: Plain>(
    handle: &Handle<'h>,
    timeout: Option<Duration>,
    has_versions: bool,
) -> Result<Option<HeapMapGuard<'h, K, V>>> {
    let Some(held) = handle.lock(timeout)? else { return Ok(None) };
    Ok(Some(HeapMapGuard { ordered: Ordered::new(held, has_versions)? }))
}

impl<'h, K: Plain + Ord, V: Plain> HeapMap<'h, K, V> {
    /// Acquires the lock of the map. Waits while another thread holds it.
    ///
    /// # Errors
    ///
    /// [`is_removed`](ipc_core::Error::is_removed) if the object was destroyed;
    /// [`is_mismatch`](ipc_core::Error::is_mismatch) if it is damaged;
    /// [`is_invalid_argument`](ipc_core::Error::is_invalid_argument) in a forked child, which must
    /// open the heap itself or call [`Heap::try_clone`](crate::Heap::try_clone).
    pub fn lock(&self) -> Result<HeapMapGuard<'h, K, V>> {
        // Without a timeout there is a guard.
        lock(&self.handle, None, false)?.ok_or_else(|| self.handle.local.name(late()))
    }

    /// Acquires the lock of the map, and returns `None` if that is not possible within `timeout`.
    ///
    /// # Errors
    ///
    /// Those of [`lock`](Self::lock).
    pub fn lock_timeout(&self, timeout: Duration) -> Result<Option<HeapMapGuard<'h, K, V>>> {
        lock(&self.handle, Some(timeout), false)
    }
}

impl<K: Plain + Ord, V: Plain> HeapMapGuard<'_, K, V> {
    /// The number of entries.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ordered.len()
    }

    /// Returns `true` if the map is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns a copy of the value of a key; `None` if the map does not contain the key.
    #[inline]
    #[must_use]
    pub fn get(&self, key: &K) -> Option<V> {
        self.ordered.tree.get(self.ordered.root(), key)
    }

    /// Returns `true` if there is an entry with that key.
    #[must_use]
    pub fn contains_key(&self, key: &K) -> bool {
        self.get(key).is_some()
    }

    /// Returns a copy of the entry with the least key; `None` if the map is empty.
    #[must_use]
    pub fn first(&self) -> Option<(K, V)> {
        self.ordered.tree.entry(&self.ordered.tree.edge(self.ordered.root(), false)?)
    }

    /// Returns a copy of the entry with the greatest key; `None` if the map is empty.
    #[must_use]
    pub fn last(&self) -> Option<(K, V)> {
        self.ordered.tree.entry(&self.ordered.tree.edge(self.ordered.root(), true)?)
    }

    /// Inserts an entry, or replaces the value of an existing one. Returns the old value.
    ///
    /// # Errors
    ///
    /// [`is_no_space`](ipc_core::Error::is_no_space) if the heap is full. The map is then
    /// unchanged.
    pub fn insert(&mut self, key: K, value: V) -> Result<Option<V>> {
        let item = Item::Entry(&key, &value);
        let Some((path, is_there)) = self.ordered.tree.path(self.ordered.root(), &key) else {
            return self.ordered.begin(item).map(|()| None);
        };
        let old = if is_there { self.ordered.tree.entry(&path) } else { None };
        if self.ordered.has_versions || !is_there && self.ordered.is_full(&path) {
            self.ordered.reserve(path.levels)?;
        }
        let len = self.ordered.held.len().wrapping_add(u64::from(!is_there));
        self.ordered.edit(&path, is_there, Some(item), len)?;
        Ok(old.map(|(_, value)| value))
    }

    /// Removes the entry with that key, and returns its value; `None` if the map does not contain
    /// the key.
    ///
    /// # Errors
    ///
    /// [`is_no_space`](ipc_core::Error::is_no_space) if the map is a
    /// [`HeapReadMap`](crate::HeapReadMap), and the heap has no space for another version. The map
    /// is then unchanged. A [`HeapMap`] needs no space.
    pub fn remove(&mut self, key: &K) -> Result<Option<V>> {
        let found = self.ordered.tree.path(self.ordered.root(), key);
        let Some((path, true)) = found else { return Ok(None) };
        let old = self.ordered.tree.entry(&path);
        if self.ordered.has_versions {
            self.ordered.reserve(path.levels)?;
        }
        let len = self.ordered.held.len().wrapping_sub(1);
        self.ordered.edit(&path, true, None, len)?;
        Ok(old.map(|(_, value)| value))
    }

    /// Removes the entry with the least key, and returns it; `None` if the map is empty.
    ///
    /// # Errors
    ///
    /// Those of [`remove`](Self::remove).
    pub fn pop_first(&mut self) -> Result<Option<(K, V)>> {
        let Some((key, _)) = self.first() else { return Ok(None) };
        Ok(self.remove(&key)?.map(|value| (key, value)))
    }

    /// Removes the entry with the greatest key, and returns it; `None` if the map is empty.
    ///
    /// # Errors
    ///
    /// Those of [`remove`](Self::remove).
    pub fn pop_last(&mut self) -> Result<Option<(K, V)>> {
        let Some((key, _)) = self.last() else { return Ok(None) };
        Ok(self.remove(&key)?.map(|value| (key, value)))
    }

    /// Removes all entries, and returns their space to the heap.
    pub fn clear(&mut self) {
        self.ordered.clear();
    }

    /// Returns an iterator over copies of the entries, in the order of their keys. If the lower
    /// bound is above the upper one, there are none.
    pub fn range(
        &self,
        range: impl RangeBounds<K>,
    ) -> impl DoubleEndedIterator<Item = (K, V)> + '_ {
        let (lower, upper) = (range.start_bound(), range.end_bound());
        self.ordered.tree.range(self.ordered.root(), lower, upper)
    }

    /// Returns an iterator over copies of all entries, in the order of their keys.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (K, V)> + '_ {
        self.range(..)
    }
}

impl<'h, K: Plain + Ord, V: Plain> Sealed<'h> for HeapMap<'h, K, V> {
    type First<'a> = ();
    type At<'a> = HeapMap<'a, K, V>;

    fn description() -> Result<Description, Refusal> {
        Description::of(ObjectKind::Map, &[K::SCHEMA, V::SCHEMA])
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

impl<K, V> Clone for HeapMap<'_, K, V> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K, V> Copy for HeapMap<'_, K, V> {}

impl<K, V> fmt::Debug for HeapMap<'_, K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("HeapMap").field(&self.handle).finish()
    }
}

impl<K: Plain + Ord + fmt::Debug, V: Plain + fmt::Debug> fmt::Debug for HeapMapGuard<'_, K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}
