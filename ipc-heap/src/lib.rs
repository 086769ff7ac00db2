#![doc = include_str!("../README.md")]

mod block;
mod check;
mod class;
mod deque;
mod description;
mod directory;
mod extent;
mod hash_map;
mod heap;
mod heap_box;
mod info;
mod intent;
mod layout;
mod local;
mod object;
mod objects;
mod offset;
mod options;
mod page;
mod raw_vec;
mod recover;
mod sealed;
mod slab;
mod string;
mod table;
mod value;
mod vec;
mod words;

pub use check::Statistics;
pub use deque::{HeapDeque, HeapDequeGuard};
pub use description::ObjectKind;
pub use hash_map::{HeapHashMap, HeapHashMapGuard};
pub use heap::Heap;
pub use heap_box::{HeapBlock, HeapBox};
pub use info::{HeapInfo, InspectedObject};
pub use ipc_mem as mem; // where the derives find it
pub use object::ObjectId;
pub use objects::{Family, HeapObject, ObjectInfo};
pub use offset::Offset;
pub use options::HeapOptions;
pub use string::{HeapString, HeapStringGuard};
pub use value::HeapValue;
pub use vec::{HeapVec, HeapVecGuard};
