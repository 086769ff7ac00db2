//! Hash maps.

use std::collections::hash_map::RandomState;
use std::fmt;
use std::hash::BuildHasher;
use std::marker::PhantomData;
use std::slice;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use ipc_core::{Refusal, Result, crash_point};
use ipc_mem::Plain;

use crate::allocator::local::Local;
use crate::containers::table::{GROUP, Table, words_of};
use crate::containers::value::late;
use crate::intent::{Intent, SAME_LEN};
use crate::objects::description::{Description, ObjectKind};
use crate::objects::directory::Content;
use crate::objects::object::{Handle, Held};
use crate::objects::sealed::Sealed;
use crate::words::{self, bytes_of};

/// A hash map in a heap, protected by a lock: only one thread of all processes uses it at a time.
///
/// Two keys are equal if their bytes are equal. [`lock`](Self::lock) returns a guard with methods
/// like those of `HashMap`. If a process dies in the middle of an operation, the next owner of the
/// lock finds the map as it was before or after that operation.
///
/// # Examples
///
/// ```
/// use ipc_heap::{Heap, HeapHashMap};
///
/// # let name = format!("/heap-map-{}", std::process::id());
/// let heap = Heap::create(&name, 1 << 20)?;
/// let ports = heap.create_object::<HeapHashMap<[u8; 8], u32>>("ports", ())?;
/// let mut ports = ports.lock()?;
/// assert_eq!(ports.insert(*b"http----", 80)?, None);
/// assert_eq!(ports.insert(*b"http----", 8080)?, Some(80));
/// assert_eq!(ports.get(b"http----"), Some(8080));
/// assert_eq!(ports.remove(b"http----"), Some(8080));
/// # Ok::<(), ipc_core::Error>(())
/// ```
pub struct HeapHashMap<'h, K, V> {
    handle: Handle<'h>,
    of: PhantomData<fn() -> (K, V)>,
}

/// A [`HeapHashMap`] while this thread holds its lock. Dropping it releases the lock.
#[must_use = "the lock is released when the guard is dropped"]
pub struct HeapHashMapGuard<'h, K, V> {
    held: Held<'h>,
    table: Table<'h, K, V>,
}

/// The words of a value. The last word is padded with zeros.
#[inline]
fn as_words<T: Plain>(value: &T) -> impl Iterator<Item = u64> + '_ {
    bytes_of(slice::from_ref(value)).chunks(8).map(|bytes| match bytes.try_into() {
        Ok(whole) => u64::from_ne_bytes(whole),
        Err(_) => {
            let mut whole = [0; 8];
            whole[..bytes.len()].copy_from_slice(bytes);
            u64::from_ne_bytes(whole)
        }
    })
}

#[inline]
fn store<T: Plain>(places: &[AtomicU64], value: &T) {
    for (place, word) in places.iter().zip(as_words(value)) {
        place.store(word, Ordering::Relaxed);
    }
}

impl<'h, K: Plain, V: Plain> HeapHashMap<'h, K, V> {
    /// Acquires the lock of the map. Waits while another thread holds it.
    ///
    /// # Errors
    ///
    /// [`is_removed`](ipc_core::Error::is_removed) if the object was destroyed;
    /// [`is_mismatch`](ipc_core::Error::is_mismatch) if it is damaged;
    /// [`is_invalid_argument`](ipc_core::Error::is_invalid_argument) in a forked child, which must
    /// open the heap itself or call [`Heap::try_clone`](crate::Heap::try_clone).
    pub fn lock(&self) -> Result<HeapHashMapGuard<'h, K, V>> {
        // Without a timeout there is a guard.
        self.lock_inner(None)?.ok_or_else(|| self.handle.local.name(late()))
    }

    /// Acquires the lock of the map, and returns `None` if that is not possible within `timeout`.
    ///
    /// # Errors
    ///
    /// Those of [`lock`](Self::lock).
    pub fn lock_timeout(&self, timeout: Duration) -> Result<Option<HeapHashMapGuard<'h, K, V>>> {
        self.lock_inner(Some(timeout))
    }

    fn lock_inner(&self, timeout: Option<Duration>) -> Result<Option<HeapHashMapGuard<'h, K, V>>> {
        let Some(held) = self.handle.lock(timeout)? else { return Ok(None) };
        let mut guard = HeapHashMapGuard::of(held)?;
        if guard.held.owner_died {
            let (used, full) = guard.table.count();
            guard.store_counts(used, full);
        }
        Ok(Some(guard))
    }
}

