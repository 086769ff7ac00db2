//! Waiting for an integer in memory (a *word*) to change: a thread polls, then yields, then sleeps,
//! and checks the word from time to time.

use std::cell::Cell;
use std::hint;
use std::sync::atomic::AtomicU32;
use std::thread;
use std::time::{Duration, Instant};

use crate::{Clock, Deadline, Errno, TimeSpec, switched_on};

use crate::sys::futex;

/// The length of the first slice. It is short, so that a thread that has just begun to wait soon
/// notices a death.
const FIRST_SLICE: Duration = Duration::from_millis(2);

/// The length of the longest slice. A lost wake-up delays a wait by at most this time.
const LAST_SLICE: Duration = Duration::from_secs(1);

/// The time for which a thread polls before it yields, because the other thread may run on another
/// processor.
const POLLING: Duration = Duration::from_nanos(500);

/// The pauses (`hint::spin_loop`) before the second check. Their number doubles up to 16.
const FIRST_PAUSES: u32 = 4;

/// The number of times a thread yields before it sleeps, because the other thread may need this
/// processor. If sleeps turn out to be short, the number grows from the first to the second.
const YIELDS: (u32, u32) = (8, 512);

/// If a sleep takes less than this time, yielding would have been better: the wake-up takes about as
/// long.
const SHORT_SLEEP: Duration = Duration::from_micros(100);

/// The maximum time for which a thread polls and yields. On a machine with more threads than
/// processors, one yield can take longer.
const YIELDING: Duration = Duration::from_micros(50);

/// The first and the longest pause of a thread that [backs off](Patience::backs_off). While it
/// pauses, the owner of a lock can acquire it again and again without a cache miss.
const PAUSES: (Duration, Duration) = (Duration::from_nanos(100), Duration::from_micros(2));

/// The time after which other threads should let a waiting thread proceed first: see
/// [`Patience::is_starved`].
const STARVED: Duration = Duration::from_millis(1);

/// The reason why a sleep ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "every caller has to act on each")]
pub enum Woken {
    /// The word changed, or there was a wake-up or a signal: check the word again.
    Changed,
    /// The thread slept until the end of its slice (see [`Patience`]): check the word again, and
    /// check whether the process for which the thread waits, such as the owner of a lock, is dead.
    Slice,
    /// The deadline has passed.
    Late,
}

/// The experience of a thread from its waits.
#[derive(Clone, Copy, Debug)]
struct Habit {
    /// The previous wait ended with its first yield. Then the other thread probably needs this
    /// processor, and polling would only delay it.
    yields_first: bool,
    /// How often to yield. Without this, two threads that answer each other at once could sleep in
    /// every turn, because each sleeps while the other is being woken.
    yields: u32,
    /// The first pause of a thread that backs off, less than the last one of the previous wait. If
    /// owners acquire a lock again at once, short pauses only delay them.
    pause: Duration,
}

impl Habit {
    const FIRST: Self = Self { yields_first: false, yields: YIELDS.0, pause: PAUSES.0 };

    /// The habit after a wait whose longest sleep had this length.
    fn after_sleep(self, sleep: Duration) -> Self {
        let (fewest, most) = YIELDS;
        let yields = if sleep < SHORT_SLEEP { (self.yields * 4).min(most) } else { fewest };
        Self { yields_first: false, yields, ..self }
    }

    /// The habit after a wait whose next pause would have had this length.
    fn after_pause(self, next: Duration) -> Self {
        Self { pause: (next / 4).max(PAUSES.0), ..self }
    }
}

thread_local! {
    static HABIT: Cell<Habit> = const { Cell::new(Habit::FIRST) };
}

/// The state of one wait, from its first check to its last.
///
/// A wake-up is lost if a process is killed after it was woken but before it acts, or after it
/// changed the word but before it wakes another thread. So a waiting thread sleeps in *slices*,
/// which grow from 2 ms to 1 s, and checks the word after each slice. The end of a slice does not
/// prove that another process has died.
#[derive(Debug)]
pub struct Patience {
    deadline: Deadline,
    begun: Instant,
    slice: Duration,
    longest: Duration,
    /// The end of the slice, which neither wake-ups nor signals move.
    end: Option<TimeSpec>,
    pauses: u32,
    yields: u32,
    /// The next pause of a thread that backs off.
    pause: Duration,
    /// When the thread began to poll.
    polling_since: Instant,
    habit: Habit,
    /// The length of the longest sleep.
    slept: Option<Duration>,
}

