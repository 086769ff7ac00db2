//! How senders and receivers share the cells of a queue.
//!
//! A sender claims the *cell* of the first position that is not claimed, and the word of the cell
//! then names the slot of the sender. So at
//! every step it is known which process a position belongs to. Tail and head are hints: whoever reads them walks on
//! from there, as the words of the cells tell.
//!
//! | step | store | killed right after it | repaired by |
//! |---|---|---|---|
//! | claim | word: free → owned by the slot | the owner is known; the tail is behind | senders, which walk on |
//! | tail | tail = position + 1 | the owner is known | |
//! | write | the message | the same | a receiver with a proof of death: word → lost |
//! | publish | word = ready | none | |
//! | wake | the word that receivers sleep on | a wake-up is lost | the slices of the receivers |
//! | receive | word: ready → free in the next lap | the head is behind | receivers, which walk on |
//!
//! A receiver owns nothing: it copies the message first, and has it if the word did not change
//! until it replaces it. No sender writes there before.
//!
//! Each priority has cells, a tail and a head of its own; slots and waits are those of all. A receiver
//! looks at the priorities from the highest to the lowest. A position that is claimed but not
//! published ends the look at its priority only, so that a sender that is stopped holds up no other
//! priority. A look for the dead is one at all priorities.
//!
//! A position is lost only after a proof that the process in the slot of its owner is dead. The
//! order of reading decides: first the word of the cell, then the word of the slot. A slot changes
//! hands only when no cell is owned by it, so that a cell owned by the slot, whose word does not
//! change, is owned by the process that the slot names later.

use std::sync::atomic::Ordering;

use ipc_core::owner::{PROCESS, here, is_dead, replace};
use ipc_core::{Errno, Refusal, crash_point};
use ipc_mem::Plain;

use super::cells::{Cells, Lane};
use crate::statistics::count;

use super::word::{Distance, State, distance, free, lap_of, lost, owned, ready, state};

/// The result of one look for a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found<T> {
    Message(T),
    /// The number of positions of dead senders.
    Lost(u64),
    Nothing,
    /// A sender has claimed the next position and not published it yet.
    Pending(Pending),
    Damaged,
}

/// A position that is claimed, and its word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pending {
    position: u64,
    pub(super) word: u64,
}

impl Pending {
    /// The position behind it.
    pub(super) fn behind(self) -> u64 {
        self.position.wrapping_add(1)
    }
}

/// How an attempt to claim a cell ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Claimed {
    Position(u64),
    Full,
    Damaged,
}

