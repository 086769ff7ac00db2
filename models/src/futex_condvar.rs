//! The native condition variable, with a mutex: threads that wait for jobs, threads that add them
//! and notify, and kills between any two steps.
//!
//! A step is one call of the lock or of the word that threads sleep on. The lock is one step here:
//! [`futex_lock`](crate::futex_lock) is its model.
//!
//! | here | there |
//! |---|---|
//! | `Lock` to add, `Add`, `Unlock`, `Notify` | a program that changes the data, then notifies |
//! | `Lock` to wait, `Look` | `Condvar::wait_while` in `ipc-sync/src/lock/condvar.rs` |
//! | `Announce`, `Release` | `FutexCondvar::wait_after` in `ipc-sync/src/futex/condvar.rs` |
//! | `Sleep`, `Late` | `FutexCondvar::sleep` |
//! | `Again` | the end of `FutexCondvar::wait_until` |
//!
//! Required:
//!
//! - No thread sleeps for ever beside a job, although it was notified, or the thread that added the
//!   job or took the notification was killed.
//! - A thread that was notified in time does not learn that its time is over.
//! - The lock is held during each look, and the next owner after one that was killed learns of it,
//!   also in a wait.
//! - Without a death, notifications alone do all this. After a death, the looks after a time do.

use crate::explore::{State, Step, explore_to_the_end};
use crate::sleepers::Sleepers;

