//! `cargo xtask tidy`: the invariants of the project that a program can check.
//!
//! It reads files without a compiler: a rule is a function that checks one file, and [`RULES`] is
//! the table of them. Rules about code see it with comments and literals blanked out, so that a
//! comment may mention what a rule forbids.

use std::path::Path;

use source::{File, Tree};

mod source;
#[cfg(test)]
mod tests;
mod words;

/// The findings of a rule: a line, from 1, and what is wrong there.
type Found = Vec<(usize, String)>;

struct Rule {
    name: &'static str,
    /// The document and section that explain the rule.
    written: &'static str,
    check: fn(&Tree, &File, &mut Found),
}

const RULES: &[Rule] = &[
    Rule { name: "arrows", written: "ARCHITECTURE.md, Layers", check: arrows },
    Rule { name: "manifest", written: "ARCHITECTURE.md, Layers", check: manifest },
    Rule { name: "c-call", written: "ARCHITECTURE.md, Invariants", check: c_call },
    Rule { name: "unsafe", written: "CONTRIBUTING.md, What tidy checks", check: unsafe_code },
    Rule { name: "panic", written: "CONTRIBUTING.md, What tidy checks", check: panic },
    Rule { name: "macro", written: "CONTRIBUTING.md, What tidy checks", check: macro_rules },
    Rule { name: "target", written: "CONTRIBUTING.md, What tidy checks", check: target_os },
    Rule { name: "length", written: "CONTRIBUTING.md, What tidy checks", check: length },
    Rule { name: "lint", written: "CONTRIBUTING.md, What tidy checks", check: lint },
    Rule { name: "sleep", written: "CONTRIBUTING.md, What tidy checks", check: sleep },
    Rule { name: "ignore", written: "CONTRIBUTING.md, What tidy checks", check: ignore },
    Rule { name: "unfinished", written: "CONTRIBUTING.md", check: unfinished },
    Rule { name: "machine", written: "CONTRIBUTING.md", check: machine },
    Rule { name: "words", written: "CONTRIBUTING.md, Words", check: words::words },
    Rule { name: "readme", written: "CONTRIBUTING.md, What tidy checks", check: readme },
    Rule { name: "proof", written: "CONTRIBUTING.md, What tidy checks", check: proof },
];

const BASE: &[&str] = &["ipc-sys", "ipc-derive", "ipc-core", "ipc-mem"];
const COMPOSED: &[&str] = &["ipc-sys", "ipc-derive", "ipc-core", "ipc-mem", "ipc-shm", "ipc-sync"];
const ALL: &[&str] = &["*"];

/// The crates of this workspace that each crate may depend on. A crate must be in this table.
const LAYERS: &[(&str, &[&str])] = &[
    ("ipc-sys", &[]),
    ("ipc-derive", &[]),
    ("ipc-core", &["ipc-sys"]),
    ("ipc-mem", &["ipc-sys", "ipc-derive", "ipc-core"]),
    ("ipc-shm", BASE),
    ("ipc-sync", BASE),
    ("ipc-signal", BASE),
    ("ipc-stream", BASE),
    ("ipc-shmarray", COMPOSED),
    ("ipc-queue", BASE),
    ("ipc-ring", BASE),
    ("ipc-heap", COMPOSED),
    ("ipc", ALL),
    ("ipc-cli", ALL),
    ("ipc-testkit", &["ipc-sys"]),
    ("ipc-hostile", ALL),
    ("xtask", &["ipc-sys"]),
    ("benches", ALL),
    ("fuzz", ALL),
    ("models", &[]),
];

/// Crates that are not published and never part of a user's program.
const OURS_ALONE: &[&str] = &["ipc-testkit", "ipc-hostile", "xtask", "benches", "fuzz", "models"];

/// Checks the tree this program was built from.
pub(crate) fn run() -> Result<(), String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask is in a workspace");
    let tree = Tree::read(root).map_err(|error| format!("{}: {error}", root.display()))?;
    let complaints = check(&tree);
    for complaint in &complaints {
        println!("{complaint}");
    }
    match complaints.len() {
        0 => Ok(()),
        count => Err(format!("{count} complaints about {} files", tree.files.len())),
    }
}

fn check(tree: &Tree) -> Vec<String> {
    let mut complaints = Vec::new();
    for file in tree.files.iter().filter(|file| !file.is_generated()) {
        for rule in RULES {
            let mut found = Found::new();
            (rule.check)(tree, file, &mut found);
            complaints.extend(found.into_iter().map(|(line, what)| {
                format!("{}:{line}: {}: {what} ({})", file.path, rule.name, rule.written)
            }));
        }
    }
    complaints
}