impl<T: Plain> Lane<'_, T> {
    /// Claims the first position that is not claimed, for the sender in this slot.
    #[inline]
    pub(super) fn claim(self, slot: usize) -> Claimed {
        let from = self.tail.load(Ordering::Acquire);
        let mut position = from;
        loop {
            let (word, lap) = (self.word(position), self.lap(position));
            let found = word.load(Ordering::Acquire);
            match (distance(found, lap), state(found)) {
                (Distance::Same, State::Free) => {
                    crash_point("queue: before a cell is claimed");
                    if replace(word, found, owned(lap, slot)) {
                        break;
                    }
                }
                (Distance::Same, _) => position = position.wrapping_add(1),
                (Distance::Later(laps), _) => match self.skip(from, position, laps) {
                    Some(next) => position = next,
                    None => return Claimed::Damaged,
                },
                (Distance::OneBefore, _) => return Claimed::Full,
                (Distance::Impossible, _) => return Claimed::Damaged,
            }
        }
        crash_point("queue: a cell is claimed");
        self.tail.store(position.wrapping_add(1), Ordering::Release);
        Claimed::Position(position)
    }

    /// Writes and publishes the message of a position that this sender has claimed.
    #[inline]
    pub(super) fn publish(self, position: u64, message: &T) {
        crash_point("queue: before a message is written");
        self.write(position, message);
        crash_point("queue: a message is written");
        // No other process changes the word while this one is alive.
        self.word(position).store(ready(self.lap(position)), Ordering::Release);
        crash_point("queue: a message is published");
    }

    /// Receives the first message that was not received, from a position on before which all are,
    /// and returns the next such position. If `proves`, a sender in the middle of a message may also
    /// be proved dead.
    #[inline]
    pub(super) fn receive(self, from: u64, proves: bool) -> (Found<T>, u64) {
        let mut position = from;
        let mut gone = 0;
        loop {
            let (word, lap) = (self.word(position), self.lap(position));
            let found = word.load(Ordering::Acquire);
            let rest = match (distance(found, lap), state(found)) {
                (Distance::Same, State::Ready) if gone == 0 => {
                    let message = self.read(position);
                    crash_point("queue: a message is copied");
                    if !replace(word, found, free(lap.wrapping_add(1))) {
                        continue;
                    }
                    crash_point("queue: a message is received");
                    position = position.wrapping_add(1);
                    self.head.store(position, Ordering::Release);
                    return (Found::Message(message), position);
                }
                (Distance::Same, State::Lost) => {
                    if replace(word, found, free(lap.wrapping_add(1))) {
                        count(&self.cells.control().waits.tally.lost);
                        crash_point("queue: a loss is counted");
                        gone += 1;
                        position = position.wrapping_add(1);
                    }
                    continue;
                }
                (Distance::Later(laps), _) => match self.skip(from, position, laps) {
                    Some(next) => {
                        position = next;
                        continue;
                    }
                    None => Found::Damaged,
                },
                (Distance::Same, State::Free | State::Ready) => Found::Nothing,
                (Distance::Same, State::Owned { .. }) => {
                    let pending = Pending { position, word: found };
                    if proves && self.give_up(pending) {
                        continue;
                    }
                    Found::Pending(pending)
                }
                (Distance::OneBefore | Distance::Impossible, _) => Found::Damaged,
            };
            if gone == 0 {
                return (rest, position);
            }
            self.head.store(position, Ordering::Release);
            return (Found::Lost(gone), position);
        }
    }

    /// The next position of a walk from `from`, whose cell at `position` is that number of laps
    /// later: the one behind the cell's last position. `None` if the walk has come round, which
    /// only damage leads to, and which would never end.
    fn skip(self, from: u64, position: u64, laps: u64) -> Option<u64> {
        let next = self.after_lap_before(self.lap(position).wrapping_add(laps), position);
        (next.wrapping_sub(from) > position.wrapping_sub(from)).then_some(next)
    }

    /// Returns `true` if a position holds a message.
    pub(super) fn is_ready(self, position: u64) -> bool {
        self.word(position).load(Ordering::Acquire) == ready(self.lap(position))
    }

    /// Returns `true` if there is a message, a loss or damage from a position on before which all
    /// are received. If `proves`, a sender in the middle of a message may also be proved dead.
    pub(super) fn is_any(self, from: u64, proves: bool) -> bool {
        let mut position = from;
        loop {
            let (lap, word) = (self.lap(position), self.word(position).load(Ordering::Acquire));
            match (distance(word, lap), state(word)) {
                (Distance::Same, State::Free) => return false,
                (Distance::Same, State::Owned { .. }) => {
                    return proves && self.give_up(Pending { position, word });
                }
                (Distance::Later(laps), _) => match self.skip(from, position, laps) {
                    Some(next) => position = next,
                    None => return true,
                },
                _ => return true,
            }
        }
    }

    /// Gives up a position whose sender is proved dead, and returns `true` if it is given up now.
    #[cold]
    fn give_up(self, pending: Pending) -> bool {
        let Pending { position, word } = pending;
        let State::Owned { slot } = state(word) else { return false };
        let Some(slot) = self.cells.slots().get(slot) else { return false };
        // After the word of the cell: see above.
        let process = slot.load(Ordering::SeqCst);
        is_dead(process) && self.lose(position, word)
    }

    fn lose(self, position: u64, word: u64) -> bool {
        crash_point("queue: before a position is given up");
        replace(self.word(position), word, lost(lap_of(word)))
    }
}

impl<T: Plain> Cells<T> {
    /// Claims a slot for a sender of this process.
    pub(super) fn claim_slot(&self) -> Result<usize, Refusal> {
        let me = here();
        if let Some(slot) = self.slots().iter().position(|slot| replace(slot, 0, me)) {
            return Ok(slot);
        }
        let (mut alive, mut dead) = (me, 0);
        for (number, slot) in self.slots().iter().enumerate() {
            let process = slot.load(Ordering::SeqCst);
            if process == 0 && replace(slot, 0, me) {
                return Ok(number);
            }
            // Another sender has claimed a slot that was free, or the process is known to live.
            if process == 0 || process & PROCESS == alive {
                continue;
            }
            if process != dead && !is_dead(process) {
                alive = process & PROCESS;
                continue;
            }
            dead = process;
            if self.clear(number, process) && replace(slot, process, me) {
                crash_point("queue: a slot is taken over");
                return Ok(number);
            }
        }
        let most = self.slots().len();
        let why = format!(
            "{most} of {most} senders are open: close one, or create the queue for more senders"
        );
        Err(Refusal::os("open", Errno::EBUSY).because(why))
    }

    /// Gives up all cells that a slot owns whose process is dead. Returns `false` if the slot is of
    /// another process by now.
    fn clear(&self, number: usize, process: u64) -> bool {
        for (_, lane) in self.by_priority() {
            for position in 0..self.capacity() {
                let word = lane.word(position).load(Ordering::SeqCst);
                if state(word) != (State::Owned { slot: number }) {
                    continue;
                }
                // After the word of the cell: see above.
                if self.slots()[number].load(Ordering::SeqCst) != process {
                    return false;
                }
                // If it fails, another process has given the cell up.
                lane.lose(position, word);
                crash_point("queue: a cell of a dead sender is given up");
            }
        }
        true
    }

    /// Frees the slot of a sender of this process.
    pub(super) fn free_slot(&self, slot: usize, me: u64) {
        replace(&self.slots()[slot], me, 0);
    }
}
