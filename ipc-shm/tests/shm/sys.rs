//! The C calls that these tests need.

#![expect(unsafe_code, reason = "the one file of these tests that calls C")]

use std::ffi::CString;
use std::io;
use std::ptr;

pub(crate) mod process;

fn check(returned: i32) -> i32 {
    assert_ne!(returned, -1, "{}", io::Error::last_os_error());
    returned
}

/// Runs `child` in a forked child, which then exits like C's `exit`; returns its exit code.
pub(crate) fn fork(child: impl FnOnce()) -> i32 {
    // SAFETY: takes nothing; the child is a copy of a role, whose other threads hold no lock it
    // needs.
    let pid = check(unsafe { libc::fork() });
    if pid == 0 {
        let ended = std::panic::catch_unwind(std::panic::AssertUnwindSafe(child));
        std::process::exit(i32::from(ended.is_err()));
    }
    let status = ipc_testkit::reap(pid);
    assert!(libc::WIFEXITED(status), "the forked child ended with {status:#x}");
    libc::WEXITSTATUS(status)
}

pub(crate) fn make_fifo(path: &str) {
    let path = CString::new(path).unwrap();
    // SAFETY: a NUL-terminated string that outlives the call, and a number.
    check(unsafe { libc::mkfifo(path.as_ptr(), 0o600) });
}

/// Makes this thread's `linkat` by descriptor fail as it does before Linux 6.10 without a
/// privilege.
pub(crate) fn refuse_links_by_descriptor() {
    fail(libc::SYS_linkat, 4, libc::BPF_JSET, libc::AT_EMPTY_PATH.cast_unsigned(), libc::ENOENT);
}

/// Makes this thread's `fallocate` fail as interrupted whenever it is for more than a mebibyte.
pub(crate) fn interrupt_large_reservations() {
    fail(libc::SYS_fallocate, 3, libc::BPF_JGT, 1 << 20, libc::EINTR);
}

/// Makes this thread's locks for an open file description fail, as on a system that lacks them.
pub(crate) fn refuse_locks() {
    for command in [libc::F_OFD_GETLK, libc::F_OFD_SETLK, libc::F_OFD_SETLKW] {
        fail(libc::SYS_fcntl, 1, libc::BPF_JEQ, command.cast_unsigned(), libc::EINVAL);
    }
}

/// Makes this thread's `call` fail with `errno` where the low half of an argument passes a test.
fn fail(call: libc::c_long, argument: u32, test: u32, operand: u32, errno: i32) {
    const NR: u32 = 0;
    const LOW: u32 = if cfg!(target_endian = "big") { 4 } else { 0 };
    let load = |at| libc::sock_filter {
        code: code(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS),
        jt: 0,
        jf: 0,
        k: at,
    };
    let jump = |test, k, jf| libc::sock_filter {
        code: code(libc::BPF_JMP | test | libc::BPF_K),
        jt: 0,
        jf,
        k,
    };
    let answer = |k| libc::sock_filter { code: code(libc::BPF_RET | libc::BPF_K), jt: 0, jf: 0, k };
    let mut filter = [
        load(NR),
        jump(libc::BPF_JEQ, u32::try_from(call).unwrap(), 3),
        load(16 + 8 * argument + LOW),
        jump(test, operand, 1),
        answer(libc::SECCOMP_RET_ERRNO | errno.cast_unsigned()),
        answer(libc::SECCOMP_RET_ALLOW),
    ];
    let program =
        libc::sock_fprog { len: u16::try_from(filter.len()).unwrap(), filter: filter.as_mut_ptr() };
    let none: libc::c_ulong = 0;
    let one: libc::c_ulong = 1;
    // SAFETY: takes numbers only.
    check(unsafe { libc::prctl(libc::PR_SET_NO_NEW_PRIVS, one, none, none, none) });
    let mode = libc::c_ulong::from(libc::SECCOMP_MODE_FILTER);
    // SAFETY: `program` and the filter in it live until the call returns, and the kernel copies
    // them.
    check(unsafe {
        libc::prctl(libc::PR_SET_SECCOMP, mode, &raw const program, ptr::null::<u8>(), none)
    });
}

fn code(bits: u32) -> u16 {
    u16::try_from(bits).unwrap()
}
