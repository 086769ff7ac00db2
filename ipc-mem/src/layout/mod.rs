//! How types lie in memory, and the stored form of that.

mod fingerprint;
mod maker;
mod schema;

pub use fingerprint::{DescribedField, Fingerprint};
pub use maker::Maker;
pub use schema::{Field, Kind, Schema};
