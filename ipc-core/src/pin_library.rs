//! Keeping a library loaded whose code C may call at any time.

use crate::sys;

/// Keeps a library loaded until the process ends: the library that contains the function at the
/// address `code`.
///
/// If a plug-in registers a signal handler, a key destructor or a fork handler and is then unloaded
/// with `dlclose`, the program crashes when the handler is called. Call `pin_library_of` before you
/// register such a function. The call does nothing if the function is part of the program itself,
/// or if no library contains the address. It takes a few microseconds.
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
