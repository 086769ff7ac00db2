//! The files of the project, as the rules see them.

use std::path::Path;
use std::{fs, io};

use super::OURS_ALONE;

/// All text files of the project.
pub(super) struct Tree {
    pub(super) files: Vec<File>,
}

pub(super) struct File {
    /// From the root of the project, with `/`.
    pub(super) path: String,
    pub(super) text: String,
    /// The text of a Rust file, with a blank for each byte of its comments and literals.
    code: String,
    /// The line of `mod tests`, which is the last thing in a file.
    tests_from: usize,
}

/// A line `key = value` of a manifest.
pub(super) struct Entry {
    pub(super) line: usize,
    pub(super) section: String,
    pub(super) key: String,
    pub(super) value: String,
}

impl Tree {
    pub(super) fn read(root: &Path) -> io::Result<Self> {
        let mut files = Vec::new();
        walk(root, "", &mut files)?;
        files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(Self { files })
    }
}

fn walk(root: &Path, dir: &str, files: &mut Vec<File>) -> io::Result<()> {
    for entry in fs::read_dir(root.join(dir))? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = if dir.is_empty() { name.clone() } else { format!("{dir}/{name}") };
        if name == ".git" {
            continue; // a directory, or in a second worktree a file
        }
        if entry.file_type()?.is_dir() {
            if name != "target" {
                walk(root, &path, files)?;
            }
        } else if let Ok(text) = fs::read_to_string(entry.path()) {
            files.push(File::new(&path, &text)); // files that are not text have no rules
        }
    }
    Ok(())
}

impl File {
    pub(super) fn new(path: &str, text: &str) -> Self {
        let code = if path.ends_with(".rs") { blank(text) } else { text.to_owned() };
        let mut previous = "";
        let tests = code.lines().position(|line| {
            let found = previous.trim() == "#[cfg(test)]" && line.trim() == "mod tests {";
            previous = line;
            found
        });
        let tests_from = tests.map_or(usize::MAX, |i| i + 1);
        Self { path: path.to_owned(), text: text.to_owned(), code, tests_from }
    }

    pub(super) fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    /// The top folder, which has the name of its crate.
    pub(super) fn krate(&self) -> &str {
        self.path.split('/').next().unwrap_or_default()
    }

    /// Returns `true` for a source file of a crate's library or program.
    pub(super) fn is_src(&self) -> bool {
        self.is_rust() && self.path.split('/').nth(1) == Some("src")
    }

    pub(super) fn is_generated(&self) -> bool {
        let places = ["ipc-sys/src/bindings/", "ipc-sys/tests/layout/", "Cargo.lock"];
        places.iter().any(|place| self.path.starts_with(place))
    }

    /// Returns `true` for the file of a module, or one in its folder.
    pub(super) fn is_module(&self, name: &str) -> bool {
        let path = self.path.strip_suffix(".rs").unwrap_or(&self.path);
        path.split('/').any(|part| part == name)
    }

    /// Returns `true` if attributes and `unsafe` in the file are quoted code, written by the derives.
    pub(super) fn writes_for_others(&self) -> bool {
        self.krate() == "ipc-derive" && self.is_src()
    }

    pub(super) fn is_ours_alone(&self) -> bool {
        OURS_ALONE.contains(&self.krate())
    }

    /// Returns `true` if the line, from 1, belongs to a test.
    pub(super) fn is_test(&self, line: usize) -> bool {
        let folder = self.path.split('/').nth(1);
        folder == Some("tests") || self.path.ends_with("/tests.rs") || line >= self.tests_from
    }

