//! Values of any type that serde knows, as messages of a ring of bytes.

use std::time::Duration;

use ipc_core::{Deadline, Refusal, Result};
use ipc_mem::Memory;
use serde::{Deserialize, Serialize};

use super::{Message, Receiver, Reservation, Sender};
use crate::value::{check, decode, encode, encoded_len};

impl<M: Memory> Sender<M> {
    /// Sends a value in the [format of postcard](https://postcard.jamesmunns.com), and waits for as
    /// long as the ring has no room for it. The value is encoded in the ring: nothing is allocated.
    ///
    /// # Errors
    ///
    /// Those of [`send`](Self::send), and [`is_invalid_argument`](ipc_core::Error::is_invalid_argument)
    /// if the type of the value cannot be encoded.
    pub fn send_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        let len = self.len_of(value)?;
        put(self.reserve(len)?, value)
    }

    /// Sends a value if there is room for it; returns `false` otherwise.
    ///
    /// # Errors
    ///
    /// Those of [`send_value`](Self::send_value).
    pub fn try_send_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<bool> {
        let len = self.len_of(value)?;
        self.try_reserve(len)?.map_or(Ok(false), |room| put(room, value).map(|()| true))
    }

    /// Sends a value, and waits for at most `timeout` while the ring has no room for it. Returns
    /// `false` if it was not sent.
    ///
    /// # Errors
    ///
    /// Those of [`send_value`](Self::send_value).
    pub fn send_value_timeout<T: Serialize + ?Sized>(
        &mut self,
        value: &T,
        timeout: Duration,
    ) -> Result<bool> {
        let room = self.place(self.len_of(value)?, || Deadline::after(timeout))?;
        room.map_or(Ok(false), |room| put(room, value).map(|()| true))
    }

    fn len_of<T: Serialize + ?Sized>(&self, value: &T) -> Result<usize> {
        let len = encoded_len(value).and_then(|len| check(len, self.max_len()).map(|()| len));
        len.map_err(|refusal| refusal.on(self.memory().label()))
    }
}

/// Encodes a value in the room that is reserved for it, and sends it. `&mut` senders ensure that the
/// code of `T` does not send meanwhile, which would move the room.
fn put<T: Serialize + ?Sized, M: Memory>(mut room: Reservation<'_, M>, value: &T) -> Result<()> {
    let len = room.len();
    // At most the length, which `write` does not refuse.
    let write = |at, part: &[u8]| room.write(at, part).unwrap_or_default();
    encode(value, len, write).map_err(|refusal| refusal.on(room.label()))?;
    room.commit();
    Ok(())
}

impl<M: Memory> Receiver<M> {
    /// Receives a value that was sent in the [format of postcard](https://postcard.jamesmunns.com),
    /// and waits for as long as the ring is empty. Its bytes are copied into `buffer`, to which the
    /// value may refer. Returns `None` if the ring is empty and the sender is closed or its process
    /// is dead.
    ///
    /// # Errors
    ///
    /// Those of [`recv`](Self::recv); [`is_mismatch`](ipc_core::Error::is_mismatch) if the message
    /// is not a value of `T`: it is no longer in the ring then, but in `buffer`.
    pub fn recv_value<'a, T: Deserialize<'a>>(&self, buffer: &'a mut Vec<u8>) -> Result<Option<T>> {
        let is_received = self.recv(buffer)?;
        self.decoded(is_received, buffer)
    }

    /// Receives a value if there is one; returns `None` otherwise.
    ///
    /// # Errors
    ///
    /// Those of [`try_recv`](Self::try_recv) and [`recv_value`](Self::recv_value).
    pub fn try_recv_value<'a, T: Deserialize<'a>>(
        &self,
        buffer: &'a mut Vec<u8>,
    ) -> Result<Option<T>> {
        let is_received = self.try_recv(buffer)?;
        self.decoded(is_received, buffer)
    }

    /// Receives a value, and waits for at most `timeout` while the ring is empty. Returns `None` if
    /// it stayed empty.
    ///
    /// # Errors
    ///
    /// Those of [`recv_timeout`](Self::recv_timeout) and [`recv_value`](Self::recv_value).
    pub fn recv_value_timeout<'a, T: Deserialize<'a>>(
        &self,
        buffer: &'a mut Vec<u8>,
        timeout: Duration,
    ) -> Result<Option<T>> {
        let is_received = self.recv_timeout(buffer, timeout)?;
        self.decoded(is_received, buffer)
    }

    fn decoded<'a, T: Deserialize<'a>>(
        &self,
        is_received: bool,
        buffer: &'a [u8],
    ) -> Result<Option<T>> {
        let value = is_received.then(|| decode(buffer)).transpose();
        value.map_err(|refusal: Refusal| refusal.on(self.memory().label()))
    }
}

impl<M: Memory> Message<'_, M> {
    /// Decodes the message as a value of type `T`. Its bytes are copied into `buffer`, to which the
    /// value may refer.
    ///
    /// # Errors
    ///
    /// [`is_mismatch`](ipc_core::Error::is_mismatch) if it is not a value of `T`.
    pub fn value<'a, T: Deserialize<'a>>(&self, buffer: &'a mut Vec<u8>) -> Result<T> {
        self.copy_to(buffer)?;
        decode(buffer).map_err(|refusal| refusal.on(self.label()))
    }
}
