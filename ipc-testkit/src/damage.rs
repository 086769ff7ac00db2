//! Damaged and forged bytes.

use std::ops::Range;

use crate::Rng;

impl Rng {
    /// Returns a copy of `bytes` in which one to four fields of the `header` are changed. The copy
    /// may be truncated.
    ///
    /// A field has 1, 2, 4 or 8 bytes, and its offset in the header is a multiple of its size.
    /// Either one of its bits is flipped, or it becomes a random number or a number that often
    /// causes faults: 0, 1, the signed or unsigned maximum, a power of two whose products overflow,
    /// or a number close to the number of bytes.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut rng = ipc_testkit::Rng::from_seed(7);
    /// let damaged = rng.damage(&[1; 64], 0..16);
    /// assert!(damaged.len() < 64 || damaged[16..] == [1; 48]);
    /// ```
    ///
    /// # Panics
    ///
    /// If the header has less than 8 bytes, or `bytes` is shorter than the header.
    pub fn damage(&mut self, bytes: &[u8], header: Range<usize>) -> Vec<u8> {
        let mut damaged = bytes.to_vec();
        let len = bytes.len() as u64;
        for _ in 0..=self.below(4) {
            let width = *self.pick(&[1, 2, 4, 8]);
            let field = header.start + self.index(header.len() / width) * width;
            let field = &mut damaged[field..field + width];
            let sign = 1 << (8 * width - 1);
            let large = [sign - 1, sign, u64::MAX, 1 << 16, 1 << 31, 1 << 32, 1 << 61, 1 << 62];
            let small = [0, 1, 2, 16, 17, 63, 64, 65, 128, 0x100];
            let value = match self.below(4) {
                0 => {
                    let mut old = [0; 8];
                    old[..width].copy_from_slice(field);
                    u64::from_le_bytes(old) ^ 1 << self.below(8 * width as u64)
                }
                1 => *self.pick(&large),
                2 => *self.pick(&[&small[..], &[len - 1, len, len + 1]].concat()),
                _ => self.next_u64() >> self.below(64),
            };
            field.copy_from_slice(&value.to_le_bytes()[..width]);
        }
        if self.below(4) == 0 {
            damaged.truncate(self.index(bytes.len()));
        }
        damaged
    }

    /// Returns a random index below `len`.
    ///
    /// # Panics
    ///
    /// If `len` is zero.
    pub fn index(&mut self, len: usize) -> usize {
        usize::try_from(self.below(len as u64)).expect("an index")
    }
}