/// Every dependency on a crate of ours goes down the layers.
fn arrows(_: &Tree, file: &File, found: &mut Found) {
    let Some(entries) = file.manifest() else { return };
    let name = file.krate();
    let Some((_, below)) = LAYERS.iter().find(|(krate, _)| *krate == name) else {
        found.push((1, format!("`{name}` is not in the layer table, LAYERS in xtask/src/tidy.rs")));
        return;
    };
    for entry in entries.iter().filter(|entry| entry.section.ends_with("dependencies")) {
        let on = entry.key.as_str();
        let ours = LAYERS.iter().any(|(krate, _)| *krate == on);
        let program = on == "ipc-cli" || OURS_ALONE.contains(&on);
        let down = below.contains(&on) || (*below == ALL && !program);
        // Tests may use their own crate with a feature on, and what they derive for.
        let for_tests = on == name || name == "ipc-derive" && matches!(on, "ipc-core" | "ipc-mem");
        let tool =
            matches!(on, "ipc-testkit" | "ipc-hostile") && (entry.is_dev() || file.is_ours_alone());
        let allowed = !ours || down || tool || entry.is_dev() && for_tests;
        if !allowed {
            found.push((entry.line, format!("`{name}` must not depend on `{on}`")));
        }
    }
}

/// Common settings are inherited from the root manifest, and a published crate has a README.
fn manifest(tree: &Tree, file: &File, found: &mut Found) {
    let Some(entries) = file.manifest() else { return };
    if ["fuzz", "models"].contains(&file.krate()) {
        return; // workspaces of their own
    }
    let says = |section: &str, key: &str, value: &str| {
        let mut all = entries.iter();
        all.any(|entry| (&*entry.section, &*entry.key, &*entry.value) == (section, key, value))
    };
    for key in ["version", "edition", "rust-version", "license"] {
        if !says("package", key, "workspace = true") {
            found.push((1, format!("needs `{key}.workspace = true`")));
        }
    }
    if !says("lints", "workspace", "true") {
        found.push((1, "needs `workspace = true` under `[lints]`".into()));
    }
    for entry in entries.iter().filter(|entry| entry.section.contains("dependencies")) {
        // Cargo drops a path without a version when it publishes, so two crates may test each other.
        let circle =
            entry.is_dev() && entry.value.contains("path =") && !entry.value.contains("version");
        let inherited =
            entry.value.contains("workspace = true") && entry.section.ends_with("dependencies");
        if !circle && !inherited {
            let what = format!("`{}` must be `workspace = true` on one line", entry.key);
            found.push((entry.line, what));
        }
    }
    if !says("package", "publish", "false") {
        let readme = format!("{}/README.md", file.krate());
        if !tree.files.iter().any(|file| file.path == readme) {
            found.push((1, format!("is published, so it needs a {readme}")));
        }
    }
}

/// C is called in files named `sys` only.
fn c_call(_: &Tree, file: &File, found: &mut Found) {
    let is_sys = file.path.ends_with("/sys.rs") || file.path.contains("/sys/");
    if !file.is_src() || is_sys || file.is_ours_alone() || file.krate() == "ipc-sys" {
        return;
    }
    for (line, code) in file.code() {
        for name in ["ipc_sys", "libc::"] {
            if source::has_word(code, name) {
                found.push((line, format!("`{name}` outside a file named sys")));
            }
        }
        let called = code.match_indices("c::").any(|(at, _)| {
            let whole = !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
            let name: String = code[at + 3..].chars().take_while(|&c| source::in_word(c)).collect();
            let lower = name.starts_with(|c: char| c.is_ascii_lowercase());
            whole && lower && code[at + 3 + name.len()..].starts_with('(')
        });
        if called {
            found.push((line, "a call of C outside a file named sys".into()));
        }
    }
}

/// `unsafe` stands in files that open it.
fn unsafe_code(_: &Tree, file: &File, found: &mut Found) {
    let code = file.all_code();
    if !file.is_rust() || file.writes_for_others() {
        return;
    }
    if code.contains("#![expect(unsafe_code, reason")
        || code.contains("#![expect(\n    unsafe_code")
    {
        return;
    }
    if let Some((line, _)) = file.code().find(|(_, code)| source::has_word(code, "unsafe")) {
        let open = "#![expect(unsafe_code, reason = \"…\")]";
        found.push((line, format!("the file does not open with `{open}`")));
    }
}

/// A call in a library that may panic has a comment `// PANIC: …` above the statement, which says
/// why it does not panic. A file whose functions may all panic because of their caller documents it
/// once, under `//! # Panics`.
fn panic(_: &Tree, file: &File, found: &mut Found) {
    if !file.is_src() || file.is_ours_alone() || file.text.contains("\n//! # Panics\n") {
        return;
    }
    let words = [".unwrap()", ".expect(", ".unwrap_err()", ".expect_err(", "unreachable!("];
    let lines: Vec<&str> = file.text.lines().collect();
    let code: Vec<&str> = file.code().map(|(_, code)| code.trim()).collect();
    for (line, text) in file.code().filter(|(line, _)| !file.is_test(*line)) {
        let Some(word) = words.iter().find(|word| text.contains(**word)) else { continue };
        let above = (0..line - 1).rev().take_while(|&i| {
            let ends = |c| code[i].ends_with(c);
            !(lines[i].trim().is_empty() || ends(';') || ends('{') || ends('}') || ends(','))
        });
        let mut statement = above.chain([line - 1]);
        if !statement.any(|i| lines[i].contains("// PANIC: ")) {
            found.push((line, format!("`{word}` without `// PANIC: why it cannot` above")));
        }
    }
}

