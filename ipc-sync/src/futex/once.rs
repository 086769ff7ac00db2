//! An initialisation that happens once among all processes.

#![expect(unsafe_code, reason = "states what it promises as a `Resident`")]

use std::fmt;
use std::mem::{self, offset_of};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use ipc_core::{Deadline, Result};
use ipc_mem::{Kind, Resident, Schema};

use ipc_core::owner::{PROCESS, flag, here, is_dead, replace};
use ipc_mem::WaitWord;

pub(super) const DONE: u64 = flag(0);

/// An initialiser has begun before and did not finish.
const AGAIN: u64 = flag(1);

/// An initialisation that one thread performs once for all processes, while the other threads wait.
///
/// If the process of that thread is killed, or the initialiser panics, the next caller performs the
/// initialisation [again](Begin::Again). If the process is stopped, the other threads wait.
///
/// To initialise a value, use [`OnceValue`](super::OnceValue).
///
/// # Examples
///
/// ```
/// use ipc_mem::{LocalMemory, Placed};
/// use ipc_sync::futex::Once;
///
/// let setup = Placed::<Once, _>::create_in(LocalMemory::new(64)?)?;
/// let mut runs = 0;
/// setup.call(|_| runs += 1);
/// setup.call(|_| runs += 1);
/// assert!(setup.is_done());
/// assert_eq!(runs, 1);
/// # Ok::<(), ipc_core::Error>(())
/// ```
#[doc(alias = "pthread_once_t")]
#[repr(C)]
pub struct Once {
    wait: WaitWord,
    /// 0, or the process that initialises, or `DONE`; with `AGAIN` after one that did not finish.
    state: AtomicU64,
}

/// The offset of the state.
pub(super) const STATE_AT: usize = offset_of!(Once, state);

/// Shows an initialiser whether another one began before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Begin {
    /// No other initialiser began before.
    First,
    /// Another initialiser began, and then died or panicked. Its work may be half done.
    Again,
}

impl Once {
    /// Performs the initialisation unless it is done. Waits while another thread performs it.
    ///
    /// If `initialise` itself calls this method on the same object, that call never returns.
    #[doc(alias = "pthread_once")]
    #[inline]
    pub fn call(&self, initialise: impl FnOnce(Begin)) {
        if !self.is_done() && !self.call_until(|| Deadline::NEVER, initialise) {
            // A child that was forked in the middle waits for its parent.
            self.wait_until_done();
        }
    }

    #[cold]
    fn wait_until_done(&self) {
        let done = |_| self.is_done().then_some(());
        while self.wait.wait_for(Deadline::NEVER, done).is_none() {}
    }

    /// Performs the initialisation, unless it is done or another thread is performing it. Returns
    /// `true` if it is done now.
    ///
    /// This call does not check whether the process that performs the initialisation is dead;
    /// [`call_timeout`](Self::call_timeout) with a timeout of zero does.
    #[inline]
    pub fn try_call(&self, initialise: impl FnOnce(Begin)) -> bool {
        self.is_done()
            || self.try_begin().is_some_and(|turn| turn.is_none_or(|turn| turn.run(initialise)))
    }

    /// Performs the initialisation unless it is done. Waits for at most `timeout` while another
    /// thread performs it. Returns `false` if it is still not done.
    #[inline]
    pub fn call_timeout(&self, timeout: Duration, initialise: impl FnOnce(Begin)) -> bool {
        self.is_done() || self.call_until(|| Deadline::after(timeout), initialise)
    }

    /// Performs the initialisation unless it is done. Waits until `deadline` at the latest while
    /// another thread performs it. Returns `false` if it is still not done.
    #[inline]
    pub fn call_deadline(&self, deadline: Instant, initialise: impl FnOnce(Begin)) -> bool {
        self.is_done() || self.call_until(|| Deadline::at(deadline), initialise)
    }

    /// Returns `true` if the initialisation is done. Then this thread sees everything that the
    /// initialiser wrote.
    #[inline]
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.state.load(Ordering::Acquire) & DONE != 0
    }

    #[cold]
    fn call_until(
        &self,
        deadline: impl FnOnce() -> Deadline,
        initialise: impl FnOnce(Begin),
    ) -> bool {
        let begun = self.try_begin().or_else(|| {
            self.wait.wait_for(deadline(), |is_suspicious| {
                self.try_begin().or_else(|| if is_suspicious { self.take_over() } else { None })
            })
        });
        begun.is_some_and(|turn| turn.is_none_or(|turn| turn.run(initialise)))
    }

    /// Begins; `Some(None)` says that there is nothing left to do, `None` that another thread is at
    /// it.
    fn try_begin(&self) -> Option<Option<Turn<'_>>> {
        let word = self.state.load(Ordering::SeqCst);
        if word & DONE != 0 {
            return Some(None);
        }
        (word & PROCESS == 0 && replace(&self.state, word, here() | word & AGAIN)).then(|| {
            Some(Turn {
                once: self,
                begin: if word & AGAIN == 0 { Begin::First } else { Begin::Again },
            })
        })
    }

    /// Begins in the place of a process that is proved dead.
    fn take_over(&self) -> Option<Option<Turn<'_>>> {
        let word = self.state.load(Ordering::SeqCst);
        (word & DONE == 0
            && word & PROCESS != here()
            && is_dead(word)
            && replace(&self.state, word, here() | AGAIN))
        .then(|| Some(Turn { once: self, begin: Begin::Again }))
    }
}

/// The right to initialise, which passes to another thread if the initialiser panics.
struct Turn<'a> {
    once: &'a Once,
    begin: Begin,
}

impl Turn<'_> {
    fn run(self, initialise: impl FnOnce(Begin)) -> bool {
        initialise(self.begin);
        let once = self.once;
        mem::forget(self);
        // A child that was forked in the middle has done nothing that the others see.
        let mine = |word: u64| (word & PROCESS == here()).then_some(DONE);
        let is_done = once.state.fetch_update(Ordering::SeqCst, Ordering::SeqCst, mine).is_ok();
        once.wait.notify_all();
        is_done
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let mine = |word: u64| (word & PROCESS == here()).then_some(AGAIN);
        // Only a forked child is refused, whose turn it is not.
        let _ = self.once.state.fetch_update(Ordering::SeqCst, Ordering::SeqCst, mine);
        self.once.wait.notify_all();
    }
}

impl fmt::Debug for Once {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Once").field("is_done", &self.is_done()).finish_non_exhaustive()
    }
}

// SAFETY: 1. `repr(C)`, atomic integers only, no pointer. 2. They are changed by atomic operations
// only. 3, 5. Every bit pattern is a value. 4. Nothing outside of its bytes knows of it: the
// kernel knows a futex only while a thread sleeps on it, which borrows it.
unsafe impl Resident for Once {
    const SCHEMA: &'static Schema = &Schema::of::<Self>(Kind::FUTEX_ONCE);

    type Options = ();

    unsafe fn set_up(&self, (): ()) -> Result<()> {
        self.wait.begin();
        Ok(())
    }
}
