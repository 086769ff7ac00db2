//! Switches that turn a protection off, for the tests of the tests.

/// Whether a protection is switched on, which it always is in users' builds.
///
/// With the feature `test-hooks`, which only dev-dependencies turn on, `IPC_SWITCHED_OFF=name` switches
/// the one of that name off: the test that guards it must fail then, or it guards nothing.
#[cfg(not(feature = "test-hooks"))]
#[doc(hidden)]
#[inline(always)]
#[must_use]
pub fn switched_on(_protection: &str) -> bool {
    true
}

#[cfg(feature = "test-hooks")]
#[doc(hidden)]
#[must_use]
pub fn switched_on(protection: &str) -> bool {
    std::env::var_os("IPC_SWITCHED_OFF").is_none_or(|off| off != protection)
}
