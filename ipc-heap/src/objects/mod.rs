//! Objects: their names, types and identifiers, and how they are created and destroyed.

pub(crate) mod description;
pub(crate) mod directory;
pub(crate) mod family;
pub(crate) mod object;
pub(crate) mod owned;
pub(crate) mod reference;
pub(crate) mod sealed;
