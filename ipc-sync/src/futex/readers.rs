//! Which processes read, and in how many threads.

use std::mem::offset_of;
use std::sync::atomic::{AtomicU64, Ordering};

use ipc_core::Deadline;

use ipc_core::owner::{PROCESS, flag, here, is_dead, replace};
use ipc_mem::WaitWord;

/// One reader more.
const ONE: u64 = flag(0);

/// All readers that a slot can count.
pub(super) const READERS: u64 = !PROCESS;

/// The maximum count of readers in a slot.
const MOST: u64 = READERS >> PROCESS.count_ones();

/// The place of a process among the readers, in a cache line of its own: readers of two processes
/// do not disturb each other.
#[derive(Debug)]
#[repr(C, align(64))]
pub(crate) struct Slot {
    /// A process, and above it how many of its threads read, at most 31. A process that does not
    /// read any more keeps its slot until another one needs it.
    word: AtomicU64,
    reserved: [AtomicU64; 7],
}

impl Slot {
    #[inline]
    fn load(&self) -> u64 {
        self.word.load(Ordering::SeqCst)
    }
}

/// The readers of a lock.
///
/// A process that is killed leaves its slots as they are, and a writer that waits takes them back
/// as soon as the death is proved. Each change is one compare-and-exchange.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct Readers<const N: usize> {
    /// For a writer that waits for readers to leave, and for readers that wait for a slot.
    left: WaitWord,
    /// Which slots have ever been used: no others have to be looked at.
    used: AtomicU64,
    slots: [Slot; N],
}

/// The offset of the first slot, each of which begins with its word.
pub(super) const SLOTS_AT: usize = offset_of!(Readers<1>, slots);
pub(super) const SLOT: usize = size_of::<Slot>();

impl<const N: usize> Readers<N> {
    /// To be called once, before any other thread reaches it, whose bytes are zero.
    pub(crate) fn begin(&self) {
        const { assert!(N > 0 && N <= 64, "a lock has 1 to 64 slots for processes that read") };
        self.left.begin();
    }

    /// Counts one more reader of this process; returns `false` if all slots are in use. The reader
    /// then has to look whether it may read.
    #[inline]
    pub(crate) fn enter(&self, me: u64) -> bool {
        // Most often no other thread of this process reads, so that no look is needed first.
        replace(&self.first(me).word, me, me + ONE) || self.enter_beside_others(me)
    }

    #[inline(never)]
    fn enter_beside_others(&self, me: u64) -> bool {
        let slot = self.first(me);
        let word = slot.load();
        let has_room = count_of(word, me) < MOST;
        has_room && replace(&slot.word, word, word + ONE) || self.enter_again(me)
    }

    #[cold]
    #[inline(never)]
    fn enter_again(&self, me: u64) -> bool {
        // A slot of this process, then an empty one, then one of another process that does not read
        // now.
        let mine = |word: u64| count_of(word, me) < MOST;
        let empty = |word: u64| word == 0;
        let idle = |word: u64| word & READERS == 0;
        for fits in [&mine as &dyn Fn(u64) -> bool, &empty, &idle] {
            for i in 0..N {
                let at = (first::<N>(me) + i) % N;
                let slot = &self.slots[at];
                let mut word = slot.load();
                while fits(word) {
                    // Before the slot counts, so that no writer misses it. It stays set.
                    self.used.fetch_or(1 << at, Ordering::SeqCst);
                    let more = if mine(word) { word + ONE } else { me | ONE };
                    if replace(&slot.word, word, more) {
                        return true;
                    }
                    word = slot.load();
                }
            }
        }
        false
    }

    /// Counts one reader of this process less, unless none reads.
    #[inline]
    pub(crate) fn leave(&self, me: u64) {
        if !replace(&self.first(me).word, me + ONE, me) {
            self.leave_beside_others(me);
        }
        self.left.notify_all();
    }

    #[inline(never)]
    fn leave_beside_others(&self, me: u64) {
        let slot = self.first(me);
        let word = slot.load();
        if !(reads(word, me) && replace(&slot.word, word, word - ONE)) {
            self.leave_again(me);
        }
    }

    #[cold]
    #[inline(never)]
    fn leave_again(&self, me: u64) {
        let less = |word: u64| reads(word, me).then(|| word - ONE);
        // A forked child, whose parent reads, has none.
        let _ = self
            .slots
            .iter()
            .any(|slot| slot.word.fetch_update(Ordering::SeqCst, Ordering::SeqCst, less).is_ok());
    }

    /// The slot at which a process begins to look.
    #[inline]
    fn first(&self, me: u64) -> &Slot {
        &self.slots[first::<N>(me)]
    }

    /// Returns `true` if no process reads.
    #[inline]
    pub(crate) fn have_left(&self) -> bool {
        let mut used = self.used.load(Ordering::SeqCst);
        while used != 0 {
            let at = used.trailing_zeros() as usize;
            // Another process may have damaged the word.
            if self.slots.get(at).is_some_and(|slot| slot.load() & READERS != 0) {
                return false;
            }
            used &= used - 1;
        }
        true
    }

    /// Waits until no process reads that lives; returns `false` if the deadline comes first.
    #[inline]
    pub(crate) fn wait_until_left(&self, deadline: impl FnOnce() -> Deadline) -> bool {
        self.have_left() || self.wait_for(deadline(), || self.have_left())
    }

    /// Counts one more reader of this process, and waits for a slot; returns `false` if the
    /// deadline comes first.
    pub(crate) fn wait_for_slot(&self, me: u64, deadline: Deadline) -> bool {
        self.enter(me) || self.wait_for(deadline, || self.enter(me))
    }

    #[cold]
    fn wait_for(&self, deadline: Deadline, attempt: impl Fn() -> bool) -> bool {
        let attempt = |is_suspicious| {
            if is_suspicious {
                self.take_back();
            }
            attempt().then_some(())
        };
        self.left.wait_for(deadline, attempt).is_some()
    }

    /// Takes back the slots of processes that are proved dead.
    fn take_back(&self) {
        for slot in &self.slots {
            let word = slot.load();
            if word & READERS != 0
                && word & PROCESS != here()
                && is_dead(word)
                && replace(&slot.word, word, 0)
            {
                self.left.notify_all();
            }
        }
    }
}

/// How many threads of this process read, as the word of a slot says: more than `MOST` if the slot
/// is that of another process.
#[inline]
fn count_of(word: u64, me: u64) -> u64 {
    // The rest is 0 if the word names this process, and lies above the count otherwise.
    word.wrapping_sub(me).rotate_right(PROCESS.count_ones())
}

/// Returns `true` if a slot says that threads of this process read.
#[inline]
fn reads(word: u64, me: u64) -> bool {
    count_of(word, me).wrapping_sub(1) < MOST
}

/// Where a process begins to look for its slot.
#[inline]
fn first<const N: usize>(me: u64) -> usize {
    // The ids of processes that start one after the other differ in the higher bits.
    usize::try_from(me.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40).unwrap_or(0) % N
}
