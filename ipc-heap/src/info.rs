//! The properties of a heap, without opening it.

use ipc_core::owner::PROCESS;
use ipc_core::{ProcessInstance, Refusal};

use crate::ObjectKind;
use crate::allocator::page;
use crate::layout::{self, NAME_WORDS, PAGE};
use crate::objects::directory;
use crate::objects::family::Family;
use crate::objects::object::kind_of;

/// The properties of a heap, read from the first bytes of its memory object.
///
/// Other processes may change the heap meanwhile. To count bytes or to check the heap, open it with
/// [`Heap`](crate::Heap).
///
/// # Examples
///
/// ```
/// use ipc_heap::HeapInfo;
///
/// let err = HeapInfo::of_bytes(b"something else", 4096).unwrap_err().on("/db");
/// assert!(err.is_mismatch(), "{err}");
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct HeapInfo {
    /// The number of pages of 64 KiB that the heap has.
    pub pages: u64,
    /// The number of pages up to which the heap grows.
    pub max_pages: u64,
    /// The number of pages that no handle uses; `None` if the bytes that were passed to `of_bytes`
    /// do not contain the whole table of pages.
    pub free_pages: Option<u64>,
    /// The maximum number of objects.
    pub max_objects: u64,
    /// The objects, as far as they are in the bytes that were passed to `of_bytes`.
    pub objects: Vec<InspectedObject>,
    /// The maximum number of handles that may write.
    pub max_participants: u64,
    /// The process ids of the handles that may write, as far as they are in the bytes that were
    /// passed to `of_bytes`. The processes may be dead, and an id may occur several times.
    pub processes: Vec<i32>,
}

/// An object of a heap, read without opening the heap.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct InspectedObject {
    /// The name; empty unless the object has one. It may contain any characters.
    pub name: String,
    /// How programs find the object.
    pub family: Family,
    /// The kind of the object.
    pub kind: ObjectKind,
    /// The length: a number of elements, entries or bytes.
    pub len: u64,
}

impl HeapInfo {
    /// Reads the properties from the first bytes of a memory object of `size` bytes. The bytes may
    /// be arbitrary. The first 128 bytes contain the limits and determine the number of pages; the
    /// tables of handles, objects and pages follow, and are read as far as `bytes` contains them.
    ///
    /// # Errors
    ///
    /// A mismatch if it is not a heap.
    pub fn of_bytes(bytes: &[u8], size: usize) -> Result<Self, Refusal> {
        let place = layout::place_of(bytes, size)?;
        let usable = (size as u64).saturating_sub(place.pages_at) / PAGE;
        let pages = usable.min(place.pages);
        let word = |at: u64| {
            let at = usize::try_from(at).ok()?;
            bytes.get(at..at.checked_add(8)?)?.try_into().ok().map(u64::from_ne_bytes)
        };
        let free = (0..pages).try_fold(0, |free, number| {
            let word = word(place.word_at(number))?;
            Some(free + u64::from(page::kind(word) == page::FREE))
        });
        let processes = (0..place.participants).map_while(|number| {
            let word = word(place.participant_at(number))?;
            Some(ProcessInstance::from_raw(word & PROCESS).map(ProcessInstance::pid))
        });
        let mut processes: Vec<i32> = processes.flatten().collect();
        processes.dedup();
        let objects = (0..place.objects).map_while(|number| {
            let at = place.record_at(number);
            word(at + 248)?; // all of it is there
            Some(object(&|offset| word(at + offset).unwrap_or(0)))
        });
        Ok(Self {
            pages,
            max_pages: place.pages,
            free_pages: free,
            max_objects: place.objects,
            objects: objects.flatten().collect(),
            max_participants: place.participants,
            processes,
        })
    }
}

fn object(word: &dyn Fn(u64) -> u64) -> Option<InspectedObject> {
    let kind = ObjectKind::from_code(kind_of(word(0)))?;
    let name: [u64; NAME_WORDS] = std::array::from_fn(|at| word(96 + 8 * at as u64));
    let family = Family::from_code(word(80) & 0xff);
    let name = if family == Family::Named {
        directory::text(&name, word(80) >> 32)
    } else {
        String::new()
    };
    let len = if kind == ObjectKind::Deque { word(48).wrapping_sub(word(56)) } else { word(48) };
    Some(InspectedObject { name, family, kind, len })
}
