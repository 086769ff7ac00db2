//! Switches that turn a protection off, for the tests of the tests.

/// Returns `true` if a protection is switched on. In users' builds it always is.
///
/// With `--cfg ipc_test_hooks`, in debug builds, `IPC_SWITCHED_OFF=name` switches
/// the one of that name off: the test that guards it must fail then, or it guards nothing.
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
