//! Messages with more than bytes in them.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use crate::sys::message::MAX_DESCRIPTORS;
use crate::{Peer, SocketName};

/// A message to be sent: bytes and, if added, descriptors, credentials and an address.
///
/// # Examples
///
/// ```
/// use ipc_stream::{Message, Seqpacket};
/// use std::fs::File;
///
/// let (here, there) = Seqpacket::pair()?;
/// let file = File::open("/dev/null")?;
/// here.send_message(&Message::new(b"a file").descriptor(&file))?;
///
/// let mut bytes = [0; 64];
/// let received = there.recv_message(&mut bytes, 1)?;
/// assert_eq!(&bytes[..received.len()], b"a file");
/// let [file] = received.into_descriptors().try_into().expect("one descriptor");
/// # drop(File::from(file));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[doc(alias = "sendmsg")]
#[derive(Clone, Debug)]
pub struct Message<'a> {
    pub(crate) bytes: &'a [u8],
    descriptors: Descriptors<'a>,
    pub(crate) credentials: bool,
    pub(crate) to: Option<&'a SocketName>,
}

/// Descriptors to be sent; usually there is one, which takes no memory.
#[derive(Clone, Debug)]
enum Descriptors<'a> {
    None,
    One([BorrowedFd<'a>; 1]),
    Many(Vec<BorrowedFd<'a>>),
}

impl<'a> Descriptors<'a> {
    fn push(&mut self, descriptor: BorrowedFd<'a>) {
        match self {
            Self::None => *self = Self::One([descriptor]),
            Self::One([first]) => *self = Self::Many(vec![*first, descriptor]),
            Self::Many(all) => all.push(descriptor),
        }
    }
}

impl<'a> Message<'a> {
    /// The maximum number of descriptors in one message.
    #[doc(alias = "SCM_MAX_FD")]
    pub const MAX_DESCRIPTORS: usize = MAX_DESCRIPTORS;

    /// Creates a message of bytes only.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, descriptors: Descriptors::None, credentials: false, to: None }
    }

    /// Adds a descriptor. The receiver gets its own descriptor of the same open file; this one
    /// stays open.
    #[doc(alias = "SCM_RIGHTS")]
    #[must_use]
    pub fn descriptor(mut self, descriptor: &'a impl AsFd) -> Self {
        self.descriptors.push(descriptor.as_fd());
        self
    }

    /// Adds descriptors.
    #[must_use]
    pub fn descriptors(mut self, descriptors: impl IntoIterator<Item = BorrowedFd<'a>>) -> Self {
        descriptors.into_iter().for_each(|descriptor| self.descriptors.push(descriptor));
        self
    }

    pub(crate) fn all_descriptors(&self) -> &[BorrowedFd<'a>] {
        match &self.descriptors {
            Descriptors::None => &[],
            Descriptors::One(one) => one,
            Descriptors::Many(all) => all,
        }
    }

    /// Adds the credentials of this process: its id, user and group at the time of sending.
    ///
    /// A receiver that has called `set_pass_credentials` gets the credentials of every message,
    /// also of those without this call.
    #[doc(alias = "SCM_CREDENTIALS")]
    #[must_use]
    pub fn credentials(mut self) -> Self {
        self.credentials = true;
        self
    }

    /// Sets the destination of a datagram. Without it, the message goes to the socket to which this
    /// one is connected. A `LocalStream` or `Seqpacket` refuses a message with a destination.
    #[must_use]
    pub fn to(mut self, name: &'a SocketName) -> Self {
        self.to = Some(name);
        self
    }
}

/// A message that was received: the number of its bytes, its descriptors and its sender.
///
/// Descriptors that are not taken out are closed when this is dropped.
#[doc(alias = "recvmsg")]
#[derive(Debug)]
pub struct Received {
    pub(crate) len: usize,
    pub(crate) descriptors: Vec<OwnedFd>,
    pub(crate) peer: Option<Peer>,
    pub(crate) sender: Option<SocketName>,
}

impl Received {
    /// Returns the number of bytes. On a connection, 0 bytes without descriptors are the end.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "a message without bytes may have descriptors")]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Returns the descriptors, in the order in which they were sent. Programs that this process
    /// starts do not inherit them.
    #[must_use]
    pub fn descriptors(&self) -> &[OwnedFd] {
        &self.descriptors
    }

    /// Returns the descriptors.
    #[must_use]
    pub fn into_descriptors(self) -> Vec<OwnedFd> {
        self.descriptors
    }

    /// Returns the process that sent the message, if the socket [asks for
    /// it](crate::Socket::set_pass_credentials).
    #[doc(alias = "SCM_CREDENTIALS")]
    #[doc(alias = "SCM_PIDFD")]
    #[must_use]
    pub fn peer(&self) -> Option<&Peer> {
        self.peer.as_ref()
    }

    /// Returns the name of the socket that a datagram came from, if it has one.
    #[must_use]
    pub fn sender(&self) -> Option<&SocketName> {
        self.sender.as_ref()
    }
}
