//! A message that shows whether it is whole.

use ipc_mem::Plain;

/// A number, and words that follow from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Plain)]
#[repr(C)]
pub struct Message {
    /// Its number.
    pub number: u64,
    rest: [u64; 7],
}

impl Message {
    /// The message with this number.
    pub fn new(number: u64) -> Self {
        Self {
            number,
            rest: std::array::from_fn(|i| (number + i as u64).wrapping_mul(0x9E37_79B9)),
        }
    }

    /// The number, if all of the message belongs to it.
    pub fn checked(&self) -> u64 {
        assert_eq!(*self, Self::new(self.number), "a torn message");
        self.number
    }
}
