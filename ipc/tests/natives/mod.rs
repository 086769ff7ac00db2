//! A struct of all native locks, which several processes use at once.

use ipc_mem::Resident;
use ipc_sync::futex::{
    Barrier, Condvar, Event, Latch, Mutex, Once, Permits, Reset, RwLock, Semaphore,
};

pub(crate) const TURNS: u64 = 1_000;

#[derive(Debug, Resident)]
#[repr(C)]
pub(crate) struct Natives {
    pub(crate) mutex: Mutex<[u64; 2]>,
    pub(crate) rwlock: RwLock<[u64; 2]>,
    pub(crate) turn: Mutex<u64>,
    pub(crate) changed: Condvar,
    pub(crate) gate: Semaphore,
    #[ipc(options = 1)]
    pub(crate) permits: Permits<8>,
    #[ipc(options = Reset::Auto)]
    pub(crate) news: Event,
    #[ipc(options = Reset::Auto)]
    pub(crate) reply: Event,
    pub(crate) once: Once,
    #[ipc(options = 2)]
    pub(crate) line: Barrier<8>,
    #[ipc(options = 2)]
    pub(crate) parts: Latch<8>,
}

/// Changes both numbers, one after the other: two threads that are inside see a difference.
fn change(twins: &mut [u64; 2]) {
    assert_eq!(twins[0], twins[1], "two are inside");
    twins[0] += 1;
    twins[1] += 1;
}

impl Natives {
    /// Does the work of one of two processes, beside the other.
    pub(crate) fn turns(&self, leads: bool) {
        let mine = u64::from(leads);
        let mut party = self.line.join().unwrap();
        party.wait().unwrap();
        for _ in 0..TURNS {
            change(&mut self.mutex.lock().unwrap());
            change(&mut self.rwlock.write().unwrap());
            let seen = self.rwlock.upgradable_read().unwrap();
            let _beside = self.rwlock.try_read().unwrap();
            assert_eq!(seen[0], seen[1], "a reader beside a writer");
            drop((seen, _beside));
            drop(self.permits.acquire());
            self.gate.post().unwrap();
            self.gate.wait();
            let turn = self.turn.lock().unwrap();
            let mut turn = self.changed.wait_while(turn, |turn| *turn % 2 != mine).unwrap();
            *turn += 1;
            drop(turn);
            self.changed.notify_one().unwrap();
            if leads {
                self.news.set();
                drop(self.reply.receive());
            } else {
                drop(self.news.receive());
                self.reply.set();
            }
        }
        self.once.call(|_| change(&mut self.mutex.lock().unwrap()));
        assert!(self.parts.begin().expect("a task for each").done());
        self.parts.wait();
        party.wait().unwrap();
    }

    /// What both have done.
    pub(crate) fn check(&self) {
        assert_eq!(self.mutex.get().unwrap(), [2 * TURNS + 1; 2], "and one initialised once");
        assert_eq!(self.rwlock.get().unwrap(), [2 * TURNS; 2]);
        assert_eq!((self.turn.get().unwrap(), self.gate.value()), (2 * TURNS, 0));
        assert_eq!((self.permits.available(), self.parts.left()), (1, 0));
    }
}
