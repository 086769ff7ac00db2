//! The contents of objects: values, vectors, strings, maps and queues.

pub(crate) mod arc;
pub(crate) mod deque;
pub(crate) mod hash_map;
pub(crate) mod map;
pub(crate) mod nodes;
pub(crate) mod ordered;
pub(crate) mod raw_vec;
pub(crate) mod read_map;
pub(crate) mod shares;
pub(crate) mod string;
pub(crate) mod table;
pub(crate) mod tree;
pub(crate) mod value;
pub(crate) mod vec;
