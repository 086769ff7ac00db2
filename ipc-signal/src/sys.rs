//! The one file of this crate that calls C.

#![expect(unsafe_code, reason = "the one file of this crate that calls C")]

use std::ffi::{c_int, c_long, c_uint};
use std::mem::MaybeUninit;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};
use std::ptr;

use ipc_core::{Deadline, Errno, ProcessId, Signal, TimeSpec, UserId, ret};
pub(crate) use ipc_sys as c;

use crate::SignalSet;
use crate::signal_info::{RawInfo, SignalInfo};

/// C's form of a set. Every byte of it is set, where the kernel writes the first few only.
pub(crate) fn sigset(signals: SignalSet) -> c::sigset_t {
    let mut set = MaybeUninit::zeroed();
    // SAFETY: the call writes a set, and `set` has room for one.
    unsafe { c::sigemptyset(set.as_mut_ptr()) };
    // SAFETY: zeroed, and then made an empty set by the call above.
    let mut set = unsafe { set.assume_init() };
    for signal in signals {
        // SAFETY: `set` is a set. The call fails for no number that a `Signal` has.
        unsafe { c::sigaddset(&mut set, signal.raw()) };
    }
    set
}

pub(crate) fn signals_of(set: &c::sigset_t) -> SignalSet {
    // SAFETY: `set` is a set, all of whose bytes `sigset` has set before the kernel wrote some.
    Signal::all().filter(|signal| unsafe { c::sigismember(set, signal.raw()) } == 1).collect()
}

/// What to do with a set and the mask.
#[derive(Clone, Copy)]
pub(crate) enum Change {
    Block,
    Unblock,
    Set,
}

/// Changes the mask of this thread, and returns what it was.
pub(crate) fn change_mask(change: Change, signals: SignalSet) -> Result<SignalSet, Errno> {
    let how = match change {
        Change::Block => c::SIG_BLOCK,
        Change::Unblock => c::SIG_UNBLOCK,
        Change::Set => c::SIG_SETMASK,
    };
    sigmask(how, signals)
}

fn sigmask(how: c_int, signals: SignalSet) -> Result<SignalSet, Errno> {
    let mut before = sigset(SignalSet::EMPTY);
    // SAFETY: the call reads one set and writes the other, both alive until it returns.
    ret::code(unsafe { c::pthread_sigmask(how, &sigset(signals), &mut before) })?;
    Ok(signals_of(&before))
}

/// Between `fork` and `exec`: default actions, but for those to be ignored, and then the mask.
pub(crate) fn set_up_child(blocked: &c::sigset_t, ignored: SignalSet, all: SignalSet) -> Result<(), Errno> {
    for signal in all {
        let handler = if ignored.contains(signal) { c::SIG_IGN } else { c::SIG_DFL };
        set_action(signal, &c::sigaction::new(handler, *blocked, 0))?;
    }
    // SAFETY: the call reads a set, which is alive until it returns; no old one is asked for.
    ret::code(unsafe { c::pthread_sigmask(c::SIG_SETMASK, blocked, ptr::null_mut()) })
}

pub(crate) fn pending() -> Result<SignalSet, Errno> {
    let mut set = sigset(SignalSet::EMPTY);
    // SAFETY: the call writes a set, which is ours.
    ret::check(unsafe { c::sigpending(&mut set) })?;
    Ok(signals_of(&set))
}

/// Waits for a handler to have run, which C tells as an error.
pub(crate) fn suspend(blocked: SignalSet) -> Result<(), Errno> {
    // SAFETY: the call reads a set, which is alive until it returns.
    match ret::check(unsafe { c::sigsuspend(&sigset(blocked)) }) {
        Ok(_) | Err(Errno::EINTR) => Ok(()),
        Err(other) => Err(other),
    }
}

/// C's form of what is left until then; `None` is for ever.
fn timeout(deadline: Deadline) -> Option<c::timespec> {
    let left = deadline.remaining()?;
    Some(TimeSpec::try_from(left).unwrap_or(TimeSpec::MAX).into())
}

fn pointer<T>(value: Option<&T>) -> *const T {
    value.map_or(ptr::null(), ptr::from_ref)
}

