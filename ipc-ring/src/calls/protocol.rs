//! How clients and servers share the places.
//!
//! | step | store | killed right after it | repaired by |
//! |---|---|---|---|
//! | claim | word: 0 → client, `FILLING` | the place is claimed | a process that proves the death: → 0 |
//! | write | client, ticket, request | the same | the same |
//! | submit | word = client, `READY` | the mark is missing | the same: → 0 |
//! | mark | the bit of the place | a wake-up is lost | slices of the servers |
//! | unmark | the bit of the place | a call is ready without a mark | the next search: marks it |
//! | take | word: client, `READY` → server, `TAKEN` | a dead server has the call | the client: → client, `DIED` or `READY` |
//! | answer | reply, then word: server, `TAKEN` → client, `ANSWERED` | a wake-up is lost | slices of the client |
//! | forget | the bit of the place | a call is ready without a mark | the next search: → 0 |
//! | cancel | word: client, `READY` → 0, or server, `TAKEN` → server, `QUIET` | none | |
//! | free | word: client, `ANSWERED` → 0; or server, `QUIET` → 0 | a wake-up is lost | slices of the clients |
//!
//! In a mailbox, a call outlives its sender: where a call of a dead or uninterested client is
//! dropped here, it becomes `READY` for no process there, and is taken as `QUIET`.

use std::iter;
use std::sync::atomic::{AtomicU64, Ordering};

use ipc_core::barrier::LightBarrier;
use ipc_core::owner::{NOBODY, PROCESS, is_dead, replace};
use ipc_core::{Errno, Refusal, crash_point};

use super::layout::{Calls, Kind};
use crate::statistics::{Statistics, count};

use super::word::{ANSWERED, DIED, DROPPED, FILLING, QUIET, READY, STATE, TAKEN};

/// The maximum number of attempts to change a word. If other processes change it more often, it is
/// damaged.
const ATTEMPTS: u32 = 1024;

/// The result of finishing a call, for the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Finished {
    /// The client gets the reply, or the report that the server dropped the call.
    Told,
    /// No process waits for the reply.
    Unwanted,
    Damaged,
}

/// The state of a call, for its client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    Waiting,
    /// The call has ended in this state: `ANSWERED`, `DROPPED` or `DIED`.
    Over(u64),
    Damaged,
}

impl<K: Kind> Calls<K> {
    fn word(&self, place: u64) -> &AtomicU64 {
        &self.numbers(place).word
    }

    /// The ticket of a new call. The tickets of one thread increase.
    #[inline]
    pub(crate) fn ticket(&self) -> u64 {
        self.control().ticket.number.fetch_add(1, Ordering::Relaxed)
    }

    /// Claims a free place for this process.
    #[inline]
    pub(crate) fn claim(&self, me: u64, ticket: u64) -> Option<u64> {
        let places = (0..self.capacity()).map(|i| self.index(ticket.wrapping_add(i)));
        let place = places.into_iter().find(|place| {
            let word = self.word(*place);
            word.load(Ordering::Relaxed) == 0 && replace(word, 0, me | FILLING)
        })?;
        crash_point("call: a place is claimed");
        Some(place)
    }

    /// Writes and submits the call of a place that this process has claimed. `client` is this
    /// process, or `NOBODY` if no process waits for the reply.
    #[inline]
    pub(crate) fn submit(
        &self,
        place: u64,
        client: u64,
        ticket: u64,
        request: &K::Request,
        barrier: LightBarrier,
    ) {
        let numbers = self.numbers(place);
        // A new place has zeros there; later it has this value already.
        numbers.answered.begin();
        numbers.client.store(client, Ordering::Relaxed);
        numbers.deliveries.store(0, Ordering::Relaxed);
        self.ticket_of(place).store(ticket, Ordering::Relaxed);
        self.write_request(place, request);
        crash_point("call: a request is written");
        // No other process changes the word while this one is alive.
        numbers.word.store(client | READY, Ordering::Release);
        crash_point("call: a call is submitted");
        self.mark(place);
        crash_point("call: a call is marked");
        barrier.light();
        self.control().ready.notify_one();
    }

