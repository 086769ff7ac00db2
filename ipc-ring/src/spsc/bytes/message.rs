//! A message that is still in its ring.

#![expect(unsafe_code, reason = "reads bytes in memory that other processes write")]

use std::fmt;
use std::ptr::NonNull;

use ipc_core::{Error, Result};
use ipc_mem::{Memory, granule};

use super::{Unit, units};
use crate::spsc::ends::ReceiveEnd;

/// A message in a ring, which [`release`](Self::release) removes.
///
/// Dropping it leaves the message in the ring.
pub struct Message<'a, M: Memory> {
    end: &'a ReceiveEnd<Unit, true, M>,
    len: usize,
}

impl<'a, M: Memory> Message<'a, M> {
    /// The next message, whose bytes lie in one piece behind the next unit of the ring.
    pub(super) fn new(end: &'a ReceiveEnd<Unit, true, M>, len: usize) -> Self {
        Self { end, len }
    }

    /// The length of the message.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "a message of no bytes is a message")]
    pub fn len(&self) -> usize {
        self.len
    }

    /// The address of the first byte. Until the release no other process writes there, unless it is
    /// faulty.
    #[must_use]
    pub fn as_ptr(&self) -> *const u8 {
        self.place().as_ptr()
    }

    #[inline]
    fn place(&self) -> NonNull<u8> {
        self.end.ring().element(self.end.next().wrapping_add(1)).cast()
    }

    /// Copies a part of the message.
    ///
    /// # Errors
    ///
    /// [`is_invalid_argument`](Error::is_invalid_argument) if the part does not lie within the
    /// message.
    #[inline]
    pub fn read(&self, offset: usize, into: &mut [u8]) -> Result<()> {
        if offset.checked_add(into.len()).is_none_or(|end| end > self.len) {
            let why =
                format!("{} bytes at offset {offset} of a message of {}", into.len(), self.len);
            return Err(Error::invalid("read", self.end.ring().memory().label(), why));
        }
        if !into.is_empty() {
            // SAFETY: `offset` is within the message, which lies in one piece in the ring: the
            // receiver has checked that its units end before the ring does.
            let place = unsafe { self.place().add(offset) };
            // SAFETY: that number of bytes lies there; all processes move granules of one byte in a ring of
            // bytes.
            unsafe { granule::copy_out(place, into) };
        }
        Ok(())
    }

    /// Copies the message into a vector, whose content it replaces.
    pub(super) fn copy_to(&self, into: &mut Vec<u8>) -> Result<()> {
        into.resize(self.len, 0);
        self.read(0, into)
    }

    /// The name of the ring, for errors.
    #[cfg(feature = "postcard")]
    pub(super) fn label(&self) -> String {
        self.end.ring().memory().label()
    }

    /// Copies the message.
    ///
    /// # Errors
    ///
    /// Never fails: [`read`](Self::read) refuses only a part that does not lie within the message,
    /// and this call reads the whole message.
    pub fn to_vec(&self) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.copy_to(&mut bytes)?;
        Ok(bytes)
    }

    /// Removes the message from the ring.
    #[inline]
    pub fn release(self) {
        self.end.release(units(self.len));
    }
}

impl<M: Memory> fmt::Debug for Message<'_, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Message({} bytes)", self.len)
    }
}
