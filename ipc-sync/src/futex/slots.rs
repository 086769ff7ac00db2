//! A limited number of words, each of which a process can hold.

use std::mem::offset_of;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use ipc_core::{Error, Result};

use ipc_core::owner::{NOBODY, PROCESS, here, is_dead, replace};
use ipc_mem::WaitWord;

/// The word of a slot that no process holds and none can: it is used up, or was never there.
pub(super) const USED_UP: u64 = NOBODY;

/// Words that are free (0), held by a process, or used up.
///
/// A process holds exactly the slots that name it. Slots of processes that are proved dead become
/// free again.
#[derive(Debug)]
#[repr(C)]
pub(super) struct OwnedSlots<const N: usize> {
    pub(super) wait: WaitWord,
    count: AtomicU32,
    reserved: AtomicU32,
    slots: [AtomicU64; N],
}

/// The offsets of the number of slots, and of the first slot.
pub(super) const COUNT_AT: usize = offset_of!(OwnedSlots<1>, count);
pub(super) const SLOTS_AT: usize = offset_of!(OwnedSlots<1>, slots);

impl<const N: usize> OwnedSlots<N> {
    /// To be called once, before any other thread reaches the slots, whose bytes are zero.
    pub(super) fn begin(&self, count: u32, what: &str) -> Result<()> {
        if usize::try_from(count).is_ok_and(|count| count <= N) {
            self.wait.begin();
            self.count.store(count, Ordering::Relaxed);
            return Ok(());
        }
        let why =
            format!("found a number of {count} {what}, wanted at most {N}: see the parameter `N`");
        Err(Error::invalid("create", "", why))
    }

    /// The slots that there are. Another process may have damaged their number.
    #[inline]
    pub(super) fn all(&self) -> &[AtomicU64] {
        let count = usize::try_from(self.count.load(Ordering::Relaxed)).unwrap_or(N);
        &self.slots[..count.min(N)]
    }

    /// How many slots have this word, which may have changed when the call returns.
    pub(super) fn count_of(&self, word: u64) -> usize {
        self.all().iter().filter(|slot| slot.load(Ordering::SeqCst) == word).count()
    }

    /// Claims a free slot for this process, if there is one.
    #[inline]
    pub(super) fn claim(&self) -> Option<&AtomicU64> {
        let (me, slots) = (here(), self.all());
        let first = first(me, slots.len());
        match slots.get(first) {
            Some(slot) if replace(slot, 0, me) => Some(slot),
            _ => search(slots, me, first),
        }
    }

    /// Releases a slot that this process holds, and leaves this word there. Returns `false` if this
    /// process does not hold the slot: a forked child has a copy of its parent's guard.
    #[inline]
    pub(super) fn release(&self, slot: &AtomicU64, word: u64) -> bool {
        replace(slot, here(), word)
    }

    /// Frees the slots of processes that are proved dead.
    pub(super) fn free_of_the_dead(&self) {
        // Slots of one process often lie side by side.
        let (mut alive, mut dead) = (here(), 0);
        let mut is_any = false;
        for slot in self.all() {
            let word = slot.load(Ordering::SeqCst);
            if word == 0 || word & PROCESS == alive {
                continue;
            }
            if word == dead || is_dead(word) {
                dead = word;
                is_any |= replace(slot, word, 0);
            } else {
                alive = word & PROCESS;
            }
        }
        if is_any {
            self.wait.notify_all();
        }
    }
}

/// Looks for a free slot, from one on and around.
fn search(slots: &[AtomicU64], me: u64, first: usize) -> Option<&AtomicU64> {
    let (before, from) = slots.split_at(first);
    let mut free = from.iter().chain(before).filter(|slot| slot.load(Ordering::SeqCst) == 0);
    free.find(|slot| replace(slot, 0, me))
}

/// Where a process begins to look, so that not all begin at the same word.
#[inline]
fn first(me: u64, count: usize) -> usize {
    let spread = me.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32;
    // The product of a number below 2³² and a count of slots, divided by 2³², is below the count,
    // or 0.
    usize::try_from((spread * count as u64) >> 32).unwrap_or(0)
}
