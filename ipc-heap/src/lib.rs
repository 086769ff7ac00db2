#![doc = include_str!("../README.md")]

mod allocator;
mod check;
mod containers;
mod group;
mod heap;
mod info;
mod intent;
mod journal;
mod layout;
mod locks;
mod objects;
mod offset;
mod options;
mod place;
mod recover;
mod snapshot;
mod version;
mod view;
mod words;

pub use allocator::boxed::{HeapBlock, HeapBox};
pub use check::{ClassStatistics, Repaired, Statistics};
pub use containers::arc::{ArcOffset, HeapArc, HeapWeak};
pub use containers::deque::{HeapDeque, HeapDequeGuard};
pub use containers::hash_map::{HeapHashMap, HeapHashMapGuard};
pub use containers::map::{HeapMap, HeapMapGuard};
pub use containers::read_map::HeapReadMap;
pub use containers::string::{HeapString, HeapStringGuard};
pub use containers::value::HeapValue;
pub use containers::vec::{HeapVec, HeapVecGuard};
pub use group::HeapGroup;
pub use heap::Heap;
pub use info::{HeapInfo, InspectedObject};
pub use ipc_mem as mem; // where the derives find it
pub use objects::description::ObjectKind;
pub use objects::family::{Family, HeapObject, ObjectInfo};
pub use objects::object::ObjectId;
pub use objects::reference::HeapRef;
pub use offset::Offset;
pub use options::HeapOptions;
pub use view::HeapView;
