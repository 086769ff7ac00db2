//! Handles of objects, and their locks.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use ipc_core::{Errno, Error, Refusal, Result, switched_on};
use ipc_sync::LockError;
use ipc_sync::futex::{RawMutex, RawMutexGuard};

use crate::allocator::local::Local;
use crate::layout::Record;
use crate::objects::description::ObjectKind;

/// The identity of an object in its heap, which is the same in all processes. [`raw`](Self::raw)
/// returns it as a number, which may be stored, or sent to other processes. When the object is
/// destroyed, its identity is used again only after 2^40 other objects at least.
///
/// [`Heap::get`](crate::Heap::get) returns a handle for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ObjectId(u64);

/// The number of bits for the number of an object.
const NUMBER_BITS: u32 = 24;

impl ObjectId {
    pub(crate) fn new(number: u64, generation: u64) -> Self {
        Self(number | generation << NUMBER_BITS)
    }

    /// The identity of an object with this state; `None` if the state is damaged, because its
    /// generation is too large.
    pub(crate) fn of(number: u64, word: u64) -> Option<Self> {
        let id = Self::new(number, generation_of(word));
        (state(kind_of(word), id.generation()) == word).then_some(id)
    }

    /// Creates an identity from a number that [`raw`](Self::raw) returned.
    #[must_use]
    pub fn from_raw(raw: u64) -> Self {
        Self(raw)
    }

    /// Returns the number, which may be stored as plain data.
    #[must_use]
    pub fn raw(self) -> u64 {
        self.0
    }

    pub(crate) fn number(self) -> u64 {
        self.0 & ((1 << NUMBER_BITS) - 1)
    }

    pub(crate) fn generation(self) -> u64 {
        self.0 >> NUMBER_BITS
    }
}

/// The state of an object with this kind and generation.
pub(crate) fn state(kind: u64, generation: u64) -> u64 {
    kind | (generation & ((1 << (64 - NUMBER_BITS)) - 1)) << 8
}

pub(crate) fn kind_of(state: u64) -> u64 {
    state & 0xff
}

pub(crate) fn generation_of(state: u64) -> u64 {
    state >> 8
}

/// The common part of the handles of all kinds of objects.
#[derive(Clone, Copy)]
pub struct Handle<'h> {
    pub(crate) local: &'h Local,
    pub(crate) id: ObjectId,
    pub(crate) kind: ObjectKind,
}

/// An object while this thread holds its lock.
pub(crate) struct Held<'h> {
    pub(crate) local: &'h Local,
    pub(crate) record: &'h Record,
    pub(crate) number: u64,
    /// The last owner of the lock died: the object may need a repair that no intent does, such as a
    /// new count.
    pub(crate) owner_died: bool,
    /// `None` in a view, which only reads, and whose words may change meanwhile.
    guard: Option<RawMutexGuard<'h>>,
}

/// The lock of an object or of the directory, and `true` if its last owner died.
pub(crate) type Locked<'h> = Option<(RawMutexGuard<'h>, bool)>;

impl Local {
    /// Acquires a lock, and calls `complete` if its last owner died.
    #[inline]
    pub(crate) fn lock<'h>(
        &self,
        mutex: &'h RawMutex,
        timeout: Option<Duration>,
        complete: impl FnOnce(&Self),
    ) -> Result<Locked<'h>, Refusal> {
        let attempt = match timeout {
            None => mutex.lock().map(Some),
            Some(timeout) => mutex.lock_timeout(timeout),
        };
        match attempt {
            Ok(guard) => Ok(guard.map(|guard| (guard, false))),
            Err(LockError::OwnerDied(mut guard)) => {
                if switched_on("intents") {
                    complete(self);
                }
                // It fails only if no owner died.
                let _ = guard.mark_consistent();
                Ok(Some((guard, true)))
            }
            Err(LockError::NotRecoverable) => Err(Refusal::os("lock", Errno::ENOTRECOVERABLE)),
            Err(LockError::Failed(err)) => {
                Err(Refusal::os("lock", err.errno().unwrap_or(Errno::EINVAL)))
            }
        }
    }
}