impl Patience {
    /// Starts a wait with this deadline.
    #[must_use]
    pub fn new(deadline: Deadline) -> Self {
        let begun = Instant::now();
        let habit = HABIT.get();
        Self {
            deadline,
            begun,
            slice: FIRST_SLICE,
            longest: LAST_SLICE,
            end: None,
            pauses: FIRST_PAUSES,
            yields: 0,
            pause: habit.pause,
            polling_since: begun,
            habit,
            slept: None,
        }
    }

    /// Sets the length of the longest slice, which is 1 s by default. Choose a shorter one if the
    /// thread must notice the death of a process sooner, because a dead process wakes no thread.
    #[must_use]
    pub fn with_longest_slice(mut self, longest: Duration) -> Self {
        self.longest = longest;
        self
    }

    /// Polls or yields briefly, and returns `true`: check the word again. Returns `false`
    /// immediately if it is time to [`sleep`](Self::sleep).
    pub fn polls(&mut self) -> bool {
        let is_first = self.pauses == FIRST_PAUSES;
        let may_poll = self.yields == u32::from(self.habit.yields_first);
        if is_first || may_poll && self.polling_since.elapsed() < POLLING {
            (0..self.pauses).for_each(|_| hint::spin_loop());
            self.pauses = (self.pauses * 2).min(16);
            return true;
        }
        self.yields()
    }

    /// Pauses, for longer in each call, and returns `true`: try again. After a while, each call
    /// also yields. Returns `false` immediately if it is time to [`sleep`](Self::sleep).
    ///
    /// This is for words that their owner changes often, such as that of a lock. Each check of the
    /// word takes its cache line away from the owner, so a thread that [polls](Self::polls) would
    /// delay the owner for which it waits.
    pub fn backs_off(&mut self) -> bool {
        let may_yield = self.habit.yields_first || self.polling_since.elapsed() >= POLLING;
        if may_yield && !self.yields() {
            return false;
        }
        let begun = Instant::now();
        while begun.elapsed() < self.pause {
            hint::spin_loop();
        }
        self.pause = (self.pause * 2).min(PAUSES.1);
        true
    }

    /// Starts polling or backing off again from the beginning. Call it after a wake-up: another
    /// thread may already have acquired the lock, and then this thread must wait again.
    pub fn start_again(&mut self) {
        self.polling_since = Instant::now();
        self.yields = 0;
    }

    fn yields(&mut self) -> bool {
        let is_late = self.yields > 0 && self.polling_since.elapsed() > YIELDING;
        if is_late || self.yields >= self.habit.yields {
            return false;
        }
        self.yields += 1;
        HABIT.set(Habit { yields_first: self.yields == 1, ..self.habit });
        thread::yield_now();
        true
    }

    /// Returns `true` if this thread has waited for at least 1 ms, so that other threads should let
    /// it proceed first.
    #[must_use]
    pub fn is_starved(&self) -> bool {
        self.begun.elapsed() >= STARVED
    }

    /// Returns `true` if this thread has slept in this wait.
    #[must_use]
    pub fn has_slept(&self) -> bool {
        self.slept.is_some()
    }

    /// Sleeps while `word` has the value `seen`, at most until the end of the slice or the
    /// deadline.
    pub fn sleep(&mut self, word: &AtomicU32, seen: u32) -> Woken {
        self.sleep_with(|end| futex::wait(word, seen, end))
    }

    /// Calls `sleep` with the time at which it must return: the end of the slice, or the deadline
    /// if that is earlier. `sleep` must return `ETIMEDOUT` if that time was reached.
    pub fn sleep_with(
        &mut self,
        sleep: impl FnOnce(Option<TimeSpec>) -> Result<(), Errno>,
    ) -> Woken {
        let begun = Instant::now();
        let woken = self.sleep_for_slice(sleep);
        self.slept = self.slept.max(Some(begun.elapsed()));
        woken
    }

