//! The common part of the handles of services and mailboxes.

use std::sync::atomic::{AtomicU32, Ordering};

use ipc_core::barrier::LightBarrier;
use ipc_core::owner::here;
use ipc_core::{Deadline, Error, ProcessInstance, Refusal, Result};
use ipc_mem::{Memory, Object};

use super::layout::{Calls, Control, Kind};
use crate::statistics::count;
use crate::waiting;

/// A server that always finds calls looks for those of dead processes once in this number of calls.
const TURNS: u32 = 1024;

/// The number of processes that a server checks at a time, because a proof of a death takes tens of
/// microseconds. A few are enough: a client checks the server of its call itself, and a client that
/// finds no free place checks all processes.
const MOST: usize = 4;

/// The next search begins this number of places further. The number is odd, so that the searches
/// begin at all places in turn.
const STEP: u64 = 37;

/// An open table of calls, in the process that opened it.
pub(crate) struct Port<K: Kind, M: Memory> {
    pub(crate) calls: Object<Calls<K>, M>,
    pub(crate) barrier: LightBarrier,
    /// This process, which a forked child is not.
    pub(crate) me: u64,
    /// The number and the word of this handle, if it is counted.
    handle: Option<(usize, u64)>,
    turns: AtomicU32,
}

impl<K: Kind, M: Memory> Port<K, M> {
    /// Opens a handle. With a role, it is counted until it is dropped.
    pub(crate) fn new(calls: Object<Calls<K>, M>, role: Option<u64>) -> Result<Self> {
        let me = here();
        let register = |role| calls.register(me | role).map(|number| (number, me | role));
        let on = |refusal: Refusal| refusal.on(calls.memory().label());
        let handle = role.map(register).transpose().map_err(on)?;
        Ok(Self { barrier: LightBarrier::register(), me, handle, turns: AtomicU32::new(0), calls })
    }

    #[inline]
    pub(crate) fn is_ours(&self) -> bool {
        ProcessInstance::known().is_some_and(|here| here.raw() == self.me) || here() == self.me
    }

    /// Fails in a forked child, which may not use the handle of its parent.
    #[inline]
    pub(crate) fn check(&self, call: &'static str) -> Result<()> {
        if self.is_ours() { Ok(()) } else { Err(self.forked(call)) }
    }

    #[cold]
    fn forked(&self, call: &'static str) -> Error {
        let why = "a forked child does not have this object open: open it again in this process";
        Error::invalid(call, self.calls.memory().label(), why)
    }

    #[cold]
    pub(crate) fn damaged(&self, call: &'static str) -> Error {
        let why = "found a place in a state in which it cannot be: another process damaged it";
        Error::mismatch(call, self.calls.memory().label(), why)
    }

    /// Looks for the calls of some processes that may be dead.
    #[cold]
    fn sweep(&self) {
        let turn = self.turns.fetch_add(1, Ordering::Relaxed);
        self.calls.sweep(self.me, u64::from(turn).wrapping_mul(STEP), MOST);
    }

    /// Looks for the calls of all dead processes.
    #[cold]
    pub(crate) fn sweep_all(&self) {
        self.calls.sweep(self.me, 0, usize::MAX);
    }

    /// Takes a call, and waits for one until the deadline.
    pub(crate) fn take_until(&self, deadline: impl FnOnce() -> Deadline) -> Result<Option<u64>> {
        self.check("recv")?;
        if self.turns.fetch_add(1, Ordering::Relaxed) % TURNS == TURNS - 1 {
            self.sweep();
        }
        if let Some(place) = self.calls.take(self.me) {
            return Ok(Some(place));
        }
        let attempt = |is_suspicious| {
            if is_suspicious {
                self.sweep();
            }
            self.calls.take(self.me)
        };
        let Control { ready, tally, .. } = self.calls.control();
        let sleeps = Some(&tally.receiver_sleeps);
        Ok(waiting::wait(ready, sleeps, deadline(), waiting::HASTE, attempt))
    }

    /// Returns `true` if taking a call would not wait.
    pub(crate) fn is_ready(&self, proves: bool) -> bool {
        if !self.is_ours() {
            return true; // the call would fail
        }
        if proves {
            self.sweep();
        }
        self.calls.is_any_ready()
    }

    /// Submits a call for `client`, and waits for a free place until the deadline. Without a
    /// deadline it does not wait.
    #[inline]
    pub(crate) fn submit_until(
        &self,
        client: u64,
        request: &K::Request,
        deadline: Option<impl FnOnce() -> Deadline>,
    ) -> Option<u64> {
        let ticket = self.calls.ticket();
        let claimed = self.calls.claim(self.me, ticket).or_else(|| {
            let Control { freed, tally, .. } = self.calls.control();
            count(&tally.unused);
            let deadline = deadline?();
            let attempt = |is_suspicious| {
                if is_suspicious {
                    // A dead process may have left its places.
                    self.sweep_all();
                }
                self.calls.claim(self.me, ticket)
            };
            let sleeps = Some(&tally.sender_sleeps);
            let place = waiting::wait(freed, sleeps, deadline, waiting::LEISURE, attempt)?;
            tally.unused.fetch_sub(1, Ordering::Relaxed);
            Some(place)
        });
        let place = claimed?;
        self.calls.submit(place, client, ticket, request, self.barrier);
        Some(place)
    }

    /// The maximum number of calls.
    pub(crate) fn capacity(&self) -> usize {
        usize::try_from(self.calls.capacity()).unwrap_or(usize::MAX)
    }
}

impl<K: Kind, M: Memory> Drop for Port<K, M> {
    fn drop(&mut self) {
        if let Some((number, word)) = self.handle.filter(|_| self.is_ours()) {
            self.calls.unregister(number, word);
        }
    }
}
