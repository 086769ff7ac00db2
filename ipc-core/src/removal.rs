//! The removal of names.

/// The time at which the name of an object is removed.
///
/// Removing a name does not affect processes that have the object open: their mappings stay valid
/// until they close it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Removal {
    /// The name is removed when the last process that is attached to the object drops its last
    /// handle, whichever process created the object. A process is *attached* while it has the
    /// object open.
    ///
    /// The kernel counts attached processes: a process that exits, is killed or calls `exec` no
    /// longer counts. If the last attached process ends in one of these ways, or had the object
    /// open read-only, the name stays, and the object is *stale*. Its name is removed by `ipc gc`,
    /// by the next process that creates an object of that name, or by the next process that opens
    /// the object for writing and is the last to close it.
    ///
    /// System V segments are an exception: the kernel itself removes them at the last detach, even
    /// if the process is killed.
    LastDetach,
    /// The name is removed when the handle that created the object is dropped, in the process that
    /// created it. The copy of the handle in a forked child removes nothing.
    OnDrop,
    /// The name is removed only when a process unlinks it, or the machine is switched off.
    Never,
}
