//! The targets with checked-in bindings, and the Debian packages for each of them.

use std::{
    fmt, fs,
    os::unix::fs::{MetadataExt, symlink},
    panic,
    path::Path,
    process::Command,
};

/// A target, and where its headers and its C compiler are.
#[derive(Debug)]
pub(super) struct Target {
    pub(super) triple: &'static str,
    /// Arguments of clang: the target, and the folder of the C library's headers if clang does not know it.
    clang: &'static [&'static str],
    compiler: &'static str,
    /// `true` if C's plain `char` is signed.
    pub(super) char_is_signed: bool,
    /// The folder of the C library's headers.
    libc: &'static str,
    /// The folders of the kernel's headers, which are linked next to those of the C library.
    kernel: &'static str,
    beside: &'static [&'static str],
}

/// The versions that the text of the bindings depends on, besides our own two files.
#[derive(Debug)]
pub(super) struct Versions {
    pub(super) bindgen: String,
    pub(super) clang: String,
    /// Major and minor version of the C library, and of the kernel's headers.
    pub(super) libc: [String; 2],
    pub(super) linux: [String; 2],
}

impl fmt::Display for Versions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { bindgen, clang, libc, linux } = self;
        let [libc, linux] = [libc, linux].map(|parts| parts.join("."));
        write!(f, "bindgen {bindgen}, libclang {clang}, C library {libc}, Linux headers {linux}.")
    }
}

pub(super) const TARGETS: [Target; 3] = [
    Target {
        triple: "x86_64-unknown-linux-gnu",
        clang: &["--target=x86_64-unknown-linux-gnu"],
        compiler: "gcc",
        char_is_signed: true,
        libc: "/usr/include",
        kernel: "/usr/include",
        beside: &[],
    },
    Target {
        triple: "aarch64-unknown-linux-gnu",
        clang: &["--target=aarch64-linux-gnu", "-isystem/usr/aarch64-linux-gnu/include"],
        compiler: "aarch64-linux-gnu-gcc",
        char_is_signed: false,
        libc: "/usr/aarch64-linux-gnu/include",
        kernel: "/usr/aarch64-linux-gnu/include",
        beside: &[],
    },
    Target {
        triple: "x86_64-unknown-linux-musl",
        clang: &[
            "--target=x86_64-unknown-linux-musl",
            "-nostdinc",
            "-isystem/usr/include/x86_64-linux-musl",
        ],
        compiler: "musl-gcc",
        char_is_signed: true,
        libc: "/usr/include/x86_64-linux-musl",
        kernel: "/usr/include",
        beside: &[
            "/usr/include/linux",
            "/usr/include/asm-generic",
            "/usr/include/x86_64-linux-gnu/asm",
        ],
    },
];

/// The Debian packages with these headers and compilers.
const PACKAGES: [&str; 7] = [
    "gcc",
    "gcc-aarch64-linux-gnu",
    "libc6-dev",
    "libc6-dev-arm64-cross",
    "libclang-dev",
    "linux-libc-dev",
    "musl-tools",
];

/// Installs the packages that the targets need, on Debian.
pub(super) fn install() -> Result<(), String> {
    let root = fs::metadata("/proc/self").is_ok_and(|me| me.uid() == 0);
    let apt = |arguments: &[&str]| {
        let words = if root { &["apt-get"][..] } else { &["sudo", "apt-get"] };
        run(Command::new(words[0])
            .args(&words[1..])
            .args(arguments)
            .env("DEBIAN_FRONTEND", "noninteractive"))
    };
    apt(&["update"])?;
    let install = ["install", "--yes", "--no-install-recommends"];
    apt(&[&install[..], &PACKAGES].concat())
}

/// Runs a command that inherits our standard output.
pub(super) fn run(command: &mut Command) -> Result<(), String> {
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{command:?}: {status}")),
        Err(error) => Err(format!("{command:?}: {error}")),
    }
}

