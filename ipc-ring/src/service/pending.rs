//! A call that waits for its reply.

use std::fmt;
use std::sync::atomic::AtomicU32;
use std::time::{Duration, Instant};

use ipc_core::{Deadline, Errno, Error, Refusal, Result};
use ipc_mem::{Memory, Plain};

use super::Client;
use crate::calls::{self, Seen};
use crate::wait::{self, Sealed};
use crate::waiting;

/// A call that was submitted. It keeps its place in the service until the reply or an error is
/// returned, or the call is cancelled. If a server has taken the call, cancelling frees the place
/// only when that server replies or drops the call.
///
/// Dropping it cancels the call.
#[must_use = "a pending call that is dropped is cancelled"]
pub struct Pending<'a, Q: Plain, A: Plain, M: Memory> {
    client: &'a Client<Q, A, M>,
    place: u64,
    is_over: bool,
}

impl<'a, Q: Plain, A: Plain, M: Memory> Pending<'a, Q, A, M> {
    #[inline]
    pub(super) fn new(client: &'a Client<Q, A, M>, place: u64) -> Self {
        Self { client, place, is_over: false }
    }

    /// Waits for the reply.
    ///
    /// # Errors
    ///
    /// Those of [`Client::call`]; [`is_invalid_argument`](Error::is_invalid_argument) if an earlier
    /// wait has returned the reply or an error.
    pub fn wait(mut self) -> Result<A> {
        loop {
            // The deadline never comes.
            if let Some(reply) = self.wait_until(|| Deadline::NEVER)? {
                return Ok(reply);
            }
        }
    }

    /// Returns the reply; `None` if there is none yet. This method does not check whether the
    /// server is dead, because that takes system calls: [`wait_timeout`](Self::wait_timeout) does,
    /// also with a timeout of zero.
    ///
    /// # Errors
    ///
    /// Those of [`wait`](Self::wait).
    pub fn try_wait(&mut self) -> Result<Option<A>> {
        self.check()?;
        self.look(false).map_or(Ok(None), |seen| self.end(seen).map(Some))
    }

    /// Waits for the reply for at most `timeout`. Returns `None` if it did not come in time: the
    /// call is not cancelled.
    ///
    /// # Errors
    ///
    /// Those of [`wait`](Self::wait).
    pub fn wait_timeout(&mut self, timeout: Duration) -> Result<Option<A>> {
        self.wait_until(|| Deadline::after(timeout))
    }

    /// Waits for the reply until `deadline`. Returns `None` if it did not come in time: the call is
    /// not cancelled.
    ///
    /// # Errors
    ///
    /// Those of [`wait`](Self::wait).
    pub fn wait_deadline(&mut self, deadline: Instant) -> Result<Option<A>> {
        self.wait_until(|| Deadline::at(deadline))
    }

    #[inline]
    pub(super) fn wait_until(&mut self, deadline: impl FnOnce() -> Deadline) -> Result<Option<A>> {
        self.check()?;
        let seen = self.look(false).or_else(|| {
            let answered = &self.client.port.calls.numbers(self.place).answered;
            waiting::wait(answered, None, deadline(), waiting::HASTE, |proves| self.look(proves))
        });
        seen.map_or(Ok(None), |seen| self.end(seen).map(Some))
    }

    /// Cancels the call. Returns `false` if it had ended already: a server had replied, dropped it,
    /// or died while it handled it.
    ///
    /// A server that has taken the call is not interrupted.
    /// [`is_cancelled`](super::Call::is_cancelled) and [`reply`](super::Call::reply) report the
    /// cancellation to it.
    ///
    /// # Errors
    ///
    /// [`is_invalid_argument`](Error::is_invalid_argument) in a forked child, or if an earlier wait
    /// has returned the reply or an error; [`is_mismatch`](Error::is_mismatch) if another process
    /// damaged the service.
    pub fn cancel(mut self) -> Result<bool> {
        self.check()?;
        self.is_over = true;
        let port = &self.client.port;
        let state = port.calls.cancel(self.place, port.me, port.barrier);
        let state = state.ok_or_else(|| port.damaged("cancel"))?;
        Ok(![calls::ANSWERED, calls::DROPPED, calls::DIED].contains(&state))
    }

    fn check(&self) -> Result<()> {
        self.client.port.check("wait")?;
        if self.is_over {
            let why = "an earlier wait has already returned the reply or an error";
            return Err(Error::invalid("wait", self.client.memory().label(), why));
        }
        Ok(())
    }

    #[inline]
    fn look(&self, proves: bool) -> Option<Seen> {
        let port = &self.client.port;
        let seen = port.calls.look(self.place, port.me, proves);
        (seen != Seen::Waiting).then_some(seen)
    }

    /// Ends a call that is over: reads the reply, and frees the place.
    #[inline]
    fn end(&mut self, seen: Seen) -> Result<A> {
        self.is_over = true;
        let port = &self.client.port;
        let Seen::Over(state) = seen else { return Err(port.damaged("wait")) };
        if state == calls::ANSWERED {
            let reply = port.calls.reply_at(self.place);
            port.calls.free(self.place, port.barrier);
            return Ok(reply);
        }
        port.calls.free(self.place, port.barrier);
        let (errno, why) = if state == calls::DIED {
            (Errno::EOWNERDEAD, "the server that had the call is dead")
        } else {
            (Errno::ECANCELED, "the server dropped the call without a reply")
        };
        Err(Refusal::os("call", errno).because(why).on(self.client.memory().label()))
    }
}

impl<Q: Plain, A: Plain, M: Memory> Drop for Pending<'_, Q, A, M> {
    fn drop(&mut self) {
        let port = &self.client.port;
        if !self.is_over && port.is_ours() {
            port.calls.cancel(self.place, port.me, port.barrier);
        }
    }
}

impl<Q: Plain, A: Plain, M: Memory> Sealed for Pending<'_, Q, A, M> {
    fn announce(&self) -> (&AtomicU32, u32) {
        wait::on(&self.client.port.calls.numbers(self.place).answered)
    }

    fn is_ready(&self, proves: bool) -> bool {
        self.check().is_err() || self.look(proves).is_some()
    }
}

impl<Q: Plain, A: Plain, M: Memory> fmt::Debug for Pending<'_, Q, A, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pending").field("is_over", &self.is_over).finish_non_exhaustive()
    }
}
