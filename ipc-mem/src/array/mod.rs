//! The shape of an array, and the header that says it with the type of its elements.

mod header;
mod shape;

pub use header::{ArrayHeader, FIXED, element_type, is_numbered, numbered_layout};
pub use shape::Shape;
