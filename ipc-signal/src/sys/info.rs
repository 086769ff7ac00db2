//! The members of a `siginfo_t` that C reaches through macros: they lie in one union.

#![expect(unsafe_code, reason = "reads and writes the union of C's siginfo_t as bytes")]

use std::{array, mem, ptr};

use ipc_sys as c;

use crate::signal_info::RawInfo;

const SIZE: usize = size_of::<c::siginfo_t>();

/// Where the union begins.
const UNION: usize = c::OFFSET_OF_si_pid;

/// Reads all members; those that belong to other signals have arbitrary values.
///
/// # Safety
///
/// All bytes of the union are initialised: the kernel filled `info`, or it was zeroed before it was
/// filled.
pub(crate) unsafe fn raw_info(info: &c::siginfo_t) -> RawInfo {
    let union = ptr::from_ref(info).wrapping_byte_add(UNION).cast::<[u8; SIZE - UNION]>();
    // SAFETY: the bytes of `info` from the union to its end, which the caller guarantees to be
    // initialised.
    let union = unsafe { union.read() };
    let int = |at| i32::from_ne_bytes(array::from_fn(|i| union[at - UNION + i]));
    let long = |at| i64::from_ne_bytes(array::from_fn(|i| union[at - UNION + i]));
    RawInfo {
        signo: info.si_signo,
        code: info.si_code,
        errno: info.si_errno,
        pid: int(c::OFFSET_OF_si_pid),
        uid: int(c::OFFSET_OF_si_uid).cast_unsigned(),
        value: long(c::OFFSET_OF_si_value),
        status: int(c::OFFSET_OF_si_status),
        overrun: int(c::OFFSET_OF_si_overrun),
        address: usize::from_ne_bytes(long(c::OFFSET_OF_si_addr).to_ne_bytes()),
        band: long(c::OFFSET_OF_si_band),
        fd: int(c::OFFSET_OF_si_fd),
    }
}

/// Returns an info with these members, each at its offset, and zeros elsewhere.
pub(super) fn with_members(members: &[(usize, &[u8])]) -> c::siginfo_t {
    let mut info = [0; SIZE];
    for (at, member) in members {
        info[*at..][..member.len()].copy_from_slice(member);
    }
    // SAFETY: an info consists of integers, raw pointers and unions of them, so any bytes are one.
    unsafe { mem::transmute::<[u8; SIZE], c::siginfo_t>(info) }
}
