//! aarch64: the tests are built in a root of Debian and run in an emulated machine with Debian's
//! kernels.
//!
//! Emulation of the processor alone (`qemu-aarch64`) would prove nothing: it has no robust lists, no
//! seccomp and no `MADV_DONTFORK`. The machine has no disk: all its files are in the archive that
//! its kernel unpacks at boot.

use std::env;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::archive::Archive;
use super::host::{Host, needs};
use super::outcome::Outcome;
use super::{Options, debian, logged, prepare};

const TARGET: &str = "aarch64-unknown-linux-gnu";

/// Tests that cannot run in the emulated machine, with the reason; every other test runs.
const LEFT_OUT: &[(&str, &str)] = &[(
    "a_signal_after_its_library_was_unloaded_does_not_crash",
    "it compiles a library, and the machine has no Rust compiler",
)];

/// Maximum seconds for all tests of one kernel, and for one test without progress.
const LIMIT: &str = "10800";
const PATIENCE: &str = "1200";

/// Runs all tests with each requested page size.
pub(super) fn run(host: &Host, options: &Options) -> Vec<(String, Result<Outcome, String>)> {
    let name = |pages: u32| format!("aarch64, {pages} KiB pages");
    let machine = || {
        needs("qemu-system-aarch64", "qemu-system-arm")?;
        let place = debian::guest(host)?;
        let (collected, broken) = collect(host, options)?;
        let archive = host.work.join("aarch64.cpio");
        let packed = pack(host, &place.join("root"), &collected, &archive);
        packed.map_err(|error| format!("{}: {error}", archive.display()))?;
        Ok::<_, String>((place, archive, broken))
    };
    match machine() {
        Ok((place, archive, broken)) => {
            let each = options.pages.iter().map(|&pages| {
                let kernel = place.join(format!("vmlinuz-{pages}"));
                let ended = boot(host, &name(pages), pages, &kernel, &archive);
                (name(pages), ended.map(|outcome| outcome.with_broken(&broken)))
            });
            let ended = each.collect();
            let _ = fs::remove_file(archive);
            ended
        }
        Err(why) => options.pages.iter().map(|&pages| (name(pages), Err(why.clone()))).collect(),
    }
}

/// Builds all tests and documentation examples, and records how to run each.
///
/// Returns their folder, and the programs that did not build; the others still run.
fn collect(host: &Host, options: &Options) -> Result<(PathBuf, Vec<String>), String> {
    let root = debian::cross(host)?;
    host.fetch()?;
    let folder = host.work.join("aarch64-tests");
    let told = |error: io::Error| format!("{}: {error}", folder.display());
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(told)?;
    }
    fs::create_dir(&folder).map_err(told)?;
    let collect = host.project.join("xtask/src/platforms/collect.sh");
    let runner = format!("sh {} {}", collect.display(), folder.display());
    println!("\n=== {TARGET}: building in {}", root.display());
    let mut broken = Vec::new();
    // Examples are built and run on this machine only.
    for kinds in [&["--lib", "--bins", "--tests"][..], &["--doc"]] {
        let mut build = host.enter(&root, &["env"]);
        build.arg("CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER=aarch64-linux-gnu-gcc");
        build.arg(format!("CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUNNER={runner}"));
        build.arg(format!("CARGO_TARGET_DIR={}", host.work.join("aarch64").display()));
        build.arg("CARGO_PROFILE_DEV_DEBUG=0");
        // Debian's compiler, which must have the version of the standard library.
        build.args(["PATH=/usr/bin:/bin:/usr/sbin:/sbin", "/usr/bin/cargo", "test"]);
        build.args(options.cargo()).args(kinds).args(["--target", TARGET, "--"]);
        build.args(&options.tests);
        build.args(LEFT_OUT.iter().flat_map(|(test, _)| ["--skip", test]));
        broken.extend(prepare("the build for aarch64", &mut build).err());
    }
    Ok((folder, broken))
}

/// Packs the root, the project at its own path, the collected programs, and the first program.
fn pack(host: &Host, root: &Path, collected: &Path, into: &Path) -> io::Result<()> {
    let mut archive = Archive::create(into)?;
    archive.add(root, Path::new(""))?;
    let project = host.project.strip_prefix("/").map_err(io::Error::other)?;
    archive.folders_above(&project.join("x"))?;
    for name in crate::ci::names(&host.project)
        .iter()
        .filter(|name| !["target", ".git"].contains(&&***name))
    {
        archive.add(&host.project.join(name), &project.join(name))?;
    }
    // Tests start some programs by the paths of the build.
    let built = host.work.join("aarch64").join(TARGET);
    let place = built.strip_prefix("/").map_err(io::Error::other)?;
    archive.folders_above(&place.join("debug/x"))?;
    for name in crate::ci::names(&built.join("debug")) {
        let program = built.join("debug").join(&name);
        if program.is_file() && program.extension().is_none() {
            archive.add(&program, &place.join("debug").join(name))?;
        }
    }
    archive.folders_above(&place.join("tmp/x"))?;
    archive.add(collected, Path::new("platforms"))?;
    let mut environment = format!("export IPC_TEST_SECONDS={PATIENCE}\n");
    if let Ok(rounds) = env::var("IPC_TEST_FULL") {
        environment += &format!("export IPC_TEST_FULL='{rounds}'\n");
    }
    archive.program(Path::new("platforms/environment"), &environment)?;
    archive.program(Path::new("init"), include_str!("init.sh"))?;
    archive.finish()
}

/// Boots a kernel that unpacks the archive, and reads its output until it turns itself off.
fn boot(
    host: &Host,
    name: &str,
    pages: u32,
    kernel: &Path,
    archive: &Path,
) -> Result<Outcome, String> {
    if !kernel.exists() {
        return Err(format!("Debian has no kernel with pages of {pages} KiB: expected 4 or 16"));
    }
    let log = host.work.join(format!("aarch64-{pages}.log"));
    let mut machine = Command::new("timeout");
    machine.args([
        "--kill-after=10",
        LIMIT,
        "qemu-system-aarch64",
        "-machine",
        "virt",
        "-cpu",
        "neoverse-n1",
    ]);
    machine.args([
        "-accel",
        "tcg,thread=multi",
        "-smp",
        "2",
        "-m",
        "5120",
        "-no-reboot",
        "-net",
        "none",
    ]);
    machine.args(["-display", "none", "-monitor", "none", "-serial", "stdio"]);
    machine.args(["-append", "console=ttyAMA0 panic=-1 loglevel=4", "-kernel"]).arg(kernel);
    let mut outcome = logged(name, &log, machine.arg("-initrd").arg(archive))?;
    let said = fs::read(&log).map_err(|error| format!("{}: {error}", log.display()))?;
    let said = String::from_utf8_lossy(&said);
    if !said.contains("platforms: done") {
        return Err(format!("the machine ended before its tests did, see {}", log.display()));
    }
    outcome.left_out = LEFT_OUT.to_vec();
    Ok(outcome)
}