/// Takes a pending signal, waiting for it until the deadline.
pub(crate) fn wait_for_signal(signals: SignalSet, deadline: Deadline) -> Result<Option<SignalInfo>, Errno> {
    let set = sigset(signals);
    let mut info = MaybeUninit::<c::siginfo_t>::zeroed();
    let taken = ret::retry(|| {
        let left = timeout(deadline);
        // SAFETY: the call reads a set and a time, both alive until it returns, and writes an info, which is ours.
        ret::check(unsafe { c::sigtimedwait(&set, info.as_mut_ptr(), pointer(left.as_ref())) })
    });
    match taken {
        Err(Errno::EAGAIN) => Ok(None),
        Err(other) => Err(other),
        Ok(_) => {
            // SAFETY: zeroed, which its integers and pointers may be, and then written by the call.
            let info = unsafe { info.assume_init() };
            // SAFETY: as above.
            let raw = unsafe { raw_info(&info) };
            SignalInfo::new(raw).map(Some).map_err(|_| Errno::EINVAL)
        }
    }
}

/// All fields, of which those for other signals hold what they may.
///
/// # Safety
///
/// The kernel filled it, or it was zeroed before it was filled.
pub(crate) unsafe fn raw_info(info: &c::siginfo_t) -> RawInfo {
    // SAFETY: as the caller vouches.
    let value = unsafe { info.si_value() };
    RawInfo {
        signo: info.si_signo,
        code: info.si_code,
        errno: info.si_errno,
        // SAFETY: as the caller vouches.
        pid: unsafe { info.si_pid() },
        // SAFETY: as the caller vouches.
        uid: unsafe { info.si_uid() },
        // SAFETY: as the caller vouches: any bytes are an integer.
        value: unsafe { value.sival_int },
        // SAFETY: as the caller vouches.
        status: unsafe { info.si_status() },
        // SAFETY: as the caller vouches.
        overrun: unsafe { info.si_overrun() },
        // SAFETY: as the caller vouches.
        address: unsafe { info.si_addr() }.addr(),
        // SAFETY: as the caller vouches.
        band: unsafe { info.si_band() },
        // SAFETY: as the caller vouches.
        fd: unsafe { info.si_fd() },
    }
}

