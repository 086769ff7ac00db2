//! Double-ended queues.
//!
//! Each element has a number. Element n is at place n modulo the capacity, which is a power of two.
//! The third number of the object is the number of the first element, and its length is the number
//! of the last element plus one. So each operation at an end is one store:
//!
//! | operation | stores, in order | a death right after it leaves |
//! |---|---|---|
//! | push | the element, at a free place | the elements before |
//! | | the number of that end | the elements after |
//! | pop, clear | the number of that end | the elements after |
//! | set within one word | the word | the elements after |
//! | set | the intent to copy the element (`intent.rs`) | the elements after |
//! | grow | a copy of all elements, in a block of this participant | the elements before |
//! | | the intent to replace the content | the same elements |

use std::fmt;
use std::marker::PhantomData;
use std::slice;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use ipc_core::{Refusal, Result, crash_point};
use ipc_mem::Plain;

use crate::allocator::local::Local;
use crate::containers::raw_vec::patch;
use crate::containers::value::late;
use crate::intent::{Intent, SAME_LEN};
use crate::objects::description::{Description, ObjectKind};
use crate::objects::directory::Content;
use crate::objects::object::{Handle, Held};
use crate::objects::sealed::{self, Sealed};
use crate::words::{self, bytes_of};

/// A double-ended queue in a heap, protected by a lock: only one thread of all processes uses it at a time.
///
/// [`lock`](Self::lock) returns a guard with methods like those of `VecDeque`. If a process dies in
/// the middle of an operation, the next owner of the lock finds the queue as it was before or after
/// that operation.
///
/// # Examples
///
/// ```
/// use ipc_heap::{Heap, HeapDeque};
///
/// # let name = format!("/heap-deque-{}", std::process::id());
/// let heap = Heap::create(&name, 1 << 20)?;
/// let recent = heap.create_object::<HeapDeque<u64>>("recent", &[2, 3])?;
/// let mut recent = recent.lock()?;
/// recent.push_front(1)?;
/// recent.push_back(4)?;
/// assert_eq!(recent.pop_front(), Some(1));
/// assert!(recent.iter().eq([2, 3, 4]));
/// # Ok::<(), ipc_core::Error>(())
/// ```
pub struct HeapDeque<'h, T> {
    handle: Handle<'h>,
    of: PhantomData<fn() -> T>,
}

/// A [`HeapDeque`] while this thread holds its lock. Dropping it releases the lock.
#[must_use = "the lock is released when the guard is dropped"]
pub struct HeapDequeGuard<'h, T> {
    held: Held<'h>,
    words: &'h [AtomicU64],
    /// A power of two, or 0.
    capacity: usize,
    /// The number of the first element.
    front: u64,
    /// The number behind the last element.
    back: u64,
    of: PhantomData<fn() -> T>,
}

impl<'h, T: Plain> HeapDeque<'h, T> {
    /// Acquires the lock of the queue. Waits while another thread holds it.
    ///
    /// # Errors
    ///
    /// [`is_removed`](ipc_core::Error::is_removed) if the object was destroyed;
    /// [`is_mismatch`](ipc_core::Error::is_mismatch) if it is damaged;
    /// [`is_invalid_argument`](ipc_core::Error::is_invalid_argument) in a forked child, which must
    /// open the heap itself or call [`Heap::try_clone`](crate::Heap::try_clone).
    pub fn lock(&self) -> Result<HeapDequeGuard<'h, T>> {
        // Without a timeout there is a guard.
        self.lock_inner(None)?.ok_or_else(|| self.handle.local.name(late()))
    }

    /// Acquires the lock of the queue, and returns `None` if that is not possible within `timeout`.
    ///
    /// # Errors
    ///
    /// Those of [`lock`](Self::lock).
    pub fn lock_timeout(&self, timeout: Duration) -> Result<Option<HeapDequeGuard<'h, T>>> {
        self.lock_inner(Some(timeout))
    }

    fn lock_inner(&self, timeout: Option<Duration>) -> Result<Option<HeapDequeGuard<'h, T>>> {
        self.handle.lock(timeout)?.map(HeapDequeGuard::of).transpose()
    }
}

