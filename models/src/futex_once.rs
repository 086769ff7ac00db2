//! The native `Once` and `OnceValue`: initialisers that panic or are killed between any two steps,
//! and a child that is forked while one runs.
//!
//! A step is one atomic operation, one proof of a death, one call of the word that threads sleep
//! on, or the write of one half of the value.
//!
//! | here | there, in `ipc-sync/src/futex/once.rs` |
//! |---|---|
//! | `IsDone` | the look at the beginning of `Once::call` and `OnceValue::get_or_init` |
//! | `Load`, `Begin` | `Once::try_begin` |
//! | `TakeOver`, `Prove`, `Take` | `Once::take_over` |
//! | `First`, `Second` | the initialiser, in `OnceValue::run` of `once_value.rs` |
//! | `Finish`, `Notify` | `Turn::run`, or the drop of a `Turn` after a panic |
//! | `Wait` | each look of `Once::wait_until_done`, by a forked child |
//! | `Read` | `OnceValue::get_or_init`, after the call |
//! | `Announce`, `Sleep` | `WaitWord::wait_on`: see [`sleepers`](crate::sleepers) |
//!
//! Required:
//!
//! - No two processes initialise at the same time, and none after one has finished.
//! - An initialiser learns that another one began before it, and only then.
//! - A thread that returns from the call finds the value whole.
//! - No thread waits for ever while a process lives that can initialise.
//! - Without a death, wake-ups alone do all this. After a death, the slices do.

use crate::explore::{State, Step, explore_to_the_end};
use crate::sleepers::{Look, Sleepers};

