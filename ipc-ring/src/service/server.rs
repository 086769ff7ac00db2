//! A server of a service.

use std::fmt;
use std::sync::atomic::AtomicU32;
use std::time::{Duration, Instant};

use ipc_core::{Deadline, Error, Name, Result};
use ipc_mem::{Fresh, Memory, Object, OpenOptions, Plain, ReadWrite, SharedMemory};

use super::{Call, Service, ServiceOptions};
use crate::Statistics;
use crate::calls::{self, Calls, Port};
use crate::doors::{self, Handle};
use crate::wait::{self, Sealed};

/// A server, which takes calls and replies to them.
///
/// Several servers may be open, in one process or in several. All threads of a process may use one
/// server at the same time, each for its own call.
///
/// # Examples
///
/// ```
/// use std::thread;
///
/// use ipc_ring::service::{Client, Server};
///
/// # let name = format!("/service-{}", std::process::id());
/// let server = Server::<u64, u64>::open_or_create(&name, 256)?; // 256 calls at a time
/// let client = Client::<u64, u64>::open(&name)?; // usually in another process
///
/// thread::scope(|scope| {
///     let answer = scope.spawn(|| client.call(&20));
///     let call = server.recv()?;
///     let reply = *call + 1;
///     call.reply(&reply)?;
///     assert_eq!(answer.join().unwrap()?, 21);
///     Ok(())
/// })
/// # as ipc_core::Result<()>
/// # ; Ok::<(), ipc_core::Error>(())
/// ```
pub struct Server<Q: Plain, A: Plain, M: Memory = SharedMemory> {
    pub(super) port: Port<Service<Q, A>, M>,
}

/// The number of calls of a service, by state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Depth {
    /// Calls that wait for a server, and those that clients are writing.
    pub waiting: usize,
    /// Calls that servers have taken. A call of a dead server counts until another process detects
    /// the death, and a cancelled one until its server drops it or replies.
    pub taken: usize,
    /// Calls that have ended, until their clients read the result. A call of a dead client counts
    /// until another process detects the death.
    pub answered: usize,
}

impl<Q: Plain, A: Plain> Server<Q, A> {
    /// Creates a service under a new name, and opens a server.
    ///
    /// # Errors
    ///
    /// Those of [`SharedMemory::create`]; [`is_invalid_argument`](Error::is_invalid_argument) if
    /// an option is out of range.
    pub fn create(
        name: impl TryInto<Name, Error: Into<Error>>,
        options: impl Into<ServiceOptions>,
    ) -> Result<Self> {
        doors::create(name, options.into())
    }

    /// Opens a server of a service by name.
    ///
    /// # Errors
    ///
    /// Those of [`SharedMemory::open`]; [`is_mismatch`](Error::is_mismatch) if it is not a service
    /// with requests `Q` and replies `A`: the error says what was found;
    /// [`is_busy`](Error::is_busy) if the maximum number of handles is open.
    pub fn open(name: impl TryInto<Name, Error: Into<Error>>) -> Result<Self> {
        Self::open_with(name, OpenOptions::new())
    }

    /// Opens a server of a service by name, with options such as which owners to trust.
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

    /// Opens a server of a service by name, or creates the service.
    ///
    /// # Errors
    ///
    /// Those of [`open`](Self::open) and [`create`](Self::create);
    /// [`is_mismatch`](Error::is_mismatch) if an existing service has another capacity, number of
    /// handles or number of redeliveries.
    pub fn open_or_create(
        name: impl TryInto<Name, Error: Into<Error>>,
        options: impl Into<ServiceOptions>,
    ) -> Result<Self> {
        doors::open_or_create(name, options.into())
    }

    /// Unlinks the name of a service. Open servers and clients stay valid. Unlinking a name that
    /// does not exist is not an error.
    ///
    /// # Errors
    ///
    /// Those of [`SharedMemory::unlink`].
    pub fn unlink(name: impl TryInto<Name, Error: Into<Error>>) -> Result<()> {
        SharedMemory::unlink(name)
    }
}

impl<Q: Plain, A: Plain, M: Memory<Access = ReadWrite>> Server<Q, A, M> {
    /// Creates a service in a fresh memory object, and opens a server.
    ///
    /// # Errors
    ///
    /// [`is_invalid_argument`](Error::is_invalid_argument) if an option is out of range, or the
    /// memory object is too small or not aligned; [`is_mismatch`](Error::is_mismatch) if it was
    /// created with a [tag](ipc_mem::Tag) other than `SERVICE` or `BARE`. Choose the first of
    /// these, so that other handles can be opened with `open_in`: with `BARE`, the default, this
    /// call succeeds, but every later `open_in` fails.
    pub fn create_in(memory: Fresh<M>, options: impl Into<ServiceOptions>) -> Result<Self> {
        doors::create_in(memory, options.into())
    }

