//! Instances of processes: one run of one process, and the proof that it has ended.

#![expect(unsafe_code, reason = "shares the page of the identity between threads")]

mod death;
mod procfs;

use std::process;
use std::sync::atomic::{AtomicPtr, AtomicU64, Ordering};
use std::time::Duration;

use crate::{Deadline, sys};

/// One run of one process: its id and its start time, as one number of 59 bits. A later process
/// with the same id has another number.
///
/// A lock that guards data stores the instance of its owner in shared memory. The kernel releases a
/// robust mutex when its owner's *thread* ends, but other threads of the dying process can continue
/// to write to the data for more than a second. So the next owner of the lock
/// [waits](Self::wait_until_dead) until no thread of that process can write any longer.
///
/// Processes that exchange such numbers must be in the same PID namespace and the same time
/// namespace: see [`Namespaces`](crate::Namespaces).
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use ipc_core::{Deadline, ProcessInstance};
///
/// let here = ProcessInstance::here();
/// assert_eq!(ProcessInstance::from_raw(here.raw()), Some(here));
/// assert!(!here.is_dead());
/// assert!(!here.wait_until_dead(Deadline::after(Duration::from_millis(1))));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ProcessInstance(u64);

/// Ids of processes are below 2²² on Linux.
const PID_BITS: u32 = 22;

/// The start time is in ticks of 10 ms since the machine was started: it wraps around after 43
/// years.
const START_BITS: u32 = 37;

/// Holds 0 while the identity is not known: before the first call, and in a child of `fork`.
static UNKNOWN: AtomicU64 = AtomicU64::new(0);

/// Where the identity is kept: `UNKNOWN`, or a page that the kernel wipes in a child of `fork`.
static PLACE: AtomicPtr<AtomicU64> = AtomicPtr::new((&raw const UNKNOWN).cast_mut());

impl ProcessInstance {
    /// The number of low bits that [`raw`](Self::raw) uses. The higher bits are zero and may be
    /// used for flags.
    pub const BITS: u32 = PID_BITS + START_BITS;

    /// Returns the instance of this process. A child of `fork` is another instance.
    #[inline]
    #[must_use]
    pub fn here() -> Self {
        Self::known().unwrap_or_else(|| Self(find()))
    }

    /// Returns the instance of this process; `None` if [`here`](Self::here) was not called in this
    /// process before. The call takes three instructions.
    #[inline]
    #[must_use]
    pub fn known() -> Option<Self> {
        let known = place().load(Ordering::Relaxed);
        (known != 0).then_some(Self(known))
    }

    /// Returns the number, which is never 0.
    #[inline]
    #[must_use]
    pub fn raw(self) -> u64 {
        self.0
    }

    /// Returns the instance with this number; `None` for a number that [`raw`](Self::raw) cannot
    /// return. The process need not exist.
    #[must_use]
    pub fn from_raw(raw: u64) -> Option<Self> {
        let this = Self(raw);
        (raw >> Self::BITS == 0 && this.pid() > 0).then_some(this)
    }

    /// Returns `true` if it is proved that no thread of the process can write to memory any longer:
    /// the process does not exist, or all its threads are exiting and do not return to user mode.
    ///
    /// `false` means that the process is alive, or that its death is not proved yet.
    ///
    /// I/O that the process started can continue after the process has ended, and still write to
    /// the buffers: requests of `io_uring` and AIO, and direct I/O to NFS if the thread that
    /// started it was killed while it waited for it. So do not let such I/O write to data that a
    /// lock guards. A process that shares its memory with another one (`vfork`, `CLONE_VM`) can be
    /// proved dead while the other one still writes: do not use shared objects in such a process.
    #[must_use]
    pub fn is_dead(self) -> bool {
        death::is_proved(self)
    }

    /// Waits until [`is_dead`](Self::is_dead) is true, and returns `true`. Returns `false` if the
    /// deadline passes first. It checks at least once, even if the deadline has passed.
    #[must_use]
    pub fn wait_until_dead(self, deadline: Deadline) -> bool {
        const FIRST: Duration = Duration::from_millis(2);
        const LAST: Duration = Duration::from_millis(100);

        let mut pause = FIRST;
        loop {
            if self.is_dead() {
                return true;
            }
            match deadline.remaining() {
                Some(Duration::ZERO) => return false,
                left => std::thread::sleep(left.map_or(pause, |left| left.min(pause))),
            }
            pause = LAST.min(pause.mul_f32(1.25));
        }
    }

    fn new(pid: u32, start: u64) -> Self {
        Self(u64::from(pid) << START_BITS | start & ((1 << START_BITS) - 1))
    }

    /// Returns the id of the process.
    #[must_use]
    pub fn pid(self) -> i32 {
        // 22 bits fit.
        i32::try_from(self.0 >> START_BITS).unwrap_or(0)
    }

    /// 0 if `/proc` did not report it.
    fn start(self) -> u64 {
        self.0 & ((1 << START_BITS) - 1)
    }
}

#[inline]
fn place() -> &'static AtomicU64 {
    // SAFETY: the address of a static, or of a page that stays mapped until the process ends
    // (`find`).
    unsafe { &*PLACE.load(Ordering::Acquire) }
}

/// The first caller in a process reads the identity. Several threads may do so together: no thread
/// waits for another, because a child of `fork` would not have that thread.
#[cold]
fn find() -> u64 {
    let place = place();
    let pid = process::id();
    let start = procfs::is_ours()
        .then(|| procfs::stat(pid.cast_signed(), None))
        .flatten()
        .map_or(0, |stat| stat.start);
    let raw = ProcessInstance::new(pid, start).0;
    let page = if std::ptr::eq(place, &UNKNOWN) {
        sys::wiped_in_a_forked_child().ok()
    } else {
        Some(place)
    };
    // Without such a page nothing is cached, and each call reads the identity again.
    if let Some(page) = page {
        page.store(raw, Ordering::Relaxed);
        let page = std::ptr::from_ref(page).cast_mut();
        // All pages hold the same value, so it does not matter which page is used.
        PLACE.store(page, Ordering::Release);
    }
    raw
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_holds_the_largest_id_and_centuries() {
        let instance = ProcessInstance::new((1 << PID_BITS) - 1, (1 << START_BITS) - 1);
        assert_eq!((instance.pid(), instance.start()), (4_194_303, 137_438_953_471));
        assert_eq!(instance.raw() >> ProcessInstance::BITS, 0);
        assert_eq!(ProcessInstance::from_raw(instance.raw() | 1 << ProcessInstance::BITS), None);
        assert_eq!(ProcessInstance::from_raw(7), None, "no process has the id 0");
    }

    #[test]
    fn a_process_is_dead_when_it_is_reaped_when_it_is_a_zombie_and_not_before() {
        let mut child = process::Command::new("sleep").arg("100").spawn().unwrap();
        let stat = procfs::stat(child.id().cast_signed(), None).unwrap();
        let instance = ProcessInstance::new(child.id(), stat.start);
        assert!(!instance.is_dead());
        child.kill().unwrap();
        assert!(instance.wait_until_dead(Deadline::after(Duration::from_secs(10))), "a zombie");
        child.wait().unwrap();
        assert!(instance.is_dead());
    }

    #[test]
    fn another_process_with_the_same_id_is_not_taken_for_the_first() {
        let here = ProcessInstance::here();
        assert!(ProcessInstance::new(process::id(), here.start() - 1).is_dead());
        assert!(
            !ProcessInstance::new(process::id(), 0).is_dead(),
            "one whose start is not known may be this one"
        );
    }
}
