//! Calls to sets of semaphores.

#![expect(unsafe_code, reason = "a file that calls C")]

use std::ffi::{c_int, c_short};
use std::ptr;
use std::time::Duration;

use ipc_core::{Deadline, Errno, GroupId, Key, Permissions, TimeSpec, UserId, ret};
use ipc_sys as c;

use crate::sys::guarded_buffer::GuardedBuffer;
use crate::sysv::{Operation, SetInfo};

/// The most steps that are kept without asking for memory.
const FEW: usize = 8;

pub(crate) fn create(key: c::key_t, count: usize, mode: u32) -> Result<c_int, Errno> {
    get(key, count, c::IPC_CREAT | c::IPC_EXCL | mode.cast_signed())
}

pub(crate) fn open(key: c::key_t) -> Result<c_int, Errno> {
    get(key, 0, 0)
}

fn get(key: c::key_t, count: usize, flags: c_int) -> Result<c_int, Errno> {
    let count = c_int::try_from(count).map_err(|_| Errno::EINVAL)?;
    ret::check(c::semget(key, count, flags))
}

pub(crate) fn remove(id: c_int) -> Result<(), Errno> {
    control(id, Control::Remove, &mut c::zeroed())
}

pub(crate) fn info(id: c_int) -> Result<SetInfo, Errno> {
    let stat = stat(id)?;
    Ok(SetInfo {
        key: Key::new(stat.sem_perm.key()),
        last_operation: Some(TimeSpec::from(stat.sem_otime)).filter(|time| *time != TimeSpec::ZERO),
        last_change: stat.sem_ctime.into(),
        len: usize::try_from(stat.sem_nsems).unwrap_or(usize::MAX),
        owner: UserId::new(stat.sem_perm.uid),
        group: GroupId::new(stat.sem_perm.gid),
        creator: UserId::new(stat.sem_perm.cuid),
        creator_group: GroupId::new(stat.sem_perm.cgid),
        permissions: Permissions::of_mode(stat.sem_perm.mode),
    })
}

pub(crate) fn set_permissions(id: c_int, permissions: Permissions) -> Result<(), Errno> {
    let mut stat = stat(id)?;
    stat.sem_perm.mode = permissions.mode();
    control(id, Control::Set, &mut stat)
}

/// Gives a set of this user its mode, without reading its state: the mode may forbid that.
pub(crate) fn finish(id: c_int, mode: u32) -> Result<(), Errno> {
    let mut stat: c::semid_ds = c::zeroed();
    (stat.sem_perm.uid, stat.sem_perm.gid) =
        (UserId::effective().raw(), GroupId::effective().raw());
    stat.sem_perm.mode = mode;
    control(id, Control::Set, &mut stat)
}

fn stat(id: c_int) -> Result<c::semid_ds, Errno> {
    let mut stat = c::zeroed();
    control(id, Control::Stat, &mut stat)?;
    Ok(stat)
}

/// A command of `semctl` that takes a `semid_ds` or nothing.
#[derive(Clone, Copy)]
enum Control {
    Remove = c::IPC_RMID as isize,
    Set = c::IPC_SET as isize,
    Stat = c::IPC_STAT as isize,
}

fn control(id: c_int, command: Control, stat: &mut c::semid_ds) -> Result<(), Errno> {
    let command = command as c_int;
    // SAFETY: each `Control` takes this structure or none, and it is a mutable reference.
    ret::check(unsafe { c::semctl(id, 0, command, c::semun { buf: stat }) }).map(drop)
}

/// A question about one semaphore, or its new value.
pub(crate) enum Question {
    Value,
    LastProcess,
    WaitingForMore,
    WaitingForZero,
    Set(u16),
}

pub(crate) fn ask(id: c_int, index: u16, question: Question) -> Result<u32, Errno> {
    let (command, value) = match question {
        Question::Value => (c::GETVAL, 0),
        Question::LastProcess => (c::GETPID, 0),
        Question::WaitingForMore => (c::GETNCNT, 0),
        Question::WaitingForZero => (c::GETZCNT, 0),
        Question::Set(value) => (c::SETVAL, value),
    };
    let value = c::semun { val: value.into() };
    // SAFETY: these commands take a number or ignore it, and return a number.
    let answer = ret::check(unsafe { c::semctl(id, index.into(), command, value) })?;
    Ok(answer.unsigned_abs())
}

pub(crate) fn set_value(id: c_int, index: u16, value: u16) -> Result<(), Errno> {
    ask(id, index, Question::Set(value)).map(drop)
}

