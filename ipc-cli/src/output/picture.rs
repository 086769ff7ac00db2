//! Small pictures of numbers.

/// From nothing to a full cell.
const BARS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// From no ink to much.
const INK: [char; 10] = [' ', '.', ':', '-', '=', '+', '*', '#', '%', '@'];

/// How many values lie in each of `bins` equal parts between the least and the greatest, as a line
/// of bars.
pub(crate) fn histogram(values: &[f64], bins: usize) -> String {
    let finite: Vec<_> = values.iter().copied().filter(|value| value.is_finite()).collect();
    let least = finite.iter().copied().fold(f64::INFINITY, f64::min);
    let greatest = finite.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let mut counts = vec![0_usize; bins];
    for value in &finite {
        counts[step((value - least) / (greatest - least), bins)] += 1;
    }
    let most = counts.iter().copied().max().unwrap_or(0).max(1);
    let bar = |count: &usize| match count {
        0 => BARS[0],
        count => BARS[1 + (count * (BARS.len() - 2)) / most],
    };
    counts.iter().map(bar).collect()
}

/// Which of `count` equal parts of 0 to 1 a value lies in; NaN lies in the first.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a float cast to an integer stops at its limits, and counts are small"
)]
fn step(part: f64, count: usize) -> usize {
    ((part * count as f64) as usize).min(count - 1)
}

/// A picture of `width` columns of numbers, row after row, in at most `columns` by `lines`
/// characters.
pub(crate) fn shades(values: &[f64], width: usize, columns: usize, lines: usize) -> String {
    let height = values.len() / width.max(1);
    if width == 0 || height == 0 {
        return String::new();
    }
    let columns = columns.min(width);
    // A character is about twice as high as it is wide.
    let lines = lines.min((columns * height / width / 2).max(1)).min(height);
    let least = values.iter().copied().fold(f64::INFINITY, f64::min);
    let greatest = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let mut text = String::new();
    for line in 0..lines {
        for column in 0..columns {
            // A thin line is not to get lost in its block.
            let rows = line * height / lines..(line + 1) * height / lines;
            let places = column * width / columns..(column + 1) * width / columns;
            let block = rows.flat_map(|row| &values[row * width..][places.clone()]);
            let value = block.copied().fold(f64::NEG_INFINITY, f64::max);
            text.push(INK[step((value - least) / (greatest - least), INK.len())]);
        }
        text = text.trim_end().to_owned() + "\n";
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_histogram_shows_where_values_are_and_accepts_any_numbers() {
        assert_eq!(histogram(&[0.0, 0.0, 0.0, 0.0, 10.0], 4), "█  ▂");
        assert_eq!(histogram(&[], 3), "   ");
        assert_eq!(histogram(&[7.0], 3), "█  ");
        assert_eq!(histogram(&[f64::NAN, f64::INFINITY, 1.0], 2), "█ ");
    }

    #[test]
    fn a_picture_fits_and_is_brightest_where_numbers_are_greatest() {
        let values: Vec<_> = (0..64).map(f64::from).collect();
        let text = shades(&values, 8, 80, 40);
        assert_eq!(text.lines().count(), 4);
        assert!(text.lines().last().unwrap().ends_with('@'), "{text}");
        assert_eq!(shades(&[], 0, 80, 40), "");
        assert!(shades(&[f64::NAN; 4], 2, 80, 40).trim().is_empty());
    }
}
