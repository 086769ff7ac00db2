//! When the name of an object goes away.

/// When the name of an object goes away.
///
/// Removing a name harms nobody who has the object open: what they have stays
/// whole until they close it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Removal {
    /// When its last user leaves, whoever made it, and whoever was killed before.
    ///
    /// The system counts the users, so the dead do not count. If all were killed at once the name stays, until the next
    /// who creates one of that name takes its place, or who opens it leaves.
    LastUser,
    /// When the handle that created it is dropped, in the process that created it.
    OnDrop,
    /// When somebody unlinks it, or the machine is switched off.
    Never,
}
