//! Prose is written in the vocabulary of `CONTRIBUTING.md`, Words.
//!
//! The rule knows only the commonest signs of other text. A sentence without them can still be bad.

use super::Found;
use super::source::{File, Tree, has_word};

/// Words and phrases, and the words to use instead.
const SIGNS: &[(&[&str], &str)] = &[
    (&["nobody"], "no process, no thread, no user"),
    (&["somebody"], "another process, another thread, a user"),
    (&["everybody", "anybody"], "each process, any user"),
    (&["vouch", "vouches", "vouched"], "must ensure, guarantees that"),
    (&["mend", "mends", "mended", "anew"], "repair, retry, again"),
    (&["give back", "gives back", "gave back"], "release, return"),
    (&["a say in", "by way of", "in vain", "to be had"], "the plain word"),
    (&["for who", "by who", "to who", "of who", "from who", "than who", "if who"], NOUN),
    (&["that is none", "which is none"], "is not valid, does not exist"),
];

const NOUN: &str = "a process that, a caller that";

/// The beginnings of a summary without a subject.
const HEADLESS: &[&str] = &["Who ", "Whose ", "Whether ", "As [", "That there "];

/// The files that list the signs, and those that are older than the rule.
const EXCEPT: &[&str] = &["CONTRIBUTING.md"];

pub(super) fn words(_: &Tree, file: &File, found: &mut Found) {
    if EXCEPT.iter().any(|path| file.path.starts_with(path)) {
        return;
    }
    let mut fenced = false;
    let mut is_first = true;
    for (i, line) in file.text.lines().enumerate() {
        let line = line.trim_start();
        let is_doc = line.starts_with("/// ") || line.starts_with("//! ");
        let prose = match line.strip_prefix("//").filter(|_| file.is_rust()) {
            Some(text) => text.trim_start_matches(['/', '!']).trim(),
            None if file.path.ends_with(".md") => line,
            None => {
                (fenced, is_first) = (false, true);
                continue;
            }
        };
        if prose.starts_with("```") {
            fenced = !fenced;
        } else if !fenced {
            let plain = without_code(prose).to_lowercase();
            for (signs, better) in SIGNS {
                if let Some(sign) = signs.iter().find(|sign| has_word(&plain, sign)) {
                    found.push((i + 1, format!("`{sign}`: write {better}")));
                }
            }
            let headless = HEADLESS.iter().find(|start| prose.starts_with(**start));
            if let Some(start) = headless.filter(|_| is_doc && is_first) {
                found.push((i + 1, format!("a summary begins with `{start}`: name the object")));
            }
        }
        is_first = false;
    }
}

/// The text without its parts in backquotes.
fn without_code(text: &str) -> String {
    text.split('`').step_by(2).collect::<Vec<_>>().join("x")
}
