//! Refuses targets that the crate does not support, and generates bindings for a target without
//! checked-in ones under the feature `generate`. Never writes to `src/`.

use std::{env, path::Path};

#[cfg(feature = "generate")]
mod generate;

fn main() {
    println!("cargo::rerun-if-changed=build");
    if let Err(why) = check() {
        println!("cargo::error={}", why.trim().replace('\n', "; "));
    }
}

fn check() -> Result<(), String> {
    let target = |what| env::var(format!("CARGO_CFG_TARGET_{what}")).unwrap_or_default();
    if target("OS") != "linux" || target("POINTER_WIDTH") != "64" {
        return Err(
            "ipc-sys supports 64-bit Linux only: its README says what another system needs".into(),
        );
    }
    // The same choice as in `lib.rs`: by architecture and C library, whatever the vendor.
    let target = format!("{}-unknown-linux-{}", target("ARCH"), target("ENV"));
    match Path::new("src/bindings").join(format!("{target}.rs")).exists() {
        true => Ok(()),
        false => make(&target),
    }
}

#[cfg(not(feature = "generate"))]
fn make(target: &str) -> Result<(), String> {
    Err(format!(
        "ipc-sys has no bindings for {target}: enable its feature `generate`, which makes them with libclang \
         from the system's headers"
    ))
}

#[cfg(feature = "generate")]
fn make(target: &str) -> Result<(), String> {
    let read = |path: &str| {
        println!("cargo::rerun-if-changed={path}");
        std::fs::read_to_string(path).map_err(|error| format!("{path}: {error}"))
    };
    let list = generate::AllowList::parse(&read("allow.txt")?, target)?;
    let out = env::var_os("OUT_DIR").ok_or("cargo does not say where to build")?;
    let out = Path::new(&out).join("bindings.rs");
    let bindings = generate::builder(&read("headers.h")?, &list, &[])
        .generate()
        .map_err(|error| error.to_string())?
        .to_string();
    std::fs::write(&out, generate::with_safe_functions(&bindings, &list)?)
        .map_err(|error| format!("{}: {error}", out.display()))
}
