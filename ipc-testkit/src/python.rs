//! Python at the other end, with packages, in a virtual environment that is made once.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::{fs, process};

use crate::skip;

/// One at a time, so that of several tests that want the same one makes it.
static MAKING: Mutex<()> = Mutex::new(());

/// A Python interpreter that can import what the packages (`("numpy", "numpy==2.2.6")`) are for, or `None` after
/// saying why there is none, and that the test is skipped.
///
/// Its virtual environment is kept in `folder`, for which there is `env!("CARGO_TARGET_TMPDIR")`.
#[must_use]
pub fn python(folder: &str, packages: &[(&str, &str)]) -> Option<PathBuf> {
    let _making = MAKING.lock().unwrap_or_else(PoisonError::into_inner);
    environment(folder, packages).map_err(|why| skip(&why)).ok()
}

fn environment(folder: &str, packages: &[(&str, &str)]) -> Result<PathBuf, String> {
    let (modules, packages): (Vec<_>, Vec<_>) = packages.iter().copied().unzip();
    let place = Path::new(folder).join(format!("python-with-{}", modules.join("-")));
    let python = place.join("bin/python");
    let imports = format!("import {}", modules.join(", "));
    let works = |python: &Path| run(Command::new(python).args(["-c", &imports]));
    if works(&python).is_ok() {
        return Ok(python);
    }
    // Made under another name and moved: nobody uses a half-made one, and who comes second finds the first one's.
    let new = place.with_extension(process::id().to_string());
    let (host, guest) = (Path::new("python3"), new.join("bin/python"));
    let module = |python: &Path, args: &[&OsStr]| run(Command::new(python).arg("-m").args(args));
    let install = |python: &Path, pip: &[&OsStr]| {
        run(Command::new(python).args(["-m", "pip"]).args(pip).args(["install", "-q", "--no-compile"]).args(&packages))
    };
    // A pip of its own takes most of the time, so it gets one only where there is none to borrow.
    let made = module(host, &["venv".as_ref(), "--without-pip".as_ref(), new.as_ref()]).and_then(|()| {
        install(host, &["--python".as_ref(), guest.as_ref()])
            .or_else(|_| module(&guest, &["ensurepip".as_ref()]).and_then(|()| install(&guest, &[])))
    });
    if made.is_ok() && works(&python).is_err() {
        let _ = fs::remove_dir_all(&place);
        let _ = fs::rename(&new, &place);
    }
    let _ = fs::remove_dir_all(&new);
    made?;
    works(&python).map(|()| python)
}

fn run(command: &mut Command) -> Result<(), String> {
    let told = command.stdin(Stdio::null()).output().map_err(|err| format!("{command:?}: {err}"))?;
    let words = String::from_utf8_lossy(&told.stderr);
    if told.status.success() { Ok(()) } else { Err(format!("{command:?}: {}", words.trim().replace('\n', "; "))) }
}