pub const MUTANTS: &[&str] = &[
    "announced after the lock is released",
    "not announced",
    "notified before the change",
    "a notification for all wakes one thread",
    "a thread that is notified does not acquire the lock again",
    "a thread whose time is over does not look at the word",
    "a thread whose time is over does not look at the data",
    "a lock is acquired in a wait without a word of the death",
    "no looks after a time",
];

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum At {
    Lock,
    Add,
    Look,
    Announce,
    Release,
    Sleep,
    /// Looks at the word once more after its time is over.
    Late,
    /// Acquires the lock again; in time or not.
    Again {
        in_time: bool,
    },
    Unlock,
    Notify,
    Over,
    Dead,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Role {
    /// Adds a job so many times, and notifies one thread each time.
    Adds(u8),
    /// The same once, but it notifies before it unlocks.
    AddsAndNotifiesLocked,
    /// Adds so many jobs at the same time, and notifies all threads.
    AddsForAll(u8),
    /// Waits for a job, and takes it.
    Waits,
    /// The same, but its time may be over when it sleeps.
    WaitsInTime,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Process {
    at: At,
    role: Role,
    /// Its wait has ended in time so far.
    in_time: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct World {
    owner: Option<usize>,
    /// An owner of the lock was killed, and no later one has learnt of it yet.
    is_spoilt: bool,
    jobs: u8,
    sleepers: Sleepers,
    processes: Vec<Process>,
    /// The number of processes that may still be killed.
    kills: u8,
    looks_again: bool,
    mutant: &'static str,
}

pub fn run(mutant: &'static str) {
    use Role::{Adds, AddsAndNotifiesLocked, AddsForAll, Waits, WaitsInTime};
    for (kills, roles) in [
        (0, vec![Adds(2), Waits, Waits]),
        (0, vec![Adds(1), Adds(1), Waits, Waits]),
        (0, vec![Adds(1), AddsAndNotifiesLocked, Waits, WaitsInTime]),
        (0, vec![AddsForAll(2), Waits, Waits, WaitsInTime]),
        (2, vec![Adds(2), Waits, Waits, Waits]),
        (2, vec![AddsForAll(2), Waits, WaitsInTime, Waits]),
    ] {
        let waits = |role| matches!(role, Waits | WaitsInTime);
        let early = mutant == "notified before the change";
        let first = |role| if early && !waits(role) { At::Notify } else { At::Lock };
        let process = |role| Process { at: first(role), role, in_time: true };
        let world = World {
            owner: None,
            is_spoilt: false,
            jobs: 0,
            sleepers: Sleepers::new(roles.len()),
            processes: roles.into_iter().map(process).collect(),
            kills,
            looks_again: kills > 0 && mutant != "no looks after a time",
            mutant,
        };
        println!("{} states", explore_to_the_end(&world));
    }
}

impl World {
    fn is(&self, mutant: &str) -> bool {
        self.mutant == mutant
    }

    fn waits(&self, i: usize) -> bool {
        matches!(self.processes[i].role, Role::Waits | Role::WaitsInTime)
    }

    /// Acquires the lock, from a dead owner too; `None` while it is held.
    fn lock(&mut self, i: usize, at: At) -> Option<Result<(), String>> {
        let is_dead = |owner: usize| self.processes[owner].at == At::Dead;
        let was_told = match self.owner {
            Some(owner) if !is_dead(owner) => return None,
            owner => owner.is_some(),
        };
        let was_told = was_told
            && !(matches!(self.processes[i].at, At::Again { .. })
                && self.is("a lock is acquired in a wait without a word of the death"));
        if was_told != self.is_spoilt {
            return Some(Err(format!("told: {was_told}, an owner died: {}", self.is_spoilt)));
        }
        (self.owner, self.is_spoilt) = (Some(i), false);
        self.processes[i].at = at;
        Some(Ok(()))
    }

    /// After a process has added its jobs and notified.
    fn added(&mut self, i: usize) {
        let process = &mut self.processes[i];
        process.at = match &mut process.role {
            Role::Adds(left) if *left > 1 => {
                *left -= 1;
                if self.mutant == "notified before the change" { At::Notify } else { At::Lock }
            }
            _ => At::Over,
        };
    }

    fn step(&self, i: usize) -> Option<Result<Self, String>> {
        let mut world = self.clone();
        let Process { at, role, in_time } = self.processes[i];
        if matches!(at, At::Add | At::Look) && self.owner != Some(i) {
            return Some(Err(String::from("the data is used without the lock")));
        }
        let late_announcement = self.is("announced after the lock is released");
        let next = match at {
            At::Over | At::Dead | At::Notify => return None,
            At::Lock => {
                let next = if self.waits(i) { At::Look } else { At::Add };
                return Some(world.lock(i, next)?.map(|()| world));
            }
            At::Add => {
                world.jobs += if let Role::AddsForAll(jobs) = role { jobs } else { 1 };
                let early = self.is("notified before the change");
                let locked = role == Role::AddsAndNotifiesLocked && !early;
                if locked { At::Notify } else { At::Unlock }
            }
            At::Look => {
                let looks =
                    in_time || !self.is("a thread whose time is over does not look at the data");
                if self.jobs > 0 && looks {
                    world.jobs -= 1;
                    At::Unlock
                } else if !in_time && self.jobs > 0 {
                    return Some(Err(String::from("one that is late goes away beside a job")));
                } else if !in_time {
                    At::Unlock
                } else if late_announcement {
                    At::Release
                } else {
                    At::Announce
                }
            }
            At::Announce => {
                if !self.is("not announced") {
                    world.sleepers.announce(i);
                }
                if late_announcement { At::Sleep } else { At::Release }
            }
            At::Release => {
                world.owner = None;
                if late_announcement { At::Announce } else { At::Sleep }
            }
            At::Sleep if self.sleepers.is_asleep(i) => return None,
            At::Sleep if world.sleepers.sleep(i) => At::Sleep,
            At::Sleep => {
                world.sleepers.leave(i);
                At::Again { in_time: true }
            }
            At::Late => {
                world.sleepers.leave(i);
                let was_notified = self.sleepers.has_changed(i);
                let looks = !self.is("a thread whose time is over does not look at the word");
                if was_notified && !looks {
                    let why = "one that was notified learns that its time is over";
                    return Some(Err(String::from(why)));
                }
                At::Again { in_time: was_notified }
            }
            At::Again { in_time } => {
                world.processes[i].in_time = in_time;
                if self.is("a thread that is notified does not acquire the lock again") {
                    At::Look
                } else {
                    return Some(world.lock(i, At::Look)?.map(|()| world));
                }
            }
            At::Unlock => {
                if self.owner != Some(i) {
                    return Some(Err(String::from("a process that lives lost the lock")));
                }
                world.owner = None;
                match role {
                    Role::Waits | Role::WaitsInTime | Role::AddsAndNotifiesLocked => At::Over,
                    _ if self.is("notified before the change") => {
                        world.added(i);
                        return Some(Ok(world));
                    }
                    _ => At::Notify,
                }
            }
        };
        world.processes[i].at = next;
        Some(Ok(world))
    }

    /// The notification by process `i`, for each thread that it may reach.
    fn notifies(&self, i: usize) -> Vec<Step<Self>> {
        let for_all = matches!(self.processes[i].role, Role::AddsForAll(_));
        let words = if for_all && !self.is("a notification for all wakes one thread") {
            let mut all = self.sleepers.clone();
            all.notify_all();
            vec![all]
        } else {
            self.sleepers.notify_one()
        };
        let notified = words.into_iter().map(|sleepers| {
            let mut world = Self { sleepers, ..self.clone() };
            if self.is("notified before the change") {
                world.processes[i].at = At::Lock;
            } else if self.processes[i].role == Role::AddsAndNotifiesLocked {
                world.processes[i].at = At::Unlock;
            } else {
                world.added(i);
            }
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
                At::Sleep if self.sleepers.is_asleep(i) && self.looks_again => {
                    let again = At::Again { in_time: true };
                    steps.push(self.leave(i, again, "has slept for a tenth of a second"));
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
            if process.role == Role::WaitsInTime && process.at == At::Sleep {
                let mut world = self.clone();
                world.sleepers.wake(i);
                world.processes[i].at = At::Late;
                deaths.push((format!("{i} has no more time"), Ok(world)));
            }
            if self.kills > 0 && !matches!(process.at, At::Over | At::Dead) {
                let (what, mut killed) = self.leave(i, At::Dead, "is killed");
                if let Ok(world) = &mut killed {
                    world.kills -= 1;
                    world.is_spoilt |= self.owner == Some(i);
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
        let mut left = (0..self.processes.len())
            .filter(|i| !matches!(self.processes[*i].at, At::Over | At::Dead));
        let waits = |i: usize| self.waits(i) && self.sleepers.is_asleep(i);
        let over = left.all(|i| waits(i) && self.jobs == 0);
        match self.owner {
            Some(owner) if over && self.processes[owner].at != At::Dead => {
                Err(String::from("the lock is held by a process that left it"))
            }
            _ => Ok(over),
        }
    }
}
