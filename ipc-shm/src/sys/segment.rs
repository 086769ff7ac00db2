//! System calls on System V segments.

#![expect(unsafe_code, reason = "a file that calls C")]

use std::ffi::c_int;
use std::ptr::{self, NonNull};

use ipc_core::{Errno, GroupId, Key, Permissions, ProcessId, TimeSpec, UserId, ret};
use ipc_mem::{Access, Mapping};
use ipc_sys as c;

use crate::SysvInfo;

pub(crate) fn create(key: c::key_t, size: usize, mode: u32, sparse: bool) -> Result<c_int, Errno> {
    let sparse = if sparse { c::SHM_NORESERVE } else { 0 };
    get(key, size, c::IPC_CREAT | c::IPC_EXCL | sparse | mode.cast_signed())
}

pub(crate) fn find(key: c::key_t) -> Result<c_int, Errno> {
    get(key, 0, 0)
}

fn get(key: c::key_t, size: usize, flags: c_int) -> Result<c_int, Errno> {
    ret::check(c::shmget(key, size, flags))
}

/// Maps a whole segment, and returns it with the facts about it.
pub(crate) fn attach(id: c_int, access: Access) -> Result<(Mapping, SysvInfo), Errno> {
    let flags = if access == Access::ReadOnly { c::SHM_RDONLY } else { 0 };
    // SAFETY: no address is requested, so existing mappings do not change.
    let base = unsafe { c::shmat(id, ptr::null(), flags) };
    if base == c::MAP_FAILED {
        return Err(Errno::last());
    }
    // The system maps nothing at address 0 unless that address is requested.
    let base = NonNull::new(base.cast()).ok_or(Errno::ENOMEM)?;
    // While the segment is attached, its id is not reused.
    match info(id) {
        // SAFETY: the call above attached `info.size` bytes at `base`, and no other code uses them.
        Ok(info) => Ok((unsafe { Mapping::from_segment(base, info.size) }, info)),
        Err(errno) => {
            // SAFETY: the segment was attached above, and no other code uses it.
            unsafe { c::shmdt(base.as_ptr().cast()) };
            Err(errno)
        }
    }
}

pub(crate) fn remove(id: c_int) -> Result<(), Errno> {
    control(id, Control::Remove)
}

pub(crate) fn lock(id: c_int) -> Result<(), Errno> {
    control(id, Control::Lock)
}

pub(crate) fn unlock(id: c_int) -> Result<(), Errno> {
    control(id, Control::Unlock)
}

/// A command of `shmctl` that takes a `shmid_ds` or nothing.
#[derive(Clone, Copy)]
enum Control {
    Remove = c::IPC_RMID as isize,
    Set = c::IPC_SET as isize,
    Stat = c::IPC_STAT as isize,
    Lock = c::SHM_LOCK as isize,
    Unlock = c::SHM_UNLOCK as isize,
}

/// Executes a command that has no argument.
fn control(id: c_int, command: Control) -> Result<(), Errno> {
    control_with(id, command, &mut c::zeroed())
}

fn control_with(id: c_int, command: Control, stat: &mut c::shmid_ds) -> Result<(), Errno> {
    let command = command as c_int;
    // SAFETY: each `Control` takes this structure or none, and it is a mutable reference.
    ret::check(unsafe { c::shmctl(id, command, stat) }).map(drop)
}

pub(crate) fn set_permissions(id: c_int, permissions: Permissions) -> Result<(), Errno> {
    let mut stat = stat(id)?;
    stat.shm_perm.mode = permissions.mode();
    control_with(id, Control::Set, &mut stat)
}

pub(crate) fn info(id: c_int) -> Result<SysvInfo, Errno> {
    stat(id).map(|stat| SysvInfo::from_c(id, &stat))
}

fn stat(id: c_int) -> Result<c::shmid_ds, Errno> {
    let mut stat = c::zeroed();
    control_with(id, Control::Stat, &mut stat)?;
    Ok(stat)
}

impl SysvInfo {
    fn from_c(id: c_int, stat: &c::shmid_ds) -> Self {
        let time = |sec| Some(TimeSpec::from(sec)).filter(|time| *time != TimeSpec::ZERO);
        let process = |id| Some(ProcessId::new(id)).filter(|process| process.raw() != 0);
        let perm = &stat.shm_perm;
        Self {
            id,
            key: Key::new(perm.key()),
            size: stat.shm_segsz,
            attached: usize::try_from(stat.shm_nattch).unwrap_or(usize::MAX),
            creator_process: process(stat.shm_cpid),
            last_process: process(stat.shm_lpid),
            last_attach: time(stat.shm_atime),
            last_detach: time(stat.shm_dtime),
            last_change: stat.shm_ctime.into(),
            owner: UserId::new(perm.uid),
            group: GroupId::new(perm.gid),
            creator: UserId::new(perm.cuid),
            creator_group: GroupId::new(perm.cgid),
            permissions: Permissions::of_mode(perm.mode),
            is_removed: perm.mode & c::SHM_DEST.cast_unsigned() != 0,
            is_locked: perm.mode & c::SHM_LOCKED.cast_unsigned() != 0,
        }
    }
}
