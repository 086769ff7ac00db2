//! A picture made of characters.
//!
//! Where colours are welcome a character is two dots, one above the other: `▀` in the colour of the
//! upper one, on the colour of the lower one. Elsewhere a character stands for both: the brighter
//! they are, the more ink it has.

use console::Term;

use super::picture::Picture;

/// Colours that are easily told apart: red, green, blue.
const PALETTE: [[u8; 3]; 9] = [
    [255, 160, 60],
    [70, 190, 255],
    [130, 230, 90],
    [255, 110, 190],
    [245, 225, 80],
    [170, 140, 255],
    [60, 225, 200],
    [255, 100, 90],
    [230, 230, 230],
];

/// From no ink to much.
const INK: [char; 10] = [' ', '.', ':', '-', '=', '+', '*', '#', '%', '@'];

/// The place where a picture is drawn.
#[derive(Clone, Copy, Debug)]
pub(super) struct Canvas {
    columns: usize,
    lines: usize,
    colours: bool,
}

impl Canvas {
    /// Standard output: as wide as the terminal but not absurdly so, and with room for the text
    /// around the picture.
    pub(super) fn of_stdout() -> Canvas {
        let (lines, columns) = Term::stdout().size_checked().unwrap_or((48, 80));
        Canvas {
            columns: usize::from(columns).min(120),
            lines: usize::from(lines).saturating_sub(8).max(20),
            colours: console::colors_enabled(),
        }
    }

    /// The text in colour number `n`, if colours are welcome.
    pub(super) fn coloured(self, n: usize, text: &str) -> String {
        let colour = shade(n, 255);
        if self.colours { format!("\x1b[38;2;{colour}m{text}\x1b[0m") } else { text.to_owned() }
    }

    /// The picture, as large as there is room for; a pixel at (x, y) has the colour number
    /// `colour_at([x, y])`.
    pub(super) fn draw(self, picture: &Picture, colour_at: impl Fn([usize; 2]) -> usize) -> String {
        let dots = Dots::fit(picture, self.columns, 2 * self.lines);
        let mut text = String::new();
        for y in (0..dots.height).step_by(2) {
            for x in 0..dots.width {
                let (upper, lower) = (dots.light(x, y), dots.light(x, y + 1));
                if self.colours {
                    let [upper, lower] = [(y, upper), (y + 1, lower)]
                        .map(|(y, light)| shade(colour_at(dots.pixel(x, y)), light));
                    text += &format!("\x1b[38;2;{upper};48;2;{lower}m▀");
                } else {
                    text.push(INK[usize::from(upper.midpoint(lower)) * INK.len() / 256]);
                }
            }
            text += if self.colours { "\x1b[0m\n" } else { "\n" };
        }
        text
    }
}

/// Colour number `n`, that bright, as terminals want it; the colours begin again after the last.
fn shade(n: usize, light: u8) -> String {
    let [red, green, blue] =
        PALETTE[n % PALETTE.len()].map(|part| u16::from(part) * u16::from(light) / 255);
    format!("{red};{green};{blue}")
}

/// A picture seen from afar: each dot stands for a block of pixels.
struct Dots<'a> {
    picture: &'a Picture,
    width: usize,
    height: usize,
}

impl Dots<'_> {
    /// As many as fit, in the shape of the picture, but not more than it has pixels.
    fn fit(picture: &Picture, columns: usize, rows: usize) -> Dots<'_> {
        let [width, height] = picture.size;
        // As wide as there is room for, if it is not too high then.
        let dots = columns.min(width).min((rows * width / height).max(1));
        Dots { picture, width: dots, height: (dots * height / width).clamp(1, rows) }
    }

    /// The first pixel of a dot's block.
    fn pixel(&self, x: usize, y: usize) -> [usize; 2] {
        let [width, height] = self.picture.size;
        [x * width / self.width, (y * height / self.height).min(height - 1)]
    }

    /// How bright a block looks; thin edges should not get lost in it. Below the last row it is
    /// dark.
    fn light(&self, x: usize, y: usize) -> u8 {
        if y == self.height {
            return 0;
        }
        let [width, height] = self.picture.size;
        let columns = x * width / self.width..(x + 1) * width / self.width;
        let rows = y * height / self.height..(y + 1) * height / self.height;
        let block = rows.flat_map(|y| &self.picture.grey[y * width..][columns.clone()]);
        let (sum, most, count) = block.fold((0, 0, 0), |(sum, most, count), light| {
            let light = usize::from(*light);
            (sum + light, light.max(most), count + 1)
        });
        u8::try_from((3 * sum / count + most) / 4).unwrap_or(u8::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(size: [usize; 2], light: u8) -> Picture {
        Picture { size, grey: vec![light; size[0] * size[1]] }
    }

    fn canvas(colours: bool) -> Canvas {
        Canvas { columns: 80, lines: 20, colours }
    }

    #[test]
    fn a_picture_of_any_shape_fits_the_canvas() {
        for size in [
            [1, 1],
            [1, 2],
            [2, 1],
            [512, 512],
            [3000, 1],
            [1, 3000],
            [81, 40],
            [640, 41],
            [41, 640],
        ] {
            let text = canvas(false).draw(&picture(size, 255), |_| 0);
            let lines: Vec<&str> = text.lines().collect();
            assert!((1..=20).contains(&lines.len()), "{size:?} in {} lines", lines.len());
            let width = lines[0].chars().count();
            assert!((1..=80).contains(&width), "{size:?} in {width} columns");
            assert!(lines.iter().all(|line| line.chars().count() == width), "{size:?}");
            assert!(text.starts_with(if size[1] == 1 { '=' } else { '@' }), "{size:?}: {text}");
        }
    }

    #[test]
    fn without_colours_there_is_nothing_but_ascii() {
        assert!(canvas(false).draw(&picture([64, 64], 99), |_| 0).is_ascii());
        assert_eq!(canvas(false).coloured(3, "worker"), "worker");
    }

    #[test]
    fn with_colours_each_dot_has_its_pixels_colour_and_its_own_brightness() {
        let picture = Picture { size: [1, 2], grey: vec![255, 51] };
        let text = canvas(true).draw(&picture, |[_, y]| y);
        assert_eq!(text, "\x1b[38;2;255;160;60;48;2;14;38;51m▀\x1b[0m\n");
    }
}