/// The values of all counters; `EFAULT` if a set of another length has got the id.
pub(crate) fn values(id: c_int, count: usize) -> Result<Vec<u16>, Errno> {
    /// Over the maximum of a counter, so it stays only where the call writes nothing.
    const UNWRITTEN: u16 = u16::MAX;
    /// The counters behind those of the set. Copies that end beside the inaccessible page are slow:
    /// on an Intel Xeon, they make the call take 1.7 times as long.
    const BEHIND: usize = 128;

    let room = count.checked_add(BEHIND).ok_or(Errno::ENOMEM)?;
    let mut buffer = GuardedBuffer::new(room)?;
    let (values, behind) = buffer.counters(room).split_at_mut(count);
    // A shorter set does not write the first of these, and a longer one writes the second.
    for mark in values.last_mut().into_iter().chain(behind.first_mut()) {
        *mark = UNWRITTEN;
    }
    transfer(id, Transfer::GetAll, &mut buffer, room)?;
    let (values, behind) = buffer.counters(room).split_at(count);
    let is_whole = values.last() != Some(&UNWRITTEN) && behind.first() == Some(&UNWRITTEN);
    if is_whole { Ok(values.to_vec()) } else { Err(Errno::EFAULT) }
}

/// Gives all counters other values; `EFAULT`, and nothing changes, if a longer set has got the id.
/// A shorter one gets the first values.
pub(crate) fn set_values(id: c_int, values: &[u16]) -> Result<(), Errno> {
    let mut buffer = GuardedBuffer::new(values.len())?;
    buffer.counters(values.len()).copy_from_slice(values);
    transfer(id, Transfer::SetAll, &mut buffer, values.len())
}

/// A command that copies all counters of a set.
#[derive(Clone, Copy)]
enum Transfer {
    GetAll = c::GETALL as isize,
    SetAll = c::SETALL as isize,
}

fn transfer(
    id: c_int,
    command: Transfer,
    buffer: &mut GuardedBuffer,
    count: usize,
) -> Result<(), Errno> {
    let (command, array) = (command as c_int, buffer.counters(count).as_mut_ptr());
    // SAFETY: the call reads or writes one number for each counter of the set, from the beginning
    // of this array on. All bytes up to the inaccessible page behind it are in the buffer, which is
    // borrowed mutably, and the kernel touches nothing behind that page (`GuardedBuffer`).
    ret::check(unsafe { c::semctl(id, 0, command, c::semun { array }) }).map(drop)
}

#[expect(clippy::cast_possible_truncation, reason = "one bit of C's, which `sem_flg` has")]
const NO_WAIT: c_short = c::IPC_NOWAIT as c_short;

/// How long to wait until all steps can be done.
#[derive(Clone, Copy)]
pub(crate) enum Patience {
    None,
    Until(Deadline),
}

/// Does all the steps as soon as all can be done; `EAGAIN` if that is not possible in time.
pub(crate) fn operate(id: c_int, steps: &[Operation], patience: Patience) -> Result<(), Errno> {
    let empty = c::sembuf { sem_num: 0, sem_op: 0, sem_flg: 0 };
    let (mut few, mut many) = ([empty; FEW], Vec::new());
    let steps_for_c = match few.get_mut(..steps.len()) {
        Some(few) => few,
        None => {
            many.resize(steps.len(), empty);
            &mut many[..]
        }
    };
    let no_wait = if matches!(patience, Patience::None) { NO_WAIT } else { 0 };
    for (to, step) in steps_for_c.iter_mut().zip(steps) {
        let flags: c_short = if step.undo { c::SEM_UNDO } else { 0 };
        *to = c::sembuf { sem_num: step.index, sem_op: step.change, sem_flg: flags | no_wait };
    }
    let deadline = match patience {
        Patience::None | Patience::Until(Deadline::NEVER) => None,
        Patience::Until(deadline) => Some(deadline),
    };
    ret::retry(|| {
        let left = deadline.and_then(Deadline::remaining);
        if left == Some(Duration::ZERO) {
            // Without this the call would sleep, if only for a moment.
            steps_for_c.iter_mut().for_each(|step| step.sem_flg |= NO_WAIT);
        }
        let left = left.and_then(|left| TimeSpec::try_from(left).ok()).map(c::timespec::from);
        let left = left.as_ref().map_or(ptr::null(), ptr::from_ref);
        // SAFETY: `steps.len()` steps, and a time or null, which are there until the call returns.
        ret::check(unsafe { c::semtimedop(id, steps_for_c.as_mut_ptr(), steps.len(), left) })
            .map(drop)
    })
}
