//! Switches that turn a protection off, to check that its test then fails.

/// Returns `true` if a protection is switched on. In users' builds the result is always `true`.
///
/// With `--cfg ipc_test_hooks`, in debug builds, `IPC_SWITCHED_OFF=name` switches off the
/// protection `name`. The test that guards the protection must then fail; otherwise the test proves
/// nothing.
#[cfg(not(all(ipc_test_hooks, debug_assertions)))]
#[doc(hidden)]
#[inline(always)]
#[must_use]
pub fn switched_on(_protection: &str) -> bool {
    true
}

#[cfg(all(ipc_test_hooks, debug_assertions))]
#[doc(hidden)]
#[must_use]
pub fn switched_on(protection: &str) -> bool {
    std::env::var_os("IPC_SWITCHED_OFF").is_none_or(|off| off != protection)
}
