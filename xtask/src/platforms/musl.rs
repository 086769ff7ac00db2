//! musl: a standard library built for it, and C programs by `musl-gcc`.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::host::{Host, needs};
use super::outcome::Outcome;
use super::{Options, logged};
use crate::ci;

const TARGET: &str = "x86_64-unknown-linux-musl";

/// Runs a command with its own `/dev/shm` and System V tables.
const APART: &str = "mount -t tmpfs -o mode=1777 tmpfs /dev/shm && exec \"$@\"";

/// Runs all tests, linked with musl, on this machine.
pub(super) fn run(host: &Host, options: &Options) -> Result<Outcome, String> {
    needs("musl-gcc", "musl-tools")?;
    let source = host.sysroot.join("lib/rustlib/src/rust/library");
    if !source.is_dir() {
        let place = source.display();
        return Err(format!(
            "the standard library's source is not in {place}: rustup component add rust-src"
        ));
    }
    let folder = host.work.join("musl-libraries");
    unwinder(host, &folder)?;
    // The flags of a target replace those in .cargo/config.toml.
    let hooks = "--cfg ipc_test_hooks";
    let mut tests = Command::new("unshare");
    tests.args([
        "--mount",
        "--ipc",
        "--pid",
        "--fork",
        "--mount-proc",
        "--kill-child",
        "sh",
        "-c",
        APART,
        "sh",
    ]);
    let cargo = ci::cargo("test");
    tests.arg(cargo.get_program()).args(cargo.get_args()).args(options.cargo());
    tests
        .args(["-Zbuild-std=std,panic_abort,panic_unwind", "--target", TARGET, "--"])
        .args(&options.tests);
    tests.env("RUSTC_BOOTSTRAP", "1").env("CC", "musl-gcc").current_dir(&host.project);
    tests.env("CARGO_TARGET_DIR", host.work.join("musl"));
    tests.env("CARGO_TARGET_X86_64_UNKNOWN_LINUX_MUSL_LINKER", "musl-gcc");
    let flags = format!("{hooks} -Clink-self-contained=no -Lnative={}", folder.display());
    tests
        .env("CARGO_TARGET_X86_64_UNKNOWN_LINUX_MUSL_RUSTFLAGS", &flags)
        .env("RUSTDOCFLAGS", flags);
    logged("musl", &host.work.join("musl.log"), &mut tests)
}

/// Provides the compiler's unwinder under the name that the standard library links, and the one
/// function of glibc that it calls.
fn unwinder(host: &Host, folder: &Path) -> Result<(), String> {
    let told = |error: std::io::Error| format!("{}: {error}", folder.display());
    // A new folder: copying onto a link in an old one would write through the link.
    if folder.exists() {
        fs::remove_dir_all(folder).map_err(told)?;
    }
    fs::create_dir(folder).map_err(told)?;
    let path = Command::new("musl-gcc").arg("-print-file-name=libgcc_eh.a").output();
    let path = path.map_err(|error| format!("musl-gcc: {error}"))?.stdout;
    let library = folder.join("libunwind.a");
    fs::copy(String::from_utf8_lossy(&path).trim(), &library).map_err(told)?;
    let object = folder.join("find_object.o");
    let source = host.project.join("xtask/src/platforms/find_object.c");
    let mut compile = Command::new("musl-gcc");
    compile.args(["-O1", "-Wall", "-Wextra", "-c", "-o"]).arg(&object).arg(source);
    super::prepare("compiling find_object.c", &mut compile)?;
    super::prepare("ar", Command::new("ar").arg("rcs").arg(library).arg(object))
}
