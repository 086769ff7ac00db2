//! The native lock: its word, the word that threads sleep on, and processes that are killed between
//! any two steps.
//!
//! A step is one atomic operation or one system call. A process that takes no step is stopped; a
//! process that is killed takes no more steps, and the others can prove it.
//!
//! | here | there |
//! |---|---|
//! | `Try` | `OwnedLock::try_acquire` in `ipc-sync/src/futex/owned_lock.rs` |
//! | `Read` to `Sleep` | `OwnedLock::acquire`: the sleep word first, then the look, then the mark |
//! | `Check`, `Take` | `OwnedLock::take_over` |
//! | `Repair`, `Release`, `Again` | `mark_consistent`, `release`, `release_again` |
//! | `Bump`, `Wake` | `WaitWord::wake_one` |
//!
//! Required:
//!
//! - No two processes hold the lock. The next owner after one that was killed gets `OwnerDied`,
//!   once, and no other does.
//! - Without a death, wake-ups alone let all threads through, even beside threads that have timed
//!   out. After a death, the slices do.

use crate::explore::{State, Step, explore};

pub const MUTANTS: &[&str] = &[
    "the word to sleep on is read after the look",
    "a thread that has slept leaves no mark",
    "a release does not change the word to sleep on",
    "a thread whose time is over drops its wake-up",
    "a slice is a proof",
    "a lock is taken over whatever its word is by now",
    "a dead owner's lock is acquired like a free one",
    "no slices",
];

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
struct Word {
    owner: Option<usize>,
    waiters: bool,
    inconsistent: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum At {
    Try,
    Read,
    Look {
        seen: u8,
    },
    /// Acquires the lock if it saw it free, or marks it if it saw it held.
    Change {
        seen: u8,
        word: Word,
    },
    Sleep {
        seen: u8,
    },
    Asleep,
    Check,
    Take {
        word: Word,
    },
    Repair,
    Release,
    Again {
        word: Word,
    },
    Bump,
    Wake,
    Over,
    Dead,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Process {
    at: At,
    has_slept: bool,
    /// Times out after it has slept, if the lock is not free.
    is_impatient: bool,
    turns: u8,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct World {
    word: Word,
    futex: u8,
    processes: Vec<Process>,
    /// An owner was killed, and no later one has got `OwnerDied` yet.
    is_spoilt: bool,
    /// The number of processes that may still be killed.
    kills: u8,
    has_slices: bool,
    mutant: &'static str,
}

pub fn run(mutant: &'static str) {
    let process =
        |turns, is_impatient| Process { at: At::Try, has_slept: false, is_impatient, turns };
    for (processes, kills) in [
        (vec![process(2, false), process(1, false), process(1, false)], 0),
        (vec![process(1, false), process(1, true), process(1, false)], 0),
        (vec![process(2, false), process(1, false), process(1, false)], 2),
    ] {
        let has_slices = kills > 0 && mutant != "no slices";
        let (word, is_spoilt) = (Word::default(), false);
        println!(
            "{} states",
            explore(&World { word, futex: 0, processes, is_spoilt, kills, has_slices, mutant })
        );
    }
}

impl World {
    fn is(&self, mutant: &str) -> bool {
        self.mutant == mutant
    }

    fn is_dead(&self, i: usize) -> bool {
        self.processes[i].at == At::Dead
    }

    /// Process `i` holds the lock from here on.
    fn acquired(&mut self, i: usize, was_told: bool) -> Result<(), String> {
        let holds = |at: At| matches!(at, At::Repair | At::Release | At::Again { .. });
        if self.processes.iter().any(|process| holds(process.at)) {
            return Err(String::from("two hold the lock"));
        }
        if was_told != self.is_spoilt {
            return Err(format!("told: {was_told}, an owner was killed: {}", self.is_spoilt));
        }
        self.is_spoilt = false;
        self.processes[i].at = if was_told { At::Repair } else { At::Release };
        Ok(())
    }

    fn released(&mut self, i: usize, wakes: bool) {
        let process = &mut self.processes[i];
        process.at = if wakes { At::Bump } else { At::Over };
        if !wakes {
            self.turn_over(i);
        }
    }

    fn turn_over(&mut self, i: usize) {
        let process = &mut self.processes[i];
        process.turns -= 1;
        (process.at, process.has_slept) =
            (if process.turns > 0 { At::Try } else { At::Over }, false);
    }

    fn step(&self, i: usize) -> Option<Result<Self, String>> {
        let mut world = self.clone();
        let mine = Word { owner: Some(i), ..Word::default() };
        let process = &mut world.processes[i];
        let mut done = Ok(());
        match process.at {
            At::Over | At::Dead | At::Asleep => return None,
            At::Try if self.word == Word::default() => {
                world.word = mine;
                done = world.acquired(i, false);
            }
            At::Try => process.at = At::Read,
            At::Read => process.at = At::Look { seen: self.futex },
            At::Look { seen } => process.at = At::Change { seen, word: self.word },
            At::Change { seen, word } => {
                let marks = process.has_slept && !self.is("a thread that has slept leaves no mark");
                let free = word.owner.is_none()
                    || self.is("a dead owner's lock is acquired like a free one")
                        && word.owner.is_some_and(|owner| self.is_dead(owner));
                if self.word != word {
                    process.at = At::Read;
                } else if free {
                    world.word = Word {
                        owner: Some(i),
                        waiters: marks || word.waiters,
                        inconsistent: false,
                    };
                    done = world.acquired(i, false);
                } else {
                    world.word.waiters = true;
                    let late = self.is("the word to sleep on is read after the look");
                    process.at = At::Sleep { seen: if late { u8::MAX } else { seen } };
                }
            }
            At::Sleep { seen: u8::MAX } => process.at = At::Sleep { seen: self.futex },
            At::Sleep { seen } => {
                process.has_slept = true;
                process.at = if self.futex == seen { At::Asleep } else { At::Read };
            }
            At::Check => {
                let proved = |owner: usize| self.is_dead(owner) || self.is("a slice is a proof");
                let take = self.word.owner.is_some_and(|owner| owner != i && proved(owner));
                process.at = if take { At::Take { word: self.word } } else { At::Read };
            }
            At::Take { word } => {
                if self.word == word || self.is("a lock is taken over whatever its word is by now")
                {
                    world.word = Word { waiters: true, inconsistent: true, ..mine };
                    done = world.acquired(i, true);
                } else {
                    process.at = At::Read;
                }
            }
            At::Repair => {
                world.word.inconsistent = false;
                process.at = At::Release;
            }
            At::Release if self.word == mine => {
                world.word = Word::default();
                world.released(i, false);
            }
            At::Release => process.at = At::Again { word: self.word },
            At::Again { word } => {
                if self.word == word {
                    world.word = Word::default();
                    world.released(i, word.waiters);
                } else {
                    process.at = At::Release;
                }
            }
            At::Bump => {
                process.at = At::Wake;
                if !self.is("a release does not change the word to sleep on") {
                    world.futex += 1;
                }
            }
            At::Wake => return None, // see `wakes`
        }
        Some(done.map(|()| world))
    }

    /// The wake-up by process `i`, for each thread that it may reach.
    fn wakes(&self, i: usize) -> Vec<Step<Self>> {
        let asleep: Vec<usize> =
            (0..self.processes.len()).filter(|j| self.processes[*j].at == At::Asleep).collect();
        let woken = |j: Option<usize>| {
            let mut world = self.clone();
            world.turn_over(i);
            if let Some(j) = j {
                let drops = self.is("a thread whose time is over drops its wake-up")
                    && self.processes[j].is_impatient;
                world.processes[j].at = if drops { At::Over } else { At::Read };
            }
            (format!("{i} wakes {j:?}"), Ok(world))
        };
        if asleep.is_empty() {
            vec![woken(None)]
        } else {
            asleep.into_iter().map(|j| woken(Some(j))).collect()
        }
    }

    fn to(&self, i: usize, at: At, what: &str) -> Step<Self> {
        let mut world = self.clone();
        world.processes[i].at = at;
        (format!("{i} {what}"), Ok(world))
    }
}

impl State for World {
    fn steps(&self) -> Vec<Step<Self>> {
        let mut steps = Vec::new();
        for (i, process) in self.processes.iter().enumerate() {
            match process.at {
                At::Wake => steps.extend(self.wakes(i)),
                At::Asleep if self.has_slices => {
                    steps.push(self.to(i, At::Check, "has slept for a slice"))
                }
                At::Asleep => {}
                at => steps.extend(self.step(i).map(|then| (format!("{i} {at:?}"), then))),
            }
            // It checks once more before it gives up.
            if process.is_impatient && process.at == At::Asleep {
                steps.push(self.to(i, At::Over, "has no more time"));
            }
        }
        steps
    }

    fn deaths(&self) -> Vec<Step<Self>> {
        if self.kills == 0 {
            return Vec::new();
        }
        let alive = (0..self.processes.len())
            .filter(|i| !matches!(self.processes[*i].at, At::Over | At::Dead));
        let killed = alive.map(|i| {
            let (what, mut killed) = self.to(i, At::Dead, "is killed");
            if let Ok(world) = &mut killed {
                world.kills -= 1;
                world.is_spoilt |= self.word.owner == Some(i);
            }
            (what, killed)
        });
        killed.collect()
    }

    fn is_over(&self) -> Result<bool, String> {
        let over = self.processes.iter().all(|process| matches!(process.at, At::Over | At::Dead));
        match self.word.owner {
            Some(owner) if over && !self.is_dead(owner) => {
                Err(String::from("the lock is held by a process that left it"))
            }
            _ => Ok(over),
        }
    }
}
