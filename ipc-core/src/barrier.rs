//! An asymmetric memory fence between two threads: one thread pays for both.
//!
//! A thread that is about to sleep announces it and then looks once more whether it has to; a
//! thread that publishes something then looks whether another announced that it sleeps. At least
//! one of them must see the other, which takes a full fence in both. The publishing thread comes to
//! this point for every message, and the sleeping thread rarely. So the sleeping thread pays: it
//! has the kernel execute a barrier in the others.

use std::sync::atomic::{Ordering, compiler_fence, fence};

use crate::sys::membarrier;

/// The light side of the fence, for a thread that publishes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LightBarrier {
    is_registered: bool,
}

impl LightBarrier {
    /// Registers this process with the kernel. Where the kernel refuses, the light side is a full
    /// fence.
    #[must_use]
    pub fn register() -> Self {
        Self { is_registered: membarrier::register().is_ok() }
    }

    /// Orders this thread's earlier writes before its later reads of another thread's announcement,
    /// if that thread calls [`heavy`] after the announcement.
    #[inline]
    pub fn light(self) {
        if self.is_registered {
            compiler_fence(Ordering::SeqCst);
        } else {
            fence(Ordering::SeqCst);
        }
    }
}

/// The heavy side of the fence, for a thread that has announced itself and looks again.
///
/// Where the kernel refuses, this orders nothing in other processes. Callers therefore never sleep
/// for long without a check: see [`Patience`](crate::Patience).
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