    fn sleep_for_slice(
        &mut self,
        sleep: impl FnOnce(Option<TimeSpec>) -> Result<(), Errno>,
    ) -> Woken {
        // Every system has the monotonic clock.
        let now = Clock::MONOTONIC.now().unwrap_or_default();
        let slice = *self.end.get_or_insert_with(|| now + self.slice);
        let deadline = self.deadline.moment();
        if deadline.is_some_and(|deadline| deadline <= now) {
            return Woken::Late;
        }
        let slice = switched_on("slices").then_some(slice);
        if slice.is_some_and(|slice| slice <= now) {
            return self.next_slice();
        }
        let end = slice.into_iter().chain(deadline).min();
        match sleep(end) {
            Ok(()) | Err(Errno::EAGAIN | Errno::EINTR) => Woken::Changed,
            Err(Errno::ETIMEDOUT) if end == deadline => Woken::Late,
            Err(Errno::ETIMEDOUT) => self.next_slice(),
            Err(_) => {
                // The kernel refuses futexes to this process: look again every now and then.
                thread::sleep(FIRST_SLICE);
                self.next_slice()
            }
        }
    }

    fn next_slice(&mut self) -> Woken {
        self.end = None;
        self.slice = self.slice.mul_f32(1.25).min(self.longest);
        Woken::Slice
    }
}

impl Drop for Patience {
    fn drop(&mut self) {
        let mut habit = HABIT.get();
        if self.pause != self.habit.pause {
            habit = habit.after_pause(self.pause);
        }
        if let Some(slept) = self.slept {
            habit = habit.after_sleep(slept);
        }
        HABIT.set(habit);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_yields_more_often_after_short_sleeps_only() {
        let (short, long) = (SHORT_SLEEP / 2, SHORT_SLEEP * 2);
        let mut habit = Habit::FIRST;
        let yields = [short, short, short, short, long, short].map(|sleep| {
            habit = habit.after_sleep(sleep);
            habit.yields
        });
        assert_eq!(yields, [32, 128, 512, 512, 8, 32]);
    }

    #[test]
    fn pauses_grow_during_a_wait_and_shrink_from_one_short_wait_to_the_next() {
        HABIT.set(Habit::FIRST);
        let mut patience = Patience::new(Deadline::NEVER);
        for _ in 0..6 {
            patience.start_again(); // however long this thread did not run
            assert!(patience.backs_off());
        }
        assert_eq!(patience.pause, PAUSES.1);
        drop(patience);
        let first_pauses = [(); 4].map(|()| {
            let mut patience = Patience::new(Deadline::NEVER);
            let pause = patience.pause;
            assert!(patience.backs_off());
            pause.as_nanos()
        });
        assert_eq!(first_pauses, [500, 250, 125, 100]);
    }

    #[test]
    fn a_woken_thread_backs_off_again_only_if_it_starts_again() {
        HABIT.set(Habit::FIRST);
        let mut patience = Patience::new(Deadline::NEVER);
        while patience.backs_off() {}
        assert_eq!(patience.sleep_with(|_| Ok(())), Woken::Changed);
        assert!(!patience.backs_off());
        patience.start_again();
        assert_eq!(patience.yields, 0);
        assert!(patience.backs_off());
    }

    #[test]
    fn a_yield_that_helped_comes_first_until_it_helps_no_more() {
        HABIT.set(Habit { yields_first: true, ..Habit::FIRST });
        let mut patience = Patience::new(Deadline::NEVER);
        assert!(patience.polls() && patience.polls()); // a few pauses, and a yield, which helps
        assert!(HABIT.get().yields_first && Patience::new(Deadline::NEVER).habit.yields_first);
        while patience.polls() {}
        assert_eq!(patience.sleep_with(|_| Ok(())), Woken::Changed);
        drop(patience);
        assert!(!HABIT.get().yields_first);
    }
}
