//! The identity of this process, which its forked children do not have. Checking it costs one load.
//!
//! `fork` duplicates every handle, and the child's copy must not remove an object that its parent
//! created. A `getpid` at each use is too expensive, and in another PID namespace a child can have
//! the id of its parent. So each process keeps a mark in a page that the system wipes in a forked
//! child. A mark contains the generation of the process, which is higher than that of each process
//! from which it can have inherited a handle.

#![expect(unsafe_code, reason = "shares the page of the mark between threads")]

use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicPtr, AtomicU32, AtomicU64, Ordering};
use std::time::Instant;
use std::{process, ptr};

use crate::{switched_on, sys};

/// The address of the mark, after the first use. Not a `OnceLock`: in a child that is forked during
/// initialisation, all threads would wait for the initialising thread, which does not exist there.
static MARK: AtomicPtr<AtomicU64> = AtomicPtr::new(ptr::null_mut());

/// At least the generation of this process and of each of its ancestors that had a mark. Forked
/// children inherit it.
static GENERATION: AtomicU32 = AtomicU32::new(0);

/// Stands for the mark where the system wipes no pages.
static NO_PAGE: AtomicU64 = AtomicU64::new(0);

/// The process in which a handle was created.
///
/// # Examples
///
/// ```
/// use ipc_core::Origin;
///
/// let origin = Origin::here();
/// assert!(origin.is_here()); // but not in a child that this process forks
/// ```
#[doc(alias = "MADV_WIPEONFORK")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Origin(u64);

impl Origin {
    /// Returns the identity of this process.
    #[must_use]
    pub fn here() -> Self {
        // SAFETY: null, or what `find` has put there, which lives to the end of the process.
        let mark = unsafe { MARK.load(Ordering::Acquire).as_ref() }.unwrap_or_else(find);
        match mark.load(Ordering::Relaxed) {
            0 if ptr::eq(mark, &NO_PAGE) => Self(process::id().into()),
            0 => Self(make(mark)),
            made => Self(made),
        }
    }

    /// Returns the number of the process: never 0, and different from the number of each ancestor
    /// from which this process was forked.
    #[must_use]
    pub fn number(self) -> u64 {
        self.0
    }

    /// Returns `true` in the process in which [`here`](Self::here) returned this value, and `false`
    /// in its forked children.
    #[must_use]
    #[inline]
    pub fn is_here(self) -> bool {
        self == Self::here() || !switched_on("origin")
    }
}

/// The first caller maps a page for the mark. If several threads do so together, one page is used,
/// and the others stay unused.
#[cold]
fn find() -> &'static AtomicU64 {
    let ours = sys::wiped_in_a_forked_child().unwrap_or(&NO_PAGE);
    let found = MARK.compare_exchange(
        ptr::null_mut(),
        ptr::from_ref(ours).cast_mut(),
        Ordering::AcqRel,
        Ordering::Acquire,
    );
    // SAFETY: not null, so put there by another thread that was here, and alive to the end of the
    // process.
    found.map_or_else(|theirs| unsafe { &*theirs }, |_| ours)
}

/// The first call in a process sets the mark: the generation, and random bits that siblings do not
/// share.
#[cold]
fn make(mark: &AtomicU64) -> u64 {
    // It grows before the mark is there: a child that inherits a handle with this mark inherits a
    // generation that is at least this one.
    let generation = GENERATION.fetch_add(1, Ordering::Relaxed).wrapping_add(1);
    // The keys are random, but a forked child has its parent's.
    let random = RandomState::new().hash_one((process::id(), Instant::now()));
    let made = u64::from(generation) << 32 | random >> 32 | 1;
    mark.compare_exchange(0, made, Ordering::Release, Ordering::Relaxed)
        .map_or_else(|theirs| theirs, |_| made)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_threads_of_a_process_have_one_origin() {
        let origins: Vec<Origin> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(Origin::here)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert_eq!(origins, [Origin::here(); 4]);
    }

    #[test]
    fn a_process_whose_mark_was_wiped_is_another_process() {
        let mark = AtomicU64::new(0);
        let mut parent = make(&mark);
        for _ in 0..1000 {
            assert_eq!(make(&mark), parent, "whoever comes second takes what is there");
            mark.store(0, Ordering::Relaxed);
            let child = make(&mark);
            assert!(child >> 32 > parent >> 32, "the random bits may be equal");
            parent = child;
        }
    }
}
