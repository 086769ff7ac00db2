//! The slots that native permits and native latches consist of, each a word that names its holder:
//! the steps of both models. A step is one atomic operation, one proof of a death, or one call of
//! the word that threads sleep on.
//!
//! | here | there, in `ipc-sync/src/futex/` |
//! |---|---|
//! | `Claim` | `OwnedSlots::claim` in `slots.rs`, the slot where a process begins to look |
//! | `Search`, `Replace` | `search` |
//! | `Scan` to `NotifyFreed` | `OwnedSlots::free_of_the_dead` |
//! | `Release`, `Notify` | `Permit::drop` in `permits.rs`; `Task::done`, `Task::drop` in `latch.rs` |
//! | `Open` | `Latch::is_open`, one slot after the other |
//! | `Fork` | the child has a copy of the guard, and drops it or is done with it |
//! | `Announce`, `Sleep` | `WaitWord::wait_on`: see [`sleepers`](crate::sleepers) |

use crate::explore::{State, Step, explore_to_the_end};
use crate::sleepers::{Look, Sleepers};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Slot {
    Free,
    Held(usize),
    UsedUp,
}

/// What a scan for the dead knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Scan {
    look: Look,
    slot: usize,
    alive: Option<usize>,
    dead: Option<Slot>,
    is_any: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum At {
    Claim {
        look: Look,
    },
    /// Looks at the slot that lies so far behind its first one.
    Search {
        look: Look,
        behind: usize,
    },
    Replace {
        look: Look,
        behind: usize,
    },
    Open {
        look: Look,
        slot: usize,
    },
    Scan(Scan),
    Prove(Scan, Slot),
    Free(Scan, Slot),
    NotifyFreed {
        look: Look,
    },
    Announce,
    Sleep,
    Release,
    Notify,
    Fork,
    Over,
    Dead,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// Acquires so many permits, one after the other, and returns them.
    Takes(usize),
    /// The same for one permit, but its time may be over when it sleeps.
    TakesInTime,
    /// Begins tasks and does them, until all are done.
    Works,
    /// Begins a task, drops it, and goes away.
    Drops,
    /// Waits until the latch is open.
    Waits,
    /// Is forked by the first process while that holds a slot.
    Child,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Process {
    at: At,
    role: Role,
    /// The slots whose guards it has.
    guards: Vec<usize>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct World {
    slots: Vec<Slot>,
    /// The tasks that were done.
    done: Vec<bool>,
    sleepers: Sleepers,
    processes: Vec<Process>,
    kills: u8,
    has_slices: bool,
    mutant: &'static str,
}

/// Visits all states, and returns their number.
pub fn try_all(slots: usize, kills: u8, roles: &[Role], mutant: &'static str) -> usize {
    let process = |role| {
        let at = match role {
            Role::Child => At::Fork,
            Role::Waits => At::Open { look: Look::First, slot: 0 },
            _ => At::Claim { look: Look::First },
        };
        Process { at, role, guards: Vec::new() }
    };
    explore_to_the_end(&World {
        slots: vec![Slot::Free; slots],
        done: vec![false; slots],
        sleepers: Sleepers::new(roles.len()),
        processes: roles.iter().copied().map(process).collect(),
        kills,
        has_slices: kills > 0 && mutant != "no slices",
        mutant,
    })
}

impl World {
    fn is(&self, mutant: &str) -> bool {
        self.mutant == mutant
    }

    fn is_dead(&self, i: usize) -> bool {
        self.processes[i].at == At::Dead
    }

    fn look(&self, i: usize, look: Look) -> At {
        if look.is_suspicious() && !self.is("the dead are not looked for") {
            let (alive, dead, is_any) = (Some(i), None, false);
            return At::Scan(Scan { look, slot: 0, alive, dead, is_any });
        }
        self.attempt(i, look)
    }

    /// A look, after the scan for the dead.
    fn attempt(&self, i: usize, look: Look) -> At {
        match self.processes[i].role {
            Role::Waits => At::Open { look, slot: 0 },
            _ => At::Claim { look },
        }
    }

    /// After a look that found nothing.
    fn after(&self, look: Look) -> At {
        match look {
            Look::First | Look::Suspicious => At::Announce,
            Look::Announced => At::Sleep,
            Look::Late => At::Over,
        }
    }

    /// After a search that found no free slot.
    fn unclaimed(&self, i: usize, look: Look) -> At {
        let is_latch = matches!(self.processes[i].role, Role::Works | Role::Drops);
        if is_latch && self.is("a latch without a free task is open") {
            return At::Over;
        }
        if is_latch { At::Open { look, slot: 0 } } else { self.after(look) }
    }

    fn claimed(&mut self, i: usize, slot: usize) -> Result<(), String> {
        let holds = |process: &Process| {
            process.at != At::Dead && process.role != Role::Child && process.guards.contains(&slot)
        };
        if self.processes.iter().any(holds) {
            return Err(format!("two hold slot {slot}"));
        }
        if self.done[slot] {
            return Err(format!("task {slot} is begun again after it was done"));
        }
        self.slots[slot] = Slot::Held(i);
        let process = &mut self.processes[i];
        process.guards.push(slot);
        let more = matches!(process.role, Role::Takes(wanted) if process.guards.len() < wanted);
        process.at = if more { At::Claim { look: Look::First } } else { At::Release };
        Ok(())
    }

    /// Releases the last slot that it has a guard of.
    fn released(&mut self, i: usize) -> Result<(), String> {
        let Some(slot) = self.processes[i].guards.pop() else { return Ok(()) };
        let is_latch = !matches!(self.processes[0].role, Role::Takes(_) | Role::TakesInTime);
        let is_child = self.processes[i].role == Role::Child;
        let is_mine = self.slots[slot] == Slot::Held(i)
            || is_child && self.is("a forked child releases what its parent holds");
        self.processes[i].at = if is_mine { At::Notify } else { At::Over };
        if !is_mine {
            let lost = Err(format!("a process that lives lost slot {slot}"));
            return if is_child { Ok(()) } else { lost };
        }
        let drops = self.processes[i].role == Role::Drops
            && !self.is("a task that is dropped counts as done");
        let is_done = is_latch && !drops;
        self.slots[slot] = if is_done { Slot::UsedUp } else { Slot::Free };
        let does = is_latch && matches!(self.processes[i].role, Role::Works);
        self.done[slot] |= does;
        Ok(())
    }

    fn scan(&self, i: usize, scan: Scan) -> At {
        match scan {
            Scan { slot, .. } if slot + 1 < self.slots.len() => {
                At::Scan(Scan { slot: slot + 1, ..scan })
            }
            Scan { look, is_any: true, .. } => At::NotifyFreed { look },
            Scan { look, .. } => self.attempt(i, look),
        }
    }

    fn step(&self, i: usize) -> Option<Result<Self, String>> {
        let mut world = self.clone();
        let count = self.slots.len();
        let stored = self.is("a slot is claimed whatever its word is by now");
        let next = match self.processes[i].at {
            At::Over | At::Dead | At::Notify => return None,
            At::Claim { .. } if self.slots[i % count] == Slot::Free => {
                return Some(world.claimed(i, i % count).map(|()| world));
            }
            At::Claim { look } => At::Search { look, behind: 0 },
            At::Search { look, behind } if behind == count => self.unclaimed(i, look),
            At::Search { look, behind } => match self.slots[(i + behind) % count] {
                Slot::Free => At::Replace { look, behind },
                _ => At::Search { look, behind: behind + 1 },
            },
            At::Replace { look, behind } => {
                let slot = (i + behind) % count;
                if self.slots[slot] == Slot::Free || stored {
                    return Some(world.claimed(i, slot).map(|()| world));
                }
                At::Search { look, behind: behind + 1 }
            }
            At::Open { slot, .. } if slot == count => {
                if !self.done.iter().all(|done| *done) {
                    return Some(Err(String::from("the latch is open before all tasks are done")));
                }
                At::Over
            }
            At::Open { look, slot } => match self.slots[slot] {
                Slot::UsedUp => At::Open { look, slot: slot + 1 },
                _ => self.after(look),
            },
            At::Scan(scan) => match self.slots[scan.slot] {
                Slot::Free => self.scan(i, scan),
                Slot::Held(holder) if scan.alive == Some(holder) => self.scan(i, scan),
                word if scan.dead == Some(word) => At::Free(scan, word),
                word => At::Prove(scan, word),
            },
            At::Prove(scan, word) => {
                let (holder, is_dead) = match word {
                    Slot::Held(holder) => (Some(holder), self.is_dead(holder)),
                    _ => (None, self.is("a slot that is used up has a dead holder")),
                };
                let is_dead = is_dead || holder.is_some() && self.is("a slice is a proof");
                if is_dead {
                    At::Free(Scan { dead: Some(word), ..scan }, word)
                } else {
                    self.scan(i, Scan { alive: holder, ..scan })
                }
            }
            At::Free(scan, word) => {
                let whatever = self.is("a slot is taken back whatever its word is by now");
                let frees = self.slots[scan.slot] == word || whatever;
                if frees {
                    world.slots[scan.slot] = Slot::Free;
                }
                self.scan(i, Scan { is_any: scan.is_any || frees, ..scan })
            }
            At::NotifyFreed { look } => {
                world.sleepers.notify_all();
                self.attempt(i, look)
            }
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
            At::Release => return Some(world.released(i).map(|()| world)),
            At::Fork => {
                let parent = &self.processes[0];
                let guard = *parent.guards.last().filter(|_| parent.at != At::Dead)?;
                world.processes[i].guards.push(guard);
                At::Release
            }
        };
        world.processes[i].at = next;
        Some(Ok(world))
    }

    /// The wake-up by process `i`, for each thread that it may reach.
    fn notifies(&self, i: usize) -> Vec<Step<Self>> {
        let process = &self.processes[i];
        let is_latch = matches!(process.role, Role::Works | Role::Drops);
        let is_silent = self.is("a release wakes no thread")
            || process.role == Role::Drops && self.is("a task that is dropped wakes no thread");
        let mut all = self.sleepers.clone();
        all.notify_all();
        let words = match (is_silent, is_latch && !self.is("a task that is done wakes one thread"))
        {
            (true, _) => vec![self.sleepers.clone()],
            (false, true) => vec![all],
            (false, false) => self.sleepers.notify_one(),
        };
        let notified = words.into_iter().map(|sleepers| {
            let mut world = Self { sleepers, ..self.clone() };
            world.processes[i].at = match process.role {
                Role::Works => At::Claim { look: Look::First },
                _ if process.guards.is_empty() => At::Over,
                _ => At::Release,
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
            if process.role == Role::TakesInTime && process.at == At::Sleep {
                let look = self.look(i, Look::Late);
                deaths.push(self.leave(i, look, "has no more time"));
            }
            if self.kills > 0 && !matches!(process.at, At::Over | At::Dead | At::Fork) {
                let notifies = matches!(process.at, At::Notify | At::NotifyFreed { .. });
                let (what, mut killed) = self.leave(i, At::Dead, "is killed");
                if let Ok(world) = &mut killed {
                    world.kills -= 1;
                    world.processes[i].guards.clear();
                }
                if let (true, Ok(world)) = (notifies, &killed) {
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
        let is_over = |process: &Process| matches!(process.at, At::Over | At::Dead | At::Fork);
        if !self.processes.iter().all(is_over) {
            return Ok(false);
        }
        let holds = |slot: &Slot| matches!(slot, Slot::Held(holder) if !self.is_dead(*holder));
        match self.slots.iter().position(holds) {
            Some(slot) => Err(format!("slot {slot} is held by a process that left it")),
            None => Ok(true),
        }
    }
}
