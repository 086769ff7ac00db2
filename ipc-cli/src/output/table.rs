//! Tables that fit the terminal.

use std::borrow::Cow;

use unicode_width::UnicodeWidthStr;

use super::text::made_harmless;
use super::width;

/// How a column is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Align {
    Left,
    Right,
}

/// A column: its title, and what happens to it where there is not enough room.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Column {
    pub(crate) title: &'static str,
    pub(crate) align: Align,
    /// It may be cut to this many characters.
    pub(crate) least: Option<usize>,
    /// It is left out on a terminal of fewer characters.
    pub(crate) from: usize,
}

impl Column {
    /// A column that is always whole.
    pub(crate) const fn new(title: &'static str, align: Align) -> Self {
        Self { title, align, least: None, from: 0 }
    }

    /// The same, but it may be cut to this many characters.
    pub(crate) const fn cut(self, least: usize) -> Self {
        Self { least: Some(least), ..self }
    }

    /// The same, on terminals of at least this many characters.
    pub(crate) const fn from(self, from: usize) -> Self {
        Self { from, ..self }
    }
}

/// The colour of a cell, which the terminal's own palette defines: it is readable on light and on
/// dark.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Style {
    #[default]
    Plain,
    Good,
    Warning,
    Bad,
    Dim,
}

impl Style {
    /// The text in this style, if colours are welcome.
    pub(crate) fn paint(self, text: &str) -> Cow<'_, str> {
        let code = match self {
            Self::Good => "32",
            Self::Warning => "33",
            Self::Bad => "31",
            Self::Dim => "2",
            Self::Plain => return Cow::Borrowed(text),
        };
        if console::colors_enabled() {
            Cow::Owned(format!("\x1b[{code}m{text}\x1b[0m"))
        } else {
            Cow::Borrowed(text)
        }
    }
}

/// Rows under titles.
#[derive(Debug)]
pub(crate) struct Table {
    columns: Vec<Column>,
    rows: Vec<Vec<(String, Style)>>,
    /// The room there is; `None` for as much as it takes.
    room: Option<usize>,
}

impl Table {
    /// A table as wide as the terminal; without one, or with `wide`, as wide as it takes.
    pub(crate) fn new(columns: &[Column], wide: bool) -> Self {
        Self { columns: columns.to_vec(), rows: Vec::new(), room: width().filter(|_| !wide) }
    }

    /// Adds a row, a cell for each column. Its text is made harmless.
    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = (String, Style)>) {
        self.rows
            .push(cells.into_iter().map(|(text, style)| (made_harmless(text), style)).collect());
    }

    /// The table as text.
    pub(crate) fn text(&self) -> String {
        const GAP: usize = 2;

        let room = self.room.unwrap_or(usize::MAX);
        let shown: Vec<_> =
            (0..self.columns.len()).filter(|at| self.columns[*at].from <= room).collect();
        let cells = |at: usize| self.rows.iter().map(move |row| width_of(&row[at].0));
        let mut widths: Vec<_> = shown
            .iter()
            .map(|at| cells(*at).max().unwrap_or(0).max(self.columns[*at].title.width()))
            .collect();
        let total =
            |widths: &[usize]| widths.iter().sum::<usize>() + GAP * widths.len().saturating_sub(1);
        while total(&widths) > room {
            // The widest gives way first.
            let least = |place: usize| self.columns[shown[place]].least;
            let may = (0..widths.len())
                .filter(|place| least(*place).is_some_and(|least| widths[*place] > least));
            let Some(widest) = may.max_by_key(|place| widths[*place]) else { break };
            widths[widest] -= 1;
        }
        let titles =
            self.columns.iter().map(|column| (column.title.to_owned(), Style::Dim)).collect();
        let mut text = String::new();
        for row in [&titles].into_iter().chain(&self.rows) {
            let mut line = String::new();
            for (place, at) in shown.iter().enumerate() {
                let (cell, style) = &row[*at];
                let cell = cut(cell, widths[place]);
                let fill = widths[place].saturating_sub(width_of(&cell));
                let last = place + 1 == shown.len();
                let (before, after) = match self.columns[*at].align {
                    Align::Right => (fill, 0),
                    Align::Left => (0, if last { 0 } else { fill }),
                };
                line.extend(std::iter::repeat_n(' ', before));
                line += &style.paint(&cell);
                line.extend(std::iter::repeat_n(' ', after));
                if !last {
                    line += &" ".repeat(GAP);
                }
            }
            text += line.trim_end();
            text.push('\n');
        }
        text
    }
}

/// The number of columns of a text.
fn width_of(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.width() }
}

/// The beginning of a text that is too long.
fn cut(text: &str, width: usize) -> Cow<'_, str> {
    if width_of(text) <= width {
        return Cow::Borrowed(text);
    }
    let mut short = String::new();
    for c in text.chars() {
        let longer = format!("{short}{c}");
        if longer.width() >= width {
            break;
        }
        short = longer;
    }
    Cow::Owned(short + "…")
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: [Column; 3] = [
        Column::new("NAME", Align::Left).cut(6),
        Column::new("SIZE", Align::Right).from(12),
        Column::new("CONTENT", Align::Left).cut(4),
    ];

    fn table(room: Option<usize>) -> String {
        let mut table = Table { columns: COLUMNS.to_vec(), rows: Vec::new(), room };
        for [name, size, content] in
            [["/图图", "7B", "array f32"], ["/a-long-name", "640K", "x\u{1b}"]]
        {
            table.row([name, size, content].map(|cell| (cell.to_owned(), Style::Plain)));
        }
        table.text()
    }

    #[test]
    fn columns_are_aligned_by_what_is_seen() {
        let wanted = "NAME          SIZE  CONTENT\n/图图           7B  array f32\n/a-long-name  640K  x\\u{1b}\n";
        assert_eq!(table(None), wanted);
    }

    #[test]
    fn a_table_is_no_wider_than_the_terminal_if_that_is_possible() {
        for room in 12..40 {
            let text = table(Some(room));
            let widest = text.lines().map(UnicodeWidthStr::width).max().unwrap();
            assert!(widest <= room.max(18), "{room}:\n{text}");
        }
        assert!(!table(Some(11)).contains("SIZE"));
        assert!(table(Some(24)).contains('…'));
    }
}
