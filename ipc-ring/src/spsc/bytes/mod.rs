//! Messages of bytes, each with a length of its own, from one sender to one receiver.
//!
//! A ring of bytes is divided into units of 8 bytes. Each message occupies whole units:
//!
//! ```text
//! 0..4   length of the message; 2³² - 1 if there is no message here and the next one begins at
//!        the start of the ring
//! 4..8   zero
//! 8..    the message, padded to a whole unit
//! ```
//!
//! A message is in one piece: if the units before the end of the ring are too few for it, it begins
//! at the start of the ring.

mod message;
mod receiver;
mod reservation;
mod sender;
#[cfg(feature = "postcard")]
mod value;

pub use message::Message;
pub use receiver::Receiver;
pub use reservation::Reservation;
pub use sender::Sender;

use super::ring::Ring;

/// The element of a ring of bytes.
pub(super) type Unit = [u8; UNIT];

pub(super) type ByteRing = Ring<Unit, true>;

pub(super) const UNIT: usize = 8;

/// The length in a unit after which the rest of the ring is not used.
const REST: u32 = u32::MAX;

/// The maximum length of a message: a message and the units that are not used before it fit into
/// any ring.
fn max_len(ring: &ByteRing) -> usize {
    let half = usize::try_from(ring.capacity() / 2).unwrap_or(usize::MAX);
    let most = half.saturating_mul(UNIT).saturating_sub(UNIT);
    most.min(REST as usize - 1)
}

/// How many units a message takes.
fn units(len: usize) -> u64 {
    1 + len.div_ceil(UNIT) as u64
}
