//! System V's message queues, which are numbers.
//!
//! The kernel takes a message with its type right before it, so each is copied once more, through a buffer that is
//! on the stack unless the message is longer than the kernel allows by default.

#![expect(unsafe_code, reason = "calls C")]

use std::ffi::{c_int, c_long};
use std::mem::MaybeUninit;
use std::{ptr, slice};

use ipc_core::{Errno, Key, Permissions, ret};
use ipc_sys as c;

/// The bytes of a message for which a buffer on the stack does.
pub(crate) const ROOM: usize = 8192;

/// The bit that makes "of that type" "of any other".
pub(crate) const EXCEPT: c_int = c::MSG_EXCEPT;

/// The bit that lets a message be cut.
pub(crate) const CUT: c_int = c::MSG_NOERROR;

/// The bit that makes a call fail where it would wait.
pub(crate) const NO_WAIT: c_int = c::IPC_NOWAIT;

type Word = MaybeUninit<c_long>;

pub(crate) fn create(key: Key, mode: Permissions) -> Result<c_int, Errno> {
    get(key, mode, c::IPC_CREAT | c::IPC_EXCL)
}

/// Finds a queue, of which `access` is wanted.
pub(crate) fn open(key: Key, access: Permissions) -> Result<c_int, Errno> {
    get(key, access, 0)
}

fn get(key: Key, mode: Permissions, flags: c_int) -> Result<c_int, Errno> {
    // SAFETY: takes and returns numbers only.
    ret::check(unsafe { c::msgget(key.raw(), mode.mode().cast_signed() | flags) })
}

/// Waits for room unless the flags say otherwise.
#[inline]
pub(crate) fn send(id: c_int, message: &[u8], kind: c_long, flags: c_int) -> Result<(), Errno> {
    let len = message.len();
    with_room(len, |room| {
        room[0].write(kind);
        let place = room[1..].as_mut_ptr().cast::<u8>();
        // SAFETY: `with_room` made room for a type and `len` bytes, which nobody else has.
        unsafe { ptr::copy_nonoverlapping(message.as_ptr(), place, len) };
        let room = room.as_ptr().cast();
        // SAFETY: a type and `len` bytes, both just written.
        ret::retry(|| ret::check(unsafe { c::msgsnd(id, room, len, flags) })).map(drop)
    })
}

/// Receives a message of up to `len` bytes, and hands its bytes and its type to `take`. Waits for one unless the
/// flags say otherwise.
#[inline]
pub(crate) fn receive<R>(
    id: c_int,
    len: usize,
    which: c_long,
    flags: c_int,
    take: impl FnOnce(&[u8], c_long) -> R,
) -> Result<R, Errno> {
    with_room(len, |room| {
        let place = room.as_mut_ptr().cast();
        // SAFETY: `with_room` made room for a type and `len` bytes.
        let got = ret::retry(|| ret::check(unsafe { c::msgrcv(id, place, len, which, flags) }))?;
        // SAFETY: the kernel wrote the type of the message.
        let kind = unsafe { room[0].assume_init() };
        // SAFETY: and behind it so many bytes, at most `len`.
        let bytes = unsafe { slice::from_raw_parts(room[1..].as_ptr().cast::<u8>(), got.cast_unsigned()) };
        Ok(take(bytes, kind))
    })
}

/// Runs `f` with words for a type and that many bytes.
#[inline]
fn with_room<R>(len: usize, f: impl FnOnce(&mut [Word]) -> R) -> R {
    const WORD: usize = size_of::<Word>();
    if len <= ROOM {
        return f(&mut [const { Word::uninit() }; 1 + ROOM / WORD]);
    }
    f(&mut vec![Word::uninit(); 1 + len.div_ceil(WORD)])
}

pub(crate) fn stat(id: c_int) -> Result<c::msqid_ds, Errno> {
    // SAFETY: a struct of integers only, for which all zeros are a value.
    let mut state = unsafe { MaybeUninit::<c::msqid_ds>::zeroed().assume_init() };
    control(id, c::IPC_STAT, &mut state)?;
    Ok(state)
}

/// Changes mode, owner and byte limit to those of `state`.
pub(crate) fn set(id: c_int, mut state: c::msqid_ds) -> Result<(), Errno> {
    control(id, c::IPC_SET, &mut state)
}

pub(crate) fn remove(id: c_int) -> Result<(), Errno> {
    // SAFETY: this command takes no structure.
    ret::check(unsafe { c::msgctl(id, c::IPC_RMID, ptr::null_mut()) }).map(drop)
}

fn control(id: c_int, command: c_int, state: &mut c::msqid_ds) -> Result<(), Errno> {
    // SAFETY: both commands that are given here take this structure.
    ret::check(unsafe { c::msgctl(id, command, ptr::from_mut(state)) }).map(drop)
}
