//! Draws the ratios of a table: SVG is text, so this needs no crate.
//!
//! There is one line for each row, on a scale where twice and half are equally far from 1: the
//! median as a dot, the quartiles as a bar behind it, and the target as a stroke.

use std::fmt::Write;

use crate::Ratio;
use crate::report::{Row, Table, Verdict, duration};

const LINE: f64 = 20.0;
const TOP: f64 = 44.0;
/// The start and the end of the scale.
const LEFT: f64 = 300.0;
const RIGHT: f64 = 640.0;
const WIDTH: f64 = 830.0;

pub(crate) fn svg(table: &Table) -> String {
    let (low, high) = range(&table.rows);
    let x = |ratio: f64| LEFT + (RIGHT - LEFT) * (ratio.ln() - low.ln()) / (high.ln() - low.ln());
    #[expect(clippy::cast_precision_loss, reason = "there are not so many rows")]
    let y = |row: usize| TOP + LINE * (row as f64 + 0.5);
    let bottom = y(table.rows.len());
    let what = match table.group.ratio {
        Ratio::Speed => "our speed / the reference's: more is better",
        Ratio::Time => "our time / the reference's: less is better",
    };
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {:.0}\" font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n\
         <text x=\"8\" y=\"18\" font-weight=\"bold\">{}</text>\n<text x=\"{LEFT}\" y=\"18\">{what}</text>\n",
        bottom + 8.0,
        escaped(table.group.name)
    );
    let mut add = |element: String| text += &(element + "\n");
    for power in -3..=2 {
        let ratio = 2f64.powi(power);
        if (low..=high).contains(&ratio) {
            let (x, colour) = (x(ratio), if power == 0 { "#444" } else { "#ddd" });
            add(format!("<path d=\"M{x:.1} {TOP}V{bottom:.1}\" stroke=\"{colour}\"/>"));
            add(format!(
                "<text x=\"{x:.1}\" y=\"38\" text-anchor=\"middle\" fill=\"#444\">{ratio}</text>"
            ));
        }
    }
    for (i, row) in table.rows.iter().enumerate() {
        let (y, spread) = (y(i), row.outcome.ratio);
        let [from, dot, to] =
            [spread.low, spread.median, spread.high].map(|ratio| x(ratio.clamp(low, high)));
        let colour = match row.verdict(table.group.ratio) {
            Verdict::NoTarget => "#36c",
            Verdict::Met => "#283",
            Verdict::Missed => "#c22",
            Verdict::CannotSay => "#999",
        };
        add(format!("<text x=\"8\" y=\"{:.1}\">{}</text>", y + 4.0, escaped(&row.name)));
        add(format!(
            "<path d=\"M{from:.1} {y:.1}H{to:.1}\" stroke=\"{colour}\" stroke-width=\"5\" opacity=\"0.35\"/>"
        ));
        add(format!("<circle cx=\"{dot:.1}\" cy=\"{y:.1}\" r=\"4\" fill=\"{colour}\"/>"));
        if let Some(target) = row.target {
            add(format!(
                "<path d=\"M{:.1} {:.1}v14\" stroke=\"black\" stroke-width=\"2\"/>",
                x(target),
                y - 7.0
            ));
        }
        let [ours, reference] = [row.outcome.ours, row.outcome.reference].map(duration);
        add(format!(
            "<text x=\"{}\" y=\"{:.1}\" fill=\"#444\">{ours} / {reference}</text>",
            RIGHT + 12.0,
            y + 4.0
        ));
    }
    // Writing to a string cannot fail.
    let _ = writeln!(text, "</svg>");
    text
}

/// Returns the range of all medians and targets, and 1; outliers are drawn at the edge, so that
/// they do not compress the rest.
fn range(rows: &[Row]) -> (f64, f64) {
    let ratios = rows.iter().flat_map(|row| [row.outcome.ratio.median, row.target.unwrap_or(1.0)]);
    let (low, high) =
        ratios.fold((0.9f64, 1.1f64), |(low, high), ratio| (low.min(ratio), high.max(ratio)));
    (low.max(0.1) / 1.1, high.min(5.0) * 1.1)
}

fn escaped(text: &str) -> String {
    text.replace('`', "").replace('&', "&amp;").replace('<', "&lt;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Outcome, Spread, groups};

    #[test]
    fn a_ratio_of_one_is_on_the_line_and_larger_ones_end_at_the_scale() {
        let row = |ratio| {
            let ratio = Spread { low: ratio, median: ratio, high: ratio };
            let outcome = Outcome { ours: 1.0, reference: 1.0, ratio, itself: ratio, shares: None };
            Row { name: "a < b".into(), target: None, outcome }
        };
        let text = svg(&Table { group: &groups::lock::GROUP, rows: vec![row(1.0), row(1e6)] });
        let line = text.lines().find_map(|line| line.strip_suffix("stroke=\"#444\"/>")).unwrap();
        let x = line.split(['M', ' ']).nth(2).unwrap();
        assert!(text.contains(&format!("<circle cx=\"{x}\"")), "{text}");
        assert!(text.contains(&format!("<circle cx=\"{RIGHT}.0\"")), "{text}");
        assert!(text.contains("a &lt; b"));
    }
}
