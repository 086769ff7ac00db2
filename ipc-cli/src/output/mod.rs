//! The output of the program.

mod picture;
mod table;
mod text;

use std::borrow::Cow;
use std::io::{self, ErrorKind, IsTerminal, Write};

use serde::Serialize;

use crate::failure::Failure;

pub(crate) use self::picture::{histogram, shades};
pub(crate) use self::table::{Align, Column, Style, Table};
pub(crate) use self::text::{age, count, harmless, size};

/// Writes to standard output; a reader that has seen enough is content.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(why) if why.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::new("standard output", why))
        }
        _ => Ok(()),
    }
}

/// Writes a sentence to standard error.
pub(crate) fn note(text: &str) {
    // If this fails, no one reads the note, and the work goes on.
    let _ = writeln!(io::stderr(), "ipc: {}", harmless(text));
}

/// Writes a value as JSON.
pub(crate) fn json(value: &impl Serialize) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(value).map_err(|why| Failure::new("JSON", why))?;
    print(&(text + "\n"))
}

/// Breaks the text between words into lines that fit the terminal. The first line is printed behind
/// `indent` characters; the other lines begin with `indent` spaces.
pub(crate) fn wrapped(text: &str, indent: usize) -> String {
    match width() {
        None => text.to_owned(),
        Some(width) => {
            let between = format!("\n{:indent$}", "");
            lines(text, width.saturating_sub(indent)).join(&between)
        }
    }
}

/// A text in lines of at most that many characters, broken at spaces only: what has none, such as
/// a path, stays in one piece.
fn lines(text: &str, width: usize) -> Vec<Cow<'_, str>> {
    let options = textwrap::Options::new(width)
        .break_words(false)
        .word_separator(textwrap::WordSeparator::AsciiSpace)
        .word_splitter(textwrap::WordSplitter::NoHyphenation);
    textwrap::wrap(text, options)
}

/// The number of rows of the terminal; `None` if standard output is not one.
pub(crate) fn height() -> Option<usize> {
    let rows = console::Term::stdout().size_checked().map(|(rows, _)| rows.into());
    io::stdout().is_terminal().then_some(rows).flatten()
}

/// The number of columns of the terminal; `None` if standard output is not one.
pub(crate) fn width() -> Option<usize> {
    let terminal = console::Term::stdout();
    let forced = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let columns = terminal.size_checked().map(|(_, columns)| columns.into()).or(forced);
    io::stdout().is_terminal().then_some(columns).flatten()
}
