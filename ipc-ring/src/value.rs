//! Values of any type that serde knows, in the format of the postcard crate.

use std::any;
use std::fmt;

use ipc_core::{Errno, Refusal, Result};
use ipc_mem::Plain;
use postcard::ser_flavors::{Flavor, Size};
use serde::{Deserialize, Serialize};

/// A value of any type that serde knows, encoded in at most `N` bytes: a message for rings, queues,
/// job queues, services and mailboxes, whose messages have one size.
///
/// The value is in the [format of postcard](https://postcard.jamesmunns.com), which is compact and
/// does not depend on the machine. It contains no names of types or fields, so both sides must use
/// the same type.
///
/// # Examples
///
/// ```
/// use ipc_ring::{Encoded, JobQueue};
///
/// #[derive(serde::Serialize, serde::Deserialize)]
/// enum Task<'a> {
///     Sweep,
///     Paint { colour: &'a str },
/// }
///
/// # let name = format!("/encoded-{}", std::process::id());
/// let tasks = JobQueue::<Encoded<60>>::create(&name, 64)?;
/// tasks.submit(&Encoded::new(&Task::Paint { colour: "red" })?)?;
///
/// let task = tasks.take()?; // usually in another process
/// assert!(matches!(task.value()?, Task::Paint { colour: "red" }));
/// task.done()?;
/// assert!(Encoded::<4>::new("too long").unwrap_err().is_too_long());
/// # Ok::<(), ipc_core::Error>(())
/// ```
#[derive(Clone, Copy, Plain)]
#[repr(C)]
pub struct Encoded<const N: usize> {
    len: [u8; 4],
    bytes: [u8; N],
}

impl<const N: usize> Encoded<N> {
    /// Encodes a value.
    ///
    /// # Errors
    ///
    /// [`is_too_long`](ipc_core::Error::is_too_long) if it needs more than `N` bytes;
    /// [`is_invalid_argument`](ipc_core::Error::is_invalid_argument) if its type cannot be encoded.
    pub fn new<T: Serialize + ?Sized>(value: &T) -> Result<Self> {
        let on = |refusal: Refusal| refusal.on(any::type_name::<T>());
        let len = encoded_len(value).map_err(on)?;
        check(len, N).map_err(on)?;
        let mut bytes = [0; N];
        encode(value, len, |at, part| {
            bytes[at..at + part.len()].copy_from_slice(part);
        })
        .map_err(on)?;
        let len = u32::try_from(len).unwrap_or(u32::MAX).to_ne_bytes();
        Ok(Self { len, bytes })
    }

    /// Decodes the value.
    ///
    /// # Errors
    ///
    /// [`is_mismatch`](ipc_core::Error::is_mismatch) if it is not a value of `T`.
    pub fn value<'a, T: Deserialize<'a>>(&'a self) -> Result<T> {
        let len = usize::try_from(u32::from_ne_bytes(self.len)).unwrap_or(usize::MAX);
        let bytes = self.bytes.get(..len).ok_or_else(|| {
            let why = format_args!("found a length of {len}, wanted at most {N}");
            Refusal::mismatch("decode", why)
        });
        bytes.and_then(decode).map_err(|refusal| refusal.on(any::type_name::<T>()))
    }
}

impl<const N: usize> fmt::Debug for Encoded<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Encoded({} bytes)", u32::from_ne_bytes(self.len))
    }
}

/// Refuses a value that needs more bytes than there are.
pub(crate) fn check(len: usize, most: usize) -> Result<(), Refusal> {
    if len <= most {
        return Ok(());
    }
    let why = format!("found a value of {len} bytes, wanted at most {most}");
    Err(Refusal::os("encode", Errno::EMSGSIZE).because(why))
}

/// The number of bytes that a value needs.
pub(crate) fn encoded_len<T: Serialize + ?Sized>(value: &T) -> Result<usize, Refusal> {
    postcard::serialize_with_flavor(value, Size::default()).map_err(refused)
}

/// Encodes a value of this length in place: passes each part and its position to `write`.
pub(crate) fn encode<T: Serialize + ?Sized>(
    value: &T,
    len: usize,
    write: impl FnMut(usize, &[u8]),
) -> Result<(), Refusal> {
    let written = postcard::serialize_with_flavor(value, InPlace { at: 0, len, write });
    match written.map_err(refused)? {
        written if written == len => Ok(()),
        written => {
            let why = format!("encoding the value twice gave {len} bytes, then {written}");
            Err(Refusal::invalid("encode", why))
        }
    }
}

/// Decodes a value that these bytes are, all of them.
pub(crate) fn decode<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, Refusal> {
    let name = any::type_name::<T>();
    let why = match postcard::take_from_bytes(bytes) {
        Ok((value, [])) => return Ok(value),
        Ok((_, rest)) => format!("found {} bytes after a {name}", rest.len()),
        Err(err) => {
            let len = bytes.len();
            format!("found {len} bytes that are not a value of type {name}: {err}")
        }
    };
    Err(Refusal::mismatch("decode", why))
}

fn refused(err: postcard::Error) -> Refusal {
    Refusal::invalid("encode", err.to_string())
}

/// Writes parts where they are to be, and never more than the length.
struct InPlace<F> {
    at: usize,
    len: usize,
    write: F,
}

impl<F: FnMut(usize, &[u8])> Flavor for InPlace<F> {
    type Output = usize;

    fn try_push(&mut self, byte: u8) -> postcard::Result<()> {
        self.try_extend(&[byte])
    }

    fn try_extend(&mut self, bytes: &[u8]) -> postcard::Result<()> {
        if bytes.len() > self.len - self.at {
            return Err(postcard::Error::SerializeBufferFull);
        }
        (self.write)(self.at, bytes);
        self.at += bytes.len();
        Ok(())
    }

    fn finalize(self) -> postcard::Result<usize> {
        Ok(self.at)
    }
}