    /// Opens a server of the service in a memory object.
    ///
    /// # Errors
    ///
    /// [`is_mismatch`](Error::is_mismatch) if it is not a service with requests `Q` and replies
    /// `A`; [`is_busy`](Error::is_busy) if the maximum number of handles is open.
    pub fn open_in(memory: M) -> Result<Self> {
        doors::open_in(memory)
    }
}

impl<Q: Plain, A: Plain, M: Memory> Handle<M> for Server<Q, A, M> {
    type Contents = calls::CallsOf<Service<Q, A>>;

    fn attach(calls: Object<Calls<Service<Q, A>>, M>) -> Result<Self> {
        Ok(Self { port: Port::new(calls, Some(calls::SERVER))? })
    }
}

impl<Q: Plain, A: Plain, M: Memory> Server<Q, A, M> {
    /// Takes a call. Waits while no call is ready.
    ///
    /// # Errors
    ///
    /// [`is_invalid_argument`](Error::is_invalid_argument) in a forked child, which must open a
    /// server itself.
    pub fn recv(&self) -> Result<Call<'_, Q, A, M>> {
        loop {
            // The deadline never comes.
            if let Some(call) = self.recv_until(|| Deadline::NEVER)? {
                return Ok(call);
            }
        }
    }

    /// Takes a call; returns `None` if no call is ready. This method does not check whether other
    /// servers are dead, because that takes system calls: [`recv_timeout`](Self::recv_timeout)
    /// does, also with a timeout of zero.
    ///
    /// # Errors
    ///
    /// Those of [`recv`](Self::recv).
    pub fn try_recv(&self) -> Result<Option<Call<'_, Q, A, M>>> {
        self.port.check("recv")?;
        Ok(self.port.calls.take(self.port.me).map(|place| Call::new(self, place)))
    }

    /// Takes a call, and waits for it for at most `timeout`. Returns `None` if no call came in
    /// time.
    ///
    /// # Errors
    ///
    /// Those of [`recv`](Self::recv).
    pub fn recv_timeout(&self, timeout: Duration) -> Result<Option<Call<'_, Q, A, M>>> {
        self.recv_until(|| Deadline::after(timeout))
    }

    /// Takes a call, and waits for it until `deadline`. Returns `None` if no call came in time.
    ///
    /// # Errors
    ///
    /// Those of [`recv`](Self::recv).
    pub fn recv_deadline(&self, deadline: Instant) -> Result<Option<Call<'_, Q, A, M>>> {
        self.recv_until(|| Deadline::at(deadline))
    }

    fn recv_until(&self, deadline: impl FnOnce() -> Deadline) -> Result<Option<Call<'_, Q, A, M>>> {
        Ok(self.port.take_until(deadline)?.map(|place| Call::new(self, place)))
    }

    /// Counts the calls by state. The numbers are exact if no process uses the service meanwhile.
    #[must_use]
    pub fn depth(&self) -> Depth {
        let [waiting, taken, answered] = self.port.calls.depth(calls::STATES);
        Depth { waiting, taken, answered }
    }

    /// Counts the servers that are open, in all processes. A server whose process is dead does not
    /// count: the method reads `/proc` for each server.
    #[must_use]
    pub fn servers(&self) -> usize {
        self.port.calls.registered(calls::SERVER)
    }

    /// Counts the clients that are open, in all processes, as [`servers`](Self::servers) does.
    #[must_use]
    pub fn clients(&self) -> usize {
        self.port.calls.registered(calls::CLIENT)
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

impl<Q: Plain, A: Plain, M: Memory> Sealed for Server<Q, A, M> {
    fn announce(&self) -> (&AtomicU32, u32) {
        wait::on(&self.port.calls.control().ready)
    }

    fn is_ready(&self, proves: bool) -> bool {
        self.port.is_ready(proves)
    }
}

impl<Q: Plain, A: Plain, M: Memory> fmt::Debug for Server<Q, A, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server")
            .field("service", &self.memory().label())
            .field("depth", &self.depth())
            .finish_non_exhaustive()
    }
}
