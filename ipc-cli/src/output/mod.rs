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
pub(crate) use self::text::{
    age, count, harmless, mode, push_age, push_mode, push_number, push_size, size,
};

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

/// Breaks the text between words into lines that fit the terminal, but are not too long to read.
/// The first line is printed behind `indent` characters; the other lines begin with `indent` spaces.
pub(crate) fn wrapped(text: &str, indent: usize) -> String {
    const READABLE: usize = 100;

    match width() {
        None => text.to_owned(),
        Some(width) => {
            let between = format!("\n{:indent$}", "");
            lines(text, width.min(READABLE).saturating_sub(indent)).join(&between)
        }
    }
}

/// A text in lines of at most that many characters, broken at spaces only: what has none, such as
/// a path, stays in one piece, and so does a command in backquotes, which users copy.
fn lines(text: &str, width: usize) -> Vec<String> {
    const NO_BREAK: &str = "\u{a0}";

    let options = textwrap::Options::new(width)
        .break_words(false)
        .word_separator(textwrap::WordSeparator::AsciiSpace)
        .word_splitter(textwrap::WordSplitter::NoHyphenation);
    let parts = text.split('`').enumerate().map(|(number, part)| match number % 2 {
        0 => Cow::Borrowed(part),
        _ => Cow::Owned(part.replace(' ', NO_BREAK)),
    });
    let text = parts.collect::<Vec<_>>().join("`");
    textwrap::wrap(&text, options).iter().map(|line| line.replace(NO_BREAK, " ")).collect()
}

/// Lines of a label and a text.
pub(crate) fn labelled(lines: impl IntoIterator<Item = (String, String)>) -> String {
    /// Where the texts begin.
    const INDENT: usize = 24;

    let line = |(label, text): (String, String)| {
        let label = format!("{label:>width$}:", width = INDENT - 2);
        format!("{} {}\n", Style::Dim.paint(&label), wrapped(&harmless(text), INDENT))
    };
    lines.into_iter().map(line).collect()
}

/// Returns `true` if people read the output as it is.
pub(crate) fn is_terminal() -> bool {
    io::stdout().is_terminal()
}

/// The number of rows of the terminal; `None` if standard output is not one.
pub(crate) fn height() -> Option<usize> {
    let rows = console::Term::stdout().size_checked().map(|(rows, _)| rows.into());
    is_terminal().then_some(rows).flatten()
}

/// The number of columns of the terminal; `None` if standard output is not one.
pub(crate) fn width() -> Option<usize> {
    let terminal = console::Term::stdout();
    let forced = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let columns = terminal.size_checked().map(|(_, columns)| columns.into()).or(forced);
    is_terminal().then_some(columns).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_in_backquotes_stays_on_one_line() {
        let text = "a short text: `one two three` and more";
        assert_eq!(lines(text, 16), ["a short text:", "`one two three`", "and more"]);
        assert_eq!(lines("it is `longer than that`", 10), ["it is", "`longer than that`"]);
        assert_eq!(lines("an open ` is text", 9), ["an open", "` is text"]);
    }
}
