//! Names that go with their last user, whoever is killed on the way.
//!
//! A step is one system call, and a process can be killed before each. Steps without effect on others (mapping, reading
//! what never changes) are left out, as are the bytes that users lock: no two lock the same.
//!
//! | here | there |
//! |---|---|
//! | `Look`, `Reclaim` | `Found::open` in `ipc-shm/src/found.rs`; `Entry::reclaim` in `ipc-core/src/life.rs` |
//! | `Enter`, `EnterLock`, `EnterLook` | `Entry::enter` |
//! | `Hold`, `Link`, `LinkLook` | `Publisher::publish` in `ipc-shm/src/draft.rs`; `Entry::hold` |
//! | `Count`, `CountLock`, `Release` | `Attachment::count` in `ipc-shm/src/attachment.rs`; `Entry::settle` |
//! | `Use`, `Leave` | `Attachment::leave`; `Entry::leave` |
//! | `Claim` | `Entry::unlink`, `Entry::claim` in `ipc-core/src/entry.rs` |
//! | `Lock`, `Again`, `Remove` | `Entry::unlink_unused`; for `Claim` the rest of `Entry::claim` and `Entry::unlink` |
//!
//! What has to hold:
//!
//! - No object loses its name while it has a user, but by who says so (`unlink`).
//! - Whoever removes a name removes that of the object it means.
//! - When all is over a name is left only if somebody was killed, and nobody came to the end of leaving it after that.
//! - Somebody can always go on.

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

/// A file. It has the name, or has it no more, or not yet.
type Object = u8;

/// What a description has locked of its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Lock {
    /// A byte among those of the users.
    User,
    /// The byte of the name.
    Name,
    /// All of these.
    All,
}

/// What a process does next.
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
    Count,
    CountLock,
    Release,
    Use,
    Leave,
    Claim,
    /// In the middle of removing the name, for one of four reasons.
    Lock(Why),
    Again(Why),
    Remove(Why),
    Over,
}

/// Why a name is to be removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Why {
    /// An opener finds nobody there.
    Found,
    /// A maker finds the name taken, and nobody there.
    Taken,
    /// A user leaves.
    Left,
    /// Somebody asked for it.
    Asked,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Process {
    at: At,
    /// What it has mapped, and what the description behind the mapping has locked.
    data: Option<(Object, Option<Lock>)>,
    /// Whether it has a life page, whose description has a byte of `data` locked.
    life: bool,
    /// What it has open besides.
    file: Option<(Object, Option<Lock>)>,
    /// Whether it may remove names.
    may_remove: bool,
    /// Whether, since it began to leave, something happened after which a name may stay.
    excused: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct World {
    name: Option<Object>,
    processes: Vec<Process>,
    /// Whether, since somebody left, something happened after which a name may stay.
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
        self.data.map(|(object, _)| object)
    }

    /// The description with which it removes a name.
    fn remover(&mut self, why: Why) -> &mut Option<(Object, Option<Lock>)> {
        if why == Why::Found { &mut self.data } else { &mut self.file }
    }

    /// What its descriptions have locked, each with whether it is the one for `why`.
    fn locks(&self, why: Option<Why>) -> impl Iterator<Item = (Object, Lock, bool)> {
        let life = self.object().filter(|_| self.life).map(|object| (object, Lock::User, false));
        let data = self.data.and_then(|(object, lock)| Some((object, lock?, why == Some(Why::Found))));
        let file = self.file.and_then(|(object, lock)| Some((object, lock?, why.is_some_and(|why| why != Why::Found))));
        [life, data, file].into_iter().flatten()
    }

    /// Whether it uses the object or, as its maker, is about to.
    fn uses(&self, object: Object) -> bool {
        matches!(self.at, At::Count | At::CountLock | At::Release | At::Use) && self.object() == Some(object)
    }
}

impl World {
    fn is(&self, mutant: &str) -> bool {
        self.mutant == mutant
    }

