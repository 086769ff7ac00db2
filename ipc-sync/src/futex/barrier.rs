//! Barriers that know their parties.

#![expect(unsafe_code, reason = "states what a barrier promises as a `Resident`")]

use std::error;
use std::fmt;
use std::mem::offset_of;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use ipc_core::{Deadline, Errno, Error, Refusal, Result};
use ipc_mem::{Kind, Resident, Schema};

use super::round::Round;
use ipc_core::owner::{PROCESS, flag, here, is_dead, replace};
use ipc_mem::WaitWord;

/// The party at this place was found dead in the round whose number stands beside it.
const DIED: u64 = flag(0);

/// A barrier that can be used again: it holds each thread until all parties have arrived. It has at
/// most `N` parties.
///
/// A thread [joins](Self::join) the barrier and gets a [`Party`], with which it
/// [waits](Party::wait). If the process of a party is killed, the round is broken: as soon as the
/// death is proved, each party that waits in this round gets the error [`Broken`]. The place of the
/// killed party is then free, and the next round ends only after another thread has joined. If a
/// process is stopped, the other parties wait.
///
/// # Examples
///
/// ```
/// use ipc_mem::{LocalMemory, Placed};
/// use ipc_sync::futex::Barrier;
///
/// let line = Placed::<Barrier, _>::create_in_with(LocalMemory::new(2048)?, 2)?;
/// let firsts: u32 = std::thread::scope(|scope| {
///     let come = || u32::from(line.join().unwrap().wait().unwrap());
///     let (one, two) = (scope.spawn(come), scope.spawn(come));
///     one.join().unwrap() + two.join().unwrap()
/// });
/// assert_eq!(firsts, 1);
/// # Ok::<(), ipc_core::Error>(())
/// ```
#[repr(C)]
pub struct Barrier<const N: usize = 64> {
    wait: WaitWord,
    parties: AtomicU32,
    reserved: AtomicU32,
    /// A [`Round`].
    round: AtomicU64,
    places: [Place; N],
}

/// The place of a party.
#[derive(Debug)]
#[repr(C)]
struct Place {
    /// 0, or the process of the party, or `DIED` with a round.
    party: AtomicU64,
    /// The round in which the party has arrived, and 1 more.
    arrived: AtomicU64,
}

/// The offsets of the number of parties, of the round, and of the first place, which begins with
/// its party; the next word says in which round it arrived.
pub(super) const PARTIES_AT: usize = offset_of!(Barrier<1>, parties);
pub(super) const ROUND_AT: usize = offset_of!(Barrier<1>, round);
pub(super) const PLACES_AT: usize = offset_of!(Barrier<1>, places);

/// One of the parties that a [`Barrier`] waits for. Dropping it frees its place for another party.
#[must_use = "the other parties wait for this party"]
pub struct Party<'a, const N: usize = 64> {
    barrier: &'a Barrier<N>,
    place: &'a Place,
}

/// The error of a wait in a round that ended early because a party died.
///
/// In a forked child, the copy of the parent's [`Party`] always fails with this error.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Broken;

/// Prints the same text as `Display`, because `main` and `unwrap` print errors with `Debug`.
impl fmt::Debug for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "a party of the barrier died: the next round ends only after another thread has joined",
        )
    }
}

impl error::Error for Broken {}

impl<const N: usize> Barrier<N> {
    /// Joins the barrier as one of its parties.
    ///
    /// # Errors
    ///
    /// [`is_busy`](Error::is_busy) if all places are occupied and no party is proved dead.
    pub fn join(&self) -> Result<Party<'_, N>> {
        let buried = || if self.bury() { self.vacancy() } else { None };
        let place = self.vacancy().or_else(buried);
        place.map(|place| Party { barrier: self, place }).ok_or_else(|| {
            let why = format!("all {} parties of the barrier have joined", self.parties());
            Refusal::os("join", Errno::EBUSY).because(why).on("")
        })
    }

    /// Occupies a place for this process, if there is one.
    fn vacancy(&self) -> Option<&Place> {
        let round = self.round();
        self.places().iter().find(|place| {
            let word = place.party.load(Ordering::SeqCst);
            round.is_vacant(word) && replace(&place.party, word, here())
        })
    }

    /// The number of parties that the barrier waits for.
    #[must_use]
    pub fn parties(&self) -> usize {
        self.places().len()
    }

    /// The number of parties that have joined.
    #[must_use]
    pub fn joined(&self) -> usize {
        self.places().iter().filter(|place| is_party(place.party.load(Ordering::SeqCst))).count()
    }

    /// The places that there are. Another process may have damaged their number.
    fn places(&self) -> &[Place] {
        let parties = usize::try_from(self.parties.load(Ordering::Relaxed)).unwrap_or(N);
        &self.places[..parties.min(N)]
    }

    fn round(&self) -> Round {
        Round::from_word(self.round.load(Ordering::SeqCst))
    }

    /// Ends the round if all have come; returns `true` if this thread did so.
    fn complete(&self, number: u32) -> bool {
        let round = self.round();
        if round.number() != number {
            return false;
        }
        let all = self.places().iter().all(|place| {
            is_party(place.party.load(Ordering::SeqCst))
                && place.arrived.load(Ordering::SeqCst) == arrival(number)
        });
        all && self.advance(round, round.completed())
    }

    fn advance(&self, from: Round, to: Round) -> bool {
        let advanced = replace(&self.round, from.word(), to.word());
        if advanced {
            self.wait.notify_all();
        }
        advanced
    }

    /// Notes the parties that are proved dead; returns `true` if there are any.
    fn bury(&self) -> bool {
        let mut is_any = false;
        for place in self.places() {
            let word = place.party.load(Ordering::SeqCst);
            if is_party(word) && word & PROCESS != here() && is_dead(word) {
                is_any |= replace(&place.party, word, DIED | u64::from(self.round().number()));
            }
        }
        self.break_round();
        is_any
    }

    /// Breaks the round if a party of it was found dead. Whoever found it may have died before it
    /// could do so.
    fn break_round(&self) {
        for place in self.places() {
            loop {
                // The place first: what an older round says of it may be over.
                let word = place.party.load(Ordering::SeqCst);
                let round = self.round();
                if word & DIED == 0 || round.is_vacant(word) {
                    break;
                }
                let now = DIED | u64::from(round.number());
                if word == now {
                    self.advance(round, round.broken());
                } else {
                    // The round in which it was found dead was complete at the same time.
                    replace(&place.party, word, now);
                }
            }
        }
    }
}