    /// The lines, from 1, without comments and literals.
    pub(super) fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        self.code.lines().enumerate().map(|(i, line)| (i + 1, line))
    }

    pub(super) fn all_code(&self) -> &str {
        &self.code
    }

    /// The entries of the manifest of a crate; `None` for any other file.
    pub(super) fn manifest(&self) -> Option<Vec<Entry>> {
        let folder = self.path.strip_suffix("/Cargo.toml")?;
        if folder.contains('/') {
            return None;
        }
        let mut section = String::new();
        let mut entries = Vec::new();
        for (i, line) in self.text.lines().enumerate() {
            let line = line.split(" #").next().unwrap_or_default().trim();
            if let Some(name) = line.strip_prefix('[') {
                section = name.trim_matches(['[', ']']).to_owned();
            } else if let Some((key, value)) = line.split_once(" = ") {
                let (key, value) = match key.split_once('.') {
                    Some((key, rest)) => (key, format!("{rest} = {value}")),
                    None => (key, value.to_owned()),
                };
                let key = key.to_owned();
                entries.push(Entry { line: i + 1, section: section.clone(), key, value });
            }
        }
        Some(entries)
    }
}

impl Entry {
    /// Returns `true` for a dependency of tests, examples and benches only.
    pub(super) fn is_dev(&self) -> bool {
        self.section.ends_with("dev-dependencies")
    }
}

pub(super) fn in_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Returns `true` if the text contains the word by itself, and not only inside another.
pub(super) fn has_word(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, _)| {
        let (before, after) = (&text[..at], &text[at + word.len()..]);
        !(before.ends_with(in_word) || word.ends_with(in_word) && after.starts_with(in_word))
    })
}

/// Replaces each byte of comments and literals by a blank, except line breaks.
fn blank(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let inside_word = code.ends_with(in_word);
        let (kept, blanked) = if rest.starts_with("//") {
            (0, rest.find('\n').unwrap_or(rest.len()))
        } else if rest.starts_with("/*") {
            (0, comment(rest))
        } else if let Some(length) = raw_string(rest).filter(|_| !inside_word) {
            (0, length)
        } else if first == '"' {
            (0, quoted(rest, '"'))
        } else if first == '\'' && is_char(rest) {
            (0, quoted(rest, '\''))
        } else {
            (first.len_utf8(), 0)
        };
        code.push_str(&rest[..kept]);
        for byte in rest[kept..kept + blanked].bytes() {
            code.push(if byte == b'\n' { '\n' } else { ' ' });
        }
        rest = &rest[kept + blanked..];
    }
    code
}

/// The length of a comment, which may contain others.
fn comment(text: &str) -> usize {
    let mut depth = 0;
    let mut at = 0;
    while at < text.len() {
        let step = match text.as_bytes()[at..] {
            [b'/', b'*', ..] => {
                depth += 1;
                2
            }
            [b'*', b'/', ..] => {
                depth -= 1;
                2
            }
            _ => 1,
        };
        at += step;
        if depth == 0 {
            break;
        }
    }
    at
}

/// The length of `r"…"`, `r#"…"#` and the like, with a `b` or `c` before.
fn raw_string(text: &str) -> Option<usize> {
    let after = text.strip_prefix(['b', 'c']).unwrap_or(text).strip_prefix('r')?;
    let body = after.trim_start_matches('#');
    let end = format!("\"{}", &after[..after.len() - body.len()]);
    let inside = body.strip_prefix('"')?;
    let length = inside.find(&end).map_or(inside.len(), |at| at + end.len());
    Some(text.len() - inside.len() + length)
}

/// The length of a literal up to its closing quote.
fn quoted(text: &str, quote: char) -> usize {
    let mut escaped = false;
    let end = text.char_indices().skip(1).find(|&(_, c)| {
        let closes = c == quote && !escaped;
        escaped = c == '\\' && !escaped;
        closes
    });
    end.map_or(text.len(), |(at, _)| at + 1)
}

/// Returns `true` if a `'` opens a character and not a lifetime.
fn is_char(text: &str) -> bool {
    let mut chars = text.chars().skip(1);
    matches!((chars.next(), chars.next()), (Some('\\'), _) | (_, Some('\'')))
}
