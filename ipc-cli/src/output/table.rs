//! Tables that fit the terminal.

use std::borrow::Cow;

use unicode_width::UnicodeWidthStr;

use super::text::{is_harmful, is_plain, push_harmless};
use super::{lines, print, width};
use crate::failure::Failure;

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
    /// It may be narrowed to this many characters.
    pub(crate) least: Option<usize>,
    /// If it is narrowed, long texts take several lines; they are cut otherwise.
    pub(crate) wraps: bool,
    /// It is left out on a terminal of fewer characters.
    pub(crate) from: usize,
    /// It is left out if all columns are as narrow as they may be and there is still not enough
    /// room.
    pub(crate) may_go: bool,
}

impl Column {
    /// A column that is always whole.
    pub(crate) const fn new(title: &'static str, align: Align) -> Self {
        Self { title, align, least: None, wraps: false, from: 0, may_go: false }
    }

    /// The same, but it may be cut to this many characters.
    pub(crate) const fn cut(self, least: usize) -> Self {
        Self { least: Some(least), ..self }
    }

    /// The same, but long texts take several lines if there is not enough room.
    pub(crate) const fn wrap(self, least: usize) -> Self {
        Self { least: Some(least), wraps: true, ..self }
    }

    /// The same, on terminals of at least this many characters.
    pub(crate) const fn from(self, from: usize) -> Self {
        Self { from, ..self }
    }

    /// The same, but it is left out where the others need its room.
    pub(crate) const fn may_go(self) -> Self {
        Self { may_go: true, ..self }
    }
}

