//! This machine: its toolchain, the folders of the project, and the way into a root.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// The parts of this machine that the runs need.
pub(super) struct Host {
    pub(super) project: PathBuf,
    /// The folder of builds and logs.
    pub(super) work: PathBuf,
    /// The folder of the roots.
    pub(super) roots: PathBuf,
    /// The toolchain, which the roots use.
    pub(super) sysroot: PathBuf,
    cargo_home: PathBuf,
}

impl Host {
    /// Finds the toolchain, and checks the requirements of the runs.
    pub(super) fn find(project: PathBuf, work: PathBuf, roots: PathBuf) -> Result<Self, String> {
        needs("unshare", "util-linux")?;
        let status = fs::read_to_string("/proc/self/status").map_err(|error| error.to_string())?;
        if !status.lines().any(|line| line.split_whitespace().take(3).eq(["Uid:", "0", "0"])) {
            return Err("root directories and namespaces need root: run it under sudo".into());
        }
        let told = Command::new("rustc").args(["--print", "sysroot"]).output();
        let told = told.map_err(|error| format!("rustc --print sysroot: {error}"))?;
        let sysroot = PathBuf::from(String::from_utf8_lossy(&told.stdout).trim());
        if sysroot.starts_with("/usr") {
            let found = sysroot.display();
            return Err(format!(
                "found a toolchain in {found}, wanted one outside /usr, as rustup's"
            ));
        }
        let cargo_home = env::var_os("CARGO_HOME").map(PathBuf::from);
        let cargo_home = cargo_home.or_else(|| Some(home()?.join(".cargo")));
        let cargo_home = cargo_home.ok_or("wants HOME or CARGO_HOME")?;
        Ok(Self { project, work, roots, sysroot, cargo_home })
    }

    /// A command in a root, in new namespaces, started in the project's folder with a new
    /// environment.
    pub(super) fn enter(&self, root: &Path, command: &[&str]) -> Command {
        let script = self.project.join("xtask/src/platforms/enter.sh");
        let mut enter = Command::new("unshare");
        enter.args(["--mount", "--ipc", "--pid", "--fork", "--kill-child", "sh"]).arg(script);
        enter.arg(root).arg(&self.project);
        enter.arg(join([&self.project, &self.work])).arg(join([&self.sysroot, &self.cargo_home]));
        enter.args(["env", "-i"]).args(self.environment()).args(command);
        enter
    }

    /// The C library of a root and its version, such as `glibc 2.41`; `/` is this machine's root.
    pub(super) fn libc(&self, root: &Path) -> Result<String, String> {
        let mut ask = match root == Path::new("/") {
            true => Command::new("getconf"),
            false => self.enter(root, &["getconf"]),
        };
        let told = ask.arg("GNU_LIBC_VERSION").output();
        let told = told.map_err(|error| format!("getconf GNU_LIBC_VERSION: {error}"))?;
        Ok(String::from_utf8_lossy(&told.stdout).trim().to_owned())
    }

    /// The environment of a program in a root: this machine's toolchain comes first.
    pub(super) fn environment(&self) -> Vec<String> {
        let sysroot = self.sysroot.display();
        vec![
            format!("PATH={sysroot}/bin:/usr/bin:/bin:/usr/sbin:/sbin"),
            format!("HOME={}", home().unwrap_or_else(|| "/".into()).display()),
            format!("CARGO_HOME={}", self.cargo_home.display()),
            String::from("CARGO_NET_OFFLINE=true"),
            String::from("LC_ALL=C.UTF-8"),
        ]
    }

    /// Downloads the packages of the lock file, because a root builds without a network.
    pub(super) fn fetch(&self) -> Result<(), String> {
        let mut fetch = crate::ci::cargo("fetch --locked");
        super::prepare("cargo fetch", fetch.current_dir(&self.project))
    }
}

/// Installs the package of a program, or of a file by its full path, that is missing.
pub(super) fn needs(program: &str, package: &str) -> Result<(), String> {
    let there = |program: &str| {
        let path = env::var_os("PATH").unwrap_or_default();
        let sbin = ["/usr/sbin", "/sbin"].map(PathBuf::from);
        env::split_paths(&path).chain(sbin).any(|folder| folder.join(program).exists())
    };
    if there(program) {
        return Ok(());
    }
    println!("installing {package}, for {program}");
    let script = "apt-get update -qq && apt-get install --yes --no-install-recommends \"$0\"";
    let what = format!("installing {package}, which has `{program}`,");
    super::prepare(&what, Command::new("sh").args(["-c", script, package]))
}

fn home() -> Option<PathBuf> {
    env::var_os("HOME").map(PathBuf::from)
}

/// Paths without spaces, separated by spaces, as `enter.sh` splits them.
fn join<'a>(paths: impl IntoIterator<Item = &'a PathBuf>) -> std::ffi::OsString {
    paths.into_iter().map(|path| path.as_os_str()).collect::<Vec<_>>().join(OsStr::new(" "))
}
