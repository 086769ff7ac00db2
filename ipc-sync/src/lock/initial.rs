//! The initial data and the options of a lock.

#![expect(unsafe_code, reason = "copies data to where it is shared")]

use std::ptr::NonNull;

use ipc_mem::Plain;

/// The initial data of a lock, and the options of the lock itself.
///
/// By default, the data is zeros, and the lock has the default options of its kind.
///
/// ```
/// use ipc_mem::{LocalMemory, Placed};
/// use ipc_sync::Initial;
/// use ipc_sync::pthread::{Mutex, MutexOptions};
///
/// let initial = Initial::new([1.0, 2.0]).options(MutexOptions::new().stalled());
/// let limits = Placed::<Mutex<[f64; 2]>, _>::create_in_with(LocalMemory::new(128)?, initial)?;
/// assert_eq!(*limits.lock().unwrap(), [1.0, 2.0]);
/// # Ok::<(), ipc_core::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Initial<T, O> {
    /// `None`: the zeros that are there. Boxed, so that the initial value of a large type does not
    /// need a large stack.
    pub(crate) data: Option<Box<T>>,
    pub(crate) options: O,
}

impl<T, O: Default> Initial<T, O> {
    /// This data, with the default options of the lock.
    #[must_use]
    pub fn new(data: T) -> Self {
        Self { data: Some(Box::new(data)), options: O::default() }
    }
}

impl<T, O> Initial<T, O> {
    pub(crate) fn with(data: T, options: O) -> Self {
        Self { data: Some(Box::new(data)), options }
    }

    /// Sets the options of the lock.
    #[must_use]
    pub fn options(self, options: O) -> Self {
        Self { options, ..self }
    }
}

impl<T: Plain, O> Initial<T, O> {
    /// Writes the data to its place, unless it is to be zeros.
    ///
    /// # Safety
    ///
    /// `place` is aligned and valid for writes of a `T`.
    pub(crate) unsafe fn write(data: Option<Box<T>>, place: NonNull<T>) {
        if let Some(data) = data {
            // Not by value, which a large type would need a large stack for. SAFETY: a `T` of our
            // own, and a place that the caller guarantees to be another and valid.
            unsafe { place.copy_from_nonoverlapping(NonNull::from(&*data), 1) };
        }
    }
}

impl<T, O: Default> Default for Initial<T, O> {
    fn default() -> Self {
        Self { data: None, options: O::default() }
    }
}

impl<T, O: Default> From<T> for Initial<T, O> {
    fn from(data: T) -> Self {
        Self::new(data)
    }
}
