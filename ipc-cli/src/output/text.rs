//! Names, numbers and times as people read them.

use std::fmt::Display;
use std::time::SystemTime;

/// A text with names that others chose, which does nothing to a terminal: control characters, and
/// those that change the direction of writing or cannot be seen, are escaped.
pub(crate) fn harmless(text: impl Display) -> String {
    written(|harmless| push_harmless(harmless, &text.to_string()))
}

/// Returns `true` if a text consists of printable ASCII characters, as most do: it is harmless, and
/// has a column for each byte.
pub(crate) fn is_plain(text: &str) -> bool {
    // Without an early exit, the compiler uses vectors.
    text.bytes().fold(true, |is_plain, byte| is_plain & matches!(byte, b' '..=b'~'))
}

/// Appends a text, and makes it harmless.
pub(crate) fn push_harmless(to: &mut String, text: &str) {
    if is_plain(text) || !is_harmful(text) {
        to.push_str(text);
        return;
    }
    for c in text.chars() {
        if is_harmful_char(c) { to.extend(c.escape_default()) } else { to.push(c) }
    }
}

/// Returns `true` if a text has characters to escape.
pub(crate) fn is_harmful(text: &str) -> bool {
    // Most characters are printable ASCII.
    text.chars().any(|c| !matches!(c, ' '..='~') && is_harmful_char(c))
}

/// Control characters; those of zero width; marks and overrides of direction; the byte order mark;
/// tags.
fn is_harmful_char(c: char) -> bool {
    let ranges = [
        '\u{200b}'..='\u{200f}',
        '\u{2028}'..='\u{202e}',
        '\u{2060}'..='\u{206f}',
        '\u{e0000}'..='\u{e007f}',
    ];
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{feff}')
        || ranges.iter().any(|range| range.contains(&c))
}

/// A number of bytes in at most five characters: `640B`, `1.2K`, `64M`.
pub(crate) fn size(bytes: u64) -> String {
    written(|text| push_size(text, bytes))
}

/// Appends the same.
pub(crate) fn push_size(text: &mut String, bytes: u64) {
    const UNITS: [&str; 7] = ["B", "K", "M", "G", "T", "P", "E"];

    // In tenths of a unit, rounded. Integers: ten thousand numbers are shown at a time.
    let (mut tenths, mut unit) = (u128::from(bytes) * 10, 0);
    while tenths >= 10_235 && unit + 1 < UNITS.len() {
        (tenths, unit) = ((tenths + 512) / 1024, unit + 1);
    }
    let tenths = u64::try_from(tenths).unwrap_or(u64::MAX);
    match (unit, tenths) {
        (1.., 0..100) => {
            push_number(text, tenths / 10);
            text.push('.');
            push_number(text, tenths % 10);
        }
        _ => push_number(text, (tenths + 5) / 10),
    }
    *text += UNITS[unit];
}

/// A mode in four octal digits.
pub(crate) fn mode(mode: u32) -> String {
    written(|text| push_mode(text, mode))
}

/// Appends the same.
pub(crate) fn push_mode(text: &mut String, mode: u32) {
    text.extend([9, 6, 3, 0].map(|shift| digit(u64::from(mode >> shift & 7))));
}

/// The time from one instant to a later one, in its largest unit.
pub(crate) fn age(since: SystemTime, now: SystemTime) -> String {
    written(|text| push_age(text, since, now))
}

/// Appends the same.
pub(crate) fn push_age(text: &mut String, since: SystemTime, now: SystemTime) {
    const UNITS: [(u64, &str); 5] =
        [(365 * 86_400, "y"), (86_400, "d"), (3_600, "h"), (60, "m"), (1, "s")];

    let seconds = now.duration_since(since).map_or(0, |age| age.as_secs());
    let (length, unit) =
        UNITS.into_iter().find(|(length, _)| seconds >= *length).unwrap_or((1, "s"));
    push_number(text, seconds / length);
    *text += unit;
}

/// Appends a number. Formatting with `write!` takes several times as long.
pub(crate) fn push_number(text: &mut String, number: u64) {
    if number >= 10 {
        push_number(text, number / 10);
    }
    text.push(digit(number % 10));
}

/// The digit of a number below 10.
fn digit(number: u64) -> char {
    char::from(b"0123456789"[(number % 10) as usize])
}

fn written(write: impl FnOnce(&mut String)) -> String {
    let mut text = String::new();
    write(&mut text);
    text
}

/// A number of things: `1 process`, `3 processes`.
pub(crate) fn count<N>(number: N, one: &str, several: &str) -> String
where
    N: Display + PartialEq + From<u8>,
{
    let noun = if number == N::from(1) { one } else { several };
    format!("{number} {noun}")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn control_characters_are_escaped_and_other_text_is_not() {
        assert_eq!(harmless("/frames ✓ ä 图"), "/frames ✓ ä 图");
        assert_eq!(harmless("a\x1b[2J\n\r\x07\u{9b}b"), r"a\u{1b}[2J\n\r\u{7}\u{9b}b");
        assert_eq!(
            harmless("gnp.\u{202e}exe\u{200b}\u{feff}\u{2066}"),
            r"gnp.\u{202e}exe\u{200b}\u{feff}\u{2066}"
        );
    }

    #[test]
    fn sizes_are_short_and_of_their_unit() {
        let of = [
            (0, "0B"),
            (640, "640B"),
            (1023, "1023B"),
            (1024, "1.0K"),
            (10 << 10, "10K"),
            (1 << 20, "1.0M"),
        ];
        for (bytes, text) in
            of.into_iter().chain([((1 << 20) - 1, "1.0M"), (u64::MAX, "16E"), (3 << 29, "1.5G")])
        {
            assert_eq!(size(bytes), text);
        }
    }

    #[test]
    fn ages_are_whole_units_and_the_future_is_now() {
        let now = SystemTime::now();
        let ago = |seconds| age(now - Duration::from_secs(seconds), now);
        assert_eq!([5, 61, 7200, 90_000, 800 * 86_400].map(ago), ["5s", "1m", "2h", "1d", "2y"]);
        assert_eq!(age(now + Duration::from_secs(99), now), "0s");
    }
}
