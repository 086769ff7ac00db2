//! Inputs kept from earlier fuzzing.

use std::fs;
use std::path::Path;

/// Returns all inputs that are kept for a fuzz target, each with its file name, sorted by file
/// name.
///
/// # Panics
///
/// If the corpus is empty.
#[must_use]
pub fn corpus(target: &str) -> Vec<(String, Vec<u8>)> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus").join(target);
    let read = |entry: fs::DirEntry| {
        let bytes = fs::read(entry.path()).expect("a file of the corpus");
        (entry.file_name().display().to_string(), bytes)
    };
    let entries = fs::read_dir(&dir).unwrap_or_else(|error| panic!("{}: {error}", dir.display()));
    let mut inputs: Vec<_> =
        entries.map(|entry| read(entry.expect("the files of the corpus"))).collect();
    assert!(!inputs.is_empty(), "{}: nothing there", dir.display());
    inputs.sort();
    inputs
}
