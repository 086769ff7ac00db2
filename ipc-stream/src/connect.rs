//! Connecting to a name.

use std::fs;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::FileTypeExt;
use std::time::{Duration, Instant};

use ipc_core::{Deadline, Errno, Error, Refusal, Result};

use crate::kind::Kind;
use crate::sys::file;
use crate::sys::socket as sys;
use crate::wait::Wait;
use crate::{Policy, Socket, SocketName, socket};

/// Options for connecting to a name.
///
/// # Examples
///
/// ```
/// use ipc_stream::{ConnectOptions, LocalStream, Policy};
///
/// let options = ConnectOptions::new().policy(Policy::same_user());
/// let refused = LocalStream::connect_with("@no-such-server", options);
/// assert!(refused.is_err());
/// ```
#[derive(Clone, Debug, Default)]
pub struct ConnectOptions {
    policy: Option<Policy>,
    pass_credentials: bool,
    refuse_descriptors: bool,
}

impl ConnectOptions {
    /// Creates the default options: any server that has the name is acceptable.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets which servers are acceptable. The server is the process that called `listen`: with
    /// socket activation, that is systemd.
    ///
    /// Any process can bind an abstract name, so connecting to one needs a policy. The system does
    /// not report the owner of a datagram socket, so only [`Policy::anyone`] is supported for
    /// those.
    #[must_use]
    pub fn policy(mut self, policy: Policy) -> Self {
        self.policy = Some(policy);
        self
    }

    /// Reports the sender of each received message in [`Received::peer`](crate::Received::peer).
    #[must_use]
    pub fn pass_credentials(mut self) -> Self {
        self.pass_credentials = true;
        self
    }

    /// Refuses descriptors from the start: sending one to this socket is an error. Needs Linux
    /// 6.16.
    #[must_use]
    pub fn refuse_descriptors(mut self) -> Self {
        self.refuse_descriptors = true;
        self
    }
}

/// Connecting.
impl<K: Kind> Socket<K> {
    /// Connects to the socket of this name with the default options, and waits without limit while
    /// the backlog is full.
    ///
    /// # Errors
    ///
    /// Those of [`connect_with`](Self::connect_with).
    pub fn connect<N>(name: N) -> Result<Self>
    where
        N: TryInto<SocketName, Error: Into<Error>>,
    {
        Self::connect_with(name, ConnectOptions::new())
    }

    /// Connects to the socket of this name, and waits without limit while the backlog is full.
    ///
    /// # Errors
    ///
    /// [`is_not_found`](Error::is_not_found) if there is no such file;
    /// [`is_closed`](Error::is_closed) if no process listens;
    /// [`is_permission_denied`](Error::is_permission_denied) if its mode forbids writing;
    /// `EPROTOTYPE` if the socket is of another kind; [`is_untrusted`](Error::is_untrusted) if the
    /// server is not acceptable; [`is_invalid_argument`](Error::is_invalid_argument) for a name
    /// that is not valid, or an abstract one without a policy.
    ///
    /// <https://pubs.opengroup.org/onlinepubs/9799919799/functions/connect.html>
    pub fn connect_with<N>(name: N, options: ConnectOptions) -> Result<Self>
    where
        N: TryInto<SocketName, Error: Into<Error>>,
    {
        let name = name.try_into().map_err(Into::into)?;
        let connected = Self::connect_wait(&name, &options, Wait::Forever)?;
        // Without a deadline there is always one.
        connected.ok_or_else(|| Error::os("connect", &name, Errno::EAGAIN))
    }

    /// Connects if the backlog is not full; otherwise returns `None`.
    ///
    /// # Errors
    ///
    /// Those of [`connect_with`](Self::connect_with).
    pub fn try_connect<N>(name: N, options: ConnectOptions) -> Result<Option<Self>>
    where
        N: TryInto<SocketName, Error: Into<Error>>,
    {
        Self::connect_wait(&name.try_into().map_err(Into::into)?, &options, Wait::No)
    }

    /// Connects, and waits for at most `timeout` while the backlog is full; `None` if the time ran
    /// out first.
    ///
    /// # Errors
    ///
    /// Those of [`connect_with`](Self::connect_with).
    pub fn connect_timeout<N>(
        name: N,
        options: ConnectOptions,
        timeout: Duration,
    ) -> Result<Option<Self>>
    where
        N: TryInto<SocketName, Error: Into<Error>>,
    {
        Self::connect_wait(&name.try_into().map_err(Into::into)?, &options, Wait::timeout(timeout))
    }

