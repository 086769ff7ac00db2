//! The native barrier: its rounds, the places of its parties, and processes that are killed between
//! any two steps.
//!
//! A step is one atomic operation. Three processes share a barrier for two parties: the third joins
//! when a place is vacant.
//!
//! | here | there, in `ipc-sync/src/futex/barrier.rs` |
//! |---|---|
//! | `Join` | `Barrier::vacancy` and, after a death, `bury` |
//! | `Broken` | `Barrier::break_round`, for one place after the other |
//! | `Arrive` to `Complete` | `Party::wait_until`, `Barrier::complete` |
//! | `Sleep`, `Bury` | the wait, whose slices look for the dead |
//! | `Withdraw`, `Withdrawn` | `Party::withdraw`, after a time-out |
//!
//! Required:
//!
//! - A round is completed only when both parties have come and neither has gone away again.
//! - The death of a party breaks exactly one round, and its place is vacant only afterwards.
//! - No party waits for ever.

use crate::explore::{State, Step, explore};

pub const MUTANTS: &[&str] = &[
    "the dead are not looked for",
    "a slow party is dead",
    "a withdrawal does not change the round",
    "a place is vacant before the death is told",
    "a death in a round that was complete is not told",
    "the round is read before the place",
    "a party completes the round alone",
];

const PARTIES: usize = 2;
const PROCESSES: usize = 3;
/// The rounds that are completed in all.
const ROUNDS: usize = 2;

/// The word of a place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
enum Word {
    #[default]
    Free,
    Party(usize),
    Died(usize),
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
struct Place {
    word: Word,
    /// The round in which the party has arrived, and 1 more.
    arrived: usize,
}

/// The word of the round; the history has no end here.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Round {
    /// How each round ended: `true` for complete.
    history: Vec<bool>,
    withdrawals: usize,
}

impl Round {
    fn number(&self) -> usize {
        self.history.len()
    }
}

/// The step of a process after it has looked for the dead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Then {
    Join,
    Number,
    Sleep { number: usize },
}

