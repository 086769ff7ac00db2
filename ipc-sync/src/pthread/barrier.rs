//! Waiting until all threads have arrived.

#![expect(unsafe_code, reason = "states that a barrier is a `Resident`")]

use std::fmt;
use std::ptr::NonNull;

use ipc_core::{Errno, Error, Refusal, Result};
use ipc_mem::{Fresh, Kind, Memory, Placed, ReadWrite, Resident, Schema};

use crate::pthread::{BarrierOptions, Sharing};
use crate::sys;

/// A barrier of the C library, a `pthread_barrier_t`, in any memory object: it holds threads until
/// a certain number has arrived.
///
/// It can be used again as soon as the threads are released. A wait has no timeout: if one of the
/// threads never arrives, or is killed before it arrives, the other threads wait for ever.
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
    /// Creates a barrier for this number of threads of any process at the beginning of fresh
    /// memory.
    ///
    /// # Errors
    ///
    /// `is_invalid_argument` if `parties` is 0 or over the maximum of the system; the errors of
    /// [`Placed::create_in`].
    #[doc(alias = "pthread_barrier_init")]
    pub fn create_in<M: Memory<Access = ReadWrite>>(
        memory: Fresh<M>,
        parties: u32,
    ) -> Result<Placed<Self, M>> {
        Self::create_in_with(memory, parties, Sharing::Processes)
    }

    /// Creates a barrier, for this process only or for all processes, at the beginning of fresh
    /// memory.
    ///
    /// # Errors
    ///
    /// The errors of [`create_in`](Self::create_in).
    pub fn create_in_with<M: Memory<Access = ReadWrite>>(
        memory: Fresh<M>,
        parties: u32,
        sharing: Sharing,
    ) -> Result<Placed<Self, M>> {
        Placed::create_in_with(memory, BarrierOptions::new(parties).sharing(sharing))
    }

    /// Opens the barrier at the beginning of a memory object. Dropping the handle never destroys
    /// it.
    ///
    /// # Errors
    ///
    /// `is_invalid_argument` if the memory is too small, not aligned or read-only.
    ///
    /// # Safety
    ///
    /// The contract of [`Placed::open_in`]. If a C program created the barrier, that program must
    /// use the same C library and word size as this program. If the C program is another process,
    /// the barrier must be `PTHREAD_PROCESS_SHARED`.
    pub unsafe fn open_in<M: Memory<Access = ReadWrite>>(memory: M) -> Result<Placed<Self, M>> {
        // SAFETY: the caller guarantees what `Placed::open_in` requires.
        unsafe { Placed::open_in(memory) }
    }

    /// Waits until all threads have arrived. One of the threads gets `true`; it is unspecified
    /// which.
    ///
    /// # Errors
    ///
    /// Fails only if the memory of the barrier is damaged.
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

// SAFETY: `pthread_barrier_t` is used through `&` by C's functions only, which any number of
// threads may call, of several processes as it is made by default. It is never destroyed: that
// would wait, for ever, for threads that arrived and were killed, and C keeps nothing outside of
// it.
unsafe impl Resident for Barrier {
    const SCHEMA: &'static Schema = &Schema::of::<Self>(Kind::BARRIER);

    type Options = BarrierOptions;

    fn check_sharing(options: &BarrierOptions) -> Result<(), Refusal> {
        options.sharing.check("pthread_barrier_init")
    }

    unsafe fn init(place: NonNull<Self>, options: BarrierOptions) -> Result<()> {
        let BarrierOptions { parties, sharing } = options;
        // SAFETY: this type is `repr(transparent)` over `Live<pthread_barrier_t>`, so the place is
        // that of one. Its bytes are aligned and writable, and until this returns no other thread
        // or process uses them (contract of `init`).
        let place = unsafe { place.cast().as_mut() };
        sys::barrier::Barrier::init(place, parties, sharing).map_err(|errno| {
            let refusal = match errno {
                Errno::EINVAL => {
                    let why = format!("{parties} threads; 1 to {} are possible", i32::MAX);
                    Refusal::invalid("pthread_barrier_init", why)
                }
                _ => Refusal::os("pthread_barrier_init", errno),
            };
            refusal.on("")
        })
    }
}
