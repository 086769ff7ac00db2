//! Each rule on small trees: it finds violations, and nothing else.

use super::source::{File, Tree};
use super::{RULES, check};

const MANIFEST: &str = "[package]\nversion.workspace = true\nedition.workspace = true\n\
    rust-version.workspace = true\nlicense.workspace = true\n[lints]\nworkspace = true\n";

/// The complaints about a tree, shortened to `line: rule`.
fn complaints(files: &[(&str, &str)]) -> Vec<String> {
    let files = files.iter().map(|(path, text)| File::new(path, text)).collect();
    let short = |line: String| {
        let parts: Vec<&str> = line.splitn(4, ':').collect();
        format!("{}:{}", parts[1], parts[2])
    };
    check(&Tree { files }).into_iter().map(short).collect()
}

#[track_caller]
fn untidy(path: &str, text: &str, expected: &[&str]) {
    assert_eq!(complaints(&[(path, text)]), expected, "{path}:\n{text}");
}

#[track_caller]
fn tidy(path: &str, text: &str) {
    untidy(path, text, &[]);
}

fn manifest(krate: &str, more: &str) -> Vec<String> {
    let (path, readme) = (format!("{krate}/Cargo.toml"), format!("{krate}/README.md"));
    complaints(&[(&path, &format!("{MANIFEST}{more}")), (&readme, "")])
}

#[test]
fn dependencies_go_down_and_never_between_siblings() {
    let on = |krate: &str| format!("[dependencies]\n{krate}.workspace = true\n");
    let dev = |krate: &str| format!("[dev-dependencies]\n{krate} = {{ workspace = true }}\n");
    for (krate, below) in [
        ("ipc-core", "ipc-sys"),
        ("ipc-shm", "ipc-core"),
        ("ipc-shmarray", "ipc-sync"),
        ("ipc", "ipc-queue"),
        ("ipc-cli", "ipc-shmarray"),
        ("ipc-shm", "serde"),
        ("benches", "ipc-testkit"),
    ] {
        assert!(manifest(krate, &on(below)).is_empty(), "{krate} on {below}");
    }
    for (krate, above) in [
        ("ipc-core", "ipc-shm"),
        ("ipc-shm", "ipc-sync"),
        ("ipc-sync", "ipc-sync"),
        ("ipc-shmarray", "ipc-signal"),
        ("ipc", "ipc-cli"),
        ("ipc-shm", "ipc-testkit"),
        ("ipc-cli", "ipc-testkit"),
        ("ipc-testkit", "ipc-core"),
    ] {
        assert_eq!(manifest(krate, &on(above)), ["9: arrows"], "{krate} on {above}");
    }
    assert!(manifest("ipc-shm", &dev("ipc-testkit")).is_empty());
    assert_eq!(manifest("ipc-shm", &dev("ipc-sync")), ["9: arrows"]);
    let path =
        |krate: &str| format!("[dev-dependencies]\n{krate} = {{ path = \".\" }} # no version\n");
    assert!(manifest("ipc-signal", &path("ipc-signal")).is_empty());
    assert!(manifest("ipc-derive", &path("ipc-core")).is_empty());
    assert_eq!(manifest("ipc-core", &path("ipc-shm")), ["9: arrows"]);
    let linux = on("ipc-shm").replace("[", "[target.'cfg(unix)'.");
    assert_eq!(manifest("ipc-core", &linux), ["9: arrows"]);
    assert_eq!(manifest("ipc-new", ""), ["1: arrows"]);
}

#[test]
fn a_manifest_inherits_what_all_share_and_a_published_crate_has_a_readme() {
    assert!(manifest("ipc-core", "").is_empty());
    for line in MANIFEST.lines().filter(|line| line.contains("workspace")) {
        let others = MANIFEST.lines().filter(|other| *other != line);
        let text: String = others.flat_map(|line| [line, "\n"]).collect();
        let files = [("ipc-core/Cargo.toml", &*text), ("ipc-core/README.md", "")];
        assert_eq!(complaints(&files), ["1: manifest"], "without {line}");
    }
    for dependency in ["[dependencies]\nlibc = \"0.2\"", "[dependencies.libc]\nworkspace = true"] {
        assert_eq!(manifest("ipc-core", dependency), ["9: manifest"], "{dependency}");
    }
    let circle = "[dev-dependencies]\nipc-core = { path = \".\", version = \"1\" }";
    assert_eq!(manifest("ipc-core", circle), ["9: manifest"]);
    untidy("ipc-core/Cargo.toml", MANIFEST, &["1: manifest"]);
    let private = MANIFEST.replace("[lints]", "publish = false\n[lints]");
    tidy("xtask/Cargo.toml", &private);
}

