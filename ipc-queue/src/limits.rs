//! Why the kernel would not make a queue or take a message: which limit was met, and how to raise it.

use std::fs;

use ipc_core::{Errno, Error, Name};

use crate::QueueOptions;
use crate::sys::posix;

/// What nobody may exceed, whatever the files say: the kernel's `HARD_MSGMAX` and `HARD_MSGSIZEMAX`.
const MOST_MESSAGES: usize = 65_536;
const MOST_BYTES: usize = 16 << 20;

/// What `mq_open` failed with, and the limit behind it if there is one.
pub(crate) fn refused_to_create(name: &Name, options: &QueueOptions, errno: Errno) -> Error {
    let QueueOptions { capacity, message_size, .. } = *options;
    let full = |why: String| Error::os("mq_open", format_args!("{name}, {why}"), errno);
    let explained = match errno {
        Errno::EINVAL => over(name, "capacity", capacity, MOST_MESSAGES, "msg_max")
            .or_else(|| over(name, "message size", message_size, MOST_BYTES, "msgsize_max")),
        // The call means two limits by that, of which the one that is no queue's shows here as well.
        Errno::EMFILE if out_of_descriptors() => {
            Some(full("which wants one more open file than this process may have (`ulimit -n` raises that)".into()))
        }
        Errno::EMFILE => {
            let limit = posix::bytes_limit().unwrap_or_default();
            // The kernel counts two small structures for each message as well.
            let bytes = capacity.saturating_mul(message_size.saturating_add(96));
            Some(full(format!(
                "{capacity} messages of {message_size} bytes, which count as {bytes}, when all queues of this user may \
                 have {limit} (RLIMIT_MSGQUEUE; `ulimit -q` raises it)"
            )))
        }
        Errno::ENOSPC => read("fs/mqueue/queues_max").map(|limit| {
            full(format!(
                "one more than the {limit} queues of /proc/sys/fs/mqueue/queues_max, where root can write more"
            ))
        }),
        _ => None,
    };
    explained.unwrap_or_else(|| Error::os("mq_open", name, errno))
}

fn over(name: &Name, what: &str, wanted: usize, most: usize, file: &str) -> Option<Error> {
    let refuse = |why| Some(Error::invalid("mq_open", name, why));
    if wanted > most {
        return refuse(format!("{what} {wanted}, when the kernel allows nobody more than {most}"));
    }
    let allowed = read(&format!("fs/mqueue/{file}"))?;
    if wanted <= allowed {
        return None;
    }
    refuse(format!("{what} {wanted}, at most {allowed} by /proc/sys/fs/mqueue/{file}, where root can write more"))
}

fn out_of_descriptors() -> bool {
    fs::File::open("/").is_err_and(|err| err.raw_os_error() == Some(Errno::EMFILE.raw()))
}

/// How many System V queues there may be.
pub(crate) fn sysv_queues() -> Option<usize> {
    read("kernel/msgmni")
}

/// The longest message that System V's queues take.
pub(crate) fn sysv_message() -> Option<usize> {
    read("kernel/msgmax")
}

/// The byte limit with which System V's queues begin, and to which anybody may raise it.
pub(crate) fn sysv_bytes() -> Option<usize> {
    read("kernel/msgmnb")
}

fn read(limit: &str) -> Option<usize> {
    fs::read_to_string(format!("/proc/sys/{limit}")).ok()?.trim().parse().ok()
}
