//! Limits of the kernel, read from `/proc/sys`.

use std::fs;

/// Returns the number in the file `/proc/sys/name`, for a `name` such as `kernel/shmmni`; `None` if
/// `/proc` is not mounted, or the file does not contain exactly one number.
#[must_use]
pub fn kernel_limit(name: &str) -> Option<usize> {
    fs::read_to_string(format!("/proc/sys/{name}")).ok()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_one_number() {
        assert!(kernel_limit("kernel/pid_max").is_some_and(|limit| limit > 0));
        assert_eq!(kernel_limit("kernel/ostype"), None);
        assert_eq!(kernel_limit("kernel/no-such-limit"), None);
    }
}