#[test]
fn c_is_called_in_sys_files_only() {
    for call in ["use ipc_sys as c;", "let x = libc::fork();", "c::shm_open(name)", "(c::x())"] {
        untidy("ipc-shm/src/mapping.rs", call, &["1: c-call"]);
        for path in ["ipc-shm/src/sys.rs", "ipc-shm/src/sys/linux.rs", "ipc-sys/src/lib.rs"] {
            tidy(path, call);
        }
        tidy("ipc-shm/tests/mapping.rs", call);
        tidy("ipc-testkit/src/child.rs", call);
    }
    for other in [
        "c::EAGAIN",
        "abc::open()",
        "my_libc::x()",
        "|libc: Self| libc.version",
        "// libc::fork()",
        "\"ipc_sys\"",
    ] {
        tidy("ipc-shm/src/mapping.rs", other);
    }
}

#[test]
fn unsafe_stands_in_files_that_open_it() {
    let code = "fn f() {\n    unsafe { g() }\n}\n";
    let opened = format!("#![expect(unsafe_code, reason = \"it calls C\")]\n{code}");
    for path in ["ipc-shm/src/mapping.rs", "ipc-testkit/src/sys.rs", "ipc-shm/tests/a.rs"] {
        untidy(path, code, &["2: unsafe"]);
        tidy(path, &opened);
    }
    tidy("ipc-shm/src/mapping.rs", "// unsafe\nlet not_unsafe = \"unsafe\";");
    tidy("ipc-derive/src/lib.rs", "quote! { unsafe impl Plain for #name {} }");
}

#[test]
fn a_library_that_may_panic_says_why_it_does_not() {
    for call in [".unwrap()", ".expect(\"x\")", ".unwrap_err()", "; unreachable!(\"x\")"] {
        let bare = format!("fn f() {{\n    g(){call};\n}}\n");
        untidy("ipc-shm/src/mapping.rs", &bare, &["2: panic"]);
        tidy("ipc-testkit/src/child.rs", &bare);
        tidy("ipc-shm/tests/mapping.rs", &bare);
        tidy("ipc-shm/src/m.rs", &format!("#[cfg(test)]\nmod tests {{\n{bare}}}\n"));
        tidy("ipc-shm/src/m.rs", &bare.replace("    g", "    // PANIC: it is 7.\n    g"));
        tidy("ipc-shm/src/m.rs", &bare.replace("g()", "h() // PANIC: it is 7.\n.g()"));
    }
    let other = "// PANIC: of this one.\na.unwrap();\nb.unwrap();\n";
    untidy("ipc-shm/src/m.rs", other, &["3: panic"]);
    untidy("ipc-shm/src/m.rs", "// PANIC: far away.\n\na.unwrap();\n", &["3: panic"]);
    tidy("ipc-shm/src/m.rs", "//! Sums.\n//! # Panics\n//! If too large.\na.unwrap();\n");
    tidy("ipc-shm/src/m.rs", "/// x.unwrap()\nx.unwrap_or(1);");
}

#[test]
fn macros_by_example_and_choices_of_system_have_their_places() {
    let (example, choice) = ("macro_rules! m { () => {} }", "#[cfg(target_os = \"linux\")]");
    untidy("ipc-shm/src/lib.rs", example, &["1: macro"]);
    tidy("ipc-sys/src/shim.rs", example);
    tidy("ipc-shm/tests/m.rs", example);
    untidy("ipc-shm/src/sys.rs", choice, &["1: target"]);
    tidy("ipc-shm/src/lib.rs", choice);
}

#[test]
fn a_file_has_at_most_500_lines() {
    tidy("ipc-shm/src/m.rs", &"//\n".repeat(500));
    untidy("ipc-shm/tests/m.rs", &"//\n".repeat(501), &["501: length"]);
    tidy("ipc-sys/src/bindings/x86_64.rs", &"//\n".repeat(501));
    tidy("README.md", &"\n".repeat(501));
}

#[test]
fn a_lint_is_expected_with_a_reason_and_not_allowed() {
    untidy("ipc-shm/src/m.rs", "#[allow(dead_code)]", &["1: lint"]);
    untidy("ipc-shm/src/m.rs", "\n#![allow(dead_code)]", &["2: lint"]);
    untidy("ipc-shm/src/m.rs", "\n#[expect(dead_code)]", &["2: lint"]);
    tidy("ipc-derive/src/m.rs", "quote! { #[allow(deprecated)] }");
    tidy("ipc-shm/src/m.rs", "#[expect(dead_code, reason = \"[it] waits\")]");
}

#[test]
fn a_test_does_not_sleep_and_is_not_ignored_without_a_reason() {
    let sleep = "fn t() {\n    thread::sleep(SECOND);\n}";
    untidy("ipc-shm/tests/m.rs", sleep, &["2: sleep"]);
    untidy("ipc-shm/src/m.rs", &format!("#[cfg(test)]\nmod tests {{\n{sleep}}}"), &["4: sleep"]);
    tidy(
        "ipc-shm/tests/m.rs",
        &sleep.replace("    ", "    // SLEEP: it is time that is tested.\n"),
    );
    tidy("ipc-shm/tests/m.rs", "clock.sleep(0)");
    tidy("ipc-shm/examples/m.rs", sleep);
    tidy("ipc-shm/src/m.rs", sleep);
    untidy("ipc-shm/tests/m.rs", "#[test]\n#[ignore]\n", &["2: ignore"]);
    tidy("ipc-shm/tests/m.rs", "#[ignore = \"wants a terminal\"]");
}

