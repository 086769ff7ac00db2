//! Waiting until all have come.

#![expect(unsafe_code, reason = "vouches for a barrier as a `Resident`")]

use std::fmt;
use std::ptr::NonNull;

use ipc_core::{Error, Result};
use ipc_mem::{Kind, Memory, Placed, Resident, Schema};

use crate::pthread::Sharing;
use crate::sys;

/// Holds threads until a certain number of them has come: C's `pthread_barrier_t`, in any memory.
///
/// It can be used again as soon as they have gone on. There is no way to wait for a limited time: if one of
/// them is killed before it comes, or never comes, the others wait for ever.
///
/// # Examples
///
/// ```
/// use ipc_mem::LocalMemory;
/// use ipc_sync::pthread::Barrier;
///
/// let line = Barrier::create_in(LocalMemory::new(64)?, 2)?;
/// let first = std::thread::scope(|scope| {
///     let other = scope.spawn(|| line.wait().unwrap());
///     u32::from(line.wait().unwrap()) + u32::from(other.join().unwrap())
/// });
/// assert_eq!(first, 1);
/// # Ok::<(), ipc_core::Error>(())
/// ```
///
/// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/pthread_barrier_wait.html>
#[doc(alias = "pthread_barrier_t")]
#[repr(transparent)]
pub struct Barrier(sys::barrier::Barrier);

impl Barrier {
    /// Makes one for so many threads of any process at the beginning of a fresh memory.
    ///
    /// # Errors
    ///
    /// `is_invalid_argument` if it is to hold none or more than the system can count, or as [`Placed::create_in`].
    #[doc(alias = "pthread_barrier_init")]
    pub fn create_in<M: Memory>(memory: M, parties: u32) -> Result<Placed<Self, M>> {
        Self::create_with(memory, parties, Sharing::Processes)
    }

    /// As [`create_in`](Self::create_in), with a say in whose threads may use it.
    ///
    /// # Errors
    ///
    /// As [`create_in`](Self::create_in).
    pub fn create_with<M: Memory>(memory: M, parties: u32, sharing: Sharing) -> Result<Placed<Self, M>> {
        // SAFETY: called below, with a place that `Placed::create_with` gives for this.
        let init = |place| unsafe { Self::init_with(place, parties, sharing) };
        // SAFETY: `init_with` makes a barrier or fails.
        unsafe { Placed::create_with(memory, init) }
    }

    /// Finds the one that somebody made at the beginning of a memory, and never ends it.
    ///
    /// # Errors
    ///
    /// `is_invalid_argument` if the memory is too small, not aligned or read-only.
    ///
    /// # Safety
    ///
    /// As [`Placed::open_in`]. One made by a C program has to be `PTHREAD_PROCESS_SHARED` if that is another process,
    /// and made by the same C library as this one, in the same word size.
    pub unsafe fn open_in<M: Memory>(memory: M) -> Result<Placed<Self, M>> {
        // SAFETY: as the caller vouches.
        unsafe { Placed::open_in(memory) }
    }

    /// Makes one at `place`, for what is laid out by other means than a memory.
    ///
    /// # Errors
    ///
    /// As [`create_in`](Self::create_in).
    ///
    /// # Safety
    ///
    /// As [`Resident::init`]. One for [`Sharing::Threads`] is never used by another process, nor through a second
    /// mapping.
    pub unsafe fn init_with(place: NonNull<Self>, parties: u32, sharing: Sharing) -> Result<()> {
        // SAFETY: as the caller vouches; a `Barrier` is one of C's.
        let made = unsafe { sys::barrier::Barrier::init(place.cast(), parties, sharing) };
        made.map_err(|errno| Error::os("pthread_barrier_init", format_args!("for {parties}"), errno))
    }

    /// Waits until all have come. One of them, whichever, is told `true`.
    ///
    /// # Errors
    ///
    /// What the system refuses; nothing that happens to an intact one.
    #[doc(alias = "pthread_barrier_wait")]
    #[doc(alias = "PTHREAD_BARRIER_SERIAL_THREAD")]
    #[inline]
    pub fn wait(&self) -> Result<bool> {
        self.0.wait().map_err(|errno| Error::os("pthread_barrier_wait", "", errno))
    }
}

impl fmt::Debug for Barrier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Barrier").finish_non_exhaustive()
    }
}

// SAFETY: `pthread_barrier_t` is used through `&` by C's functions only, which any number of threads may call, of
// several processes as it is made by default. It is never destroyed: that would wait, for ever, for who came and was
// killed, and C keeps nothing outside of it.
unsafe impl Resident for Barrier {
    const SCHEMA: &'static Schema = &Schema::of::<Self>(Kind::BARRIER);

    unsafe fn init(place: NonNull<Self>) -> Result<()> {
        // SAFETY: as the caller vouches. C refuses a barrier for nobody, which is right: there is no number that
        // would do for all, so it has to be said.
        unsafe { Self::init_with(place, 0, Sharing::Processes) }
    }
}
