//! Limits of System V message queues, and how to raise them.

use ipc_core::{Errno, Error, Key, Refusal, kernel_limit};

/// Returns the maximum size of a message of any queue.
pub(super) fn message_size() -> Option<usize> {
    kernel_limit("kernel/msgmax")
}

/// Explains an error number of `msgget` by the limit that was reached, if there is one.
pub(super) fn refused_to_create(key: Key, errno: Errno) -> Error {
    match (errno, kernel_limit("kernel/msgmni")) {
        (Errno::ENOSPC, Some(limit)) => {
            let file = "/proc/sys/kernel/msgmni, which root can raise";
            let why = format!("{limit} queues exist, the maximum of {file}");
            Refusal::os("msgget", errno).because(why).on(key)
        }
        _ => Error::os("msgget", key, errno),
    }
}

/// Refuses a byte limit with which every send but that of an empty message would fail.
pub(super) fn check_byte_limit(bytes: usize) -> Result<(), Refusal> {
    match bytes {
        0 => Err(Refusal::invalid("msgctl", "found a byte limit of 0, wanted at least 1")),
        _ => Ok(()),
    }
}

/// Explains a refused byte limit by the one that needs no privilege, if that is the reason.
pub(super) fn refused_byte_limit(bytes: usize, errno: Errno) -> Option<Refusal> {
    let limit =
        kernel_limit("kernel/msgmnb").filter(|limit| errno == Errno::EPERM && bytes > *limit)?;
    let file = "/proc/sys/kernel/msgmnb";
    let why = format!("{bytes} bytes, and only root may exceed the {limit} of {file}");
    Some(Refusal::os("msgctl", errno).because(why))
}

/// The error of a message that is longer than any queue takes.
pub(super) fn too_long(len: usize, limit: usize) -> Refusal {
    let file = "/proc/sys/kernel/msgmax, which root can raise";
    let why =
        format!("found a message of {len} bytes, wanted at most {limit}, the value of {file}");
    Refusal::os("msgsnd", Errno::EMSGSIZE).because(why)
}
