//! Strings.

use std::fmt;
use std::time::Duration;

use ipc_core::{Refusal, Result};

use crate::allocator::local::Local;
use crate::containers::raw_vec::RawVec;
use crate::containers::value::late;
use crate::objects::description::{Description, ObjectKind};
use crate::objects::directory::Content;
use crate::objects::object::{Handle, Held};
use crate::objects::sealed::{self, Sealed};

/// A string in a heap, protected by a lock: only one thread of all processes uses it at a time.
///
/// # Examples
///
/// ```
/// use std::fmt::Write;
///
/// use ipc_heap::{Heap, HeapString};
///
/// # let name = format!("/heap-string-{}", std::process::id());
/// let heap = Heap::create(&name, 1 << 20)?;
/// let status = heap.create_object::<HeapString>("status", "ready")?;
/// let mut status = status.lock()?;
/// status.push_str(", ")?;
/// write!(status, "{} users", 3).unwrap();
/// assert_eq!(status.get()?, "ready, 3 users");
/// # Ok::<(), ipc_core::Error>(())
/// ```
#[derive(Clone, Copy)]
pub struct HeapString<'h> {
    handle: Handle<'h>,
}

/// A [`HeapString`] while this thread holds its lock. Dropping it releases the lock.
#[must_use = "the lock is released when the guard is dropped"]
pub struct HeapStringGuard<'h> {
    raw: RawVec<'h>,
}

impl<'h> HeapString<'h> {
    /// Acquires the lock of the string. Waits while another thread holds it.
    ///
    /// # Errors
    ///
    /// [`is_removed`](ipc_core::Error::is_removed) if the object was destroyed;
    /// [`is_mismatch`](ipc_core::Error::is_mismatch) if it is damaged;
    /// [`is_invalid_argument`](ipc_core::Error::is_invalid_argument) in a forked child, which must
    /// open the heap itself or call [`Heap::try_clone`](crate::Heap::try_clone).
    pub fn lock(&self) -> Result<HeapStringGuard<'h>> {
        // Without a timeout there is a guard.
        self.lock_inner(None)?.ok_or_else(|| self.handle.local.name(late()))
    }

    /// Acquires the lock of the string, and returns `None` if that is not possible within
    /// `timeout`.
    ///
    /// # Errors
    ///
    /// Those of [`lock`](Self::lock).
    pub fn lock_timeout(&self, timeout: Duration) -> Result<Option<HeapStringGuard<'h>>> {
        self.lock_inner(Some(timeout))
    }

    fn lock_inner(&self, timeout: Option<Duration>) -> Result<Option<HeapStringGuard<'h>>> {
        self.handle.lock(timeout)?.map(HeapStringGuard::of).transpose()
    }
}

impl<'h> HeapStringGuard<'h> {
    pub(crate) fn of(held: Held<'h>) -> Result<Self> {
        Ok(Self { raw: RawVec::new(held, 1, 1)? })
    }

    /// The length in bytes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.raw.len()
    }

    /// Returns `true` if the length is 0.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns a copy of the text.
    ///
    /// # Errors
    ///
    /// [`is_mismatch`](ipc_core::Error::is_mismatch) if the bytes are not UTF-8, because the heap
    /// is damaged.
    pub fn get(&self) -> Result<String> {
        let mut bytes = vec![0; self.len()];
        self.raw.copy_out(0, &mut bytes);
        String::from_utf8(bytes).map_err(|err| self.raw.held.damaged("get", err))
    }

    /// Replaces the text in one step. If the process dies meanwhile, the next owner of the lock
    /// finds the old text or the new one.
    ///
    /// # Errors
    ///
    /// [`is_no_space`](ipc_core::Error::is_no_space) if the heap is full. The string is then
    /// unchanged.
    pub fn set(&mut self, text: &str) -> Result<()> {
        self.raw.assign(text.as_bytes())
    }

    /// Appends text.
    ///
    /// # Errors
    ///
    /// Those of [`set`](Self::set).
    pub fn push_str(&mut self, text: &str) -> Result<()> {
        self.raw.append(text.as_bytes())
    }

    /// Appends a character.
    ///
    /// # Errors
    ///
    /// Those of [`set`](Self::set).
    pub fn push(&mut self, character: char) -> Result<()> {
        self.push_str(character.encode_utf8(&mut [0; 4]))
    }

    /// Removes all characters. The string keeps its block.
    pub fn clear(&mut self) {
        self.raw.truncate(0);
    }

    /// Returns the space behind the text to the heap.
    ///
    /// # Errors
    ///
    /// [`is_no_space`](ipc_core::Error::is_no_space) if the heap has no space for a copy.
    pub fn shrink_to_fit(&mut self) -> Result<()> {
        self.raw.shrink()
    }
}

/// Appends formatted text. It fails if the heap is full.
impl fmt::Write for HeapStringGuard<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.push_str(text).map_err(|_| fmt::Error)
    }
}

impl<'h> Sealed<'h> for HeapString<'h> {
    type First<'a> = &'a str;
    type At<'a> = HeapString<'a>;

    fn description() -> Result<Description, Refusal> {
        Description::of(ObjectKind::String, &[<u8 as ipc_mem::Plain>::SCHEMA])
    }

    fn first(local: &Local, first: &str) -> Result<Content, Refusal> {
        sealed::content(local, first.as_bytes(), 1, 1)
    }

    fn of(handle: Handle<'h>) -> Self {
        Self { handle }
    }

    fn handle(&self) -> Handle<'h> {
        self.handle
    }
}

impl fmt::Debug for HeapString<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("HeapString").field(&self.handle).finish()
    }
}

impl fmt::Debug for HeapStringGuard<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.get() {
            Ok(text) => fmt::Debug::fmt(&text, f),
            Err(err) => fmt::Debug::fmt(&err, f),
        }
    }
}