    /// The word of marks in which that of a place is, and its bit.
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "below the capacity, which is a `usize`")]
    fn mark_of(&self, place: u64) -> (&AtomicU64, u64) {
        (&self.marks()[place as usize / 64], 1 << (place % 64))
    }

    #[inline]
    fn mark(&self, place: u64) {
        let (marks, bit) = self.mark_of(place);
        marks.fetch_or(bit, Ordering::AcqRel);
    }

    /// Removes a mark. Returns `false` if another thread has done so.
    #[inline]
    fn unmark(&self, place: u64) -> bool {
        let (marks, bit) = self.mark_of(place);
        marks.fetch_and(!bit, Ordering::AcqRel) & bit != 0
    }

    /// The marked places. Each word of marks is read when it is needed.
    #[inline]
    fn marked(&self) -> impl Iterator<Item = u64> {
        self.marks().iter().zip((0..).step_by(64)).flat_map(|(marks, from)| {
            let mut left = marks.load(Ordering::Acquire);
            let places = iter::from_fn(move || {
                let bit = u64::from(left.trailing_zeros());
                left &= left.wrapping_sub(1);
                (bit < 64).then_some(from + bit)
            });
            places.take_while(|place| *place < self.capacity())
        })
    }

    /// The place with the oldest call among those that are marked.
    #[inline]
    fn oldest(&self, marked: impl Iterator<Item = u64>) -> Option<u64> {
        let age = |place| self.ticket_of(place).load(Ordering::Relaxed);
        let mut oldest = None;
        for place in marked {
            oldest = match oldest {
                Some(other) if age(other) <= age(place) => oldest,
                _ => Some(place),
            };
        }
        oldest
    }

    /// Returns `true` if a call is ready.
    pub(crate) fn is_any_ready(&self) -> bool {
        let is_ready = |place| self.word(place).load(Ordering::Acquire) & STATE == READY;
        self.marked().any(is_ready)
    }

    /// Takes the oldest call that is ready. In a mailbox, messages of one thread are taken in the
    /// order in which they were sent.
    #[inline]
    pub(crate) fn take(&self, me: u64) -> Option<u64> {
        self.take_of(me, || self.marked())
    }

    #[inline]
    fn take_of<I: Iterator<Item = u64>>(&self, me: u64, marked: impl Fn() -> I) -> Option<u64> {
        let mut before = None;
        for _ in 0..ATTEMPTS {
            let place = self.oldest(marked())?;
            // The marks are read word by word. A message may be marked in a word that was read
            // already, and a later message of the same sender in a word that is read afterwards. A
            // second look finds both.
            if K::OUTLIVES && self.marks().len() > 1 && before.replace(place) != Some(place) {
                continue;
            }
            if self.unmark(place) {
                crash_point("call: a mark is removed");
                if self.own(place, me) {
                    crash_point("call: a call is taken");
                    return Some(place);
                }
            }
        }
        None
    }

    #[inline]
    fn own(&self, place: u64, me: u64) -> bool {
        let word = self.word(place);
        let found = word.load(Ordering::Acquire);
        if found & STATE != READY {
            return false;
        }
        let state = if found & PROCESS == NOBODY { QUIET } else { TAKEN };
        let is_mine = replace(word, found, me | state);
        if !is_mine && word.load(Ordering::Relaxed) & STATE == READY {
            self.mark(place); // the receipt of a message was dropped meanwhile
        }
        is_mine
    }

    /// Counts a delivery of a call that this process has taken, and returns the count.
    #[inline]
    pub(crate) fn count(&self, place: u64) -> u64 {
        let deliveries = &self.numbers(place).deliveries;
        let count = deliveries.load(Ordering::Relaxed).wrapping_add(1);
        deliveries.store(count, Ordering::Relaxed);
        crash_point("call: a delivery is counted");
        count
    }

    /// Ends a call that this process has taken: `ANSWERED` or `DROPPED`.
    #[inline]
    pub(crate) fn finish(
        &self,
        place: u64,
        me: u64,
        state: u64,
        barrier: LightBarrier,
    ) -> Finished {
        let numbers = self.numbers(place);
        let client = numbers.client.load(Ordering::Relaxed) & PROCESS;
        crash_point("call: before a call is finished");
        if replace(&numbers.word, me | TAKEN, client | state) {
            crash_point("call: a call is finished");
            barrier.light();
            numbers.answered.notify_one();
            Finished::Told
        } else if replace(&numbers.word, me | QUIET, 0) {
            crash_point("call: a quiet call is finished");
            self.freed(barrier);
            Finished::Unwanted
        } else {
            Finished::Damaged
        }
    }

    /// Returns `true` if no process waits for the reply to a call that this process has taken. If
    /// `proves`, the client may also be proved dead.
    pub(crate) fn is_quiet(&self, place: u64, me: u64, proves: bool) -> bool {
        let numbers = self.numbers(place);
        let is_quiet = || numbers.word.load(Ordering::Acquire) & STATE == QUIET;
        if is_quiet() || !proves || !is_dead(numbers.client.load(Ordering::Relaxed)) {
            return is_quiet();
        }
        crash_point("call: a client is proved dead");
        // Only this process, and the client before it died, change the word.
        replace(&numbers.word, me | TAKEN, me | QUIET);
        true
    }

    #[inline]
    fn freed(&self, barrier: LightBarrier) {
        barrier.light();
        self.control().freed.notify_one();
    }

    /// Returns the state of a call of this process. If `proves`, a server may also be proved dead.
    #[inline]
    pub(crate) fn look(&self, place: u64, me: u64, proves: bool) -> Seen {
        if proves {
            self.look_after(place);
        }
        let word = self.word(place).load(Ordering::Acquire);
        match word & STATE {
            TAKEN => Seen::Waiting,
            READY if word & PROCESS == me => Seen::Waiting,
            state @ (ANSWERED | DROPPED | DIED) if word & PROCESS == me => Seen::Over(state),
            _ => Seen::Damaged,
        }
    }

    /// Reads the reply of a call that is `ANSWERED`.
    #[inline]
    pub(crate) fn reply_at(&self, place: u64) -> K::Reply {
        let reply = self.read_reply(place);
        crash_point("call: a reply is read");
        reply
    }

    /// Frees the place of a call that has ended.
    #[inline]
    pub(crate) fn free(&self, place: u64, barrier: LightBarrier) {
        // No other process changes the word while this one is alive.
        self.word(place).store(0, Ordering::Release);
        crash_point("call: a place is free");
        self.freed(barrier);
    }

    /// Ends the part of the client in a call, whatever its state. Returns the previous state;
    /// `None` if the word is damaged.
    pub(crate) fn cancel(&self, place: u64, me: u64, barrier: LightBarrier) -> Option<u64> {
        let word = self.word(place);
        for _ in 0..ATTEMPTS {
            let found = word.load(Ordering::Acquire);
            let to = match found & STATE {
                READY if found & PROCESS == me => Self::ABANDONED,
                TAKEN => found & PROCESS | QUIET,
                ANSWERED | DROPPED | DIED if found & PROCESS == me => 0,
                _ => return None,
            };
            if to == 0 && found & STATE == READY {
                self.unmark(place); // so that it does not count as waiting
                crash_point("call: a call that is cancelled is not marked");
            }
            crash_point("call: before a call is cancelled");
            if replace(word, found, to) {
                crash_point("call: a call is cancelled");
                if to == 0 {
                    if found & STATE == READY {
                        count(&self.control().tally.lost);
                    }
                    self.freed(barrier);
                }
                return Some(found & STATE);
            }
        }
        None
    }

    /// The word of a call that is ready, and whose client does not wait any longer.
    const ABANDONED: u64 = if K::OUTLIVES { NOBODY | READY } else { 0 };

    /// Repairs a place with this word, whose process is proved dead.
    #[cold]
    fn settle(&self, place: u64, word: u64) {
        let numbers = self.numbers(place);
        // If the word is replaced below, both belong to this call, because the dead process cannot
        // have written the word again.
        let client = numbers.client.load(Ordering::Relaxed) & PROCESS;
        let deliveries = numbers.deliveries.load(Ordering::Relaxed);
        let to = match word & STATE {
            READY => Self::ABANDONED,
            QUIET => Self::ABANDONED,
            TAKEN if K::OUTLIVES || deliveries <= self.redeliveries() => client | READY,
            TAKEN => client | DIED,
            FILLING | ANSWERED | DROPPED | DIED => 0,
            _ => return,
        };
        crash_point("call: before a place of the dead is settled");
        if !replace(&numbers.word, word, to) {
            return;
        }
        crash_point("call: a place of the dead is settled");
        let tally = &self.control().tally;
        match (word & STATE, to & STATE) {
            (FILLING, _) => count(&tally.unused),
            (READY, 0) | (_, DIED) => count(&tally.lost),
            _ => {}
        }
        match to & STATE {
            READY => self.mark_and_wake(place),
            DIED => numbers.answered.wake_all(),
            _ => self.control().freed.wake_one(),
        }
    }

    #[cold]
    fn mark_and_wake(&self, place: u64) {
        self.mark(place);
        self.control().ready.wake_one();
    }

    /// Checks whether the server of a call is dead, and whether a call that is ready has its mark.
    #[cold]
    fn look_after(&self, place: u64) {
        let word = self.word(place).load(Ordering::Acquire);
        if word & STATE == TAKEN && is_dead(word) {
            self.settle(place, word);
        }
        self.check_mark(place, word);
    }

    fn check_mark(&self, place: u64, word: u64) {
        let (marks, bit) = self.mark_of(place);
        if word & STATE == READY && marks.load(Ordering::Acquire) & bit == 0 {
            self.mark_and_wake(place);
        }
    }

    /// Searches all places, beginning with `from`, for calls of dead processes and for calls
    /// without a mark. Checks at most `most` processes that are alive.
    #[cold]
    pub(crate) fn sweep(&self, me: u64, from: u64, most: usize) {
        let mut alive = vec![me, NOBODY, 0];
        let enough = alive.len().saturating_add(most);
        for place in (0..self.capacity()).map(|i| self.index(from.wrapping_add(i))) {
            let word = self.word(place).load(Ordering::Acquire);
            self.check_mark(place, word);
            let process = word & PROCESS;
            if alive.contains(&process) || alive.len() >= enough {
                continue;
            }
            if is_dead(process) {
                self.settle(place, word);
            } else {
                alive.push(process);
            }
        }
    }

    /// Registers a handle of this process, and returns its number.
    pub(crate) fn register(&self, handle: u64) -> Result<usize, Refusal> {
        let handles = self.handles();
        let take = |is_free: &dyn Fn(u64) -> bool| {
            handles.iter().position(|word| {
                let found = word.load(Ordering::Relaxed);
                is_free(found) && replace(word, found, handle)
            })
        };
        let found = take(&|word| word == 0).or_else(|| take(&is_dead));
        crash_point("call: a handle is registered");
        found.ok_or_else(|| {
            let why = format!("{} servers and clients are open, the maximum", handles.len());
            Refusal::os("open", Errno::EBUSY).because(why)
        })
    }

    /// Removes a handle of this process.
    pub(crate) fn unregister(&self, number: usize, handle: u64) {
        replace(&self.handles()[number], handle, 0);
    }

    /// Counts the handles with this role whose processes are not proved dead.
    pub(crate) fn registered(&self, role: u64) -> usize {
        let words = self.handles().iter().map(|word| word.load(Ordering::Acquire));
        words.filter(|word| word & STATE == role && !is_dead(*word)).count()
    }

    pub(crate) fn statistics(&self) -> Statistics {
        let tickets = self.control().ticket.number.load(Ordering::Relaxed);
        let marked = |word: &AtomicU64| u64::from(word.load(Ordering::Relaxed).count_ones());
        let waiting = self.marks().iter().map(marked).sum();
        Statistics::of_calls(tickets, waiting, self.control().tally.counts())
    }

    /// Counts the places in each of these states.
    pub(crate) fn depth<const N: usize>(&self, states: [&[u64]; N]) -> [usize; N] {
        let mut counts = [0; N];
        for place in 0..self.capacity() {
            let state = self.word(place).load(Ordering::Acquire) & STATE;
            let kinds =
                states.iter().zip(&mut counts).filter(|(states, _)| states.contains(&state));
            kinds.for_each(|(_, count)| *count += 1);
        }
        counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    use ipc_mem::{LocalMemory, Object};

    use crate::mailbox::{Letters, MailboxOptions};

    #[test]
    fn messages_that_come_between_two_looks_at_the_marks_stay_in_order() {
        let memory = LocalMemory::new(32_768).unwrap();
        let calls: Object<Calls<Letters<u8>>, _> =
            Object::create_in(memory, MailboxOptions::new(128), |_| Ok(())).unwrap();
        let (barrier, looks) = (LightBarrier::register(), Cell::new(0));
        let send = |place| {
            assert!(replace(calls.word(place), 0, 7 | FILLING));
            calls.submit(place, NOBODY, calls.ticket(), &1, barrier);
        };
        let marked = || {
            calls.marks().iter().zip(0..).flat_map(|(marks, word)| {
                // Behind the first word, a thread sends a message there and then one here.
                if (looks.replace(looks.get() + 1), word) == (1, 1) {
                    [5, 70].into_iter().for_each(send);
                }
                let marks = marks.load(Ordering::Acquire);
                (0..64).filter(move |bit| marks >> bit & 1 == 1).map(move |bit| word * 64 + bit)
            })
        };
        assert_eq!(calls.take_of(2, marked), Some(5));
        assert_eq!(calls.take_of(2, marked), Some(70));
        assert_eq!(calls.take(2), None);
    }
}
