//! `cargo xtask completions`: the completions and man pages of `ipc`, from its command line.

use crate::ci;

/// Generates them, by the test that otherwise checks them; with `check`, only runs that test.
pub(crate) fn run(check: bool) -> Result<(), String> {
    let mut test = ci::cargo("test --quiet -p ipc-cli --test generated");
    test.current_dir(ci::root());
    if !check {
        test.env("IPC_WRITE_GENERATED", "1");
    }
    let status = test.status().map_err(|why| format!("cargo test: {why}"))?;
    if status.success() { Ok(()) } else { Err(format!("cargo test: {status}")) }
}
