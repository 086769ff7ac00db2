//! `cargo xtask bindgen`: generates the checked-in bindings of ipc-sys, or compares them with the headers.
//!
//! bindgen takes a while to build, so it is behind a feature. Without the feature, the program runs itself again with it.

#[cfg(feature = "bindgen")]
#[path = "../../ipc-sys/build/generate.rs"]
mod generate;
#[cfg(feature = "bindgen")]
mod items;
#[cfg(feature = "bindgen")]
mod make;
#[cfg(feature = "bindgen")]
mod proof;
#[cfg(feature = "bindgen")]
mod target;

#[cfg(feature = "bindgen")]
pub(crate) use make::run;

/// Runs this program again, built with bindgen.
#[cfg(not(feature = "bindgen"))]
pub(crate) fn run(check: bool, target: Option<&str>, install: bool) -> Result<(), String> {
    let mut again = std::process::Command::new(std::env::var_os("CARGO").unwrap_or("cargo".into()));
    again.args(["run", "--quiet", "--package", "xtask", "--features", "bindgen", "--", "bindgen"]);
    again.args(check.then_some("--check")).args(install.then_some("--install"));
    again.args(target.iter().flat_map(|target| ["--target", target]));
    match again.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(_) => Err(String::from("the bindings are not as they should be: see above")),
        Err(error) => Err(format!("{again:?}: {error}")),
    }
}
