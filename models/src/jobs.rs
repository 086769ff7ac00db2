//! The job queue: places whose words say who has a job, and processes that are killed between any
//! two steps.
//!
//! A step is one atomic operation, or half of the copy of a job. A process that takes no step is
//! stopped; a process that is killed takes no more steps, and the others can prove it. A process that
//! waits goes on when a place has what it waits for, or when it can prove a death: the slices of
//! `ipc-core/src/patience.rs`. At some time the clock passes the time of the jobs with a delay.
//!
//! | here | there, in `ipc-ring/src/jobs` |
//! |---|---|
//! | `Free` to `Publish` | `put` and `claim_free` |
//! | `Look` to `PutBack` | `take` |
//! | `Count`, `Read` | `take_ready` |
//! | `Done`, `Return` | `finish`, `give_back` |
//! | `Clear` to `Replace` | `clear` |
//!
//! Required:
//!
//! - A worker gets whole jobs, after their time, and at most as often as the queue allows. No other
//!   process has a job while a worker that is alive has it, and only workers have jobs.
//! - A job that is done does not come again.
//! - Without a living process in the middle of a call, every job that was submitted is done, or a
//!   dead letter after the last delivery, and no place is lost.
//! - No living process waits for ever for a dead one.

use crate::explore::{State, Step, explore};

