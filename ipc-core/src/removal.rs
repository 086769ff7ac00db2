//! When the name of an object is removed.

/// When the name of an object is removed.
///
/// Removing a name harms no process that has the object open: its mapping stays valid until it
/// closes the object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Removal {
    /// When the last attached process detaches, regardless of which process created the object and
    /// which were killed.
    ///
    /// The system counts attached processes, so dead processes do not count. If all were killed at
    /// once the name stays, until the next process creates an object of that name, or opens this
    /// one to write and detaches.
    LastDetach,
    /// When the handle that created it is dropped, in the process that created it.
    OnDrop,
    /// When a process unlinks it, or the machine is switched off.
    Never,
}
