//! The properties that an array must have if it was opened over arbitrary bytes.

use ipc_core::Result;
use ipc_mem::{Memory, Plain};
use ipc_shmarray::{AnyArray, ShmArray};

/// An array lies inside its memory and can be read to its end; otherwise there is only an error.
/// Returns whether it is an array.
pub(crate) fn look<T: Plain, M: Memory>(opened: Result<&ShmArray<T, M>, &ipc_core::Error>) -> bool {
    match opened {
        Ok(array) => {
            let (base, from) = (array.memory().base().addr().get(), array.as_ptr().addr());
            assert!(
                base <= from && from + array.len() * size_of::<T>() <= base + array.memory().size()
            );
            assert_eq!(array.shape().checked_len(), Some(array.len()));
            assert_eq!(array.to_vec().len(), array.len());
        }
        Err(err) => refused(err),
    }
    opened.is_ok()
}

pub(crate) fn look_at_any(opened: Result<AnyArray<impl Memory>>) -> bool {
    match &opened {
        Ok(array) => {
            assert_eq!(array.shape().checked_len(), Some(array.len()));
            assert_eq!(array.to_bytes().len(), array.len() * array.element_size());
            assert!(array.element_size() > 0);
        }
        Err(err) => refused(err),
    }
    opened.is_ok()
}

pub(crate) fn refused(err: &ipc_core::Error) {
    assert!(err.is_mismatch(), "{err}");
    assert!(err.to_string().len() < 10_000, "an error as long as the author of the header likes");
}
