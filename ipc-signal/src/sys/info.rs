//! The fields of a `siginfo_t`.

#![expect(unsafe_code, reason = "reads the unions of C's siginfo_t")]

use ipc_sys as c;

use crate::signal_info::RawInfo;

/// Reads all fields; those that belong to other signals hold arbitrary values.
///
/// # Safety
///
/// All bytes of `info` are initialised: the kernel filled it, or it was zeroed before it was
/// filled.
pub(crate) unsafe fn raw_info(info: &c::siginfo_t) -> RawInfo {
    // SAFETY: the caller guarantees that all bytes of `info` are initialised.
    let value = unsafe { info.si_value() };
    RawInfo {
        signo: info.si_signo,
        code: info.si_code,
        errno: info.si_errno,
        // SAFETY: the caller guarantees that all bytes of `info` are initialised.
        pid: unsafe { info.si_pid() },
        // SAFETY: the caller guarantees that all bytes of `info` are initialised.
        uid: unsafe { info.si_uid() },
        // SAFETY: the pointer member covers the whole union, all bytes of which are initialised;
        // any bytes are a raw pointer, and only its address is used.
        value: (unsafe { value.sival_ptr }.addr() as u64).cast_signed(),
        // SAFETY: the caller guarantees that all bytes of `info` are initialised.
        status: unsafe { info.si_status() },
        // SAFETY: the caller guarantees that all bytes of `info` are initialised.
        overrun: unsafe { info.si_overrun() },
        // SAFETY: the caller guarantees that all bytes of `info` are initialised.
        address: unsafe { info.si_addr() }.addr(),
        // SAFETY: the caller guarantees that all bytes of `info` are initialised.
        band: unsafe { info.si_band() },
        // SAFETY: the caller guarantees that all bytes of `info` are initialised.
        fd: unsafe { info.si_fd() },
    }
}