#[test]
fn no_file_contains_notes_or_stubs() {
    for note in [concat!("// TO", "DO: x"), concat!("# FIX", "ME"), concat!("XX", "X")] {
        untidy("ipc-shm/src/m.rs", note, &["1: unfinished"]);
        untidy(".ci/run", note, &["1: unfinished"]);
    }
    tidy("ipc-shm/src/m.rs", "// a name that ends in XXXXXX");
    untidy("ipc-shm/src/m.rs", "todo!()", &["1: unfinished"]);
    untidy("ipc-shm/tests/m.rs", "\nunimplemented!()", &["2: unfinished"]);
}

#[test]
fn no_file_names_a_place_on_one_machine() {
    untidy("README.md", concat!("see /ro", "ot/x"), &["1: machine"]);
    untidy("ipc-shm/src/m.rs", concat!("\n// /wo", "rk/x"), &["2: machine"]);
    tidy("README.md", "/home, /dev/shm and /tmp are on all");
}

#[test]
fn prose_keeps_to_the_vocabulary() {
    for sign in [concat!("no", "body"), concat!("vou", "ches"), concat!("gives ", "back")] {
        untidy("README.md", &format!("It {sign} holds."), &["1: words"]);
        untidy("ipc-shm/src/m.rs", &format!("/// A lock.\n/// It {sign}."), &["2: words"]);
        tidy("README.md", &format!("The user id of `{sign}`.\n```\n{sign}\n```"));
        tidy("ipc-shm/src/m.rs", &format!("let user = \"{sign}\";"));
        tidy("CONTRIBUTING.md", sign);
    }
    for start in ["Whose it is.", "Whether it is free.", "As [`open`].", "Who waits."] {
        untidy("ipc-shm/src/m.rs", &format!("x();\n/// {start}"), &["2: words"]);
        tidy("ipc-shm/src/m.rs", &format!("/// A lock.\n///\n/// {start}"));
    }
}

#[test]
fn comments_and_literals_are_not_code() {
    for text in [
        "/* a /* todo! */ todo! */",
        "\"todo! \\\" todo!\"",
        "r#\"todo!\" todo!\"#",
        "br\"todo!\\\"",
        "'\"'; \"todo!\"",
        "'\\''; \"todo!\"",
        "fn f<'a>(x: &'a str) { \"todo!\" }",
    ] {
        tidy("ipc-shm/src/m.rs", text);
        untidy("ipc-shm/src/m.rs", &format!("{text}\ntodo!()"), &["2: unfinished"]);
    }
    untidy("ipc-shm/src/m.rs", "r#type; todo!()", &["1: unfinished"]);
}

#[test]
fn the_code_of_a_readme_is_tested_with_its_crate() {
    let code = "# A\n```rust,no_run\nfn main() {}\n```";
    for (readme, lib, path) in [
        ("README.md", "ipc/src/lib.rs", "../../README.md"),
        ("ipc-shm/README.md", "ipc-shm/src/lib.rs", "../README.md"),
    ] {
        let included = format!("#![doc = include_str!(\"{path}\")]");
        assert_eq!(complaints(&[(readme, code), (lib, "mod a;")]), ["2: readme"], "{readme}");
        assert!(complaints(&[(readme, code), (lib, &included)]).is_empty(), "{readme}");
        assert!(complaints(&[(readme, "```sh\nls\n```"), (lib, "mod a;")]).is_empty(), "{readme}");
        assert!(complaints(&[(readme, code)]).is_empty(), "{readme}");
    }
}

#[test]
fn each_test_that_testing_names_exists() {
    let (page, code) = ("a row: `kill::a_name_of_words`", "#[test]\nfn a_name_of_words() {}");
    for (path, expected) in [
        ("ipc-shm/tests/kill.rs", &[][..]),
        ("ipc-shm/tests/all/kill/more.rs", &[]),
        ("ipc-shm/tests/live.rs", &["1: proof"]),
    ] {
        assert_eq!(complaints(&[("TESTING.md", page), (path, code)]), expected, "{path}");
    }
    untidy("TESTING.md", "\n`a_name_of_words`", &["2: proof"]);
    untidy("TESTING.md", "`a::tests::a_name_of_words`", &["1: proof"]);
    tidy("TESTING.md", "`cargo test`, `IPC_TEST_SEED`, a_name_of_words");
    tidy("README.md", page);
}

#[test]
fn rules_have_names_of_their_own() {
    let mut names: Vec<_> = RULES.iter().map(|rule| rule.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), RULES.len());
}
