//! The reference: plain C calls, as a C program would make them.

#![expect(unsafe_code, reason = "the one file of this crate that calls C")]

use std::ffi::{CStr, c_int};
use std::mem::MaybeUninit;
use std::ptr;
use std::time::{Duration, Instant};

use ipc_core::{Errno, Error, ret};
use ipc_sys::{self as c, Live};

pub(crate) mod block;
pub(crate) mod cores;
pub(crate) mod from_c;
pub(crate) mod lock;
pub(crate) mod queue;
pub(crate) mod shared;
pub(crate) mod signal;
pub(crate) mod socket;

/// Converts the failure of a C call, which no benchmark expects.
#[cold]
pub(crate) fn failed(errno: Errno) -> Error {
    Error::os("a call of C", "", errno)
}

/// The way in which C allocates the bytes of an object.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Making {
    /// Uses `posix_fallocate`, and writes 64 more bytes behind them.
    Behind,
    /// Uses `posix_fallocate`, and writes 64 of the bytes.
    Within,
    /// Uses `ftruncate`, which allocates nothing, and writes nothing.
    Bare,
}

/// Creates shared memory, maps it, and unlinks it.
pub(crate) fn make(making: Making, name: &CStr, size: usize) -> Result<(), Errno> {
    make_with(making, name, size, |_| ())
}

/// Like [`make`], and also uses the bytes while they are mapped.
pub(crate) fn make_with(
    making: Making,
    name: &CStr,
    size: usize,
    with: impl FnOnce(*mut u8),
) -> Result<(), Errno> {
    // SAFETY: a nul-terminated string, and numbers.
    let fd = ret::check(unsafe {
        c::shm_open(name.as_ptr(), c::O_RDWR | c::O_CREAT | c::O_EXCL, 0o600)
    })?;
    let len = i64::try_from(size).map_err(|_| Errno::EFBIG)?;
    match making {
        Making::Behind => reserve_and_write(fd, len + 64, len)?,
        Making::Within => reserve_and_write(fd, len, 0)?,
        // SAFETY: takes numbers only.
        Making::Bare => _ = ret::check(unsafe { c::ftruncate(fd, len) })?,
    }
    map_and_unmap(fd, size, with)?;
    unlink(name)
}

/// Unlinks a shared memory object.
pub(crate) fn unlink(name: &CStr) -> Result<(), Errno> {
    // SAFETY: a nul-terminated string.
    ret::check(unsafe { c::shm_unlink(name.as_ptr()) }).map(drop)
}

fn reserve_and_write(fd: c_int, len: i64, offset: i64) -> Result<(), Errno> {
    // SAFETY: takes numbers only.
    ret::code(unsafe { c::posix_fallocate(fd, 0, len) })?;
    let bytes = [1u8; 64];
    // SAFETY: reads the 64 bytes, which outlive the call.
    ret::check(unsafe { c::pwrite(fd, bytes.as_ptr().cast(), bytes.len(), offset) }).map(drop)
}

/// Creates shared memory of a page, maps it up to `max` bytes, and returns how long it takes to add
/// a number of pages.
pub(crate) fn grow(
    name: &CStr,
    sparse: bool,
    page: usize,
    max: usize,
    steps: usize,
) -> Result<Duration, Errno> {
    // SAFETY: a nul-terminated string, and numbers.
    let fd = ret::check(unsafe {
        c::shm_open(name.as_ptr(), c::O_RDWR | c::O_CREAT | c::O_EXCL, 0o600)
    })?;
    // SAFETY: takes a number only.
    let kept = ret::check(unsafe { c::dup(fd) })?;
    let step = i64::try_from(page).map_err(|_| Errno::EFBIG)?;
    let mut grown = Ok(Duration::ZERO);
    map_and_unmap(fd, max, |_| {
        let start = Instant::now();
        let done = (1..).zip(0..steps).try_for_each(|(number, _)| match sparse {
            // SAFETY: takes numbers only.
            true => ret::check(unsafe { c::ftruncate(kept, step * (number + 1)) }).map(drop),
            // SAFETY: takes numbers only.
            false => ret::code(unsafe { c::posix_fallocate(kept, step * number, step) }),
        });
        grown = done.map(|()| start.elapsed());
    })?;
    // SAFETY: opened above, and not used again.
    ret::check(unsafe { c::close(kept) })?;
    // SAFETY: a nul-terminated string.
    ret::check(unsafe { c::shm_unlink(name.as_ptr()) })?;
    grown
}

/// Opens shared memory, and maps all of it.
pub(crate) fn find(name: &CStr) -> Result<(), Errno> {
    // SAFETY: a nul-terminated string, and numbers.
    let fd = ret::check(unsafe { c::shm_open(name.as_ptr(), c::O_RDWR, 0) })?;
    let mut stat = MaybeUninit::<c::stat>::uninit();
    // SAFETY: the call writes a `stat`, and the buffer is one.
    ret::check(unsafe { c::fstat(fd, stat.as_mut_ptr()) })?;
    // SAFETY: the call above has written it.
    let stat = unsafe { stat.assume_init() };
    map_and_unmap(fd, usize::try_from(stat.st_size).map_err(|_| Errno::EFBIG)?, |_| ())
}

fn map_and_unmap(fd: c_int, size: usize, with: impl FnOnce(*mut u8)) -> Result<(), Errno> {
    // SAFETY: no address is requested, so no existing mapping changes.
    let map = unsafe {
        c::mmap(ptr::null_mut(), size, c::PROT_READ | c::PROT_WRITE, c::MAP_SHARED, fd, 0)
    };
    if map == c::MAP_FAILED {
        return Err(Errno::last());
    }
    // SAFETY: the descriptor was opened by the caller, which does not use it again.
    ret::check(unsafe { c::close(fd) })?;
    with(map.cast());
    // SAFETY: the mapping was created above, and no pointer into it remains.
    ret::check(unsafe { c::munmap(map, size) }).map(drop)
}

/// C's semaphore, in memory of this process but initialised as shared between processes.
pub(crate) struct Semaphore(Box<Live<c::sem_t>>);

impl Semaphore {
    pub(crate) fn new() -> Result<Self, Errno> {
        let mut sem = Box::new(MaybeUninit::zeroed());
        ret::check(c::sem_init(&mut sem, 1, 0))?;
        // SAFETY: zeroed, and initialised by the call above, which succeeded.
        Ok(Self(unsafe { sem.assume_init() }))
    }

    pub(crate) fn as_ptr(&self) -> *mut c::sem_t {
        self.0.as_ptr()
    }

    #[inline]
    pub(crate) fn post(&self) -> Result<(), Errno> {
        ret::check(c::sem_post(&self.0)).map(drop)
    }

    #[inline]
    pub(crate) fn wait(&self) -> Result<(), Errno> {
        ret::check(c::sem_wait(&self.0)).map(drop)
    }
}

/// Adds to the first semaphore of a System V set, or subtracts from it.
#[inline]
pub(crate) fn add_to_set(id: c_int, count: i16) -> Result<(), Errno> {
    let mut step = c::sembuf { sem_num: 0, sem_op: count, sem_flg: 0 };
    // SAFETY: reads one step, which lives until the call returns.
    ret::check(unsafe { c::semop(id, &raw mut step, 1) }).map(drop)
}