pub const MUTANTS: &[&str] = &[
    "the time is looked at before the job is taken only",
    "a stopped worker is taken for dead",
    "ready before it is written",
    "a job is taken without a comparison",
    "deliveries are not counted",
    "the deliveries are those of the job before",
    "a returned job is always ready",
    "a helper has the job in between",
    "a place of the dead is cleared whatever is there by now",
    "a job of the dead is freed",
    "a place that the dead were filling stays claimed",
];

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Word {
    Free,
    Filling(usize),
    Ready,
    Taken(usize),
    Letter,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Place {
    word: Word,
    /// The number of the job, and whether it is whole.
    job: (u8, bool),
    deliveries: u8,
    /// The job waits for its time.
    has_delay: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum At {
    Free { place: usize },
    Claim { place: usize },
    Number { place: usize },
    Write { place: usize },
    Finish { place: usize },
    Publish { place: usize },
    Look { place: usize },
    Time { place: usize },
    Take { place: usize },
    TimeAgain { place: usize },
    PutBack { place: usize },
    Count { place: usize },
    Read { place: usize },
    Has { place: usize },
    Done { place: usize },
    Return { place: usize },
    Wait,
    Clear { place: usize },
    Replace { place: usize, word: Word, to: Word },
    HelperReturns { place: usize, to: Word },
    Over,
    Dead,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Role {
    /// Submits jobs from a number on, each of which may have a delay.
    Submitter { next: u8, delays: &'static [bool] },
    /// Returns that number of jobs, and does all others.
    Worker { returns: u8 },
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct World {
    places: Vec<Place>,
    max_deliveries: u8,
    processes: Vec<(At, Role)>,
    is_late: bool,
    kills: u8,
    /// Sets of jobs.
    submitted: u16,
    done: u16,
    /// The jobs that wait for their time by the submitter's wish.
    delayed: u16,
    /// How often each job was taken by a worker.
    given: [u8; 4],
    mutant: &'static str,
}

pub fn run(mutant: &'static str) {
    type Config = (usize, u8, &'static [&'static [bool]], &'static [u8], u8);
    // Capacity, deliveries, the jobs of each submitter, the jobs that each worker returns, kills.
    let configs: [Config; 5] = [
        (1, 0, &[&[false, true]], &[0, 0], 0),
        (1, 2, &[&[false, false]], &[2, 1], 1),
        (2, 2, &[&[false], &[false]], &[0, 0], 2),
        (1, 0, &[&[false], &[true]], &[0, 0], 1),
        (1, 0, &[&[false]], &[0, 0, 0], 1),
    ];
    for (capacity, max_deliveries, submitters, workers, kills) in configs {
        let place = Place { word: Word::Free, job: (0, false), deliveries: 0, has_delay: false };
        let submitter = |(i, delays): (usize, &&'static [bool])| {
            (At::Free { place: 0 }, Role::Submitter { next: 2 * i as u8, delays })
        };
        let worker = |returns: &u8| (At::Look { place: 0 }, Role::Worker { returns: *returns });
        let world = World {
            places: vec![place; capacity],
            max_deliveries,
            processes: submitters
                .iter()
                .enumerate()
                .map(submitter)
                .chain(workers.iter().map(worker))
                .collect(),
            is_late: false,
            kills,
            submitted: 0,
            done: 0,
            delayed: 0,
            given: [0; 4],
            mutant,
        };
        println!("{} states", explore(&world));
    }
}

impl World {
    fn is(&self, mutant: &str) -> bool {
        self.mutant == mutant
    }

    fn is_dead(&self, i: usize) -> bool {
        self.processes[i].0 == At::Dead
    }

    /// Replaces exactly this word.
    fn replace(&mut self, place: usize, from: Word, to: Word) -> bool {
        let replaced = self.places[place].word == from;
        if replaced {
            self.places[place].word = to;
        }
        replaced
    }

    fn is_time(&self, place: usize) -> bool {
        self.is_late || !self.places[place].has_delay
    }

    /// The word of a place whose job returns.
    fn returned(&self, place: usize) -> Word {
        let is_last = (1..=self.places[place].deliveries).contains(&self.max_deliveries);
        if is_last && !self.is("a returned job is always ready") {
            Word::Letter
        } else {
            Word::Ready
        }
    }

    /// The process of a place, if it is dead.
    fn of_the_dead(&self, place: usize, me: usize) -> bool {
        match self.places[place].word {
            Word::Filling(of) if self.is("a place that the dead were filling stays claimed") => {
                let _ = of;
                false
            }
            Word::Filling(of) => self.is_dead(of),
            Word::Taken(of) => {
                of != me && (self.is_dead(of) || self.is("a stopped worker is taken for dead"))
            }
            _ => false,
        }
    }

    /// Gives a job to worker `i`, which has just read it.
    fn give(&mut self, i: usize, place: usize) -> Result<(), String> {
        let (job, is_whole) = self.places[place].job;
        let others = |(other, (at, _)): (usize, &(At, Role))| {
            let At::Has { place } = *at else { return false };
            other != i && self.places[place].job.0 == job
        };
        let given = self.given[job as usize];
        if !is_whole {
            Err(String::from("a torn job is delivered"))
        } else if self.done >> job & 1 == 1 {
            Err(format!("job {job} is delivered after it is done"))
        } else if self.delayed >> job & 1 == 1 && !self.is_late {
            Err(format!("job {job} is delivered before its time"))
        } else if (1..given).contains(&self.max_deliveries) {
            Err(format!("job {job} is delivered {given} times"))
        } else if self.processes.iter().enumerate().any(others) {
            Err(format!("two workers have job {job}"))
        } else {
            Ok(())
        }
    }

    /// The next step of a process; `None` if it waits.
    fn step(&self, i: usize) -> Option<Result<Self, String>> {
        let mut world = self.clone();
        let (at, role) = &self.processes[i];
        let is_early = self.is("ready before it is written");
        let mut done = Ok(());
        let then = match *at {
            At::Over | At::Dead => return None,
            At::Free { place } => match self.places.get(place) {
                None => At::Wait,
                Some(found) if found.word == Word::Free => At::Claim { place },
                Some(_) => At::Free { place: place + 1 },
            },
            At::Claim { place } => {
                if world.replace(place, Word::Free, Word::Filling(i)) {
                    if is_early { At::Publish { place } } else { At::Number { place } }
                } else {
                    At::Free { place: place + 1 }
                }
            }
            At::Number { place } => {
                let Role::Submitter { next, delays } = *role else { unreachable!() };
                if !self.is("the deliveries are those of the job before") {
                    world.places[place].deliveries = 0;
                }
                world.places[place].has_delay = delays[(next % 2) as usize];
                At::Write { place }
            }
            At::Write { place } => {
                let Role::Submitter { next, .. } = *role else { unreachable!() };
                world.places[place].job = (next, false);
                At::Finish { place }
            }
            At::Finish { place } => {
                world.places[place].job.1 = true;
                if is_early { world.submitted(i) } else { At::Publish { place } }
            }
            At::Publish { place } => {
                let Role::Submitter { next, delays } = *role else { unreachable!() };
                world.places[place].word = Word::Ready;
                world.submitted |= 1 << next;
                world.delayed |= u16::from(delays[(next % 2) as usize]) << next;
                if is_early { At::Number { place } } else { world.submitted(i) }
            }
            At::Look { place } => match self.places.get(place) {
                None => At::Wait,
                Some(found) if found.word == Word::Ready => At::Time { place },
                Some(_) => At::Look { place: place + 1 },
            },
            At::Time { place } => {
                if self.is_time(place) {
                    At::Take { place }
                } else {
                    At::Look { place: place + 1 }
                }
            }
            At::Take { place } => {
                let taken = world.replace(place, Word::Ready, Word::Taken(i));
                if !taken && self.is("a job is taken without a comparison") {
                    world.places[place].word = Word::Taken(i);
                    At::Count { place }
                } else if !taken {
                    At::Look { place: place + 1 }
                } else if self.is("the time is looked at before the job is taken only") {
                    At::Count { place }
                } else {
                    At::TimeAgain { place }
                }
            }
            At::TimeAgain { place } => {
                if self.is_time(place) {
                    At::Count { place }
                } else {
                    At::PutBack { place }
                }
            }
            At::PutBack { place } => {
                world.places[place].word = Word::Ready;
                At::Look { place: place + 1 }
            }
            At::Count { place } => {
                world.given[self.places[place].job.0 as usize] += 1;
                if !self.is("deliveries are not counted") {
                    world.places[place].deliveries += 1;
                }
                At::Read { place }
            }
            At::Read { place } => {
                done = world.give(i, place);
                At::Has { place }
            }
            At::Has { place } => {
                let Role::Worker { returns } = role else { unreachable!() };
                if *returns == 0 { At::Done { place } } else { At::Return { place } }
            }
            At::Done { place } => {
                let job = self.places[place].job.0;
                if world.replace(place, Word::Taken(i), Word::Free) {
                    world.done |= 1 << job;
                }
                At::Look { place: 0 }
            }
            At::Return { place } => {
                let Role::Worker { returns } = &mut world.processes[i].1 else { unreachable!() };
                *returns -= 1;
                world.places[place].has_delay = false;
                world.places[place].word = self.returned(place);
                At::Look { place: 0 }
            }
            At::Wait => {
                let is_free = |place: &Place| place.word == Word::Free;
                let is_ready =
                    |place: &usize| self.places[*place].word == Word::Ready && self.is_time(*place);
                let is_submitter = matches!(role, Role::Submitter { .. });
                if is_submitter && self.places.iter().any(is_free) {
                    At::Free { place: 0 }
                } else if !is_submitter && (0..self.places.len()).any(|place| is_ready(&place)) {
                    At::Look { place: 0 }
                } else if (0..self.places.len()).any(|place| self.of_the_dead(place, i)) {
                    At::Clear { place: 0 } // a slice is over
                } else {
                    return None;
                }
            }
            At::Clear { place } if place == self.places.len() => At::Wait,
            At::Clear { place } => {
                let word = self.places[place].word;
                if !self.of_the_dead(place, i) {
                    At::Clear { place: place + 1 }
                } else if matches!(word, Word::Filling(_)) || self.is("a job of the dead is freed")
                {
                    At::Replace { place, word, to: Word::Free }
                } else {
                    At::Replace { place, word, to: self.returned(place) }
                }
            }
            At::Replace { place, word, to } => {
                let is_job = to != Word::Free;
                if is_job && self.is("a helper has the job in between") {
                    if world.replace(place, word, Word::Taken(i)) {
                        At::HelperReturns { place, to }
                    } else {
                        At::Clear { place: place + 1 }
                    }
                } else {
                    if self.is("a place of the dead is cleared whatever is there by now") {
                        world.places[place].word = to;
                    } else {
                        world.replace(place, word, to);
                    }
                    At::Clear { place: place + 1 }
                }
            }
            At::HelperReturns { place, to } => {
                world.places[place].word = to;
                At::Clear { place: place + 1 }
            }
        };
        world.processes[i].0 = then;
        let has_unasked = matches!(then, At::HelperReturns { .. });
        if done.is_ok() && has_unasked {
            done = Err(String::from("a process that asked for none has a job"));
        }
        Some(done.map(|()| world))
    }

    /// Submitter `i` has submitted a job.
    fn submitted(&mut self, i: usize) -> At {
        let Role::Submitter { next, delays } = &mut self.processes[i].1 else { unreachable!() };
        *next += 1;
        if usize::from(*next % 2) == delays.len() % 2 { At::Over } else { At::Free { place: 0 } }
    }
}

impl State for World {
    fn steps(&self) -> Vec<Step<Self>> {
        let step = |i| self.step(i).map(|then| (format!("{i} {:?}", self.processes[i].0), then));
        let mut steps: Vec<_> = (0..self.processes.len()).filter_map(step).collect();
        if !self.is_late && self.delayed != 0 {
            steps
                .push((String::from("the time comes"), Ok(Self { is_late: true, ..self.clone() })));
        }
        steps
    }

    fn deaths(&self) -> Vec<Step<Self>> {
        if self.kills == 0 {
            return Vec::new();
        }
        let alive = (0..self.processes.len())
            .filter(|i| !matches!(self.processes[*i].0, At::Over | At::Dead));
        let killed = alive.map(|i| {
            let mut world = self.clone();
            world.processes[i].0 = At::Dead;
            world.kills -= 1;
            (format!("{i} is killed"), Ok(world))
        });
        killed.collect()
    }

    fn is_over(&self) -> Result<bool, String> {
        let (workers, submitters): (Vec<_>, Vec<_>) =
            self.processes.iter().partition(|(_, role)| matches!(role, Role::Worker { .. }));
        if workers.iter().all(|(at, _)| *at == At::Dead) {
            // The queue may be full for ever.
            return Ok(true);
        }
        // A queue may be full of dead letters, which some program has to collect.
        let is_full = self.places.iter().all(|place| place.word == Word::Letter);
        let is_done = |at| matches!(at, At::Over | At::Dead) || at == At::Wait && is_full;
        let is_over = submitters.iter().all(|(at, _)| is_done(*at))
            && workers.iter().all(|(at, _)| matches!(at, At::Wait | At::Dead))
            && self.steps().is_empty();
        if !is_over {
            return Ok(false);
        }
        let mut left = self.submitted & !self.done;
        for place in &self.places {
            match place.word {
                Word::Free => {}
                Word::Letter if self.given[place.job.0 as usize] < self.max_deliveries => {
                    return Err(format!("{place:?} is a letter too soon"));
                }
                Word::Letter => left &= !(1 << place.job.0),
                _ => return Err(format!("{place:?} is lost")),
            }
        }
        if left == 0 { Ok(true) } else { Err(format!("the jobs {left:b} are lost")) }
    }
}
