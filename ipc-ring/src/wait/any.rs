//! Waiting until one of several objects or descriptors is ready.

use std::sync::atomic::AtomicU32;

use ipc_core::{
    Clock, Deadline, Errno, Error, Patience, PollFd, Result, TimeSpec, Woken, barrier, futex, poll,
};

use super::Waitable;
use crate::waiting::LONGEST_SLICE;

/// The objects and descriptors that are ready. Both lists are empty if the deadline passed first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Ready {
    /// The indices of the objects that are ready.
    pub objects: Vec<usize>,
    /// The indices of the descriptors that are ready.
    pub descriptors: Vec<usize>,
}

impl Ready {
    /// Returns `true` if no object and no descriptor is ready.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.objects.is_empty() && self.descriptors.is_empty()
    }
}

/// Waits until at least one of the objects or descriptors is ready, and returns all that are ready.
/// If the deadline passes first, it returns an empty [`Ready`].
///
/// Another thread may receive a message first, so receive with calls that do not wait. From rings,
/// frame readers and receipts, receive with the `_timeout` functions and a timeout of zero: their
/// `try_` functions, and `is_read`, do not notice that a process died. From all other objects,
/// receive with the `try_` functions: for these objects, `wait_any` itself has looked for dead
/// processes. An object that becomes ready wakes one thread. If that thread was in `wait_any`, and
/// does not receive from the object, the other threads that wait for the object notice the message
/// themselves, at most 20 ms later.
///
/// # Errors
///
/// [`is_invalid_argument`](Error::is_invalid_argument) for more than 128 objects, or without any
/// object or descriptor; [`is_unsupported`](Error::is_unsupported) for objects and descriptors in
/// one call, if the feature `io-uring` is off, the system refuses io_uring, or Linux is older than
/// 6.7. With descriptors alone, the call uses `poll`, and returns its errors.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use ipc_core::Deadline;
/// use ipc_ring::{JobQueue, spsc};
/// use ipc_ring::wait::wait_any;
///
/// # let name = format!("/wait-any-{}", std::process::id());
/// let orders = spsc::Receiver::<u64>::create(&name, 64)?;
/// let jobs = JobQueue::<u64>::create(format!("{name}-jobs"), 64)?;
/// let deadline = Deadline::after(Duration::from_millis(1));
/// assert!(wait_any(&[&orders, &jobs], &mut [], deadline)?.is_empty());
///
/// jobs.submit(&7)?; // usually in another process
/// let ready = wait_any(&[&orders, &jobs], &mut [], Deadline::NEVER)?;
/// assert_eq!(ready.objects, [1]);
/// assert_eq!(jobs.try_take()?.map(|job| *job), Some(7));
/// # Ok::<(), ipc_core::Error>(())
/// ```
pub fn wait_any(
    objects: &[&dyn Waitable],
    descriptors: &mut [PollFd<'_>],
    deadline: impl Into<Deadline>,
) -> Result<Ready> {
    let (few, deadline) = (objects.len() <= futex::MAX_WORDS, deadline.into());
    if objects.is_empty() && descriptors.is_empty() || !few {
        let why = format!("{} objects: 1 to {} are possible", objects.len(), futex::MAX_WORDS);
        return Err(Error::invalid("wait_any", "", why));
    }
    let mut patience = Patience::new(deadline).with_longest_slice(LONGEST_SLICE);
    let mut sleeper = Sleeper::new(objects, descriptors);
    let mut is_suspicious = false;
    loop {
        let ready = look(objects, descriptors, is_suspicious)?;
        if !ready.is_empty() {
            return Ok(ready);
        }
        is_suspicious = false;
        if patience.polls() {
            continue;
        }
        let words: Vec<_> = objects.iter().map(|object| object.announce()).collect();
        if !words.is_empty() {
            barrier::heavy();
        }
        let ready = look(objects, descriptors, false)?;
        if !ready.is_empty() {
            return Ok(ready);
        }
        let mut failed = None;
        let woken = patience.sleep_with(|end| {
            sleeper.sleep(&words, descriptors, end).map_err(|err| {
                let errno = err.errno().unwrap_or(Errno::EIO);
                failed = Some(err);
                errno
            })
        });
        match (woken, failed) {
            (_, Some(err)) if !is_expected(&err) => return Err(err),
            (Woken::Changed, _) => {}
            (Woken::Slice, _) => is_suspicious = true,
            (Woken::Late, _) => return look(objects, descriptors, true),
        }
    }
}

/// Returns `true` for errors after which the thread looks again: a sleep has ended, or the system
/// cannot wait for several futexes.
fn is_expected(err: &Error) -> bool {
    let known = [Errno::ETIMEDOUT, Errno::EAGAIN, Errno::EINTR];
    err.errno().is_some_and(|errno| known.contains(&errno))
        || err.call() == "futex_waitv" && err.errno() == Some(Errno::ENOSYS)
}

/// Returns the objects and descriptors that are ready. If `proves`, processes may also be proved
/// dead.
fn look(objects: &[&dyn Waitable], fds: &mut [PollFd<'_>], proves: bool) -> Result<Ready> {
    let is_ready = |index: &usize| objects[*index].is_ready(proves);
    let objects = (0..objects.len()).filter(is_ready).collect();
    if !fds.is_empty() {
        poll(fds, Deadline::after(std::time::Duration::ZERO))
            .map_err(|errno| Error::os("poll", "", errno))?;
    }
    let descriptors = (0..fds.len()).filter(|index| fds[*index].is_ready()).collect();
    Ok(Ready { objects, descriptors })
}

/// The system call with which a thread sleeps.
enum Sleeper {
    Futexes,
    Poll,
    #[cfg(feature = "io-uring")]
    Ring(Option<Box<super::uring::Ring>>),
    #[cfg(not(feature = "io-uring"))]
    None,
}

impl Sleeper {
    fn new(objects: &[&dyn Waitable], fds: &[PollFd<'_>]) -> Self {
        match (objects.is_empty(), fds.is_empty()) {
            (_, true) => Self::Futexes,
            (true, _) => Self::Poll,
            #[cfg(feature = "io-uring")]
            _ => Self::Ring(None),
            #[cfg(not(feature = "io-uring"))]
            _ => Self::None,
        }
    }

    /// Sleeps while the words have these values and no descriptor is ready, until `end`.
    fn sleep(
        &mut self,
        words: &[(&AtomicU32, u32)],
        fds: &mut [PollFd<'_>],
        end: Option<TimeSpec>,
    ) -> Result<()> {
        let failed = |call| move |errno| Error::os(call, "", errno);
        match self {
            Self::Futexes => futex::wait_any(words, end).map_err(failed("futex_waitv")),
            Self::Poll => match poll(fds, until(end)).map_err(failed("poll"))? {
                0 => Err(Error::os("poll", "", Errno::ETIMEDOUT)),
                _ => Ok(()),
            },
            #[cfg(feature = "io-uring")]
            Self::Ring(ring) => {
                let ring = match ring {
                    Some(ring) => ring,
                    None => {
                        let new = super::uring::Ring::new(words.len() + fds.len())?;
                        ring.insert(Box::new(new))
                    }
                };
                ring.sleep(words, fds, until(end))
            }
            #[cfg(not(feature = "io-uring"))]
            Self::None => {
                let why = "objects and descriptors together need the feature `io-uring`";
                Err(Error::unsupported("wait_any", "", why))
            }
        }
    }
}

/// The deadline at a time of the monotonic clock.
fn until(end: Option<TimeSpec>) -> Deadline {
    let Some(end) = end else { return Deadline::NEVER };
    // Every system has the monotonic clock.
    let now = Clock::MONOTONIC.now().unwrap_or_default();
    let left = end.checked_sub(now).and_then(|left| left.try_into().ok());
    Deadline::after(left.unwrap_or_default())
}