impl Target {
    /// The arguments with which clang and the C compiler find the kernel's headers. `scratch` is
    /// a folder for links: musl needs some of the folders in `/usr/include`, but not the rest.
    fn kernel_arguments(&self, scratch: &Path) -> Result<Option<String>, String> {
        for folder in self.beside.iter().map(Path::new) {
            let link = scratch.join(folder.file_name().expect("each has a name"));
            if !link.exists() {
                symlink(folder, link).map_err(|error| format!("{}: {error}", scratch.display()))?;
            }
        }
        Ok((!self.beside.is_empty()).then(|| format!("-isystem{}", scratch.display())))
    }

    /// The arguments that bindgen passes to clang.
    pub(super) fn clang_arguments(&self, scratch: &Path) -> Result<Vec<String>, String> {
        let mut arguments: Vec<_> = self.clang.iter().map(|&word| word.into()).collect();
        arguments.extend(self.kernel_arguments(scratch)?);
        Ok(arguments)
    }

    /// Has the C compiler check a source, without building a program.
    pub(super) fn compile(&self, text: &str, scratch: &Path) -> Result<(), String> {
        let arguments = self.kernel_arguments(scratch)?;
        let source = scratch.join("assertions.c");
        fs::write(&source, text).map_err(|error| format!("{}: {error}", source.display()))?;
        run(Command::new(self.compiler)
            .args(arguments)
            .args(["-std=gnu11", "-fsyntax-only", "-fmax-errors=9"])
            .arg(source))
    }

    /// The versions that the text of the bindings depends on.
    pub(super) fn versions(&self, root: &Path) -> Result<Versions, String> {
        let lock = read(root.join("Cargo.lock"))?;
        let bindgen = lock
            .split_once("name = \"bindgen\"\nversion = \"")
            .and_then(|(_, rest)| rest.split('"').next())
            .ok_or("Cargo.lock has no bindgen")?;
        let clang = panic::catch_unwind(::bindgen::clang_version)
            .map_err(|_| "there is no libclang (on Debian, `--install` installs it)")?
            .full;
        let clang = clang.split_whitespace().find(|word| word.starts_with(char::is_numeric));
        let kernel = read(Path::new(self.kernel).join("linux/version.h"))?;
        let kernel = |name| macro_value(&kernel, name);
        Ok(Versions {
            bindgen: bindgen.into(),
            clang: clang.unwrap_or("of an unknown version").into(),
            libc: self.libc_version()?,
            linux: [kernel("LINUX_VERSION_MAJOR")?, kernel("LINUX_VERSION_PATCHLEVEL")?],
        })
    }

    /// The version of the C library, without the suffixes of Debian and of bug-fix releases.
    fn libc_version(&self) -> Result<[String; 2], String> {
        if self.triple.ends_with("gnu") {
            let features = read(Path::new(self.libc).join("features.h"))?;
            return Ok([
                macro_value(&features, "__GLIBC__")?,
                macro_value(&features, "__GLIBC_MINOR__")?,
            ]);
        }
        // The headers of musl do not have the version; the library prints it when it is run.
        let library = "/usr/lib/x86_64-linux-musl/libc.so";
        let answer = Command::new(library).output().map_err(|error| missing(library, &error))?;
        let answer = String::from_utf8_lossy(&answer.stderr).into_owned();
        let version = answer.lines().find_map(|line| line.strip_prefix("Version "));
        let mut parts = version.unwrap_or_default().split('.').map(str::to_owned);
        match (parts.next(), parts.next()) {
            (Some(major), Some(minor)) => Ok([major, minor]),
            _ => Err(format!("{library} does not print its version: {answer}")),
        }
    }
}

/// The number that a header defines `name` as.
fn macro_value(header: &str, name: &str) -> Result<String, String> {
    header
        .lines()
        .filter_map(|line| line.strip_prefix("#define")?.trim().strip_prefix(name))
        .find(|rest| rest.starts_with([' ', '\t']))
        .map(|rest| rest.trim().to_owned())
        .ok_or_else(|| format!("the headers do not define {name}"))
}

fn read(path: impl AsRef<Path>) -> Result<String, String> {
    let path = path.as_ref();
    fs::read_to_string(path).map_err(|error| missing(&path.display().to_string(), &error))
}

fn missing(what: &str, error: &std::io::Error) -> String {
    format!("{what}: {error} (on Debian, `--install` installs what is needed)")
}
