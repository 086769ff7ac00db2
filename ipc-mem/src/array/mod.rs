//! The shape of an array, and the header that records the shape and the element type.

mod header;
mod shape;

pub use header::{ArrayHeader, FIXED, element_type, has_magic, is_numbered, numbered_layout};
pub use shape::Shape;
