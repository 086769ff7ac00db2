//! A library that contains this crate and is unloaded.

#![expect(unsafe_code, reason = "loads and unloads a library")]

use std::env;
use std::ffi::CString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use ipc_signal::{Signal, raise};
use ipc_testkit::{Child, Part, Role, fixture, skip, watchdog};

pub(crate) const ROLES: &[(&str, Part)] = &[("host", host)];

/// Reacts to a signal once, and drops the reaction.
const PLUGIN: &str = r#"
#[unsafe(no_mangle)]
pub extern "C" fn plugin_run() -> i32 {
    let reaction = ipc_signal::Reaction::count(ipc_signal::Signal::USR1, Default::default());
    i32::from(reaction.is_err())
}
"#;

/// Compiles the plug-in with the library that cargo has built for this test, and returns its path.
fn plugin(dir: &Path) -> PathBuf {
    let test = env::current_exe().unwrap();
    let deps = test.parent().unwrap();
    let files = fs::read_dir(deps).unwrap().map(|entry| entry.unwrap());
    let ours = files.filter(|entry| {
        let name = entry.file_name().into_string().unwrap_or_default();
        name.starts_with("libipc_signal-") && name.ends_with(".rlib")
    });
    let newest = ours.max_by_key(|entry| entry.metadata().unwrap().modified().unwrap());
    let library = newest.expect("the library of this crate").path();
    let (source, plugin) = (dir.join("plugin.rs"), dir.join("libplugin.so"));
    fs::write(&source, PLUGIN).unwrap();
    let mut rustc = Command::new(env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
    rustc.args(["--edition=2024", "--crate-type=cdylib", "-o"]).args([&plugin, &source]);
    rustc.arg(format!("--extern=ipc_signal={}", library.display()));
    rustc.arg(format!("-Ldependency={}", deps.display()));
    let built = rustc.output().expect("a Rust compiler");
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    plugin
}

#[test]
fn a_signal_after_its_library_was_unloaded_does_not_crash() {
    if cfg!(target_env = "musl") {
        return skip("musl never unloads a library");
    }
    let dir = fixture::dir();
    let plugin = plugin(&dir);
    watchdog(|| Child::run("host", &[plugin.to_str().unwrap()]).finish());
}

fn host(role: &mut Role) {
    let path = CString::new(role.arg(0)).unwrap();
    // In a thread that ends: `std` itself keeps a library loaded while a thread has its locals.
    let run = move || {
        // SAFETY: the path is a string that lives until the call returns; the library's
        // initialisers are those of `std`.
        let library = unsafe { libc::dlopen(path.as_ptr(), libc::RTLD_NOW) };
        assert!(!library.is_null(), "{path:?} cannot be loaded");
        // SAFETY: the library is loaded, and the name is a string.
        let symbol = unsafe { libc::dlsym(library, c"plugin_run".as_ptr()) };
        assert!(!symbol.is_null());
        // SAFETY: the plug-in declares the function with this signature.
        let run =
            unsafe { std::mem::transmute::<*mut libc::c_void, extern "C" fn() -> i32>(symbol) };
        assert_eq!(run(), 0);
        // SAFETY: the handle is that of the library, and nothing of it is used from now on.
        unsafe { libc::dlclose(library) };
    };
    std::thread::spawn(run).join().unwrap();
    raise(Signal::USR1).unwrap();
}
