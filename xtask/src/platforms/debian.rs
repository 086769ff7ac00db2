//! Debian root directories: their mirror, their packages, and how they are prepared.
//!
//! Only the component main is used. Each root has its own state of apt, so that this machine's state
//! does not change. A root is created under another name and renamed when it is complete; an
//! existing root is used unchanged.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::host::{Host, needs};
use super::prepare;

/// Packages of a root besides the essential ones: a C compiler and Python, for tests with a partner
/// in another language.
const ROOT: &str =
    "g++,libc6-dev,netcat-openbsd,procps,python3,python3-numpy,python3-sysv-ipc,python3-venv";

/// The suite of the emulated machine, and the suite of its compiler: the first one's compiler is
/// older than the project's minimum version.
pub(super) const EMULATED: &str = "trixie";
const RUST_OF: &str = "trixie-backports";

/// Packages of the emulated machine.
const GUEST: [&str; 16] = [
    "bash",
    "coreutils",
    "dash",
    "gcc",
    "grep",
    "libc-bin",
    "libc6-dev",
    "linux-image-arm64",
    "linux-image-arm64-16k",
    "mount",
    "procps",
    "python3",
    "python3-numpy",
    "python3-sysv-ipc",
    "sed",
    "util-linux",
];

const KEYRING: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";

/// A root of `suite` for this machine's processor.
pub(super) fn root(host: &Host, suite: &str) -> Result<PathBuf, String> {
    made(&host.roots.join(suite), |place| debootstrap(place, suite, ROOT))
}

/// A root that compiles for aarch64: Debian's Rust with the standard library of that processor, and
/// a linker.
pub(super) fn cross(host: &Host) -> Result<PathBuf, String> {
    made(&host.roots.join(format!("{EMULATED}-aarch64")), |place| {
        debootstrap(place, EMULATED, "gcc,gcc-aarch64-linux-gnu,libc6-dev,libc6-dev-arm64-cross")?;
        let sources = [EMULATED, RUST_OF].map(|suite| format!("deb {} {suite} main\n", mirror()));
        let list = place.join("etc/apt/sources.list");
        fs::write(&list, sources.concat())
            .map_err(|error| format!("{}: {error}", list.display()))?;
        let rust = ["rustc", "cargo", "libstd-rust-dev", "libstd-rust-dev:arm64"];
        let rust = rust.map(|package| format!("{package}/{RUST_OF}")).join(" ");
        let script = format!(
            "dpkg --add-architecture arm64 && apt-get update -qq && \
             DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends {rust}"
        );
        prepare("installing Rust", Command::new("chroot").arg(place).args(["sh", "-c", &script]))
    })
}

/// Packages of `EMULATED` for aarch64, unpacked but not configured: the folder of the root, and the
/// kernels by page size.
pub(super) fn guest(host: &Host) -> Result<PathBuf, String> {
    made(&host.roots.join(format!("{EMULATED}-arm64")), |place| {
        let told = |error: std::io::Error| format!("{}: {error}", place.display());
        for folder in ["state/lists/partial", "cache/archives/partial", "root", "kernels"] {
            fs::create_dir_all(place.join(folder)).map_err(told)?;
        }
        fs::write(place.join("status"), "").map_err(told)?;
        let source = format!("deb [signed-by={KEYRING}] {} {EMULATED} main\n", mirror());
        fs::write(place.join("sources.list"), source).map_err(told)?;
        prepare("apt-get update", apt(place).arg("update"))?;
        let install = ["install", "--download-only", "--no-install-recommends", "--yes"];
        prepare("downloading packages", apt(place).args(install).args(GUEST))?;
        let mut unpack = Command::new("sh");
        prepare("unpacking", unpack.args(["-euc", UNPACK]).current_dir(place))
    })
}

/// Unpacks the packages and replaces their scripts: the usual name of the C compiler, the libraries
/// that NumPy needs, and the two users.
const UNPACK: &str = "
    for package in cache/archives/*.deb; do
        case $package in
        */linux-image-*) dpkg-deb --extract $package kernels ;;
        *) dpkg-deb --extract $package root ;;
        esac
    done
    mv kernels/boot/vmlinuz-*-arm64 vmlinuz-4
    mv kernels/boot/vmlinuz-*-arm64-16k vmlinuz-16
    rm -r kernels state cache root/usr/share/doc root/usr/share/locale root/usr/share/man
    cd root
    ln -sf gcc usr/bin/cc
    for library in blas lapack; do
        ln -sf $library/lib$library.so.3 usr/lib/aarch64-linux-gnu/
    done
    printf 'root:x:0:0::/:/bin/sh\\nnobody:x:65534:65534::/:/bin/sh\\n' >etc/passwd
    printf 'root:x:0:\\nnogroup:x:65534:\\n' >etc/group";

