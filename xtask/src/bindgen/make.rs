//! The command itself: generates the files of each target, and writes or compares them.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use super::{
    generate::{self, AllowList},
    items, proof,
    target::{self, TARGETS, Target},
};

/// Writes the bindings and their tables; with `check`, compares them with those in the tree.
pub(crate) fn run(check: bool, target: Option<&str>, install: bool) -> Result<(), String> {
    let wanted: Vec<_> =
        TARGETS.iter().filter(|known| target.is_none_or(|triple| triple == known.triple)).collect();
    if wanted.is_empty() {
        let known = TARGETS.map(|known| known.triple).join(", ");
        return Err(format!("there are no checked-in bindings for that target, only for {known}"));
    }
    if install {
        target::install()?;
    }
    let root =
        Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies in the repository");
    for target in wanted {
        for file in make(root, target)? {
            let done = if check { file.compare(target.triple) } else { file.write() };
            done?;
            println!(
                "{}: {} what the headers give",
                file.path.display(),
                if check { "is" } else { "is now" }
            );
        }
    }
    Ok(())
}

/// A generated file.
struct Made {
    path: PathBuf,
    /// The text. Its first two lines name the command that wrote it and the versions of the sources.
    text: String,
}

/// Generates the files of one target, after a C compiler has confirmed them.
fn make(root: &Path, target: &Target) -> Result<[Made; 2], String> {
    let triple = target.triple;
    let sys = root.join("ipc-sys");
    let read = |name| {
        fs::read_to_string(sys.join(name)).map_err(|error| format!("ipc-sys/{name}: {error}"))
    };
    let scratch =
        env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    let scratch = scratch.join("bindgen").join(triple);
    fs::create_dir_all(&scratch).map_err(|error| format!("{}: {error}", scratch.display()))?;
    let versions = target.versions(root)?;
    let headers = read("headers.h")?;
    let list = AllowList::parse(&read("allow.txt")?, triple)?;

    let bindings = generate::builder(&headers, &list, &target.clang_arguments(&scratch)?)
        .generate()
        .map_err(|error| format!("{triple}: {error}"))?
        .to_string();
    let items = items::read(&bindings, &list, target.char_is_signed)?;
    if let Some(name) = items.lack(&list) {
        return Err(format!("{triple}: allow.txt has {name}, which the headers lack"));
    }
    target.compile(&proof::assertions(&headers, &items, &list), &scratch)?;
    let bindings = generate::with_safe_functions(&bindings, &list)
        .map_err(|error| format!("{triple}: {error}"))?;

    let head = format!(
        "//! Made by `cargo xtask bindgen --target {triple}`. Never edit it.\n//! {versions}\n"
    );
    let made = |path, text| Made { path: sys.join(path), text: format!("{head}\n{text}") };
    Ok([
        made(format!("src/bindings/{triple}.rs"), bindings),
        made(format!("tests/layout/{triple}.rs"), proof::table(triple, &versions, &items, &list)),
    ])
}

impl Made {
    fn write(&self) -> Result<(), String> {
        fs::write(&self.path, &self.text)
            .map_err(|error| format!("{}: {error}", self.path.display()))
    }

    /// Fails unless the file in the tree equals this one.
    fn compare(&self, triple: &str) -> Result<(), String> {
        let path = self.path.display();
        let there = fs::read_to_string(&self.path).map_err(|error| format!("{path}: {error}"))?;
        if there == self.text {
            return Ok(());
        }
        let [recorded, here] = [&there, &self.text]
            .map(|text| text.lines().nth(1).unwrap_or_default().trim_start_matches("//! "));
        if recorded != here {
            return Err(format!(
                "{path} cannot be compared on this machine.\n  It was made with {recorded}\n  Installed are  {here}\n\
                 Compare where the former are (Debian 12 has them), or make all targets anew: cargo xtask bindgen"
            ));
        }
        let lines = there.lines().zip(self.text.lines()).position(|(there, made)| there != made);
        let line = lines.unwrap_or_else(|| there.lines().count().min(self.text.lines().count()));
        Err(format!(
            "{path} is not what the headers give, from line {} on. Mend it with\n  \
             cargo xtask bindgen --target {triple}",
            line + 1
        ))
    }
}
