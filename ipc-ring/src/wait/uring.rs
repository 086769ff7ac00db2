//! An io_uring that waits for words and descriptors.

#![expect(unsafe_code, reason = "submits operations to the kernel")]

use std::mem::ManuallyDrop;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};
use std::sync::atomic::AtomicU32;
use std::time::Duration;

use io_uring::types::{CancelBuilder, Fd, SubmitArgs, Timespec};
use io_uring::{IoUring, Probe, opcode, squeue};
use ipc_core::{Deadline, Errno, Error, Origin, PollFd, Result};

/// The flag for a futex of 32 bits, in the newer calls of the kernel. Without the flag for private
/// futexes, it is shared between processes.
const FUTEX2_SIZE_U32: u32 = 2;

/// The mask of a futex that any wake-up matches.
const ANY: u64 = u32::MAX as u64;

/// An io_uring with the operations that are armed. Dropping it cancels them.
pub(super) struct Ring {
    /// Not dropped in a forked child, in which its memory is not mapped.
    uring: ManuallyDrop<IoUring>,
    origin: Origin,
    is_armed: bool,
    /// The timeout of the operation that ends a wait, which the kernel reads on submission.
    time: Box<Timespec>,
}

fn failed(err: &std::io::Error) -> Error {
    let errno = err.raw_os_error().map_or(Errno::EIO, Errno::new);
    if matches!(errno, Errno::ENOSYS | Errno::EPERM) {
        return Error::unsupported("io_uring_setup", "", format!("the system refuses it: {errno}"));
    }
    Error::os("io_uring", "", errno)
}

impl Ring {
    /// Creates a ring for that number of operations at a time.
    pub(super) fn new(operations: usize) -> Result<Self> {
        let entries = u32::try_from(operations + 1).unwrap_or(u32::MAX).next_power_of_two();
        let uring = IoUring::new(entries).map_err(|err| failed(&err))?;
        let mut probe = Probe::new();
        uring.submitter().register_probe(&mut probe).map_err(|err| failed(&err))?;
        if !probe.is_supported(opcode::FutexWait::CODE) {
            let why = "io_uring cannot wait for futexes before Linux 6.7";
            return Err(Error::unsupported("io_uring_setup", "", why));
        }
        let uring = ManuallyDrop::new(uring);
        Ok(Self { uring, origin: Origin::here(), is_armed: false, time: Box::default() })
    }

    /// Arms the ring: a completion arrives when one of the words has another value or is woken, a
    /// descriptor is ready, or the time is over. Operations that were armed before are cancelled.
    pub(super) fn arm(
        &mut self,
        words: &[(&AtomicU32, u32)],
        fds: &[PollFd<'_>],
        time: Option<Duration>,
    ) -> Result<()> {
        self.disarm()?;
        self.is_armed = true;
        for (word, seen) in words {
            let word = word.as_ptr().cast_const();
            let wait = opcode::FutexWait::new(word, u64::from(*seen), ANY, FUTEX2_SIZE_U32);
            self.push(&wait.build())?;
        }
        for fd in fds {
            let events = u32::from(fd.events().cast_unsigned());
            self.push(&opcode::PollAdd::new(Fd(fd.as_raw_fd()), events).build())?;
        }
        if let Some(time) = time {
            *self.time = time.into();
            self.push(&opcode::Timeout::new(&raw const *self.time).build())?;
        }
        self.uring.submit().map(drop).map_err(|err| failed(&err))
    }

    fn push(&mut self, entry: &squeue::Entry) -> Result<()> {
        // SAFETY: the kernel reads the word, which the caller borrows, and the time, which `self`
        // owns, when the operation is submitted: before `arm` returns. Later it identifies the word
        // by its place in a file or in this address space, and does not access it. A poll refers to
        // an open file.
        let pushed = unsafe { self.uring.submission().push(entry) };
        pushed
            .map_err(|_| Error::invalid("wait_any", "", "more objects than the ring was made for"))
    }

    /// Sleeps until there is a completion or the deadline passes.
    pub(super) fn sleep(
        &mut self,
        words: &[(&AtomicU32, u32)],
        fds: &[PollFd<'_>],
        deadline: Deadline,
    ) -> Result<()> {
        self.arm(words, fds, None)?;
        let time = deadline.remaining().map(Timespec::from);
        let args = SubmitArgs::new();
        let args = time.as_ref().map_or(args, |time| args.timespec(time));
        let waited = self.uring.submitter().submit_with_args(1, &args);
        let waited = waited.map_err(|err| match err.raw_os_error().map(Errno::new) {
            Some(Errno::ETIME) => Error::os("io_uring", "", Errno::ETIMEDOUT),
            _ => failed(&err),
        });
        self.disarm()?;
        waited.map(drop)
    }

    /// Cancels the armed operations, so that they use up no wake-up of another thread, and removes
    /// all completions.
    pub(super) fn disarm(&mut self) -> Result<()> {
        if !self.origin.is_here() {
            let why = "the process that forked this one has the bell, and a forked child has not";
            return Err(Error::invalid("arm", "", why));
        }
        while self.is_armed {
            let cancel = self.uring.submitter().register_sync_cancel(None, CancelBuilder::any());
            match cancel.map_err(|err| err.raw_os_error().map_or(Errno::EIO, Errno::new)) {
                Ok(()) | Err(Errno::ENOENT) => self.is_armed = false,
                Err(Errno::EINTR | Errno::EAGAIN) => {}
                Err(errno) => return Err(Error::os("io_uring", "", errno)),
            }
        }
        self.uring.completion().for_each(drop);
        Ok(())
    }
}

impl AsFd for Ring {
    fn as_fd(&self) -> BorrowedFd<'_> {
        // SAFETY: the descriptor is open as long as the ring.
        unsafe { BorrowedFd::borrow_raw(self.uring.as_raw_fd()) }
    }
}

impl Drop for Ring {
    fn drop(&mut self) {
        if self.origin.is_here() {
            // On a failure the kernel cancels everything when the descriptor is closed, somewhat
            // later.
            let _ = self.disarm();
            // SAFETY: nothing uses it afterwards.
            unsafe { ManuallyDrop::drop(&mut self.uring) };
        }
    }
}
