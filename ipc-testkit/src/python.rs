//! Python with packages for tests: the system's interpreter, or a virtual environment created once.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::{fs, process};

use crate::skip;

/// Serialises the creation of environments, so that tests that need the same environment create it
/// once.
static MAKING: Mutex<()> = Mutex::new(());

/// Returns the path of a Python interpreter that can import the packages. Each package is a module
/// and an argument for pip, such as `("numpy", "numpy==2.2.6")`. If there is no such interpreter,
/// prints the reason and that the test is skipped, and returns `None`.
///
/// The system's interpreter is used if it has the packages. Otherwise pip installs them into a
/// virtual environment in `folder`, usually `env!("CARGO_TARGET_TMPDIR")`. This can take minutes if
/// pip must build a package: call it before a [`watchdog`](crate::watchdog()), not inside.
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
    for python in [Path::new("python3"), &python] {
        if works(python).is_ok() {
            return Ok(python.into());
        }
    }
    // Created under another name and renamed: a partial environment is never used, and a second
    // process finds the first one's.
    let new = place.with_extension(process::id().to_string());
    let (host, guest) = (Path::new("python3"), new.join("bin/python"));
    let module = |python: &Path, args: &[&OsStr]| run(Command::new(python).arg("-m").args(args));
    let install = |python: &Path, pip: &[&OsStr]| {
        run(Command::new(python)
            .args(["-m", "pip"])
            .args(pip)
            .args(["install", "-q", "--no-compile"])
            .args(&packages))
    };
    // Installing pip takes most of the time, so the environment gets its own only if it cannot
    // borrow one.
    let made =
        module(host, &["venv".as_ref(), "--without-pip".as_ref(), new.as_ref()]).and_then(|()| {
            install(host, &["--python".as_ref(), guest.as_ref()]).or_else(|_| {
                module(&guest, &["ensurepip".as_ref()]).and_then(|()| install(&guest, &[]))
            })
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
    let told =
        command.stdin(Stdio::null()).output().map_err(|err| format!("{command:?}: {err}"))?;
    let words = String::from_utf8_lossy(&told.stderr);
    if told.status.success() {
        Ok(())
    } else {
        Err(format!("{command:?}: {}", words.trim().replace('\n', "; ")))
    }
}
