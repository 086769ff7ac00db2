//! C programs that take part in a test.

use std::collections::HashMap;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;
use std::sync::{Mutex, TryLockError};
use std::{env, fs};

use crate::{TempDir, fixture, sys};

/// The code before every source: it sets line buffering, and defines functions like the methods of
/// [`Role`](crate::Role).
const PRELUDE: &str = include_str!("prelude.h");

static COMPILED: Mutex<Option<Compiled>> = Mutex::new(None);

struct Compiled {
    dir: TempDir,
    programs: HashMap<(String, String), PathBuf>,
}

/// Compiles a C program with `$CC` or `cc`, and returns the path of the executable, for
/// [`Child::run`](crate::Child::run).
///
/// Each program is compiled once per test process, with POSIX threads and real-time functions, and
/// removed when the test process ends. Three functions need no `#include`:
///
/// | C | meaning |
/// |---|---|
/// | `say("ready %d", n)` | sends a line to the parent, formatted like `printf` |
/// | `wait_for("go")` | waits for the parent's next line, which must be `go` |
/// | `must(sem != SEM_FAILED)` | if the condition is false, prints file, line and `errno`, and ends the program |
///
/// # Examples
///
/// ```
/// use ipc_testkit::{Child, c_program};
///
/// let echo = c_program("greeter", r#"
///     int main(int argc, char **argv) {
///         must(argc == 2);
///         wait_for("go");
///         say("hello %s", argv[1]);
///         return 0;
///     }
/// "#);
/// let mut greeter = Child::run(&echo, &["world"]);
/// greeter.tell("go");
/// greeter.wait_for("hello world");
/// greeter.finish();
/// ```
///
/// # Panics
///
/// If the program does not compile. The message contains the messages of the compiler.
#[must_use]
pub fn c_program(name: &str, source: &str) -> PathBuf {
    // A panic while the lock is held leaves the table unchanged.
    let mut compiled = COMPILED.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    let compiled = compiled.get_or_insert_with(|| {
        sys::at_exit(remove);
        Compiled { dir: fixture::dir(), programs: HashMap::new() }
    });
    let key = (name.to_owned(), source.to_owned());
    if let Some(path) = compiled.programs.get(&key) {
        return path.clone();
    }
    let path = compiled.dir.join(format!("{name}-{}", compiled.programs.len()));
    let text = path.with_extension("c");
    let source = format!("{PRELUDE}\n#line 1 \"{name}.c\"\n{source}");
    fs::write(&text, source).expect("a file for the C source");
    let mut compiler = Command::new(env::var_os("CC").unwrap_or_else(|| "cc".into()));
    compiler.args(["-std=gnu11", "-O1", "-Wall", "-Wextra", "-pthread", "-o"]);
    let told = compiler.args([&path, &text]).arg("-lrt").output().expect("a C compiler");
    assert!(told.status.success(), "{name}.c: {}", String::from_utf8_lossy(&told.stderr));
    // Whatever the umask is, other users may run it.
    for path in [&*compiled.dir, &*path] {
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("a mode");
    }
    compiled.programs.insert(key, path.clone());
    path
}

extern "C" fn remove() {
    let mut compiled = match COMPILED.try_lock() {
        Ok(compiled) => compiled,
        Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
        Err(TryLockError::WouldBlock) => return, // the test process ends while a thread compiles
    };
    drop(compiled.take());
}
