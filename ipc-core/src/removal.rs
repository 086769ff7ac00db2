//! The removal of names.

/// The time at which the name of an object is removed.
///
/// Removing a name does not affect processes that have the object open: their mappings stay valid
/// until they close it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Removal {
    /// The name is removed when the last attached process detaches, regardless of which process
    /// created the object, and which processes were killed.
    ///
    /// The kernel counts attached processes, so dead processes do not count. If the last attached
    /// processes are killed, the name stays until another process creates an object of that name,
    /// or opens this object for writing and detaches.
    LastDetach,
    /// The name is removed when the handle that created the object is dropped, in the process that
    /// created it. A forked child's copy of the handle removes nothing.
    OnDrop,
    /// The name is removed only when a process unlinks it, or the machine is switched off.
    Never,
}