/// The look of a cell.
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
        // Bold, in colours of the fixed part of the palette that are readable on white and on black:
        // green and yellow of a terminal's own are too light on white, and bold makes them lighter.
        let code = match self {
            Self::Good => "1;38;5;64",
            Self::Warning => "1;38;5;166",
            Self::Bad => "1;38;5;196",
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

/// Rows under titles. A listing may have ten thousand: all texts are in one string.
#[derive(Debug)]
pub(crate) struct Table {
    columns: Vec<Column>,
    texts: String,
    /// The cells of each row, one row after the other; the first row are the titles.
    cells: Vec<Cell>,
    /// The width of the widest cell of each column.
    widest: Vec<usize>,
    /// The room there is; `None` for as much as it takes.
    room: Option<usize>,
}

#[derive(Clone, Copy, Debug)]
struct Cell {
    /// The number of bytes of its text, which follows that of the cell before.
    len: u32,
    /// `WIDE` if it is at least that.
    width: u16,
    style: Style,
}

/// A width that is computed from the text where it is needed: ten thousand rows have few of them.
const WIDE: u16 = u16::MAX;

/// The least length of a part of the text: the whole of it would need memory that is used once.
const PART: usize = 1 << 16;

impl Table {
    /// A table as wide as the terminal; without one, or with `wide`, as wide as it takes.
    pub(crate) fn new<const N: usize>(columns: &[Column; N], wide: bool) -> Self {
        let room = width().filter(|_| !wide);
        Self::in_room(columns, room)
    }

    fn in_room<const N: usize>(columns: &[Column; N], room: Option<usize>) -> Self {
        let (texts, cells, widest) = (String::new(), Vec::new(), vec![0; N]);
        let mut this = Self { columns: columns.to_vec(), texts, cells, widest, room };
        this.row(columns.each_ref().map(|column| (column.title.into(), Style::Dim)));
        this
    }

    /// Makes room for rows of the usual length.
    pub(crate) fn reserve(&mut self, rows: usize) {
        const USUAL: usize = 80;

        self.texts.reserve(rows * USUAL);
        self.cells.reserve(rows * self.columns.len());
    }

    /// Adds a row, a cell for each column. Its text is made harmless.
    pub(crate) fn row<const N: usize>(&mut self, cells: [(Cow<'_, str>, Style); N]) {
        debug_assert_eq!(N, self.columns.len(), "a cell for each column");
        for (text, style) in cells {
            self.cell(style, |to| to.push_str(&text));
        }
    }

    /// Adds a cell, whose text `write` appends. Each row has a cell for each column, and is made
    /// harmless when it is complete.
    pub(crate) fn cell(&mut self, style: Style, write: impl FnOnce(&mut String)) {
        let begin = self.texts.len();
        write(&mut self.texts);
        self.cells.push(Cell { len: len(&self.texts[begin..]), width: 0, style });
        if self.cells.len().is_multiple_of(self.columns.len()) {
            self.finish_row();
        }
    }

    /// Makes the last row harmless, and notes its widths.
    fn finish_row(&mut self) {
        let at = self.cells.len() - self.columns.len();
        let row = &mut self.cells[at..];
        let mut begin = self.texts.len() - row.iter().map(|cell| cell.len as usize).sum::<usize>();
        let is_plain = is_plain(&self.texts[begin..]);
        if !is_plain && is_harmful(&self.texts[begin..]) {
            let texts = self.texts.split_off(begin);
            let mut from = 0;
            for cell in &mut *row {
                let (to, end) = (self.texts.len(), from + cell.len as usize);
                push_harmless(&mut self.texts, &texts[from..end]);
                (cell.len, from) = (len(&self.texts[to..]), end);
            }
        }
        for (cell, widest) in row.iter_mut().zip(&mut self.widest) {
            let end = begin + cell.len as usize;
            let width =
                if is_plain { cell.len as usize } else { width_of(&self.texts[begin..end]) };
            begin = end;
            *widest = width.max(*widest);
            cell.width = u16::try_from(width).unwrap_or(WIDE);
        }
    }

    /// The table as text.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        let add = |part: &str| {
            text += part;
            Ok(())
        };
        self.each_part(add).map_or_else(|_| String::new(), |()| text)
    }

    /// Prints the table.
    pub(crate) fn print(&self) -> Result<(), Failure> {
        self.each_part(print)
    }

    /// Calls `then` with each part of the text, in order.
    fn each_part(&self, mut then: impl FnMut(&str) -> Result<(), Failure>) -> Result<(), Failure> {
        let widths = self.widths();
        let rows = self.cells.chunks_exact(self.columns.len());
        let mut text = String::new();
        let mut begin = 0;
        for row in rows {
            if text.len() >= PART {
                then(&text)?;
                text.clear();
            }
            let mut line = Line::default();
            // The rest of each wrapped cell, for the lines below: usually there is none.
            let mut below: Vec<Vec<String>> = Vec::new();
            for (index, ((cell, column), width)) in
                row.iter().zip(&self.columns).zip(&widths).enumerate()
            {
                let is = &self.texts[begin..begin + cell.len as usize];
                begin += is.len();
                let Some(width) = *width else { continue };
                let cell_width = if cell.width == WIDE { width_of(is) } else { cell.width.into() };
                if let Some(rest) = width.checked_sub(cell_width) {
                    line.push(&mut text, is, column.align, rest, cell.style);
                    continue;
                }
                let mut fitted =
                    if column.wraps { lines(is, width) } else { vec![cut(is, width).into()] };
                fitted.reverse();
                let first = fitted.pop().unwrap_or_default();
                let rest = width.saturating_sub(width_of(&first));
                line.push(&mut text, &first, column.align, rest, cell.style);
                below.resize(index, Vec::new());
                below.push(fitted);
            }
            text.push('\n');
            while below.iter().any(|cell| !cell.is_empty()) {
                let mut line = Line::default();
                for (index, ((cell, column), width)) in
                    row.iter().zip(&self.columns).zip(&widths).enumerate()
                {
                    let Some(width) = *width else { continue };
                    let is = below.get_mut(index).and_then(Vec::pop).unwrap_or_default();
                    let rest = width.saturating_sub(width_of(&is));
                    line.push(&mut text, &is, column.align, rest, cell.style);
                }
                text.push('\n');
            }
        }
        then(&text)
    }

    /// The width of each column; `None` if it is not shown.
    fn widths(&self) -> Vec<Option<usize>> {
        let room = self.room.unwrap_or(usize::MAX);
        let columns = self.columns.iter().zip(&self.widest);
        let mut widths: Vec<_> =
            columns.map(|(column, widest)| (column.from <= room).then_some(*widest)).collect();
        loop {
            let shown = widths.iter().flatten();
            if shown.clone().sum::<usize>() + GAP * shown.count().saturating_sub(1) <= room {
                return widths;
            }
            // The widest gives way first.
            let may = |(width, column): &(&mut Option<usize>, &Column)| {
                width.is_some_and(|width| column.least.is_some_and(|least| width > least))
            };
            let widest = widths.iter_mut().zip(&self.columns).filter(may);
            let widest = widest.map(|(width, _)| width).max_by_key(|width| **width);
            if let Some(widest) = widest {
                *widest = widest.map(|width| width - 1);
                continue;
            }
            let mut may_go = widths.iter_mut().zip(&self.columns).rev();
            let Some((width, _)) = may_go.find(|(width, column)| column.may_go && width.is_some())
            else {
                return widths;
            };
            *width = None;
        }
    }

    /// The titles of the columns that are not shown.
    pub(crate) fn left_out(&self) -> impl Iterator<Item = &'static str> {
        let columns = self.columns.iter().zip(self.widths());
        columns.filter_map(|(column, width)| width.is_none().then_some(column.title))
    }
}

/// The space between columns.
const GAP: usize = 2;

/// A line that is being written: how many spaces come before its next text.
#[derive(Default)]
struct Line {
    spaces: usize,
}