impl<'h, K: Plain, V: Plain> HeapHashMapGuard<'h, K, V> {
    pub(crate) fn of(held: Held<'h>) -> Result<Self> {
        match Self::table_of(&held) {
            Some(table) => Ok(Self { held, table }),
            None => Err(held.damaged("lock", "found no table of its size")),
        }
    }

    fn table_of(held: &Held<'h>) -> Option<Table<'h, K, V>> {
        Table::new(held.words())
    }

    /// The number of entries.
    #[must_use]
    pub fn len(&self) -> usize {
        usize::try_from(self.held.len()).unwrap_or(usize::MAX).min(self.table.places())
    }

    /// Returns `true` if the map is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The number of places that are not empty.
    fn used(&self) -> u64 {
        self.held.record.third.load(Ordering::Relaxed)
    }

    fn store_counts(&mut self, used: u64, len: u64) {
        self.held.record.third.store(used, Ordering::Release);
        crash_point("heap: used places are counted");
        self.held.record.len.store(len, Ordering::Release);
        crash_point("heap: entries are counted");
    }

    #[inline]
    fn hash(&self, key: &K) -> u64 {
        self.table.hash(as_words(key))
    }

    /// The place of an entry, and the words of its value.
    #[inline]
    fn find(&self, key: &K) -> Option<(usize, &'h [AtomicU64])> {
        let is_key = |words: &[AtomicU64]| {
            words.len() == words_of::<K>()
                && words.iter().zip(as_words(key)).all(|(a, b)| a.load(Ordering::Relaxed) == b)
        };
        self.table.find(self.hash(key), is_key)
    }

    /// Returns a copy of the value of a key; `None` if the map does not contain the key.
    #[inline]
    #[must_use]
    pub fn get(&self, key: &K) -> Option<V> {
        self.find(key).and_then(|(_, value)| words::read(value, 0))
    }

    /// Returns `true` if there is an entry with that key.
    #[must_use]
    pub fn contains_key(&self, key: &K) -> bool {
        self.find(key).is_some()
    }

    /// Inserts an entry, or replaces the value of an existing one. Returns the old value.
    ///
    /// # Errors
    ///
    /// [`is_no_space`](ipc_core::Error::is_no_space) if the heap is full. The map is then
    /// unchanged.
    pub fn insert(&mut self, key: K, value: V) -> Result<Option<V>> {
        if let Some((place, old)) = self.find(&key) {
            let old = words::read(old, 0);
            self.replace_value(place, &value)?;
            return Ok(old);
        }
        let mut hash = self.hash(&key);
        let mut vacancy = self.table.vacancy(hash);
        // A probe ends at an empty place, of which there must be some.
        let limit = self.table.places() as u64 / 8 * 7;
        if self.used() >= limit || vacancy.is_none() {
            self.grow()?;
            hash = self.hash(&key);
            vacancy = self.table.vacancy(hash);
        }
        let Some((place, is_empty)) = vacancy else {
            return Err(self.held.damaged("insert", "found no empty place"));
        };
        store(self.table.key(place), &key);
        crash_point("heap: a key is written");
        store(self.table.value(place), &value);
        crash_point("heap: a value is written");
        self.table.fill(place, hash);
        crash_point("heap: an entry is inserted");
        let len = self.held.len().wrapping_add(1);
        self.store_counts(self.used().wrapping_add(u64::from(is_empty)), len);
        Ok(None)
    }

    fn replace_value(&mut self, place: usize, value: &V) -> Result<()> {
        let words = self.table.value(place);
        if words.len() <= 1 {
            store(words, value);
            crash_point("heap: a value is replaced");
            return Ok(());
        }
        let local = self.held.local;
        let from = local.allocate(words.len() as u64 * 8, 8).map_err(|why| local.name(why))?;
        store(local.words(from, words.len() as u64).unwrap_or_default(), value);
        local.carry_out(Intent::Copy {
            object: self.held.number,
            from,
            to: self.held.content() + self.table.value_at(place) as u64 * 8,
            words: words.len() as u64,
            len: SAME_LEN,
        });
        local.free_loose(from);
        Ok(())
    }

    /// Moves all entries to a larger table, or to one without removed places.
    #[cold]
    fn grow(&mut self) -> Result<()> {
        let (local, len) = (self.held.local, self.len());
        let places = (len + 1).saturating_mul(2).next_power_of_two().max(GROUP);
        let size = Table::<K, V>::size(places);
        let size = size.filter(|size| isize::try_from(size.saturating_mul(8)).is_ok());
        let size = size.ok_or_else(|| {
            let why = format_args!("{places} entries do not fit into the address space");
            local.name(Refusal::invalid("insert", why))
        })?;
        let align = align_of::<K>().max(align_of::<V>()).max(8);
        let content = local.allocate(size as u64 * 8, align).map_err(|why| local.name(why))?;
        let words = local.words(content, size as u64).unwrap_or_default();
        let seed = match self.table.places() {
            0 => RandomState::new().hash_one(content),
            _ => self.table.seed(),
        };
        let table = Table::<K, V>::begin(words, places, seed);
        let mut moved = 0;
        for from in self.table.full() {
            let key = self.table.key(from).iter().map(|word| word.load(Ordering::Relaxed));
            let hash = table.hash(key);
            // All keys differ, unless the heap is damaged: then some are lost.
            if let Some((to, _)) = table.vacancy(hash) {
                for (from, to) in self.table.entry(from).iter().zip(table.entry(to)) {
                    to.store(from.load(Ordering::Relaxed), Ordering::Relaxed);
                }
                table.fill(to, hash);
                moved += 1;
            }
        }
        crash_point("heap: all entries are copied");
        local.carry_out(Intent::Replace {
            object: self.held.number,
            content,
            len: moved,
            third: moved,
            old: self.held.content(),
        });
        self.table = Self::table_of(&self.held)
            .ok_or_else(|| self.held.damaged("insert", "found no table of its size"))?;
        Ok(())
    }

    /// Removes the entry with that key, and returns its value; `None` if the map does not contain
    /// the key.
    pub fn remove(&mut self, key: &K) -> Option<V> {
        let (place, value) = self.find(key)?;
        let value = words::read(value, 0);
        crash_point("heap: before an entry is removed");
        let is_empty = self.table.clear(place);
        crash_point("heap: an entry is removed");
        let used = self.used().wrapping_sub(u64::from(is_empty));
        self.store_counts(used, self.held.len().wrapping_sub(1));
        value
    }

    /// Removes all entries, and returns their space to the heap.
    pub fn clear(&mut self) {
        let (object, old) = (self.held.number, self.held.content());
        self.held.local.carry_out(Intent::Replace { object, content: 0, len: 0, third: 0, old });
        self.table = Table::begin(&[], 0, 0);
    }

    /// Returns an iterator over copies of the entries, in no particular order.
    pub fn iter(&self) -> impl Iterator<Item = (K, V)> + '_ {
        self.table.full().filter_map(|place| {
            let key = words::read(self.table.key(place), 0)?;
            Some((key, words::read(self.table.value(place), 0)?))
        })
    }
}

impl<'h, K: Plain, V: Plain> Sealed<'h> for HeapHashMap<'h, K, V> {
    type First<'a> = ();
    type At<'a> = HeapHashMap<'a, K, V>;

    fn description() -> Result<Description, Refusal> {
        Description::of(ObjectKind::HashMap, &[K::SCHEMA, V::SCHEMA])
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

impl<K, V> Clone for HeapHashMap<'_, K, V> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K, V> Copy for HeapHashMap<'_, K, V> {}

impl<K, V> fmt::Debug for HeapHashMap<'_, K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("HeapHashMap").field(&self.handle).finish()
    }
}

impl<K: Plain + fmt::Debug, V: Plain + fmt::Debug> fmt::Debug for HeapHashMapGuard<'_, K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}
