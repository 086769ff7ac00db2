//! The word that threads sleep on, for the models with kills: each of its calls is one step.
//! [`wait_word`](crate::wait_word) shows that the calls can be taken for that.
//!
//! | here | there, in `ipc-mem/src/wait_word.rs` |
//! |---|---|
//! | [`announce`](Sleepers::announce) | `WaitWord::announce` |
//! | [`sleep`](Sleepers::sleep) | `WaitWord::sleep`: the kernel compares and sleeps at once |
//! | [`notify_one`](Sleepers::notify_one), [`notify_all`](Sleepers::notify_all) | the same |
//! | [`interrupted`](Sleepers::interrupted) | a kill in the middle of these two |
//! | [`Look`] | the calls of `attempt` in `WaitWord::wait_on` |

/// One call of `attempt` in a wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Look {
    /// At the beginning, or after a wake-up.
    First,
    /// After a slice: it also looks for the dead.
    Suspicious,
    /// After the announcement; a sleep follows.
    Announced,
    /// After the deadline: the last one, which also looks for the dead.
    Late,
}

impl Look {
    pub fn is_suspicious(self) -> bool {
        matches!(self, Self::Suspicious | Self::Late)
    }
}

/// What one thread knows of the word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
struct Thread {
    /// The word has changed since the thread announced itself.
    has_changed: bool,
    is_asleep: bool,
}

/// The word, and the threads that sleep on it. Only whether it has changed is kept of its value.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Sleepers {
    /// The bit `SLEEPERS`.
    may_sleep: bool,
    threads: Vec<Thread>,
}

impl Sleepers {
    pub fn new(threads: usize) -> Self {
        Self { may_sleep: false, threads: vec![Thread::default(); threads] }
    }

    pub fn announce(&mut self, i: usize) {
        self.may_sleep = true;
        self.threads[i] = Thread::default();
    }

    /// Sleeps, or returns `false` if the word has changed.
    pub fn sleep(&mut self, i: usize) -> bool {
        self.threads[i].is_asleep = !self.threads[i].has_changed;
        self.threads[i].is_asleep
    }

    pub fn is_asleep(&self, i: usize) -> bool {
        self.threads[i].is_asleep
    }

    pub fn has_changed(&self, i: usize) -> bool {
        self.threads[i].has_changed
    }

    /// The time of thread `i` is over, but it still knows what it slept on.
    pub fn wake(&mut self, i: usize) {
        self.threads[i].is_asleep = false;
    }

    /// Thread `i` leaves the word: its slice or its time is over, or it was killed.
    pub fn leave(&mut self, i: usize) {
        self.threads[i] = Thread::default();
    }

    /// The word after a wake-up for one thread, for each thread that it may reach.
    pub fn notify_one(&self) -> Vec<Self> {
        let mut changed = self.clone();
        if !self.may_sleep {
            return vec![changed];
        }
        changed.threads.iter_mut().for_each(|thread| thread.has_changed = true);
        let asleep = (0..self.threads.len()).filter(|i| self.is_asleep(*i));
        let woken = asleep.map(|i| {
            let mut woken = changed.clone();
            woken.threads[i].is_asleep = false;
            woken
        });
        let mut woken: Vec<Self> = woken.collect();
        if woken.is_empty() {
            changed.may_sleep = false;
            woken.push(changed);
        }
        woken
    }

    /// The word after a process was killed that had changed it and cleared the bit, and did not wake
    /// the threads any more.
    pub fn interrupted(&self) -> Self {
        let mut word = self.clone();
        if self.may_sleep {
            word.threads.iter_mut().for_each(|thread| thread.has_changed = true);
            word.may_sleep = false;
        }
        word
    }

    pub fn notify_all(&mut self) {
        if self.may_sleep {
            let woken = Thread { has_changed: true, is_asleep: false };
            self.threads.fill(woken);
            self.may_sleep = false;
        }
    }
}
