//! Reactions: the few things that are safe to do the moment a signal arrives.

#![expect(unsafe_code, reason = "registers code that runs in signal handlers")]

mod registry;
mod write;

use std::fmt;
use std::process;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use ipc_core::{Error, Result, Signal, SignalSafe};

use crate::{SignalSet, sys};
use registry::Entry;

/// An operation that is performed whenever a signal arrives, until this value is dropped.
///
/// A signal may have many reactions. If another library (tokio, signal-hook, a C library) installed
/// a handler before the first reaction, that handler runs first. Then the reactions run, in the
/// order of their creation. System calls that the signal interrupts are restarted if the system can
/// restart them (`SA_RESTART`).
///
/// If a standard signal is sent several times while its reactions run, they run only one more time.
/// So a counter counts the runs, not the sent signals.
///
/// # After the last reaction
///
/// When the last reaction to a signal is dropped, the signal handler of this crate stays installed,
/// because a handler of another library may call it. From then on, it only calls the handler that
/// was installed before it, if there was one; the default action is not performed. If no other
/// library handles the signal, [`restore_default`](crate::restore_default) restores the default
/// action. Because the handler stays installed, a shared library that contains this crate is never
/// unloaded after it has created a reaction.
///
/// # Fork
///
/// A forked child has the reactions of its parent. In the child, [`set_flag`](Self::set_flag) and
/// [`count`](Self::count) change the child's own copy of the flag or counter. [`post`](Self::post),
/// [`write_byte`](Self::write_byte) and [`add_to_eventfd`](Self::add_to_eventfd) do nothing,
/// because the child shares the semaphore or descriptor with its parent.
///
/// # Examples
///
/// The first Ctrl-C sets the flag `ending`. The second Ctrl-C ends the process. Reactions run in
/// the order of their creation, so create `die_if` first: at the first Ctrl-C, it runs before the
/// flag is set.
///
/// ```
/// use std::sync::Arc;
/// use std::sync::atomic::{AtomicBool, Ordering};
///
/// use ipc_signal::{Reaction, Signal, raise};
///
/// let ending = Arc::new(AtomicBool::new(false));
/// let _second = Reaction::die_if(Signal::INT, ending.clone())?;
/// let _first = Reaction::set_flag(Signal::INT, ending.clone())?;
///
/// raise(Signal::INT)?;
/// assert!(ending.load(Ordering::Relaxed));
/// # Ok::<(), ipc_core::Error>(())
/// ```
#[must_use = "dropping it ends the reaction immediately"]
pub struct Reaction {
    signal: Signal,
    entry: Entry,
}

impl Reaction {
    /// Sets a flag when the signal arrives.
    ///
    /// # Errors
    ///
    /// [`is_invalid_argument`](Error::is_invalid_argument) for `KILL`, `STOP` and
    /// [faults](Signal::is_fault).
    pub fn set_flag(signal: Signal, flag: Arc<AtomicBool>) -> Result<Self> {
        Self::notify(signal, flag)
    }

    /// Adds 1 to a counter when the signal arrives.
    ///
    /// # Errors
    ///
    /// [`is_invalid_argument`](Error::is_invalid_argument) for `KILL`, `STOP` and
    /// [faults](Signal::is_fault).
    pub fn count(signal: Signal, counter: Arc<AtomicU64>) -> Result<Self> {
        Self::notify(signal, counter)
    }

    fn notify(signal: Signal, object: Arc<impl SignalSafe + 'static>) -> Result<Self> {
        // SAFETY: `notify` may be called in a signal handler and does not panic (contract of
        // `SignalSafe`).
        unsafe { Self::register(signal, move || object.notify()) }
    }

