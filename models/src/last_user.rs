//! Names that the last detach removes, whichever processes are killed on the way.
//!
//! A step is one system call, and a process can be killed before each. Steps without effect on
//! others (mapping, reading what never changes) are left out, as are the bytes that attached
//! processes lock: no two lock the same.
//!
//! | here | there, in `ipc-mem/src/named` |
//! |---|---|
//! | `Look`, `Reclaim` | `Found::open` in `found.rs`; `remove_unattached` in `removal.rs` |
//! | `Enter`, `EnterLock`, `EnterLook` | `Attach::by_name` in `attach.rs` |
//! | `Hold`, `Link`, `LinkLook` | `Publisher::publish` in `draft.rs`; `Attach::before_name` |
//! | `Use`, `Leave` | `Attachment::detach` in `attachment.rs`; `Attach::end_with_name` |
//! | `Claim` | `unlink` in `removal.rs` |
//! | `Lock`, `Again`, `Remove` | `unlink_unattached`; for `Claim` the rest of `unlink` |
//!
//! Required:
//!
//! - No object loses its name while it has an attached process, except through an explicit
//!   `unlink`.
//! - A process that removes a name removes the name of the object it means.
//! - After all exits, a name is left only if a process was killed, and no process completed a
//!   detach after that.
//! - At least one process can always continue.

use std::env;

use crate::explore::{State, Step, explore};

pub const MUTANTS: &[&str] = &[
    "enter without lock",
    "enter without looking for the name",
    "lock after link",
    "leave without lock",
    "leave without looking again",
    "reclaim without lock",
    "reclaim without looking again",
    "reclaim keeps its lock",
    "unlink without lock",
    "unlink without looking again",
];

/// A file. It has the name, or no longer has it, or does not have it yet.
type Object = u8;

/// The locks that an open file description holds on its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Lock {
    /// One of the bytes of the attached processes.
    User,
    /// The byte of the name.
    Name,
    /// All of these.
    All,
}

/// The next step of a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum At {
    Look,
    Reclaim,
    Enter,
    EnterLock,
    EnterLook,
    Hold,
    Link,
    LinkLook,
    /// Only where a mutant has skipped the lock before.
    CountLock,
    Use,
    Leave,
    Claim,
    /// In the middle of removing the name, for one of four reasons.
    Lock(Why),
    Again(Why),
    Remove(Why),
    Over,
}

