//! How long a call waits: one loop for all of them.

use std::os::fd::BorrowedFd;
use std::time::{Duration, Instant};

use ipc_core::{Clock, Deadline, Errno, Result as Outcome, ret};

use crate::sys::{self, PollFlags};

/// How long a call may wait.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Wait {
    /// Not at all.
    No,
    /// Until then.
    Until(Deadline),
    /// Without limit.
    Forever,
}

impl Wait {
    pub(crate) fn timeout(timeout: Duration) -> Self {
        Self::Until(Deadline::after(timeout))
    }

    pub(crate) fn deadline(deadline: Instant) -> Self {
        Self::Until(Deadline::at(deadline))
    }

    pub(crate) fn is_over(self) -> bool {
        match self {
            Self::No => true,
            Self::Until(deadline) => deadline.is_past(),
            Self::Forever => false,
        }
    }

    /// Without a limit, the call itself waits, which costs nothing more than the call.
    #[inline]
    pub(crate) fn block(self) -> Block {
        if matches!(self, Self::Forever) { Block::Yes } else { Block::No }
    }
}

/// The choice between a call that waits in the system and one that returns `EAGAIN`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Block {
    Yes,
    No,
}

/// The number of attempts after which a call that must not wait looks at the clock.
pub(crate) const LEFT_OUT: u32 = 64;

/// Repeats a call until it succeeds, fails, or the time is over (`None`). Signals end nothing.
///
/// A description that is non-blocking because another process wants it so makes no difference.
#[inline]
pub(crate) fn until<T>(
    fd: BorrowedFd<'_>,
    events: PollFlags,
    wait: Wait,
    mut attempt: impl FnMut(Block) -> Result<T, Errno>,
) -> Result<Option<T>, Errno> {
    match attempt(wait.block()) {
        Err(errno @ (Errno::EINTR | Errno::EAGAIN)) => again(fd, events, wait, errno, attempt),
        done => done.map(Some),
    }
}

#[cold]
fn again<T>(
    fd: BorrowedFd<'_>,
    events: PollFlags,
    wait: Wait,
    mut reason: Errno,
    mut attempt: impl FnMut(Block) -> Result<T, Errno>,
) -> Result<Option<T>, Errno> {
    let (mut waited, mut left_out) = (false, 0_u32);
    loop {
        if reason == Errno::EAGAIN {
            let deadline = match wait {
                Wait::No => return Ok(None),
                Wait::Until(deadline) => deadline,
                Wait::Forever => Deadline::NEVER,
            };
            // Another thread may have been faster, again and again.
            if waited && wait.is_over() || !sys::poll(fd, events, deadline)? {
                return Ok(None);
            }
            waited = true;
        } else {
            // A signal, or something that is left out: a flood of that must not outlast the time.
            left_out += 1;
            if wait.block() == Block::No && left_out % LEFT_OUT == 0 && wait.is_over() {
                return Ok(None);
            }
        }
        match attempt(wait.block()) {
            Err(errno @ (Errno::EINTR | Errno::EAGAIN)) => reason = errno,
            done => return done.map(Some),
        }
    }
}

/// Makes a call, again if a signal interrupts it; `None` if it would have to wait.
pub(crate) fn once<T>(attempt: impl FnMut() -> Result<T, Errno>) -> Result<Option<T>, Errno> {
    match ret::retry(attempt) {
        Err(Errno::EAGAIN) => Ok(None),
        done => done.map(Some),
    }
}

/// The pauses of a wait for what the system has no event for.
pub(crate) struct Pauses(Duration);

impl Pauses {
    const FIRST: Duration = Duration::from_micros(100);
    const LONGEST: Duration = Duration::from_millis(10);

    pub(crate) fn new() -> Self {
        Self(Self::FIRST)
    }

    /// Pauses, each time for twice the time, but not beyond the deadline.
    pub(crate) fn pause(&mut self, deadline: Deadline) -> Outcome<()> {
        let pause = deadline.remaining().map_or(self.0, |left| left.min(self.0));
        self.0 = (self.0 * 2).min(Self::LONGEST);
        Clock::MONOTONIC.sleep(pause).map(drop) // a signal makes it shorter, and harms nothing
    }
}

/// Repeats a call, with pauses, until it succeeds, fails, or the time is over (`None`).
pub(crate) fn with_pauses<T>(
    wait: Wait,
    mut attempt: impl FnMut() -> Outcome<Option<T>>,
) -> Outcome<Option<T>> {
    let mut pauses = Pauses::new();
    loop {
        let done = attempt()?;
        if done.is_some() || wait.is_over() {
            return Ok(done);
        }
        pauses.pause(if let Wait::Until(deadline) = wait { deadline } else { Deadline::NEVER })?;
    }
}
