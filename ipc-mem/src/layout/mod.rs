//! How types lie in memory, and the stored form of that.

mod fingerprint;
mod schema;

pub use fingerprint::Fingerprint;
pub use schema::{Field, Kind, Schema};
