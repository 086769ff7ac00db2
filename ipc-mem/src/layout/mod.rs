//! The layout of types in memory, and its stored form.

mod fingerprint;
mod maker;
mod schema;

pub use fingerprint::{DescribedField, Fingerprint};
pub use maker::Maker;
pub use schema::{Field, Kind, Schema};
