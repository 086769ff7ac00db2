//! The work that is shared out: a blur, and then the edges of what is left.
//!
//! The blur is a Gaussian of five taps (1 4 6 4 1), once along the rows and once across them. The
//! edges are the length of its Sobel gradient. Beyond its border a picture goes on with its
//! border's values.
//!
//! A pixel's result depends on the 7×7 pixels around it and on nothing else, by the same operations
//! in the same order wherever a tile begins: so tiles put together equal the whole, bit for bit.

use std::cmp::min;

/// How far around itself a pixel looks: two pixels for the blur, one for the gradient.
const HALO: usize = 3;

/// The weights of the blur. They and their sum, 1, are exact.
const BLUR: [f32; 5] = [1.0 / 16.0, 4.0 / 16.0, 6.0 / 16.0, 4.0 / 16.0, 1.0 / 16.0];

/// A rectangle of a picture, in pixels.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tile {
    pub(super) x: usize,
    pub(super) y: usize,
    pub(super) width: usize,
    pub(super) height: usize,
}

/// The filtered pixels of one tile of a grey picture of `size` (width, height), row after row.
///
/// `read(start, row)` fills `row` with the picture's pixels from number `start` on, counted row
/// after row.
///
/// # Errors
///
/// Those of `read`.
pub(super) fn edges<E>(
    size: [usize; 2],
    tile: Tile,
    read: impl FnMut(usize, &mut [u8]) -> Result<(), E>,
) -> Result<Vec<u8>, E> {
    let width = tile.width + 2 * HALO;
    // From here on the rows are one run of numbers: what is calculated across the end of a row is
    // cut off at last.
    let patch = with_halo(size, tile, read)?;
    let edges = gradient(&blur(&blur(&patch, 1), width), width);
    Ok(edges.chunks(width).flat_map(|row| &row[..tile.width]).copied().collect())
}

/// The tile and the [`HALO`] around it.
fn with_halo<E>(
    [width, height]: [usize; 2],
    tile: Tile,
    mut read: impl FnMut(usize, &mut [u8]) -> Result<(), E>,
) -> Result<Vec<f32>, E> {
    let left = tile.x.saturating_sub(HALO);
    let mut row = vec![0; min(tile.x + tile.width + HALO, width) - left];
    let mut patch = Vec::with_capacity((tile.width + 2 * HALO) * (tile.height + 2 * HALO));
    for y in tile.y..tile.y + tile.height + 2 * HALO {
        let y = min(y.saturating_sub(HALO), height - 1);
        read(y * width + left, &mut row)?;
        patch.extend((tile.x..tile.x + tile.width + 2 * HALO).map(|x| {
            let x = min(x.saturating_sub(HALO), width - 1);
            f32::from(row[x - left])
        }));
    }
    Ok(patch)
}

/// Each value with its four successors at distances of `step`, weighted: the blur around the third
/// of them.
fn blur(values: &[f32], step: usize) -> Vec<f32> {
    let count = values.len() - 4 * step;
    let taps = [0, 1, 2, 3, 4].map(|tap| &values[tap * step..][..count]);
    (0..count).map(|i| (0..5).map(|tap| BLUR[tap] * taps[tap][i]).sum()).collect()
}

