//! The types of messages of a topic.

use std::slice;

use ipc_mem::Plain;

mod sealed {
    pub trait Sealed {}
}

/// The type of the messages of a topic: a [plain](Plain) value `T`, or a slice `[T]` whose length
/// differs from message to message. `[u8]` stands for bytes.
pub trait Payload: sealed::Sealed + 'static {
    /// The type of the value, or of the elements of the slice.
    type Element: Plain;

    #[doc(hidden)]
    const IS_SLICE: bool;

    /// The elements of a message: the value itself, or those of the slice.
    #[doc(hidden)]
    fn elements(&self) -> &[Self::Element];
}

impl<T: Plain> sealed::Sealed for T {}

impl<T: Plain> Payload for T {
    type Element = T;

    const IS_SLICE: bool = false;

    #[inline]
    fn elements(&self) -> &[T] {
        slice::from_ref(self)
    }
}

impl<T: Plain> sealed::Sealed for [T] {}

impl<T: Plain> Payload for [T] {
    type Element = T;

    const IS_SLICE: bool = true;

    #[inline]
    fn elements(&self) -> &[T] {
        self
    }
}
