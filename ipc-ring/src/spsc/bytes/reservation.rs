//! Room for one message, which is written in place.

#![expect(unsafe_code, reason = "writes bytes in memory that other processes write")]

use std::fmt;
use std::ptr::NonNull;

use ipc_core::{Error, Result};
use ipc_mem::{Memory, granule};

use super::{REST, UNIT, Unit, units};
use crate::spsc::ends::SendEnd;

/// Room in a ring for one message, which [`commit`](Self::commit) sends.
///
/// Dropping it sends nothing.
///
/// # Examples
///
/// ```
/// use ipc_ring::spsc::bytes::{Receiver, Sender};
///
/// # let name = format!("/frames-{}", std::process::id());
/// let mut sender = Sender::create(&name, 4096)?;
/// let mut room = sender.reserve(8)?;
/// room.write(0, b"head")?;
/// room.write(4, b"tail")?;
/// room.commit();
///
/// let mut message = Vec::new();
/// assert!(Receiver::open(&name)?.recv(&mut message)?);
/// assert_eq!(message, b"headtail");
/// # Sender::unlink(&name)?;
/// # Ok::<(), ipc_core::Error>(())
/// ```
#[must_use = "what is not committed is not sent"]
pub struct Reservation<'a, M: Memory> {
    end: &'a SendEnd<Unit, true, M>,
    len: usize,
    /// The units before the end of the ring that are not used.
    skipped: u64,
}

impl<'a, M: Memory> Reservation<'a, M> {
    /// Room for a message of `len` bytes, where `skipped` units before it are not used. There is
    /// room for all of them.
    pub(super) fn new(end: &'a SendEnd<Unit, true, M>, len: usize, skipped: u64) -> Self {
        Self { end, len, skipped }
    }

    /// The length of the message.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "a message of no bytes is a message")]
    pub fn len(&self) -> usize {
        self.len
    }

    /// The name of the ring, for errors.
    #[cfg(feature = "postcard")]
    pub(super) fn label(&self) -> String {
        self.end.ring().memory().label()
    }

    /// The address of the first byte. Until the commit no other process writes there, unless it is
    /// faulty.
    #[must_use]
    pub fn as_mut_ptr(&mut self) -> *mut u8 {
        self.place().as_ptr()
    }

    #[inline]
    fn place(&self) -> NonNull<u8> {
        let first = self.end.next().wrapping_add(self.skipped).wrapping_add(1);
        self.end.ring().element(first).cast()
    }

    /// Writes a part of the message.
    ///
    /// # Errors
    ///
    /// [`is_invalid_argument`](Error::is_invalid_argument) if the part does not lie within the
    /// message.
    #[inline]
    pub fn write(&mut self, offset: usize, bytes: &[u8]) -> Result<()> {
        if offset.checked_add(bytes.len()).is_none_or(|end| end > self.len) {
            return Err(self.outside(offset, bytes.len()));
        }
        if !bytes.is_empty() {
            // SAFETY: `offset` is within the message, which lies in one piece in the ring: the
            // sender chose `skipped` so that the units of the message end before the ring does.
            let place = unsafe { self.place().add(offset) };
            // SAFETY: that number of bytes lies there; all processes move granules of one byte in a ring of
            // bytes.
            unsafe { granule::copy_in(bytes, place) };
        }
        Ok(())
    }

    #[cold]
    fn outside(&self, offset: usize, len: usize) -> Error {
        let why = format!("{len} bytes at offset {offset} of a message of {}", self.len);
        Error::invalid("write", self.end.ring().memory().label(), why)
    }

    /// Sends the message.
    #[inline]
    pub fn commit(self) {
        let next = self.end.next();
        if self.skipped > 0 {
            self.end.ring().write(next, &[head(REST)]);
        }
        // A longer message is refused.
        let len = u32::try_from(self.len).unwrap_or(0);
        self.end.ring().write(next.wrapping_add(self.skipped), &[head(len)]);
        self.end.publish(self.skipped + units(self.len));
    }
}

impl<M: Memory> fmt::Debug for Reservation<'_, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Reservation({} bytes)", self.len)
    }
}

/// The unit before a message.
#[inline]
fn head(len: u32) -> Unit {
    let mut head = [0; UNIT];
    head[..4].copy_from_slice(&len.to_ne_bytes());
    head
}
