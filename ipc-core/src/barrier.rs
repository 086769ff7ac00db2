//! An asymmetric memory fence between two threads: one thread pays for both.
//!
//! A thread that is about to sleep announces that it will sleep, and then checks once more whether
//! there is something to do. A thread that publishes a message checks afterwards whether another
//! thread has announced a sleep. At least one of the two threads must see what the other one wrote,
//! so each of them needs a full fence between its write and its check. The publishing thread needs
//! the fence for every message, the sleeping thread only before a sleep. So the sleeping thread
//! pays for both: it makes the kernel execute a barrier in the publishing threads (`membarrier`).

use std::sync::atomic::{Ordering, compiler_fence, fence};

use crate::sys::membarrier;

/// The light side of the fence, for a thread that publishes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LightBarrier {
    is_registered: bool,
}

impl LightBarrier {
    /// Registers this process with the kernel. If the kernel refuses, [`light`](Self::light) is a
    /// full fence.
    #[must_use]
    pub fn register() -> Self {
        Self { is_registered: membarrier::register().is_ok() }
    }

    /// Orders earlier writes of this thread before its later reads, as seen by threads that call
    /// [`heavy`] between their own write and their check.
    #[inline]
    pub fn light(self) {
        if self.is_registered {
            compiler_fence(Ordering::SeqCst);
        } else {
            fence(Ordering::SeqCst);
        }
    }
}

/// The heavy side of the fence, for a thread that has announced a sleep and will check once more.
///
/// If the kernel refuses `membarrier` to this process, although the publishing process was
/// registered, this thread may miss a wake-up. Callers must therefore check again after a limited
/// time: see [`Patience`](crate::Patience).
#[cold]
pub fn heavy() {
    fence(Ordering::SeqCst);
    // A refusal costs a slice.
    let _ = membarrier::everywhere();
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicU32;
    use std::sync::{Arc, Barrier};
    use std::thread;

    #[test]
    fn of_two_threads_that_write_and_then_read_at_least_one_sees_the_other() {
        const ROUNDS: usize = 5_000;

        let light = LightBarrier::register();
        let words: Arc<Vec<[AtomicU32; 2]>> =
            Arc::new((0..ROUNDS).map(|_| Default::default()).collect());
        let start = Arc::new(Barrier::new(2));
        let publisher = {
            let (words, start) = (Arc::clone(&words), Arc::clone(&start));
            thread::spawn(move || {
                start.wait();
                let publish = |[published, announced]: &[AtomicU32; 2]| {
                    published.store(1, Ordering::Release);
                    light.light();
                    announced.load(Ordering::Relaxed)
                };
                words.iter().map(publish).collect::<Vec<_>>()
            })
        };
        start.wait();
        let announce = |[published, announced]: &[AtomicU32; 2]| {
            announced.store(1, Ordering::Relaxed);
            heavy();
            published.load(Ordering::Acquire)
        };
        let published: Vec<_> = words.iter().map(announce).collect();
        let announced = publisher.join().unwrap();
        for (round, seen) in published.into_iter().zip(announced).enumerate() {
            assert_ne!(seen, (0, 0), "round {round}");
        }
    }
}