/// Makes a descriptor that signals are read from.
pub(crate) fn signalfd(signals: SignalSet, flags: c_int) -> Result<OwnedFd, Errno> {
    // SAFETY: the call reads a set, which is alive until it returns.
    let fd = ret::check(unsafe { c::signalfd(-1, &sigset(signals), flags | c::SFD_CLOEXEC) })?;
    // SAFETY: the descriptor was made in the line above and nobody else has it.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

/// Gives a descriptor of `signalfd` another set.
pub(crate) fn change_signalfd(fd: BorrowedFd<'_>, signals: SignalSet) -> Result<(), Errno> {
    // SAFETY: the call reads a set, which is alive until it returns; the descriptor is borrowed.
    ret::check(unsafe { c::signalfd(fd.as_raw_fd(), &sigset(signals), 0) }).map(drop)
}

/// Reads one signal; `None` if there is none and the descriptor does not wait.
#[inline]
pub(crate) fn read_signal(fd: BorrowedFd<'_>) -> Result<Option<RawInfo>, Errno> {
    const SIZE: usize = size_of::<c::signalfd_siginfo>();
    let mut info = MaybeUninit::<c::signalfd_siginfo>::uninit();
    loop {
        // SAFETY: the call writes at most `SIZE` bytes, which `info` has.
        match ret::check(unsafe { c::read(fd.as_raw_fd(), info.as_mut_ptr().cast(), SIZE) }) {
            Ok(read) if read.cast_unsigned() == SIZE => break,
            // It gives whole ones only; half a one is none.
            Ok(_) => return Err(Errno::EIO),
            Err(Errno::EINTR) => {}
            Err(Errno::EAGAIN) => return Ok(None),
            Err(other) => return Err(other),
        }
    }
    // SAFETY: the call has written all its bytes, which are integers.
    let info = unsafe { info.assume_init() };
    Ok(Some(RawInfo {
        signo: info.ssi_signo.cast_signed(),
        code: info.ssi_code,
        errno: info.ssi_errno,
        pid: info.ssi_pid.cast_signed(),
        uid: info.ssi_uid,
        value: info.ssi_int,
        status: info.ssi_status,
        overrun: info.ssi_overrun.cast_signed(),
        address: usize::try_from(info.ssi_addr).unwrap_or(usize::MAX),
        band: info.ssi_band.into(),
        fd: info.ssi_fd,
    }))
}

/// Waits until there is something to read; `false` when the deadline comes first.
pub(crate) fn wait_readable(fd: BorrowedFd<'_>, deadline: Deadline) -> Result<bool, Errno> {
    let mut poll = c::pollfd { fd: fd.as_raw_fd(), events: c::POLLIN, revents: 0 };
    let ready = ret::retry(|| {
        let left = timeout(deadline);
        // SAFETY: one descriptor to look at and one time, both alive until the call returns; the mask is left alone.
        ret::check(unsafe { c::ppoll(&mut poll, 1, pointer(left.as_ref()), ptr::null()) })
    });
    ready.map(|count| count > 0)
}

pub(crate) fn kill(pid: c_int, signal: Signal) -> Result<(), Errno> {
    // SAFETY: takes and returns numbers only.
    ret::check(unsafe { c::kill(pid, signal.raw()) }).map(drop)
}

pub(crate) fn tgkill(process: c_int, thread: c_int, signal: Signal) -> Result<(), Errno> {
    // SAFETY: the call takes and returns numbers only.
    ret::check(unsafe { c::syscall(c::SYS_tgkill, process, thread, signal.raw()) }).map(drop)
}

pub(crate) fn thread_id() -> c_int {
    c::gettid()
}

/// The value for C, in which all bytes are set.
fn sigval(value: c_int) -> c::sigval {
    let mut union = c::sigval { sival_ptr: ptr::null_mut() };
    union.sival_int = value;
    union
}

pub(crate) fn sigqueue(pid: c_int, signal: Signal, value: c_int) -> Result<(), Errno> {
    // SAFETY: takes and returns numbers only; the value is passed on and never looked behind.
    ret::check(unsafe { c::sigqueue(pid, signal.raw(), sigval(value)) }).map(drop)
}

/// As `sigqueue`, for one thread: what glibc's `pthread_sigqueue` does, and musl has no name for.
pub(crate) fn tgsigqueue(process: c_int, thread: c_int, signal: Signal, value: c_int) -> Result<(), Errno> {
    let info = queue_info(signal, value);
    // SAFETY: the call takes numbers and reads an info, which is alive until it returns.
    let sent: c_long =
        unsafe { c::syscall(c::SYS_rt_tgsigqueueinfo, process, thread, signal.raw(), ptr::from_ref(&info)) };
    ret::check(sent).map(drop)
}

pub(crate) fn pidfd_open(pid: c_int) -> Result<OwnedFd, Errno> {
    let no_flags: c_uint = 0;
    // SAFETY: the call takes and returns numbers only.
    let fd = ret::check(unsafe { c::syscall(c::SYS_pidfd_open, pid, no_flags) })?;
    let fd = RawFd::try_from(fd).map_err(|_| Errno::EBADF)?;
    // SAFETY: the descriptor was made above and nobody else has it.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

/// Sends as `kill` does, or with a value as `sigqueue` does.
pub(crate) fn pidfd_send(pidfd: BorrowedFd<'_>, signal: Signal, value: Option<c_int>) -> Result<(), Errno> {
    let info = value.map(|value| queue_info(signal, value));
    let (fd, no_flags): (c_int, c_uint) = (pidfd.as_raw_fd(), 0);
    let info = pointer(info.as_ref());
    // SAFETY: the call reads an info, which is alive until it returns, or gets none.
    let sent: c_long = unsafe { c::syscall(c::SYS_pidfd_send_signal, fd, signal.raw(), info, no_flags) };
    ret::check(sent).map(drop)
}

/// What `sigqueue` tells the kernel.
fn queue_info(signal: Signal, value: c_int) -> c::siginfo_t {
    // SAFETY: integers, pointers and unions of such: all may be zero.
    let mut info: c::siginfo_t = unsafe { MaybeUninit::zeroed().assume_init() };
    info.si_signo = signal.raw();
    info.si_code = c::SI_QUEUE;
    let base = &raw mut info;
    let member = |offset| base.wrapping_byte_add(offset);
    // SAFETY: C says that the process lies there in `info`.
    unsafe { member(c::OFFSET_OF_si_pid).cast::<c::pid_t>().write(ProcessId::current().raw()) }
    // SAFETY: C says that the user lies there in `info`.
    unsafe { member(c::OFFSET_OF_si_uid).cast::<c::uid_t>().write(UserId::real().raw()) }
    // SAFETY: C says that the value lies there in `info`.
    unsafe { member(c::OFFSET_OF_si_value).cast::<c::sigval>().write(sigval(value)) }
    info
}

pub(crate) fn action(signal: Signal) -> Result<c::sigaction, Errno> {
    let mut now = default_action();
    // SAFETY: the call writes an action, which is ours; none is installed.
    ret::check(unsafe { c::sigaction(signal.raw(), ptr::null(), &mut now) })?;
    Ok(now)
}

pub(crate) fn default_action() -> c::sigaction {
    c::sigaction::new(c::SIG_DFL, sigset(SignalSet::EMPTY), 0)
}

/// Installs an action, and returns the one before.
///
/// # Safety
///
/// Its handler, if it is a function, may run at any time from now on, in any thread.
pub(crate) unsafe fn install(signal: Signal, action: &c::sigaction) -> Result<c::sigaction, Errno> {
    let mut before = default_action();
    // SAFETY: the call reads one action and writes the other, both alive until it returns; the caller vouches for
    // the handler.
    ret::check(unsafe { c::sigaction(signal.raw(), action, &mut before) })?;
    Ok(before)
}

/// Sets an action without a function.
fn set_action(signal: Signal, action: &c::sigaction) -> Result<(), Errno> {
    debug_assert!([c::SIG_DFL, c::SIG_IGN].contains(&action.handler()));
    // SAFETY: the call reads an action, alive until it returns, which runs no code; no old one is asked for.
    ret::check(unsafe { c::sigaction(signal.raw(), action, ptr::null_mut()) }).map(drop)
}

/// In a handler: lets the signal do what it does by default.
pub(crate) fn do_default(signal: Signal) {
    // None of these fails for a signal that has a handler, and a handler could tell nobody.
    let _ = set_action(signal, &default_action());
    // SAFETY: takes and returns numbers only.
    unsafe { c::raise(signal.raw()) };
    let set = sigset(signal.into());
    // SAFETY: the call reads a set, which is alive until it returns; no old one is asked for.
    unsafe { c::pthread_sigmask(c::SIG_UNBLOCK, &set, ptr::null_mut()) };
}

/// In a handler: ends the process, running nothing more of it.
pub(crate) fn exit_now(status: c_int) -> ! {
    // SAFETY: takes a number and does not return.
    unsafe { c::_exit(status) }
}

/// In a handler: writes, and has no one to tell if that does not work.
pub(crate) fn write_blindly(fd: BorrowedFd<'_>, bytes: &[u8]) {
    // SAFETY: the call reads as many bytes as `bytes` has.
    unsafe { c::write(fd.as_raw_fd(), bytes.as_ptr().cast(), bytes.len()) };
}

/// Makes reads and writes of this open file end where they would wait.
pub(crate) fn do_not_wait(fd: BorrowedFd<'_>) -> Result<(), Errno> {
    // SAFETY: takes and returns numbers only.
    let flags = ret::check(unsafe { c::fcntl(fd.as_raw_fd(), c::F_GETFL) })?;
    // SAFETY: takes and returns numbers only.
    ret::check(unsafe { c::fcntl(fd.as_raw_fd(), c::F_SETFL, flags | c::O_NONBLOCK) }).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Jb-8.
    #[test]
    fn a_mask_that_is_refused_says_why_whatever_errno_holds() {
        c::set_errno(0);
        assert_eq!(sigmask(-1, Signal::USR1.into()), Err(Errno::EINVAL));
    }

    #[test]
    fn sets_go_to_c_and_back() {
        for set in [SignalSet::EMPTY, SignalSet::all(), Signal::realtime(5).unwrap().into()] {
            assert_eq!(signals_of(&sigset(set)), set);
        }
    }
}
