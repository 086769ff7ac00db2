//! Keeping code loaded that C may call at any time.

use crate::sys;

/// Keeps the library that contains `code`, the address of a function, loaded until the process
/// ends.
///
/// A plug-in that leaves a signal handler, a key destructor or a fork handler behind and is then
/// unloaded with `dlclose` crashes the program when that function is called. Call this before such
/// a function is registered. Nothing happens if the code is part of the program itself, or if
/// `code` is not the address of anything. It takes a few microseconds.
///
/// # Examples
///
/// ```
/// extern "C" fn handler() {}
///
/// ipc_core::pin_library_of(handler as *const ());
/// ```
#[doc(alias = "RTLD_NODELETE")]
pub fn pin_library_of(code: *const ()) {
    sys::pin_library_of(code.cast());
}
