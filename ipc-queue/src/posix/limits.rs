//! The limit behind a refused creation, and how to raise it.

use std::fs::File;

use ipc_core::{Errno, Error, Name, Refusal};

use super::{QueueOptions, sys};
use ipc_core::kernel_limit;

/// The maximum that the kernel permits anyone, whatever `/proc/sys` says: `HARD_MSGMAX` and
/// `HARD_MSGSIZEMAX`, which no header of C has.
const MAX_CAPACITY: usize = 65_536;
const MAX_MESSAGE_SIZE: usize = 16 << 20;

/// Explains an error number of `mq_open` by the limit that was reached, if there is one.
pub(super) fn refused_to_create(name: &Name, options: &QueueOptions, errno: Errno) -> Error {
    let QueueOptions { capacity, message_size, .. } = *options;
    let full = |why: String| Refusal::os("mq_open", errno).because(why).on(name);
    let explained = match errno {
        Errno::EINVAL => over(name, "capacity", capacity, MAX_CAPACITY, "msg_max")
            .or_else(|| over(name, "message size", message_size, MAX_MESSAGE_SIZE, "msgsize_max")),
        // The call means one of two limits by this number, of which this one applies here as well.
        Errno::EMFILE if out_of_descriptors() => Some(full(String::from(
            "it needs one more open file than this process may have (`ulimit -n` raises it)",
        ))),
        Errno::EMFILE => {
            let limit = sys::bytes_limit().unwrap_or_default();
            // The kernel counts two small structures per message as well.
            let bytes = capacity.saturating_mul(message_size.saturating_add(96));
            Some(full(format!(
                "{capacity} messages of {message_size} bytes, which count as {bytes}, and all \
                 queues of this user may have {limit} (RLIMIT_MSGQUEUE, `ulimit -q` raises it)"
            )))
        }
        Errno::ENOSPC => kernel_limit("fs/mqueue/queues_max").map(|limit| {
            let file = "/proc/sys/fs/mqueue/queues_max, which root can raise";
            full(format!("{limit} queues exist, the maximum of {file}"))
        }),
        _ => None,
    };
    explained.unwrap_or_else(|| Error::os("mq_open", name, errno))
}

fn over(name: &Name, what: &str, wanted: usize, maximum: usize, file: &str) -> Option<Error> {
    let refuse = |why| Some(Error::invalid("mq_open", name, why));
    if wanted > maximum {
        return refuse(format!("found {what} {wanted}, and the kernel permits at most {maximum}"));
    }
    let allowed = kernel_limit(&format!("fs/mqueue/{file}"))?;
    if wanted <= allowed {
        return None;
    }
    let file = format!("/proc/sys/fs/mqueue/{file}, which root can raise");
    refuse(format!("found {what} {wanted}, wanted at most {allowed}, the value of {file}"))
}

fn out_of_descriptors() -> bool {
    File::open("/").is_err_and(|err| err.raw_os_error() == Some(Errno::EMFILE.raw()))
}
