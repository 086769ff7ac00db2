//! The calls of C for System V message queues, as safe functions. A queue is a number.
//!
//! The kernel takes a message with its type before its bytes, so each is copied once more, through
//! a buffer on the stack unless the message is longer than the kernel permits by default.

#![expect(unsafe_code, reason = "calls C")]

use std::ffi::{c_int, c_long};
use std::mem::MaybeUninit;
use std::{ptr, slice};

use ipc_core::{Errno, Key, Permissions, ret};
use ipc_sys as c;

/// The largest message that fits into a buffer on the stack: the default of
/// `/proc/sys/kernel/msgmax`.
pub(crate) const STACK: usize = 8192;

/// The flag that turns "of this type" into "of any other type".
pub(crate) const EXCEPT: c_int = c::MSG_EXCEPT;

/// The flag that permits to cut a message.
pub(crate) const CUT: c_int = c::MSG_NOERROR;

/// The flag that makes a call fail where it would block.
pub(crate) const NO_WAIT: c_int = c::IPC_NOWAIT;

type Word = MaybeUninit<c_long>;

/// The state of a queue.
pub(crate) type State = c::msqid_ds;

pub(crate) fn create(key: Key, mode: Permissions) -> Result<c_int, Errno> {
    get(key, mode, c::IPC_CREAT | c::IPC_EXCL)
}

/// Returns the id of an existing queue, if the caller has these permissions.
pub(crate) fn open(key: Key, access: Permissions) -> Result<c_int, Errno> {
    get(key, access, 0)
}

fn get(key: Key, mode: Permissions, flags: c_int) -> Result<c_int, Errno> {
    ret::check(c::msgget(key.raw(), mode.mode().cast_signed() | flags))
}

/// Sends a message, and blocks until there is room unless the flags say otherwise.
#[inline]
pub(crate) fn send(id: c_int, message: &[u8], kind: c_long, flags: c_int) -> Result<(), Errno> {
    let len = message.len();
    with_room(len, |room| {
        room[0].write(kind);
        let place = room[1..].as_mut_ptr().cast::<u8>();
        // SAFETY: `room` is a buffer of a type and at least `len` bytes, borrowed mutably, so it
        // does not overlap `message`, which has `len` bytes.
        unsafe { ptr::copy_nonoverlapping(message.as_ptr(), place, len) };
        let room = room.as_ptr().cast();
        // SAFETY: `room` holds a type and `len` bytes, which the lines above wrote.
        ret::retry(|| ret::check(unsafe { c::msgsnd(id, room, len, flags) })).map(drop)
    })
}

/// Receives a message of up to `len` bytes, and passes its bytes and type to `take`. It blocks
/// until there is a message unless the flags say otherwise.
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
        // SAFETY: `room` is a buffer of a type and at least `len` bytes, borrowed mutably.
        let got = ret::retry(|| ret::check(unsafe { c::msgrcv(id, place, len, which, flags) }))?;
        // SAFETY: the call above succeeded, so the kernel wrote the type of the message.
        let kind = unsafe { room[0].assume_init() };
        let (first, got) = (room[1..].as_ptr().cast::<u8>(), got.cast_unsigned());
        // SAFETY: the kernel wrote `got` bytes after the type, at most `len`, which the buffer has.
        let bytes = unsafe { slice::from_raw_parts(first, got) };
        Ok(take(bytes, kind))
    })
}

/// Runs `f` with a buffer of a type and at least `len` bytes.
#[inline]
fn with_room<R>(len: usize, f: impl FnOnce(&mut [Word]) -> R) -> R {
    const WORD: usize = size_of::<Word>();

    if len <= STACK {
        return f(&mut [const { Word::uninit() }; 1 + STACK / WORD]);
    }
    f(&mut vec![Word::uninit(); 1 + len.div_ceil(WORD)])
}

/// Reads the state of a queue, which needs read permission.
pub(crate) fn stat(id: c_int) -> Result<State, Errno> {
    let mut state = c::zeroed();
    control(id, Control::Stat, &mut state)?;
    Ok(state)
}

/// Reads the state of a queue whatever its permissions; since Linux 4.17.
pub(crate) fn stat_any(id: c_int) -> Result<State, Errno> {
    /// The place of a queue in the kernel's table is the low bits of its id: 15, or 24 if the
    /// machine was started with `ipcmni_extend`.
    const PLACES: [c_int; 2] = [0x7fff, 0xff_ffff];

    let mut failed = Errno::EINVAL;
    for mask in PLACES {
        match stat_place(id & mask) {
            Ok((found, state)) if found == id => return Ok(state),
            Ok(_) => {}
            Err(errno) => failed = errno,
        }
    }
    // The place may hold another queue by now, or the kernel may not have the call.
    if failed == Errno::EINVAL { stat(id) } else { Err(failed) }
}

/// Reads the id and the state of the queue in a place of the kernel's table.
fn stat_place(place: c_int) -> Result<(c_int, State), Errno> {
    let mut state = c::zeroed();
    let any = control(place, Control::StatAnyPlace, &mut state);
    match any {
        // Before Linux 4.17.
        Err(Errno::EINVAL) => control(place, Control::StatPlace, &mut state),
        any => any,
    }
    .map(|id| (id, state))
}

/// Returns the ids and states of all queues that the caller may see.
pub(crate) fn all() -> Result<Vec<(c_int, State)>, Errno> {
    let mut info: c::msginfo = c::zeroed();
    // SAFETY: this command writes a `msginfo`, to a local.
    let last = ret::check(unsafe { c::msgctl(0, c::MSG_INFO, (&raw mut info).cast()) })?;
    let mut found = Vec::new();
    for place in 0..=last {
        match stat_place(place) {
            Ok(queue) => found.push(queue),
            // An empty place, a queue that was just removed, or one that may not be seen.
            Err(Errno::EINVAL | Errno::EIDRM | Errno::EACCES) => {}
            Err(errno) => return Err(errno),
        }
    }
    Ok(found)
}

/// Changes owner, mode and byte limit to those of `state`.
pub(crate) fn set(id: c_int, mut state: State) -> Result<(), Errno> {
    control(id, Control::Set, &mut state).map(drop)
}

/// Gives a new queue its mode and byte limit in one step.
pub(crate) fn finish(
    id: c_int,
    mode: Permissions,
    bytes: usize,
    (user, group): (u32, u32),
) -> Result<(), Errno> {
    let mut state: State = c::zeroed();
    (state.msg_perm.uid, state.msg_perm.gid) = (user, group);
    state.msg_perm.mode = mode.mode();
    state.msg_qbytes = bytes as _;
    set(id, state)
}

pub(crate) fn remove(id: c_int) -> Result<(), Errno> {
    control(id, Control::Remove, &mut c::zeroed()).map(drop)
}

/// A command of `msgctl` that takes a [`State`] or nothing.
#[derive(Clone, Copy)]
enum Control {
    Remove = c::IPC_RMID as isize,
    Set = c::IPC_SET as isize,
    Stat = c::IPC_STAT as isize,
    StatPlace = c::MSG_STAT as isize,
    StatAnyPlace = c::MSG_STAT_ANY as isize,
}

fn control(id: c_int, command: Control, state: &mut State) -> Result<c_int, Errno> {
    let command = command as c_int;
    // SAFETY: each `Control` takes this structure or none, and it is a mutable reference.
    ret::check(unsafe { c::msgctl(id, command, ptr::from_mut(state)) })
}
