//! A picture cut into tiles, numbered row after row.

use super::filter::Tile;

/// How wide and high a tile is, as long as the picture has not too many of them.
const SIDE: usize = 64;

/// The maximum of tiles in a row or a column.
pub(super) const MOST: usize = 16;

/// The tiles of a picture of a given size.
#[derive(Clone, Copy, Debug)]
pub(super) struct Grid {
    pub(super) size: [usize; 2],
    pub(super) side: usize,
}

impl Grid {
    /// Cuts a picture of that size.
    pub(super) fn of(size: [usize; 2]) -> Grid {
        Grid { size, side: size.map(|side| side.div_ceil(MOST)).into_iter().fold(SIDE, usize::max) }
    }

    fn columns(self) -> usize {
        self.size[0].div_ceil(self.side)
    }

    /// How many tiles there are.
    pub(super) fn count(self) -> usize {
        self.columns() * self.size[1].div_ceil(self.side)
    }

    /// The tile of that number.
    pub(super) fn tile(self, number: usize) -> Tile {
        let [x, y] =
            [number % self.columns(), number / self.columns()].map(|step| step * self.side);
        let [width, height] = self.size;
        Tile { x, y, width: self.side.min(width - x), height: self.side.min(height - y) }
    }

    /// The number of the tile that holds the pixel (x, y).
    pub(super) fn number_at(self, [x, y]: [usize; 2]) -> usize {
        y / self.side * self.columns() + x / self.side
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_pixel_is_in_exactly_one_tile() {
        for size in [[1, 1], [64, 64], [65, 63], [200, 130], [1025, 1], [3, 2000]] {
            let grid = Grid::of(size);
            assert!(grid.count() <= MOST * MOST);
            let mut seen = vec![0; size[0] * size[1]];
            for number in 0..grid.count() {
                let Tile { x, y, width, height } = grid.tile(number);
                for (x, y) in (y..y + height).flat_map(|y| (x..x + width).map(move |x| (x, y))) {
                    assert_eq!(grid.number_at([x, y]), number);
                    seen[y * size[0] + x] += 1;
                }
            }
            assert!(seen.iter().all(|times| *times == 1), "{size:?}");
        }
    }
}