/// The next step of a process.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum At {
    Join,
    /// Looks at this place for a death that breaks the round; before the wait, or in it.
    Broken {
        place: usize,
        then: Then,
    },
    /// The same, after the look at the place, before that at the round.
    BrokenRound {
        place: usize,
        then: Then,
        word: Word,
        early: Option<Round>,
    },
    /// The same, after the look at the round.
    BrokenLook {
        place: usize,
        then: Then,
        word: Word,
        round: Round,
    },
    Number,
    Arrive {
        number: usize,
    },
    /// Looks whether this place and those after it have arrived.
    Look {
        number: usize,
        place: usize,
        round: Option<Round>,
    },
    Sleep {
        number: usize,
    },
    /// Notes a death at this place, and at those after it.
    Bury {
        then: Then,
        place: usize,
    },
    /// The same, with the round in which the death was found.
    Found {
        then: Then,
        place: usize,
        word: Word,
        round: usize,
    },
    Withdraw {
        number: usize,
    },
    Withdrawn {
        number: usize,
    },
    Leave,
    Over,
    Dead,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Process {
    at: At,
    place: Option<usize>,
    /// Has come in a round and not gone away; for the check only.
    has_come: Option<usize>,
    has_withdrawn: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct World {
    round: Round,
    places: [Place; PARTIES],
    processes: Vec<Process>,
    mutant: &'static str,
}

pub fn run(mutant: &'static str) {
    let process = |_| Process { at: At::Join, place: None, has_come: None, has_withdrawn: false };
    let world = World {
        round: Round::default(),
        places: Default::default(),
        processes: (0..PROCESSES).map(process).collect(),
        mutant,
    };
    println!("{} states", explore(&world));
}

impl World {
    fn is(&self, mutant: &str) -> bool {
        self.mutant == mutant
    }

    fn completed(&self) -> usize {
        self.round.history.iter().filter(|complete| **complete).count()
    }

    fn is_dead(&self, process: usize) -> bool {
        self.processes[process].at == At::Dead
    }

    /// As in `Round::is_vacant`.
    fn is_vacant(&self, round: &Round, word: Word) -> bool {
        match word {
            Word::Free => true,
            Word::Party(_) => false,
            Word::Died(number) => {
                round.history.get(number) == Some(&false)
                    || self.is("a place is vacant before the death is told")
            }
        }
    }

    /// Returns `true` if a place is that of a dead party, whose death has to be noted or told.
    fn is_to_be_found(&self, place: &Place) -> bool {
        let told = |found| {
            self.is("a death in a round that was complete is not told")
                && found != self.round.number()
        };
        !self.is("the dead are not looked for")
            && match place.word {
                Word::Party(party) => self.is_dead(party) || self.is("a slow party is dead"),
                Word::Died(found) => !self.is_vacant(&self.round, place.word) && !told(found),
                Word::Free => false,
            }
    }

    /// The next step of a process; `None` if it waits.
    fn step(&self, i: usize) -> Option<Result<Self, String>> {
        let mut world = self.clone();
        let process = &self.processes[i];
        let next = |world: &mut Self, at| world.processes[i].at = at;
        match process.at.clone() {
            At::Over | At::Dead => return None,
            At::Join if self.completed() >= ROUNDS => next(&mut world, At::Over),
            At::Join => {
                let vacant = |place: &Place| self.is_vacant(&self.round, place.word);
                let Some(place) = self.places.iter().position(vacant) else {
                    // Nothing changes if there is nothing to find.
                    self.places.iter().find(|place| self.is_to_be_found(place))?;
                    next(&mut world, At::Bury { then: Then::Join, place: 0 });
                    return Some(Ok(world));
                };
                if let Word::Died(number) = self.places[place].word {
                    if self.round.history.get(number) != Some(&false) {
                        return Some(Err(String::from("a death was not told")));
                    }
                }
                world.places[place].word = Word::Party(i);
                world.processes[i].place = Some(place);
                next(&mut world, At::Broken { place: 0, then: Then::Number });
            }
            At::Broken { place: PARTIES, then } => next(
                &mut world,
                match then {
                    Then::Join => At::Join,
                    Then::Number => At::Number,
                    Then::Sleep { number } => At::Sleep { number },
                },
            ),
            At::Broken { place, then } => {
                let word = self.places[place].word;
                let early = self.is("the round is read before the place");
                let early = early.then(|| self.round.clone());
                let is_marked = matches!(word, Word::Died(_)) || early.is_some();
                let look = At::BrokenRound { place, then, word, early };
                next(
                    &mut world,
                    if is_marked { look } else { At::Broken { place: place + 1, then } },
                );
            }
            At::BrokenRound { place, then, word, early } => {
                let word = if early.is_some() { self.places[place].word } else { word };
                let round = early.unwrap_or_else(|| self.round.clone());
                next(&mut world, At::BrokenLook { place, then, word, round });
            }
            At::BrokenLook { place, then, word, round } => {
                let again = At::Broken { place, then };
                let Word::Died(found) = word else {
                    next(&mut world, At::Broken { place: place + 1, then });
                    return Some(Ok(world));
                };
                let given_up = self.is("a death in a round that was complete is not told");
                if self.is_vacant(&round, word) || found != round.number() && given_up {
                    next(&mut world, At::Broken { place: place + 1, then });
                } else {
                    if found != round.number() && self.places[place].word == word {
                        world.places[place].word = Word::Died(round.number());
                    }
                    if found == round.number() && self.round == round {
                        world.round.history.push(false);
                    }
                    next(&mut world, again);
                }
            }
            At::Number => next(&mut world, At::Arrive { number: self.round.number() }),
            At::Arrive { number } => {
                world.places[process.place?].arrived = number + 1;
                world.processes[i].has_come = Some(number);
                next(&mut world, At::Look { number, place: 0, round: None });
            }
            At::Look { number, round: None, .. } => {
                let goes_on = self.round.number() == number;
                let round = Some(self.round.clone());
                let look = At::Look { number, place: 0, round };
                next(&mut world, if goes_on { look } else { At::Sleep { number } });
            }
            At::Look { number, place: PARTIES, round } => {
                if Some(&self.round) == round.as_ref() {
                    world.round.history.push(true);
                    let come = self.processes.iter().filter(|p| p.has_come == Some(number)).count();
                    if come < PARTIES {
                        return Some(Err(format!(
                            "round {number} is complete, and {come} have come"
                        )));
                    }
                }
                next(&mut world, At::Sleep { number });
            }
            At::Look { number, place, round } => {
                let Place { word, arrived } = self.places[place];
                let has_come = matches!(word, Word::Party(_)) && arrived == number + 1;
                let alone = self.is("a party completes the round alone");
                let look = At::Look { number, place: place + 1, round };
                next(&mut world, if has_come || alone { look } else { At::Sleep { number } });
            }
            At::Sleep { number } if self.round.number() > number => {
                world.processes[i].has_come = None;
                let goes_on = self.completed() < ROUNDS;
                let again = At::Broken { place: 0, then: Then::Number };
                next(&mut world, if goes_on { again } else { At::Leave });
            }
            At::Sleep { number } => {
                // A slice in which nothing is found changes nothing.
                let all = self.places.iter().all(|place| place.arrived == number + 1);
                if all {
                    next(&mut world, At::Look { number, place: 0, round: None });
                } else if self.places.iter().any(|place| self.is_to_be_found(place)) {
                    next(&mut world, At::Bury { then: Then::Sleep { number }, place: 0 });
                } else {
                    return None;
                }
            }
            At::Bury { then, place: PARTIES } => next(&mut world, At::Broken { place: 0, then }),
            At::Bury { then, place } => {
                let word = self.places[place].word;
                let round = self.round.number();
                let slow = self.is("a slow party is dead");
                let dead =
                    matches!(word, Word::Party(party) if self.is_dead(party) || slow && party != i);
                let found = At::Found { then, place, word, round };
                next(&mut world, if dead { found } else { At::Bury { then, place: place + 1 } });
            }
            At::Found { then, place, word, round } => {
                if self.places[place].word == word {
                    if !matches!(word, Word::Party(party) if self.is_dead(party)) {
                        return Some(Err(String::from("a party that lives lost its place")));
                    }
                    world.places[place].word = Word::Died(round);
                }
                next(&mut world, At::Bury { then, place: place + 1 });
            }
            At::Withdraw { number } => {
                world.places[process.place?].arrived = 0;
                next(&mut world, At::Withdrawn { number });
            }
            At::Withdrawn { number } if self.round.number() > number => {
                next(&mut world, At::Sleep { number });
            }
            At::Withdrawn { .. } => {
                if !self.is("a withdrawal does not change the round") {
                    world.round.withdrawals += 1;
                }
                world.processes[i].has_come = None;
                next(&mut world, At::Number);
            }
            At::Leave => {
                world.places[process.place?] = Place::default();
                next(&mut world, At::Over);
            }
        }
        Some(Ok(world))
    }

    /// The time-out of a wait, once in each process.
    fn late(&self, i: usize) -> Option<Self> {
        let At::Sleep { number } = self.processes[i].at else { return None };
        let mut world = self.clone();
        world.processes[i].at = At::Withdraw { number };
        world.processes[i].has_withdrawn = true;
        (!self.processes[i].has_withdrawn && self.round.number() == number).then_some(world)
    }
}

impl State for World {
    fn steps(&self) -> Vec<Step<Self>> {
        let step = |i: usize| Some((format!("{i} {:?}", self.processes[i].at), self.step(i)?));
        (0..PROCESSES).filter_map(step).collect()
    }

    fn deaths(&self) -> Vec<Step<Self>> {
        let late = |i: usize| Some((format!("{i} is late"), Ok(self.late(i)?)));
        let killed = |i: usize| {
            let is_first = !(0..PROCESSES).any(|other| self.is_dead(other));
            let lives = !matches!(self.processes[i].at, At::Over | At::Join);
            let mut world = self.clone();
            world.processes[i].at = At::Dead;
            (is_first && lives).then(|| (format!("{i} is killed"), Ok(world)))
        };
        (0..PROCESSES).filter_map(late).chain((0..PROCESSES).filter_map(killed)).collect()
    }

    fn is_over(&self) -> Result<bool, String> {
        let deaths = (0..PROCESSES).filter(|process| self.is_dead(*process)).count();
        let broken = self.round.history.iter().filter(|complete| !**complete).count();
        if broken > deaths {
            return Err(format!("{broken} rounds are broken after {deaths} deaths"));
        }
        Ok(self.processes.iter().all(|process| matches!(process.at, At::Over | At::Dead)))
    }
}