    /// Posts a semaphore when the signal arrives, so that a thread that waits on it continues.
    ///
    /// `NamedSemaphore` and both types named `Semaphore` of `ipc-sync` implement [`SignalSafe`], and
    /// so do `Shared` and `Placed` if their value does. A program may implement this unsafe trait
    /// for its own types. In a forked child, the semaphore is not posted, because the child
    /// may share it with its parent.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    /// use std::sync::atomic::{AtomicU64, Ordering};
    ///
    /// use ipc_signal::{Reaction, Signal, raise};
    ///
    /// let posts = Arc::new(AtomicU64::new(0)); // or an Arc<NamedSemaphore>
    /// let _reaction = Reaction::post(Signal::USR1, posts.clone())?;
    /// raise(Signal::USR1)?;
    /// assert_eq!(posts.load(Ordering::Relaxed), 1);
    /// # Ok::<(), ipc_core::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`is_invalid_argument`](Error::is_invalid_argument) for `KILL`, `STOP` and
    /// [faults](Signal::is_fault).
    #[doc(alias = "sem_post")]
    pub fn post(signal: Signal, semaphore: Arc<impl SignalSafe + 'static>) -> Result<Self> {
        let owner = process::id();
        let post = move || {
            if process::id() == owner {
                semaphore.notify();
            }
        };
        // SAFETY: it calls getpid, which POSIX lists, and `notify`, which may be called in a signal
        // handler and does not panic (contract of `SignalSafe`).
        unsafe { Self::register(signal, post) }
    }

    /// Ends the process with the default action of the signal, if the flag is set when the signal
    /// arrives.
    ///
    /// # Errors
    ///
    /// [`is_invalid_argument`](Error::is_invalid_argument) for `KILL`, `STOP`,
    /// [faults](Signal::is_fault), and signals whose default action does not end the process.
    pub fn die_if(signal: Signal, flag: Arc<AtomicBool>) -> Result<Self> {
        const HARMLESS: [Signal; 7] = [
            Signal::CHLD,
            Signal::CONT,
            Signal::URG,
            Signal::WINCH,
            Signal::TSTP,
            Signal::TTIN,
            Signal::TTOU,
        ];
        if HARMLESS.contains(&signal) {
            let why = "this signal does not end a process by default";
            return Err(Error::invalid("sigaction", signal, why));
        }
        let die = move || {
            if flag.load(Ordering::SeqCst) {
                sys::do_default(signal);
            }
        };
        // SAFETY: it reads a lock-free atomic and calls sigaction, getpid, sigemptyset, sigaddset
        // and pthread_sigmask, which POSIX lists, and the system calls gettid and tgkill.
        unsafe { Self::register(signal, die) }
    }

    /// Ends the process with an exit status, if the flag is set when the signal arrives.
    ///
    /// Neither destructors nor `atexit` functions run.
    ///
    /// # Errors
    ///
    /// [`is_invalid_argument`](Error::is_invalid_argument) for `KILL`, `STOP` and
    /// [faults](Signal::is_fault).
    #[doc(alias = "_exit")]
    pub fn exit_if(signal: Signal, flag: Arc<AtomicBool>, status: i32) -> Result<Self> {
        let exit = move || {
            if flag.load(Ordering::SeqCst) {
                sys::exit_now(status);
            }
        };
        // SAFETY: it reads a lock-free atomic and calls _exit, which POSIX lists.
        unsafe { Self::register(signal, exit) }
    }

    /// Runs `run` whenever the signal arrives.
    ///
    /// # Safety
    ///
    /// `run` calls only functions that POSIX lists as async-signal-safe, and does not panic.
    unsafe fn register(signal: Signal, run: impl Fn() + Send + Sync + 'static) -> Result<Self> {
        SignalSet::from(signal).receivable("sigaction")?;
        // SAFETY: the caller guarantees that `run` may run in a signal handler and does not panic.
        let entry = unsafe { registry::register(signal, run) };
        let entry = entry.map_err(|errno| Error::os("sigaction", signal, errno))?;
        Ok(Self { signal, entry })
    }

    /// Keeps the reaction until the process ends.
    pub fn keep(self) {
        std::mem::forget(self);
    }
}

impl Drop for Reaction {
    fn drop(&mut self) {
        self.entry.remove();
    }
}

impl fmt::Debug for Reaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Reaction({})", self.signal)
    }
}
