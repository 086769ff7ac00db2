//! The native semaphore: threads that post and wait, at its maximum and at 0, and kills between any
//! two steps.
//!
//! | here | there, in `ipc-sync/src/futex/semaphore.rs` |
//! |---|---|
//! | `Add`, `Notify` | `Semaphore::post` |
//! | `Load`, `Subtract` | `Semaphore::undo_add`, whose exchange fails if the count has changed |
//! | `Look`, `Announce`, `LookAgain`, `Sleep` | `Semaphore::wait_until`, by `WaitWord::wait_on` |
//!
//! Required:
//!
//! - Without a death, the value is the initial one, and one more for each post that was accepted,
//!   and one less for each wait. A post that is killed adds one or none.
//! - The value does not fall below 0, and it is above the maximum only during a post.
//! - No thread sleeps for ever beside a permit. Without a death, wake-ups alone ensure this; after
//!   a death, the slices do.

use crate::explore::{State, Step, explore_to_the_end};
use crate::sleepers::Sleepers;

pub const MUTANTS: &[&str] = &[
    "a refused post subtracts whatever the count is by now",
    "a refused post subtracts nothing",
    "a post is refused although a wait has made space",
    "a post wakes no thread",
    "no look after the announcement",
    "no slices",
];

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum At {
    Add,
    Load,
    Subtract { seen: i8 },
    Notify,
    Look,
    Announce,
    LookAgain,
    Sleep,
    Over,
    Dead,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct World {
    count: i8,
    most: i8,
    /// The value that all calls that have ended lead to.
    expected: i8,
    /// The number of processes that were killed after they had added a permit.
    killed_posts: i8,
    sleepers: Sleepers,
    processes: Vec<At>,
    /// The number of processes that may still be killed.
    kills: u8,
    has_slices: bool,
    mutant: &'static str,
}

pub fn run(mutant: &'static str) {
    use At::{Add, Look};
    for (kills, count, most, processes) in [
        (0, 1, 1, vec![Add, Add, Look, Look]),
        (0, 1, 2, vec![Add, Add, Add, Look]),
        (0, 0, 1, vec![Add, Add, Look, Look]),
        (2, 1, 1, vec![Add, Add, Look, Look]),
        (1, 0, 2, vec![Add, Add, Look, Look]),
    ] {
        let world = World {
            count,
            most,
            expected: count,
            killed_posts: 0,
            sleepers: Sleepers::new(processes.len()),
            processes,
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

    fn step(&self, i: usize) -> Option<Result<Self, String>> {
        let mut world = self.clone();
        let mut acquires = |otherwise| {
            if self.count == 0 {
                return otherwise;
            }
            world.count -= 1;
            world.expected -= 1;
            At::Over
        };
        let next = match self.processes[i] {
            At::Over | At::Dead | At::Notify => return None,
            At::Add => {
                world.count += 1;
                if self.count < self.most { At::Notify } else { At::Load }
            }
            At::Load if self.is("a refused post subtracts nothing") => At::Over,
            At::Load if self.count > self.most => At::Subtract { seen: self.count },
            At::Load if self.is("a post is refused although a wait has made space") => At::Over,
            At::Load => At::Notify,
            At::Subtract { seen } => {
                let any = self.is("a refused post subtracts whatever the count is by now");
                if any && self.count == 0 {
                    return Some(Err(String::from("the count falls below 0")));
                }
                if self.count == seen || any {
                    world.count -= 1;
                    At::Over
                } else {
                    At::Load
                }
            }
            At::Look => acquires(At::Announce),
            At::Announce => {
                world.sleepers.announce(i);
                let looks = !self.is("no look after the announcement");
                if looks { At::LookAgain } else { At::Sleep }
            }
            At::LookAgain => acquires(At::Sleep),
            At::Sleep if self.sleepers.is_asleep(i) => return None,
            At::Sleep if world.sleepers.sleep(i) => At::Sleep,
            At::Sleep => At::Look,
        };
        if next == At::Notify {
            world.expected += 1;
        }
        world.processes[i] = next;
        Some(Ok(world))
    }

    fn to(&self, i: usize, at: At, what: &str) -> (String, Self) {
        let mut world = self.clone();
        world.sleepers.leave(i);
        world.processes[i] = at;
        (format!("{i} {what}"), world)
    }
}

impl State for World {
    fn steps(&self) -> Vec<Step<Self>> {
        let mut steps = Vec::new();
        for (i, at) in self.processes.iter().enumerate() {
            match at {
                At::Notify => {
                    let words = if self.is("a post wakes no thread") {
                        vec![self.sleepers.clone()]
                    } else {
                        self.sleepers.notify_one()
                    };
                    steps.extend(words.into_iter().map(|sleepers| {
                        let mut world = Self { sleepers, ..self.clone() };
                        world.processes[i] = At::Over;
                        (format!("{i} Notify"), Ok(world))
                    }));
                }
                At::Sleep if self.sleepers.is_asleep(i) && self.has_slices => {
                    let (what, world) = self.to(i, At::Look, "has slept for a slice");
                    steps.push((what, Ok(world)));
                }
                at => steps.extend(self.step(i).map(|then| (format!("{i} {at:?}"), then))),
            }
        }
        steps
    }

    fn deaths(&self) -> Vec<Step<Self>> {
        if self.kills == 0 {
            return Vec::new();
        }
        let mut deaths = Vec::new();
        for (i, at) in self.processes.iter().enumerate() {
            if matches!(at, At::Over | At::Dead) {
                continue;
            }
            let (what, mut world) = self.to(i, At::Dead, "is killed");
            world.kills -= 1;
            world.killed_posts += i8::from(matches!(at, At::Load | At::Subtract { .. }));
            if *at == At::Notify {
                let sleepers = world.sleepers.interrupted();
                let what = format!("{i} is killed before the wake-up");
                deaths.push((what, Ok(Self { sleepers, ..world.clone() })));
            }
            deaths.push((what, Ok(world)));
        }
        deaths
    }

    fn is_over(&self) -> Result<bool, String> {
        let is_asleep = |i: usize| self.processes[i] == At::Sleep && self.sleepers.is_asleep(i);
        let over = (0..self.processes.len()).all(|i| match self.processes[i] {
            At::Over | At::Dead => true,
            _ => is_asleep(i) && self.count == 0,
        });
        let extra = self.count - self.expected;
        if over && !(0..=self.killed_posts).contains(&extra) {
            return Err(format!("the value is {}, not {}", self.count, self.expected));
        }
        if over && self.count > self.most + self.killed_posts {
            return Err(String::from("the value is above the maximum"));
        }
        Ok(over)
    }
}
