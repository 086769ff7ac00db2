#![doc = include_str!("../README.md")]

#[cfg(not(target_os = "linux"))]
compile_error!("ipc-stream supports Linux only so far: another Unix needs its own `sys`");

mod activation;
mod bind_options;
mod connect;
mod control;
mod fifo;
mod file_lock;
mod file_lock_guard;
mod framed;
mod halves;
mod handover;
pub mod kind;
mod listener;
mod message;
mod name;
mod packet;
mod peer;
mod pipe;
mod policy;
mod receive;
mod refused;
mod send;
mod socket;
mod socket_file;
mod stream;
mod sys;
#[cfg(feature = "tokio")]
pub mod tokio;
mod wait;

pub use activation::{Activated, activated};
pub use bind_options::{BindOptions, Stale};
pub use connect::ConnectOptions;
#[cfg(any(ipc_test_hooks, fuzzing))]
#[doc(hidden)]
pub use control::control_messages_are_inside;
pub use fifo::Fifo;
pub use file_lock::{FileLock, Holder, LockKind};
pub use file_lock_guard::{FileLockGuard, Guard, OwnedFileLock};
pub use framed::{MessageReader, MessageWriter};
pub use halves::{RecvHalf, SendHalf};
pub use listener::{Connected, Listener, LocalListener, SeqpacketListener};
pub use message::{Message, Received};
pub use name::SocketName;
pub use packet::{Datagram, Seqpacket};
pub use peer::{Credentials, Peer};
pub use pipe::{PipeEnd, PipeReader, PipeWriter, Reading, Writing, pipe};
pub use policy::{Admit, Policy};
pub use refused::Refused;
pub use socket::{Direction, Socket};
pub use stream::LocalStream;