/// The length of the Sobel gradient around the middle of the 3×3 values that begin at each value.
fn gradient(values: &[f32], width: usize) -> Vec<u8> {
    let count = values.len() - 2 * width - 2;
    let row = |row: usize| [0, 1, 2].map(|column| &values[row * width + column..][..count]);
    let [above, here, below] = [0, 1, 2].map(row);
    (0..count)
        .map(|i| {
            let right = above[2][i] + 2.0 * here[2][i] + below[2][i];
            let left = above[0][i] + 2.0 * here[0][i] + below[0][i];
            let bottom = below[0][i] + 2.0 * below[1][i] + below[2][i];
            let top = above[0][i] + 2.0 * above[1][i] + above[2][i];
            brightness(((right - left).powi(2) + (bottom - top).powi(2)).sqrt())
        })
        .collect()
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float cast to u8 stops at 0 and 255, as a brightness shall"
)]
fn brightness(value: f32) -> u8 {
    value as u8
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;

    /// A picture without any order: every pixel differs from its neighbours.
    fn picture([width, height]: [usize; 2]) -> Vec<u8> {
        (0..width * height)
            .map(|i| (i.wrapping_mul(2_654_435_761) >> 13).to_le_bytes()[0])
            .collect()
    }

    fn filtered(size: [usize; 2], tile: Tile, pixels: &[u8]) -> Vec<u8> {
        let result = edges::<Infallible>(size, tile, |start, row| {
            row.copy_from_slice(&pixels[start..start + row.len()]);
            Ok(())
        });
        result.unwrap()
    }

    fn whole(size @ [width, height]: [usize; 2], pixels: &[u8]) -> Vec<u8> {
        filtered(size, Tile { x: 0, y: 0, width, height }, pixels)
    }

    /// The same filter pixel by pixel, in double precision, from its definition.
    fn by_definition([width, height]: [usize; 2], pixels: &[u8]) -> Vec<f64> {
        let pixel = |x: isize, y: isize| {
            let inside =
                |at: isize, size: usize| at.clamp(0, size.cast_signed() - 1).cast_unsigned();
            f64::from(pixels[inside(y, height) * width + inside(x, width)])
        };
        let blurred = |x: isize, y: isize| -> f64 {
            let taps = [(-2, 1.0), (-1, 4.0), (0, 6.0), (1, 4.0), (2, 1.0)];
            let row =
                |dy| taps.map(|(dx, weight)| weight * pixel(x + dx, y + dy)).iter().sum::<f64>();
            taps.map(|(dy, weight)| weight * row(dy)).iter().sum::<f64>() / 256.0
        };
        let sobel = |x: isize, y: isize| {
            let taps = [(-1, 1.0), (0, 2.0), (1, 1.0)];
            let across =
                taps.map(|(d, weight)| weight * (blurred(x + 1, y + d) - blurred(x - 1, y + d)));
            let down =
                taps.map(|(d, weight)| weight * (blurred(x + d, y + 1) - blurred(x + d, y - 1)));
            across.iter().sum::<f64>().hypot(down.iter().sum())
        };
        (0..width * height)
            .map(|i| sobel((i % width).cast_signed(), (i / width).cast_signed()))
            .collect()
    }

    #[test]
    fn the_filter_agrees_with_its_definition() {
        for size in [[1, 1], [1, 7], [9, 1], [3, 2], [40, 23]] {
            let pixels = picture(size);
            for (at, (fast, slow)) in
                whole(size, &pixels).into_iter().zip(by_definition(size, &pixels)).enumerate()
            {
                assert!(
                    (f64::from(fast) - slow.min(255.0).floor()).abs() <= 1.0,
                    "{size:?} at {at}: {fast} for {slow}"
                );
            }
        }
    }

    #[test]
    fn tiles_put_together_equal_the_whole() {
        let size @ [width, height] = [50, 31];
        let pixels = picture(size);
        let whole = whole(size, &pixels);
        for side in [1, 2, 3, 4, 7, 16, 31] {
            for (y, x) in (0..height)
                .step_by(side)
                .flat_map(|y| (0..width).step_by(side).map(move |x| (y, x)))
            {
                let tile = Tile { x, y, width: side.min(width - x), height: side.min(height - y) };
                let found = filtered(size, tile, &pixels);
                for (row, found) in found.chunks(tile.width).enumerate() {
                    let start = (y + row) * width + x;
                    assert_eq!(found, &whole[start..start + tile.width], "row {row} of {tile:?}");
                }
            }
        }
    }

    #[test]
    fn a_plain_picture_has_no_edges() {
        assert_eq!(whole([9, 5], &[200; 45]), [0; 45]);
    }
}