impl<'h> Handle<'h> {
    /// Acquires the lock of the object. Returns `None` if that is not possible in time.
    #[inline]
    pub(crate) fn lock(&self, timeout: Option<Duration>) -> Result<Option<Held<'h>>> {
        self.lock_inner(timeout).map_err(|refusal| self.local.name(refusal))
    }

    #[inline]
    fn lock_inner(&self, timeout: Option<Duration>) -> Result<Option<Held<'h>>, Refusal> {
        let local = self.local;
        local.check("lock")?;
        let number = self.id.number();
        let record = local.parts.record(number).ok_or_else(|| self.removed())?;
        let complete = |local: &Local| local.complete(|intent| intent.concerns(number));
        let Some((guard, owner_died)) = local.lock(&record.mutex, timeout, complete)? else {
            return Ok(None);
        };
        if !self.is_state_of(record) {
            return Err(self.removed());
        }
        record.version.begin();
        Ok(Some(Held { local, record, number, owner_died, guard: Some(guard) }))
    }

    /// Calls `look` with the object without locking it, until no other thread changed it meanwhile.
    /// `look` only reads, and may see anything in the words of the object.
    pub(crate) fn read<R>(&self, look: impl Fn(Held<'h>) -> Result<R>) -> Result<R> {
        let (local, number) = (self.local, self.id.number());
        let removed = || local.name(self.removed());
        let record = local.parts.record(number).ok_or_else(removed)?;
        let wanted = state(self.kind.code(), self.id.generation());
        let seen = record.version.read_patiently(|| {
            let is_there = record.state.load(Ordering::Acquire) == wanted;
            is_there.then(|| look(Held { local, record, number, owner_died: false, guard: None }))
        });
        match seen {
            Ok(seen) => seen.ok_or_else(removed)?,
            Err(why) => Err(local.name(why.because(format_args!("object {number} is locked")))),
        }
    }

    /// Returns `true` if the object exists.
    #[inline]
    pub(crate) fn is_state_of(&self, record: &Record) -> bool {
        record.state.load(Ordering::Acquire) == state(self.kind.code(), self.id.generation())
    }

    #[cold]
    pub(crate) fn removed(&self) -> Refusal {
        let number = self.id.number();
        let why = match self.local.parts.record(number) {
            Some(_) => format!("object {number} was destroyed"),
            None => format!("there is no object {number}"),
        };
        Refusal::os("lock", Errno::EIDRM).because(why)
    }
}

impl Drop for Held<'_> {
    #[inline]
    fn drop(&mut self) {
        // The guard of a forked child is a copy: its parent holds the lock.
        if self.guard.is_some() && self.local.check("unlock").is_ok() {
            self.record.version.end();
        }
    }
}

impl<'h> Held<'h> {
    /// The offset of the content.
    pub(crate) fn content(&self) -> u64 {
        self.record.content.load(Ordering::Relaxed)
    }

    pub(crate) fn len(&self) -> u64 {
        self.record.len.load(Ordering::Relaxed)
    }

    /// All words of the content.
    pub(crate) fn words(&self) -> &'h [AtomicU64] {
        let content = self.content();
        let block = self.local.block(content);
        block.and_then(|block| self.local.words(content, block.size / 8)).unwrap_or_default()
    }

    /// Returns an error that reports the object as damaged.
    #[cold]
    pub(crate) fn damaged(&self, call: &'static str, why: impl fmt::Display) -> Error {
        let why = format_args!("object {} is damaged: {why}", self.number);
        self.local.name(Refusal::mismatch(call, why))
    }
}

impl fmt::Debug for Handle<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handle").field("kind", &self.kind).field("id", &self.id).finish()
    }
}