/// Returns `true` for the word of a place that a party occupies.
pub(super) fn is_party(word: u64) -> bool {
    word != 0 && word & DIED == 0
}

/// How the arrival in a round is noted.
pub(super) fn arrival(number: u32) -> u64 {
    u64::from(number) + 1
}

impl<const N: usize> Party<'_, N> {
    /// Waits until all parties have arrived. Returns `true` to one party, which ended the round,
    /// and `false` to the others.
    ///
    /// # Errors
    ///
    /// [`Broken`] if a party of this round died.
    pub fn wait(&mut self) -> Result<bool, Broken> {
        loop {
            // The deadline never comes, so this is the only end.
            if let Some(is_last) = self.wait_until(Deadline::NEVER)? {
                return Ok(is_last);
            }
        }
    }

    /// Waits until all parties have arrived, for at most `timeout`. If they do not arrive in time,
    /// this party no longer counts as arrived, and the call returns `None`.
    ///
    /// # Errors
    ///
    /// The error of [`wait`](Self::wait).
    pub fn wait_timeout(&mut self, timeout: Duration) -> Result<Option<bool>, Broken> {
        self.wait_until(Deadline::after(timeout))
    }

    /// Waits until all parties have arrived, until `deadline` at the latest. If they do not arrive
    /// in time, this party no longer counts as arrived, and the call returns `None`.
    ///
    /// # Errors
    ///
    /// The error of [`wait`](Self::wait).
    pub fn wait_deadline(&mut self, deadline: Instant) -> Result<Option<bool>, Broken> {
        self.wait_until(Deadline::at(deadline))
    }

    fn wait_until(&mut self, deadline: Deadline) -> Result<Option<bool>, Broken> {
        let Self { barrier, place } = *self;
        if !self.is_mine() {
            return Err(Broken);
        }
        barrier.break_round();
        let number = barrier.round().number();
        place.arrived.store(arrival(number), Ordering::SeqCst);
        let is_last = barrier.complete(number);
        let mut ended = is_last;
        let over = barrier.wait.wait_for(deadline, |is_suspicious| {
            if barrier.round().number() == number {
                // Whoever came last may have died before it could end the round.
                ended |= barrier.complete(number);
                if is_suspicious {
                    barrier.bury();
                }
            }
            barrier.round().outcome_of(number)
        });
        match over.or_else(|| self.withdraw(number)) {
            Some(true) => Ok(Some(ended)),
            Some(false) => Err(Broken),
            None => Ok(None),
        }
    }

    /// Returns `false` in a forked child.
    fn is_mine(&self) -> bool {
        self.place.party.load(Ordering::SeqCst) == here()
    }

    /// Takes back that this party has come, unless the round is over: then it returns how it ended.
    fn withdraw(&self, number: u32) -> Option<bool> {
        self.place.arrived.store(0, Ordering::SeqCst);
        loop {
            let round = self.barrier.round();
            if let Some(outcome) = round.outcome_of(number) {
                return Some(outcome);
            }
            // A thread that saw this party finds that the word has changed.
            if replace(&self.barrier.round, round.word(), round.changed().word()) {
                return None;
            }
        }
    }
}

impl<const N: usize> Drop for Party<'_, N> {
    fn drop(&mut self) {
        if self.is_mine() {
            self.place.arrived.store(0, Ordering::SeqCst);
            replace(&self.place.party, here(), 0);
        }
    }
}

impl<const N: usize> fmt::Debug for Barrier<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Barrier({} of {})", self.joined(), self.parties())
    }
}

impl<const N: usize> fmt::Debug for Party<'_, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Party")
    }
}

// SAFETY: 1. `repr(C)`, atomic integers only, no pointer. 2. They are changed by atomic operations
// only. 3, 5. Every bit pattern is a value, and `parties` is limited where it is used. 4.
// Nothing outside of its bytes knows of it: the kernel knows a futex only while a thread sleeps on
// it, which borrows it.
unsafe impl<const N: usize> Resident for Barrier<N> {
    const SCHEMA: &'static Schema = &Schema::of::<Self>(Kind::FUTEX_BARRIER);

    /// The number of parties, from 1 to `N`.
    type Options = u32;

    unsafe fn set_up(&self, parties: u32) -> Result<()> {
        if parties == 0 || usize::try_from(parties).is_ok_and(|parties| parties > N) {
            let why = format!(
                "found a number of {parties} parties, wanted 1 to {N}: see the parameter `N`"
            );
            return Err(Error::invalid("create", "", why));
        }
        self.wait.begin();
        self.parties.store(parties, Ordering::Relaxed);
        Ok(())
    }
}