pub const MUTANTS: &[&str] = &[
    "no look after the announcement",
    "the end wakes one thread",
    "a panic wakes no thread",
    "a panic leaves no mark",
    "a panic counts as done",
    "done before the value is whole",
    "a turn begins whatever the word is by now",
    "a slice is a proof",
    "a turn is taken over whatever its word is by now",
    "a turn that is taken over leaves no mark",
    "a forked child finishes for its parent",
    "the dead are not looked for",
    "no slices",
];

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
struct Word {
    owner: Option<usize>,
    is_done: bool,
    again: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum At {
    IsDone,
    Load { look: Look },
    Begin { look: Look, word: Word },
    TakeOver { look: Look },
    Prove { look: Look, word: Word },
    Take { look: Look, word: Word },
    First,
    Second,
    Finish,
    Notify,
    Fork,
    Wait { look: Look },
    Announce,
    Sleep,
    Read,
    Over,
    Dead,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Role {
    Calls,
    /// Its time may be over when it sleeps.
    CallsInTime,
    /// Its initialiser panics halfway.
    Panics,
    /// Is forked by the first process while that initialises; writes nothing.
    Child,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Process {
    at: At,
    role: Role,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct World {
    word: Word,
    /// How many halves of the value are written by the last initialiser.
    halves: u8,
    /// An initialiser began and did not finish.
    is_spoilt: bool,
    sleepers: Sleepers,
    processes: Vec<Process>,
    /// The number of processes that may still be killed.
    kills: u8,
    has_slices: bool,
    mutant: &'static str,
}

pub fn run(mutant: &'static str) {
    use Role::{Calls, CallsInTime, Child, Panics};
    for (kills, roles) in [
        (0, vec![Calls, Calls, CallsInTime]),
        (0, vec![Panics, Calls, Calls]),
        (0, vec![Calls, Child, Calls]),
        (2, vec![Calls, Calls, Calls]),
        (1, vec![Panics, Calls, CallsInTime]),
        (1, vec![Calls, Child, Calls]),
    ] {
        let first = |role| if role == Child { At::Fork } else { At::IsDone };
        let world = World {
            word: Word::default(),
            halves: 0,
            is_spoilt: false,
            sleepers: Sleepers::new(roles.len()),
            processes: roles.into_iter().map(|role| Process { at: first(role), role }).collect(),
            kills,
            has_slices: kills > 0 && mutant != "no slices",
            mutant,
        };
        println!("{} states", explore_to_the_end(&world));
    }
}

impl World {
    fn is(&self, mutant: &str) -> bool {
        self.mutant == mutant
    }

    fn is_dead(&self, owner: Option<usize>) -> bool {
        owner.is_some_and(|i| self.processes[i].at == At::Dead)
    }

    fn is_initialising(&self, i: usize) -> bool {
        let Process { at, role } = self.processes[i];
        role != Role::Child && matches!(at, At::First | At::Second | At::Finish)
    }

    fn look(&self, i: usize, look: Look) -> At {
        if self.processes[i].role == Role::Child { At::Wait { look } } else { At::Load { look } }
    }

    /// After an attempt to begin that failed.
    fn not_begun(&self, look: Look) -> At {
        let looks = look.is_suspicious() && !self.is("the dead are not looked for");
        if looks { At::TakeOver { look } } else { self.after(look) }
    }

    /// After a look that found nothing.
    fn after(&self, look: Look) -> At {
        match look {
            Look::First | Look::Suspicious => At::Announce,
            Look::Announced => At::Sleep,
            Look::Late => At::Over,
        }
    }

    fn begun(&mut self, i: usize, again: bool, mark: bool) -> Result<(), String> {
        if (0..self.processes.len()).any(|other| self.is_initialising(other)) {
            return Err(String::from("two initialise"));
        }
        if self.word.is_done {
            return Err(String::from("one initialises after another has finished"));
        }
        if again != self.is_spoilt {
            return Err(format!("told: {again}, another began before: {}", self.is_spoilt));
        }
        self.word = Word { owner: Some(i), is_done: false, again: mark };
        self.halves = 0;
        let early = self.is("done before the value is whole");
        self.processes[i].at = if early { At::Finish } else { At::First };
        Ok(())
    }

    /// The end of an initialiser, with a panic or without.
    fn finished(&mut self, i: usize) -> Result<(), String> {
        let role = self.processes[i].role;
        let is_mine = self.word.owner == Some(i)
            || role == Role::Child && self.is("a forked child finishes for its parent");
        if !is_mine && role != Role::Child {
            return Err(String::from("an initialiser that lives lost its turn"));
        }
        let is_done = role != Role::Panics || self.is("a panic counts as done");
        if is_mine {
            let again = !is_done && !self.is("a panic leaves no mark");
            self.word = Word { owner: None, is_done, again };
            self.is_spoilt |= role == Role::Panics;
        }
        let silent = role == Role::Panics && self.is("a panic wakes no thread");
        self.processes[i].at = if silent { At::Over } else { At::Notify };
        Ok(())
    }

    fn step(&self, i: usize) -> Option<Result<Self, String>> {
        let mut world = self.clone();
        let panics = self.processes[i].role == Role::Panics;
        let early = self.is("done before the value is whole");
        let next = match self.processes[i].at {
            At::Over | At::Dead | At::Notify => return None,
            At::IsDone if self.word.is_done => At::Read,
            At::IsDone => At::Load { look: Look::First },
            At::Load { .. } if self.word.is_done => At::Read,
            At::Load { look } => match self.word {
                word @ Word { owner: None, .. } => At::Begin { look, word },
                _ => self.not_begun(look),
            },
            At::Begin { look, word } => {
                if self.word == word || self.is("a turn begins whatever the word is by now") {
                    return Some(world.begun(i, word.again, word.again).map(|()| world));
                }
                self.not_begun(look)
            }
            At::TakeOver { look } => match self.word {
                word @ Word { owner: Some(owner), is_done: false, .. } if owner != i => {
                    At::Prove { look, word }
                }
                _ => self.after(look),
            },
            At::Prove { look, word } => {
                let proved = self.is_dead(word.owner) || self.is("a slice is a proof");
                if proved { At::Take { look, word } } else { self.after(look) }
            }
            At::Take { look, word } => {
                let whatever = self.is("a turn is taken over whatever its word is by now");
                if self.word == word || whatever {
                    let mark = !self.is("a turn that is taken over leaves no mark");
                    return Some(world.begun(i, mark, mark).map(|()| world));
                }
                self.after(look)
            }
            At::First => {
                world.halves = 1;
                if panics { At::Finish } else { At::Second }
            }
            At::Second => {
                world.halves = 2;
                if early { At::Read } else { At::Finish }
            }
            At::Finish => return Some(world.finished(i).map(|()| world)),
            At::Fork if self.is_initialising(0) => At::Finish,
            At::Fork => return None,
            At::Wait { .. } if self.word.is_done => At::Read,
            At::Wait { look } => self.after(look),
            At::Announce => {
                world.sleepers.announce(i);
                let looks = !self.is("no look after the announcement");
                if looks { self.look(i, Look::Announced) } else { At::Sleep }
            }
            At::Sleep if self.sleepers.is_asleep(i) => return None,
            At::Sleep if world.sleepers.sleep(i) => At::Sleep,
            At::Sleep => {
                world.sleepers.leave(i);
                self.look(i, Look::First)
            }
            At::Read if self.halves < 2 => {
                return Some(Err(format!("{} of 2 halves of the value are read", self.halves)));
            }
            At::Read => At::Over,
        };
        world.processes[i].at = next;
        Some(Ok(world))
    }

    /// The wake-up by process `i`, for each thread that it may reach.
    fn notifies(&self, i: usize) -> Vec<Step<Self>> {
        let words = if self.is("the end wakes one thread") {
            self.sleepers.notify_one()
        } else {
            let mut all = self.sleepers.clone();
            all.notify_all();
            vec![all]
        };
        let notified = words.into_iter().map(|sleepers| {
            let mut world = Self { sleepers, ..self.clone() };
            world.processes[i].at = match self.processes[i].role {
                Role::Panics => At::Over,
                Role::Child => At::Wait { look: Look::First },
                _ if self.is("done before the value is whole") => At::First,
                _ => At::Read,
            };
            (format!("{i} Notify"), Ok(world))
        });
        notified.collect()
    }

    /// Process `i` leaves the word that it sleeps on.
    fn leave(&self, i: usize, at: At, what: &str) -> Step<Self> {
        let mut world = self.clone();
        world.sleepers.leave(i);
        world.processes[i].at = at;
        (format!("{i} {what}"), Ok(world))
    }
}

impl State for World {
    fn steps(&self) -> Vec<Step<Self>> {
        let mut steps = Vec::new();
        for (i, process) in self.processes.iter().enumerate() {
            match process.at {
                At::Notify => steps.extend(self.notifies(i)),
                At::Sleep if self.sleepers.is_asleep(i) && self.has_slices => {
                    let look = self.look(i, Look::Suspicious);
                    steps.push(self.leave(i, look, "has slept for a slice"));
                }
                at => steps.extend(self.step(i).map(|then| (format!("{i} {at:?}"), then))),
            }
        }
        steps
    }

    /// And the ends of their time: nothing may depend on those either.
    fn deaths(&self) -> Vec<Step<Self>> {
        let mut deaths = Vec::new();
        for (i, process) in self.processes.iter().enumerate() {
            if process.role == Role::CallsInTime && process.at == At::Sleep {
                let look = self.look(i, Look::Late);
                deaths.push(self.leave(i, look, "has no more time"));
            }
            if self.kills > 0 && !matches!(process.at, At::Over | At::Dead | At::Fork) {
                let (what, mut killed) = self.leave(i, At::Dead, "is killed");
                if let Ok(world) = &mut killed {
                    world.kills -= 1;
                    world.is_spoilt |= self.word.owner == Some(i);
                }
                if let (true, Ok(world)) = (process.at == At::Notify, &killed) {
                    let sleepers = world.sleepers.interrupted();
                    let what = format!("{i} is killed before the wake-up");
                    deaths.push((what, Ok(Self { sleepers, ..world.clone() })));
                }
                deaths.push((what, killed));
            }
        }
        deaths
    }

    fn is_over(&self) -> Result<bool, String> {
        let has_left = |process: &Process| matches!(process.at, At::Over | At::Dead | At::Fork);
        let waits = |i: usize| {
            let Process { at, role } = self.processes[i];
            role == Role::Child && at == At::Sleep && !self.word.is_done
        };
        // A child that was forked in the middle has no initialiser left: it waits for the others.
        let over = (0..self.processes.len()).all(|i| has_left(&self.processes[i]) || waits(i));
        Ok(over)
    }
}