/// The reason to remove a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Why {
    /// An opener finds no process attached.
    Found,
    /// A creator finds that the name exists, with no process attached.
    Taken,
    /// A process detaches.
    Left,
    /// A caller asked for it.
    Asked,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Process {
    at: At,
    /// The object that it has mapped.
    data: Option<Object>,
    /// Set if it has an attach page, whose description holds a lock on a byte of `data`.
    life: bool,
    /// The other file that it has open.
    file: Option<(Object, Option<Lock>)>,
    /// Set if it may remove names.
    may_remove: bool,
    /// Set if, since it began to detach, something happened after which a name may stay.
    excused: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct World {
    name: Option<Object>,
    processes: Vec<Process>,
    /// Set if, since a process detached, something happened after which a name may stay.
    excused: bool,
    mutant: &'static str,
}

pub fn run(mutant: &'static str) {
    let process = |at, may_remove| Process { at, data: None, life: false, file: None, may_remove, excused: false };
    let (user, guest, remover) = (process(At::Look, true), process(At::Look, false), process(At::Claim, true));
    let mut companies = vec![
        vec![user.clone(), user.clone(), user.clone()],
        vec![user.clone(), user.clone(), remover.clone()],
        vec![user.clone(), remover.clone(), remover.clone()],
        vec![user.clone(), user.clone(), guest.clone()],
        vec![user.clone(), user.clone(), guest, remover],
    ];
    if env::var_os("IPC_TEST_FULL").is_some() {
        companies.push(vec![user; 4]);
    }
    for processes in companies {
        let states = explore(&World { name: None, processes, excused: false, mutant });
        println!("{states} states");
    }
}

impl Process {
    /// Has nothing open any more.
    fn restart(&mut self, at: At) {
        (self.at, self.data, self.life, self.file) = (at, None, false, None);
    }

    fn object(&self) -> Option<Object> {
        self.data
    }

    /// The locks that its descriptions hold, each with whether the description is the one that
    /// removes.
    fn locks(&self) -> impl Iterator<Item = (Object, Lock, bool)> {
        let life = self.data.filter(|_| self.life).map(|object| (object, Lock::User, false));
        let file = self.file.and_then(|(object, lock)| Some((object, lock?, true)));
        [life, file].into_iter().flatten()
    }

    /// Returns `true` if it uses the object or, as its creator, is about to.
    fn uses(&self, object: Object) -> bool {
        matches!(self.at, At::CountLock | At::Use) && self.object() == Some(object)
    }
}

impl World {
    fn is(&self, mutant: &str) -> bool {
        self.mutant == mutant
    }

    /// Returns `true` if a description of process `i` gets the lock: the one that removes, or the
    /// one that attaches.
    fn is_free(&self, i: usize, is_remover: bool, object: Object, lock: Lock) -> bool {
        let excludes = |other| lock == Lock::All || other == Lock::All || (lock == Lock::Name && other == Lock::Name);
        self.processes.iter().enumerate().all(|(j, process)| {
            let own = |removes| i == j && removes == is_remover;
            process.locks().all(|(locked, other, removes)| own(removes) || locked != object || !excludes(other))
        })
    }

    /// Something happened after which a name may stay.
    fn excuse(&mut self) {
        self.excused = true;
        self.processes.iter_mut().for_each(|process| process.excused = true);
    }

    /// The process is done with its object.
    fn end(&mut self, i: usize, why: Why) {
        if why == Why::Left && !self.processes[i].excused {
            self.excused = false;
        }
        self.processes[i].restart(At::Over);
    }

    /// The next step if the name stays.
    fn not_removed(&mut self, i: usize, why: Why) {
        match why {
            Why::Found => {
                // The object is found open, or gone: either way, the process looks again, or
                // attaches.
                if !self.is("reclaim keeps its lock") {
                    self.processes[i].file = None;
                }
                self.processes[i].at = At::Enter;
            }
            Why::Taken => self.processes[i].restart(At::Look),
            Why::Left | Why::Asked => self.end(i, why),
        }
    }

    /// The next call of process `i`, and the state after it; `None` if it waits.
    fn step(&self, i: usize) -> Option<Result<Self, String>> {
        let mut world = self.clone();
        let name = self.name;
        let process = &mut world.processes[i];
        let object = process.object();
        let named = object.is_some() && name == object;
        match process.at {
            At::Over => return None,
            At::Look => match name {
                Some(found) => (process.data, process.at) = (Some(found), At::Reclaim),
                None => process.at = At::Hold,
            },
            // `open` does not reclaim: see `steps`.
            At::Reclaim if !named => process.restart(At::Look),
            At::Reclaim => (process.file, process.at) = (object.map(|object| (object, None)), At::Lock(Why::Found)),
            At::Enter if !named => process.restart(At::Look),
            At::Enter => process.at = At::EnterLock,
            At::EnterLock | At::CountLock => {
                let lacks = self.is("enter without lock") && process.at == At::EnterLock;
                if !self.is_free(i, false, object?, Lock::User) {
                    return None;
                }
                process.life = !lacks;
                process.at = if process.at == At::EnterLock { At::EnterLook } else { At::Use };
            }
            At::EnterLook if !named && !self.is("enter without looking for the name") => process.restart(At::Look),
            At::EnterLook if !named => return Some(Err(String::from("it uses what has lost its name"))),
            At::EnterLook => process.at = At::Use,
            At::Hold => {
                let life = !self.is("lock after link");
                (process.data, process.life, process.at) = (Some(u8::MAX), life, At::Link);
            }
            At::Link if name.is_some() => process.at = At::LinkLook,
            At::Link => {
                process.at = if process.life { At::Use } else { At::CountLock };
                world.name = object;
            }
            At::LinkLook => match name {
                Some(found) => (process.file, process.at) = (Some((found, None)), At::Lock(Why::Taken)),
                None => process.restart(At::Look),
            },
            At::Use if !process.life => process.restart(At::Over),
            // An object that has lost its name is not removed by any process.
            At::Use => (process.life, process.excused, process.at) = (false, !named, At::Leave),
            At::Leave if !named => world.end(i, Why::Left),
            At::Leave => (process.file, process.at) = (object.map(|object| (object, None)), At::Lock(Why::Left)),
            At::Claim => match name {
                Some(found) => (process.file, process.at) = (Some((found, None)), At::Lock(Why::Asked)),
                None => process.at = At::Over,
            },
            At::Lock(why) => {
                let lock = if why == Why::Asked { Lock::Name } else { Lock::All };
                let lacks = match why {
                    Why::Found | Why::Taken => self.is("reclaim without lock"),
                    Why::Left => self.is("leave without lock"),
                    Why::Asked => self.is("unlink without lock"),
                };
                let (object, _) = process.file?;
                let free = self.is_free(i, true, object, lock);
                match why {
                    _ if lacks => process.at = At::Again(why),
                    Why::Asked if !free => return None,
                    _ if !free => world.not_removed(i, why),
                    _ => {
                        process.file = Some((object, Some(lock)));
                        process.at = At::Again(why);
                    }
                }
            }
            At::Again(why) => {
                let lacks = match why {
                    Why::Found | Why::Taken => self.is("reclaim without looking again"),
                    Why::Left => self.is("leave without looking again"),
                    Why::Asked => self.is("unlink without looking again"),
                };
                let (object, _) = process.file?;
                if lacks || name == Some(object) {
                    process.at = At::Remove(why);
                } else {
                    world.not_removed(i, why);
                }
            }
            At::Remove(why) => {
                let (object, _) = process.file?;
                if !process.may_remove || name.is_none() {
                    if why == Why::Left {
                        world.excuse();
                    }
                    world.not_removed(i, why);
                } else if name != Some(object) {
                    return Some(Err(String::from("it removes the name of another")));
                } else if why != Why::Asked && self.processes.iter().any(|process| process.uses(object)) {
                    return Some(Err(String::from("it removes the name of what is used")));
                } else {
                    world.name = None;
                    match why {
                        Why::Found => world.processes[i].restart(At::Hold),
                        Why::Taken => (world.processes[i].file, world.processes[i].at) = (None, At::Link),
                        Why::Left | Why::Asked => world.end(i, why),
                    }
                }
            }
        }
        Some(Ok(world.renumbered()))
    }

    /// The same, where objects that no process knows any more are forgotten, so that the number of
    /// states is finite.
    fn renumbered(mut self) -> Self {
        let mut known: Vec<Object> = Vec::new();
        let opened = self
            .processes
            .iter_mut()
            .flat_map(|process| process.data.iter_mut().chain(process.file.iter_mut().map(|(object, _)| object)));
        for object in self.name.iter_mut().chain(opened) {
            let place = known.iter().position(|other| other == object).unwrap_or(known.len());
            if place == known.len() {
                known.push(*object);
            }
            *object = place as Object;
        }
        self
    }
}

impl State for World {
    fn steps(&self) -> Vec<Step<Self>> {
        let mut steps = Vec::new();
        for (i, process) in self.processes.iter().enumerate() {
            steps.extend(self.step(i).map(|then| (format!("{i} {:?}", process.at), then)));
            if process.at == At::Reclaim {
                let mut adopts = self.clone();
                adopts.processes[i].at = At::Enter;
                steps.push((format!("{i} opens what it found"), Ok(adopts)));
            }
        }
        steps
    }

    fn deaths(&self) -> Vec<Step<Self>> {
        let alive = self.processes.iter().enumerate().filter(|(_, process)| process.at != At::Over);
        let killed = alive.map(|(i, _)| {
            let mut killed = self.clone();
            killed.excuse();
            killed.processes[i].restart(At::Over);
            (format!("{i} is killed"), Ok(killed.renumbered()))
        });
        killed.collect()
    }

    fn is_over(&self) -> Result<bool, String> {
        let over = self.processes.iter().all(|process| process.at == At::Over);
        if over && self.name.is_some() && !self.excused {
            return Err(String::from("the name of what nobody uses is left"));
        }
        Ok(over)
    }
}