impl Line {
    /// Adds a cell, of which `rest` columns stay empty.
    #[inline]
    fn push(&mut self, text: &mut String, is: &str, align: Align, rest: usize, style: Style) {
        const SPACES: &str = "                                ";

        if is.is_empty() {
            self.spaces += rest + GAP;
            return;
        }
        let (before, after) = match align {
            Align::Right => (rest, 0),
            Align::Left => (0, rest),
        };
        self.spaces += before;
        while self.spaces > SPACES.len() {
            *text += SPACES;
            self.spaces -= SPACES.len();
        }
        *text += &SPACES[..self.spaces];
        match style {
            Style::Plain => *text += is,
            _ => *text += &style.paint(is),
        }
        self.spaces = after + GAP;
    }
}

/// The length of the text of a cell.
fn len(text: &str) -> u32 {
    // PANIC: texts have less than 4 GiB; each is a name, a number, or words on one object.
    u32::try_from(text.len()).expect("a cell is shorter than 4 GiB")
}

/// The number of columns of a text.
fn width_of(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.width() }
}

/// The beginning of a text that is too long: whole words, unless that would leave little.
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
    // After a space, which may stand before the ellipsis.
    if let Some(end) = short.rfind(' ').filter(|end| end * 2 >= short.len()) {
        short.truncate(end + 1);
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

    /// A table without colours, even if the tests write to a terminal.
    fn in_room<const N: usize>(columns: &[Column; N], room: Option<usize>) -> Table {
        console::set_colors_enabled(false);
        Table::in_room(columns, room)
    }

    fn table(room: Option<usize>) -> String {
        let mut table = in_room(&COLUMNS, room);
        for [name, size, content] in
            [["/图图", "7B", "array f32"], ["/a-long-name", "640K", "x\u{1b}"]]
        {
            table.row([name, size, content].map(|cell| (cell.into(), Style::Plain)));
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

    #[test]
    fn the_last_column_that_may_go_is_left_out_first() {
        let columns = ["KEY", "OWNER", "AGE"].map(|title| Column::new(title, Align::Left));
        let columns = [columns[0], columns[1].may_go(), columns[2].may_go()];
        for (room, left_out) in
            [(15, &[][..]), (14, &["AGE"]), (10, &["AGE"]), (9, &["OWNER", "AGE"])]
        {
            let table = in_room(&columns, Some(room));
            assert!(table.left_out().eq(left_out.iter().copied()), "{room}:\n{}", table.text());
        }
    }

    #[test]
    fn a_long_table_is_passed_on_in_parts_without_loss() {
        let columns = [Column::new("NAME", Align::Left), Column::new("N", Align::Right)];
        let mut table = in_room(&columns, None);
        for number in 0..20_000 {
            table.row(
                [format!("/{number:05}"), String::from("7")].map(|c| (c.into(), Style::Plain)),
            );
        }
        let mut parts = Vec::new();
        let add = |part: &str| {
            parts.push(part.to_owned());
            Ok(())
        };
        table.each_part(add).unwrap();
        assert!(parts.len() > 2 && parts.iter().all(|part| part.len() < PART + 100));
        let rows = (0..20_000).map(|number| format!("/{number:05}  7\n"));
        let wanted = String::from("NAME    N\n") + &rows.collect::<String>();
        assert!(parts.concat() == wanted && table.text() == wanted);
    }

    #[test]
    fn columns_behind_a_very_wide_cell_are_aligned() {
        const WIDTH: usize = 70_000;

        let columns = [Column::new("NAME", Align::Left), Column::new("N", Align::Right)];
        let mut table = in_room(&columns, None);
        for name in ["x".repeat(WIDTH), "x".repeat(WIDTH - 1)] {
            table.row([name.into(), "7".into()].map(|cell| (cell, Style::Plain)));
        }
        assert!(table.text().lines().all(|line| line.len() == WIDTH + "  7".len()));
    }

    #[test]
    fn a_text_is_cut_between_words_if_that_leaves_most_of_it() {
        assert_eq!(cut("array f32 640×480", 13), "array f32 …");
        assert_eq!(cut("a /very-long-name", 10), "a /very-l…");
        assert_eq!(cut("short", 5), "short");
    }

    #[test]
    fn a_column_that_wraps_loses_no_word() {
        let columns = [
            Column::new("CHECK", Align::Left),
            Column::new("FOUND", Align::Left).wrap(8),
            Column::new("N", Align::Right),
        ];
        let mut table = in_room(&columns, Some(20));
        for row in [["one", "up to eight words", "7"], ["two", "few", "8"]] {
            table.row(row.map(|cell| (cell.into(), Style::Plain)));
        }
        let wanted = "CHECK  FOUND       N\n\
                      one    up to       7\n       eight\n       words\n\
                      two    few         8\n";
        assert_eq!(table.text(), wanted);
    }
}
