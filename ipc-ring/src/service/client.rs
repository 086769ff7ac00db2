//! A client of a service.

use std::fmt;
use std::time::{Duration, Instant};

use ipc_core::{Deadline, Error, Name, Result};
use ipc_mem::{Memory, Object, OpenOptions, Plain, ReadWrite, SharedMemory};

use super::{Pending, Service, ServiceOptions};
use crate::Statistics;
use crate::calls::{self, Calls, Port};
use crate::doors::{self, Handle};

/// A client, which calls the servers of a service.
///
/// Several clients may be open, in one process or in several. All threads of a process may
/// use one client at the same time.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use ipc_ring::service::{Client, Server};
///
/// # let name = format!("/client-{}", std::process::id());
/// let client = Client::<u64, u64>::open_or_create(&name, 256)?;
/// // No server is open: a call waits until its deadline.
/// assert_eq!(client.call_timeout(&1, Duration::from_millis(1))?, None);
///
/// let mut pending = client.submit(&2)?; // goes on without waiting
/// let server = Server::<u64, u64>::open(&name)?; // usually in another process
/// server.recv()?.reply(&4)?;
/// assert_eq!(pending.try_wait()?, Some(4));
/// # Ok::<(), ipc_core::Error>(())
/// ```
pub struct Client<Q: Plain, A: Plain, M: Memory = SharedMemory> {
    pub(super) port: Port<Service<Q, A>, M>,
}

impl<Q: Plain, A: Plain> Client<Q, A> {
    /// Opens a client of a service by name.
    ///
    /// # Errors
    ///
    /// Those of [`Server::open`](super::Server::open).
    pub fn open(name: impl TryInto<Name, Error: Into<Error>>) -> Result<Self> {
        Self::open_with(name, OpenOptions::new())
    }

    /// Opens a client of a service by name, with options such as which owners to trust.
    ///
    /// # Errors
    ///
    /// Those of [`open`](Self::open).
    pub fn open_with(
        name: impl TryInto<Name, Error: Into<Error>>,
        options: OpenOptions,
    ) -> Result<Self> {
        doors::open(name, options)
    }

    /// Opens a client of a service by name, or creates the service.
    ///
    /// # Errors
    ///
    /// Those of [`Server::open_or_create`](super::Server::open_or_create).
    pub fn open_or_create(
        name: impl TryInto<Name, Error: Into<Error>>,
        options: impl Into<ServiceOptions>,
    ) -> Result<Self> {
        doors::open_or_create(name, options.into())
    }
}

impl<Q: Plain, A: Plain, M: Memory<Access = ReadWrite>> Client<Q, A, M> {
    /// Opens a client of the service in a memory object.
    ///
    /// # Errors
    ///
    /// Those of [`Server::open_in`](super::Server::open_in).
    pub fn open_in(memory: M) -> Result<Self> {
        doors::open_in(memory)
    }
}

impl<Q: Plain, A: Plain, M: Memory> Handle<M> for Client<Q, A, M> {
    type Contents = calls::CallsOf<Service<Q, A>>;

    fn attach(calls: Object<Calls<Service<Q, A>>, M>) -> Result<Self> {
        Ok(Self { port: Port::new(calls, Some(calls::CLIENT))? })
    }
}

impl<Q: Plain, A: Plain, M: Memory> Client<Q, A, M> {
    /// Calls a server, and waits for the reply without limit: while the service is full, while no
    /// server is open, and while a server handles the call.
    ///
    /// # Errors
    ///
    /// [`is_owner_died`](Error::is_owner_died) if the server died while it handled the call, and
    /// the call is not delivered again; [`is_cancelled`](Error::is_cancelled) if the server dropped
    /// the call without a reply; [`is_invalid_argument`](Error::is_invalid_argument) in a forked
    /// child, which must open a client itself; [`is_mismatch`](Error::is_mismatch) if another
    /// process damaged the service.
    pub fn call(&self, request: &Q) -> Result<A> {
        self.submit(request)?.wait()
    }

    /// Calls a server, and waits for the reply for at most `timeout`. If no reply came in time, it
    /// cancels the call and returns `None`. A server may have begun to act on the call.
    ///
    /// # Errors
    ///
    /// Those of [`call`](Self::call).
    pub fn call_timeout(&self, request: &Q, timeout: Duration) -> Result<Option<A>> {
        self.call_until(request, Deadline::after(timeout))
    }

    /// Calls a server, and waits for the reply until `deadline`, as
    /// [`call_timeout`](Self::call_timeout) does.
    ///
    /// # Errors
    ///
    /// Those of [`call`](Self::call).
    pub fn call_deadline(&self, request: &Q, deadline: Instant) -> Result<Option<A>> {
        self.call_until(request, Deadline::at(deadline))
    }

    fn call_until(&self, request: &Q, deadline: Deadline) -> Result<Option<A>> {
        match self.submit_until(request, Some(|| deadline))? {
            Some(mut pending) => pending.wait_until(|| deadline),
            None => Ok(None),
        }
    }

    /// Submits a call, and returns without waiting for the reply. Waits while the service is full.
    ///
    /// # Errors
    ///
    /// [`is_invalid_argument`](Error::is_invalid_argument) in a forked child.
    pub fn submit(&self, request: &Q) -> Result<Pending<'_, Q, A, M>> {
        loop {
            // The deadline never comes.
            if let Some(pending) = self.submit_until(request, Some(|| Deadline::NEVER))? {
                return Ok(pending);
            }
        }
    }

    /// Submits a call if the service is not full; returns `None` otherwise.
    ///
    /// # Errors
    ///
    /// Those of [`submit`](Self::submit).
    pub fn try_submit(&self, request: &Q) -> Result<Option<Pending<'_, Q, A, M>>> {
        self.submit_until(request, None::<fn() -> Deadline>)
    }

    /// Submits a call, and waits for at most `timeout` while the service is full. Returns `None` if
    /// it stayed full.
    ///
    /// # Errors
    ///
    /// Those of [`submit`](Self::submit).
    pub fn submit_timeout(
        &self,
        request: &Q,
        timeout: Duration,
    ) -> Result<Option<Pending<'_, Q, A, M>>> {
        self.submit_until(request, Some(|| Deadline::after(timeout)))
    }

    fn submit_until(
        &self,
        request: &Q,
        deadline: Option<impl FnOnce() -> Deadline>,
    ) -> Result<Option<Pending<'_, Q, A, M>>> {
        self.port.check("call")?;
        let place = self.port.submit_until(self.port.me, request, deadline);
        Ok(place.map(|place| Pending::new(self, place)))
    }

    /// Counts the servers that are open, as [`Server::servers`](super::Server::servers) does.
    #[must_use]
    pub fn servers(&self) -> usize {
        self.port.calls.registered(calls::SERVER)
    }

    /// The maximum number of calls at a time.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.port.capacity()
    }

    /// Returns how many calls were submitted and taken, and how often threads slept.
    #[must_use]
    pub fn statistics(&self) -> Statistics {
        self.port.calls.statistics()
    }

    /// The memory object that contains the service.
    #[must_use]
    pub fn memory(&self) -> &M {
        self.port.calls.memory()
    }
}

impl<Q: Plain, A: Plain, M: Memory> fmt::Debug for Client<Q, A, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("service", &self.memory().label()).finish_non_exhaustive()
    }
}
