//! shared_memory, with the locks and events of raw_sync in it: one slot for a message each way,
//! with one event for full and one for empty.

#![expect(unsafe_code, reason = "lays things out in shared memory")]

use std::process;
use std::slice;

use raw_sync::Timeout;
use raw_sync::events::{Event, EventImpl, EventInit, EventState};
use raw_sync::locks::{LockInit, Mutex};
use shared_memory::{Shmem, ShmemConf};

use crate::partner::{Channel, Finish};
use crate::{Once, Res};

/// The distance between events, and to the message.
const STRIDE: usize = 256;

pub(crate) fn lock() -> Res<Once> {
    let memory = ShmemConf::new().size(4096).create()?;
    // SAFETY: 4096 bytes that no other code uses, of which a mutex needs less than 256.
    let (mutex, _) = unsafe { Mutex::new(memory.as_ptr(), memory.as_ptr().add(STRIDE)) }?;
    Ok(Box::new(move |times| {
        let _alive = &memory;
        for _ in 0..times {
            drop(mutex.lock()?);
        }
        Ok(())
    }))
}

pub(crate) fn create() -> Res<Once> {
    let name = format!("ipc-rivals-{}-shared_memory", process::id());
    Ok(Box::new(move |times| {
        for _ in 0..times {
            drop(ShmemConf::new().size(4096).os_id(&name).create()?);
        }
        Ok(())
    }))
}

pub(crate) fn open() -> Res<Once> {
    let memory = ShmemConf::new().size(4096).create()?;
    Ok(Box::new(move |times| {
        for _ in 0..times {
            drop(ShmemConf::new().os_id(memory.get_os_id()).open()?);
        }
        Ok(())
    }))
}

/// A slot for one message.
struct Slot {
    full: Box<dyn EventImpl>,
    empty: Box<dyn EventImpl>,
    bytes: *mut u8,
}

impl Slot {
    /// # Safety
    ///
    /// From `base` on there are two strides and the bytes of the message; if `new`, they are
    /// unused, otherwise the other process has called this.
    unsafe fn at(base: *mut u8, new: bool) -> Res<Self> {
        let event = |i: usize| -> Res<Box<dyn EventImpl>> {
            // SAFETY: the caller guarantees that two strides follow `base` (contract of `at`).
            let place = unsafe { base.add(i * STRIDE) };
            // SAFETY: the caller guarantees an unused stride if `new`, and otherwise an event
            // created by the other process's call (contract of `at`).
            let made = unsafe { if new { Event::new(place, true) } else { Event::from_existing(place) } };
            Ok(made?.0)
        };
        let (full, empty) = (event(0)?, event(1)?);
        if new {
            empty.set(EventState::Signaled)?;
        }
        // SAFETY: the caller guarantees that the message follows the two strides (contract of
        // `at`).
        Ok(Self { full, empty, bytes: unsafe { base.add(2 * STRIDE) } })
    }
}

struct Slots {
    _memory: Shmem,
    there: Slot,
    back: Slot,
}

impl Slots {
    fn new(memory: Shmem, size: usize, leads: bool) -> Res<Self> {
        let half = 2 * STRIDE + size.next_multiple_of(STRIDE);
        // SAFETY: the memory has two halves, and the leading process called this first.
        let first = unsafe { Slot::at(memory.as_ptr(), leads) }?;
        // SAFETY: as above.
        let second = unsafe { Slot::at(memory.as_ptr().add(half), leads) }?;
        let (there, back) = if leads { (first, second) } else { (second, first) };
        Ok(Self { _memory: memory, there, back })
    }
}

pub(crate) fn lead(name: &str, size: usize) -> Res<(String, Finish)> {
    let bytes = 2 * (2 * STRIDE + size.next_multiple_of(STRIDE));
    let slots = Slots::new(ShmemConf::new().size(bytes).os_id(name).create()?, size, true)?;
    Ok((name.to_owned(), Box::new(|| Ok(Box::new(slots)))))
}

pub(crate) fn follow(name: &str, size: usize) -> Res<Box<dyn Channel>> {
    Ok(Box::new(Slots::new(ShmemConf::new().os_id(name).open()?, size, false)?))
}

impl Channel for Slots {
    fn send(&mut self, bytes: &[u8]) -> Res<()> {
        self.there.empty.wait(Timeout::Infinite)?;
        // SAFETY: the bytes of one message, which this process owns while the slot is empty.
        unsafe { slice::from_raw_parts_mut(self.there.bytes, bytes.len()) }.copy_from_slice(bytes);
        self.there.full.set(EventState::Signaled)
    }

    fn receive(&mut self, into: &mut [u8]) -> Res<()> {
        self.back.full.wait(Timeout::Infinite)?;
        // SAFETY: the bytes of one message, which this process owns while the slot is full.
        into.copy_from_slice(unsafe { slice::from_raw_parts(self.back.bytes, into.len()) });
        self.back.empty.set(EventState::Signaled)
    }
}
