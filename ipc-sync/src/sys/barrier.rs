//! Calls to C's barrier.

use std::mem::MaybeUninit;

use ipc_core::{Errno, ret};
use ipc_sys::{self as c, Live};

use crate::pthread::Sharing;
use crate::sys::attributes::Attributes;

/// C's barrier, made by `pthread_barrier_init` or found as such.
#[repr(transparent)]
pub(crate) struct Barrier(Live<c::pthread_barrier_t>);

impl Barrier {
    pub(crate) fn init(
        place: &mut MaybeUninit<Live<c::pthread_barrier_t>>,
        parties: u32,
        sharing: Sharing,
    ) -> Result<(), Errno> {
        let attributes = Attributes::new(sharing)?;
        ret::code(c::pthread_barrier_init(place, Some(&attributes.0), parties))
    }

    /// Returns `true` to one of the threads, `PTHREAD_BARRIER_SERIAL_THREAD`.
    #[inline]
    pub(crate) fn wait(&self) -> Result<bool, Errno> {
        match c::pthread_barrier_wait(&self.0) {
            c::PTHREAD_BARRIER_SERIAL_THREAD => Ok(true),
            other => ret::code(other).map(|()| false),
        }
    }
}
