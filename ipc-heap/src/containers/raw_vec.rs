//! The elements of a locked object. All elements of an object have the same size, which may be any.
//!
//! | operation | stores, in order | a death right after it leaves |
//! |---|---|---|
//! | append | the new elements, behind the others | the elements before |
//! | | the length | the elements after |
//! | truncate | the length | the elements after |
//! | overwrite within one word | the word | the elements after |
//! | overwrite, insert, remove | a copy of the changed words, in a block of this participant | the elements before |
//! | | the intent to copy them (`intent.rs`) | the elements after |
//! | reserve, assign | a copy of all elements, in a block of this participant | the elements before |
//! | | the intent to replace the content | the elements after |

use std::ops::Range;
use std::slice;
use std::sync::atomic::{AtomicU64, Ordering};

use ipc_core::{Refusal, Result, crash_point};
use ipc_mem::Plain;

use crate::intent::{Intent, SAME_LEN};
use crate::objects::object::Held;
use crate::words;

/// The size of the first block of an empty object, in bytes.
const FIRST: usize = 64;

pub(crate) struct RawVec<'h> {
    pub(crate) held: Held<'h>,
    words: &'h [AtomicU64],
    len: usize,
    each: usize,
    align: usize,
}

impl<'h> RawVec<'h> {
    /// The elements of an object, each of which has `each` bytes.
    pub(crate) fn new(held: Held<'h>, each: usize, align: usize) -> Result<Self> {
        let (words, len) = (held.words(), held.len());
        let fits = usize::try_from(len).ok().filter(|len| {
            len.checked_mul(each).is_some_and(|bytes| bytes.div_ceil(8) <= words.len())
        });
        let Some(len) = fits else {
            let why = format_args!(
                "found {len} elements of {each} bytes in a block of {} words",
                words.len()
            );
            return Err(held.damaged("lock", why));
        };
        Ok(Self { held, words, len, each, align: align.max(8) })
    }

    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    pub(crate) fn capacity(&self) -> usize {
        self.words.len() * 8 / self.each
    }

    /// All words of the content, and the offset in bytes of an element.
    #[inline]
    pub(crate) fn place(&self, at: usize) -> (&'h [AtomicU64], usize) {
        (self.words, at * self.each)
    }

    /// Copies bytes from the beginning of an element on.
    #[inline]
    pub(crate) fn copy_out(&self, at: usize, into: &mut [u8]) {
        // The caller requests elements that exist.
        let _ = words::copy_out(self.words, at * self.each, into);
    }

    fn name(&self, refusal: Refusal) -> ipc_core::Error {
        self.held.local.name(refusal)
    }

    #[inline]
    fn store_len(&mut self, len: usize) {
        self.held.record.len.store(len as u64, Ordering::Release);
        self.len = len;
        crash_point("heap: a length is stored");
    }

    /// Ensures that there is space for `more` elements.
    #[inline]
    pub(crate) fn reserve(&mut self, more: usize) -> Result<()> {
        let needed = self.len.checked_add(more).and_then(|len| len.checked_mul(self.each));
        match needed {
            Some(needed) if needed <= self.words.len() * 8 => Ok(()),
            _ => self.enlarge(needed, more),
        }
    }

    #[cold]
    fn enlarge(&mut self, needed: Option<usize>, more: usize) -> Result<()> {
        let needed = needed.filter(|needed| isize::try_from(*needed).is_ok()).ok_or_else(|| {
            let (len, each) = (self.len, self.each);
            let why = format_args!(
                "{len} + {more} elements of {each} bytes do not fit into the address space"
            );
            self.name(Refusal::invalid("reserve", why))
        })?;
        let doubled = self.words.len().saturating_mul(16).max(FIRST);
        // If a block of twice the size does not fit, one of the needed size is enough.
        self.replace(needed.max(doubled), self.len, None).or_else(|err| {
            if needed < doubled { self.replace(needed, self.len, None) } else { Err(err) }
        })
    }

    /// Replaces the content by a block of at least `size` bytes, which contains `bytes`, or a copy
    /// of the present elements.
    fn replace(&mut self, size: usize, len: usize, bytes: Option<&[u8]>) -> Result<()> {
        let local = self.held.local;
        let content = match size {
            0 => 0,
            size => local.allocate(size as u64, self.align).map_err(|why| self.name(why))?,
        };
        let all = local.words(content, size.div_ceil(8) as u64).unwrap_or_default();
        let _ = match bytes {
            Some(bytes) => words::copy_in(all, 0, bytes),
            None => words::copy_across((self.words, 0), (all, 0), len * self.each),
        };
        local.carry_out(Intent::Replace {
            object: self.held.number,
            content,
            len: len as u64,
            third: self.held.record.third.load(Ordering::Relaxed),
            old: self.held.content(),
        });
        (self.words, self.len) = (self.held.words(), len);
        Ok(())
    }

    /// Replaces all elements.
    pub(crate) fn assign(&mut self, bytes: &[u8]) -> Result<()> {
        self.replace(bytes.len(), bytes.len() / self.each, Some(bytes))
    }

