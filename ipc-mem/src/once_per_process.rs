//! Values that exist once in a process, shared by any number of its handles.

#![expect(unsafe_code, reason = "shares a table between threads that no forked child may wait for")]

use std::collections::HashMap;
use std::hash::Hash;
use std::ptr;
use std::sync::atomic::{AtomicPtr, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ipc_core::Origin;

/// Values that exist once per key in a process, such as a mapping or an attachment, with the number
/// of handles that use them.
///
/// The cost of acquiring and releasing does not depend on the number of handles. A forked child
/// begins with an empty table, and never waits for a lock that a thread of its parent held. The
/// child must not release values that its parent acquired, so each handle must remember the
/// [`Origin`] in which it acquired its value.
///
/// # Examples
///
/// ```
/// use ipc_mem::OncePerProcess;
///
/// static NAMES: OncePerProcess<u64, String> = OncePerProcess::new();
///
/// let make = |value: &mut Option<String>| {
///     value.get_or_insert_with(|| String::from("made once"));
///     Ok::<(), ()>(())
/// };
/// NAMES.acquire(7, make)?;
/// NAMES.acquire(7, make)?; // another handle
/// assert_eq!(NAMES.with(7, |name| name.len()), Some(9));
///
/// NAMES.release(7, |_| unreachable!("the other handle has it"));
/// NAMES.release(7, |name| assert_eq!(name, "made once"));
/// assert_eq!(NAMES.with(7, |name| name.len()), None);
/// # Ok::<(), ()>(())
/// ```
#[derive(Debug)]
pub struct OncePerProcess<K, V> {
    table: AtomicPtr<Table<K, V>>,
}

/// The table of one process. It is never freed: a forked child leaves the table of its parent
/// unchanged, and has a table of its own.
struct Table<K, V> {
    origin: Origin,
    places: Mutex<HashMap<K, Arc<Mutex<Place<V>>>>>,
}

/// The value of a key, while a handle uses it.
struct Place<V> {
    value: Option<V>,
    handles: usize,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Only code of a caller can panic here, between two whole states.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<K: Copy + Eq + Hash + Send, V: Send> OncePerProcess<K, V> {
    /// Creates an empty table.
    #[must_use]
    pub const fn new() -> Self {
        Self { table: AtomicPtr::new(ptr::null_mut()) }
    }

    /// Adds a handle to a key, if `make` succeeds. `make` receives the value of the key; if it
    /// receives `None`, it stores a new value. Other threads that acquire or release the same key
    /// wait for `make`.
    ///
    /// # Errors
    ///
    /// The error of `make`.
    pub fn acquire<E>(
        &self,
        key: K,
        make: impl FnOnce(&mut Option<V>) -> Result<(), E>,
    ) -> Result<(), E> {
        self.table().visit(key, |place| {
            make(&mut place.value)?;
            place.handles += 1;
            Ok(())
        })
    }

    /// Removes a handle from a key. If it was the last handle, passes the value to `end`, and
    /// returns the result. Threads that acquire the same key wait for `end`, and then find no
    /// value.
    pub fn release<R>(&self, key: K, end: impl FnOnce(V) -> R) -> Option<R> {
        self.table().visit(key, |place| {
            place.handles = place.handles.saturating_sub(1);
            let is_last = place.handles == 0;
            place.value.take_if(|_| is_last).map(end)
        })
    }

    /// Calls `look` with the value of a key, if this process has one.
    pub fn with<R>(&self, key: K, look: impl FnOnce(&mut V) -> R) -> Option<R> {
        self.table().visit(key, |place| place.value.as_mut().map(look))
    }

    fn table(&self) -> &Table<K, V> {
        let found = self.table.load(Ordering::Acquire);
        // SAFETY: null, or a table that `begin` put there, which is never freed.
        match unsafe { found.as_ref() } {
            Some(table) if table.origin.is_here() => table,
            _ => self.begin(found),
        }
    }

    /// Creates a table for this process, to replace its parent's or a missing one.
    #[cold]
    fn begin(&self, found: *mut Table<K, V>) -> &Table<K, V> {
        let ours =
            Box::into_raw(Box::new(Table { origin: Origin::here(), places: Mutex::default() }));
        let put = self.table.compare_exchange(found, ours, Ordering::AcqRel, Ordering::Acquire);
        let there = put.map_or_else(
            |theirs| {
                // SAFETY: made above, and no other thread has seen it.
                drop(unsafe { Box::from_raw(ours) });
                theirs
            },
            |_| ours,
        );
        // SAFETY: put there by this thread or another of this process, not null, and never freed.
        unsafe { &*there }
    }
}

impl<K: Copy + Eq + Hash + Send, V: Send> Default for OncePerProcess<K, V> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K: Copy + Eq + Hash, V> Table<K, V> {
    fn visit<R>(&self, key: K, visit: impl FnOnce(&mut Place<V>) -> R) -> R {
        let empty = || Arc::new(Mutex::new(Place { value: None, handles: 0 }));
        let place = lock(&self.places).entry(key).or_insert_with(empty).clone();
        let visited = visit(&mut lock(&place));
        let mut places = lock(&self.places);
        // Only the table and this thread hold it: no other thread does, and none can while the
        // table is locked.
        if Arc::strong_count(&place) == 2 && lock(&place).handles == 0 {
            places.remove(&key);
        }
        visited
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;
    use std::thread;

    use super::*;

    #[test]
    fn however_many_threads_come_and_go_there_is_one_value_or_none() {
        static TABLE: OncePerProcess<u32, ()> = OncePerProcess::new();
        static THERE: AtomicUsize = AtomicUsize::new(0);
        let visit = || {
            for key in (0..4).cycle().take(20_000) {
                let make = |value: &mut Option<()>| {
                    if key == 3 {
                        return Err(());
                    }
                    value.get_or_insert_with(|| {
                        THERE.fetch_add(1, Ordering::SeqCst);
                    });
                    Ok(())
                };
                if TABLE.acquire(key, make).is_ok() {
                    assert!(THERE.load(Ordering::SeqCst) <= 4);
                    TABLE.release(key, |()| THERE.fetch_sub(1, Ordering::SeqCst));
                }
            }
        };
        thread::scope(|scope| (0..4).for_each(|_| drop(scope.spawn(visit))));
        assert!((0..3).all(|key| TABLE.with(key, |()| ()).is_none()));
    }

    #[test]
    fn what_was_never_acquired_is_not_released() {
        static TABLE: OncePerProcess<u32, u32> = OncePerProcess::new();
        assert_eq!(TABLE.release(1, |value| value), None);
        TABLE.acquire(1, |value| value.replace(5).map_or(Ok(()), Err)).unwrap();
        assert_eq!(TABLE.acquire(1, |value| value.map_or(Ok(()), Err)), Err(5));
        assert_eq!(TABLE.release(1, |value| value), Some(5));
    }
}
