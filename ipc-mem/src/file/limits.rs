//! Names the limit that was reached, where the system returns only an error number.

use std::io;

use ipc_core::{Errno, Refusal, UserId};

use crate::sys::limit::Limit;

/// Returns a refusal. If a limit of descriptors was reached, it names the limit; if permission was
/// denied, it names the user.
pub(crate) fn explained(call: &'static str, err: &io::Error) -> Refusal {
    let refusal = Refusal::io(call, err);
    match refusal.errno() {
        Some(Errno::EMFILE) => match Limit::Descriptors.get() {
            Some(limit) => {
                refusal.because(format_args!("the limit RLIMIT_NOFILE (`ulimit -n`) is {limit}"))
            }
            None => refusal,
        },
        Some(Errno::EACCES) => {
            refusal.because(format_args!("denied to uid {}", UserId::effective().raw()))
        }
        Some(Errno::ENFILE) => {
            refusal.because("the limit of all processes together is `fs.file-max`")
        }
        _ => refusal,
    }
}