    /// Returns the space behind the last element to the heap.
    pub(crate) fn shrink(&mut self) -> Result<()> {
        let needed = self.len * self.each;
        if needed.div_ceil(8) < self.words.len() {
            self.replace(needed, self.len, None)
        } else {
            Ok(())
        }
    }

    /// Appends an element.
    #[inline]
    pub(crate) fn push<T: Plain>(&mut self, value: &T) -> Result<()> {
        // All elements have the size of `T`, which the compiler knows.
        if words::write(self.words, self.len * size_of::<T>(), value).is_none() {
            return self.append(words::bytes_of(slice::from_ref(value)));
        }
        crash_point("heap: an element is written");
        self.store_len(self.len + 1);
        Ok(())
    }

    /// Appends the elements in `bytes`.
    #[inline]
    pub(crate) fn append(&mut self, bytes: &[u8]) -> Result<()> {
        let more = bytes.len() / self.each;
        self.reserve(more)?;
        // There is space.
        let _ = words::copy_in(self.words, self.len * self.each, bytes);
        crash_point("heap: an element is written");
        self.store_len(self.len + more);
        Ok(())
    }

    #[inline]
    pub(crate) fn truncate(&mut self, len: usize) {
        if len < self.len {
            crash_point("heap: before a length is stored");
            self.store_len(len);
        }
    }

    /// Overwrites bytes from an element on.
    #[inline]
    pub(crate) fn overwrite(&mut self, at: usize, bytes: &[u8]) -> Result<()> {
        let start = at * self.each;
        if !bytes.is_empty() && start / 8 == (start + bytes.len() - 1) / 8 {
            let _ = words::copy_in(self.words, start, bytes);
            crash_point("heap: a word is overwritten");
            return Ok(());
        }
        self.patch(start, bytes.len(), SAME_LEN, |temporary, skip| {
            let _ = words::copy_in(temporary, skip, bytes);
        })
    }

    pub(crate) fn insert(&mut self, at: usize, bytes: &[u8]) -> Result<()> {
        self.reserve(bytes.len() / self.each)?;
        let (all, start, tail) = (self.words, at * self.each, (self.len - at) * self.each);
        let len = self.len + bytes.len() / self.each;
        self.patch(start, bytes.len() + tail, len as u64, |temporary, skip| {
            let _ = words::copy_in(temporary, skip, bytes);
            let _ = words::copy_across((all, start), (temporary, skip + bytes.len()), tail);
        })
    }

    pub(crate) fn remove(&mut self, at: usize) -> Result<()> {
        let behind = self.len - at - 1;
        if behind == 0 {
            self.truncate(at);
            return Ok(());
        }
        let (all, start, each) = (self.words, at * self.each, self.each);
        self.patch(start, behind * each, self.len as u64 - 1, |temporary, skip| {
            let _ = words::copy_across((all, start + each), (temporary, skip), behind * each);
        })
    }

    /// Removes an element, and moves the last one to its place.
    pub(crate) fn swap_remove(&mut self, at: usize) -> Result<()> {
        let last = self.len - 1;
        if at == last {
            self.truncate(at);
            return Ok(());
        }
        let (all, each) = (self.words, self.each);
        self.patch(at * each, each, last as u64, |temporary, skip| {
            let _ = words::copy_across((all, last * each), (temporary, skip), each);
        })
    }

    /// Overwrites `count` bytes and the length, both or nothing. `write` writes the bytes to
    /// temporary words.
    fn patch(
        &mut self,
        start: usize,
        count: usize,
        len: u64,
        write: impl FnOnce(&[AtomicU64], usize),
    ) -> Result<()> {
        patch(&self.held, self.words, start..start + count, len, write)?;
        if len != SAME_LEN {
            // It was a `usize`.
            self.len = usize::try_from(len).unwrap_or(0);
        }
        Ok(())
    }
}

/// Overwrites bytes of the content of an object and its length, both or nothing. `write` writes the
/// bytes to temporary words.
pub(crate) fn patch(
    held: &Held<'_>,
    content: &[AtomicU64],
    bytes: Range<usize>,
    len: u64,
    write: impl FnOnce(&[AtomicU64], usize),
) -> Result<()> {
    let (first, end) = (bytes.start / 8, bytes.end.div_ceil(8));
    let Some(here) = content.get(first..end).filter(|here| !here.is_empty()) else {
        return Ok(());
    };
    let local = held.local;
    let from = local.allocate(here.len() as u64 * 8, 8).map_err(|why| local.name(why))?;
    let temporary = local.words(from, here.len() as u64).unwrap_or_default();
    // The first and the last word may contain bytes that do not change.
    for at in [0, here.len() - 1] {
        if let (Some(place), Some(word)) = (temporary.get(at), here.get(at)) {
            place.store(word.load(Ordering::Relaxed), Ordering::Relaxed);
        }
    }
    write(temporary, bytes.start % 8);
    crash_point("heap: a patch is written");
    local.carry_out(Intent::Copy {
        object: held.number,
        from,
        to: held.content() + first as u64 * 8,
        words: here.len() as u64,
        len,
    });
    local.free_loose(from);
    Ok(())
}