impl<'h, T: Plain> HeapDequeGuard<'h, T> {
    pub(crate) fn of(held: Held<'h>) -> Result<Self> {
        let (front, back) = (held.record.third.load(Ordering::Relaxed), held.len());
        let mut guard = Self { held, words: &[], capacity: 0, front, back, of: PhantomData };
        guard.find_words();
        if back.wrapping_sub(front) > guard.capacity as u64 {
            let why = format_args!("found elements {front} to {back} at {} places", guard.capacity);
            return Err(guard.held.damaged("lock", why));
        }
        Ok(guard)
    }

    fn find_words(&mut self) {
        self.words = self.held.words();
        let places = self.words.len() * 8 / size_of::<T>();
        self.capacity = places.checked_ilog2().map_or(0, |shift| 1 << shift);
    }

    /// The number of elements.
    #[must_use]
    pub fn len(&self) -> usize {
        // At most the capacity.
        usize::try_from(self.back.wrapping_sub(self.front)).unwrap_or(0)
    }

    /// Returns `true` if the queue is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.front == self.back
    }

    /// The number of elements that fit into the present block.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.capacity
    }

    /// The first byte of the element with a number.
    #[inline]
    fn place(&self, number: u64) -> usize {
        #[expect(clippy::cast_possible_truncation, reason = "the capacity is a `usize`")]
        let place = number as usize & self.capacity.wrapping_sub(1);
        place * size_of::<T>()
    }

    #[inline]
    fn read(&self, number: u64) -> Option<T> {
        words::read(self.words, self.place(number))
    }

    /// Returns a copy of the element at `index`, counted from the front; `None` if the queue is
    /// shorter.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<T> {
        let number = self.front.wrapping_add(index as u64);
        if index < self.len() { self.read(number) } else { None }
    }

    /// Returns a copy of the first element; `None` if the queue is empty.
    #[must_use]
    pub fn front(&self) -> Option<T> {
        self.get(0)
    }

    /// Returns a copy of the last element; `None` if the queue is empty.
    #[must_use]
    pub fn back(&self) -> Option<T> {
        self.get(self.len().checked_sub(1)?)
    }

    /// Replaces the element at `index`, counted from the front.
    ///
    /// # Errors
    ///
    /// [`is_invalid_argument`](ipc_core::Error::is_invalid_argument) if the queue is shorter;
    /// [`is_no_space`](ipc_core::Error::is_no_space) if the element does not lie within 8 aligned
    /// bytes, and the heap has no space for a copy.
    pub fn set(&mut self, index: usize, value: T) -> Result<()> {
        if index >= self.len() {
            let why = format_args!("index {index} of a queue of {} elements", self.len());
            return Err(self.held.local.name(Refusal::invalid("set", why)));
        }
        let start = self.place(self.front.wrapping_add(index as u64));
        let bytes = bytes_of(slice::from_ref(&value));
        if start / 8 == (start + bytes.len() - 1) / 8 {
            // There is an element at that place.
            let _ = words::copy_in(self.words, start, bytes);
            crash_point("heap: a word is overwritten");
            return Ok(());
        }
        let range = start..start + bytes.len();
        patch(&self.held, self.words, range, SAME_LEN, |temporary, skip| {
            let _ = words::copy_in(temporary, skip, bytes);
        })
    }

    fn store_front(&mut self, front: u64) {
        crash_point("heap: before the front moves");
        self.held.record.third.store(front, Ordering::Release);
        crash_point("heap: the front has moved");
        self.front = front;
    }

    fn store_back(&mut self, back: u64) {
        crash_point("heap: before the back moves");
        self.held.record.len.store(back, Ordering::Release);
        crash_point("heap: the back has moved");
        self.back = back;
    }

    /// Appends an element.
    ///
    /// # Errors
    ///
    /// [`is_no_space`](ipc_core::Error::is_no_space) if the heap is full. The queue is then
    /// unchanged.
    pub fn push_back(&mut self, value: T) -> Result<()> {
        self.reserve()?;
        // A free place.
        let _ = words::write(self.words, self.place(self.back), &value);
        self.store_back(self.back.wrapping_add(1));
        Ok(())
    }

    /// Inserts an element before the first one.
    ///
    /// # Errors
    ///
    /// Those of [`push_back`](Self::push_back).
    pub fn push_front(&mut self, value: T) -> Result<()> {
        self.reserve()?;
        let front = self.front.wrapping_sub(1);
        // A free place.
        let _ = words::write(self.words, self.place(front), &value);
        self.store_front(front);
        Ok(())
    }

    /// Removes the first element, and returns it; `None` if the queue is empty.
    pub fn pop_front(&mut self) -> Option<T> {
        let first = self.front()?;
        self.store_front(self.front.wrapping_add(1));
        Some(first)
    }

    /// Removes the last element, and returns it; `None` if the queue is empty.
    pub fn pop_back(&mut self) -> Option<T> {
        let last = self.back()?;
        self.store_back(self.back.wrapping_sub(1));
        Some(last)
    }

    /// Removes all elements. The queue keeps its block.
    pub fn clear(&mut self) {
        self.store_front(self.back);
    }

    /// Returns an iterator over copies of the elements, from the front to the back.
    pub fn iter(&self) -> impl Iterator<Item = T> + '_ {
        (0..self.len()).map_while(|index| self.get(index))
    }

    /// Ensures that there is space for one more element.
    fn reserve(&mut self) -> Result<()> {
        if self.len() < self.capacity { Ok(()) } else { self.grow() }
    }

    #[cold]
    fn grow(&mut self) -> Result<()> {
        let (local, len) = (self.held.local, self.len());
        let size = self.capacity.max(2).checked_mul(2 * size_of::<T>());
        let size = size.filter(|size| isize::try_from(*size).is_ok()).ok_or_else(|| {
            let why = format_args!("2 × {len} elements do not fit into the address space");
            local.name(Refusal::invalid("push", why))
        })?;
        let content = local.allocate(size as u64, align_of::<T>().max(8));
        let content = content.map_err(|why| local.name(why))?;
        let words = local.words(content, size.div_ceil(8) as u64).unwrap_or_default();
        for (index, value) in self.iter().enumerate() {
            // There is space for all.
            let _ = words::write(words, index * size_of::<T>(), &value);
        }
        crash_point("heap: all elements are copied");
        local.carry_out(Intent::Replace {
            object: self.held.number,
            content,
            len: len as u64,
            third: 0,
            old: self.held.content(),
        });
        (self.front, self.back) = (0, len as u64);
        self.find_words();
        Ok(())
    }
}

impl<'h, T: Plain> Sealed<'h> for HeapDeque<'h, T> {
    type First<'a> = &'a [T];
    type At<'a> = HeapDeque<'a, T>;

    fn description() -> Result<Description, Refusal> {
        Description::of(ObjectKind::Deque, &[T::SCHEMA])
    }

    fn first(local: &Local, first: &[T]) -> Result<Content, Refusal> {
        // A power of two, so that all elements have a place.
        let mut bytes = bytes_of(first).to_vec();
        bytes.resize(first.len().next_power_of_two() * size_of::<T>(), 0);
        let content = match first.len() {
            0 => Content::default(),
            _ => sealed::content(local, &bytes, size_of::<T>(), align_of::<T>())?,
        };
        Ok(Content { len: first.len() as u64, ..content })
    }

    fn of(handle: Handle<'h>) -> Self {
        Self { handle, of: PhantomData }
    }

    fn handle(&self) -> Handle<'h> {
        self.handle
    }
}

impl<T> Clone for HeapDeque<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for HeapDeque<'_, T> {}

impl<T> fmt::Debug for HeapDeque<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("HeapDeque").field(&self.handle).finish()
    }
}

impl<T: Plain + fmt::Debug> fmt::Debug for HeapDequeGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}
