//! What an object stores: values, vectors, strings, maps and queues.

pub(crate) mod deque;
pub(crate) mod hash_map;
pub(crate) mod raw_vec;
pub(crate) mod string;
pub(crate) mod table;
pub(crate) mod value;
pub(crate) mod vec;
