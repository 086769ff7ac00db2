//! Blocks of memory: their owners, and how they are allocated and freed.

pub(crate) mod block;
pub(crate) mod boxed;
pub(crate) mod class;
pub(crate) mod extent;
pub(crate) mod local;
pub(crate) mod page;
pub(crate) mod slab;
