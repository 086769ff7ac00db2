//! A call that a server has taken.

use std::cell::Cell;
use std::fmt;
use std::ops::Deref;
use std::time::{Duration, Instant};

use ipc_core::{Clock, Result, TimeSpec};
use ipc_mem::{Memory, Plain};

use super::Server;
use crate::calls::{self, Finished};

/// The minimum time between two checks of [`Call::is_cancelled`] whether the client is dead.
const PAUSE: Duration = Duration::from_millis(2);

/// Before a reply to a call that took longer than this, the server checks whether the client is
/// dead. It is some ticks of the coarse clock.
const LONG: TimeSpec = TimeSpec::new(0, 20_000_000);

/// A call that this process has taken. No other process gets it while this process lives.
///
/// It dereferences to a copy of the request. Dropping it without [`reply`](Self::reply) makes the
/// client fail with [`is_cancelled`](ipc_core::Error::is_cancelled).
#[must_use = "a call that is dropped is reported to its client as cancelled"]
pub struct Call<'a, Q: Plain, A: Plain, M: Memory> {
    server: &'a Server<Q, A, M>,
    place: u64,
    request: Q,
    deliveries: u64,
    taken: TimeSpec,
    /// The time of the last check whether the client is dead.
    looked: Cell<Option<Instant>>,
    is_over: bool,
}

/// The present time in ticks of some milliseconds, which takes a few nanoseconds to read.
#[inline]
fn now() -> TimeSpec {
    // Every system has this clock.
    Clock::MONOTONIC_COARSE.now().unwrap_or_default()
}

impl<'a, Q: Plain, A: Plain, M: Memory> Call<'a, Q, A, M> {
    #[inline]
    pub(super) fn new(server: &'a Server<Q, A, M>, place: u64) -> Self {
        let calls = &server.port.calls;
        let (taken, looked) = (now(), Cell::new(None));
        let deliveries = calls.count(place);
        let request = calls.read_request(place);
        Self { server, place, request, deliveries, taken, looked, is_over: false }
    }

    /// Replies to the call. Returns `false` if no process waits for the reply: the client has
    /// cancelled the call, its deadline has passed, or it is dead.
    ///
    /// If the client died shortly before, the result may be `true`.
    ///
    /// # Errors
    ///
    /// [`is_invalid_argument`](ipc_core::Error::is_invalid_argument) in a forked child, whose
    /// parent took the call; [`is_mismatch`](ipc_core::Error::is_mismatch) if another process
    /// damaged the service.
    pub fn reply(mut self, reply: &A) -> Result<bool> {
        let port = &self.server.port;
        port.check("reply")?;
        self.is_over = true;
        if now() > self.taken + LONG {
            port.calls.is_quiet(self.place, port.me, true);
        }
        port.calls.write_reply(self.place, reply);
        match port.calls.finish(self.place, port.me, calls::ANSWERED, port.barrier) {
            Finished::Told => Ok(true),
            Finished::Unwanted => Ok(false),
            Finished::Damaged => Err(port.damaged("reply")),
        }
    }

    /// Returns `true` if no process waits for the reply. Call this method from time to time during
    /// long work, to stop early.
    ///
    /// The method also detects a dead client. For that, it reads `/proc` the first time, and then at
    /// most every 2 ms.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        let port = &self.server.port;
        let now = Instant::now();
        let is_due = |looked: Instant| now.duration_since(looked) >= PAUSE;
        let proves = self.looked.get().is_none_or(is_due) && port.is_ours();
        if proves {
            self.looked.set(Some(now));
        }
        port.calls.is_quiet(self.place, port.me, proves)
    }

    /// The number of deliveries of this call, including this one. It is more than one if an earlier
    /// server died before it replied.
    #[must_use]
    pub fn deliveries(&self) -> u64 {
        self.deliveries
    }
}

impl<Q: Plain, A: Plain, M: Memory> Deref for Call<'_, Q, A, M> {
    type Target = Q;

    fn deref(&self) -> &Q {
        &self.request
    }
}

impl<Q: Plain, A: Plain, M: Memory> Drop for Call<'_, Q, A, M> {
    fn drop(&mut self) {
        let port = &self.server.port;
        if !self.is_over && port.is_ours() {
            port.calls.finish(self.place, port.me, calls::DROPPED, port.barrier);
        }
    }
}

impl<Q: Plain + fmt::Debug, A: Plain, M: Memory> fmt::Debug for Call<'_, Q, A, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("request", &self.request)
            .field("deliveries", &self.deliveries)
            .finish_non_exhaustive()
    }
}
