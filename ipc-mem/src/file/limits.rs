//! Names the limit that was reached, where the system returns only an error number.

use std::io;

use ipc_core::{Errno, Refusal};

use crate::sys::limit::Limit;

/// Returns a refusal. If the limit of descriptors of this process was reached, it names the limit.
pub(crate) fn explained(call: &'static str, err: &io::Error) -> Refusal {
    let refusal = Refusal::io(call, err);
    match Limit::Descriptors.get().filter(|_| refusal.errno() == Some(Errno::EMFILE)) {
        Some(limit) => {
            refusal.because(format_args!("the limit RLIMIT_NOFILE (`ulimit -n`) is {limit}"))
        }
        None => refusal,
    }
}