    /// Connects, and waits until `deadline` while the backlog is full; `None` if the time ran out
    /// first.
    ///
    /// # Errors
    ///
    /// Those of [`connect_with`](Self::connect_with).
    pub fn connect_deadline<N>(
        name: N,
        options: ConnectOptions,
        deadline: Instant,
    ) -> Result<Option<Self>>
    where
        N: TryInto<SocketName, Error: Into<Error>>,
    {
        Self::connect_wait(
            &name.try_into().map_err(Into::into)?,
            &options,
            Wait::deadline(deadline),
        )
    }

    pub(crate) fn connect_wait(
        name: &SocketName,
        options: &ConnectOptions,
        wait: Wait,
    ) -> Result<Option<Self>> {
        name.need_policy("connect", options.policy.as_ref())?;
        let fd = sys::create(K::TYPE).map_err(|errno| Error::os("socket", name, errno))?;
        if options.refuse_descriptors {
            socket::refuse_descriptors(fd.as_fd(), name)?;
        }
        if options.pass_credentials {
            // Before the server can send: a message says who sent it only if this is set by then.
            socket::set_pass_credentials(fd.as_fd(), true)
                .map_err(|errno| Error::os("setsockopt", name, errno))?;
        }
        if !connect(&fd, name, wait)? {
            return Ok(None);
        }
        let mut socket = Self::new(fd);
        match &options.policy {
            Some(policy) if K::ENDS => _ = socket.check(policy)?,
            Some(policy) if !policy.is_anyone() => {
                let why = "the owner of a datagram socket is not known: use Policy::anyone()";
                return Err(Error::unsupported("connect", name, why));
            }
            policy => socket.policy.clone_from(policy),
        }
        Ok(Some(socket))
    }
}

/// Says what was found at a name to which no socket of this kind can connect.
#[cold]
fn not_connected(name: &SocketName, errno: Errno) -> Error {
    let refusal = Refusal::os("connect", errno);
    let found = name.as_path().and_then(|path| fs::metadata(path).ok());
    match (errno, found) {
        (Errno::EPROTOTYPE, _) => refusal.because("found a socket of another type"),
        (Errno::ECONNREFUSED, Some(found)) if !found.file_type().is_socket() => {
            refusal.because(format_args!("found {}, wanted a socket", file::noun(&found)))
        }
        (Errno::ECONNREFUSED, Some(_)) => {
            refusal.because("no process listens at this socket: its server has ended, or does not accept connections")
        }
        _ => refusal,
    }
    .on(name)
}

/// Connects a socket; `false` if the backlog was full until the end of the time.
fn connect(fd: &OwnedFd, name: &SocketName, wait: Wait) -> Result<bool> {
    let refused = |call: &'static str| move |errno| Error::os(call, name, errno);
    let (fd, address) = (fd.as_fd(), name.address()?);
    // No event announces a place in a backlog, but the call can wait for one.
    let limit = if let Wait::Until(deadline) = wait { Some(deadline) } else { None };
    let must_not_wait = matches!(wait, Wait::No);
    if must_not_wait {
        sys::set_nonblocking(fd, true).map_err(refused("fcntl"))?;
    }
    let connected = loop {
        if let Some(deadline) = limit {
            sys::set_send_deadline(fd, deadline).map_err(refused("setsockopt"))?;
        }
        match sys::connect(fd, &address) {
            Ok(()) => break true,
            Err(Errno::EINTR) if limit.is_none_or(|deadline| !deadline.is_past()) => {}
            Err(Errno::EAGAIN) if limit.is_some_and(|deadline| !deadline.is_past()) => {}
            // Signals may come faster than the system can see that the time is over.
            Err(Errno::EINTR | Errno::EAGAIN) => break false,
            Err(errno) => return Err(not_connected(name, errno)),
        }
    };
    if limit.is_some() {
        sys::set_send_deadline(fd, Deadline::NEVER).map_err(refused("setsockopt"))?;
    }
    if must_not_wait {
        sys::set_nonblocking(fd, false).map_err(refused("fcntl"))?;
    }
    Ok(connected)
}
