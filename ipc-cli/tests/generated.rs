//! The completions and man pages in the tree agree with the command line.
//!
//! `cargo xtask completions` generates them: it runs this test with `IPC_WRITE_GENERATED` set.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{env, fs};

use clap_complete::Shell;
use clap_mangen::Man;

/// The generated files.
fn generated() -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    for (shell, file) in
        [(Shell::Bash, "ipc.bash"), (Shell::Zsh, "_ipc"), (Shell::Fish, "ipc.fish")]
    {
        let mut text = Vec::new();
        clap_complete::generate(shell, &mut ipc_cli::command(), "ipc", &mut text);
        files.insert(Path::new("completions").join(file), text);
    }
    let mut command = ipc_cli::command();
    command.build();
    let verbs =
        command.get_subcommands().filter(|verb| !verb.is_hide_set() && verb.get_name() != "help");
    let pages =
        verbs.map(|verb| (format!("ipc-{}.1", verb.get_name()), named(verb))).collect::<Vec<_>>();
    for (file, command) in pages.into_iter().chain([(String::from("ipc.1"), command)]) {
        let mut text = Vec::new();
        Man::new(command).render(&mut text).unwrap();
        files.insert(Path::new("man").join(file), text);
    }
    files
}

/// A verb under the name of its page.
fn named(verb: &clap::Command) -> clap::Command {
    let name: &'static str = Box::leak(format!("ipc-{}", verb.get_name()).into_boxed_str());
    verb.clone().name(name).display_name(name)
}

#[test]
fn no_option_that_help_hides_is_completed() {
    fn check(command: &clap::Command) {
        for option in command.get_arguments() {
            assert!(!option.is_hide_set(), "{}: {option}", command.get_name());
        }
        command.get_subcommands().for_each(check);
    }
    check(&ipc_cli::command());
}

#[test]
fn completions_and_man_pages_are_those_of_the_command_line() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let generated = generated();
    if env::var_os("IPC_WRITE_GENERATED").is_some() {
        for directory in ["completions", "man"] {
            let _ = fs::remove_dir_all(root.join(directory));
            fs::create_dir(root.join(directory)).unwrap();
        }
        generated.iter().for_each(|(file, text)| fs::write(root.join(file), text).unwrap());
    }
    for (file, text) in &generated {
        let found = fs::read(root.join(file)).unwrap_or_default();
        assert!(
            found == *text,
            "{} is not what the command line gives: `cargo xtask completions`",
            file.display()
        );
    }
    let known = |directory: &str| fs::read_dir(root.join(directory)).unwrap().count();
    assert_eq!(
        known("completions") + known("man"),
        generated.len(),
        "a file that no command line gives"
    );
}
