//! Detection of objects that a test left behind.

use std::collections::BTreeSet;
use std::{env, fs, process};

use crate::fixture::{ANY_PREFIX, prefix};
use crate::role::ARGS;

/// A snapshot of the objects that exist when a test begins, to compare with the objects at its end.
#[derive(Debug)]
#[must_use = "`finish` compares"]
pub struct LeakCheck {
    scope: Scope,
    before: BTreeSet<String>,
}

/// The objects that are compared.
#[derive(Debug)]
enum Scope {
    /// Names, System V objects, descriptors and shared mappings.
    All,
    /// Descriptors and shared mappings.
    OfThisProcess,
    /// Names with this prefix.
    Names(String),
}

impl LeakCheck {
    /// Records `/dev/shm`, message queues (where they are mounted), System V tables, and the
    /// descriptors and shared mappings of this process.
    ///
    /// Use it in a role, which is alone in its process. Names that other processes made for their
    /// tests are left out, unless they are arguments of the role.
    pub fn start() -> Self {
        Self::with(Scope::All)
    }

    /// Records only the descriptors and shared mappings of this process. Use it in a role, which is
    /// alone in its process. Other processes do not affect it.
    pub fn of_this_process() -> Self {
        Self::with(Scope::OfThisProcess)
    }

    /// Records only names that begin with `prefix` (such as a [`Fixture`](crate::Fixture)), in
    /// `/dev/shm` and among message queues. Other tests do not affect it.
    pub fn of(prefix: &str) -> Self {
        Self::with(Scope::Names(prefix.trim_start_matches('/').to_owned()))
    }

    fn with(scope: Scope) -> Self {
        Self { before: look(&scope), scope }
    }

    /// Compares the current objects with the snapshot.
    ///
    /// # Panics
    ///
    /// If any object was added or removed. The message lists the differences.
    pub fn finish(self) {
        let after = look(&self.scope);
        let list = |more: &BTreeSet<String>, less: &BTreeSet<String>| -> String {
            more.difference(less).map(|thing| format!("\n  {thing}")).collect()
        };
        let (leaked, lost) = (list(&after, &self.before), list(&self.before, &after));
        assert!(leaked.is_empty() && lost.is_empty(), "left behind:{leaked}\nmissing:{lost}");
    }
}

fn look(scope: &Scope) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    if !matches!(scope, Scope::OfThisProcess) {
        for dir in ["/dev/shm", "/dev/mqueue"] {
            for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
                let name = entry.file_name().to_string_lossy().into_owned();
                let named = name.strip_prefix("sem.").unwrap_or(&name);
                let is_compared = match scope {
                    Scope::Names(prefix) => named.starts_with(prefix),
                    _ => !is_of_another_test(named),
                };
                if is_compared {
                    found.insert(format!("{dir}/{name}"));
                }
            }
        }
    }
    if let Scope::All = scope {
        for table in ["shm", "sem", "msg"] {
            let text = fs::read_to_string(format!("/proc/sysvipc/{table}")).unwrap_or_default();
            // The key and the id come first; the rest changes with use.
            found.extend(text.lines().skip(1).map(|line| {
                let mut words = line.split_whitespace();
                format!("System V {table}: key {:?}, id {:?}", words.next(), words.next())
            }));
        }
    }
    if !matches!(scope, Scope::Names(_)) {
        found.extend(descriptors());
        found.extend(mappings());
    }
    found
}

/// Returns `true` if another process made this name for a test, and did not pass it to this role.
fn is_of_another_test(name: &str) -> bool {
    let passed = env::vars().filter(|(key, _)| key.starts_with(ARGS)).map(|(_, arg)| arg);
    let is_own = |of: &str| name.starts_with(of.trim_start_matches('/'));
    name.starts_with(ANY_PREFIX)
        && !is_own(&prefix(process::id()))
        && !passed.into_iter().any(|arg| is_own(&arg))
}

fn descriptors() -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc/self/fd").into_iter().flatten().flatten() {
        // The descriptor that reads the directory is closed when this loop ends.
        let Ok(target) = fs::read_link(entry.path()) else {
            continue;
        };
        if !target.ends_with("fd") || !target.starts_with("/proc") {
            let number = entry.file_name();
            found.push(format!("descriptor {}: {}", number.display(), target.display()));
        }
    }
    found
}

fn mappings() -> Vec<String> {
    let maps = fs::read_to_string("/proc/self/maps").unwrap_or_default();
    let shared = |line: &&str| line.split(' ').nth(1).is_some_and(|mode| mode.ends_with('s'));
    maps.lines().filter(shared).map(|line| format!("mapping {line}")).collect()
}
