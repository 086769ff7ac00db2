//! What may be sent as a value: plain data by their bytes, others in a binary format.

#![expect(unsafe_code, reason = "looks at plain data as bytes, and at bytes as plain data")]

use std::mem::MaybeUninit;
use std::{any, ptr, slice};

use ipc_mem::Plain;

/// What a [`Sender`](crate::Sender) sends: [`Plain`] data as the bytes that they are, and, in a
/// wrapper that names the format, whatever serde knows.
///
/// It is a trait of this crate alone: the wrapper is `Postcard`, of the feature of that name.
pub trait Payload: sealed::Encoded {}

impl<T: sealed::Encoded> Payload for T {}

pub(crate) mod sealed {
    pub trait Encoded: Sized {
        /// The number of bytes, where it is the same for all values.
        const LEN: Option<usize>;
        /// Runs `f` with the bytes of this value, or says why there are none.
        fn with_bytes<R>(&self, f: impl FnOnce(&[u8]) -> R) -> Result<R, String>;
        /// The value that has these bytes, or what they are instead.
        fn from_bytes(bytes: &[u8]) -> Result<Self, String>;
    }
}

impl<T: Plain> sealed::Encoded for T {
    const LEN: Option<usize> = Some(T::SCHEMA.size);

    fn with_bytes<R>(&self, f: impl FnOnce(&[u8]) -> R) -> Result<R, String> {
        // SAFETY: a plain type has no padding, so all its bytes are set; they live as long as `self`.
        let bytes = unsafe { slice::from_raw_parts(ptr::from_ref(self).cast::<u8>(), size_of::<T>()) };
        Ok(f(bytes))
    }

    fn from_bytes(bytes: &[u8]) -> Result<Self, String> {
        if bytes.len() != size_of::<T>() {
            let name = any::type_name::<T>();
            return Err(format!("found {} bytes, wanted the {} of {name}", bytes.len(), size_of::<T>()));
        }
        let mut value = MaybeUninit::<T>::uninit();
        // SAFETY: as many bytes as a `T` has, into one that nobody else has.
        unsafe { ptr::copy_nonoverlapping(bytes.as_ptr(), value.as_mut_ptr().cast(), bytes.len()) };
        // SAFETY: all its bytes were just set, and for a plain type any bytes are a value.
        Ok(unsafe { value.assume_init() })
    }
}

/// Any value that serde can write and read, in the [format of postcard](https://postcard.jamesmunns.com): compact, the
/// same on every machine, and without names of types or fields, so both sides have to have the same type.
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
            Ok((_, rest)) => Err(format!("found {} bytes more than a {name} has", rest.len())),
            Err(err) => Err(format!("found {} bytes that are no {name}: {err}", bytes.len())),
        }
    }
}