/// apt, with all its state in `place`.
fn apt(place: &Path) -> Command {
    let mut apt = Command::new("apt-get");
    let at = |name: &str| place.join(name).display().to_string();
    let settings = [
        format!("Dir::Etc::sourcelist={}", at("sources.list")),
        String::from("Dir::Etc::sourceparts=/dev/null"),
        String::from("Dir::Etc::preferencesparts=/dev/null"),
        format!("Dir::State={}", at("state")),
        format!("Dir::State::status={}", at("status")),
        format!("Dir::Cache={}", at("cache")),
        String::from("APT::Architecture=arm64"),
        String::from("APT::Architectures=arm64"),
        String::from("APT::Sandbox::User=root"),
    ];
    apt.args(settings.iter().flat_map(|setting| ["-o", setting]));
    apt
}

/// Prepares a folder under another name and renames it, unless it exists.
fn made(place: &Path, make: impl FnOnce(&Path) -> Result<(), String>) -> Result<PathBuf, String> {
    if place.is_dir() {
        return Ok(place.to_owned());
    }
    println!("preparing {}", place.display());
    let new = place.with_extension("new");
    let told = |error: std::io::Error| format!("{}: {error}", new.display());
    if new.exists() {
        fs::remove_dir_all(&new).map_err(told)?; // of a run that was ended
    }
    let done = make(&new).and_then(|()| fs::rename(&new, place).map_err(told));
    if done.is_err() {
        let _ = fs::remove_dir_all(&new);
    }
    done.map(|()| place.to_owned())
}

/// debootstrap, in a mount namespace: it mounts `/proc` and more while it works.
fn debootstrap(place: &Path, suite: &str, packages: &str) -> Result<(), String> {
    needs("debootstrap", "debootstrap")?;
    needs(KEYRING, "debian-archive-keyring")?;
    let mut make = Command::new("unshare");
    make.args(["--mount", "--pid", "--fork", "--kill-child", "debootstrap", "--variant=minbase"]);
    make.arg(format!("--keyring={KEYRING}"))
        .arg(format!("--include={packages}"))
        .arg(suite)
        .arg(place)
        .arg(mirror());
    // A suite that this debootstrap does not know is created like sid.
    if !Path::new("/usr/share/debootstrap/scripts").join(suite).exists() {
        make.arg("/usr/share/debootstrap/scripts/sid");
    }
    prepare("debootstrap", &mut make)
}

/// The first mirror of Debian that this machine uses.
fn mirror() -> String {
    let lists = ci_names("/etc/apt/sources.list.d").into_iter();
    let texts = lists
        .chain([PathBuf::from("/etc/apt/sources.list")])
        .filter_map(|path| fs::read_to_string(path).ok());
    texts
        .into_iter()
        .find_map(|text| mirror_in(&text))
        .unwrap_or_else(|| "http://deb.debian.org/debian".into())
}

fn ci_names(folder: &str) -> Vec<PathBuf> {
    let mut found: Vec<_> = crate::ci::names(Path::new(folder))
        .into_iter()
        .map(|name| Path::new(folder).join(name))
        .collect();
    found.sort();
    found
}

/// The Debian mirror in a source list of apt, in either format; comments and other archives are
/// ignored.
fn mirror_in(list: &str) -> Option<String> {
    let mut words = list.lines().filter_map(|line| match line.split_once(':') {
        Some(("URIs", uris)) => uris.split_whitespace().next(),
        _ if line.starts_with("deb ") => line.split_whitespace().find(|word| word.contains("://")),
        _ => None,
    });
    let mirror = words.find(|uri| uri.trim_end_matches('/').ends_with("/debian"));
    mirror.map(|uri| uri.trim_end_matches('/').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mirror_is_read_from_either_format_and_not_from_comments() {
        let sources = "Types: deb\n# http://old.example/archive/debian/1\nURIs: http://a.example/debian\nSuites: x\n";
        let list = "deb https://b.example/node x main\ndeb [signed-by=/k] https://c.example/debian/ x main\n";
        assert_eq!(mirror_in(sources).as_deref(), Some("http://a.example/debian"));
        assert_eq!(mirror_in(list).as_deref(), Some("https://c.example/debian"));
        assert_eq!(mirror_in("# deb http://d.example/debian x main\n"), None);
    }
}
