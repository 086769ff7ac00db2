//! The values that can be sent: plain data as its bytes, other types in a binary format.

use std::{any, slice};

use ipc_mem::{Plain, bytes};

/// A value that a [`Sender`](crate::Sender) can send.
///
/// Values of a [`Plain`] type are sent as their bytes. With the feature `postcard`, the wrapper
/// `Postcard` makes it possible to send values of any serde type. Other crates cannot implement
/// this trait.
pub trait Payload: sealed::Encoded {}

impl<T: sealed::Encoded> Payload for T {}

pub(crate) mod sealed {
    pub trait Encoded: Sized {
        /// The number of bytes, if it is the same for all values.
        const LEN: Option<usize>;
        /// Runs `f` with the bytes of this value, or returns the reason why it cannot be encoded.
        fn with_bytes<R>(&self, f: impl FnOnce(&[u8]) -> R) -> Result<R, String>;
        /// Returns the value that has these bytes, or the reason why they are not a value.
        fn from_bytes(bytes: &[u8]) -> Result<Self, String>;
    }
}

impl<T: Plain> sealed::Encoded for T {
    const LEN: Option<usize> = Some(T::SCHEMA.size);

    fn with_bytes<R>(&self, f: impl FnOnce(&[u8]) -> R) -> Result<R, String> {
        Ok(f(bytes::of(slice::from_ref(self))))
    }

    fn from_bytes(bytes: &[u8]) -> Result<Self, String> {
        if bytes.len() != size_of::<T>() {
            let name = any::type_name::<T>();
            return Err(format!(
                "found {} bytes, wanted the {} of {name}",
                bytes.len(),
                size_of::<T>()
            ));
        }
        let mut value = bytes::zeros();
        bytes::of_mut(slice::from_mut(&mut value)).copy_from_slice(bytes);
        Ok(value)
    }
}

/// A value of any serde type, encoded in the [format of postcard](https://postcard.jamesmunns.com).
///
/// The format is compact and does not depend on the machine. It contains no names of types or
/// fields, so sender and receiver must use the same type.
///
/// # Examples
///
/// ```
/// use ipc_queue::{MessageQueue, Postcard, QueueOptions, Receiver, Sender};
///
/// #[derive(serde::Serialize, serde::Deserialize)]
/// enum Job {
///     Sweep,
///     Paint { colour: String },
/// }
///
/// # let name = format!("/postcards-{}", std::process::id());
/// let sender = Sender::new(MessageQueue::create(&name, QueueOptions::new(8, 256))?)?;
/// sender.send(Postcard(Job::Paint { colour: "red".into() }), 0)?;
///
/// let receiver = Receiver::<Postcard<Job>>::new(MessageQueue::open(&name)?)?;
/// let (Postcard(job), _priority) = receiver.recv()?;
/// assert!(matches!(job, Job::Paint { colour } if colour == "red"));
/// # MessageQueue::unlink(&name)?;
/// # Ok::<(), ipc_core::Error>(())
/// ```
#[cfg(feature = "postcard")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Postcard<T>(pub T);

#[cfg(feature = "postcard")]
impl<T: serde::Serialize + serde::de::DeserializeOwned> sealed::Encoded for Postcard<T> {
    const LEN: Option<usize> = None;

    fn with_bytes<R>(&self, f: impl FnOnce(&[u8]) -> R) -> Result<R, String> {
        postcard::to_allocvec(&self.0).map(|bytes| f(&bytes)).map_err(|err| err.to_string())
    }

    fn from_bytes(bytes: &[u8]) -> Result<Self, String> {
        let name = any::type_name::<T>();
        match postcard::take_from_bytes(bytes) {
            Ok((value, [])) => Ok(Self(value)),
            Ok((_, rest)) => Err(format!("found {} bytes after a {name}", rest.len())),
            Err(err) => {
                let len = bytes.len();
                Err(format!("found {len} bytes that are not a value of type {name}: {err}"))
            }
        }
    }
}
