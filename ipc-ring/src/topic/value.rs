//! Values of any type that serde knows, as messages of a topic of bytes.

use ipc_core::Result;
use ipc_mem::Memory;
use serde::{Deserialize, Serialize};

use super::{Loan, Publisher, Sample};
use crate::value::{check, decode, encode, encoded_len};

impl<M: Memory> Publisher<[u8], M> {
    /// Publishes a value in the [format of postcard](https://postcard.jamesmunns.com), and waits
    /// for as long as the queue of a subscriber with [`WhenFull::Block`](super::WhenFull::Block) is
    /// full. The value is encoded in its sample: nothing is allocated.
    ///
    /// # Errors
    ///
    /// Those of [`loan_value`](Self::loan_value).
    pub fn publish_value<T: Serialize + ?Sized>(&self, value: &T) -> Result<()> {
        self.loan_value(value)?.publish()
    }

    /// Encodes a value in a sample, and returns its loan. Publish it with the methods of the loan,
    /// of which some do not wait or wait for a limited time.
    ///
    /// # Errors
    ///
    /// Those of [`loan`](Self::loan); [`is_too_long`](ipc_core::Error::is_too_long) if the value
    /// needs more bytes than a message may have;
    /// [`is_invalid_argument`](ipc_core::Error::is_invalid_argument) if its type cannot be encoded.
    pub fn loan_value<T: Serialize + ?Sized>(&self, value: &T) -> Result<Loan<'_, [u8], M>> {
        let len = encoded_len(value).and_then(|len| check(len, self.max_len()).map(|()| len));
        let len = len.map_err(|refusal| refusal.on(self.memory().label()))?;
        let mut loan = self.loan(len)?;
        let written = encode(value, len, |at, part| loan.copy_in(at, part));
        written.map_err(|refusal| refusal.on(self.memory().label()))?;
        Ok(loan)
    }
}

impl<M: Memory> Sample<'_, [u8], M> {
    /// Decodes the message as a value of type `T`. Its bytes are copied into `buffer`, to which the
    /// value may refer.
    ///
    /// # Errors
    ///
    /// [`is_mismatch`](ipc_core::Error::is_mismatch) if it is not a value of `T`.
    pub fn value<'a, T: Deserialize<'a>>(&self, buffer: &'a mut Vec<u8>) -> Result<T> {
        buffer.resize(self.len(), 0);
        self.copy_to(0, buffer);
        decode(buffer).map_err(|refusal| refusal.on(self.label()))
    }
}