fn macro_rules(_: &Tree, file: &File, found: &mut Found) {
    if file.is_src() && file.krate() != "ipc-sys" {
        each(file, "macro_rules!", "a macro by example: write a function", found);
    }
}

fn target_os(_: &Tree, file: &File, found: &mut Found) {
    if file.is_src() && !file.path.ends_with("src/lib.rs") {
        each(file, "target_os =", "choose whole files by system, in lib.rs", found);
    }
}

fn length(_: &Tree, file: &File, found: &mut Found) {
    let count = file.text.lines().count();
    if file.is_rust() && count > 500 {
        found.push((count, format!("{count} lines: at 500 it is two files")));
    }
}

/// Lints are disabled by `expect` with a reason, never by `allow`.
fn lint(_: &Tree, file: &File, found: &mut Found) {
    if !file.is_rust() || file.writes_for_others() {
        return;
    }
    for open in ["#[allow(", "#![allow("] {
        each(file, open, "say `expect`, with a reason", found);
    }
    let code = file.all_code();
    for open in ["#[expect(", "#![expect("] {
        for (at, _) in code.match_indices(open) {
            let attribute = code[at..].split(']').next().unwrap_or_default();
            if !attribute.contains("reason =") {
                let line = code[..at].matches('\n').count() + 1;
                found.push((line, "an expectation without a reason".into()));
            }
        }
    }
}

/// A test waits for events and does not sleep, unless it tests time itself: `// SLEEP: …` above says
/// so.
fn sleep(_: &Tree, file: &File, found: &mut Found) {
    if !file.is_rust() {
        return;
    }
    each(file, "thread::sleep", "wait for an event", found);
    let lines: Vec<&str> = file.text.lines().collect();
    let reason = |line: usize| {
        lines[line.saturating_sub(2)..line].iter().any(|line| line.contains("// SLEEP: "))
    };
    found.retain(|(line, _)| file.is_test(*line) && !reason(*line));
}

fn ignore(_: &Tree, file: &File, found: &mut Found) {
    if file.is_rust() {
        each(file, "#[ignore]", "a test ignored without a reason", found);
    }
}

fn unfinished(_: &Tree, file: &File, found: &mut Found) {
    let notes = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X")];
    if !file.path.ends_with(".md") {
        for (i, text) in file.text.lines().enumerate() {
            for note in notes.iter().filter(|note| source::has_word(text, note)) {
                found.push((i + 1, format!("{note}: finish it, or open an issue")));
            }
        }
    }
    if file.is_rust() {
        for stub in ["todo!", "unimplemented!"] {
            each(file, stub, "a stub", found);
        }
    }
}

/// No file contains a path that exists on one machine only.
fn machine(_: &Tree, file: &File, found: &mut Found) {
    for place in [concat!("/ro", "ot/"), concat!("/wo", "rk/"), concat!("/tmp/", "bash")] {
        for (i, _) in file.text.lines().enumerate().filter(|(_, text)| text.contains(place)) {
            found.push((i + 1, format!("`{place}` is a place on one machine")));
        }
    }
}

/// The code of a README is compiled by the documentation tests of its crate; that of the root by
/// those of `ipc`.
fn readme(tree: &Tree, file: &File, found: &mut Found) {
    let (lib, path) = match file.path.strip_suffix("README.md") {
        Some("") => (String::from("ipc/src/lib.rs"), "../../README.md"),
        Some(folder) => (format!("{folder}src/lib.rs"), "../README.md"),
        None => return,
    };
    let Some(line) = file.text.lines().position(|line| line.starts_with("```rust")) else { return };
    let includes = format!("include_str!(\"{path}\")");
    if tree.files.iter().any(|file| file.path == lib && !file.text.contains(&includes)) {
        found.push((line + 1, format!("code that `{lib}` does not include in its tests")));
    }
}

/// A test that TESTING.md names, such as `kill::a_name_of_several_words`, exists in a file or folder
/// of that name.
fn proof(tree: &Tree, file: &File, found: &mut Found) {
    if file.path != "TESTING.md" {
        return;
    }
    for (i, line) in file.text.lines().enumerate() {
        for test in line.split('`').skip(1).step_by(2) {
            let mut parts = test.rsplit("::").filter(|part| *part != "tests");
            let name = parts.next().unwrap_or_default();
            let is_test = test.chars().all(|c| source::in_word(c) || c == ':')
                && name.matches('_').count() >= 3;
            let (module, definition) = (parts.next(), format!("fn {name}("));
            let holds = |file: &File| {
                let is_there = module.is_none_or(|module| file.is_module(module));
                is_there && file.all_code().contains(&definition)
            };
            if is_test && !tree.files.iter().any(|file| file.is_rust() && holds(file)) {
                found.push((i + 1, format!("there is no test `{test}`")));
            }
        }
    }
}

fn each(file: &File, word: &str, what: &str, found: &mut Found) {
    let lines = file.code().filter(|(_, code)| code.contains(word));
    found.extend(lines.map(|(line, _)| (line, format!("`{word}`: {what}"))));
}
