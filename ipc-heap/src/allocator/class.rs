//! The sizes of the blocks of a slab.
//!
//! The sizes up to 128 bytes are the multiples of 16. Above, there are four sizes for each power of
//! two, up to half a page. Block number n of a slab begins n times the size behind the beginning of
//! its page, so a block is aligned to every power of two that divides its size.

use crate::layout::PAGE;

/// The number of size classes.
pub(crate) const CLASSES: usize = 40;

/// The size of the largest block of a slab; a larger block is an extent of pages.
pub(crate) const LARGEST: u64 = PAGE / 2;

/// The maximum alignment of a block.
pub(crate) const MAX_ALIGN: usize = 4096;

/// A size class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Class(u8);

const SIZES: [u64; CLASSES] = {
    let mut sizes = [0; CLASSES];
    let mut class = 0;
    while class < CLASSES {
        sizes[class] = if class < 8 {
            16 * (class as u64 + 1)
        } else {
            (5 + (class as u64 - 8) % 4) << (5 + (class as u64 - 8) / 4)
        };
        class += 1;
    }
    sizes
};

const COUNTS: [u64; CLASSES] = {
    let mut counts = [0; CLASSES];
    let mut class = 0;
    while class < CLASSES {
        counts[class] = PAGE / SIZES[class];
        class += 1;
    }
    counts
};

/// For each class, 2³² divided by the size and rounded up: a multiple of the size, times this, has
/// the quotient in its upper half.
const INVERSES: [u64; CLASSES] = {
    let mut inverses = [0; CLASSES];
    let mut class = 0;
    while class < CLASSES {
        inverses[class] = (1u64 << 32).div_ceil(SIZES[class]);
        class += 1;
    }
    inverses
};

impl Class {
    /// The class with this number.
    #[inline]
    pub(crate) fn new(number: u64) -> Option<Self> {
        u8::try_from(number).ok().map(Self).filter(|class| class.number() < CLASSES)
    }

    /// The smallest class for blocks of `size` bytes, which is at most `LARGEST`.
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "below the number of classes")]
    pub(crate) fn of(size: u64) -> Self {
        if size <= 128 {
            return Self((size.max(1).div_ceil(16) - 1) as u8);
        }
        let below = size.min(LARGEST) - 1;
        let exponent = below.ilog2();
        Self((8 + (u64::from(exponent) - 7) * 4 + (below >> (exponent - 2) & 3)) as u8)
    }

    /// The smallest class whose blocks have at least that size and alignment; `None` if there is no
    /// such class.
    #[inline]
    pub(crate) fn fitting(size: u64, align: u64) -> Option<Self> {
        if size > LARGEST {
            return None;
        }
        let mut class = Self::of(size.max(align));
        while !class.size().is_multiple_of(align) {
            class = Self::new(class.number() as u64 + 1)?;
        }
        Some(class)
    }

    #[inline]
    pub(crate) fn number(self) -> usize {
        usize::from(self.0)
    }

    /// The size of a block.
    #[inline]
    pub(crate) fn size(self) -> u64 {
        SIZES[self.number()]
    }

    /// The number of blocks of a slab: at most 4096.
    #[inline]
    pub(crate) fn count(self) -> u64 {
        COUNTS[self.number()]
    }

    /// The number of words of a bitmap with a bit for each block.
    pub(crate) fn words(self) -> usize {
        // At most 64.
        usize::try_from(self.count().div_ceil(64)).unwrap_or(0)
    }

    /// The bits of word `at` of such a bitmap.
    pub(crate) fn mask(self, at: usize) -> u64 {
        match self.count().saturating_sub(64 * at as u64) {
            0 => 0,
            bits @ 1..64 => (1 << bits) - 1,
            _ => u64::MAX,
        }
    }

    /// The number of the block that begins `within` bytes behind the beginning of a page, if one
    /// begins there.
    #[inline]
    pub(crate) fn block_at(self, within: u64) -> Option<u64> {
        let number = (within.wrapping_mul(INVERSES[self.number()])) >> 32;
        (number * self.size() == within && number < self.count()).then_some(number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_size_has_the_smallest_class_that_holds_it() {
        for size in 1..=LARGEST {
            let class = Class::of(size);
            assert!(class.size() >= size, "{size}");
            assert!(class.0 == 0 || SIZES[class.number() - 1] < size, "{size}");
        }
        assert_eq!(Class::of(LARGEST).number(), CLASSES - 1);
    }

    #[test]
    fn a_block_is_found_by_its_beginning_and_by_nothing_else() {
        for class in (0..CLASSES as u64).filter_map(Class::new) {
            for within in 0..PAGE {
                let begins = within % class.size() == 0 && within / class.size() < class.count();
                let wanted = begins.then(|| within / class.size());
                assert_eq!(class.block_at(within), wanted, "{class:?} {within}");
            }
        }
    }

    #[test]
    fn blocks_are_aligned_as_wanted_up_to_4096() {
        for align in (0..=12).map(|shift| 1u64 << shift) {
            for size in [1, 17, 100, 129, 1000, 5000, LARGEST] {
                let class = Class::fitting(size, align).unwrap();
                assert!(class.size() >= size && class.size().is_multiple_of(align));
            }
        }
        assert_eq!(Class::fitting(LARGEST + 1, 1), None);
    }

    #[test]
    fn the_masks_have_a_bit_for_each_block() {
        for class in (0..CLASSES as u64).filter_map(Class::new) {
            let bits: u32 = (0..64).map(|at| class.mask(at).count_ones()).sum();
            assert_eq!(u64::from(bits), class.count());
            assert!(class.mask(class.words() - 1) != 0 && class.words() <= 64);
        }
    }
}
