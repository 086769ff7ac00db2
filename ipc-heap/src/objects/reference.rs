//! References from objects to other objects.

#![expect(unsafe_code, reason = "states that a reference is plain")]

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use ipc_core::{Refusal, Result};
use ipc_mem::{Kind, Memory, Plain, ReadWrite, Schema};

use crate::Heap;
use crate::objects::directory::Key;
use crate::objects::family::HeapObject;
use crate::objects::object::ObjectId;
use crate::objects::sealed::Sealed;

/// A reference to an object of a known type. It is plain data, so other objects can store it as an
/// element, a key or a value.
///
/// The type of the object has the lifetime `'static` here, because a reference does not depend on a
/// handle. [`get_ref`](Heap::get_ref) checks the type of the object, and whether it still exists.
///
/// # Examples
///
/// A map that owns its strings. Destroying the map destroys them:
///
/// ```
/// use ipc_heap::{Heap, HeapMap, HeapRef, HeapString};
///
/// type Texts<'h> = HeapMap<'h, u64, HeapRef<HeapString<'static>>>;
///
/// # let name = format!("/heap-ref-{}", std::process::id());
/// let heap = Heap::create(&name, 1 << 20)?;
/// let texts = heap.create_object::<Texts>("texts", ())?;
/// let text = heap.create_owned::<HeapString>(&texts, "hello")?;
/// texts.lock()?.insert(7, heap.ref_of(&text))?;
///
/// let other = Heap::open(&name)?; // in another process
/// let texts = other.find::<Texts>("texts")?;
/// let found = texts.lock()?.get(&7).unwrap();
/// assert_eq!(other.get_ref(found)?.lock()?.get()?, "hello");
///
/// other.destroy(&texts)?;
/// assert!(text.lock().unwrap_err().is_removed());
/// # Ok::<(), ipc_core::Error>(())
/// ```
#[repr(transparent)]
pub struct HeapRef<O> {
    raw: u64,
    of: PhantomData<fn() -> O>,
}

// SAFETY: 1. `repr(transparent)` around an integer of fixed width. 2. Every bit pattern is a value,
// which is checked when it is used. 3. An identity means the same in all processes. 4. The schema
// is that of the integer.
unsafe impl<O: 'static> Plain for HeapRef<O> {
    const SCHEMA: &'static Schema = &Schema::of::<u64>(Kind::U64);
}

impl<O> HeapRef<O> {
    /// Creates a reference from an identity. [`Heap::get_ref`] checks the type of the object.
    #[must_use]
    pub fn from_id(id: ObjectId) -> Self {
        Self { raw: id.raw(), of: PhantomData }
    }

    /// Returns the identity of the object.
    #[must_use]
    pub fn id(self) -> ObjectId {
        ObjectId::from_raw(self.raw)
    }
}

impl<O> Clone for HeapRef<O> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<O> Copy for HeapRef<O> {}

impl<O> PartialEq for HeapRef<O> {
    fn eq(&self, other: &Self) -> bool {
        self.raw == other.raw
    }
}

impl<O> Eq for HeapRef<O> {}

impl<O> fmt::Debug for HeapRef<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HeapRef({:?})", self.id())
    }
}

impl<M: Memory<Access = ReadWrite>> Heap<M> {
    /// Creates an object without a name that belongs to another object, and is
    /// [destroyed](Self::destroy) with it. It may own objects itself.
    ///
    /// An object that was created and is referred to nowhere, because the process died or an
    /// element was removed, exists until its owner is destroyed; [`objects`](Self::objects) lists
    /// it. To destroy it earlier, call [`destroy`](Self::destroy).
    ///
    /// # Errors
    ///
    /// [`is_removed`](ipc_core::Error::is_removed) if the owner was destroyed;
    /// [`is_no_space`](ipc_core::Error::is_no_space) if the heap is full, or has the maximum number of
    /// objects; [`is_invalid_argument`](ipc_core::Error::is_invalid_argument) if the owner does not come from
    /// this handle or a clone of it, or in a forked child.
    pub fn create_owned<'h, O: HeapObject<'h>>(
        &'h self,
        owner: &impl HeapObject<'h>,
        first: O::First<'_>,
    ) -> Result<O> {
        self.nameless(|| {
            let (owner, wanted) = (owner.handle(), O::description()?);
            if !Arc::ptr_eq(owner.local.store(), self.local.store()) {
                return Err(Refusal::invalid(
                    "create",
                    "the owner was opened through another handle: use that handle or a clone of it",
                ));
            }
            let _directory = self.local.directory()?;
            self.local.existing(owner.id).ok_or_else(|| owner.removed())?;
            let key = Key::owned_by(owner.id);
            let id = self.local.create(&key, &wanted, |local| O::first(local, first))?;
            Ok(O::of(self.local.handle(id, wanted.kind)))
        })
    }

    /// Returns a reference to an object, which may be stored in other objects of the heap.
    pub fn ref_of<'h, O: HeapObject<'h>>(&self, object: &O) -> HeapRef<O::At<'static>> {
        HeapRef::from_id(object.handle().id)
    }

    /// Returns the object to which a reference leads.
    ///
    /// # Errors
    ///
    /// Those of [`get`](Self::get).
    pub fn get_ref<'h, O: Sealed<'static>>(&'h self, reference: HeapRef<O>) -> Result<O::At<'h>> {
        self.get(reference.id())
    }
}