    /// Whether a description of process `i` gets the lock: the one for `why`, or a new one.
    fn is_free(&self, i: usize, why: Option<Why>, object: Object, lock: Lock) -> bool {
        let excludes = |other| lock == Lock::All || other == Lock::All || (lock == Lock::Name && other == Lock::Name);
        self.processes.iter().enumerate().all(|(j, process)| {
            let why = why.filter(|_| i == j);
            process.locks(why).all(|(locked, other, own)| own || locked != object || !excludes(other))
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

    /// What follows when the name stays.
    fn not_removed(&mut self, i: usize, why: Why) {
        match why {
            Why::Found => {
                if !self.is("reclaim keeps its lock") {
                    self.processes[i].data = self.processes[i].object().map(|object| (object, None));
                }
                self.processes[i].at = At::Enter;
            }
            Why::Taken => self.processes[i].restart(At::Look),
            Why::Left | Why::Asked => self.end(i, why),
        }
    }

    /// The next call of process `i`, and what is then; `None` if it waits.
    fn step(&self, i: usize) -> Option<Result<Self, String>> {
        let mut world = self.clone();
        let name = self.name;
        let process = &mut world.processes[i];
        let object = process.object();
        let named = object.is_some() && name == object;
        match process.at {
            At::Over => return None,
            At::Look => match name {
                Some(found) => (process.data, process.at) = (Some((found, None)), At::Reclaim),
                None => process.at = At::Hold,
            },
            // `open` does not reclaim: see `steps`.
            At::Reclaim => process.at = At::Lock(Why::Found),
            At::Enter if !named => process.restart(At::Look),
            At::Enter => process.at = At::EnterLock,
            At::EnterLock | At::CountLock => {
                let lacks = self.is("enter without lock") && process.at == At::EnterLock;
                if !self.is_free(i, None, object?, Lock::User) {
                    return None;
                }
                process.life = !lacks;
                process.at = if process.at == At::EnterLock { At::EnterLook } else { At::Release };
            }
            At::EnterLook if !named && !self.is("enter without looking for the name") => process.restart(At::Look),
            At::EnterLook if !named => return Some(Err(String::from("it uses what has lost its name"))),
            At::EnterLook => process.at = At::Use,
            At::Hold => {
                let lock = (!self.is("lock after link")).then_some(Lock::User);
                (process.data, process.at) = (Some((u8::MAX, lock)), At::Link);
            }
            At::Link if name.is_some() => process.at = At::LinkLook,
            At::Link => (world.name, process.at) = (object, At::Count),
            At::LinkLook => match name {
                Some(found) => (process.file, process.at) = (Some((found, None)), At::Lock(Why::Taken)),
                None => process.restart(At::Look),
            },
            At::Count => process.at = if named { At::CountLock } else { At::Release },
            At::Release => (process.data, process.at) = (object.map(|object| (object, None)), At::Use),
            At::Use if !process.life => process.restart(At::Over),
            // What has lost its name is nobody's to remove.
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
                let (object, _) = (*process.remover(why))?;
                let free = self.is_free(i, Some(why), object, lock);
                match why {
                    _ if lacks => process.at = At::Again(why),
                    Why::Asked if !free => return None,
                    _ if !free => world.not_removed(i, why),
                    _ => {
                        *process.remover(why) = Some((object, Some(lock)));
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
                let (object, _) = (*process.remover(why))?;
                if lacks || name == Some(object) {
                    process.at = At::Remove(why);
                } else {
                    world.not_removed(i, why);
                }
            }
            At::Remove(why) => {
                let (object, _) = (*process.remover(why))?;
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

    /// The same, where objects that nobody knows any more are forgotten: so that there are finitely many.
    fn renumbered(mut self) -> Self {
        let mut known: Vec<Object> = Vec::new();
        let opened = self.processes.iter_mut().flat_map(|process| process.data.iter_mut().chain(&mut process.file));
        for object in self.name.iter_mut().chain(opened.map(|(object, _)| object)) {
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
